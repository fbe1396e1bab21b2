/*
 * The skimmer: finds the id of a message that is too long or too deep to be
 * read.  It is fed with pieces, so all that it knows is in its state; of what
 * lies below the outermost object it tells strings and brackets, no more.
 */
#include "proxy/base/array.h"
#include "proxy/base/json.h"
#include "proxy/base/json_scan.h"

enum state {
	SKIM_START, /* before the object */
	SKIM_MEMBER, /* a key or the object's end is due */
	SKIM_KEY, /* in a key */
	SKIM_KEY_ESCAPE, /* behind a backslash in it */
	SKIM_COLON,
	SKIM_VALUE, /* a value is due */
	SKIM_SCALAR, /* in a number or a word */
	SKIM_STRING, /* in a string that is a member's value */
	SKIM_STRING_ESCAPE,
	SKIM_NESTED, /* in a container below the object */
	SKIM_NESTED_STRING,
	SKIM_NESTED_ESCAPE,
	SKIM_COMMA, /* a comma or the object's end is due */
	SKIM_END, /* behind the object */
	SKIM_BAD, /* no object of members */
	SKIM_COUNT,
};

static const unsigned char *
go(struct json_skim *sk, enum state state, const unsigned char *p)
{
	sk->state = state;
	return p;
}

static const unsigned char *
give_up(struct json_skim *sk, const unsigned char *end)
{
	sk->bad = true;
	return go(sk, SKIM_BAD, end);
}

/* Keeps a part of the id; one byte too many makes it no id. */
static void
take_id(struct json_skim *sk, const unsigned char *p, size_t len)
{
	if (!sk->taking)
		return;
	if (len > sizeof(sk->id) - sk->id_len) {
		sk->bad = true;
		return;
	}
	memcpy(sk->id + sk->id_len, p, len);
	sk->id_len += (unsigned)len;
}

static void
take_key(struct json_skim *sk, const unsigned char *p, size_t len)
{
	if (sk->key_odd || len > sizeof(sk->key) - sk->key_len) {
		sk->key_odd = true;
		return;
	}
	memcpy(sk->key + sk->key_len, p, len);
	sk->key_len += (unsigned)len;
}

/* Compares the key, whose escapes, if any, are all of letters. */
static bool
key_is(const struct json_skim *sk, const char *name)
{
	const unsigned char *p = (const unsigned char *)sk->key;
	const unsigned char *end = p + sk->key_len;

	if (sk->key_odd)
		return false;
	for (; *name != '\0'; name++) {
		bool escape = end - p >= 6 && p[0] == '\\' && p[1] == 'u';

		if (p == end || (escape ? json_hex4(p + 2) : *p) != *name)
			return false;
		p += escape ? 6 : 1;
	}
	return p == end;
}

static void
end_key(struct json_skim *sk)
{
	sk->nmethod += key_is(sk, "method");
	sk->nresult += key_is(sk, "result") || key_is(sk, "error");
	if (!key_is(sk, "id"))
		return;
	sk->nid++;
	sk->taking = true;
	sk->id_len = 0;
}

/* The states between tokens: each looks at one byte. */
static const unsigned char *
step_between(
    struct json_skim *sk, const unsigned char *p, const unsigned char *end)
{
	static const char due[SKIM_COUNT][2] = {
		[SKIM_START] = { '{', SKIM_MEMBER },
		[SKIM_MEMBER] = { '"', SKIM_KEY },
		[SKIM_COLON] = { ':', SKIM_VALUE },
		[SKIM_COMMA] = { ',', SKIM_MEMBER },
	};

	if (json_is_space(*p))
		return p + 1;
	if (*p == '}' && (sk->state == SKIM_MEMBER || sk->state == SKIM_COMMA))
		return go(sk, SKIM_END, p + 1);
	if (sk->state == SKIM_END || *p != (unsigned char)due[sk->state][0])
		return give_up(sk, end);
	if (sk->state == SKIM_MEMBER) {
		sk->key_len = 0;
		sk->key_odd = false;
	}
	return go(sk, (enum state)due[sk->state][1], p + 1);
}

static const unsigned char *
step_value(
    struct json_skim *sk, const unsigned char *p, const unsigned char *end)
{
	(void)end;
	if (json_is_space(*p))
		return p + 1;
	if (*p == '{' || *p == '[') {
		sk->taking = false; /* leaves an empty id, which is none */
		sk->depth = 1;
		return go(sk, SKIM_NESTED, p + 1);
	}
	if (*p != '"')
		return go(sk, SKIM_SCALAR, p);
	take_id(sk, p, 1);
	return go(sk, SKIM_STRING, p + 1);
}

/* Ends before the byte that cannot belong to it, which is not consumed. */
static const unsigned char *
step_scalar(
    struct json_skim *sk, const unsigned char *p, const unsigned char *end)
{
	const unsigned char *first = p;

	while (p < end && *p != ',' && *p != '}' && !json_is_space(*p))
		p++;
	take_id(sk, first, (size_t)(p - first));
	if (p < end) {
		sk->taking = false;
		sk->state = SKIM_COMMA;
	}
	return p;
}

/* A string of any of the three kinds, up to its quote or a backslash. */
static const unsigned char *
step_string(
    struct json_skim *sk, const unsigned char *p, const unsigned char *end)
{
	const unsigned char *first = p;

	do
		p = json_scan(p, end);
	while (p < end && *p != '"' && *p != '\\' && ++p < end);
	if (sk->state == SKIM_KEY)
		take_key(sk, first, (size_t)(p - first));
	else
		take_id(sk, first, (size_t)(p - first));
	if (p == end)
		return p;
	if (*p == '\\') {
		if (sk->state == SKIM_KEY)
			take_key(sk, p, 1);
		else
			take_id(sk, p, 1);
		return go(sk, (enum state)(sk->state + 1), p + 1);
	}
	if (sk->state == SKIM_KEY) {
		end_key(sk);
		return go(sk, SKIM_COLON, p + 1);
	}
	if (sk->state == SKIM_NESTED_STRING)
		return go(sk, SKIM_NESTED, p + 1);
	take_id(sk, p, 1);
	sk->taking = false;
	return go(sk, SKIM_COMMA, p + 1);
}

/* The byte behind a backslash, which ends nothing. */
static const unsigned char *
step_escape(
    struct json_skim *sk, const unsigned char *p, const unsigned char *end)
{
	(void)end;
	if (sk->state == SKIM_KEY_ESCAPE)
		take_key(sk, p, 1);
	else
		take_id(sk, p, 1);
	return go(sk, (enum state)(sk->state - 1), p + 1);
}

static const unsigned char *
step_nested(
    struct json_skim *sk, const unsigned char *p, const unsigned char *end)
{
	for (; p < end; p++)
		switch (*p) {
		case '"':
			return go(sk, SKIM_NESTED_STRING, p + 1);
		case '{':
		case '[':
			sk->depth++;
			break;
		case '}':
		case ']':
			if (--sk->depth == 0)
				return go(sk, SKIM_COMMA, p + 1);
			break;
		default:
			break;
		}
	return p;
}

static const unsigned char *
step_bad(struct json_skim *sk, const unsigned char *p, const unsigned char *end)
{
	(void)sk;
	(void)p;
	return end;
}

/* Each consumes a byte or leaves its state. */
static const unsigned char *(*const steps[SKIM_COUNT])(
    struct json_skim *, const unsigned char *, const unsigned char *) = {
	[SKIM_START] = step_between,
	[SKIM_MEMBER] = step_between,
	[SKIM_KEY] = step_string,
	[SKIM_KEY_ESCAPE] = step_escape,
	[SKIM_COLON] = step_between,
	[SKIM_VALUE] = step_value,
	[SKIM_SCALAR] = step_scalar,
	[SKIM_STRING] = step_string,
	[SKIM_STRING_ESCAPE] = step_escape,
	[SKIM_NESTED] = step_nested,
	[SKIM_NESTED_STRING] = step_string,
	[SKIM_NESTED_ESCAPE] = step_escape,
	[SKIM_COMMA] = step_between,
	[SKIM_END] = step_between,
	[SKIM_BAD] = step_bad,
};

void
json_skim_init(struct json_skim *sk)
{
	*sk = (struct json_skim){ .state = SKIM_START };
}

void
json_skim_feed(struct json_skim *sk, struct slice piece)
{
	const unsigned char *p = (const unsigned char *)piece.at, *end;

	if (piece.len == 0)
		return;
	for (end = p + piece.len; p < end;)
		p = steps[sk->state](sk, p, end);
}

bool
json_skim_id(const struct json_skim *sk, struct slice *ret_id)
{
	static const struct json_limits limits = { JSON_SKIM_ID, 0, 1, false };
	struct slice id = { sk->id, sk->id_len };
	struct json doc;
	bool found = false;

	if (sk->bad || sk->nid != 1 || sk->taking)
		return false;
	json_init(&doc);
	if (json_read(&doc, id, &limits, NULL) == 0)
		found = json_is(&doc, JSON_ROOT, JSON_STRING) ||
			json_is(&doc, JSON_ROOT, JSON_NUMBER);
	json_release(&doc);
	if (found)
		*ret_id = id;
	return found;
}
