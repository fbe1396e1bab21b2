/*
 * Makes the tables of a prefilter: see prefilter.c for what they mean.
 */
#include "policy/prefilter_part.h"

#include <assert.h>
#include <stdlib.h>

#include "policy/rare.h"
#include "proxy/base/xalloc.h"

/* The bits of a row that stands for any fourth byte. */
#define ANY UINT32_MAX

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
