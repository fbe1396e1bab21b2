/*
 * Finds the subcommand, runs it, prints its error.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/cmd/cmd.h"
#include "proxy/diag.h"

/* A first word that names no subcommand is an option or "--" of run. */
static const struct command *
choose(int argc, char *argv[], struct error *err)
{
	const struct command *c;

	if (argc < 2 || argv[1][0] == '-')
		return command_find("run");
	if ((c = command_find(argv[1])) == NULL)
		error_set(err,
		    "'%.64s' is no subcommand; a server goes behind '--': "
		    "mcpshield-stdio -- %.64s; see --help",
		    argv[1], argv[1]);
	return c;
}

int
main(int argc, char *argv[])
{
	struct error err = { "" };
	const struct command *c;
	int status = EXIT_TROUBLE, skip;

	if (fd_sanitize() == -1)
		return EXIT_OURS;
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("mcpshield-stdio %s\n", VERSION) < 0;
	if (argc == 2 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		usage(stdout, NULL);
		return fflush(stdout) == 0 ? EXIT_YES : EXIT_TROUBLE;
	}
	if ((c = choose(argc, argv, &err)) != NULL) {
		skip = argc > 1 && strcmp(argv[1], c->name) == 0;
		status = c->fn(argc - skip, argv + skip, &err);
	}
	if (err.msg[0] != '\0')
		diag("%s", err.msg);
	if (fflush(stdout) != 0 && status == EXIT_YES)
		status = EXIT_TROUBLE;
	return status;
}
