/*
 * The JSON reader: one strict pass over a text that leaves a tape of tokens.
 * Strings stay in the text until somebody asks for them, numbers for ever.
 * While a container is open its token's next holds the container around it, so
 * nesting needs no stack, neither the machine's nor one of our own.
 */
#include "proxy/base/json.h"

#include <assert.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/json_scan.h"
#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"

/* The tape of common frames; json_clear() leaves it allocated. */
#define FIRST_TOKENS ((uint32_t)(JSON_KEEP / sizeof(struct json_token)))

/* What is around the outermost value; no index of a token. */
#define NO_BOX 0xfffffffU

static_assert(sizeof(struct json_token) == 12, "12 bytes a token");
static_assert(LIMIT_TOKENS_MAX < NO_BOX, "indices fit, and leave one over");

struct reader {
	struct json *doc;
	const unsigned char *base, *end;
	const unsigned char *bad; /* where the fault is */
	json_at box; /* the innermost open container, or NO_BOX */
	uint32_t ntok, room; /* tokens in use; to be used before grow() */
	uint32_t depth;
	bool in_object; /* box is one */
	const struct json_limits *limits;
};

static const unsigned char *
fail(struct reader *rd, const unsigned char *p, enum json_fault fault)
{
	rd->doc->fault = fault;
	rd->bad = p;
	return NULL;
}

/* The byte at p, or the end, is not what the grammar has here. */
static __attribute__((cold, noinline)) const unsigned char *
unexpected(struct reader *rd, const unsigned char *p)
{
	size_t left = (size_t)(rd->end - p);
	uint32_t cp;

	if (p == rd->base && left >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		return fail(rd, p, JSON_BOM);
	if (left > 0 && *p == '\0')
		return fail(rd, p, JSON_NUL);
	if (left > 0 && *p >= 0x80 && json_utf8(p, left, &cp) == 0)
		return fail(rd, p, JSON_UTF8);
	return fail(rd, p, JSON_SYNTAX);
}

/* Room for one token more.  Doubling: memory never touched costs nothing. */
static __attribute__((cold, noinline)) bool
grow(struct reader *rd)
{
	struct json *doc = rd->doc;
	uint32_t cap = doc->cap > 0 ? doc->cap * 2 : FIRST_TOKENS;

	if (rd->ntok >= rd->limits->max_tokens)
		return false;
	if (doc->cap == rd->ntok) {
		if (cap > rd->limits->max_tokens)
			cap = rd->limits->max_tokens;
		doc->tok = xreallocarray(doc->tok, cap, sizeof(*doc->tok));
		doc->cap = cap;
	}
	rd->room = doc->cap < rd->limits->max_tokens ? doc->cap
						     : rd->limits->max_tokens;
	return true;
}

static inline uint32_t
offset(const struct reader *rd, const unsigned char *p)
{
	return (uint32_t)(p - rd->base);
}

/* Puts the token [first, end) on the tape; returns end, or NULL. */
static inline const unsigned char *
push(struct reader *rd, const unsigned char *first, const unsigned char *end,
    enum json_kind kind, uint32_t next, bool escaped)
{
	if (rd->ntok == rd->room && !grow(rd))
		return fail(rd, first, JSON_TOO_MANY);
	rd->doc->tok[rd->ntok++] = (struct json_token){
		.first = offset(rd, first),
		.end = offset(rd, end),
		.next = next & NO_BOX,
		.kind = (uint32_t)kind & 7U,
		.escaped = escaped,
	};
	return end;
}

/* White space; a CR in it is counted, for it may not be sent on. */
static inline const unsigned char *
skip_space(struct reader *rd, const unsigned char *p)
{
	while (p < rd->end && *p <= ' ' && json_is_space(*p)) {
		rd->doc->unsafe += *p == '\r';
		p++;
	}
	return p;
}

/* \u and four digits, or two such that make a pair; p at the backslash. */
static const unsigned char *
read_unit(struct reader *rd, const unsigned char *p)
{
	int32_t unit, other = -1;

	if (rd->end - p < 6 || (unit = json_hex4(p + 2)) == -1)
		return unexpected(rd, p);
	if (json_half(unit) == JSON_WHOLE)
		return p + 6;
	if (json_half(unit) == JSON_HIGH && rd->end - p >= 12 && p[6] == '\\' &&
	    p[7] == 'u')
		other = json_hex4(p + 8);
	if (other != -1 && json_half(other) == JSON_LOW)
		return p + 12;
	if (!rd->limits->lone_surrogates)
		return fail(rd, p, JSON_SURROGATE);
	rd->doc->unsafe++;
	return p + 6;
}

static const unsigned char *
read_escape(struct reader *rd, const unsigned char *p)
{
	if (rd->end - p < 2)
		return unexpected(rd, rd->end);
	switch (p[1]) {
	case '"':
	case '\\':
	case '/':
	case 'b':
	case 'f':
	case 'n':
	case 'r':
	case 't':
		return p + 2;
	case 'u':
		return read_unit(rd, p);
	default:
		return unexpected(rd, p + 1);
	}
}

/* A run of characters of more than one byte. */
static const unsigned char *
read_utf8(struct reader *rd, const unsigned char *p)
{
	uint32_t unsafe = 0;

	while (p < rd->end && *p >= 0x80) {
		uint32_t cp = 0;
		size_t len = json_utf8(p, (size_t)(rd->end - p), &cp);

		if (len == 0)
			return fail(rd, p, JSON_UTF8);
		unsafe += json_ends_line(cp);
		p += len;
	}
	rd->doc->unsafe += unsafe;
	return p;
}

/* The string whose quote is at p. */
static inline const unsigned char *
read_string(struct reader *rd, const unsigned char *p)
{
	const unsigned char *first = p++;
	bool escaped = false;

	while ((p = json_scan(p, rd->end)) < rd->end && *p != '"') {
		if (*p == '\\') {
			escaped = true;
			p = read_escape(rd, p);
		} else if (*p >= 0x80) {
			p = read_utf8(rd, p);
		} else {
			return unexpected(rd, p);
		}
		if (p == NULL)
			return NULL;
	}
	if (p == rd->end)
		return unexpected(rd, p);
	return push(rd, first, p + 1, JSON_STRING, rd->ntok + 1, escaped);
}

/* One digit or more, or NULL. */
static inline const unsigned char *
read_digits(struct reader *rd, const unsigned char *p)
{
	const unsigned char *first = p;

	while (p < rd->end && json_is_digit(*p))
		p++;
	return p > first ? p : unexpected(rd, p);
}

static inline const unsigned char *
read_number(struct reader *rd, const unsigned char *p)
{
	const unsigned char *first = p;

	if (*p == '-')
		p++;
	if (p < rd->end && *p == '0')
		p++;
	else
		p = read_digits(rd, p);
	if (p != NULL && p < rd->end && *p == '.')
		p = read_digits(rd, p + 1);
	if (p != NULL && p < rd->end && (*p | 0x20) == 'e') {
		p++;
		if (p < rd->end && (*p == '+' || *p == '-'))
			p++;
		p = read_digits(rd, p);
	}
	if (p == NULL)
		return NULL;
	return push(rd, first, p, JSON_NUMBER, rd->ntok + 1, false);
}

static const unsigned char *
read_word(struct reader *rd, const unsigned char *p)
{
	static const char *const words[] = {
		[JSON_NULL] = "null",
		[JSON_FALSE] = "false",
		[JSON_TRUE] = "true",
	};

	for (size_t i = 0; i < nitems(words); i++) {
		size_t len = strlen(words[i]);

		if ((size_t)(rd->end - p) >= len &&
		    memcmp(p, words[i], len) == 0)
			return push(rd, p, p + len, (enum json_kind)i,
			    rd->ntok + 1, false);
	}
	return unexpected(rd, p);
}

/* A key and its colon. */
static inline const unsigned char *
read_key(struct reader *rd, const unsigned char *p)
{
	if (p == rd->end || *p != '"')
		return unexpected(rd, p);
	if ((p = read_string(rd, p)) == NULL)
		return NULL;
	p = skip_space(rd, p);
	if (p == rd->end || *p != ':')
		return unexpected(rd, p);
	return p + 1;
}

/* The bracket at p ends the innermost container; returns what is behind. */
static inline const unsigned char *
close_box(struct reader *rd, const unsigned char *p)
{
	struct json *doc = rd->doc;
	struct json_token *t = &doc->tok[rd->box];
	json_at outer = t->next, twice;

	if (rd->in_object) {
		twice = json_keys_repeated(doc, rd->box, rd->ntok);
		if (twice != JSON_NONE)
			return fail(rd, rd->base + doc->tok[twice].first,
			    JSON_DUPLICATE);
	}
	t->end = offset(rd, p + 1);
	t->next = rd->ntok & NO_BOX;
	rd->depth--;
	rd->box = outer;
	rd->in_object = outer != NO_BOX && doc->tok[outer].kind == JSON_OBJECT;
	return p + 1;
}

/*
 * The bracket at p begins a container.  *ret_empty: and its other half ends
 * it; else a value is due, behind the first key if there are keys.
 */
static inline const unsigned char *
open_box(struct reader *rd, const unsigned char *p, bool *ret_empty)
{
	bool object = *p == '{';

	if (rd->depth >= rd->limits->max_depth)
		return fail(rd, p, JSON_TOO_DEEP);
	if (push(rd, p, p + 1, object ? JSON_OBJECT : JSON_ARRAY, rd->box,
		false) == NULL)
		return NULL;
	rd->depth++;
	rd->box = rd->ntok - 1;
	rd->in_object = object;
	p = skip_space(rd, p + 1);
	*ret_empty = p < rd->end && *p == (object ? '}' : ']');
	if (*ret_empty)
		return close_box(rd, p);
	return object ? read_key(rd, p) : p;
}

/*
 * What follows a value: ends of containers, then a comma (and a key) that
 * makes another value due; or the end, where rd->box is NO_BOX.
 */
static inline const unsigned char *
follow(struct reader *rd, const unsigned char *p)
{
	while (p != NULL && rd->box != NO_BOX) {
		p = skip_space(rd, p);
		if (p < rd->end && *p == ',') {
			if (!rd->in_object)
				return p + 1;
			return read_key(rd, skip_space(rd, p + 1));
		}
		if (p == rd->end || *p != (rd->in_object ? '}' : ']'))
			return unexpected(rd, p);
		p = close_box(rd, p);
	}
	return p;
}

/* A scalar, an empty container, or the beginning of a longer one. */
static inline const unsigned char *
read_value(struct reader *rd, const unsigned char *p, bool *ret_whole)
{
	*ret_whole = true;
	if (p == rd->end)
		return unexpected(rd, p);
	switch (*p) {
	case '"':
		return read_string(rd, p);
	case '{':
	case '[':
		return open_box(rd, p, ret_whole);
	default:
		if (*p == '-' || json_is_digit(*p))
			return read_number(rd, p);
		return read_word(rd, p);
	}
}

static const unsigned char *
read_text(struct reader *rd)
{
	const unsigned char *p = rd->base;
	bool whole;

	do {
		p = read_value(rd, skip_space(rd, p), &whole);
		if (whole)
			p = follow(rd, p);
	} while (p != NULL && rd->box != NO_BOX);
	if (p == NULL)
		return NULL;
	p = skip_space(rd, p);
	return p == rd->end ? p : unexpected(rd, p);
}

int
json_read(struct json *doc, struct slice text, const struct json_limits *limits,
    struct error *err)
{
	struct reader rd = { .doc = doc, .box = NO_BOX, .limits = limits };

	assert(limits->max_bytes <= LIMIT_FRAME_BYTES_MAX &&
	       limits->max_tokens <= LIMIT_TOKENS_MAX);
	doc->text = text.len > 0 ? text : slice_of("");
	doc->ntok = doc->unsafe = 0;
	doc->fault = JSON_OK;
	if (text.len > limits->max_bytes) {
		doc->fault = JSON_TOO_LONG;
		return error_set(err, "%s: %zu bytes, not at most %zu",
		    json_fault_name(doc->fault), text.len, limits->max_bytes);
	}
	rd.base = (const unsigned char *)doc->text.at;
	rd.end = rd.base + text.len;
	if (read_text(&rd) == NULL) {
		doc->unsafe = 0;
		return error_set(err, "%s at byte %zu",
		    json_fault_name(doc->fault), (size_t)(rd.bad - rd.base));
	}
	doc->ntok = rd.ntok;
	return 0;
}
