/*
 * From files to struct policy.  A file is read into nodes (cursor.c); the file
 * that it extends is loaded first; then each key is looked up in the table
 * (load_keys.c) and its value put over what is inherited, or before it.  What
 * the table does not know ends the start.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/builtin.h"
#include "policy/load.h"
#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"

/* Bytes of the longest path of a key, and some more for wrong ones. */
#define KEY_PATH_MAX 96

/* The row of a key of the outermost map with that flag, or 0 for none. */
static size_t
find_form(const struct source *src, unsigned flag)
{
	const struct cursor *cur = &src->cur;

	for (size_t at = cursor_first(cur, 0); at != 0;
	     at = cursor_next(cur, 0, at)) {
		const char *name = cur->v[at].text;

		for (const struct key *k = key_at(0);
		     k < key_at(0) + key_count(); k++) {
			size_t len = strcspn(k->path, ".");

			if (strncmp(k->path, name, len) == 0 &&
			    name[len] == '\0' &&
			    (k->flags & (KEY_SHORT | KEY_BOTH)) == flag)
				return at;
		}
	}
	return 0;
}

static size_t
find_key(const struct source *src, const char *name)
{
	const struct cursor *cur = &src->cur;

	for (size_t at = cursor_first(cur, 0); at != 0;
	     at = cursor_next(cur, 0, at))
		if (strcmp(cur->v[at].text, name) == 0)
			return at;
	return 0;
}

/* The short form is known by its keys, and the two do not mix. */
static int
tell_form(struct source *src, struct error *err)
{
	size_t at_short = find_form(src, KEY_SHORT);
	size_t at_long = find_form(src, 0);
	size_t second = at_short > at_long ? at_short : at_long;

	src->is_short = at_short != 0;
	if (at_short != 0 && at_long != 0)
		return cursor_error(&src->cur, second, err,
		    "'%s' and '%s' are of two forms; one file has one",
		    src->cur.v[at_short].text, src->cur.v[at_long].text);
	return 0;
}

static int
load_key(
    struct source *src, size_t at, const struct key *key, struct error *err)
{
	struct policy *p = src->load->policy;
	bool later = (key->flags & KEY_LATER) != 0, asks = false;
	void *dst = key->size > 0 ? (char *)p + key->offset : NULL;

	if (key->kind->load == NULL) /* extends: was read before */
		return 0;
	if (key->kind->load(src, at + 1, key, dst, &asks, err) == -1)
		return -1;
	if (later && asks)
		return cursor_error(&src->cur, at, err,
		    "'%s' is not enforced by this version yet; remove it "
		    "(nothing is silently unprotected)",
		    key->path);
	p->key_origins[key - key_at(0)] = origin_of(src, at);
	if (strncmp(key->path, "server_requests.", 16) == 0 && !later && asks)
		p->server_requests_at = origin_of(src, at);
	return 0;
}

/* Is path the name of a group, "arguments.paths"? */
static bool
is_group(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < key_count(); i++)
		if (strncmp(key_at(i)->path, path, len) == 0 &&
		    key_at(i)->path[len] == '.')
			return true;
	return false;
}

/* The known key of a group that is most like a name, or NULL. */
static const char *
nearest_key(const char *prefix, const char *name, char best[KEY_PATH_MAX])
{
	const char *nearest = NULL;
	size_t skip = strlen(prefix), least = SIZE_MAX;

	for (size_t i = 0; i < key_count(); i++) {
		const char *path = key_at(i)->path + skip + (skip > 0);
		char part[KEY_PATH_MAX];

		if (strncmp(key_at(i)->path, prefix, skip) != 0 ||
		    (skip > 0 && key_at(i)->path[skip] != '.'))
			continue;
		(void)snprintf(
		    part, sizeof(part), "%.*s", (int)strcspn(path, "."), path);
		nearest = NULL;
		nearest_of(name, part, &nearest, &least);
		if (nearest != NULL)
			(void)snprintf(best, KEY_PATH_MAX, "%s", part);
	}
	return best[0] != '\0' ? best : NULL;
}

static int
check_repeat(const struct source *src, size_t box, size_t key, const char *path,
    struct error *err)
{
	const struct cursor *cur = &src->cur;

	for (size_t at = cursor_first(cur, box); at != key;
	     at = cursor_next(cur, box, at))
		if (strcmp(cur->v[at].text, cur->v[key].text) == 0)
			return cursor_error(cur, key, err,
			    "key '%s' again (first at line %u)", path,
			    cur->v[at].line);
	return 0;
}

/* Every key of a map; groups are maps of keys. */
static int
load_map(struct source *src, size_t box, const char *prefix, struct error *err)
{
	const struct cursor *cur = &src->cur;

	if (cur->v[box].kind != NODE_MAP)
		return wrong_type(src, box, prefix, "a map of keys", err);
	for (size_t at = cursor_first(cur, box); at != 0;
	     at = cursor_next(cur, box, at)) {
		const char *name = cur->v[at].text;
		char path[KEY_PATH_MAX], best[KEY_PATH_MAX] = "";
		const struct key *key;
		int n = snprintf(path, sizeof(path), "%s%s%s", prefix,
		    prefix[0] != '\0' ? "." : "", name);
		bool fits = n > 0 && (size_t)n < sizeof(path) &&
			    strchr(name, '.') == NULL;

		key = fits ? key_find(path) : NULL;
		if (key == NULL && (!fits || !is_group(path)))
			return unknown_key(src, at, prefix,
			    nearest_key(prefix, name, best), err);
		if (check_repeat(src, box, at, path, err) == -1)
			return -1;
		if (key != NULL ? load_key(src, at, key, err) == -1
				: load_map(src, at + 1, path, err) == -1)
			return -1;
	}
	return 0;
}

/* The path that "extends" means: a name, or a path from where src is. */
static char *
find_parent(const struct source *src, const char *name, struct error *err)
{
	const char *slash = strrchr(src->path, '/');
	const char *rest;
	char *home, *joined;

	if (!src->load->files) {
		if (strncmp(name, BUILTIN_PREFIX, strlen(BUILTIN_PREFIX)) == 0)
			name += strlen(BUILTIN_PREFIX);
		if (builtin_find(name) != NULL)
			return xasprintf("%s%s", BUILTIN_PREFIX, name);
		error_set(err, "no such policy is compiled in, and a text in "
			       "memory can extend no other");
		return NULL;
	}
	if (strchr(name, '/') == NULL)
		return policy_find(name, err);
	if ((home = text_home(name, err)) == NULL || home[0] == '/')
		return home;
	for (rest = home; strncmp(rest, "./", 2) == 0;)
		rest += 2 + strspn(rest + 2, "/");
	/* With a slash, so that it is a path whatever the file is called. */
	joined = slash != NULL
		     ? xasprintf("%.*s%s", (int)(slash - src->path) + 1,
			   src->path, rest)
		     : xasprintf("./%s", rest);
	free(home);
	return joined;
}

static bool
is_same(const struct source *a, const struct source *b)
{
	return a->ino != 0 || b->ino != 0 ? a->ino == b->ino && a->dev == b->dev
					  : strcmp(a->path, b->path) == 0;
}

/* Is the file of that path one of those that are being loaded? */
static bool
is_open(const struct source *src, const char *path)
{
	for (; src != NULL; src = src->child)
		if (strcmp(src->path, path) == 0)
			return true;
	return false;
}

/* Loads what the file extends; the short form extends the default. */
static int
load_parent(struct source *src, struct error *err)
{
	size_t at = find_key(src, "extends");
	const struct node *node = at != 0 ? &src->cur.v[at + 1] : NULL;
	const char *name = POLICY_DEFAULT;
	struct error cause = { "" };
	char *where;
	int rc;

	if (at == 0 && !src->is_short)
		return 0;
	if (node != NULL) {
		name = node->text;
		if (node->kind != NODE_SCALAR || name[0] == '\0' ||
		    (node->plain && text_plain_type(name) != NULL))
			return wrong_type(src, at + 1, "extends",
			    "the name of a policy or a path", err);
	}
	where = find_parent(src, name, &cause);
	if (where == NULL)
		return cursor_error(
		    &src->cur, at, err, "'extends': %s", cause.msg);
	if (at == 0 && is_open(src, where)) {
		/* The user's default is a short form itself. */
		free(where);
		where = xstrdup(BUILTIN_PREFIX POLICY_DEFAULT);
	}
	rc = load_from(src->load, src, at, where, err);
	free(where);
	return rc;
}

/* A file that is read: its nodes, its parents, its keys, in this order. */
int
load_source(struct source *src, struct slice text, struct error *err)
{
	struct policy *p = src->load->policy;
	char shown[512];
	int rc = -1;

	p->files = xreallocarray(p->files, p->nfiles + 1, sizeof(*p->files));
	p->files[p->nfiles++] =
	    xstrdup(quote_utf8(shown, sizeof(shown), slice_of(src->path)));
	if (cursor_read(&src->cur, p->files[p->nfiles - 1], text, err) == -1 ||
	    tell_form(src, err) == -1 || load_parent(src, err) == -1 ||
	    load_map(src, 0, "", err) == -1)
		goto out;
	if (!src->is_short && find_key(src, "version") == 0) {
		cursor_error(&src->cur, 0, err, "'version: 1' is missing");
		goto out;
	}
	if (src->is_short && find_key(src, "allowed_tools") == 0) {
		list_release(&p->tools.allow);
		p->tools.allow.set = true;
		p->tools.allow.at = origin_of(src, 0);
	}
	rc = 0;
out:
	cursor_release(&src->cur);
	return rc;
}

/* Neither round in circles nor without end. */
static int
check_chain(const struct source *src, size_t at, struct error *err)
{
	const struct source *child = src->child;
	unsigned n = 1;

	for (const struct source *s = child; s != NULL; s = s->child, n++)
		if (is_same(s, src))
			return cursor_error(&child->cur, at, err,
			    "'extends': %s extends itself; a policy that is "
			    "compiled in is called '" BUILTIN_PREFIX "NAME'",
			    s->cur.file);
	if (n > POLICY_CHAIN_MAX)
		return cursor_error(&child->cur, at, err,
		    "'extends': more than %u policies in a row",
		    POLICY_CHAIN_MAX);
	return 0;
}

static int
no_such_file(
    const struct source *child, size_t at, const char *where, struct error *err)
{
	char shown[512];

	quote_utf8(shown, sizeof(shown), slice_of(where));
	if (child != NULL)
		return cursor_error(&child->cur, at, err,
		    "'extends': there is no file '%s'", shown);
	return error_set(err, "%s: there is no such file", shown);
}

int
load_from(struct load *l, const struct source *child, size_t at,
    const char *where, struct error *err)
{
	struct source src = { .load = l, .child = child };
	struct file_id id = { .ino = 0 };
	struct slice text = { NULL, 0 };
	struct buf bytes;
	int rc;

	buf_init(&bytes, 0);
	src.path = xstrdup(where);
	if (strchr(where, '/') == NULL &&
	    strncmp(where, BUILTIN_PREFIX, strlen(BUILTIN_PREFIX)) == 0) {
		const struct builtin *b =
		    builtin_find(where + strlen(BUILTIN_PREFIX));

		assert(b != NULL); /* policy_find() has found it */
		text = (struct slice){ (const char *)b->at, b->len };
		rc = 0;
	} else {
		rc = file_read(where, &bytes, &id, err);
		text = buf_slice(&bytes);
	}
	if (rc == 1)
		rc = no_such_file(child, at, where, err);
	src.dev = id.dev;
	src.ino = id.ino;
	if (rc == 0)
		rc = check_chain(&src, at, err);
	if (rc == 0)
		rc = load_source(&src, text, err);
	buf_release(&bytes);
	free(src.path);
	return rc;
}
