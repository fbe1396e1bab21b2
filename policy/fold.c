/*
 * Spelling of member names: decoders that match without regard to case take
 * "Method" for "method", the last one wins, and we would have judged the other.
 * The only code points outside ASCII that fold to ASCII letters are U+017F
 * (long s) and U+212A (Kelvin sign).  Source: Unicode CaseFolding.txt.
 */
#include "policy/fold.h"

#include <string.h>

/* One folded character of key at *at, which moves on; 0 at its end. */
static unsigned char
fold_next(struct slice key, size_t *at)
{
	static const char long_s[] = "\xc5\xbf", kelvin[] = "\xe2\x84\xaa";
	const char *p = key.at + *at;
	size_t left = key.len - *at;

	if (left == 0)
		return 0;
	if (left >= 2 && memcmp(p, long_s, 2) == 0) {
		*at += 2;
		return 's';
	}
	if (left >= 3 && memcmp(p, kelvin, 3) == 0) {
		*at += 3;
		return 'k';
	}
	*at += 1;
	return fold_ascii((unsigned char)p[0]);
}

bool
fold_collides(struct slice key, struct slice name)
{
	size_t at = 0;

	if (slice_eq(key, name))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (fold_next(key, &at) !=
		    fold_ascii((unsigned char)name.at[i]))
			return false;
	return fold_next(key, &at) == 0;
}

bool
fold_collides_any(struct slice key, const char *names)
{
	while (*names != '\0') {
		struct slice name = { names, strcspn(names, " ") };

		if (fold_collides(key, name))
			return true;
		names += name.len;
		names += strspn(names, " ");
	}
	return false;
}
