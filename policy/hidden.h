#ifndef POLICY_HIDDEN_H
#define POLICY_HIDDEN_H

#include <stdbool.h>

#include "proxy/base/buf.h"

struct spans;

/*
 * Finds what a person who looks at the text does not see, or sees as something
 * else: control sequences of terminals, lone control characters, runs of
 * characters without width, Unicode tags, bidirectional overrides that are
 * used against the reader, private-use runs.  What scripts and emoji need
 * (joiners between letters that join, one variation selector behind a base,
 * flags, marks, directional marks in right-to-left text) is none of it.
 * Appends to s (which is cleared first) and returns how many.  Linear; ASCII
 * without control characters at 4 GB/s, other text at 300 MB/s at least.
 */
size_t hidden_find(struct slice text, struct spans *s);

#endif
