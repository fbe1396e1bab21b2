#ifndef POLICY_SCHEMA_NUMBER_H
#define POLICY_SCHEMA_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "proxy/base/buf.h"

/*
 * A JSON number as what it means, of any size: 0.digits times ten to the power
 * of exp, where the digits neither begin nor end in a zero.
 */
struct decimal {
	struct slice text; /* borrowed: the number as it was sent */
	const char *first; /* its first digit that counts; NULL: it is zero */
	uint32_t ndigits; /* digits that count, a point among them or not */
	bool minus; /* false for zero */
	bool vague; /* its exponent is beyond what is told apart */
	int64_t exp;
};

/* Reads the text of a number that json_read() has accepted. */
struct decimal decimal_read(struct slice text);

/* Sets *ret below, to or above zero as a is to b; false if it can't be told. */
bool decimal_compare(
    const struct decimal *a, const struct decimal *b, int *ret);

/* Is it whole: 1, 1.0, 10e-1?  1, 0, or -1 if it can't be told. */
int decimal_whole(const struct decimal *d);

/* Is a a multiple of b, which is above zero?  1, 0, or -1. */
int decimal_multiple(const struct decimal *a, const struct decimal *b);

/* The next digit from *p on, which is moved behind it. */
static inline unsigned
decimal_digit(const char **p)
{
	if (**p == '.')
		++*p;
	return (unsigned)(*(*p)++ - '0');
}

#endif
