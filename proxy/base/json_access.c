/*
 * Reading the tape: walks, strings without their escapes, members by name,
 * whole numbers.  Nothing here changes a text, and every place that is given
 * is one that json_read() left.
 */
#include <assert.h>
#include <stdlib.h>

#include "proxy/base/json.h"
#include "proxy/base/json_scan.h"

void
json_init(struct json *doc)
{
	*doc = (struct json){ .fault = JSON_OK };
}

void
json_release(struct json *doc)
{
	free(doc->tok);
	json_keys_free(doc->keys);
	*doc = (struct json){ .fault = JSON_OK };
}

void
json_clear(struct json *doc)
{
	doc->text = (struct slice){ NULL, 0 };
	doc->ntok = 0;
	doc->unsafe = 0;
	if (doc->cap * sizeof(*doc->tok) > JSON_KEEP) {
		free(doc->tok);
		doc->tok = NULL;
		doc->cap = 0;
	}
	if (json_keys_size(doc->keys) > JSON_KEEP) {
		json_keys_free(doc->keys);
		doc->keys = NULL;
	}
}

json_at
json_first(const struct json *doc, json_at box)
{
	const struct json_token *t = &doc->tok[box];

	if (t->kind < JSON_ARRAY || t->next == box + 1)
		return JSON_NONE;
	return box + 1;
}

json_at
json_sibling(const struct json *doc, json_at box, json_at at)
{
	const struct json_token *t = &doc->tok[box];
	json_at next = doc->tok[t->kind == JSON_OBJECT ? at + 1 : at].next;

	return next < t->next ? next : JSON_NONE;
}

static size_t
put_utf8(char *ret, uint32_t cp)
{
	if (cp < 0x80) {
		ret[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		ret[0] = (char)(0xc0 | cp >> 6);
		ret[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		ret[0] = (char)(0xe0 | cp >> 12);
		ret[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		ret[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	ret[0] = (char)(0xf0 | cp >> 18);
	ret[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	ret[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	ret[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

const unsigned char *
json_unescape(const unsigned char *p, const unsigned char *end, char ret[4],
    size_t *ret_len)
{
	static const char named[] = "b\bf\fn\nr\rt\t";
	int32_t unit, low = -1;

	*ret_len = 1;
	ret[0] = (char)p[1];
	if (p[1] != 'u') {
		for (size_t i = 0; i + 1 < sizeof(named); i += 2)
			if (p[1] == (unsigned char)named[i])
				ret[0] = named[i + 1];
		return p + 2;
	}
	unit = json_hex4(p + 2);
	p += 6;
	if (json_half(unit) == JSON_HIGH && end - p >= 6 && p[0] == '\\' &&
	    p[1] == 'u')
		low = json_hex4(p + 2);
	if (low != -1 && json_half(low) == JSON_LOW) {
		*ret_len =
		    put_utf8(ret, 0x10000U + (((uint32_t)unit & 0x3ff) << 10 |
						 ((uint32_t)low & 0x3ff)));
		return p + 6;
	}
	if (json_half(unit) != JSON_WHOLE)
		unit = 0xfffd; /* alone */
	*ret_len = put_utf8(ret, (uint32_t)unit);
	return p;
}

struct slice
json_text(const struct json *doc, json_at at, struct buf *scratch)
{
	struct slice raw = json_inside(doc, at);
	const unsigned char *p = (const unsigned char *)raw.at;
	const unsigned char *end = p + raw.len, *stop;
	int rc;

	assert(doc->tok[at].kind == JSON_STRING);
	if (!doc->tok[at].escaped)
		return raw;
	scratch->len = 0;
	/* No escape is longer than it was; so nothing below can fail. */
	rc = buf_reserve(scratch, raw.len);
	assert(rc == 0);
	(void)rc;
	while ((stop = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		size_t len = (size_t)(stop - p);
		char one[4];

		memcpy(scratch->at + scratch->len, p, len);
		scratch->len += len;
		p = json_unescape(stop, end, one, &len);
		memcpy(scratch->at + scratch->len, one, len);
		scratch->len += len;
	}
	memcpy(scratch->at + scratch->len, p, (size_t)(end - p));
	scratch->len += (size_t)(end - p);
	return buf_slice(scratch);
}

bool
json_equals(const struct json *doc, json_at at, struct slice s)
{
	struct slice raw = json_inside(doc, at);
	const unsigned char *p = (const unsigned char *)raw.at;
	const unsigned char *end = p + raw.len;
	size_t done = 0;

	assert(doc->tok[at].kind == JSON_STRING);
	if (!doc->tok[at].escaped)
		return slice_eq(raw, s);
	while (p < end) {
		char one[4] = { (char)*p };
		size_t len = 1;

		if (*p == '\\')
			p = json_unescape(p, end, one, &len);
		else
			p++;
		if (s.len - done < len || memcmp(s.at + done, one, len) != 0)
			return false;
		done += len;
	}
	return done == s.len;
}

json_at
json_get(const struct json *doc, json_at object, const char *key)
{
	struct slice name = slice_of(key);

	if (!json_is(doc, object, JSON_OBJECT))
		return JSON_NONE;
	for (json_at at = json_first(doc, object); at != JSON_NONE;
	     at = json_sibling(doc, object, at))
		if (json_equals(doc, at, name))
			return at + 1;
	return JSON_NONE;
}

/* The exponent of a number whose "e" is before p, bounded. */
static int64_t
exponent(const char *p, const char *end)
{
	const int64_t most = INT64_C(1) << 40; /* no text has as many digits */
	bool minus = *p == '-';
	int64_t value = 0;

	for (p += *p == '-' || *p == '+'; p < end; p++)
		if (value < most)
			value = value * 10 + (*p - '0');
	return minus ? -value : value;
}

/* value * 10^n + digit, false where it does not fit. */
static bool
scale_up(uint64_t *value, int64_t n, unsigned digit)
{
	if (*value == 0)
		n = 0;
	for (; n > 0; n--)
		if (__builtin_mul_overflow(*value, 10U, value))
			return false;
	return !__builtin_add_overflow(*value, digit, value);
}

/*
 * 7, 7.0, 70e-1 and 0.7e1 are the same number to whoever reads them, so they
 * are one here.  The zeros at the end of the digits are held back: whether
 * they count is known when the exponent is.
 */
bool
json_int(const struct json *doc, json_at at, int64_t *ret)
{
	const char *p, *end;
	bool minus, point = false;
	int64_t zeros = 0, shift = 0;
	uint64_t value = 0;

	if (!json_is(doc, at, JSON_NUMBER))
		return false;
	p = json_raw(doc, at).at;
	end = p + json_raw(doc, at).len;
	minus = *p == '-';
	for (p += minus; p < end && (*p | 0x20) != 'e'; p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		shift -= point;
		if (*p == '0') {
			zeros++;
			continue;
		}
		if (!scale_up(&value, zeros + 1, (unsigned)(*p - '0')))
			return false;
		zeros = 0;
	}
	if (p < end)
		shift += exponent(p + 1, end);
	if (value != 0 &&
	    (shift + zeros < 0 || !scale_up(&value, shift + zeros, 0)))
		return false;
	if (value > (uint64_t)INT64_MAX + minus)
		return false;
	/* Negated unsigned: the smallest has no positive counterpart. */
	*ret = (int64_t)(minus ? 0 - value : value);
	return true;
}

const char *
json_fault_name(enum json_fault fault)
{
	switch (fault) {
	case JSON_OK:
		return "no fault";
	case JSON_SYNTAX:
		return "not JSON";
	case JSON_BOM:
		return "byte order mark";
	case JSON_NUL:
		return "NUL byte";
	case JSON_UTF8:
		return "not UTF-8";
	case JSON_SURROGATE:
		return "lone surrogate";
	case JSON_DUPLICATE:
		return "duplicate key";
	case JSON_TOO_DEEP:
		return "nested too deep";
	case JSON_TOO_MANY:
		return "too many values";
	case JSON_TOO_LONG:
		return "too long";
	}
	return "unknown fault";
}
