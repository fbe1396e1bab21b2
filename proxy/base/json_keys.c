/*
 * Equal keys in one object.  Whose keys are few and hold no escape compares
 * them in pairs, by a print of eight bytes first; others go through a table
 * with open addressing.  Its hash is keyed with random bits, so that nobody
 * can choose keys that meet there, and it is as long as the object has keys:
 * the work over a text is linear in its length.
 */
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "proxy/base/json_scan.h"
#include "proxy/base/xalloc.h"

/* Keys that are compared in pairs: 496 pairs cost less than 32 hashes. */
#define FEW 32U

struct key_slot {
	uint32_t tag; /* upper half of the hash */
	json_at key; /* 0: empty, for the token 0 is no key */
};

struct json_keys {
	struct key_slot *slot; /* owned */
	size_t nslot; /* a power of two, or 0 */
	struct buf text; /* owned: one key, unescaped */
};

static inline uint64_t
load64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

/* Up to eight bytes, the first one lowest. */
static inline uint64_t
load_tail(const char *p, size_t len)
{
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++)
		v |= (uint64_t)(unsigned char)p[i] << (8 * i);
	return v;
}

static inline uint64_t
rotate(uint64_t v, int bits)
{
	return v << bits | v >> (64 - bits);
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/*
 * SipHash-1-3: its key is drawn from 64 random bits, enough for a table that
 * lives as long as one object.  Source: Aumasson and Bernstein, 2012.
 */
static uint64_t
sip_hash(uint64_t seed, struct slice s)
{
	uint64_t other = rotate(seed, 32) ^ 0x9e3779b97f4a7c15ULL;
	uint64_t v[4] = {
		seed ^ 0x736f6d6570736575ULL,
		other ^ 0x646f72616e646f6dULL,
		seed ^ 0x6c7967656e657261ULL,
		other ^ 0x7465646279746573ULL,
	};
	size_t done = 0;
	uint64_t m;

	for (; s.len - done >= 8; done += 8) {
		m = load64(s.at + done);
		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	m = load_tail(s.at + done, s.len - done) | (uint64_t)s.len << 56;
	v[3] ^= m;
	sip_round(v);
	v[0] ^= m;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Not 0, which stands for "not drawn yet". */
static uint64_t
draw_seed(const void *at)
{
	struct timespec now = { 0, 0 };
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) == (ssize_t)sizeof(seed))
		return seed | 1;
	/* No kernel of ours; what is left is hard to guess from outside. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	seed = (uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)at;
	return seed | 1;
}

/* Any odd number with many bits: lengths reach all of a print. */
#define LENGTH_MIX 0x9e3779b97f4a7c15ULL

/* Equal keys have equal prints; most others differ in theirs. */
static inline uint64_t
print_of(struct slice text, struct slice key)
{
	uint64_t head;

	if (key.len >= 8)
		return load64(key.at) ^
		       rotate(load64(key.at + key.len - 8), 23) ^
		       (uint64_t)key.len * LENGTH_MIX;
	if ((size_t)(text.at + text.len - key.at) < 8)
		head = load_tail(key.at, key.len);
	else
		head = load64(key.at) & ((1ULL << (8 * key.len)) - 1);
	return head ^ (uint64_t)key.len * LENGTH_MIX;
}

/*
 * Compares in pairs.  True with *ret_twice; false where there are too many
 * keys for that, or escaped ones.
 */
static bool
compare_few(
    const struct json *doc, json_at box, json_at end, json_at *ret_twice)
{
	uint64_t print[FEW];
	json_at key[FEW];
	uint32_t n = 0;

	for (json_at at = box + 1; at < end; at = doc->tok[at + 1].next) {
		if (n == FEW || doc->tok[at].escaped)
			return false;
		key[n] = at;
		print[n++] = print_of(doc->text, json_inside(doc, at));
	}
	*ret_twice = JSON_NONE;
	for (uint32_t i = 1; i < n; i++)
		for (uint32_t j = 0; j < i; j++)
			if (print[i] == print[j] &&
			    slice_eq(json_inside(doc, key[i]),
				json_inside(doc, key[j]))) {
				*ret_twice = key[i];
				return true;
			}
	return true;
}

/*
 * Empties the table and makes it at least twice as long as there are keys.
 * Returns the mask of its indices: a longer table is used in part, so that
 * clearing costs no more than what is used.
 */
static size_t
reset(struct json_keys *k, size_t nkeys)
{
	size_t n = 4;

	while (n < nkeys * 2)
		n *= 2;
	if (k->nslot < n) {
		free(k->slot);
		k->slot = xcalloc(n, sizeof(*k->slot));
		k->nslot = n;
	} else {
		memset(k->slot, 0, n * sizeof(*k->slot));
	}
	return n - 1;
}

static json_at
compare_many(struct json *doc, json_at box, json_at end, size_t nkeys)
{
	struct json_keys *k = doc->keys;
	size_t mask = reset(k, nkeys);

	for (json_at at = box + 1; at < end; at = doc->tok[at + 1].next) {
		struct slice text = json_text(doc, at, &k->text);
		uint64_t hash = sip_hash(doc->seed, text);
		uint32_t tag = (uint32_t)(hash >> 32);
		size_t i = hash & mask;

		for (; k->slot[i].key != 0; i = (i + 1) & mask)
			if (k->slot[i].tag == tag &&
			    json_equals(doc, k->slot[i].key, text))
				return at;
		k->slot[i] = (struct key_slot){ tag, at };
	}
	return JSON_NONE;
}

json_at
json_keys_repeated(struct json *doc, json_at box, json_at end)
{
	json_at twice = JSON_NONE;
	size_t nkeys = 0;

	/* None or one: the commonest, and nothing to compare. */
	if (end == box + 1 || doc->tok[box + 2].next == end)
		return JSON_NONE;
	if (compare_few(doc, box, end, &twice))
		return twice;
	if (doc->keys == NULL) {
		doc->keys = xcalloc(1, sizeof(*doc->keys));
		/* No key is longer than the longest text. */
		buf_init(&doc->keys->text, UINT32_MAX);
	}
	if (doc->seed == 0)
		doc->seed = draw_seed(doc);
	for (json_at at = box + 1; at < end; at = doc->tok[at + 1].next)
		nkeys++;
	return compare_many(doc, box, end, nkeys);
}

void
json_keys_free(struct json_keys *keys)
{
	if (keys == NULL)
		return;
	free(keys->slot);
	buf_release(&keys->text);
	free(keys);
}

size_t
json_keys_size(const struct json_keys *keys)
{
	return keys == NULL
		   ? 0
		   : keys->nslot * sizeof(*keys->slot) + keys->text.cap;
}
