/*
 * Is it a secret, or the place where one would go?  A rule finds what has the
 * form of a secret; documents, programs and settings are full of texts in that
 * form that are none: examples, variables, names.  What is told here is how a
 * machine's random choice differs from what people write.
 */
#include "policy/secret.h"

#include <stdint.h>
#include <string.h>

#include "policy/secret_form.h"

/* Bytes that GitHub and npm put behind their tokens' random part. */
#define CHECK_LEN 6U

bool
secret_varied(struct slice s)
{
	struct form sh = form_of(s);

	return form_varied(&sh);
}

bool
secret_digits(struct slice s)
{
	struct form sh = form_of(s);

	return form_varied(&sh) && sh.digit >= 2 && sh.lower + sh.upper >= 2;
}

bool
secret_mixed(struct slice s)
{
	struct form sh = form_of(s);

	return form_varied(&sh) && sh.lower > 3 && sh.upper > 3 &&
	       sh.turns >= 4;
}

/* 8-4-4-4-12 hexadecimal digits. */
static bool
is_uuid(struct slice s)
{
	if (s.len != 36)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23
			? s.at[i] != '-'
			: !form_hex_digit(s.at[i]))
			return false;
	return true;
}

static bool
mixed_at_random(struct slice s, const struct form *f)
{
	if (is_uuid(s))
		return f->entropy >= 2.8;
	if (f->hex)
		return f->lower + f->upper + f->digit >= 24 && f->digit >= 4 &&
		       f->distinct >= 8 && f->entropy >= 2.9;
	/* Letters alone: only a run of capitals and small ones in disorder. */
	if (f->digit == 0)
		return f->len >= 20 && f->turns * 100 >= f->len * 28 &&
		       f->entropy >= 3.8;
	return f->len >= 14 && f->turns * 100 >= f->len * 20 &&
	       f->entropy >= (f->len < 20 ? 3.0 : 3.3);
}

bool
secret_random(struct slice s)
{
	struct form sh = form_of(s);

	if (!form_varied(&sh) || sh.lower + sh.upper < 3)
		return false;
	return mixed_at_random(s, &sh) && !form_placeholder(s);
}

/* CRC-32 as zlib has it. */
static uint32_t
crc32(struct slice s)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < s.len; i++) {
		crc ^= (unsigned char)s.at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320U & (0U - (crc & 1)));
	}
	return ~crc;
}

/*
 * Do the last six characters hold the sum of the ones before, in base 62?
 * Source: GitHub, "Behind GitHub's new authentication token formats", 2021.
 */
static bool
sum_right(struct slice body)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz";
	uint32_t sum;

	if (body.len <= CHECK_LEN)
		return false;
	sum = crc32((struct slice){ body.at, body.len - CHECK_LEN });
	for (size_t i = 0; i < CHECK_LEN; i++, sum /= 62)
		if (body.at[body.len - 1 - i] != digits[sum % 62])
			return false;
	return true;
}

/* A token with a sum: a wrong one is a token that somebody has mistyped. */
static bool
summed(struct slice s)
{
	struct slice body = { s.at + 4, s.len > 4 ? s.len - 4 : 0 };

	return sum_right(body) ||
	       (secret_varied(body) && !form_placeholder(body));
}

bool
secret_github(struct slice s)
{
	return summed(s);
}

bool
secret_npm(struct slice s)
{
	return summed(s);
}

bool
secret_slack(struct slice s)
{
	struct form sh = form_of(s);

	return sh.digit >= 4 && sh.distinct >= 10;
}

bool
secret_webhook(struct slice s)
{
	struct form sh = form_of(s);

	return sh.distinct >= 14 && !form_holds(s, "xxxxxx");
}

/* The value of a digit of base64, in either alphabet, or -1. */
static int
base64_digit(char c)
{
	switch (form_class_of(c)) {
	case FORM_UPPER:
		return c - 'A';
	case FORM_LOWER:
		return c - 'a' + 26;
	case FORM_DIGIT:
		return c - '0' + 52;
	case FORM_OTHER:
		break;
	}
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* Decodes what fits into out, up to the first byte that is no digit. */
static size_t
base64(struct slice s, char *out, size_t size)
{
	uint32_t bits = 0;
	size_t n = 0, len = 0;

	for (size_t i = 0; i < s.len && len < size; i++) {
		int digit = base64_digit(s.at[i]);

		if (digit == -1)
			break;
		bits = bits << 6 | (uint32_t)digit;
		if (++n % 4 != 1)
			out[len++] = (char)(bits >> (6 - 2 * ((n - 1) % 4)));
	}
	return len;
}

bool
secret_jwt(struct slice s)
{
	char head[256];
	size_t len = base64(s, head, sizeof(head));
	struct slice text = { head, len };

	return form_holds(text, "\"alg\"") || form_holds(text, "\"typ\"") ||
	       form_holds(text, "\"enc\"") || form_holds(text, "\"kid\"");
}

bool
secret_basic(struct slice s)
{
	char text[256];
	size_t len = base64(s, text, sizeof(text));
	const char *colon = memchr(text, ':', len);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return colon != NULL && colon != text &&
	       secret_value((struct slice){
		   colon + 1, len - (size_t)(colon + 1 - text) });
}

bool
secret_bearer(struct slice s)
{
	return secret_random(s) || (s.len % 4 == 0 && secret_basic(s));
}

bool
secret_npmrc(struct slice s)
{
	return secret_bearer(s) || (s.len == 36 && is_uuid(s));
}
