#ifndef POLICY_OUTPUT_H
#define POLICY_OUTPUT_H

#include <stdbool.h>

#include "policy/check.h"

/* The rule of such a refusal. */
#define RULE_OUTPUT "responses.output"

/*
 * Would the result of a call, with env->edits carried out, break what its tool
 * promises of structuredContent?  No, where the tool promises nothing, or no
 * edit lies in it.
 */
bool output_breaks(const struct check_env *env, const struct msg *msg);

#endif
