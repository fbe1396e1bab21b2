#ifndef POLICY_SCHEMA_REGEX_H
#define POLICY_SCHEMA_REGEX_H

#include <stdint.h>

#include "proxy/base/buf.h"

struct error;

/*
 * A regular expression of ECMA-262, run by PCRE2: read by a parser of our own,
 * so that what PCRE2 alone knows is refused and what both spell alike but mean
 * differently is translated.
 */
struct schema_regex;

/*
 * Returns 0 with *ret (schema_regex_free()), or -1 with *err set: it is no such
 * pattern; it would take exponential time, or time that grows with the third
 * power of a text's length or more, where an engine goes back and tries again
 * (ours is bounded, but the server's and the client's may not be); or *work,
 * from which the steps of all this are taken, is used up.
 */
int schema_regex_new(struct slice pattern, uint64_t *work,
    struct schema_regex **ret, struct error *err);
void schema_regex_free(struct schema_regex *re); /* accepts NULL */

/*
 * Is it found anywhere in text, which is UTF-8?  1 yes, 0 no, -1 the engine
 * gave up: the bounds on its work.
 */
int schema_regex_find(struct schema_regex *re, struct slice text);

/*
 * Bytes of a text up to which a pattern that takes the square of its length, as
 * those that are let through may, takes some microseconds at most.
 */
#define SCHEMA_REGEX_SHORT 256U

/* What a search may cost, in steps of the validator. */
static inline uint64_t
schema_regex_steps(size_t len)
{
	return (len <= SCHEMA_REGEX_SHORT ? 8U : 100U) + len / 16;
}

#endif
