#ifndef POLICY_PINNER_H
#define POLICY_PINNER_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/canon.h"

struct error;

/* What is known of one listed tool from sessions before. */
struct pin_say {
	bool waits; /* its definition is not accepted (yet) */
	char why[160]; /* for the log; empty: as it was */
};

/*
 * Who remembers tools from one session to the next; filled in by whoever has
 * the place to do so.  listing compares the tools of a page and remembers them:
 * 0 with one answer for each in say, and a summary of what is gone in gone
 * (empty: nothing); -1 with *err set where it cannot tell.
 */
struct pinner {
	int (*listing)(struct pinner *self, const struct canon *tools,
	    bool first, bool last, struct pin_say *say, char gone[160],
	    struct error *err);
	/* Was that tool ever listed?  1 or 0; -1 with *err set. */
	int (*known)(struct pinner *self, struct slice tool, struct error *err);
};

#endif
