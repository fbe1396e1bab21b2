#ifndef AUDIT_PROVE_H
#define AUDIT_PROVE_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/store.h"
#include "audit/verify.h"

struct error;

/* What has been seen of a session. */
struct seen {
	char name[PART_SESSION + 1];
	uint64_t seq, event; /* of its last row */
	uint8_t link[AUDIT_HASH];
	bool loose; /* a row says that its journal was broken */
	bool ended, known;
};

/* One call of verify_run(). */
struct prove {
	struct store store;
	struct chain chain;
	struct store_head head;
	struct verify *out;
	const uint8_t *want; /* hash that must be met, or NULL */
	bool met;
	uint64_t last; /* number of the row before */
	uint8_t prev[AUDIT_HASH];
	void *sessions; /* tree of struct seen, owned */
	int dir_fd;
	uint8_t body[RECORD_MAX];
};

/*
 * Says what is wrong, unless something was said before: the first finding is
 * the one that counts.  Returns 0.
 */
int prove_found(struct prove *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The order of the tree. */
int prove_compare(const void *a, const void *b);

/*
 * Computes every row anew, from r->last and r->prev on.  Returns 0, or -1
 * with *err set when the database cannot be read.
 */
int prove_rows(struct prove *r, struct error *err);

#endif
