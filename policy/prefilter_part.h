#ifndef POLICY_PREFILTER_PART_H
#define POLICY_PREFILTER_PART_H

/* What prefilter.c, which searches, and prefilter_build.c agree on. */
#include <stdint.h>
#include <string.h>

#include "policy/prefilter.h"

/* 8,192 rows of four bytes: a usual first-level cache.  Half of it is slower by
   a quarter. */
#define ROWS_LOG 13U
#define ROWS (1U << ROWS_LOG)
/* Lists of the anchors that are known by three bytes. */
#define ODD_LOG 10U
#define ODD (1U << ODD_LOG)
/* An odd number without pattern, moved so that the fourth byte drops out. */
#define HASH ((uint32_t)0x9e3779b1U << 8)
/* Bytes from one place to the next. */
#define STEP 2UL

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

#endif
