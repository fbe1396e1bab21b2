/*
 * The hashes of a tool's definition.  One pass over its members, in their
 * canonical order, feeds each hash that a member counts for; the text of the
 * definition is kept beside them only where it is short.
 */
#include "policy/canon.h"

#include <stdlib.h>

#include "policy/canon_write.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

static const char *const field_names[] = {
	[CANON_ANNOTATIONS] = "annotations",
	[CANON_DESCRIPTION] = "description",
	[CANON_INPUT] = "inputSchema",
	[CANON_NAME] = "name",
	[CANON_OUTPUT] = "outputSchema",
	[CANON_TITLE] = "title",
	[CANON_REST] = "other members",
};
static_assert(nitems(field_names) == CANON_FIELDS, "a name for each field");

const char *
canon_field_name(enum canon_field field)
{
	return field_names[field];
}

bool
canon_same(const uint8_t hash_a[CANON_HASH], const uint8_t rest_a[CANON_HASH],
    const uint8_t hash_b[CANON_HASH], const uint8_t rest_b[CANON_HASH])
{
	return memcmp(hash_a, hash_b, CANON_HASH) == 0 &&
	       memcmp(rest_a, rest_b, CANON_HASH) == 0;
}

void
canon_init(struct canon *c)
{
	*c = (struct canon){ .v = NULL };
}

void
canon_release(struct canon *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].text);
	}
	free(c->v);
	canon_init(c);
}

/* The hash of an object that is written member by member. */
struct part {
	struct sha256_ctx hash;
	size_t n; /* members so far */
};

static void
part_member(struct part *p, struct writer *w)
{
	sha256_update(&p->hash, 1, (const uint8_t *)(p->n++ == 0 ? "{" : ","));
	w->to[w->nto++] = &p->hash;
}

static void
part_end(struct part *p, uint8_t ret[CANON_HASH])
{
	if (p->n == 0)
		sha256_update(&p->hash, 1, (const uint8_t *)"{");
	sha256_update(&p->hash, 1, (const uint8_t *)"}");
	sha256_digest(&p->hash, CANON_HASH, ret);
}

static enum canon_field
field_of(struct slice key)
{
	enum canon_field f = 0;

	while (f < CANON_REST && !slice_is(key, field_names[f]))
		f++;
	return f;
}

struct parts {
	struct part whole, nameless, rest;
};

/* One member, to the hashes that it counts for; begins and ends with none. */
static void
write_member(struct writer *w, const struct member *m, struct parts *parts,
    struct canon_tool *t)
{
	enum canon_field f = field_of(m->key);
	json_at at = m->at; /* m may move */
	struct sha256_ctx one;

	if (f == CANON_REST)
		part_member(&parts->rest, w);
	else
		part_member(&parts->whole, w);
	if (f != CANON_REST && f != CANON_NAME)
		part_member(&parts->nameless, w);
	writer_string(w, at);
	writer_put(w, ":", 1);
	writer_flush(w);
	if (f != CANON_REST) {
		sha256_init(&one);
		w->to[w->nto++] = &one;
	}
	writer_value(w, at + 1);
	writer_flush(w);
	w->nto = 0;
	if (f != CANON_REST)
		sha256_digest(&one, CANON_HASH, t->field[f]);
}

static void
write_tool(struct canon_tool *t, const struct json *doc, json_at tool,
    struct buf *text)
{
	struct parts parts = { .whole = { .n = 0 } };
	struct writer w;
	size_t first, end;

	sha256_init(&parts.whole.hash);
	sha256_init(&parts.nameless.hash);
	sha256_init(&parts.rest.hash);
	writer_init(&w, doc, tool, text);
	first = writer_members(&w, tool);
	end = w.n;
	for (size_t i = first; i < end; i++) {
		writer_put(&w, i == first ? "{" : ",", 1);
		writer_flush(&w); /* the hashes have commas of their own */
		write_member(&w, &w.v[i], &parts, t);
	}
	writer_put(&w, "}", 1);
	writer_flush(&w);
	part_end(&parts.whole, t->hash);
	part_end(&parts.nameless, t->nameless);
	if (parts.rest.n > 0)
		part_end(&parts.rest, t->field[CANON_REST]);
	if (w.lost)
		text->len = 0;
	writer_release(&w);
}

static void
copy_name(struct canon_tool *t, const struct json *doc, json_at name)
{
	struct buf scratch;
	struct slice s;

	buf_init(&scratch, json_raw(doc, name).len);
	s = json_text(doc, name, &scratch);
	t->long_name = s.len > CANON_NAME_MAX;
	t->name_len = t->long_name ? CANON_NAME_MAX : s.len;
	t->name = xmemdup0(s.len > 0 ? s.at : "", t->name_len);
	buf_release(&scratch);
}

int
canon_add(
    struct canon *c, const struct json *doc, json_at tool, struct error *err)
{
	json_at name = json_get(doc, tool, "name");
	struct canon_tool *t;
	struct buf text;

	if (!json_is(doc, name, JSON_STRING))
		return error_set(err, "a listed tool has no name");
	if (c->n == CANON_TOOLS_MAX)
		return error_set(err, "the server lists more than %u tools",
		    CANON_TOOLS_MAX);
	if (c->n == c->cap) {
		c->cap = 2 * c->cap + 32;
		c->v = xreallocarray(c->v, c->cap, sizeof(*c->v));
	}
	t = &c->v[c->n++];
	*t = (struct canon_tool){ .name = NULL };
	copy_name(t, doc, name);
	buf_init(&text, CANON_TEXTS_MAX - c->kept < CANON_TEXT_MAX
			    ? CANON_TEXTS_MAX - c->kept
			    : CANON_TEXT_MAX);
	write_tool(t, doc, tool, &text);
	if (text.len > 0) {
		t->text = xmemdup0(text.at, text.len);
		t->text_len = text.len;
		c->kept += text.len;
	}
	buf_release(&text);
	return 0;
}
