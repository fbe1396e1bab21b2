#ifndef POLICY_CANON_H
#define POLICY_CANON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/canon_field.h"
#include "proxy/base/json.h"

struct error;

/* A tool's definition, such that equal ones have equal hashes. */
struct canon_tool {
	char *name; /* owned; may hold any byte */
	size_t name_len;
	bool long_name; /* it was cut at CANON_NAME_MAX */
	uint8_t hash[CANON_HASH]; /* of all fields but CANON_REST */
	uint8_t nameless[CANON_HASH]; /* the same without the name */
	/* Of each field's value; zero where the tool has none. */
	uint8_t field[CANON_FIELDS][CANON_HASH];
	char *text; /* owned: all members; NULL: there was no room for it */
	size_t text_len;
};

/* The tools of a listing, or of a page of it. */
struct canon {
	struct canon_tool *v; /* owned */
	size_t n, cap;
	size_t kept; /* bytes of all texts */
};

void canon_init(struct canon *c);
void canon_release(struct canon *c);

/*
 * Adds the tool at a place of a listing.  Returns 0, or -1 with *err set and
 * nothing added: it is no object with a name, or there are too many.
 */
int canon_add(
    struct canon *c, const struct json *doc, json_at tool, struct error *err);

/* Are these the same definition, unknown members included? */
bool canon_same(const uint8_t hash_a[CANON_HASH],
    const uint8_t rest_a[CANON_HASH], const uint8_t hash_b[CANON_HASH],
    const uint8_t rest_b[CANON_HASH]);

/*
 * Appends the canonical form of a value: no space, members sorted by the
 * UTF-16 units of their names, strings with no escape that is not needed,
 * numbers as ECMAScript writes them but with every digit that was sent.
 * Returns 0, or -1 with dst as it was: dst->max.  Source: RFC 8785.
 */
int canon_value(const struct json *doc, json_at at, struct buf *dst);

/* The order of members: below, at or above zero. */
int canon_compare(struct slice a, struct slice b);

/*
 * Names what differs between two canonical objects, for people: "description,
 * inputSchema.properties.path (new)".  Names are quoted, dst is terminated and
 * ends in "..." where not all of them fit; size is at least 64.  Returns dst.
 */
char *canon_changes(
    char *dst, size_t size, struct slice before, struct slice after);

#endif
