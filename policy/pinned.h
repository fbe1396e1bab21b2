#ifndef POLICY_PINNED_H
#define POLICY_PINNED_H

#include <stdbool.h>

#include "policy/check.h"
#include "proxy/base/json.h"

struct pin_say;

/* What the pins say of the tools of one page. */
struct pinned {
	struct pin_say *say; /* owned: one for each tool with a name */
	json_at *at; /* owned: the places of those */
	size_t n;
	char note[REASON_MAX]; /* for the log; empty: nothing is new */
	bool unknown; /* the pins cannot be read */
};

/*
 * Compares the tools in the array at a place with their pins, where the policy
 * asks for it and env has somebody who knows.  pinned_release() in any case.
 */
void pinned_read(const struct check_env *env, const struct msg *msg,
    json_at tools, struct pinned *ret);
void pinned_release(struct pinned *p);

/* Must the tool at that place be held back until it is accepted? */
bool pinned_waits(
    const struct check_env *env, const struct pinned *p, json_at tool);

#endif
