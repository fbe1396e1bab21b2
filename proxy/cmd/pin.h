#ifndef CMD_PIN_H
#define CMD_PIN_H

#include <stdbool.h>
#include <stdio.h>

#include "audit/pin_table.h"
#include "proxy/base/buf.h"

struct error;

/* One call of the subcommand. */
struct pin_args {
	const char *path, *file, *server, *key;
	bool json;
	char *own_path; /* owned: when path is the default */
	const char *action; /* the word */
	int argc; /* what follows it */
	char **argv;
	struct pin_table t;
};

/* Opens args->t.  1, 0 if there are no pins yet, or -1 with *err set. */
int pin_open(struct pin_args *args, bool write, struct error *err);

/* "accepted" and the like. */
const char *pin_state_name(const struct pin_row *row);

/* Exit statuses, with *err set for EXIT_TROUBLE. */
int pin_list(struct pin_args *args, struct error *err);
int pin_differences(struct pin_args *args, struct error *err);

/*
 * Appends a canonical text over several lines: two columns for each level, a
 * long string broken where it holds a line feed, and everything that is not
 * printable ASCII as an escape.
 */
void pin_pretty(struct buf *dst, struct slice canonical);

/*
 * Prints what differs between two texts as diff -u does, without the names of
 * files.  Texts that have little in common are shown one after the other.
 */
void pin_diff(FILE *out, struct slice before, struct slice after);

#endif
