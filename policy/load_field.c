/*
 * Maps with a fixed set of names, and what is said about a name that is none
 * of them.
 */
#include <stdint.h>
#include <string.h>

#include "policy/load.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/nearest.h"
#include "proxy/base/quote.h"

void
nearest_of(
    const char *word, const char *name, const char **nearest, size_t *least)
{
	size_t far = nearest_distance(word, name);

	/* More than a third of it wrong is another word. */
	if (far < *least && far <= 1 + strlen(name) / 3) {
		*least = far;
		*nearest = name;
	}
}

int
unknown_key(const struct source *src, size_t at, const char *prefix,
    const char *nearest, struct error *err)
{
	const char *dot = prefix[0] != '\0' ? "." : "";
	char name[128];

	quote_utf8(name, sizeof(name), slice_of(src->cur.v[at].text));
	if (nearest == NULL)
		return cursor_error(&src->cur, at, err, "unknown key '%s%s%s'",
		    prefix, dot, name);
	return cursor_error(&src->cur, at, err,
	    "unknown key '%s%s%s'; the nearest known one is '%s%s%s'", prefix,
	    dot, name, prefix, dot, nearest);
}

static size_t
find_field(const struct field *fields, const char *name, const char **nearest)
{
	size_t i = 0, least = SIZE_MAX;

	for (; fields[i].name != NULL; i++) {
		if (strcmp(fields[i].name, name) == 0)
			return i;
		nearest_of(name, fields[i].name, nearest, &least);
	}
	return i;
}

int
take_fields(const struct source *src, size_t box, const char *what,
    const struct field *fields, void *base, struct error *err)
{
	const struct cursor *cur = &src->cur;
	unsigned long seen = 0;

	if (cur->v[box].kind != NODE_MAP)
		return wrong_type(src, box, what, "a map of keys", err);
	for (size_t at = cursor_first(cur, box); at != 0;
	     at = cursor_next(cur, box, at)) {
		const char *nearest = NULL;
		size_t i = find_field(fields, cur->v[at].text, &nearest);

		if (fields[i].name == NULL)
			return unknown_key(src, at, what, nearest, err);
		if ((seen & 1UL << i) != 0)
			return cursor_error(cur, at, err, "key '%s.%s' again",
			    what, fields[i].name);
		seen |= 1UL << i;
		if (fields[i].load(src, at + 1, base, err) == -1)
			return -1;
	}
	for (size_t i = 0; fields[i].name != NULL; i++)
		if (fields[i].required && (seen & 1UL << i) == 0)
			return cursor_error(cur, box, err, "'%s.%s' is missing",
			    what, fields[i].name);
	return 0;
}
