#ifndef POLICY_EXPR_H
#define POLICY_EXPR_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

/* What expressions share of the engine: zeroed memory until it is needed. */
struct expr_room {
	struct pcre2_real_match_data_8 *data; /* owned */
	struct pcre2_real_match_context_8 *ctx; /* owned */
	struct pcre2_real_jit_stack_8 *stack; /* owned; NULL without JIT */
};

void expr_room_release(struct expr_room *room);

/* An expression of a rule: zeroed memory but for the first three. */
struct expr {
	const char *pattern; /* borrowed: PCRE2, bytes */
	unsigned flags; /* RULE_CASE, RULE_LINES */
	size_t reach; /* bytes behind its start that an attempt may see */
	struct pcre2_real_code_8 *code; /* owned; NULL until needed */
	bool compiled; /* or it could not be */
	bool jit; /* it is machine code */
	bool partial; /* for hard partial matching as well */
};

void expr_release(struct expr *e);

struct expr_match {
	size_t start, end; /* of the whole: end > start unless it is empty */
	struct slice
	    text; /* of group 1 where it took part, else of the whole */
};

/*
 * The first match in text that starts at *at or behind it, and before end: 1
 * with *ret, 0 there is none, -1 the engine gave up, and *at is where.
 * Compiles e when it is needed first.  An answer is the one for the whole text
 * as long as the attempt that made it looked at no more than e->reach bytes
 * behind its start; one that wants more is answered as if the text ended there,
 * but not its last line.  So the time is linear in end - *at, whatever the text
 * and the expression.
 */
int expr_next(struct expr_room *room, struct expr *e, struct slice text,
    size_t *at, size_t end, struct expr_match *ret);

#endif
