/*
 * The kinds of characters that can hide something, and those that have a use
 * for them, as ranges.  Source: Unicode 15.0, DerivedCoreProperties.txt
 * (Default_Ignorable_Code_Point), Scripts.txt, emoji-data.txt; scripts are
 * taken by whole blocks.
 */
#include "policy/hidden_part.h"
#include "proxy/base/array.h"

/* clang-format off */
/* In order: they are searched by halving. */
static const struct {
	uint32_t first, last;
	enum hidden_class class;
} classes[] = {
	{ 0x80, 0x84, HIDDEN_CONTROL }, /* U+0085 is json_lines()'s */
	{ 0x86, 0x9f, HIDDEN_CONTROL },
	{ 0xad, 0xad, HIDDEN_SOFT }, /* soft hyphen */
	{ 0x300, 0x34e, HIDDEN_COMBINING },
	{ 0x34f, 0x34f, HIDDEN_ZERO }, /* combining grapheme joiner */
	{ 0x350, 0x36f, HIDDEN_COMBINING },
	{ 0x61c, 0x61c, HIDDEN_DIRECTION }, /* ALM */
	{ 0x115f, 0x1160, HIDDEN_ZERO }, /* fillers of Hangul */
	{ 0x17b4, 0x17b5, HIDDEN_ZERO }, /* vowels of Khmer, not written */
	{ 0x180b, 0x180f, HIDDEN_ZERO }, /* Mongolian: selectors, separator */
	{ 0x1ab0, 0x1aff, HIDDEN_COMBINING },
	{ 0x1dc0, 0x1dff, HIDDEN_COMBINING },
	{ 0x200b, 0x200b, HIDDEN_ZERO }, /* zero width space */
	{ 0x200c, 0x200d, HIDDEN_JOINER },
	{ 0x200e, 0x200f, HIDDEN_DIRECTION }, /* LRM, RLM */
	{ 0x202a, 0x202e, HIDDEN_BIDI },
	{ 0x2060, 0x2060, HIDDEN_ZERO }, /* word joiner */
	{ 0x2061, 0x2064, HIDDEN_SOFT }, /* f(x), times, comma, plus */
	{ 0x2065, 0x2065, HIDDEN_NEVER }, /* unassigned */
	{ 0x2066, 0x2069, HIDDEN_BIDI },
	{ 0x206a, 0x206f, HIDDEN_NEVER }, /* deprecated */
	{ 0x20d0, 0x20ff, HIDDEN_COMBINING },
	{ 0x3164, 0x3164, HIDDEN_ZERO }, /* filler of Hangul */
	{ 0xe000, 0xf8ff, HIDDEN_PRIVATE },
	{ 0xfdd0, 0xfdef, HIDDEN_NEVER }, /* noncharacters */
	{ 0xfe00, 0xfe0f, HIDDEN_SELECTOR },
	{ 0xfe20, 0xfe2f, HIDDEN_COMBINING },
	{ 0xfeff, 0xfeff, HIDDEN_ZERO }, /* byte order mark */
	{ 0xffa0, 0xffa0, HIDDEN_ZERO }, /* filler of Hangul */
	{ 0xfff0, 0xfffb, HIDDEN_NEVER }, /* unassigned, annotations */
	{ 0xfffe, 0xffff, HIDDEN_NEVER },
	{ 0x1bca0, 0x1bca3, HIDDEN_ZERO }, /* shorthand */
	{ 0x1d173, 0x1d17a, HIDDEN_ZERO }, /* music */
	{ 0xe0000, 0xe007f, HIDDEN_TAG },
	{ 0xe0080, 0xe00ff, HIDDEN_NEVER }, /* unassigned */
	{ 0xe0100, 0xe01ef, HIDDEN_SELECTOR },
	{ 0xe01f0, 0xeffff, HIDDEN_NEVER }, /* unassigned */
	{ 0xf0000, 0x10ffff, HIDDEN_PRIVATE },
};

struct range {
	uint32_t first, last;
};

static const struct range plain[] = {
	{ '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' },
	{ 0xaa, 0xaa }, { 0xb5, 0xb5 }, { 0xba, 0xba },
	{ 0xc0, 0x587 }, /* Latin, IPA, marks, Greek, Cyrillic, Armenian */
	{ 0x10a0, 0x10ff }, /* Georgian */
	{ 0x13a0, 0x13ff }, /* Cherokee */
	{ 0x1c80, 0x1cbf }, /* Cyrillic, Georgian */
	{ 0x1d00, 0x1fff }, /* phonetic, Latin, Greek */
	{ 0x2070, 0x209c }, /* superscripts, subscripts */
	{ 0x2460, 0x24ff }, /* enclosed */
	{ 0x2c60, 0x2cff }, /* Latin, Coptic */
	{ 0x2d00, 0x2d2f }, { 0x2de0, 0x2dff }, /* Georgian, Cyrillic */
	{ 0xa4d0, 0xa4ff }, /* Lisu */
	{ 0xa640, 0xa69f }, /* Cyrillic */
	{ 0xa720, 0xa7ff }, { 0xab30, 0xabbf }, /* Latin, Cherokee */
	{ 0xfb00, 0xfb17 }, /* ligatures */
	{ 0xff10, 0xff19 }, { 0xff21, 0xff3a }, { 0xff41, 0xff5a },
	{ 0x1d400, 0x1d7ff }, /* mathematical */
};

static const struct range joining[] = {
	{ 0x590, 0x10a0 - 1 }, /* Hebrew to Myanmar */
	{ 0x1100, 0x11ff }, /* Hangul as parts */
	{ 0x1700, 0x18af }, /* Philippine, Khmer, Mongolian */
	{ 0x1900, 0x1c7f }, /* Limbu to Ol Chiki */
	{ 0x1cd0, 0x1cff }, /* Vedic */
	{ 0xa800, 0xab2f }, { 0xabc0, 0xabff }, /* Syloti Nagri to Meetei */
	{ 0xfb1d, 0xfdff }, { 0xfe70, 0xfefc }, /* presentation forms */
	{ 0x10a00, 0x11fff }, /* Kharoshthi to Tamil */
	{ 0x1e900, 0x1e95f }, /* Adlam */
};

static const struct range right_to_left[] = {
	{ 0x590, 0x8ff }, { 0xfb1d, 0xfdff }, { 0xfe70, 0xfefc },
	{ 0x10800, 0x10fff }, { 0x1e800, 0x1efff },
};

/* Also signs that have an emoji's face, as U+0023 behind a selector. */
static const struct range pictures[] = {
	{ '#', '#' }, { '*', '*' }, { '0', '9' },
	{ 0xa9, 0xa9 }, { 0xae, 0xae }, { 0x203c, 0x203c },
	{ 0x2049, 0x2049 }, { 0x20e3, 0x20e3 }, { 0x2100, 0x23ff },
	{ 0x2460, 0x27bf }, { 0x2900, 0x297f }, { 0x2b00, 0x2bff },
	{ 0x3030, 0x3030 }, { 0x303d, 0x303d }, { 0x3297, 0x3299 },
	{ 0x1f000, 0x1faff },
};

static const struct range signs[] = {
	{ 0, '0' - 1 }, { '9' + 1, 'A' - 1 }, { 'Z' + 1, '_' - 1 },
	{ '`', '`' }, { 'z' + 1, 0xbf }, { 0xd7, 0xd7 }, { 0xf7, 0xf7 },
	{ 0x2000, 0x206f }, { 0x20a0, 0x20cf }, { 0x2100, 0x2bff },
	{ 0x2e00, 0x2e7f }, { 0x3000, 0x3004 }, { 0x3008, 0x3020 },
	{ 0xfe10, 0xfe1f }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff0f },
	{ 0xffe0, 0xffff }, { 0x1f000, 0x1faff },
};

static const struct range han[] = {
	{ 0x2e80, 0x2fdf }, { 0x3005, 0x3007 }, { 0x3021, 0x3029 },
	{ 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0xf900, 0xfaff },
	{ 0x1b170, 0x1b2ff }, { 0x20000, 0x3fffd },
};
/* clang-format on */

static bool
within(const struct range *v, size_t n, uint32_t cp)
{
	for (size_t i = 0; i < n && v[i].first <= cp; i++)
		if (cp <= v[i].last)
			return true;
	return false;
}

bool
hidden_plain_letter(uint32_t cp)
{
	return within(plain, nitems(plain), cp) && cp != 0xd7 && cp != 0xf7;
}

bool
hidden_letter(uint32_t cp)
{
	return !within(signs, nitems(signs), cp) &&
	       hidden_class(cp) == HIDDEN_NONE;
}

bool
hidden_joins(uint32_t cp)
{
	return within(joining, nitems(joining), cp);
}

bool
hidden_right_to_left(uint32_t cp)
{
	return cp >= 0x590 && within(right_to_left, nitems(right_to_left), cp);
}

bool
hidden_picture(uint32_t cp)
{
	return within(pictures, nitems(pictures), cp);
}

bool
hidden_han(uint32_t cp)
{
	return within(han, nitems(han), cp);
}

enum hidden_class
hidden_class(uint32_t cp)
{
	size_t low = 0, high = nitems(classes);

	/* Most letters and signs of most texts. */
	if (cp < 0x80 || (cp > 0x3164 && cp < 0xe000) ||
	    (cp >= 0x1f000 && cp < 0x1fffe))
		return HIDDEN_NONE;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (cp > classes[mid].last)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < nitems(classes) && cp >= classes[low].first)
		return classes[low].class;
	/* The last two of each plane are noncharacters. */
	return (cp & 0xfffe) == 0xfffe ? HIDDEN_NEVER : HIDDEN_NONE;
}

struct glyph
glyph_before(struct slice text, size_t at)
{
	for (size_t back = 1; back <= 4 && back <= at; back++) {
		unsigned char c = (unsigned char)text.at[at - back];
		struct glyph g;

		if ((c & 0xc0) == 0x80)
			continue;
		g = glyph_at(text, at - back);
		if (g.len == back)
			return g;
		break;
	}
	return (struct glyph){ .at = at };
}
