#ifndef POLICY_SCHEMA_GRAPH_H
#define POLICY_SCHEMA_GRAPH_H

/*
 * A pattern as an automaton without empty moves, which knows how many ways
 * there are from one character to the next: what the judgement of its cost
 * walks on.  Source: Glushkov, 1961, with multiplicities.
 */

#include <stdbool.h>
#include <stdint.h>

#include "policy/schema_regex_ast.h"

/* A pattern with more characters than that, counts spelt out, isn't judged. */
#define GRAPH_MAX 1000U

struct graph_list {
	uint32_t *v; /* owned */
	uint32_t n, cap;
};

/* A character of the pattern, once for each time that it is spelt out. */
struct graph_place {
	uint32_t set; /* index of its characters; RE_NONE: any */
	struct graph_list next; /* places that may follow */
	bool starts; /* a search may begin here anywhere in a text */
	bool ends; /* behind it the pattern has matched, come what may */
	uint32_t loop; /* its strong component, or RE_NONE: in no loop */
};

struct graph {
	const struct re_tree *tree; /* borrowed */
	struct graph_place *places; /* owned */
	uint32_t n, cap;
	uint8_t *ways; /* owned: n * n: 0, 1, or 2 for more */
	uint32_t nloops;
	uint64_t *work; /* that is left */
};

/*
 * Makes the graph of the part of a tree below root.  false: larger than
 * GRAPH_MAX, or no work left.  graph_release() in either case.
 */
bool graph_build(
    struct graph *g, const struct re_tree *tree, uint32_t root, uint64_t *work);
void graph_release(struct graph *g);

/* Takes n steps of work; false where there are no more. */
static inline bool
graph_spend(struct graph *g, uint64_t n)
{
	*g->work = *g->work > n ? *g->work - n : 0;
	return *g->work > 0;
}

static inline unsigned
graph_ways(const struct graph *g, uint32_t from, uint32_t to)
{
	return g->ways[(size_t)from * g->n + to];
}

#endif
