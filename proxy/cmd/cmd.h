#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stddef.h>
#include <stdio.h>

#include "proxy/cmd/opt.h"

struct error;

#define EXIT_YES 0
#define EXIT_NO 1 /* a finding, a failed verification */
#define EXIT_TROUBLE 2 /* usage, input, output */
#define EXIT_OURS 125 /* run: we failed */

struct command {
	const char *name;
	int (*fn)(int argc, char *argv[], struct error *err);
	const struct opt *options; /* ends with a row without a name */
	const char *args; /* usage: what follows the options */
	const char *help; /* one line */
};

/* argv[0] is the subcommand's name.  *err set is printed by main. */
int cmd_run(int argc, char *argv[], struct error *err);
int cmd_inspect(int argc, char *argv[], struct error *err);
int cmd_audit(int argc, char *argv[], struct error *err);
int cmd_stats(int argc, char *argv[], struct error *err);
int cmd_pin(int argc, char *argv[], struct error *err);
int cmd_policy(int argc, char *argv[], struct error *err);

extern const struct opt run_options[], inspect_options[], audit_options_table[],
    stats_options[], pin_options[], policy_options[];

/* The n-th row of the table, or NULL behind the last. */
const struct command *command_at(size_t n);

/* The row of that name, or NULL. */
const struct command *command_find(const char *name);

/* The whole program's help, or one command's. */
void usage(FILE *out, const struct command *only);

#endif
