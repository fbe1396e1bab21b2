#ifndef POLICY_UNIFOLD_H
#define POLICY_UNIFOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

/*
 * What a reader takes a text for: NFKC, case folded (what becomes an ASCII
 * letter keeps its case), confusables replaced by what they look like, without
 * accents, and without characters that nobody sees (zero width, bidirectional
 * controls, tags, variation selectors, soft hyphens).  Every kind of Unicode
 * space becomes a space, every line separator a line feed.  ASCII stays as it
 * is, byte for byte, and what looks like an ASCII character becomes that one,
 * in whatever script it is: words of other scripts come out mixed, so whoever
 * searches for such a word must fold it too.  Folding twice changes nothing.
 * Source: UAX #15, UTS #39 (the table is made at build time).
 */

/*
 * Where the folded text comes from: pairs of offsets at which a character
 * begins in both, close enough to each other that the rest is counted.
 */
struct fold_map {
	struct fold_step {
		size_t out, in;
	} * v; /* owned; in order, the first is 0, 0 */
	size_t n, cap;
	struct slice text; /* borrowed: the raw text */
	size_t len; /* of the folded text */
};

void fold_map_init(struct fold_map *map);
void fold_map_release(struct fold_map *map);

/* Is there anything that unifold() would change?  No, for ASCII. */
bool unifold_needed(struct slice text);

/*
 * Appends the folded text to out.  map may be NULL, else it is cleared and
 * filled, and borrows text; its offsets count from where out ended.  Bytes that
 * are not UTF-8 stay.  Linear; at least 300 MB/s on text without ASCII, 4 GB/s
 * on ASCII.  out->max must leave room for 4 * text.len (asserted).
 */
void unifold(struct slice text, struct buf *out, struct fold_map *map);

/*
 * The offset in the raw text of the character that made byte `out`; the raw
 * length, if the folded text ends there.
 */
size_t fold_map_first(const struct fold_map *map, size_t out);
/*
 * The offset behind the raw character that made the byte before `out`; raw
 * characters that fold to nothing and stand behind it are not included.  0 for
 * 0.
 */
size_t fold_map_end(const struct fold_map *map, size_t out);

#endif
