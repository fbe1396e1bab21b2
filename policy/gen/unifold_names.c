/*
 * What the generator of the table knows by itself: letters by their names,
 * which the confusables of UTS #39 have in part, and exceptions.
 */
#include "policy/gen/unifold_names.h"

#include <stddef.h>
#include <string.h>
#include <unicode/uchar.h>

#define nitems(a) (sizeof(a) / sizeof((a)[0]))

/* What the data leaves open or says otherwise than a reader would. */
/* clang-format off */
static const struct {
	UChar32 c;
	const char *to;
} overrides[] = {
	{ 0x85, "\n" }, { 0x2028, "\n" }, { 0x2029, "\n" },
	{ 0x2800, " " }, /* Braille without dots */
	{ 0x2010, "-" }, { 0x2011, "-" }, { 0x2012, "-" }, { 0x2013, "-" },
	{ 0x2014, "-" }, { 0x2015, "-" }, { 0x2043, "-" }, { 0x2212, "-" },
	{ 0x2018, "'" }, { 0x2019, "'" }, { 0x201b, "'" }, { 0x2032, "'" },
	{ 0x201c, "\"" }, { 0x201d, "\"" }, { 0x201e, "\"" },
	{ 0x201f, "\"" }, { 0x2033, "\"" },
	{ 0x3002, "." }, { 0xff61, "." }, /* dots in host names: UTS #46 */
	{ 0x138, "k" }, { 0x3b2, "b" }, { 0x3c7, "x" }, { 0x3c9, "w" },
	{ 0xdf, "ss" }, { 0x1e9e, "SS" },
	{ 0x1f18b, "IC" }, { 0x1f18c, "PA" }, { 0x1f18d, "SA" },
	{ 0x1f18e, "AB" }, { 0x1f18f, "WC" },
};

/* How names of Latin letters begin, and the case that they tell. */
static const struct {
	const char *name;
	bool small;
} letters[] = {
	{ "LATIN SMALL LETTER ", true },
	{ "LATIN CAPITAL LETTER ", false },
	{ "LATIN LETTER SMALL CAPITAL ", true },
	{ "LATIN SUBSCRIPT SMALL LETTER ", true },
	{ "MODIFIER LETTER SMALL CAPITAL ", true },
	{ "MODIFIER LETTER SMALL ", true },
	{ "MODIFIER LETTER CAPITAL ", false },
	{ "CIRCLED LATIN SMALL LETTER ", true },
	{ "CIRCLED LATIN CAPITAL LETTER ", false },
	{ "PARENTHESIZED LATIN SMALL LETTER ", true },
	{ "PARENTHESIZED LATIN CAPITAL LETTER ", false },
	{ "TORTOISE SHELL BRACKETED LATIN CAPITAL LETTER ", false },
	{ "SQUARED LATIN CAPITAL LETTER ", false },
	{ "NEGATIVE CIRCLED LATIN CAPITAL LETTER ", false },
	{ "NEGATIVE SQUARED LATIN CAPITAL LETTER ", false },
	{ "CROSSED NEGATIVE SQUARED LATIN CAPITAL LETTER ", false },
	{ "REGIONAL INDICATOR SYMBOL LETTER ", false },
};

/* How a letter may stand or be written and still be read as that letter. */
static const char *const manners[] = {
	"SCRIPT ", "DOTLESS ", "OPEN ", "TURNED ", "REVERSED ", "INVERTED ",
	"SIDEWAYS ", "INSULAR ", "BLACKLETTER ", "BARRED ", "LONG ",
	"MIDDLE-WELSH ", "VISIGOTHIC ",
};
/* clang-format on */

const char *
unifold_override(UChar32 c)
{
	for (size_t i = 0; i < nitems(overrides); i++)
		if (overrides[i].c == c)
			return overrides[i].to;
	return NULL;
}

UChar32
unifold_named(UChar32 c, bool any)
{
	UErrorCode err = U_ZERO_ERROR;
	char buf[128];
	const char *name = buf;
	bool small = false, found = false;

	if (u_charName(c, U_UNICODE_CHAR_NAME, buf, sizeof(buf), &err) <= 0 ||
	    U_FAILURE(err))
		return 0;
	for (size_t i = 0; i < nitems(letters) && !found; i++) {
		size_t len = strlen(letters[i].name);

		if (strncmp(name, letters[i].name, len) != 0)
			continue;
		name += len;
		small = letters[i].small;
		found = true;
	}
	for (size_t i = 0; i < nitems(manners) && any; i++)
		if (strncmp(name, manners[i], strlen(manners[i])) == 0)
			name += strlen(manners[i]);
	if (!found || name[0] < 'A' || name[0] > 'Z' ||
	    (name[1] != '\0' && strncmp(name + 1, " WITH ", 6) != 0))
		return 0;
	return small ? name[0] - 'A' + 'a' : name[0];
}
