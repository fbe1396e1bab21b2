#ifndef POLICY_SCHEMA_REGEX_AST_H
#define POLICY_SCHEMA_REGEX_AST_H

/*
 * A pattern of ECMA-262 as a tree: what its parser, its translation for PCRE2
 * and the judgement of its cost share.
 */

#include <stdbool.h>
#include <stdint.h>

#include "proxy/base/buf.h"

struct error;

#define RE_NONE UINT32_MAX
#define RE_MANY UINT32_MAX /* a repeat without an end */

enum re_kind {
	RE_EMPTY,
	RE_SET, /* one character of a set */
	RE_CAT, /* its children, one after the other */
	RE_ALT, /* one of its children */
	RE_REPEAT, /* of its child */
	RE_GROUP, /* captures its child */
	RE_LOOK, /* ahead or behind */
	RE_BACK, /* what a group has matched */
	RE_START, /* ^ */
	RE_END, /* $ */
	RE_EDGE, /* \b or \B */
};

struct re_node {
	enum re_kind kind;
	uint32_t child, next; /* its first child; its sibling; or RE_NONE */
	uint32_t min, max; /* RE_REPEAT */
	uint32_t index; /* of the set; number of the group */
	bool lazy; /* RE_REPEAT */
	bool behind; /* RE_LOOK */
	bool negated; /* RE_LOOK, RE_EDGE */
};

struct re_range {
	uint32_t first, last; /* both are in it */
};

/* Characters: ranges in order, apart from each other. */
struct re_set {
	struct re_range *v; /* owned */
	uint32_t n, cap;
	/* With Unicode properties: the whole as PCRE2 reads it; the ranges then
	   hold all that is beyond ASCII. */
	struct buf text; /* owned */
};

struct re_name {
	struct slice text; /* borrowed from the pattern */
	uint32_t group;
};

struct re_tree {
	struct slice pattern; /* borrowed */
	struct re_node *nodes; /* owned */
	uint32_t nnodes, cap_nodes;
	struct re_set *sets; /* owned */
	uint32_t nsets, cap_sets;
	struct re_name *names; /* owned */
	uint32_t nnames, cap_names;
	uint32_t ngroups; /* that capture */
	uint32_t root;
};

/*
 * Reads a pattern as with the flag u, and what of the old form is no other
 * pattern then: "\_" for "_", "[\w-.]".  What PCRE2 alone knows is refused.
 * Returns 0, or -1 with *err set.  re_tree_release() in either case.
 */
int re_tree_read(struct re_tree *t, struct slice pattern, struct error *err);
void re_tree_release(struct re_tree *t);

/* --- Sets. --- */

void re_set_add(struct re_set *set, uint32_t first, uint32_t last);
/* \d \D \s \S \w \W and '.', by their letter. */
void re_set_add_class(struct re_set *set, char letter);
/* \p{name} or \P{name}: -1 where PCRE2 does not know it. */
int re_set_add_property(struct re_set *set, struct slice name, bool negated);
/* Sorts and joins the ranges, and inverts them. */
void re_set_finish(struct re_set *set, bool negated);
bool re_set_has(const struct re_set *set, uint32_t cp);
/* Appends it as PCRE2 reads it. */
void re_set_write(const struct re_set *set, struct buf *dst);

/*
 * Would a backtracking engine need exponential time, or the third power of a
 * text's length or more, for some text?  Returns 0 if not, or -1 with *err set;
 * also -1 where it can't be told within *work, from which its steps are taken.
 */
int re_tree_redos(const struct re_tree *t, uint64_t *work, struct error *err);

#endif
