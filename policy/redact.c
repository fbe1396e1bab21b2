/*
 * What the audit log keeps of a message when the policy says "redacted".  It
 * errs towards hiding: a hash or a long identifier is hidden too, and the hash
 * of the whole payload stays in the record.
 */
#include "policy/redact.h"

#include <stdbool.h>
#include <stdlib.h>

#include "policy/match.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"

/* Characters of a run of letters and digits from which it may be a secret. */
#define RUN_MIN 20U

static const char mark[] = "[redacted]";

struct redactor {
	struct matcher *keys; /* owned: parts of keys that name secrets */
};

static const char *const key_parts[] = { "passw", "passphrase", "secret",
	"token", "api_key", "apikey", "api-key", "auth", "credential",
	"private_key", "privatekey", "access_key", "accesskey", "cookie",
	"session_id", "sessionid", "signature", "bearer", "pincode", "cvv" };

/* Keys of the protocol that would match and hold nothing secret. */
static const char *const plain_keys[] = { "progressToken", "maxTokens",
	"author", "authors" };

struct redactor *
redactor_new(void)
{
	struct redactor *r = xcalloc(1, sizeof(*r));
	struct slice parts[nitems(key_parts)];

	for (size_t i = 0; i < nitems(parts); i++)
		parts[i] = slice_of(key_parts[i]);
	r->keys = matcher_new(parts, nitems(parts));
	return r;
}

void
redactor_free(struct redactor *r)
{
	if (r == NULL)
		return;
	matcher_free(r->keys);
	free(r);
}

static bool
names_secret(const struct redactor *r, struct slice key)
{
	if (matcher_find(r->keys, key) < 0)
		return false;
	for (size_t i = 0; i < nitems(plain_keys); i++)
		if (key.len == strlen(plain_keys[i]) + 2 &&
		    memcmp(key.at + 1, plain_keys[i], key.len - 2) == 0)
			return false;
	return true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_run(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_' || c == '+' || c == '=';
}

static void
add(struct buf *dst, size_t max, struct slice s)
{
	size_t room = dst->len < max ? max - dst->len : 0;

	buf_must(buf_add(dst, s.at, s.len < room ? s.len : room));
}

/* Copies the text of a string, its long runs hidden. */
static void
add_string(struct buf *dst, size_t max, struct slice text)
{
	size_t from = 0, at = 0;

	while (at < text.len && dst->len < max) {
		size_t end = at, digits = 0;

		for (; end < text.len && is_run(text.at[end]); end++)
			digits += is_digit(text.at[end]);
		if (end - at >= RUN_MIN && digits > 0 && digits < end - at) {
			add(dst, max,
			    (struct slice){ text.at + from, at - from });
			add(dst, max, slice_of(mark));
			from = end;
		}
		at = end > at ? end : at + 1;
	}
	add(dst, max, (struct slice){ text.at + from, text.len - from });
}

void
redactor_apply(const struct redactor *r, const struct json *doc, json_at root,
    size_t max, struct buf *dst)
{
	size_t from = doc->tok[root].first, limit = dst->len + max;

	for (json_at at = root; at < json_after(doc, root) && dst->len < limit;
	     at++) {
		struct slice text = json_raw(doc, at);
		size_t first = doc->tok[at].first;

		if (json_kind(doc, at) != JSON_STRING)
			continue;
		add(dst, limit,
		    (struct slice){ doc->text.at + from, first - from });
		from = first + text.len;
		add_string(dst, limit, text);
		/* Is it a key?  Then its value stands behind a colon.  One that
		   is written with escapes has something to hide. */
		if (at + 1 < json_after(doc, root) &&
		    memchr(doc->text.at + from, ':',
			doc->tok[at + 1].first - from) != NULL &&
		    (doc->tok[at].escaped || names_secret(r, text))) {
			at++;
			add(dst, limit,
			    (struct slice){ doc->text.at + from,
				doc->tok[at].first - from });
			add(dst, limit, slice_of("\"[redacted]\""));
			from = doc->tok[at].end;
			at = json_after(doc, at) - 1;
		}
	}
	add(dst, limit,
	    (struct slice){ doc->text.at + from, doc->tok[root].end - from });
}
