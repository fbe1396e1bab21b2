/*
 * Many literals in one pass.  Each literal has two anchors: four neighbouring
 * bytes of it, the rarest, one at an even place in it and one at an odd place,
 * so that one of them begins at an even place of the text wherever the literal
 * stands, and only even places need a look.  The first three bytes there choose
 * a row of 32 bits by a hash, and the fourth a bit of it: a table that stays in
 * the nearest cache and says no nearly everywhere.  Where it says yes, the
 * literals of that row are compared in full, so the hash decides on time only,
 * never on what is found.  It is plain C: a place costs a load, a
 * multiplication and a look into the table, and eight of them one branch.
 */
#include "policy/prefilter.h"

#include <assert.h>
#include <stdlib.h>

#include "policy/fold.h"
#include "policy/rare.h"
#include "proxy/base/xalloc.h"

/* 8,192 rows of four bytes: a usual first-level cache.  Half of it is slower by
   a quarter. */
#define ROWS_LOG 13U
#define ROWS (1U << ROWS_LOG)
/* Lists of the anchors that are known by three bytes. */
#define ODD_LOG 10U
#define ODD (1U << ODD_LOG)
/* An odd number without pattern, moved so that the fourth byte drops out. */
#define HASH ((uint32_t)0x9e3779b1U << 8)
/* Places that share one branch, and the bytes that they stand for. */
#define PLACES 8U
#define STEP 2U
/* The bits of a row that stands for any fourth byte. */
#define ANY UINT32_MAX

struct literal {
	uint32_t text, len; /* in store */
};

/* One of the places in a literal where it is looked for. */
struct anchor {
	/* Eight bytes of text from near on, as load8() has them, are want
	   where mask is set: the anchor, and what is around it. */
	uint64_t want, mask;
	int32_t near; /* -5 to 0: from the anchor */
	int32_t offset; /* in the literal; -1: it begins one byte before */
	uint32_t literal;
	uint16_t next; /* of the same list: index + 1, or 0 */
};

/* Anchors with the same first three bytes, or a hash that is the same. */
struct list {
	/* Bit c & 31: a byte c may stand before one of them, or behind. */
	uint32_t before, behind;
	uint16_t first; /* index + 1, or 0 */
};

struct prefilter {
	uint32_t row[ROWS]; /* bit c & 31: an anchor may end in a byte c */
	struct list list[ROWS]; /* of the anchors that a row stands for */
	/* First of the anchors of which the first byte may be any, by a hash
	   of the other three. */
	uint16_t odd[ODD];
	struct literal *lits; /* owned */
	struct anchor *anchors; /* owned */
	uint32_t nanchor;
	unsigned char *store; /* owned: all texts, one after the other */
};

/* Four bytes, the first one lowest, letters without their case. */
static inline uint32_t
load(const unsigned char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap32(v);
#endif
	return v | 0x20202020U;
}

/* The same for eight. */
static inline uint64_t
load8(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v | 0x2020202020202020U;
}

static inline uint32_t
row_of(uint32_t v)
{
	return v * HASH >> (32 - ROWS_LOG);
}

/* v: the three bytes behind the first, which may be any. */
static inline uint32_t
odd_of(uint32_t v)
{
	return (v >> 8) * HASH >> (32 - ODD_LOG);
}

/* Lowest bit: may an anchor stand here? */
static inline uint32_t
maybe(const struct prefilter *pf, uint32_t v)
{
	return pf->row[row_of(v)] >> (v >> 24 & 31);
}

/* What of a literal is in the eight bytes that are compared first. */
static void
look_around(const struct prefilter *pf, struct anchor *a)
{
	const struct literal *lit = &pf->lits[a->literal];
	int32_t behind = (int32_t)lit->len - a->offset;
	unsigned char want[8] = { 0 }, mask[8] = { 0 };

	a->near = behind < 8 ? behind - 8 : 0;
	for (int32_t i = 0; i < 8; i++) {
		int32_t at = a->offset + a->near + i;

		if (at < 0 || at >= (int32_t)lit->len)
			continue;
		want[i] = pf->store[lit->text + (uint32_t)at];
		mask[i] = 0xff;
	}
	memcpy(&a->mask, mask, sizeof(mask));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	a->mask = __builtin_bswap64(a->mask);
#endif
	a->want = load8(want) & a->mask;
}

/* A new anchor, before the others of that list. */
static void
put(struct prefilter *pf, uint32_t literal, int32_t offset, uint16_t *head)
{
	pf->anchors[pf->nanchor++] = (struct anchor){
		.literal = literal,
		.offset = offset,
		.next = *head,
	};
	look_around(pf, &pf->anchors[pf->nanchor - 1]);
	*head = (uint16_t)pf->nanchor;
}

/* The bit that stands for a byte of a literal, or all if it has none there. */
static uint32_t
bit_of(const struct prefilter *pf, uint32_t literal, size_t at)
{
	const struct literal *lit = &pf->lits[literal];

	return at < lit->len ? 1U << (pf->store[lit->text + at] & 31) : ANY;
}

/* An anchor that begins with the three bytes at offset; open: the fourth may
   be any. */
static void
put_row(struct prefilter *pf, uint32_t literal, size_t offset, bool open)
{
	const struct literal *lit = &pf->lits[literal];
	unsigned char four[4] = { 0 };
	struct list *list;
	uint32_t row;

	memcpy(four, pf->store + lit->text + offset, open ? 3 : 4);
	row = row_of(load(four));
	list = &pf->list[row];
	pf->row[row] |= bit_of(pf, literal, offset + 3);
	list->behind |= bit_of(pf, literal, offset + 4);
	/* Before the first byte there is none: SIZE_MAX is out as well. */
	list->before |= bit_of(pf, literal, offset - 1);
	put(pf, literal, (int32_t)offset, &list->first);
}

/* Three bytes, and whatever comes before them. */
static void
put_odd(struct prefilter *pf, uint32_t literal, const unsigned char *s)
{
	unsigned char four[4] = { 0, s[0], s[1], s[2] };

	put(pf, literal, -1, &pf->odd[odd_of(load(four))]);
	for (unsigned c = 0x20; c < 256; c++) { /* load() sets that bit */
		four[0] = (unsigned char)c;
		pf->row[row_of(load(four))] |= 1U << (s[2] & 31);
	}
}

/* Anchors of a literal; the shortest have less than two in themselves. */
static void
add(struct prefilter *pf, const struct rare *rare, uint32_t i)
{
	const unsigned char *s = pf->store + pf->lits[i].text;
	uint32_t len = pf->lits[i].len;

	if (len > 4) {
		for (size_t from = 0; from < STEP; from++)
			put_row(pf, i, rare_four(rare, s, len, from), false);
	} else if (len == 4) {
		put_row(pf, i, 1, true);
		put_row(pf, i, 0, false);
	} else {
		put_row(pf, i, 0, true);
		put_odd(pf, i, s);
	}
}

struct prefilter *
prefilter_new(const struct slice *literals, size_t n)
{
	struct prefilter *pf = xcalloc(1, sizeof(*pf));
	struct rare rare;
	size_t len = 0;

	rare_init(&rare);
	static_assert(2 * PREFILTER_LITERALS_MAX <= UINT16_MAX, "anchors");
	assert(n <= PREFILTER_LITERALS_MAX);
	for (size_t i = 0; i < n; i++)
		len += literals[i].len;
	assert(len <= UINT32_MAX);
	pf->lits = xcalloc(n + 1, sizeof(*pf->lits));
	pf->anchors = xcalloc(2 * n + 1, sizeof(*pf->anchors));
	pf->store = xmalloc(len + 1);
	len = 0;
	for (size_t i = 0; i < n; i++) {
		assert(literals[i].len >= PREFILTER_LITERAL_MIN);
		pf->lits[i].text = (uint32_t)len;
		pf->lits[i].len = (uint32_t)literals[i].len;
		memcpy(pf->store + len, literals[i].at, literals[i].len);
		len += literals[i].len;
		add(pf, &rare, (uint32_t)i);
	}
	return pf;
}

void
prefilter_free(struct prefilter *pf)
{
	if (pf == NULL)
		return;
	free(pf->lits);
	free(pf->anchors);
	free(pf->store);
	free(pf);
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
	const struct list *list = &pf->list[row_of(v)];

	c->chain = 0;
	if ((list->before >> (p[-1] & 31) & list->behind >> (p[4] & 31) & 1) !=
	    0)
		c->chain = probable(pf, list->first, p);
	c->odd = probable(pf, pf->odd[odd_of(v)], p);
	return (c->chain | c->odd) != 0;
}

/*
 * Goes on from c->at, which is even, over places before last, as far as there
 * are eight bytes on either side, and stops where an anchor probably stands:
 * true with c->chain or c->odd set, and c->at behind it.
 */
static bool
sieve(const struct prefilter *pf, const unsigned char *s, size_t last,
    struct prefilter_cursor *c)
{
	size_t at = c->at;

	for (; at + PLACES * STEP <= last; at += PLACES * STEP) {
		uint32_t r[PLACES], any = 0;

		for (unsigned k = 0; k < PLACES; k++) {
			r[k] = maybe(pf, load(s + at + k * STEP));
			any |= r[k];
		}
		if ((any & 1) == 0)
			continue;
		any = 0;
		for (unsigned k = 0; k < PLACES; k++)
			any |= (r[k] & 1) << k;
		for (; any != 0; any &= any - 1) {
			size_t k = STEP * (size_t)__builtin_ctz(any);

			if (look(pf, s + at + k, c)) {
				c->at = at + k + STEP;
				return true;
			}
		}
	}
	c->at = at;
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
			if (stands(pf, a, text, c->at - STEP, ret))
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
