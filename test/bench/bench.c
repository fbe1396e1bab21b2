/*
 * bench [OPTION...]: measures the proxy against the floor, all on one core,
 * and prints the numbers of DESIGN.md, section 9.  Status 0: all was measured
 * (with --strict, and reached); 1: with --strict, a number was missed; 2: a
 * leg failed or gave a wrong answer, and there is no table.
 */
#include <getopt.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"
#include "test/bench/lib/child.h"
#include "test/bench/lib/report.h"
#include "test/bench/lib/rounds.h"

/* Of --rounds and --seconds: more is a mistake. */
#define NUMBER_MAX 86400UL

/* The last core that we may use: the first ones serve most interrupts. */
static int
pin(struct bench *b, struct error *err)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == -1)
		return error_sys(err, "cannot read the allowed cores");
	for (b->core = CPU_SETSIZE - 1; b->core > 0; b->core--)
		if (CPU_ISSET(b->core, &set))
			break;
	CPU_ZERO(&set);
	CPU_SET(b->core, &set);
	if (sched_setaffinity(0, sizeof(set), &set) == -1)
		return error_sys(err, "cannot stay on core %u", b->core);
	return 0;
}

/* Nothing that runs finds, or leaves, anything at the user's home. */
static int
nest(struct bench *b, struct error *err)
{
	static const char *const homes[] = { "HOME", "XDG_CONFIG_HOME",
		"XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME",
		"XDG_RUNTIME_DIR" };
	const char *tmp = getenv("TMPDIR");

	b->dir = xasprintf("%s/mcpshield-bench-XXXXXX",
	    tmp != NULL && tmp[0] == '/' ? tmp : "/tmp");
	if (mkdtemp(b->dir) == NULL) {
		error_sys(err, "cannot make '%s'", b->dir);
		free(b->dir);
		b->dir = NULL;
		return -1;
	}
	for (size_t i = 0; i < nitems(homes); i++)
		if (setenv(homes[i], b->dir, 1) == -1)
			return error_sys(err, "setenv");
	return 0;
}

/* Prints the table and writes all of it to bench.json.  0 or -1. */
static int
publish(const struct bench *b, unsigned *ret_missed, struct error *err)
{
	char *path = xasprintf("%s/bench.json", b->build);
	struct utsname un = { .release = "" };
	json_t *rows, *all = NULL;
	int rc = -1;

	(void)uname(&un);
	printf("one core (%u), Linux %s %s, policy %s, audit on\n\n", b->core,
	    un.release, un.machine, b->policy);
	if ((rows = report(b->runs, stdout, ret_missed, err)) == NULL)
		goto out;
	all = json_pack("{s:s, s:s, s:s, s:i, s:f, s:o, s:O}", "kernel",
	    un.release, "machine", un.machine, "policy", b->policy, "core",
	    (int)b->core, "seconds", rounds_clock() - b->begin, "rows", rows,
	    "runs", b->runs);
	if (all == NULL || json_dump_file(all, path,
			       JSON_INDENT(1) | JSON_REAL_PRECISION(6)) == -1) {
		error_sys(err, "cannot write '%s'", path);
		goto out;
	}
	printf("\n%u missed; %.0f s; all of it is in %s\n", *ret_missed,
	    rounds_clock() - b->begin, path);
	rc = fflush(stdout) == 0 ? 0 : error_sys(err, "standard output");
out:
	json_decref(all);
	free(path);
	return rc;
}

static int
bench(struct bench *b, unsigned *ret_missed, struct error *err)
{
	int rc = -1;

	rounds_signals();
	(void)signal(SIGPIPE, SIG_IGN);
	b->begin = rounds_clock();
	b->runs = json_object();
	if (access(b->proxy, X_OK) == -1)
		error_sys(err, "no proxy at '%s'", b->proxy);
	else if (b->real != NULL && access(b->real, R_OK) == -1)
		error_sys(err, "no server at '%s'", b->real);
	else if (pin(b, err) == 0 && child_adopt(err) == 0 &&
		 nest(b, err) == 0 && rounds_run(b, err) == 0)
		rc = publish(b, ret_missed, err);
	if (b->dir != NULL)
		rounds_remove(b->dir);
	free(b->dir);
	json_decref(b->runs);
	return rc;
}

enum kind { TEXT, NUMBER, FLAG };

static const struct {
	const char *name;
	enum kind kind;
	size_t at; /* of its value in struct bench */
	const char *help;
} options[] = {
	/* clang-format off */
{ "build", TEXT, offsetof(struct bench, build), "DIR   where the programs are (build)" },
{ "proxy", TEXT, offsetof(struct bench, proxy), "FILE  the proxy (DIR/mcpshield-stdio)" },
{ "policy", TEXT, offsetof(struct bench, policy), "NAME  its policy (default)" },
{ "filesystem", TEXT, offsetof(struct bench, real), "FILE  start of server-filesystem, for node; else it is left out" },
{ "only", TEXT, offsetof(struct bench, only), "WORK  one of the works" },
{ "rounds", NUMBER, offsetof(struct bench, rounds), "N     rounds of every work" },
{ "seconds", NUMBER, offsetof(struct bench, seconds), "N     after that, 5 rounds of a work must do (90)" },
{ "million", FLAG, offsetof(struct bench, long_run), "      also a million calls" },
{ "strict", FLAG, offsetof(struct bench, strict), "      status 1 if a number is missed" },
	/* clang-format on */
};

static int
usage(void)
{
	fprintf(stderr, "usage: bench [OPTION...]\n");
	for (size_t i = 0; i < nitems(options); i++)
		fprintf(
		    stderr, "  --%-10s %s\n", options[i].name, options[i].help);
	return 2;
}

/* Sets one option.  0, or -1 if its argument is no number. */
static int
set(struct bench *b, size_t i, const char *arg)
{
	char *value = (char *)b + options[i].at, *end;
	unsigned long n;

	switch (options[i].kind) {
	case TEXT:
		memcpy(value, &arg, sizeof(arg));
		return 0;
	case NUMBER:
		n = strtoul(arg, &end, 10);
		if (end == arg || *end != '\0' || n == 0 || n > NUMBER_MAX)
			return -1;
		memcpy(value, &(unsigned){ (unsigned)n }, sizeof(unsigned));
		return 0;
	case FLAG:
		*(bool *)value = true;
		return 0;
	}
	return -1;
}

/* Returns 0, or -1 for what usage() must explain. */
static int
read_options(struct bench *b, int argc, char *argv[])
{
	struct option table[nitems(options) + 1] = { { NULL, 0, NULL, 0 } };
	int c, i;

	for (size_t n = 0; n < nitems(options); n++)
		table[n] = (struct option){ options[n].name,
			options[n].kind != FLAG, NULL, 0 };
	while ((c = getopt_long(argc, argv, "", table, &i)) != -1)
		if (c != 0 || set(b, (size_t)i, optarg) == -1)
			return -1;
	return optind == argc ? 0 : -1;
}

int
main(int argc, char *argv[])
{
	struct bench b = {
		.build = "build", .policy = "default", .seconds = 90
	};
	struct error err = { .msg = "" };
	unsigned missed = 0;
	char *proxy = NULL;
	int rc;

	if (read_options(&b, argc, argv) == -1)
		return usage();
	if (b.proxy == NULL)
		b.proxy = proxy = xasprintf("%s/mcpshield-stdio", b.build);
	rc = bench(&b, &missed, &err);
	free(proxy);
	if (rc == -1) {
		fprintf(stderr, "bench: %s\n", err.msg);
		return 2;
	}
	return b.strict && missed > 0 ? 1 : 0;
}
