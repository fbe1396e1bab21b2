/*
 * Untrusted text made safe to show.  What comes out holds no control byte, so
 * it can neither move a cursor nor forge a line of a log.
 */
#include "proxy/base/quote.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The longest escape that one byte becomes: \xNN and a NUL. */
#define ESCAPE_MAX 5

static size_t
escape(char out[ESCAPE_MAX], unsigned char c)
{
	static const char named[] = "\nn\rr\tt\\\\";

	for (size_t i = 0; i + 1 < sizeof(named); i += 2)
		if (c == (unsigned char)named[i]) {
			out[0] = '\\';
			out[1] = named[i + 1];
			return 2;
		}
	if (c >= 0x20 && c < 0x7f) {
		out[0] = (char)c;
		return 1;
	}
	return (size_t)snprintf(out, ESCAPE_MAX, "\\x%02x", c);
}

/* Bytes of the well-formed UTF-8 sequence at p, or 0. */
static size_t
utf8_len(const unsigned char *p, size_t len, uint32_t *ret_cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
	uint32_t cp;

	if (n == 0 || n > len || p[0] > 0xf4)
		return 0;
	cp = p[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (p[i] & 0x3fU);
	}
	if (cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		return 0;
	*ret_cp = cp;
	return n;
}

/* Code points that show nothing, reorder text or end a line. */
static bool
is_unseen(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} unseen[] = {
		{ 0x80, 0x9f },
		{ 0xad, 0xad },
		{ 0x34f, 0x34f },
		{ 0x61c, 0x61c },
		{ 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 },
		{ 0x180b, 0x180f },
		{ 0x200b, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0x3164, 0x3164 },
		{ 0xe000, 0xf8ff },
		{ 0xfe00, 0xfe0f },
		{ 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb },
		{ 0xe0000, 0x10ffff },
	};

	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (cp >= unseen[i].first && cp <= unseen[i].last)
			return true;
	return false;
}

static char *
quote_text(char *dst, size_t size, struct slice text, bool keep_utf8)
{
	const unsigned char *p = (const unsigned char *)text.at;
	size_t done = 0, out = 0, cut = 0;

	assert(size >= 8);
	while (done < text.len) {
		char one[ESCAPE_MAX];
		uint32_t cp = 0;
		size_t n, used = 1;
		const char *from = one;

		n = keep_utf8 ? utf8_len(p + done, text.len - done, &cp) : 0;
		if (n > 0 && !is_unseen(cp)) {
			used = n;
			from = text.at + done;
		} else {
			n = escape(one, p[done]);
		}
		if (out + n >= size) {
			memcpy(dst + cut, "...", 4);
			return dst;
		}
		memcpy(dst + out, from, n);
		out += n;
		if (out + 4 <= size)
			cut = out; /* "..." fits behind this byte */
		done += used;
	}
	dst[out] = '\0';
	return dst;
}

char *
quote(char *dst, size_t size, struct slice text)
{
	return quote_text(dst, size, text, false);
}

char *
quote_utf8(char *dst, size_t size, struct slice text)
{
	return quote_text(dst, size, text, true);
}
