#ifndef POLICY_CURSOR_H
#define POLICY_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

struct error;

/* Bytes of one policy file; the shipped ones have some 3 KiB. */
#define POLICY_FILE_MAX (1UL << 20)
/* Levels of nesting; the deepest key of the table has 5. */
#define POLICY_DEPTH_MAX 16U
/* Values and keys of one file. */
#define POLICY_NODES_MAX 100000U

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

/*
 * One value or key.  The entries of a map lie behind it as key, value, key,
 * value ...; a key is a scalar.
 */
struct node {
	enum node_kind kind;
	bool plain; /* a scalar without quotes */
	char *text; /* owned; a scalar's, without NUL bytes; else NULL */
	unsigned line, column; /* from 1, columns in characters */
	unsigned width; /* characters from begin to end; 0: several lines */
	size_t next; /* node behind it and all that it holds */
};

/* One YAML file, read; node 0 is its value, a map. */
struct cursor {
	const char *file; /* borrowed: for messages */
	struct node *v; /* owned */
	size_t n, cap;
};

/*
 * Reads one YAML document, without what only hides: anchors, aliases, tags,
 * directives, a second document.  Returns 0, or -1 with *err set to
 * file:line:column and the cause.  Release it in both cases.  text is not
 * needed afterwards; file is borrowed.  Source: YAML 1.1, as libyaml reads it.
 */
int cursor_read(
    struct cursor *cur, const char *file, struct slice text, struct error *err);
void cursor_release(struct cursor *cur);

/* Sets *err to "file:line:column: " and the text.  Returns -1. */
int cursor_error(const struct cursor *cur, size_t at, struct error *err,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same, some characters to the right of where the node begins. */
int cursor_error_at(const struct cursor *cur, size_t at, unsigned shift,
    struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * Walks a container's children:
 *   for (at = cursor_first(cur, box); at != 0; at = cursor_next(cur, box, at))
 * In a map, at is each key, and at + 1 its value.  0 is behind the last.
 */
size_t cursor_first(const struct cursor *cur, size_t box);
size_t cursor_next(const struct cursor *cur, size_t box, size_t at);

#endif
