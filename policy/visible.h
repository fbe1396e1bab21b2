#ifndef POLICY_VISIBLE_H
#define POLICY_VISIBLE_H

#include <stdbool.h>

#include "policy/injection.h"
#include "proxy/base/json.h"

struct msg;

/*
 * Where a message of a server holds strings that a model or a person may read,
 * and how strictly they are judged.  What is not named here is visible.
 */
enum visible {
	VISIBLE_NOT, /* a token of the protocol's: exact, and shown to nobody,
	    as long as it is a string without white space */
	VISIBLE_TEXT,
};

/* How strictly the texts of a message are judged where no row says it. */
enum injection_field visible_field(const struct msg *msg);

/*
 * What the value of a member is.  depth counts from the members of params or
 * result, which have 0.
 */
enum visible visible_member(const struct msg *msg, json_at key, unsigned depth);

#endif
