/*
 * The place of a value as a JSON pointer, for messages: found from the tape
 * alone, so that nobody has to keep track of it who may never need it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "policy/schema_node.h"
#include "proxy/base/quote.h"

/* Bytes of one name in a message. */
#define NAME_MAX_SHOWN 64U

int
schema_name_compare(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len > 0 ? memcmp(a.at, b.at, a.len) : 0;
}

int
schema_name_order(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;

	return schema_name_compare(*x, *y);
}

/* Is a member's name one that the schema defines somewhere? */
static bool
is_defined(const struct schema *s, struct slice name)
{
	return s->ndefined > 0 &&
	       bsearch(&name, s->defined, s->ndefined, sizeof(*s->defined),
		   schema_name_order) != NULL;
}

/* One step: the name or the index of the child of box that holds at. */
static void
show_step(const struct schema *s, const struct json *doc, json_at box,
    json_at child, uint32_t index, char *dst, size_t size)
{
	struct slice name;
	struct buf scratch;

	if (json_kind(doc, box) == JSON_ARRAY) {
		(void)snprintf(dst, size, "%u", index);
		return;
	}
	buf_init(&scratch, SIZE_MAX / 2);
	name = json_text(doc, child, &scratch);
	if (s != NULL && !is_defined(s, name))
		(void)snprintf(dst, size, "*");
	else
		(void)quote(dst, size, name);
	buf_release(&scratch);
}

/* The child of box (a key, in an object) that at is in; *ret_index its. */
static json_at
child_with(const struct json *doc, json_at box, json_at at, uint32_t *ret_index)
{
	json_at child = json_first(doc, box), next;

	*ret_index = 0;
	while (child != JSON_NONE) {
		next = json_sibling(doc, box, child);
		if (next == JSON_NONE || at < next)
			return child;
		child = next;
		++*ret_index;
	}
	return JSON_NONE;
}

void
schema_place(const struct schema *s, const struct json *doc, json_at top,
    json_at at, char *dst, size_t size)
{
	char step[NAME_MAX_SHOWN];
	size_t len = 0;
	json_at child;
	uint32_t index;

	(void)snprintf(dst, size, "/");
	while (top != at) {
		child = child_with(doc, top, at, &index);
		if (child == JSON_NONE)
			return;
		show_step(s, doc, top, child, index, step, sizeof(step));
		if (len + strlen(step) + sizeof("//...") > size) {
			(void)snprintf(dst + len, size - len, "/...");
			return;
		}
		len += (size_t)snprintf(dst + len, size - len, "/%s", step);
		top = json_kind(doc, top) == JSON_OBJECT && at != child
			  ? child + 1
			  : child;
	}
}

void
schema_place_of(const struct schema *s, const struct json *doc, json_at top,
    json_at at, struct slice name, char *dst, size_t size)
{
	char step[NAME_MAX_SHOWN];
	size_t len;

	schema_place(s, doc, top, at, dst, size);
	len = top == at ? 0 : strlen(dst);
	(void)snprintf(
	    dst + len, size - len, "/%s", quote(step, sizeof(step), name));
}
