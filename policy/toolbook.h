#ifndef POLICY_TOOLBOOK_H
#define POLICY_TOOLBOOK_H

#include <stdbool.h>

#include "proxy/base/json.h"

struct error;
struct schema;

/*
 * What a server has said of its tools: name and inputSchema, the latest
 * listing's.
 */
struct toolbook;

/* Tools of one server that are remembered; of more, nothing is known. */
#define TOOLBOOK_MAX 16384U

struct toolbook_entry {
	char *name; /* owned; may hold any byte but NUL */
	size_t len;
	struct schema
	    *schema; /* owned; NULL: the tool has none, or a bad one */
	struct schema *output; /* owned; NULL: it promises nothing of use */
	bool bad; /* its schema could not be used */
	bool waits; /* it must be accepted first: pins.mode */
};

struct toolbook *toolbook_new(void);
void toolbook_free(struct toolbook *tb); /* accepts NULL */

/* Forgets every tool. */
void toolbook_clear(struct toolbook *tb);

/*
 * Remembers the tool at a place of a listing, in the place of one of that name.
 * Returns 0, or -1 with *err set where its inputSchema cannot be used.
 */
int toolbook_add(struct toolbook *tb, struct slice name, const struct json *doc,
    json_at tool, struct error *err);

/* Remembers that the tool of that name must be accepted first. */
void toolbook_hold(struct toolbook *tb, struct slice name);

/* Borrowed until the next call of the others; NULL: no such tool. */
const struct toolbook_entry *toolbook_find(
    const struct toolbook *tb, struct slice name);

/*
 * Do the arguments (an object, or JSON_NONE for none) fit?  As schema_check();
 * 1 where the tool has no schema.
 */
int toolbook_check(struct toolbook *tb, const struct toolbook_entry *e,
    const struct json *doc, json_at args, struct error *why);

/* The same of structuredContent and the tool's outputSchema. */
int toolbook_check_output(struct toolbook *tb, const struct toolbook_entry *e,
    const struct json *doc, json_at content, struct error *why);

#endif
