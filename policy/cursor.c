/*
 * YAML to a tape of nodes with positions.  libyaml reads; this refuses what a
 * policy has no use for, bounds the rest, and turns every error into
 * file:line:column.  What the keys mean is left to load*.c.
 */
#include "policy/cursor.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

/* The reading of one file: the tape, and the containers still open. */
struct reading {
	struct cursor *cur;
	struct error *err;
	size_t open[POLICY_DEPTH_MAX];
	size_t nitems[POLICY_DEPTH_MAX]; /* a key of a map has an even one */
	size_t depth;
	unsigned documents;
};

static int
fail_at(const struct reading *r, yaml_mark_t mark, const char *what)
{
	return error_set(r->err, "%s:%zu:%zu: %s", r->cur->file, mark.line + 1,
	    mark.column + 1, what);
}

/* Errors of libyaml's reader have an offset in bytes and no mark. */
static int
fail_read(const struct reading *r, const yaml_parser_t *ps, struct slice text)
{
	size_t line = 1, column = 1;

	if (ps->error == YAML_MEMORY_ERROR)
		return error_set(r->err, "%s: out of memory", r->cur->file);
	if (ps->error != YAML_READER_ERROR)
		return fail_at(r, ps->problem_mark, ps->problem);
	for (size_t i = 0; i < ps->problem_offset && i < text.len; i++) {
		bool tail = ((unsigned char)text.at[i] & 0xc0) == 0x80;

		column += !tail;
		if (text.at[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return error_set(
	    r->err, "%s:%zu:%zu: %s", r->cur->file, line, column, ps->problem);
}

static int
add_node(struct reading *r, const yaml_event_t *ev, enum node_kind kind)
{
	struct cursor *cur = r->cur;
	size_t *nitem = r->depth > 0 ? &r->nitems[r->depth - 1] : NULL;
	struct node node = {
		.kind = kind,
		.line = (unsigned)ev->start_mark.line + 1,
		.column = (unsigned)ev->start_mark.column + 1,
		.next = cur->n + 1,
	};

	if (kind != NODE_SCALAR && nitem != NULL && *nitem % 2 == 0 &&
	    cur->v[r->open[r->depth - 1]].kind == NODE_MAP)
		return fail_at(r, ev->start_mark, "a key must be plain text");
	if (kind != NODE_MAP && cur->n == 0)
		return fail_at(
		    r, ev->start_mark, "a policy is a map of keys and values");
	if (cur->n == POLICY_NODES_MAX)
		return fail_at(r, ev->start_mark, "too many values");
	if (kind != NODE_SCALAR && r->depth == nitems(r->open))
		return fail_at(r, ev->start_mark, "nested too deep");
	if (cur->n == cur->cap) {
		cur->cap = cur->cap > 0 ? cur->cap * 2 : 64;
		cur->v = xreallocarray(cur->v, cur->cap, sizeof(*cur->v));
	}
	if (nitem != NULL)
		(*nitem)++;
	if (kind != NODE_SCALAR) {
		r->nitems[r->depth] = 0;
		r->open[r->depth++] = cur->n;
	}
	cur->v[cur->n++] = node;
	return 0;
}

static int
add_scalar(struct reading *r, const yaml_event_t *ev)
{
	const char *text = (const char *)ev->data.scalar.value;
	size_t len = ev->data.scalar.length;
	struct node *node;

	if (ev->data.scalar.tag != NULL)
		return fail_at(r, ev->start_mark, "tags are not allowed");
	if (memchr(text, '\0', len) != NULL)
		return fail_at(
		    r, ev->start_mark, "a text holds a NUL character");
	if (add_node(r, ev, NODE_SCALAR) == -1)
		return -1;
	node = &r->cur->v[r->cur->n - 1];
	node->text = xmemdup0(text, len);
	node->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (ev->start_mark.line == ev->end_mark.line)
		node->width =
		    (unsigned)(ev->end_mark.column - ev->start_mark.column);
	return 0;
}

static int
take_container(struct reading *r, const yaml_event_t *ev, bool is_map)
{
	const yaml_char_t *anchor = is_map ? ev->data.mapping_start.anchor
					   : ev->data.sequence_start.anchor;
	const yaml_char_t *tag =
	    is_map ? ev->data.mapping_start.tag : ev->data.sequence_start.tag;

	if (anchor != NULL)
		return fail_at(r, ev->start_mark, "anchors are not allowed");
	if (tag != NULL)
		return fail_at(r, ev->start_mark, "tags are not allowed");
	return add_node(r, ev, is_map ? NODE_MAP : NODE_LIST);
}

static int
take_document(struct reading *r, const yaml_event_t *ev)
{
	if (r->documents++ > 0)
		return fail_at(
		    r, ev->start_mark, "a second document is not allowed");
	if (ev->data.document_start.version_directive != NULL ||
	    ev->data.document_start.tag_directives.start !=
		ev->data.document_start.tag_directives.end)
		return fail_at(r, ev->start_mark, "directives are not allowed");
	return 0;
}

/* Returns 1 at the end of the stream, else 0 or -1. */
static int
take(struct reading *r, const yaml_event_t *ev)
{
	struct cursor *cur = r->cur;

	switch (ev->type) {
	case YAML_STREAM_END_EVENT:
		return 1;
	case YAML_DOCUMENT_START_EVENT:
		return take_document(r, ev);
	case YAML_ALIAS_EVENT:
		return fail_at(r, ev->start_mark, "aliases are not allowed");
	case YAML_SCALAR_EVENT:
		if (ev->data.scalar.anchor != NULL)
			return fail_at(
			    r, ev->start_mark, "anchors are not allowed");
		return add_scalar(r, ev);
	case YAML_SEQUENCE_START_EVENT:
		return take_container(r, ev, false);
	case YAML_MAPPING_START_EVENT:
		return take_container(r, ev, true);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		assert(r->depth > 0); /* libyaml pairs them */
		cur->v[r->open[--r->depth]].next = cur->n;
		return 0;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return 0;
}

int
cursor_read(
    struct cursor *cur, const char *file, struct slice text, struct error *err)
{
	struct reading r = { .cur = cur, .err = err };
	yaml_parser_t ps;
	yaml_event_t ev;
	int rc;

	*cur = (struct cursor){ .file = file };
	if (text.len > POLICY_FILE_MAX)
		return error_set(err, "%s:1:1: larger than %lu bytes", file,
		    POLICY_FILE_MAX);
	if (yaml_parser_initialize(&ps) == 0)
		return error_set(err, "%s: out of memory", file);
	yaml_parser_set_encoding(&ps, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &ps, (const unsigned char *)text.at, text.len);
	do {
		if (yaml_parser_parse(&ps, &ev) == 0) {
			rc = fail_read(&r, &ps, text);
			break;
		}
		rc = take(&r, &ev);
		yaml_event_delete(&ev);
	} while (rc == 0);
	yaml_parser_delete(&ps);
	if (rc == 1 && cur->n == 0)
		return error_set(err, "%s:1:1: the policy is empty", file);
	return rc == 1 ? 0 : -1;
}

void
cursor_release(struct cursor *cur)
{
	for (size_t i = 0; i < cur->n; i++)
		free(cur->v[i].text);
	free(cur->v);
	*cur = (struct cursor){ .file = NULL };
}

__attribute__((format(printf, 5, 0))) static int
fail_node(const struct cursor *cur, size_t at, unsigned shift,
    struct error *err, const char *fmt, va_list ap)
{
	const struct node *node = &cur->v[at];
	char text[ERROR_MAX];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	return error_set(err, "%s:%u:%u: %s", cur->file, node->line,
	    node->column + shift, text);
}

int
cursor_error_at(const struct cursor *cur, size_t at, unsigned shift,
    struct error *err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fail_node(cur, at, shift, err, fmt, ap);
	va_end(ap);
	return -1;
}

int
cursor_error(const struct cursor *cur, size_t at, struct error *err,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fail_node(cur, at, 0, err, fmt, ap);
	va_end(ap);
	return -1;
}

size_t
cursor_first(const struct cursor *cur, size_t box)
{
	return cur->v[box].next > box + 1 ? box + 1 : 0;
}

size_t
cursor_next(const struct cursor *cur, size_t box, size_t at)
{
	size_t next = cur->v[at].next;

	if (cur->v[box].kind == NODE_MAP)
		next = cur->v[next].next; /* over the key's value */
	return next < cur->v[box].next ? next : 0;
}
