/*
 * The tools of a server in a sorted array: a listing is read once, and looked
 * into at every call.
 */
#include "policy/toolbook.h"

#include <stdlib.h>
#include <string.h>

#include "policy/schema.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

struct toolbook {
	struct toolbook_entry *v; /* owned; by name */
	size_t n, cap;
	struct json none; /* {}: the arguments of a call without any */
};

struct toolbook *
toolbook_new(void)
{
	static const struct json_limits limits = { 2, 1, 1, false };
	struct toolbook *tb = xcalloc(1, sizeof(*tb));

	json_init(&tb->none);
	buf_must(json_read(&tb->none, slice_of("{}"), &limits, NULL));
	return tb;
}

void
toolbook_clear(struct toolbook *tb)
{
	for (size_t i = 0; i < tb->n; i++) {
		schema_free(tb->v[i].schema);
		schema_free(tb->v[i].output);
		free(tb->v[i].name);
	}
	tb->n = 0;
}

void
toolbook_free(struct toolbook *tb)
{
	if (tb == NULL)
		return;
	toolbook_clear(tb);
	json_release(&tb->none);
	free(tb->v);
	free(tb);
}

static int
compare(struct slice name, const struct toolbook_entry *e)
{
	size_t len = name.len < e->len ? name.len : e->len;
	int order = len > 0 ? memcmp(name.at, e->name, len) : 0;

	if (order != 0)
		return order;
	return name.len < e->len ? -1 : name.len > e->len;
}

/* The place of a name; true if it is there. */
static bool
place_of(const struct toolbook *tb, struct slice name, size_t *ret)
{
	size_t lo = 0, hi = tb->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = compare(name, &tb->v[mid]);

		if (order == 0) {
			*ret = mid;
			return true;
		}
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	*ret = lo;
	return false;
}

/* Makes room for a name; NULL if there are too many. */
static struct toolbook_entry *
insert(struct toolbook *tb, struct slice name, size_t at)
{
	if (tb->n == TOOLBOOK_MAX)
		return NULL;
	if (tb->n == tb->cap) {
		tb->cap = tb->cap == 0 ? 32 : 2 * tb->cap;
		tb->v = xreallocarray(tb->v, tb->cap, sizeof(*tb->v));
	}
	memmove(tb->v + at + 1, tb->v + at, (tb->n - at) * sizeof(*tb->v));
	tb->n++;
	tb->v[at] =
	    (struct toolbook_entry){ .name = xmemdup0(name.at, name.len),
		    .len = name.len };
	return &tb->v[at];
}

/* The entry of a name, with nothing known yet; NULL if there are too many. */
static struct toolbook_entry *
renew(struct toolbook *tb, struct slice name)
{
	struct toolbook_entry *e;
	size_t at;

	if (!place_of(tb, name, &at))
		return insert(tb, name, at);
	e = &tb->v[at];
	schema_free(e->schema);
	schema_free(e->output);
	e->schema = e->output = NULL;
	e->bad = e->waits = false;
	return e;
}

void
toolbook_hold(struct toolbook *tb, struct slice name)
{
	struct toolbook_entry *e = renew(tb, name);

	if (e != NULL)
		e->waits = true;
}

int
toolbook_add(struct toolbook *tb, struct slice name, const struct json *doc,
    json_at tool, struct error *err)
{
	json_at input = json_get(doc, tool, "inputSchema");
	json_at output = json_get(doc, tool, "outputSchema");
	struct toolbook_entry *e = renew(tb, name);

	/* What a client cannot validate, it does not. */
	if (e != NULL && output != JSON_NONE &&
	    schema_new(doc, output, &e->output, NULL) == -1)
		e->output = NULL;
	if (e == NULL || input == JSON_NONE)
		return 0;
	e->bad = schema_new(doc, input, &e->schema, err) == -1;
	return e->bad ? -1 : 0;
}

const struct toolbook_entry *
toolbook_find(const struct toolbook *tb, struct slice name)
{
	size_t at;

	return place_of(tb, name, &at) ? &tb->v[at] : NULL;
}

int
toolbook_check(struct toolbook *tb, const struct toolbook_entry *e,
    const struct json *doc, json_at args, struct error *why)
{
	if (e->bad) {
		error_set(why, "the tool's schema cannot be used");
		return -1;
	}
	if (e->schema == NULL)
		return 1;
	if (args == JSON_NONE)
		return schema_check(e->schema, &tb->none, JSON_ROOT, why);
	return schema_check(e->schema, doc, args, why);
}

int
toolbook_check_output(struct toolbook *tb, const struct toolbook_entry *e,
    const struct json *doc, json_at content, struct error *why)
{
	(void)tb;
	if (e->output == NULL || content == JSON_NONE)
		return 1;
	return schema_check(e->output, doc, content, why);
}
