#ifndef POLICY_PATHWORD_H
#define POLICY_PATHWORD_H

#include <stdbool.h>

#include "proxy/base/buf.h"

/* The words of a text that may be paths, from left to right. */
struct pathwords {
	struct slice text; /* borrowed */
	size_t at;
	bool all; /* also those without any sign of a path */
};

/*
 * Takes the next word: what stands between white space, quotes and the signs
 * that commands and lists put around a path ("--file=/x", "a:b:/x", "@/x").  A
 * URL is no word, but for what pathname_scheme() knows.  False at the end.
 * Linear.
 */
bool pathwords_next(struct pathwords *it, struct slice *ret_word);

/* Is all of text one word without braces? */
bool pathword_single(struct slice text);

#define PATHWORD_BRACES 1024U /* bytes of a word with braces */

/*
 * The k-th of the words that a shell makes of "a{b,c}d", in out; false when
 * there are no more.  Beyond 64 of them, the last has stars in place of braces.
 */
bool pathword_brace(struct slice word, unsigned k, char out[PATHWORD_BRACES],
    struct slice *ret_word);

#endif
