#ifndef POLICY_REGEX_H
#define POLICY_REGEX_H

#include "proxy/base/buf.h"

struct policy_regex;

/*
 * Is the pattern found in text?  1 yes, 0 no, -1 the engine gave up (a limit,
 * memory, text that is not UTF-8): the caller must take that for the answer
 * that protects.  At most REGEX_MATCH_LIMIT steps.
 */
#define REGEX_MATCH_LIMIT 100000U
int regex_find(const struct policy_regex *re, struct slice text);

#endif
