/*
 * One pass over a frame in place of a look at each of its strings: a result of
 * thousands of short strings would cost more in calls than in bytes.  Whoever
 * looks for something in strings says here where in the frame it may be; what
 * is said may be too much, never too little.
 */
#include "policy/spots.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/base/xalloc.h"

#define WORD_SPOTS 64U
/* Bytes that are looked at in one step. */
#define STEP 16U
typedef unsigned char __attribute__((vector_size(STEP))) step_bytes;
typedef uint64_t __attribute__((vector_size(STEP))) step_words;

void
spots_release(struct spots *s)
{
	free(s->bits);
	*s = (struct spots){ .bits = NULL };
}

void
spots_clear(struct spots *s, size_t len)
{
	s->n = len / ((size_t)SPOT_BYTES * WORD_SPOTS) + 1;
	if (s->n > s->cap) {
		s->cap = s->n;
		s->bits = xreallocarray(s->bits, s->cap, sizeof(*s->bits));
	}
	memset(s->bits, 0, s->n * sizeof(*s->bits));
}

void
spots_mark(struct spots *s, size_t first, size_t end)
{
	for (size_t i = first / SPOT_BYTES; i <= (end - 1) / SPOT_BYTES; i++)
		s->bits[i / WORD_SPOTS] |= (uint64_t)1 << i % WORD_SPOTS;
}

bool
spots_any(const struct spots *s, size_t first, size_t end)
{
	size_t a = first / SPOT_BYTES, b = (end - 1) / SPOT_BYTES;
	uint64_t from = UINT64_MAX << a % WORD_SPOTS;
	uint64_t upto = UINT64_MAX >> (WORD_SPOTS - 1 - b % WORD_SPOTS);

	a /= WORD_SPOTS;
	b /= WORD_SPOTS;
	if (a == b)
		return (s->bits[a] & from & upto) != 0;
	if ((s->bits[a] & from) != 0 || (s->bits[b] & upto) != 0)
		return true;
	while (++a < b)
		if (s->bits[a] != 0)
			return true;
	return false;
}

static bool
is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Does the byte at i stand for something else?  A quotation mark is before the
   first byte of a string and behind its last. */
static bool
is_dress(struct slice raw, size_t i)
{
	unsigned char c = (unsigned char)raw.at[i];
	char next = i + 1 < raw.len ? raw.at[i + 1] : '\0';

	switch (c) {
	case '\\':
	case '<':
	case '&':
	case '*':
	case '`':
	case 0x7f:
		return true;
	case '~':
		return next == '~';
	case ' ':
		return next == ' ';
	case '_':
		return i == 0 || !is_alnum((unsigned char)raw.at[i - 1]) ||
		       !is_alnum((unsigned char)next);
	default:
		return c >= 0x80;
	}
}

/* May one of the STEP bytes at p?  One more is read. */
static inline bool
step_dressed(const unsigned char *p)
{
	step_bytes v, next;
	step_words w;

	memcpy(&v, p, STEP);
	memcpy(&next, p + 1, STEP);
	w = (step_words)((v >= 0x7f) | (v == '<') | (v == '&') | (v == '\\') |
			 (v == '*') | (v == '`') | (v == '~') | (v == '_') |
			 ((v == ' ') & (next == ' ')));
	return (w[0] | w[1]) != 0;
}

void
spots_dress(struct spots *s, struct slice raw)
{
	const unsigned char *p = (const unsigned char *)raw.at;

	for (size_t at = 0; at < raw.len; at += STEP) {
		size_t end = raw.len - at > STEP ? at + STEP : raw.len;

		if (end < raw.len && !step_dressed(p + at))
			continue;
		for (size_t i = at; i < end; i++)
			if (is_dress(raw, i)) {
				spots_mark(s, i, i + 1);
				break; /* of the same spot */
			}
	}
}
