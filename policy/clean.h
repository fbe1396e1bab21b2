#ifndef POLICY_CLEAN_H
#define POLICY_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/injection.h"
#include "policy/span.h"
#include "policy/spots.h"
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

/* From out on, bare runs along with the text from in on. */
struct bare_step {
	size_t out, in;
	bool still; /* all of it stands for the byte at in: it was put there */
};

/* Rules and work space; what was found in the last text. */
struct cleaner {
	struct injector *injector; /* owned */
	struct injection_report report;
	struct spans hidden;
	struct cut *v; /* owned; in order, without overlap */
	size_t n, cap;
	struct buf put;
	struct spots spots;
	struct buf bare; /* the text without what is hidden in it */
	struct bare_step *steps; /* owned: where the pieces of bare stood */
	size_t nsteps, steps_cap;
	bool in_bare; /* what is found now is found in bare */
};

struct cleaner *cleaner_new(void);
void cleaner_free(struct cleaner *c); /* accepts NULL */

/*
 * Looks for all that the policy wants to know of (responses.*): c->v then holds
 * what is to be replaced.  secrets are scan's rules.  Returns c->n.
 */
size_t clean_find(struct cleaner *c, const struct policy *p, struct scan *scan,
    struct slice text, enum injection_field field);

/*
 * Looks through a whole frame: c->spots then says where clean_find() may find
 * something, in the strings as they stand there.
 */
void clean_look(struct cleaner *c, const struct policy *p, struct scan *scan,
    struct slice raw, enum injection_field field);

/* "responses.injection" and the like: the key that decides. */
const char *finding_key(enum finding_kind kind);

#endif
