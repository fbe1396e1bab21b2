#ifndef POLICY_ASKS_READ_H
#define POLICY_ASKS_READ_H

#include <stdbool.h>

#include "proxy/base/buf.h"

/*
 * The text without control sequences of terminals and control characters, into
 * out, which is cleared: the check of hidden text takes them out as well, and
 * what they part is a word again behind it.
 */
void asks_visible(struct slice text, struct buf *out);

/*
 * Small letters for capitals of the scripts in which one case may look like an
 * ASCII letter and the other not: Cyrillic and Greek.  In place.  Returns
 * whether there were any.
 */
bool asks_lower(struct buf *text);

/* Of ASCII. */
static inline bool
asks_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The letter that a sign or a digit stands for ('$': 's'), or the small one. */
char asks_letter_for(char c);

/* Does a word begin at i, be it a part of camelCase; does one end before i? */
bool asks_begins(struct slice text, size_t i);
bool asks_ends(struct slice text, size_t i);

/* The word before *at, within the sentence; moves *at to its start. */
bool asks_word_before(struct slice text, size_t *at, struct slice *ret);

/*
 * The word behind *at, within the sentence and before any of the signs in stop;
 * moves *at to its end.
 */
bool asks_word_behind(
    struct slice text, size_t *at, const char *stop, struct slice *ret);

#endif
