#ifndef POLICY_RULE_FLAGS_H
#define POLICY_RULE_FLAGS_H

#include "policy/ruleset.h"

/* Flags of rules_commands: where a match counts that is no plain value. */
enum {
	RULE_ANYWHERE = RULE_OWN, /* in what is meant to be run, too */
	RULE_DOCUMENT = RULE_OWN << 1, /* in a document that may quote, too */
	RULE_STRICT = RULE_OWN << 2, /* not in a sentence: common in prose */
};

#endif
