/*
 * Finds what base64 and hexadecimal hide.  Who hides something also chooses
 * what stands around it, so a run of base64 characters is decoded from each of
 * its first four characters, and text is taken from whatever place of the bytes
 * that come out, binary data around it or not.
 */
#include "policy/fold.h"
#include "policy/view_steps.h"
#include "proxy/base/json_scan.h"

/* Characters of text that count: where the bytes around them are none, in
   random data, or where the most of it all is such text. */
struct measure {
	size_t text; /* of ASCII and UTF-8 */
	size_t wide; /* of UTF-16, two bytes each, one of them 0 */
};

/* In random data one place in 26,000 begins with 10, so that each picture has
   some; one in two thousand million with 24. */
static const struct measure in_text = { 10, 6 }, in_binary = { 24, 12 };

/* Beside the values of base64 characters: no such character; a line break,
   which decoders pass over. */
enum { OTHER = 64, BREAK };

/* Source: RFC 4648, sections 4 and 5. */
/* clang-format off */
static const unsigned char sextets[256] = {
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 65, 64, 64, 65, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 62, 64, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64,
	64,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 63,
	64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
};
/* clang-format on */

static unsigned char
sextet(char c)
{
	return sextets[(unsigned char)c];
}

/* Bytes of text at p, one character at a time. */
static size_t
text_len(const unsigned char *p, size_t left)
{
	uint32_t cp;

	if ((*p >= ' ' && *p < 0x7f) || *p == '\t' || *p == '\n' || *p == '\r')
		return 1;
	return *p >= 0x80 ? json_utf8(p, left, &cp) : 0;
}

/* Bytes of text from p on; *ret_chars is how many characters they are. */
static size_t
text_run(const unsigned char *p, const unsigned char *end, size_t *ret_chars)
{
	const unsigned char *start = p;
	size_t len, chars = 0;

	for (; p < end && (len = text_len(p, (size_t)(end - p))) > 0; chars++)
		p += len;
	*ret_chars = chars;
	return (size_t)(p - start);
}

/* Characters of UTF-16 with a low byte of text at p, its order told by which
   byte is 0. */
static size_t
wide_run(const unsigned char *p, const unsigned char *end, size_t low)
{
	const unsigned char *start = p;

	while (end - p >= 2 && p[1 - low] == 0 && p[low] < 0x80 &&
	       text_len(p + low, 1) == 1)
		p += 2;
	return (size_t)(p - start) / 2;
}

/* Appends n characters of stride bytes each, and a line feed. */
static void
add_text(struct buf *out, const unsigned char *p, size_t n, size_t stride)
{
	buf_must(buf_reserve(out, n + 1));
	for (size_t i = 0; i < n; i++)
		out->at[out->len++] = (char)p[i * stride];
	out->at[out->len++] = '\n';
}

/*
 * Is the byte at p, which has another before it, part of no text, UTF-16
 * included?  Then no text is around it, and what is before it need not be read.
 */
static bool
never_text(const unsigned char *p, const unsigned char *end)
{
	if (*p < 0x80)
		return *p != 0 && text_len(p, 1) == 0;
	if (*p >= 0xc0)
		return end - p < 2 || (p[1] & 0xc0) != 0x80;
	return p[-1] < 0x80;
}

/*
 * Are there 24 bytes in a row of which the most are letters and spaces?  Tables
 * of fonts and pictures have runs of digits and signs that look like code.
 */
static bool
readable(const unsigned char *p, size_t n)
{
	static const size_t window = 24;
	size_t words = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = p[i], l = fold_ascii(c);

		words += c == ' ' || c >= 0x80 || (l >= 'a' && l <= 'z');
		if (i + 1 >= window && words > window / 2)
			return true;
		if (i + 1 < window)
			continue;
		c = p[i + 1 - window];
		l = fold_ascii(c);
		words -= c == ' ' || c >= 0x80 || (l >= 'a' && l <= 'z');
	}
	return false;
}

/* Appends to out, unless it is NULL, the texts of raw that m lets count;
   returns how many bytes of raw they are. */
static size_t
take_texts(struct buf *out, struct slice raw, const struct measure *m)
{
	const unsigned char *p = (const unsigned char *)raw.at;
	const unsigned char *end = p + raw.len;
	size_t taken = 0;

	while (p < end) {
		size_t low = *p == 0, wide, n, chars;

		if ((size_t)(end - p) >= m->text &&
		    never_text(p + m->text - 1, end)) {
			p += m->text;
			continue;
		}
		wide = wide_run(p, end, low);
		if (wide >= m->wide) {
			if (out != NULL)
				add_text(out, p + low, wide, 2);
			taken += 2 * wide;
			p += 2 * wide;
			continue;
		}
		n = text_run(p, end, &chars);
		if (chars >= m->text && (m == &in_text || readable(p, n))) {
			if (out != NULL)
				add_text(out, p, n, 1);
			taken += n;
		}
		p += n > 0 ? n : 1;
	}
	return taken;
}

/* mostly: only if the most of raw is text. */
static void
add_texts(struct buf *out, struct slice raw, bool mostly)
{
	size_t text = take_texts(NULL, raw, &in_text);

	if (text > 0 && text >= raw.len / 2)
		(void)take_texts(out, raw, &in_text);
	else if (text > 0 && !mostly)
		(void)take_texts(out, raw, &in_binary);
}

void
view_texts(struct buf *out, struct slice raw)
{
	add_texts(out, raw, false);
}

/* Decodes a run of base64 from its sextet number `skip` on. */
static void
from_base64(struct slice run, size_t skip, struct buf *raw)
{
	unsigned char *w = (unsigned char *)view_room(raw, run.len);
	unsigned bits = 0, have = 0;

	for (size_t i = 0; i < run.len; i++) {
		unsigned char v = sextet(run.at[i]);

		if (v >= OTHER)
			continue;
		if (skip > 0) {
			skip--;
			continue;
		}
		bits = bits << 6 | v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			*w++ = (unsigned char)(bits >> have);
		}
	}
	raw->len = (size_t)((char *)w - raw->at);
}

/* The same for hexadecimal digits; false if there is anything else. */
static bool
from_hex(struct slice run, size_t skip, struct buf *raw)
{
	char *w = view_room(raw, run.len);
	int high = -1;

	for (size_t i = 0; i < run.len; i++) {
		int digit = fold_hex(run.at[i]);

		if (digit == -1 && sextet(run.at[i]) != BREAK)
			return false;
		if (digit == -1)
			continue;
		if (skip > 0) {
			skip--;
		} else if (high == -1) {
			high = digit;
		} else {
			*w++ = (char)(unsigned char)(high << 4 | digit);
			high = -1;
		}
	}
	raw->len = (size_t)(w - raw->at);
	return true;
}

/* Appends the texts of one run. */
static void
add_run(struct buf *out, struct slice run, struct buf *raw)
{
	size_t found = out->len;
	bool hex = true;

	for (size_t skip = 0; hex && skip < 2 && out->len == found; skip++) {
		hex = from_hex(run, skip, raw);
		if (hex)
			view_texts(out, buf_slice(raw));
	}
	/* As base64 they hold no words: of three bytes the first, if it is a
	   letter, is behind "g", and the third behind "s". */
	if (hex)
		return;
	for (size_t skip = 0; skip < 4; skip++) {
		from_base64(run, skip, raw);
		/* The tables of a font, read askew, are letters too. */
		add_texts(out, buf_slice(raw), skip > 0);
		/* All of it is one text: the other three are none. */
		if (out->len - found == raw->len + 1)
			break;
	}
}

/*
 * The next run that begins at *at or later: true with *ret, and *at behind it.
 * Of VIEW_RUN bytes in a row one is looked at, and its neighbours if it is in
 * the alphabet.
 */
static bool
next_run(struct slice in, size_t *at, struct slice *ret)
{
	size_t i = *at;

	while (in.len - i >= VIEW_RUN) {
		size_t p = i + VIEW_RUN - 1, first = p, end = p;

		if (sextet(in.at[p]) == OTHER) {
			i = p + 1;
			continue;
		}
		while (first > i && sextet(in.at[first - 1]) != OTHER)
			first--;
		while (end < in.len && sextet(in.at[end]) != OTHER)
			end++;
		if (end - first >= VIEW_RUN) {
			*ret = (struct slice){ in.at + first, end - first };
			*at = end;
			return true;
		}
		i = end;
	}
	return false;
}

bool
view_decode(struct slice in, struct buf *out)
{
	struct slice run;
	struct buf raw;
	size_t at = 0;

	out->len = 0;
	/* Four alignments of base64 and two of hexadecimal digits, and a line
	   feed to each text. */
	out->max = 6 * in.len;
	buf_init(&raw, in.len);
	while (next_run(in, &at, &run))
		add_run(out, run, &raw);
	buf_release(&raw);
	return out->len > 0;
}
