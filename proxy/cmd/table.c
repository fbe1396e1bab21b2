/*
 * The subcommands, as data: finding one, and the help that is made from them.
 */
#include <string.h>

#include "proxy/base/array.h"
#include "proxy/cmd/cmd.h"
#include "proxy/cmd/opt.h"

static const struct command commands[] = {
	{ "run", cmd_run, run_options, "-- COMMAND [ARG...]",
	    "run an MCP server behind the shield" },
	{ "inspect", cmd_inspect, inspect_options, "TOOL [ARGUMENTS] | --batch",
	    "judge one call, or many lines, without a server" },
	{ "audit", cmd_audit, audit_options_table, "[verify | export]",
	    "list decisions, prove the log, or export it" },
	{ "stats", cmd_stats, stats_options, "",
	    "count decisions per server, tool, stage and rule" },
	{ "pin", cmd_pin, pin_options,
	    "[list | diff [SERVER [TOOL]] | accept SERVER [TOOL...] |"
	    " reset SERVER [TOOL...]]",
	    "list, compare, accept or forget definitions of tools" },
	{ "policy", cmd_policy, policy_options, "check FILE... | show NAME",
	    "validate policies, or print what is in force" },
};

const struct command *
command_at(size_t n)
{
	return n < nitems(commands) ? &commands[n] : NULL;
}

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < nitems(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static void
print_option(
    FILE *out, const char *name, char letter, const char *arg, const char *help)
{
	char left[40];

	(void)snprintf(left, sizeof(left), "--%s%s%s", name,
	    arg != NULL ? " " : "", arg != NULL ? arg : "");
	if (letter != '\0')
		(void)fprintf(out, "  -%c, %-22s %s\n", letter, left, help);
	else
		(void)fprintf(out, "      %-22s %s\n", left, help);
}

static void
usage_command(FILE *out, const struct command *c)
{
	(void)fprintf(out, "usage: mcpshield-stdio %s [OPTION...] %s\n\n%s\n\n",
	    c->name, c->args, c->help);
	for (const struct opt *o = c->options; o->name != NULL; o++)
		print_option(out, o->name, o->letter, o->arg, o->help);
	print_option(out, "help", 'h', NULL, "print this help");
}

void
usage(FILE *out, const struct command *only)
{
	if (only != NULL) {
		usage_command(out, only);
		return;
	}
	(void)fputs(
	    "usage: mcpshield-stdio [run] [OPTION...] -- COMMAND [ARG...]\n"
	    "       mcpshield-stdio SUBCOMMAND [OPTION...] [ARG...]\n\n"
	    "Runs an MCP server and stands between it and its client: what the"
	    " policy does\nnot object to passes byte for byte, everything else is"
	    " refused, and every\ndecision is recorded.\n\nsubcommands:\n",
	    out);
	for (size_t i = 0; i < nitems(commands); i++)
		(void)fprintf(
		    out, "  %-10s %s\n", commands[i].name, commands[i].help);
	(void)fputs("\noptions of run:\n", out);
	for (const struct opt *o = run_options; o->name != NULL; o++)
		print_option(out, o->name, o->letter, o->arg, o->help);
	print_option(out, "help", 'h', NULL,
	    "print this help; SUBCOMMAND --help prints that one's");
	print_option(out, "version", 0, NULL, "print the version");
	(void)fputs("\nmore: man 1 mcpshield-stdio, man 5 mcpshield-policy, "
		    "man 5 mcpshield-audit\n",
	    out);
}
