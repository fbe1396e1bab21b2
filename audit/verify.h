#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/audit.h"

struct error;

/* What was found. */
struct verify {
	bool whole; /* else finding says what is wrong, and where */
	char finding[512];
	uint64_t rows, first, last; /* that were proven; 0: none */
	uint64_t anchor; /* retention removed the rows up to it; 0: none */
	uint8_t head[AUDIT_HASH]; /* hash of the last row */
	bool keyed;
	uint64_t sessions, running; /* with rows here; with a journal */
	uint64_t broken; /* journals that were found broken */
	uint64_t cut; /* sessions that ended without an end record */
	char cut_names[128]; /* some of them, by spaces */
};

/*
 * Computes the chain of the database anew, the sessions' links too.  The
 * first thing that does not fit ends it.  head, unless NULL, is a hash that
 * must be in the chain.  Returns 0 with *ret set, or -1 with *err set: no
 * database, not readable, or it has a key and opt none.
 */
int verify_run(const struct audit_options *opt, const uint8_t *head,
    int busy_ms, struct verify *ret, struct error *err);

#endif
