#ifndef POLICY_REGEX_H
#define POLICY_REGEX_H

#include <stddef.h>

#include "proxy/base/buf.h"

struct policy_regex;

/*
 * Compiles re->text.  Returns 0, or -1 with PCRE2's number of what is wrong
 * and the offset in the text.  regex_release() in both cases.
 */
int regex_compile(struct policy_regex *re, int *ret_code, size_t *ret_offset);
void regex_release(struct policy_regex *re);

/*
 * Is the pattern found in text?  1 yes, 0 no, -1 the engine gave up (a limit,
 * memory): the caller must take that for the answer that protects.  At most
 * REGEX_MATCH_LIMIT steps, and 16 more for each byte of the text.  Bytes that
 * are no UTF-8 count as U+FFFD.
 */
#define REGEX_MATCH_LIMIT 100000U
int regex_find(const struct policy_regex *re, struct slice text);

#endif
