#ifndef POLICY_CHECK_PATH_PARTS_H
#define POLICY_CHECK_PATH_PARTS_H

/*
 * What the files of the stage path share and nobody else needs.
 */

#include "policy/pathscan.h"
#include "policy/policy.h"
#include "policy/text.h"

#define RULE_ROOTS "arguments.paths.roots"
#define RULE_DENY "arguments.paths.deny"
#define RULE_CLIMB "arguments.paths.traversal"
#define RULE_LINKS "arguments.paths.follow_symlinks"

/* One string under judgement. */
struct look {
	const struct policy *p;
	const struct text *t;
	struct verdict *v;
	enum text_role role; /* of t, or ROLE_VALUE for what is plainly a path
			      */
	enum view_kind view;
	struct pathscan *scan;
	struct pathname *pn; /* work space: that of scan */
	unsigned above; /* steps up of the directories that a command took */
};

enum action look_refuse(struct look *l, const char *rule,
    const struct origin *at, const char *predicate);
enum action look_refuse_outside(struct look *l);

/* By the list of what is denied. */
enum action look_deny(struct look *l, const struct pathname *pn);

/* A reading of a whole string, by the roots.  May change *pn. */
enum action look_roots(struct look *l, struct pathname *pn);

/* The same for one word of a text; word is as it is written. */
enum action look_word_roots(
    struct look *l, struct pathname *pn, struct slice word);

#endif
