/*
 * Many literals in one pass.  Each literal has two anchors: four neighbouring
 * bytes of it, the rarest, one at an even place in it and one at an odd place,
 * so that one of them begins at an even place of the text wherever the literal
 * stands, and only even places need a look.  The first three bytes there choose
 * a row of 32 bits by a hash, and the fourth a bit of it: a table that stays in
 * the nearest cache and says no nearly everywhere.  Where it says yes, the
 * literals of that row are compared in full, so the hash decides on time only,
 * never on what is found.  It is plain C: a place costs a load, a
 * multiplication and a look into the table, and no branch.
 */
#include "policy/prefilter_part.h"

#include "policy/fold.h"

/* Places that are sifted at once. */
#define PLACES 64UL

/* Lowest bit: may an anchor stand here? */
static inline uint32_t
maybe(const struct prefilter *pf, uint32_t v)
{
	return pf->row[row_of(v)] >> (v >> 24 & 31);
}

/* The first of these anchors that seems to stand at p, or 0. */
static inline uint32_t
probable(const struct prefilter *pf, uint32_t i, const unsigned char *p)
{
	for (; i != 0; i = pf->anchors[i - 1].next) {
		const struct anchor *a = &pf->anchors[i - 1];

		if ((load8(p + a->near) & a->mask) == a->want)
			break;
	}
	return i;
}

/* Does an anchor seem to stand at p, which has eight bytes on either side? */
static inline bool
look(const struct prefilter *pf, const unsigned char *p,
    struct prefilter_cursor *c)
{
	uint32_t v = load(p);

	c->chain = probable(pf, pf->list[row_of(v)].first, p);
	c->odd = probable(pf, pf->odd[odd_of(v)], p);
	return (c->chain | c->odd) != 0;
}

/* May an anchor stand here, by what is around it too?  Without a branch. */
static inline uint64_t
worth(const struct prefilter *pf, const unsigned char *p)
{
	uint32_t v = load(p);
	const struct list *list = &pf->list[row_of(v)];

	return (list->before >> (p[-1] & 31) & list->behind >> (p[4] & 31) &
		   1) |
	       (pf->odd[odd_of(v)] != 0);
}

/*
 * Sifts the PLACES places from c->at on.  There is no branch for each: in
 * ordinary text no processor could foretell it.
 */
static void
sift(const struct prefilter *pf, const unsigned char *s,
    struct prefilter_cursor *c)
{
	const unsigned char *p = s + c->at;
	uint64_t may = 0, mask = 0;

	for (unsigned k = 0; k < PLACES; k++)
		may |= (uint64_t)(maybe(pf, load(p + STEP * (size_t)k)) & 1)
		       << k;
	for (; may != 0; may &= may - 1) {
		unsigned k = (unsigned)__builtin_ctzll(may);

		mask |= worth(pf, p + STEP * (size_t)k) << k;
	}
	c->base = c->at;
	c->mask = mask;
	c->at += STEP * PLACES;
}

/*
 * Goes on from c->at, which is even, over places before last, as far as there
 * are eight bytes on either side, and stops where an anchor probably stands:
 * true with c->chain or c->odd set, and c->place.
 */
static bool
sieve(const struct prefilter *pf, const unsigned char *s, size_t last,
    struct prefilter_cursor *c)
{
	for (;;) {
		while (c->mask != 0) {
			c->place =
			    c->base + STEP * (size_t)__builtin_ctzll(c->mask);
			c->mask &= c->mask - 1;
			if (look(pf, s + c->place, c))
				return true;
		}
		if (c->at + STEP * PLACES > last)
			break;
		sift(pf, s, c);
	}
	return false;
}

/* Four bytes at any place; what is behind the end of the text reads as NUL. */
static inline uint32_t
load_any(struct slice text, size_t at)
{
	unsigned char four[4] = { 0 };

	if (text.len - at >= sizeof(four))
		return load((const unsigned char *)text.at + at);
	memcpy(four, text.at + at, text.len - at);
	return load(four);
}

/* Does the literal of an anchor stand in text with the anchor at at? */
static bool
stands(const struct prefilter *pf, const struct anchor *a, struct slice text,
    size_t at, struct prefilter_hit *ret)
{
	const struct literal *lit = &pf->lits[a->literal];
	const unsigned char *want = pf->store + lit->text, *got;
	size_t first = at - (size_t)(ptrdiff_t)a->offset;

	if ((a->offset > 0 && at < (size_t)a->offset) ||
	    lit->len > text.len - first)
		return false;
	got = (const unsigned char *)text.at + first;
	for (uint32_t i = 0; i < lit->len; i++)
		if (fold_ascii(got[i]) != want[i])
			return false;
	ret->literal = a->literal;
	ret->first = first;
	return true;
}

/* The next place before until, looked at one by one. */
static bool
step(const struct prefilter *pf, struct slice text, size_t until,
    struct prefilter_cursor *c)
{
	uint32_t v;

	for (; c->at < until; c->at += STEP) {
		v = load_any(text, c->at);
		if ((maybe(pf, v) & 1) != 0) {
			c->chain = pf->list[row_of(v)].first;
			c->odd = pf->odd[odd_of(v)];
			c->place = c->at;
			c->at += STEP;
			return true;
		}
	}
	return false;
}

bool
prefilter_next(const struct prefilter *pf, struct slice text, size_t until,
    struct prefilter_cursor *c, struct prefilter_hit *ret)
{
	const unsigned char *s = (const unsigned char *)text.at;
	/* The last three bytes may be all of an anchor. */
	const size_t three = text.len >= 3 ? text.len - 2 : 0;
	const size_t eight = text.len >= 8 ? text.len - 7 : 0;

	if (until > three)
		until = three;
	for (;;) {
		while ((c->chain | c->odd) != 0) {
			uint32_t *list = c->chain != 0 ? &c->chain : &c->odd;
			const struct anchor *a = &pf->anchors[*list - 1];

			*list = a->next;
			if (stands(pf, a, text, c->place, ret))
				return true;
		}
		if (c->at < 8 && step(pf, text, until < 8 ? until : 8, c))
			continue;
		if (sieve(pf, s, until < eight ? until : eight, c))
			continue;
		if (!step(pf, text, until, c))
			return false;
	}
}
