#ifndef CMD_OPT_H
#define CMD_OPT_H

#include <stdbool.h>
#include <stddef.h>

struct error;

enum opt_kind {
	OPT_FLAG, /* bool: set to true */
	OPT_TEXT, /* const char *: borrowed from argv */
	OPT_NUMBER, /* int64_t: a whole number, not negative */
};

/* One option of a subcommand; its value goes to base + offset. */
struct opt {
	const char *name; /* long; NULL ends the table */
	char letter; /* short, or 0 */
	enum opt_kind kind;
	size_t offset;
	const char *arg; /* name of its argument in the help; NULL for flags */
	const char *help;
};

/*
 * Reads options up to the first operand or "--" (which is taken) and writes
 * them below base.  --help prints this command's help on stdout and sets
 * *ret_help.  Returns the index of the first operand, or -1 with *err set; an
 * unknown option's message names the nearest known one.
 */
int opt_read(const struct opt *table, const char *command, int argc,
    char *argv[], void *base, bool *ret_help, struct error *err);

/* Like opt_read(), but options may also stand between and after operands
   (which are moved to the end of argv, in order). */
int opt_read_any(const struct opt *table, const char *command, int argc,
    char *argv[], void *base, bool *ret_help, struct error *err);

#endif
