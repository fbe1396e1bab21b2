/*
 * The encodings in which dots and slashes of a path are hidden.  Readers that
 * undo one of them, once, are common; which one reads next is not known here,
 * so all are undone until nothing changes.
 */
#include <string.h>

#include "policy/fold.h"
#include "policy/pathname.h"
#include "proxy/base/array.h"

/* Each round undoes one layer of each encoding; no reader has more. */
#define ROUNDS 6

/*
 * What is taken for a separator or a dot.  Two of them are private characters
 * that code pages of Windows make into a slash.
 */
static const struct {
	unsigned cp;
	const char *ascii;
} lookalikes[] = {
	{ 0x2024, "." }, /* one dot leader */
	{ 0x2025, ".." }, /* two dot leader */
	{ 0x2044, "/" }, /* fraction slash */
	{ 0x2215, "/" }, /* division slash */
	{ 0x2216, "\\" }, /* set minus */
	{ 0x2571, "/" }, /* box drawings diagonal */
	{ 0x2572, "\\" },
	{ 0x29f5, "\\" }, /* reverse solidus operator */
	{ 0x29f8, "/" }, /* big solidus */
	{ 0x29f9, "\\" },
	{ 0xefc8, "\\" },
	{ 0xf025, "/" },
	{ 0xfe52, "." }, /* small full stop */
	{ 0xfe68, "\\" }, /* small reverse solidus */
	{ 0xff0e, "." }, /* fullwidth forms */
	{ 0xff0f, "/" },
	{ 0xff3c, "\\" },
	{ 0xff5e, "~" },
};

static const char *
lookalike(unsigned cp)
{
	for (size_t i = 0; i < nitems(lookalikes); i++)
		if (lookalikes[i].cp == cp)
			return lookalikes[i].ascii;
	return NULL;
}

/* The value of n hexadecimal digits, or -1. */
static int
hex(const char *p, const char *end, int n)
{
	int value = 0;

	if (end - p < n)
		return -1;
	for (int i = 0; i < n; i++) {
		int digit = fold_hex(p[i]);

		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* One step: how much of p was read, and the bytes that it stands for. */
struct step {
	size_t in, out;
	char bytes[4];
};

static struct step
made(size_t in, const char *bytes)
{
	struct step s = { .in = in, .out = strlen(bytes) };

	memcpy(s.bytes, bytes, s.out);
	return s;
}

static struct step
percent(const char *p, const char *end)
{
	struct step s = { .in = 1, .out = 1, .bytes = "%" };
	int value = hex(p + 1, end, 2);

	if (value >= 0) {
		s.in = 3;
		s.bytes[0] = (char)value;
		return s;
	}
	if (end - p < 6 || (p[1] != 'u' && p[1] != 'U') ||
	    (value = hex(p + 2, end, 4)) < 0)
		return s;
	if (lookalike((unsigned)value) != NULL)
		return made(6, lookalike((unsigned)value));
	/* Readers that keep the low byte alone take U+012E for a dot. */
	s.in = 6;
	s.bytes[0] = (char)(value & 0xff);
	return s;
}

/*
 * A sequence of UTF-8 that stands for ASCII: overlong, or with a second byte
 * that is none, as decoders without a check take it.
 */
static struct step
overlong(const char *p, const char *end)
{
	static const struct {
		unsigned char lead, len;
	} leads[] = { { 0xe0, 3 }, { 0xf0, 4 }, { 0xf8, 5 }, { 0xfc, 6 } };
	const unsigned char *u = (const unsigned char *)p;
	struct step s = { .in = 1, .out = 1, .bytes = { p[0] } };
	size_t left = (size_t)(end - p), n;

	if ((u[0] & 0xfe) == 0xc0 && left >= 2) {
		s.in = 2;
		if (p[1] == '.' || p[1] == '/' || p[1] == '\\')
			s.bytes[0] = p[1];
		else if (p[1] == '%' && left >= 4 && hex(p + 2, end, 2) < 0)
			s = made(4, "/"); /* %c0%qf, %c1%8s */
		else
			s.bytes[0] = (char)((u[0] & 1) << 6 | (u[1] & 0x3f));
		return s;
	}
	for (size_t i = 0; i < nitems(leads); i++) {
		n = leads[i].len;
		if (u[0] != leads[i].lead || left < n ||
		    (u[n - 2] | 1) != 0x81 || (u[n - 1] & 0xc0) != 0x80)
			continue;
		for (size_t k = 1; k + 2 < n; k++)
			if (u[k] != 0x80)
				return s;
		s.in = n;
		s.bytes[0] = (char)((u[n - 2] & 1) << 6 | (u[n - 1] & 0x3f));
		return s;
	}
	if (left >= 3 && (u[0] & 0xf0) == 0xe0) {
		const char *ascii = lookalike(
		    (u[0] & 0xfU) << 12 | (u[1] & 0x3fU) << 6 | (u[2] & 0x3fU));

		if (ascii != NULL)
			return made(3, ascii);
	}
	return s;
}

/* "0x2e", "0x2f" and "0x5c", which some filters of web servers leave. */
static struct step
prefixed(const char *p, const char *end)
{
	struct step s = { .in = 1, .out = 1, .bytes = { p[0] } };
	int value;

	if (end - p < 4 || (p[1] | 0x20) != 'x')
		return s;
	value = hex(p + 2, end, 2);
	if (value == '.' || value == '/' || value == '\\') {
		s.in = 4;
		s.bytes[0] = (char)value;
	}
	return s;
}

/* One round in place: what is written is never longer than what was read. */
static size_t
round_of(char *text, size_t len)
{
	const char *p = text, *end = text + len;
	char *out = text;

	while (p < end) {
		struct step s = { .in = 1, .out = 1, .bytes = { *p } };

		if (*p == '%')
			s = percent(p, end);
		else if (*p == '0')
			s = prefixed(p, end);
		else if ((unsigned char)*p >= 0x80)
			s = overlong(p, end);
		p += s.in;
		for (size_t i = 0; i < s.out; i++)
			*out++ = s.bytes[i];
	}
	return (size_t)(out - text);
}

/* "2f" or "5c" at p: the slash that lost its percent sign, or 0. */
static char
bare(const char *p, const char *end)
{
	int value = hex(p, end, 2);

	return value == '/' || value == '\\' ? (char)value : 0;
}

/*
 * "..2f..2fetc2fpasswd": somebody took the percent signs out.  It takes two of
 * them, the first behind "..", for "..2f" alone begins a range of commits.
 */
static size_t
restore(char *text, size_t len)
{
	const char *end = text + len, *p = text;
	char *out = text;
	bool starts = false;
	size_t n = 0;

	for (size_t i = 0; i + 1 < len; i++) {
		if (bare(text + i, end) == 0)
			continue;
		n++;
		starts = starts || (n == 1 && i >= 2 && text[i - 1] == '.' &&
				       text[i - 2] == '.' &&
				       (i == 2 || text[i - 3] == '/'));
	}
	if (!starts || n < 2)
		return len;
	while (p < end) {
		char slash = bare(p, end);

		*out++ = slash != 0 ? slash : *p;
		p += slash != 0 ? 2 : 1;
	}
	return (size_t)(out - text);
}

bool
pathname_coded(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		char next;

		if (c > '%' && c < 0x80 && c != '0' && c != '2' && c != '5')
			continue;
		next = i + 1 < text.len ? text.at[i + 1] : '\0';
		if (c == '%' || c >= 0x80 || (c == '0' && (next | 0x20) == 'x'))
			return true;
		if (i >= 2 && (c == '2' || c == '5') && fold_hex(next) >= 12 &&
		    text.at[i - 1] == '.' && text.at[i - 2] == '.')
			return true;
	}
	return false;
}

size_t
pathname_decode(struct slice text, char out[PATHNAME_DECODE_MAX])
{
	size_t len = text.len, before;

	memcpy(out, text.at, len);
	for (int i = 0; i < ROUNDS; i++) {
		before = len;
		len = round_of(out, len);
		/* Every step that changes anything makes it shorter. */
		if (len == before)
			break;
	}
	return restore(out, len);
}
