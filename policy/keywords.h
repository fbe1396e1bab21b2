#ifndef POLICY_KEYWORDS_H
#define POLICY_KEYWORDS_H

#include <stddef.h>
#include <stdint.h>

#include "policy/prefilter.h"
#include "policy/ruleset.h"

/* In keywords.rule: the literal is of the rule's second list. */
#define KEYWORD_ALSO (UINT32_C(1) << 31)

/* The keywords of those rules of a table that one kind of scan tries. */
struct keywords {
	unsigned mask, want; /* rules whose (flags & mask) == want */
	struct prefilter *pf; /* owned: finds literals */
	/* The rules that literal i is a keyword of: rule[of[i]] up to, not
	   with, rule[of[i + 1]]. */
	uint32_t *of; /* owned */
	uint32_t *rule; /* owned: index in the table, perhaps KEYWORD_ALSO */
	uint32_t *len; /* owned: bytes of a literal */
};

/* keywords_free(). */
struct keywords *keywords_new(
    const struct rule *rows, size_t n, unsigned mask, unsigned want);
void keywords_free(struct keywords *kw); /* accepts NULL */

#endif
