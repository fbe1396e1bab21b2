/*
 * What differs between two definitions, by name.  Both are canonical, so equal
 * values have equal bytes, and the members of two objects are in one order.
 */
#include <stdio.h>

#include "policy/canon.h"
#include "proxy/base/error.h"
#include "proxy/base/limits.h"
#include "proxy/base/quote.h"

/* Bytes of a quoted key that are shown; a peer chose it. */
#define KEY_SHOWN 48
/* Bytes of the names of a place; what lies deeper is not named. */
#define PATH_MAX_SHOWN 192
/* A list of changes that goes on ends in it. */
#define MORE ", ..."

struct changes {
	const struct json *a, *b; /* borrowed: before and after */
	struct buf scratch_a, scratch_b; /* owned */
	char *dst; /* borrowed */
	size_t size, len;
	bool full;
	char path[PATH_MAX_SHOWN]; /* of where we are; not terminated */
	size_t path_len;
};

static void
note(struct changes *c, const char *what)
{
	size_t need = c->path_len + strlen(what) + 2;

	if (c->full)
		return;
	if (c->path_len == 0) {
		c->path_len = 1; /* the whole of it: "$" */
		c->path[0] = '$';
		note(c, what);
		c->path_len = 0;
		return;
	}
	if (c->size - c->len < need + sizeof(MORE)) {
		c->full = true;
		(void)snprintf(c->dst + c->len, c->size - c->len, "%s", MORE);
		return;
	}
	c->len +=
	    (size_t)snprintf(c->dst + c->len, c->size - c->len, "%s%.*s%s",
		c->len > 0 ? ", " : "", (int)c->path_len, c->path, what);
}

/* Steps into a part; false if its name has no room. */
static bool
enter(struct changes *c, const char *name, bool dot)
{
	size_t n = strlen(name) + dot;

	if (n > sizeof(c->path) - c->path_len)
		return false;
	if (dot)
		c->path[c->path_len] = '.';
	memcpy(c->path + c->path_len + dot, name, n - dot);
	c->path_len += n;
	return true;
}

static bool
enter_key(struct changes *c, struct slice key)
{
	char shown[KEY_SHOWN];

	return enter(c, quote(shown, sizeof(shown), key), c->path_len > 0);
}

static void compare_values(struct changes *c, json_at a, json_at b);

static void
note_key(struct changes *c, struct slice key, const char *what)
{
	size_t len = c->path_len;

	(void)enter_key(c, key);
	note(c, what);
	c->path_len = len;
}

static void
compare_members(struct changes *c, json_at a, json_at b, struct slice key)
{
	size_t len = c->path_len;

	if (slice_eq(json_raw(c->a, a + 1), json_raw(c->b, b + 1)))
		return;
	if (enter_key(c, key))
		compare_values(c, a + 1, b + 1);
	else
		note(c, "");
	c->path_len = len;
}

/* Both lists of members are sorted. */
static void
compare_objects(struct changes *c, json_at box_a, json_at box_b)
{
	json_at a = json_first(c->a, box_a), b = json_first(c->b, box_b);

	while ((a != JSON_NONE || b != JSON_NONE) && !c->full) {
		struct slice ka = { NULL, 0 }, kb = { NULL, 0 };
		int order = a == JSON_NONE ? 1 : -1;

		if (a != JSON_NONE)
			ka = json_text(c->a, a, &c->scratch_a);
		if (b != JSON_NONE)
			kb = json_text(c->b, b, &c->scratch_b);
		if (a != JSON_NONE && b != JSON_NONE)
			order = canon_compare(ka, kb);
		if (order < 0)
			note_key(c, ka, " (gone)");
		else if (order > 0)
			note_key(c, kb, " (new)");
		else
			compare_members(c, a, b, ka);
		if (order <= 0)
			a = json_sibling(c->a, box_a, a);
		if (order >= 0)
			b = json_sibling(c->b, box_b, b);
	}
}

static size_t
count(const struct json *doc, json_at box)
{
	size_t n = 0;

	for (json_at at = json_first(doc, box); at != JSON_NONE;
	     at = json_sibling(doc, box, at))
		n++;
	return n;
}

static void
compare_arrays(struct changes *c, json_at box_a, json_at box_b)
{
	json_at a = json_first(c->a, box_a), b = json_first(c->b, box_b);
	size_t len = c->path_len;
	char name[24];

	if (count(c->a, box_a) != count(c->b, box_b)) {
		note(c, "");
		return;
	}
	for (size_t i = 0; a != JSON_NONE && !c->full; i++) {
		(void)snprintf(name, sizeof(name), "[%zu]", i);
		if (!slice_eq(json_raw(c->a, a), json_raw(c->b, b))) {
			if (enter(c, name, false))
				compare_values(c, a, b);
			else
				note(c, "");
			c->path_len = len;
		}
		a = json_sibling(c->a, box_a, a);
		b = json_sibling(c->b, box_b, b);
	}
}

/* They differ.  Goes no deeper than the room for the names of a place. */
static void
compare_values(struct changes *c, json_at a, json_at b)
{
	enum json_kind kind = json_kind(c->a, a);

	if (kind == json_kind(c->b, b) && kind == JSON_OBJECT)
		compare_objects(c, a, b);
	else if (kind == json_kind(c->b, b) && kind == JSON_ARRAY)
		compare_arrays(c, a, b);
	else
		note(c, "");
}

char *
canon_changes(char *dst, size_t size, struct slice before, struct slice after)
{
	static const struct json_limits limits = { CANON_TEXTS_MAX,
		LIMIT_DEPTH_MAX, LIMIT_TOKENS, false };
	struct changes c = { .dst = dst, .size = size };
	struct json a, b;

	dst[0] = '\0';
	json_init(&a);
	json_init(&b);
	c.a = &a;
	c.b = &b;
	buf_init(&c.scratch_a, before.len);
	buf_init(&c.scratch_b, after.len);
	if (json_read(&a, before, &limits, NULL) == -1 ||
	    json_read(&b, after, &limits, NULL) == -1)
		(void)snprintf(dst, size, "what cannot be read");
	else if (!slice_eq(before, after))
		compare_values(&c, JSON_ROOT, JSON_ROOT);
	buf_release(&c.scratch_a);
	buf_release(&c.scratch_b);
	json_release(&a);
	json_release(&b);
	return dst;
}
