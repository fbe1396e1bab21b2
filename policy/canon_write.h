#ifndef POLICY_CANON_WRITE_H
#define POLICY_CANON_WRITE_H

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/json.h"

/* A member of an object that is being written. */
struct member {
	struct slice key; /* without escapes; borrowed from doc or keys */
	json_at at; /* of the key */
};

/* Where what is written goes: to some hashes, and to a text if there is one. */
struct writer {
	const struct json *doc; /* borrowed */
	struct member *v; /* owned: members of the objects that are open */
	size_t n, cap;
	struct buf keys; /* owned: keys without their escapes; never moves */
	struct sha256_ctx *to[3]; /* borrowed */
	size_t nto;
	struct buf *text; /* borrowed; NULL: none, or no longer */
	bool lost; /* the text had no room */
	char out[1024]; /* what waits to be written */
	size_t len;
};

/* Writes of doc, what is at one place; to no hash at first. */
void writer_init(
    struct writer *w, const struct json *doc, json_at at, struct buf *text);
void writer_release(struct writer *w);

/* Hands on what waits; needed before to, nto or text change. */
void writer_flush(struct writer *w);

void writer_put(struct writer *w, const char *at, size_t len);
void writer_string(struct writer *w, json_at at);
void writer_value(struct writer *w, json_at at);

/* Puts the members of an object on the stack, in order; where they begin. */
size_t writer_members(struct writer *w, json_at box);

#endif
