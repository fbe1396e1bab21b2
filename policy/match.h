#ifndef POLICY_MATCH_H
#define POLICY_MATCH_H

#include <stddef.h>

#include "proxy/base/buf.h"

/*
 * Finds many literals in one pass, without regard to the case of ASCII
 * letters: an Aho-Corasick automaton over classes of bytes.
 */
struct matcher;

/* Bytes of all literals of one matcher together. */
#define MATCH_BYTES_MAX (4UL << 20)

/*
 * literals: n non-empty texts, MATCH_BYTES_MAX bytes in all; copied.  Takes at
 * most some 16 MiB and 20 bytes for each byte of them.  matcher_free().
 */
struct matcher *matcher_new(const struct slice *literals, size_t n);
void matcher_free(struct matcher *m); /* accepts NULL */

/*
 * The literal that ends first in text: its index, or -1 for none; of several
 * that end at the same byte the lowest index.  Linear in text.len.  A NULL
 * matcher finds nothing.
 */
long matcher_find(const struct matcher *m, struct slice text);

#endif
