#ifndef POLICY_PREFILTER_H
#define POLICY_PREFILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/base/buf.h"

/*
 * Finds every occurrence of a few hundred literals, without regard to the case
 * of ASCII letters, at more than a byte per nanosecond where they are rare.
 */
struct prefilter;

/* Bytes of the shortest literal, and the most literals of one prefilter. */
#define PREFILTER_LITERAL_MIN 3U
#define PREFILTER_LITERALS_MAX 32767U

/*
 * literals: n different texts, ASCII letters in lower case; copied.
 * prefilter_free().
 */
struct prefilter *prefilter_new(const struct slice *literals, size_t n);
void prefilter_free(struct prefilter *pf); /* accepts NULL */

/* Where a search is; zeroed memory is the beginning of a text. */
struct prefilter_cursor {
	size_t at; /* the next place that is to be looked at */
	/* Literals still to be tried at a place before it: two lists. */
	uint32_t chain, odd;
	size_t place;
	/* Places from base on that are worth a look: a bit for each. */
	size_t base;
	uint64_t mask;
};

struct prefilter_hit {
	uint32_t literal; /* index */
	size_t first; /* its first byte in the text */
};

/*
 * The next occurrence whose anchor, a place of its own in each literal, is
 * before until: true with *ret and c moved on.  So occurrences come nearly, not
 * quite, in the order of the text: one may begin before another that came
 * earlier, but not by more than a literal's length.  False when there is none;
 * then the search can go on with a larger until.
 */
bool prefilter_next(const struct prefilter *pf, struct slice text, size_t until,
    struct prefilter_cursor *c, struct prefilter_hit *ret);

#endif
