#ifndef PROXY_DESK_H
#define PROXY_DESK_H

#include "policy/pinner.h"

/* What the checks ask of the audit database: pins (policy/pinner.h). */
struct desk {
	struct pinner pinner; /* first: the checks see no more than this */
	struct pins *pins; /* owned */
};

struct policy;

/*
 * Pins are where the policy says, else in the audit database; all borrowed for
 * the call.  desk_free().
 */
struct desk *desk_new(const struct policy *policy, const char *audit,
    const char *server, const char *session);
void desk_free(struct desk *d); /* accepts NULL */

#endif
