#ifndef POLICY_INJECTION_FAMILY_H
#define POLICY_INJECTION_FAMILY_H

#include "policy/ruleset.h"

/*
 * What a rule of rules_injection is evidence of.  Evidence of one family counts
 * once in one place, however often it is repeated.
 */
enum family {
	FAMILY_OVERRIDE, /* what was said before is to be ignored */
	FAMILY_TASK, /* there is something else to do */
	FAMILY_INSTEAD, /* "instead", before an order */
	FAMILY_ROLE, /* a turn of a conversation, made up */
	FAMILY_LABEL, /* "SYSTEM OVERRIDE:" */
	FAMILY_WRAP, /* "<IMPORTANT>" */
	FAMILY_ADDRESS, /* speaks to the model that reads it */
	FAMILY_TOOL, /* which tool is to be called */
	FAMILY_PARAM, /* what is to be passed to it */
	FAMILY_SECRET, /* a file that holds secrets is to be read */
	FAMILY_HIDE, /* from the user */
	FAMILY_HIDDEN, /* by markup: in a comment, not displayed */
	FAMILY_LEAK, /* what the model was told is to be repeated */
	FAMILY_PERSONA, /* the model is to be somebody else */
	FAMILY_PLAY, /* and is to stay so */
	FAMILY_SAFETY, /* no rules, no filters, no questions */
	FAMILY_AUTH, /* somebody has allowed it */
	FAMILY_EXFIL, /* data is to be sent away */
	FAMILY_ENCODED, /* to be decoded, and followed */
	FAMILY_ORDER, /* this tool before all others */
	FAMILY_SHADOW, /* how other tools are to be used */
	FAMILY_URGENCY, /* what happens otherwise */
	FAMILY_ABOUT, /* the text is about such things; no evidence */
	FAMILY_COUNT
};

/* Of struct rule's flags. */
enum {
	INJECTION_STRICT = RULE_OWN, /* in descriptions alone */
	/* Too common to be looked for in a long text, but near other signs. */
	INJECTION_NEAR = RULE_OWN << 1,
	INJECTION_FAMILY_SHIFT = 16,
};

#define FAMILY(name) ((unsigned)FAMILY_##name << INJECTION_FAMILY_SHIFT)

#endif
