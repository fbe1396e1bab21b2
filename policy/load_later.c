/*
 * The values of keys that this version does not enforce yet, and that have a
 * form of their own.  They are checked all the same, so that a file with a
 * mistake in them is not called sound.
 */
#include <stdlib.h>

#include "policy/load.h"
#include "proxy/base/error.h"

/* Reads a text and forgets it. */
static int
look_at_text(const struct source *src, size_t at, enum text_class class,
    const char *what, struct error *err)
{
	char *text;

	if (text_take(src, at, class, what, &text, err) == -1)
		return -1;
	free(text);
	return 0;
}

int
load_number(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	double value;

	(void)dst;
	if (take_number(src, at, key->path, &value, err) == -1)
		return -1;
	if (value < 0)
		return cursor_error(&src->cur, at, err,
		    "'%s' wants a number that is not negative", key->path);
	*ret_asks = value > 0;
	return 0;
}

/* The members of a map whose names the author chooses. */
static int
look_at_map(const struct source *src, size_t box, const char *what,
    int (*value)(const struct source *, size_t, struct error *), size_t *ret_n,
    struct error *err)
{
	const struct cursor *cur = &src->cur;

	*ret_n = 0;
	if (cur->v[box].kind != NODE_MAP)
		return wrong_type(src, box, what, "a map", err);
	for (size_t at = cursor_first(cur, box); at != 0;
	     at = cursor_next(cur, box, at)) {
		/* One such key is as good as any: the first asks, and ends
		   the start, so a repeated one need not be looked for. */
		if (look_at_text(src, at, TEXT_NAME, what, err) == -1 ||
		    value(src, at + 1, err) == -1)
			return -1;
		(*ret_n)++;
	}
	return 0;
}

static int
code_text(const struct source *src, size_t at, void *base, struct error *err)
{
	(void)base;
	return look_at_text(src, at, TEXT_NAME, "code.tools", err);
}

static int
code_tool(const struct source *src, size_t at, struct error *err)
{
	static const struct field fields[] = {
		{ "field", code_text, true },
		{ "language_field", code_text, false },
		{ "language", code_text, false },
		{ NULL, NULL, false },
	};

	return take_fields(src, at, "code.tools", fields, NULL, err);
}

int
load_code_tools(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	size_t n;

	(void)dst;
	if (look_at_map(src, at, key->path, code_tool, &n, err) == -1)
		return -1;
	*ret_asks = n > 0;
	return 0;
}

static int
interpreter(const struct source *src, size_t at, struct error *err)
{
	static const char what[] = "sandbox.execute_code.languages";
	struct policy_list argv;
	size_t n;

	if (take_texts(src, at, what, TEXT_LITERAL, false, &argv, err) == -1)
		return -1;
	n = argv.n;
	list_release(&argv);
	return n > 0 ? 0
		     : cursor_error(&src->cur, at, err,
			   "'%s' wants a command and its arguments", what);
}

int
load_languages(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	size_t n;

	(void)dst;
	if (look_at_map(src, at, key->path, interpreter, &n, err) == -1)
		return -1;
	*ret_asks = n > 0;
	return 0;
}

static int
rate_tool(const struct source *src, size_t at, void *base, struct error *err)
{
	(void)base;
	return look_at_text(src, at, TEXT_GLOB, "session.rate.tool", err);
}

static int
rate_calls(const struct source *src, size_t at, void *base, struct error *err)
{
	int64_t n;

	(void)base;
	return take_int(src, at, "session.rate.calls", 1, INT32_MAX, &n, err);
}

static int
rate_seconds(const struct source *src, size_t at, void *base, struct error *err)
{
	int64_t n;

	(void)base;
	return take_int(src, at, "session.rate.seconds", 1, INT32_MAX, &n, err);
}

int
load_rates(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	static const struct field fields[] = {
		{ "tool", rate_tool, true },
		{ "calls", rate_calls, true },
		{ "seconds", rate_seconds, true },
		{ NULL, NULL, false },
	};
	const struct cursor *cur = &src->cur;

	(void)dst;
	if (cur->v[at].kind != NODE_LIST)
		return wrong_type(src, at, key->path, key->kind->wants, err);
	for (size_t i = cursor_first(cur, at); i != 0;
	     i = cursor_next(cur, at, i))
		if (take_fields(src, i, key->path, fields, NULL, err) == -1)
			return -1;
	*ret_asks = cursor_first(cur, at) != 0;
	return 0;
}

/* What a version defines later can only be empty in this one. */
static int
load_empty(const struct source *src, size_t at, const struct key *key,
    enum node_kind kind, bool *ret_asks, struct error *err)
{
	if (src->cur.v[at].kind != kind)
		return wrong_type(src, at, key->path, key->kind->wants, err);
	*ret_asks = cursor_first(&src->cur, at) != 0;
	return 0;
}

int
load_any_list(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	(void)dst;
	return load_empty(src, at, key, NODE_LIST, ret_asks, err);
}

int
load_any_map(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	(void)dst;
	return load_empty(src, at, key, NODE_MAP, ret_asks, err);
}
