#ifndef POLICY_INJECTION_PIECE_H
#define POLICY_INJECTION_PIECE_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

/* What the bytes from a place on become. */
struct piece {
	size_t in, out;
	char text[4];
};

/*
 * What the byte at `at`, which may be special, begins.  .in is 0 if it stands
 * for itself.
 */
struct piece piece_at(struct slice s, size_t at);

/*
 * The length of the text at `at` that stays as it is.  A space that stands
 * alone stays.
 */
size_t piece_run(struct slice s, size_t at);

/* Is it white space, of ASCII? */
bool piece_space(char c);

#endif
