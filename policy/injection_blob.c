/*
 * Finds base64 and hexadecimal that hold text.  A piece is worth a look if it
 * is longer than words are, so the text is looked at in strides of that length.
 * A line may be broken within a piece; "5b 61", "0x5b, 0x61" and "\x5b\x61" are
 * hexadecimal too.
 */
#include "policy/injection_blob.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "policy/spots.h"

/* Bytes of the shortest piece: "ignore all" has 16 in base64. */
#define BLOB_MIN 24U
/* Bytes between two looks; so many digits behind each other are worth one. */
#define STRIDE 16U
#define LOOK 8U
/* Bytes decoded first, to see whether there is text in a piece. */
#define TASTE 48U
#define KEEP (1U << 20)

/* The value of a digit of base64, either alphabet; -1: none. */
static const signed char base64_value[256] = {
	/* clang-format off */
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, 62, -1, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,
	-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, 63,
	-1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
	/* clang-format on */
};

static int
base64_digit(unsigned char c)
{
	return base64_value[c];
}

static int
hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static unsigned char
at_byte(struct slice s, size_t i)
{
	return i < s.len ? (unsigned char)s.at[i] : 0;
}

/* Is it text, so far as it can be told?  Most bytes are letters and spaces. */
static bool
is_text(const struct buf *b)
{
	size_t good = 0, bad = 0;

	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->at[i];

		good += c == ' ' || c >= 0x80 ||
			((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
		bad += (c < ' ' && c != '\n' && c != '\r' && c != '\t') ||
		       c == 0x7f;
	}
	return b->len >= 8 && bad * 32 <= b->len && good * 2 >= b->len;
}

/* Is what is at i a line break within base64? */
static size_t
line_break(struct slice s, size_t i)
{
	size_t n = (at_byte(s, i) == '\r') + 0U;

	n += at_byte(s, i + n) == '\n';
	return n > 0 && base64_digit(at_byte(s, i + n)) >= 0 ? n : 0;
}

/* The end of the base64 at first. */
static size_t
base64_end(struct slice s, size_t first)
{
	size_t i = first, n;

	for (;;) {
		while (i < s.len && base64_digit((unsigned char)s.at[i]) >= 0)
			i++;
		n = line_break(s, i);
		if (n == 0 || i - first < BLOB_MIN)
			return i;
		i += n;
	}
}

/* Decodes up to max bytes; whatever is no digit is passed over. */
static void
base64_decode(struct slice s, struct blob b, size_t max, struct buf *out)
{
	uint32_t bits = 0;
	unsigned n = 0;

	buf_clear(out, KEEP);
	for (size_t i = b.first; i < b.end && out->len < max; i++) {
		int d = base64_digit((unsigned char)s.at[i]);

		if (d < 0)
			continue;
		bits = bits << 6 | (uint32_t)d;
		n += 6;
		if (n >= 8) {
			n -= 8;
			buf_must(buf_add_byte(
			    out, (char)(unsigned char)(bits >> n & 0xff)));
		}
	}
}

/* What may stand between two bytes of hexadecimal: its length. */
static size_t
hex_gap(struct slice s, size_t i)
{
	size_t n = 0;

	while (
	    n < 2 && (at_byte(s, i + n) == ' ' || at_byte(s, i + n) == ',' ||
			 at_byte(s, i + n) == ':' || at_byte(s, i + n) == '\n'))
		n++;
	if ((at_byte(s, i + n) == '\\' || at_byte(s, i + n) == '0') &&
	    (at_byte(s, i + n + 1) | 0x20) == 'x')
		n += 2;
	return n;
}

/* Decodes the hexadecimal at first, and tells its end. */
static size_t
hex_decode(struct slice s, size_t first, struct buf *out)
{
	size_t i = first + hex_gap(s, first), end = first;

	buf_clear(out, KEEP);
	while (hex_digit(at_byte(s, i)) >= 0 &&
	       hex_digit(at_byte(s, i + 1)) >= 0) {
		unsigned high = (unsigned)hex_digit(at_byte(s, i));
		unsigned d = high << 4 | (unsigned)hex_digit(at_byte(s, i + 1));

		buf_must(buf_add_byte(out, (char)(unsigned char)d));
		end = i + 2;
		i = end + hex_gap(s, end);
	}
	return end;
}

/* Bytes of hexadecimal with gaps. */
static const bool hex_like[256] = {
	/* clang-format off */
	['\n'] = true, [' '] = true, [','] = true, [':'] = true,
	['\\'] = true, ['x'] = true, ['X'] = true,
	['0'] = true, true, true, true, true, true, true, true, true, true,
	['A'] = true, true, true, true, true, true,
	['a'] = true, true, true, true, true, true,
	/* clang-format on */
};

/*
 * Are the LOOK bytes up to i digits of base64?  Most texts have a space or a
 * sign among them, below the least of the digits: one look at all of them.
 */
static inline bool
base64_like(struct slice s, size_t i)
{
	const uint64_t each = UINT64_MAX / 0xff;
	uint64_t v;

	static_assert(sizeof(v) == LOOK, "read at once");
	memcpy(&v, s.at + i - (LOOK - 1), sizeof(v));
	if (((v - each * '+') & ~v & each * 0x80) != 0)
		return false;
	for (size_t k = 0; k < LOOK; k++)
		if (base64_digit((unsigned char)s.at[i - k]) < 0)
			return false;
	return true;
}

/* Does hexadecimal with gaps begin near i?  Two bytes of it at least. */
static inline bool
hex_near(struct slice s, size_t i, size_t low, size_t *ret_first)
{
	size_t from = i > low + 4 ? i - 4 : low;

	const unsigned char *p = (const unsigned char *)s.at + i;
	/* Without a branch for each. */
	unsigned four = (unsigned)hex_like[p[0]] & hex_like[p[-1]] &
			hex_like[p[-2]] & hex_like[p[-3]];

	if (four == 0)
		return false;
	for (size_t k = from; k <= i; k++) {
		size_t gap = 0;

		if (hex_digit(at_byte(s, k)) < 0 ||
		    hex_digit(at_byte(s, k + 1)) < 0)
			continue;
		gap = hex_gap(s, k + 2);
		if (gap == 0 || hex_digit(at_byte(s, k + 2 + gap)) < 0 ||
		    hex_digit(at_byte(s, k + 3 + gap)) < 0)
			continue;
		/* Back to where it begins. */
		while (k >= low + 2 + gap && hex_gap(s, k - gap) >= gap &&
		       hex_digit(at_byte(s, k - gap - 1)) >= 0 &&
		       hex_digit(at_byte(s, k - gap - 2)) >= 0)
			k -= gap + 2;
		*ret_first = k;
		return true;
	}
	return false;
}

/* Judges the run of digits around i: true if it holds text. */
static bool
take_run(struct slice s, size_t low, size_t i, struct blob *b, struct buf *out)
{
	size_t hex = 0;

	b->first = i;
	while (b->first > low &&
	       base64_digit((unsigned char)s.at[b->first - 1]) >= 0)
		b->first--;
	b->end = base64_end(s, b->first);
	if (b->end - b->first < BLOB_MIN)
		return false;
	while (hex < 16 && hex_digit((unsigned char)s.at[b->first + hex]) >= 0)
		hex++;
	if (hex == 16) {
		size_t end = hex_decode(s, b->first, out);

		if (end - b->first >= BLOB_MIN && is_text(out)) {
			b->end = end;
			return true;
		}
	}
	base64_decode(s, *b, TASTE, out);
	if (!is_text(out))
		return false;
	base64_decode(s, *b, SIZE_MAX, out);
	return true;
}

bool
blob_next(struct slice text, size_t *at, struct blob *ret, struct buf *out)
{
	size_t low = *at, i = low + LOOK;

	while (i < text.len) {
		size_t first;

		if (base64_like(text, i)) {
			if (take_run(text, low, i, ret, out)) {
				*at = ret->end;
				return true;
			}
			if (ret->end - ret->first >= BLOB_MIN) {
				low = ret->end;
				i = low + LOOK;
				continue;
			}
		}
		if (hex_near(text, i, low, &first)) {
			*ret = (struct blob){ first,
				hex_decode(text, first, out) };
			if (ret->end - first >= BLOB_MIN && is_text(out)) {
				*at = ret->end;
				return true;
			}
			low = ret->end > low ? ret->end : low;
			i = ret->end > i ? ret->end : i;
		}
		i += STRIDE;
	}
	*at = text.len;
	return false;
}

/* Bytes of a frame between two looks, and that are looked at: fewer may be
   those of a word, and more would leave pieces out. */
#define SPOT_STRIDE 12U
#define SPOT_LOOK (BLOB_MIN - SPOT_STRIDE + 1)

/* May the SPOT_LOOK bytes up to i be base64, or hexadecimal, gaps and all? */
static inline bool
spot_like(struct slice s, size_t i)
{
	const uint64_t each = UINT64_MAX / 0xff;
	bool base64 = true, hex = true;
	uint64_t v;

	static_assert(sizeof(v) <= SPOT_LOOK, "the last of them");
	memcpy(&v, s.at + i + 1 - sizeof(v), sizeof(v));
	/* A quotation mark ends a string: nearly everywhere, where strings are
	   short. */
	v ^= each * '"';
	if (((v - each) & ~v & each * 0x80) != 0)
		return false;
	for (size_t k = 0; k < SPOT_LOOK && (base64 || hex); k++) {
		unsigned char c = (unsigned char)s.at[i - k];

		base64 = base64 && base64_digit(c) >= 0;
		hex = hex && hex_like[c];
	}
	return base64 || hex;
}

void
blob_spots(struct slice raw, struct spots *spots)
{
	for (size_t i = SPOT_LOOK; i < raw.len; i += SPOT_STRIDE)
		if (spot_like(raw, i))
			spots_mark(spots, i, i + 1);
}
