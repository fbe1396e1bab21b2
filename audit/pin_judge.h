#ifndef AUDIT_PIN_JUDGE_H
#define AUDIT_PIN_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/pin.h"
#include "policy/canon.h"

struct error;

/* Names of the tools that a listing has had so far. */
struct pin_seen {
	void *tree; /* owned: of names' hashes */
	size_t n;
	uint64_t page; /* the current one; counts all pages */
	bool whole; /* seen from the first page on, every name */
};

/* Forgets all names. */
void pin_seen_clear(struct pin_seen *s);

/* Notes a name, by its hash; true if this page had it before. */
bool pin_seen_add(struct pin_seen *s, const uint8_t name[CANON_HASH]);

/* One look at a page, within a transaction. */
struct pin_look {
	struct pin_table *t; /* borrowed */
	const struct pin_seen *seen; /* borrowed: this page's are among them */
	struct slice server, session;
	bool deny; /* of struct pins_options */
	bool first; /* the server was not known when the listing began */
	bool write; /* what is new is written */
	struct pin_report *out;
	int64_t tools, bytes; /* of the server: names, and texts */
	int64_t now_us;
	size_t nnew; /* changes that were, or would have to be, written */
};

/* Judges one tool; f->status may be set to PIN_DUPLICATE.  0 or -1. */
int pin_judge(struct pin_look *l, const struct canon_tool *tool,
    struct pin_finding *f, struct error *err);

/* Finds what the whole listing has not had.  0 or -1. */
int pin_judge_missing(struct pin_look *l, struct error *err);

#endif
