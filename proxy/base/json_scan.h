#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

/*
 * What the files of the JSON reader share: how a string is passed over quickly,
 * how UTF-8 and escapes are told.  The stages that read text take the latter
 * from here too: what is UTF-8 to one and not to another is a way round.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "proxy/base/json.h"

/* JSON_NO_SSE2 lets a test run the portable way where both exist. */
#if defined(__SSE2__) && !defined(JSON_NO_SSE2)
#define JSON_SSE2 1
#include <emmintrin.h>
#else
#define JSON_SSE2 0
#endif

/* Bytes of one allocation that json_clear() keeps for the next text. */
#define JSON_KEEP 65536U

/* A byte that stands for itself in a string. */
static inline bool
json_is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static inline bool
json_is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline bool
json_is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/*
 * The first byte of [p, end) that is not plain: a quote, a backslash, a
 * control character or a part of a longer one; or end.
 */
static inline const unsigned char *
json_scan(const unsigned char *p, const unsigned char *end)
{
#if JSON_SSE2
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i slash = _mm_set1_epi8('\\');
	const __m128i space = _mm_set1_epi8(' ');

	while (end - p >= 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		/* Signed: bytes from 0x80 on are below the space as well. */
		__m128i hit = _mm_or_si128(_mm_cmplt_epi8(v, space),
		    _mm_or_si128(
			_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)));
		unsigned mask = (unsigned)_mm_movemask_epi8(hit);

		if (mask != 0)
			return p + __builtin_ctz(mask);
		p += 16;
	}
#else
	const uint64_t ones = UINT64_MAX / 0xff;

	while (end - p >= 8) {
		uint64_t v, quote, slash;

		memcpy(&v, p, sizeof(v));
		quote = v ^ ones * '"';
		slash = v ^ ones * '\\';
		/* Exact as to whether there is a hit, not as to where. */
		if ((((v - ones * 0x20) & ~v) | ((quote - ones) & ~quote) |
			((slash - ones) & ~slash) | v) &
		    ones * 0x80)
			break;
		p += 8;
	}
#endif
	while (p < end && json_is_plain(*p))
		p++;
	return p;
}

/*
 * The sequence of two bytes or more at p: its length and its code point, or 0
 * where it is cut, overlong, a surrogate or beyond U+10FFFF.
 * Source: RFC 3629, section 4.
 */
static inline size_t
json_utf8(const unsigned char *p, size_t left, uint32_t *ret_cp)
{
	uint32_t cp, tails;

	if (p[0] >= 0xe0 && p[0] < 0xf0 && left >= 3) {
		tails = (p[1] ^ 0x80U) | (p[2] ^ 0x80U);
		cp = (p[0] & 0xfU) << 12 | (p[1] & 0x3fU) << 6 | (p[2] & 0x3fU);
		*ret_cp = cp;
		return tails < 0x40 && cp >= 0x800 && (cp & 0xf800) != 0xd800
			   ? 3
			   : 0;
	}
	if (p[0] >= 0xc2 && p[0] < 0xe0 && left >= 2) {
		*ret_cp = (p[0] & 0x1fU) << 6 | (p[1] & 0x3fU);
		return (p[1] ^ 0x80U) < 0x40 ? 2 : 0;
	}
	if (p[0] >= 0xf0 && p[0] < 0xf5 && left >= 4) {
		tails = (p[1] ^ 0x80U) | (p[2] ^ 0x80U) | (p[3] ^ 0x80U);
		cp = (p[0] & 7U) << 18 | (p[1] & 0x3fU) << 12 |
		     (p[2] & 0x3fU) << 6 | (p[3] & 0x3fU);
		*ret_cp = cp;
		return tails < 0x40 && cp >= 0x10000 && cp < 0x110000 ? 4 : 0;
	}
	return 0;
}

/* Characters that end a line for some readers, beside CR and LF. */
static inline bool
json_ends_line(uint32_t cp)
{
	return cp == 0x85 || (cp | 1) == 0x2029;
}

/* The value of four hexadecimal digits, or -1. */
static inline int32_t
json_hex4(const unsigned char *p)
{
	int32_t value = 0;

	for (int i = 0; i < 4; i++) {
		unsigned c = p[i], low = c | 0x20;

		if (c >= '0' && c <= '9')
			value = value << 4 | (int32_t)(c - '0');
		else if (low >= 'a' && low <= 'f')
			value = value << 4 | (int32_t)(low - 'a' + 10);
		else
			return -1;
	}
	return value;
}

enum json_half { JSON_WHOLE, JSON_HIGH, JSON_LOW };

/* Is a UTF-16 unit a character, or which half of a surrogate pair? */
static inline enum json_half
json_half(int32_t unit)
{
	if ((unit & 0xf800) != 0xd800)
		return JSON_WHOLE;
	return (unit & 0x400) == 0 ? JSON_HIGH : JSON_LOW;
}

/*
 * One escape of a string that was read, p at its backslash: *ret_len bytes of
 * UTF-8 in ret.  Returns the place behind it.
 */
const unsigned char *json_unescape(const unsigned char *p,
    const unsigned char *end, char ret[4], size_t *ret_len);

/* What is between the quotes of a string, escapes as they were sent. */
static inline struct slice
json_inside(const struct json *doc, json_at at)
{
	const struct json_token *t = &doc->tok[at];

	return (struct slice){ doc->text.at + t->first + 1,
		t->end - t->first - 2U };
}

/*
 * A key of the object box, closed or not, that equals an earlier one; or
 * JSON_NONE.  end is the token behind its last member.
 */
json_at json_keys_repeated(struct json *doc, json_at box, json_at end);
void json_keys_free(struct json_keys *keys); /* accepts NULL */
/* Bytes that it holds. */
size_t json_keys_size(const struct json_keys *keys);

#endif
