/*
 * Numbers of any size, exactly: what is compared are the digits as they were
 * sent, so that nothing is rounded and no exponent makes anybody count to it.
 * The work is linear in the digits; what would take more is "can't be told".
 */
#include "policy/schema_number.h"

#include <assert.h>

/* An exponent beyond it is told from no other: no text has as many digits. */
#define EXP_MAX (INT64_C(1) << 40)

/* Digits of a divisor that fit into 64 bits. */
#define DIVISOR_DIGITS 19U

static int64_t
read_exponent(const char *p, const char *end)
{
	bool minus = *p == '-';
	int64_t value = 0;

	for (p += *p == '-' || *p == '+'; p < end; p++)
		if (value < EXP_MAX)
			value = value * 10 + (*p - '0');
	return minus ? -value : value;
}

struct decimal
decimal_read(struct slice text)
{
	struct decimal d = { .text = text };
	const char *p = text.at, *end = text.at + text.len;
	bool point = false;
	int64_t lead = 0; /* digits before the point, from the first one on */
	uint32_t zeros = 0; /* at the end so far */

	d.minus = *p == '-';
	for (p += d.minus; p < end && (*p | 0x20) != 'e'; p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		if (d.first == NULL && *p == '0') {
			lead -= point;
			continue;
		}
		if (d.first == NULL)
			d.first = p;
		lead += !point;
		zeros = *p == '0' ? zeros + 1 : 0;
		d.ndigits++;
	}
	d.ndigits -= zeros;
	if (d.first == NULL) {
		d.minus = false;
		return d;
	}
	d.exp = lead;
	if (p < end)
		d.exp += read_exponent(p + 1, end);
	d.vague = d.exp >= EXP_MAX || d.exp <= -EXP_MAX;
	return d;
}

/* Compares digits only: 0.12 and 0.123. */
static int
compare_digits(const struct decimal *a, const struct decimal *b)
{
	uint32_t n = a->ndigits < b->ndigits ? a->ndigits : b->ndigits;
	const char *p = a->first, *q = b->first;

	for (; n > 0; n--) {
		unsigned x = decimal_digit(&p), y = decimal_digit(&q);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a->ndigits > b->ndigits) - (a->ndigits < b->ndigits);
}

/* The sign of a number: -1, 0 or 1. */
static int
sign(const struct decimal *d)
{
	return d->first == NULL ? 0 : d->minus ? -1 : 1;
}

bool
decimal_compare(const struct decimal *a, const struct decimal *b, int *ret)
{
	int s = sign(a);

	*ret = s - sign(b);
	if (*ret != 0 || s == 0)
		return true;
	/* Both exponents are beyond, and on the same side. */
	if (a->vague && b->vague && (a->exp > 0) == (b->exp > 0))
		return slice_eq(a->text, b->text);
	if (a->exp != b->exp)
		*ret = a->exp < b->exp ? -s : s;
	else
		*ret = s * compare_digits(a, b);
	return true;
}

int
decimal_whole(const struct decimal *d)
{
	/* Digits that end in no zero: all of them must be before the point. */
	return d->first == NULL || d->exp >= (int64_t)d->ndigits;
}

static uint64_t
multiply_mod(uint64_t a, uint64_t b, uint64_t m)
{
	__extension__ typedef unsigned __int128 wide;

	return (uint64_t)((wide)a * b % m);
}

static uint64_t
power_mod(uint64_t base, uint64_t n, uint64_t m)
{
	uint64_t value = 1 % m;

	for (base %= m; n > 0; n >>= 1) {
		if ((n & 1) != 0)
			value = multiply_mod(value, base, m);
		base = multiply_mod(base, base, m);
	}
	return value;
}

int
decimal_multiple(const struct decimal *a, const struct decimal *b)
{
	int64_t shift;
	uint64_t div = 0, rest = 0;
	const char *p;

	assert(b->first != NULL && !b->minus);
	if (a->first == NULL)
		return 1;
	if (a->vague || b->vague)
		return slice_eq(a->text, b->text) ? 1 : -1;
	/*
	 * a = A * 10^i and b = B * 10^j with A and B whole and without a zero
	 * at the end: with i < j, A would have to hold a ten, and does not.
	 */
	shift = (a->exp - a->ndigits) - (b->exp - b->ndigits);
	if (shift < 0 || a->exp < b->exp)
		return 0;
	if (b->ndigits > DIVISOR_DIGITS)
		return shift == 0 && compare_digits(a, b) == 0 ? 1 : -1;
	p = b->first;
	for (uint32_t i = 0; i < b->ndigits; i++)
		div = div * 10 + decimal_digit(&p);
	assert(div > 0); /* b->first is the first digit that is no zero */
	p = a->first;
	for (uint32_t i = 0; i < a->ndigits; i++)
		rest = (multiply_mod(rest, 10, div) + decimal_digit(&p)) % div;
	return multiply_mod(rest, power_mod(10, (uint64_t)shift, div), div) ==
	       0;
}
