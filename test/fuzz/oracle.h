#ifndef FUZZ_ORACLE_H
#define FUZZ_ORACLE_H

/*
 * jansson as the oracle of our reader, for the fuzzer and for the test that
 * runs JSONTestSuite.  Both libraries have names for kinds of values; here
 * jansson's get another prefix.
 */
#define JSON_OBJECT JANSSON_OBJECT
#define JSON_ARRAY JANSSON_ARRAY
#define JSON_STRING JANSSON_STRING
#define JSON_INTEGER JANSSON_INTEGER
#define JSON_REAL JANSSON_REAL
#define JSON_TRUE JANSSON_TRUE
#define JSON_FALSE JANSSON_FALSE
#define JSON_NULL JANSSON_NULL
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_INTEGER
#undef JSON_REAL
#undef JSON_TRUE
#undef JSON_FALSE
#undef JSON_NULL

#include <errno.h>
#include <stdlib.h>

#include "proxy/base/json.h"

/* How jansson is to read: strict, whole texts of any kind. */
#define ORACLE_FLAGS (JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES)

static inline json_t *
oracle_read(struct slice text, json_error_t *ret_why)
{
	return json_loadb(text.at, text.len, ORACLE_FLAGS, ret_why);
}

/*
 * What jansson refuses though RFC 8259 allows it and we take it: numbers beyond
 * its types, and a NUL in a key.
 */
static inline bool
oracle_may_refuse(const json_error_t *why)
{
	switch (json_error_code(why)) {
	case json_error_numeric_overflow:
	case json_error_null_byte_in_key:
		return true;
	default:
		return false;
	}
}

/* What jansson takes though it must not: a NUL right behind a number. */
static inline bool
oracle_may_accept(struct slice text)
{
	return text.len > 0 && memchr(text.at, '\0', text.len) != NULL;
}

static inline bool
oracle_same_number(struct slice raw, const json_t *want)
{
	char *text = strndup(raw.at, raw.len);
	bool same = false;

	if (text == NULL)
		abort();
	if (json_typeof(want) == JANSSON_INTEGER)
		same = strtoll(text, NULL, 10) == json_integer_value(want);
	else if (json_typeof(want) == JANSSON_REAL) /* the same bits */
		same = !(strtod(text, NULL) < json_real_value(want)) &&
		       !(strtod(text, NULL) > json_real_value(want));
	free(text);
	return same;
}

/* One value that holds no other. */
static inline bool
oracle_same_scalar(
    const struct json *doc, json_at at, const json_t *want, struct buf *scratch)
{
	struct slice text;

	switch (json_kind(doc, at)) {
	case JSON_NULL:
		return json_typeof(want) == JANSSON_NULL;
	case JSON_FALSE:
		return json_typeof(want) == JANSSON_FALSE;
	case JSON_TRUE:
		return json_typeof(want) == JANSSON_TRUE;
	case JSON_NUMBER:
		return oracle_same_number(json_raw(doc, at), want);
	case JSON_STRING:
		if (json_typeof(want) != JANSSON_STRING)
			return false;
		text = json_text(doc, at, scratch);
		return slice_eq(text, (struct slice){ json_string_value(want),
					  json_string_length(want) });
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	return false;
}

static inline bool
oracle_same(
    const struct json *doc, json_at at, json_t *want, struct buf *scratch)
{
	bool object = json_is(doc, at, JSON_OBJECT);
	size_t n = 0;

	if (json_kind(doc, at) < JSON_ARRAY)
		return oracle_same_scalar(doc, at, want, scratch);
	if (json_typeof(want) != (object ? JANSSON_OBJECT : JANSSON_ARRAY))
		return false;
	for (json_at item = json_first(doc, at); item != JSON_NONE;
	     item = json_sibling(doc, at, item), n++) {
		struct slice key;
		json_t *value;

		if (object) {
			key = json_text(doc, item, scratch);
			value = json_object_getn(want, key.at, key.len);
		} else {
			value = json_array_get(want, n);
		}
		if (value == NULL ||
		    !oracle_same(doc, object ? item + 1 : item, value, scratch))
			return false;
	}
	return n == (object ? json_object_size(want) : json_array_size(want));
}

#endif
