#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/*
 * How far two names are apart: the number of letters to add, drop or change.
 * SIZE_MAX where either has more than 32 bytes.  Source: Levenshtein, 1966.
 */
size_t nearest_distance(const char *a, const char *b);

#endif
