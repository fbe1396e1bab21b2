#ifndef POLICY_RARE_H
#define POLICY_RARE_H

#include <stdbool.h>
#include <stddef.h>

#define RARE_LOG 12U

/* Letters, white space, digits and all other bytes. */
#define RARE_CLASSES 29U

/* How frequent bytes are in text. */
struct rare {
	bool frequent[1U << RARE_LOG]; /* four bytes, by a hash */
	unsigned char class_of[256];
	/* Of a class behind another one, or at the beginning (the last row). */
	unsigned char cost[RARE_CLASSES + 1][RARE_CLASSES];
};

void rare_init(struct rare *r);

/*
 * Where in s those four bytes begin that are rarest in text, of those at from,
 * from + 2 and so on.  s is in lower case and has four bytes from there.
 */
size_t rare_four(
    const struct rare *r, const unsigned char *s, size_t len, size_t from);

#endif
