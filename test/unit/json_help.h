#ifndef UNIT_JSON_HELP_H
#define UNIT_JSON_HELP_H

/*
 * What the tests of the JSON reader share.  A case's text is a literal whose
 * length the compiler knows, for it may hold NUL bytes.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/json.h"
#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

#define TEXT(s)                                                                \
	{                                                                      \
		s, sizeof(s) - 1                                               \
	}

static const struct json_limits wide = { LIMIT_FRAME_BYTES_MAX, LIMIT_DEPTH_MAX,
	LIMIT_TOKENS_MAX, false };
static const struct json_limits lenient = { LIMIT_FRAME_BYTES_MAX,
	LIMIT_DEPTH_MAX, LIMIT_TOKENS_MAX, true };

/*
 * Reads a copy that ends where the text ends, so that a sanitizer sees a byte
 * read too many; the caller frees it.
 */
static inline char *
read_copy(struct json *doc, struct slice text, const struct json_limits *limits,
    struct error *err)
{
	char *copy = xmalloc(text.len);

	if (text.len > 0)
		memcpy(copy, text.at, text.len);
	(void)json_read(doc, (struct slice){ copy, text.len }, limits, err);
	return copy;
}

static inline void
read_ok(struct json *doc, struct slice text, const struct json_limits *limits)
{
	struct error err = { "" };

	ck_assert_msg(json_read(doc, text, limits, &err) == 0, "%.*s: %s",
	    (int)(text.len < 60 ? text.len : 60), text.at, err.msg);
}

static inline void
slice_is_text(struct slice got, const char *want, const char *label)
{
	ck_assert_msg(slice_is(got, want), "%s: got '%.*s', not '%s'", label,
	    (int)got.len, got.at, want);
}

#endif
