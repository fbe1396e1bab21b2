#ifndef POLICY_GEN_UNIFOLD_NAMES_H
#define POLICY_GEN_UNIFOLD_NAMES_H

#include <stdbool.h>
#include <unicode/utypes.h>

/* What c is to fold to whatever the data say, or NULL. */
const char *unifold_override(UChar32 c);

/*
 * The ASCII letter that the name of c tells, with strokes and tails or without;
 * with any: also if it stands on its head, or is written in another manner.
 * 0 if it is no such letter.
 */
UChar32 unifold_named(UChar32 c, bool any);

#endif
