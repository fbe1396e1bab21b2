#ifndef POLICY_TRACK_H
#define POLICY_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/base/buf.h"

/*
 * What is remembered from one message to the next: the revision that was
 * negotiated, and the names of the tools that the server has listed.
 */
struct track {
	unsigned revision; /* bit of the negotiated revision; 0: none yet */
	bool listed; /* a whole listing was seen and holds */
	bool listing; /* pages of a listing are being gathered */
	char **tools; /* owned: names of the listing that holds */
	size_t ntools;
	char **next; /* owned: names gathered so far */
	size_t nnext;
};

void track_init(struct track *t);
void track_release(struct track *t);

/* A page of tools/list begins; first: it was asked for without a cursor. */
void track_page(struct track *t, bool first);

/* A tool on this page. */
void track_tool(struct track *t, struct slice name);

/* The page ends; last: it names no next one.  Then the listing holds. */
void track_page_end(struct track *t, bool last);

/* The server says that its list has changed: what was listed is unknown. */
void track_changed(struct track *t);

/* False only if a listing holds and the tool is not on it. */
bool track_knows(const struct track *t, struct slice name);

#endif
