#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/base/buf.h"

struct error;

enum json_kind {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* Why a text was refused; what is worse than syntax has names of its own. */
enum json_fault {
	JSON_OK,
	JSON_SYNTAX, /* not RFC 8259 (NaN, trailing text, an open string ...) */
	JSON_BOM, /* begins with a byte order mark */
	JSON_NUL, /* holds a zero byte */
	JSON_UTF8, /* not UTF-8 */
	JSON_SURROGATE, /* an escaped surrogate without its other half */
	JSON_DUPLICATE, /* an object with two equal keys, after unescaping */
	JSON_TOO_DEEP,
	JSON_TOO_MANY, /* tokens */
	JSON_TOO_LONG, /* bytes */
};

/* A place on the tape: the index of a token. */
typedef uint32_t json_at;
#define JSON_NONE UINT32_MAX
#define JSON_ROOT 0U

/*
 * One value or key.  The members of an object lie behind it as key, value,
 * key, value ...; a key is a JSON_STRING whose value is the token after it.
 */
struct json_token {
	uint32_t first; /* offset of its first byte; a string's is its quote */
	uint32_t end; /* offset behind its last byte */
	uint32_t next : 28; /* token behind it and all that it holds */
	uint32_t kind : 3; /* enum json_kind */
	uint32_t escaped : 1; /* a string that holds a backslash */
};

struct json_limits {
	size_t max_bytes; /* at most LIMIT_FRAME_BYTES_MAX */
	uint32_t max_depth; /* nested containers; a scalar has depth 0 */
	uint32_t max_tokens; /* keys count; at most LIMIT_TOKENS_MAX */
	bool lone_surrogates; /* accept them; json_lines() makes them \ufffd */
};

/*
 * One text, read.  Storage is the caller's and is used again from text to
 * text: json_init once, json_read as often as wanted, json_release at the end.
 */
struct json {
	struct slice text; /* borrowed from the caller of json_read() */
	struct json_token *tok; /* owned */
	uint32_t ntok, cap; /* tokens in use, allocated */
	uint32_t unsafe; /* what json_lines() would change: a count */
	enum json_fault fault; /* of the last json_read() */
	uint64_t seed; /* random, for the hash of large objects' keys */
	struct json_keys *keys; /* owned: work space of the duplicate check */
};

void json_init(struct json *doc);
void json_release(struct json *doc);
/* Forgets the text and gives back memory above some 64 KiB. */
void json_clear(struct json *doc);

/*
 * Reads one JSON text: strict RFC 8259 in UTF-8, without duplicate keys, NUL
 * bytes or a byte order mark, within the limits; white space around it is
 * allowed.  Returns 0 and doc holds its tape (token JSON_ROOT is the value),
 * or -1 with doc->fault and *err set, the offset in the message; the tape is
 * empty then.  Linear in text.len whatever the text, and it does not recurse.
 * text is borrowed until the next call.  Source: RFC 8259, RFC 3629.
 */
int json_read(struct json *doc, struct slice text,
    const struct json_limits *limits, struct error *err);

static inline enum json_kind
json_kind(const struct json *doc, json_at at)
{
	return (enum json_kind)doc->tok[at].kind;
}

/* Is it there, and of that kind?  JSON_NONE is allowed. */
static inline bool
json_is(const struct json *doc, json_at at, enum json_kind kind)
{
	return at != JSON_NONE && json_kind(doc, at) == kind;
}

/* The bytes of a value as they were sent, quotes included; borrowed. */
static inline struct slice
json_raw(const struct json *doc, json_at at)
{
	return (struct slice){ .at = doc->text.at + doc->tok[at].first,
		.len = doc->tok[at].end - doc->tok[at].first };
}

/* Token behind a value and all that it holds (perhaps one past the last). */
static inline json_at
json_after(const struct json *doc, json_at at)
{
	return doc->tok[at].next;
}

/*
 * Walks a container's children:
 *   for (at = json_first(doc, box); at != JSON_NONE;
 *       at = json_sibling(doc, box, at))
 * In an object, at is each key, and at + 1 its value.
 */
json_at json_first(const struct json *doc, json_at box);
json_at json_sibling(const struct json *doc, json_at box, json_at at);

/*
 * The text of a string (or key) without quotes and escapes: borrowed from the
 * frame where it holds no backslash, else written into scratch (which is
 * cleared first and whose max must not be below the string's length) and
 * borrowed from there.  It may hold NUL bytes.  An escaped lone surrogate
 * comes out as U+FFFD.
 */
struct slice json_text(const struct json *doc, json_at at, struct buf *scratch);

/*
 * Where the byte at an offset of json_text() stands in doc->text; the length of
 * the text gives the closing quote.  place is zero at first, and for the
 * offsets that follow, which must not fall.
 */
struct json_place {
	size_t raw, read;
};
size_t json_span(const struct json *doc, json_at at, struct json_place *place,
    size_t offset);

/* Does a string (or key), unescaped, equal s?  Allocates nothing. */
bool json_equals(const struct json *doc, json_at at, struct slice s);

/*
 * The value of a key (compared unescaped) in an object, or JSON_NONE; also
 * JSON_NONE where object is JSON_NONE or no object.
 */
json_at json_get(const struct json *doc, json_at object, const char *key);

/* A whole number (7, 7.0, 70e-1) within int64_t: true and *ret, else false. */
bool json_int(const struct json *doc, json_at at, int64_t *ret);

const char *json_fault_name(enum json_fault fault);

/*
 * Edits by span: the original with some spans replaced, every other byte kept.
 * Spans are offsets into doc->text and come in any order.  One that lies within
 * another's is left to that, of two equal ones the first counts; otherwise they
 * do not overlap.
 */
struct json_edit {
	size_t first, end; /* the span [first, end) */
	size_t at, len; /* the new bytes, within json_edits.bytes */
};

struct json_edits {
	struct json_edit *v; /* owned */
	size_t n, cap;
	struct buf bytes; /* owned */
};

void json_edits_init(struct json_edits *e);
void json_edits_release(struct json_edits *e);
void json_edits_clear(struct json_edits *e);

/* Replaces [first, end) by bytes, which are copied. */
void json_replace(
    struct json_edits *e, size_t first, size_t end, struct slice bytes);

/* The same within a string: bytes are escaped as JSON asks. */
void json_replace_part(
    struct json_edits *e, size_t first, size_t end, struct slice bytes);

/* Replaces a value by a string, which is escaped as JSON asks. */
void json_replace_string(struct json_edits *e, const struct json *doc,
    json_at at, struct slice text);

/*
 * Takes members (by key) or elements out of one container, commas included:
 * drop[] holds n places, in the order of the tape, each a child of box.  One
 * call for each container: two would both claim the comma between them.
 */
void json_remove(struct json_edits *e, const struct json *doc, json_at box,
    const json_at *drop, size_t n);

/*
 * Makes what is between lines safe for readers that do not split at LF alone:
 * a raw CR between tokens becomes a space; a raw U+0085, U+2028 or U+2029 in a
 * string becomes its \u escape; an escaped lone surrogate becomes \ufffd.
 * Adds the edits that this takes (none if doc->unsafe is 0); a span that an
 * edit in e covers already is left to it.
 */
void json_lines(struct json_edits *e, const struct json *doc);

/*
 * Writes the edited text behind what dst holds.  0, or -1 with dst as it was:
 * dst->max would be exceeded, or edits contradict each other.
 */
int json_apply(struct json_edits *e, struct slice text, struct buf *dst);

/*
 * Appends text as a JSON string with its quotes: one line for every reader, as
 * json_lines() has it; what is not UTF-8 in text becomes U+FFFD.  0, or -1 with
 * dst as it was: dst->max.
 */
int json_quote(struct buf *dst, struct slice text);

/*
 * Finds the id of a message that is too long or too deep to be read: fed with
 * the pieces of a line, it keeps nothing but the members "id" and "method" of
 * the outermost object.  It judges nothing and accepts more than json_read().
 */
#define JSON_SKIM_ID 1024 /* bytes of an id that it can hold: LIMIT_ID */

/* Bytes of a key: "method" and "result" with every letter as an escape. */
#define JSON_SKIM_KEY 36

struct json_skim {
	uint64_t depth; /* of what is open below the outermost object */
	unsigned state; /* of the reader; 0 at the start */
	unsigned nid, nmethod; /* members of that name seen */
	unsigned nresult; /* the same of "result" and "error" */
	unsigned key_len, id_len;
	char key[JSON_SKIM_KEY]; /* the key that is being read, as sent */
	char id[JSON_SKIM_ID]; /* the id as it was sent */
	bool key_odd; /* the key is longer than that: none of ours */
	bool taking; /* the value that is being read is the id */
	bool bad; /* no object, or an id that can't be told */
};

void json_skim_init(struct json_skim *sk);
void json_skim_feed(struct json_skim *sk, struct slice piece);

/*
 * After the last piece: true with *ret_id, a string or a number as it was
 * sent (borrowed from sk), if exactly one id was seen and it is well formed.
 */
bool json_skim_id(const struct json_skim *sk, struct slice *ret_id);

#endif
