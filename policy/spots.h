#ifndef POLICY_SPOTS_H
#define POLICY_SPOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/base/buf.h"

/*
 * Where in a frame something may be found: a bit for each SPOT_BYTES of it.  A
 * string of the frame in which no bit is set needs no look of its own.
 */
struct spots {
	uint64_t *bits; /* owned */
	size_t n, cap; /* words in use, allocated */
};

#define SPOT_BYTES 32U

void spots_release(struct spots *s);

/* None, in a frame of len bytes. */
void spots_clear(struct spots *s, size_t len);

/* From first up to, not with, end, which is greater. */
void spots_mark(struct spots *s, size_t first, size_t end);
bool spots_any(const struct spots *s, size_t first, size_t end);

/*
 * Marks what a string may not be taken as it stands for: escapes, what is not
 * ASCII, controls, and whatever injection_plain.h takes off or joins.  A raw
 * control between tokens is in no string.
 */
void spots_dress(struct spots *s, struct slice raw);

#endif
