#ifndef POLICY_UNIFOLD_TABLE_H
#define POLICY_UNIFOLD_TABLE_H

#include <stdint.h>

/*
 * What each code point folds to, as policy/gen/unifold_table.c writes it:
 * unifold_entry[unifold_index[cp >> BITS] << BITS | (cp & MASK)] is 0 where the
 * character stays, else a place in unifold_text, which holds a length and as
 * many bytes of UTF-8, at most four times those of the character.  Four bytes
 * may be read there in any case.
 */
#define UNIFOLD_BITS 6
#define UNIFOLD_MASK ((1U << UNIFOLD_BITS) - 1)

extern const uint16_t unifold_index[], unifold_entry[];
extern const unsigned char unifold_text[];

#endif
