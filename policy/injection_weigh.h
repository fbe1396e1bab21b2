#ifndef POLICY_INJECTION_WEIGH_H
#define POLICY_INJECTION_WEIGH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/ruleset.h"

struct quotes;

/* What a rule found, in bytes of the plain text. */
struct sign {
	uint32_t first, end;
	const struct rule *rule; /* borrowed */
};

/* All that was found in a text. */
struct signs {
	struct sign *v; /* owned */
	size_t n, cap;
};

/* Signs that stand together. */
struct cluster {
	size_t first, end; /* of the plain text */
	size_t from, to; /* of struct signs */
	const struct rule *rule; /* the heaviest */
	unsigned score;
};

/* Puts signs in the order of the text. */
void signs_order(struct signs *in);

/*
 * Drops what is no evidence, puts the rest in order, and tells whether the text
 * is about attacks, so that it may quote some.
 */
bool signs_sort(struct signs *in);

/* The cluster that begins with sign `from`; not weighed. */
struct cluster cluster_gather(const struct signs *in, size_t from);

/*
 * Adds up the signs of a cluster: the heaviest of each family.  Where the text
 * is about attacks quotes is given, and what is quoted counts in part; clusters
 * come in the order of the text then.
 */
void cluster_weigh(
    const struct signs *in, struct cluster *c, struct quotes *quotes);

#endif
