#ifndef POLICY_CLEAN_H
#define POLICY_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/injection.h"
#include "policy/span.h"
#include "proxy/base/buf.h"

struct policy;
struct scan;

/* What kind of thing stands in a text of a server. */
enum finding_kind { FOUND_INJECTION, FOUND_HIDDEN, FOUND_SECRET, FOUND_KINDS };

/* A part of a text that is to be replaced. */
struct cut {
	size_t first, end; /* bytes of the text */
	enum finding_kind kind;
	const char *rule; /* a constant: "override", "ansi", "aws-access-key" */
	size_t put, put_len; /* what takes its place, in cleaner.put */
};

/* Rules and work space; what was found in the last text. */
struct cleaner {
	struct injector *injector; /* owned */
	struct injection_report report;
	struct spans hidden;
	struct cut *v; /* owned; in order, without overlap */
	size_t n, cap;
	struct buf put;
};

struct cleaner *cleaner_new(void);
void cleaner_free(struct cleaner *c); /* accepts NULL */

/*
 * Looks for all that the policy wants to know of (responses.*): c->v then holds
 * what is to be replaced.  secrets are scan's rules.  Returns c->n.
 */
size_t clean_find(struct cleaner *c, const struct policy *p, struct scan *scan,
    struct slice text, enum injection_field field);

/* Can nothing at all be found in these bytes, JSON's escapes undone or not? */
bool clean_is_plain(struct cleaner *c, struct scan *scan, struct slice raw);

/* "responses.injection" and the like: the key that decides. */
const char *finding_key(enum finding_kind kind);

#endif
