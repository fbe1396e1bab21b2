/*
 * Which directories of the client's a server learns of: those within the
 * policy's roots, where it has some.  What cannot be read as a path of this
 * machine is within none.
 */
#include "policy/roots.h"

#include <stdlib.h>

#include "policy/fold.h"
#include "policy/path.h"
#include "policy/policy.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"

/*
 * The path of a file: URI, into room; empty if it is none, is another machine's
 * or cannot be read without doubt.  Source: RFC 8089.
 */
static struct slice
path_of(struct slice uri, struct buf *room)
{
	static const struct slice none = { NULL, 0 };
	static const char *const heads[] = { "file://localhost/", "file:///",
		"file:/" };
	size_t at = 0;

	for (size_t i = 0; i < nitems(heads) && at == 0; i++) {
		size_t len = strlen(heads[i]);

		if (uri.len >= len && memcmp(uri.at, heads[i], len) == 0)
			at = len - 1;
	}
	if (at == 0 || (at + 1 < uri.len && uri.at[at + 1] == '/'))
		return none;
	buf_clear(room, room->max);
	for (; at < uri.len; at++) {
		char c = uri.at[at];

		if (c == '%') {
			int high =
			    at + 1 < uri.len ? fold_hex(uri.at[at + 1]) : -1;
			int low =
			    at + 2 < uri.len ? fold_hex(uri.at[at + 2]) : -1;

			if (high == -1 || low == -1)
				return none;
			c = (char)(high << 4 | low);
			at += 2;
		} else if (c == '?' || c == '#') {
			return none;
		}
		buf_must(buf_add_byte(room, c));
	}
	return buf_slice(room);
}

/* Does the policy let a server know of a root? */
static bool
is_known(const struct policy *p, const struct json *doc, json_at root,
    struct buf *scratch, struct buf *room)
{
	const struct policy_list *roots = &p->paths.roots;
	json_at uri = json_get(doc, root, "uri");
	struct slice path;

	if (!json_is(doc, uri, JSON_STRING))
		return false;
	path = path_of(json_text(doc, uri, scratch), room);
	for (size_t i = 0; path.len > 0 && i < roots->n; i++)
		if (path_under(path, roots->v[i].text, PATH_DOUBT_OUTSIDE))
			return true;
	return false;
}

/* Takes the roots that nobody is to know of out of one list. */
static bool
filter(const struct check_env *env, const struct json *doc, json_at list,
    struct buf *scratch)
{
	json_at *drop = NULL; /* owned */
	size_t n = 0, cap = 0;
	struct buf room;

	buf_init(&room, doc->text.len);
	for (json_at root = json_first(doc, list); root != JSON_NONE;
	     root = json_sibling(doc, list, root)) {
		if (is_known(env->policy, doc, root, scratch, &room))
			continue;
		if (n == cap) {
			cap = cap == 0 ? 16 : 2 * cap;
			drop = xreallocarray(drop, cap, sizeof(*drop));
		}
		drop[n++] = root;
	}
	if (n > 0)
		json_remove(env->edits, doc, list, drop, n);
	free(drop);
	buf_release(&room);
	return n > 0;
}

bool
roots_filter(const struct check_env *env, const struct json *doc,
    json_at answer, struct buf *scratch)
{
	static const struct slice name = { "roots", 5 };
	bool any = false;

	if (!env->policy->paths.roots.set || !json_is(doc, answer, JSON_OBJECT))
		return false;
	for (json_at key = json_first(doc, answer); key != JSON_NONE;
	     key = json_sibling(doc, answer, key)) {
		struct slice text = json_text(doc, key, scratch);

		if ((slice_eq(text, name) || fold_collides(text, name)) &&
		    json_is(doc, key + 1, JSON_ARRAY) &&
		    filter(env, doc, key + 1, scratch))
			any = true;
	}
	return any;
}
