/*
 * Values compared as JSON Schema has them equal: numbers by what they are
 * worth, strings by their characters, objects in any order of their members.
 */
#include "policy/schema_node.h"

/* Odd numbers with bits all over: those of the fractions of pi and e. */
#define MIX_A UINT64_C(0x243f6a8885a308d3)
#define MIX_B UINT64_C(0xb7e151628aed2a6b)

static uint64_t
mix(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)(a ^ MIX_A) * (b ^ MIX_B);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t
hash_bytes(uint64_t seed, struct slice s)
{
	uint64_t h = mix(seed, s.len), v;

	for (; s.len >= 8; s.at += 8, s.len -= 8) {
		memcpy(&v, s.at, 8);
		h = mix(h, v);
	}
	v = 0;
	if (s.len > 0)
		memcpy(&v, s.at, s.len);
	return mix(h, v);
}

static uint64_t
hash_number(uint64_t seed, struct slice text)
{
	struct decimal d = decimal_read(text);
	const char *p = d.first;
	uint64_t h = mix(seed, d.minus);

	if (p == NULL)
		return h;
	/* Those whose exponents are not told apart all meet here. */
	h = mix(h, d.vague ? d.exp > 0 : (uint64_t)d.exp);
	for (uint32_t i = 0; i < d.ndigits && !d.vague; i++)
		h = mix(h, decimal_digit(&p));
	return h;
}

static void
spend(const struct schema_doc *d, uint64_t n)
{
	*d->steps = *d->steps > n ? *d->steps - n : 0;
}

uint64_t
schema_hash(uint64_t seed, const struct schema_doc *d, json_at at)
{
	enum json_kind kind = json_kind(d->doc, at);
	uint64_t h = mix(seed, kind), sum = 0;

	spend(d, 1);
	switch (kind) {
	case JSON_NULL:
	case JSON_FALSE:
	case JSON_TRUE:
		return h;
	case JSON_NUMBER:
		return hash_number(h, json_raw(d->doc, at));
	case JSON_STRING:
		spend(d, json_raw(d->doc, at).len / SCHEMA_STEP_BYTES);
		return hash_bytes(h, json_text(d->doc, at, d->scratch));
	case JSON_ARRAY:
		for (json_at i = json_first(d->doc, at); i != JSON_NONE;
		     i = json_sibling(d->doc, at, i))
			h = mix(h, schema_hash(seed, d, i));
		return h;
	case JSON_OBJECT:
		/* A sum has no order. */
		for (json_at i = json_first(d->doc, at); i != JSON_NONE;
		     i = json_sibling(d->doc, at, i))
			sum += mix(schema_hash(seed, d, i),
			    schema_hash(seed, d, i + 1));
		return mix(h, sum);
	}
	return h;
}

static int
equal_numbers(struct slice a, struct slice b)
{
	struct decimal x = decimal_read(a), y = decimal_read(b);
	int order;

	if (!decimal_compare(&x, &y, &order))
		return -1;
	return order == 0;
}

static int
equal_strings(const struct schema_doc *a, json_at at,
    const struct schema_doc *b, json_at other)
{
	/* One of them at most needs the scratch, so they may share it. */
	if (a->doc->tok[at].escaped)
		return json_equals(
		    b->doc, other, json_text(a->doc, at, a->scratch));
	return json_equals(a->doc, at, json_text(b->doc, other, b->scratch));
}

static int
equal_arrays(const struct schema_doc *a, json_at at, const struct schema_doc *b,
    json_at other)
{
	json_at i = json_first(a->doc, at), k = json_first(b->doc, other);
	int rc = 1;

	while (rc == 1 && i != JSON_NONE && k != JSON_NONE) {
		rc = schema_equal(a, i, b, k);
		i = json_sibling(a->doc, at, i);
		k = json_sibling(b->doc, other, k);
	}
	return rc == 1 ? i == JSON_NONE && k == JSON_NONE : rc;
}

/*
 * The member of an object that has the same name as key; from is where it
 * would be, were the order the same.
 */
static json_at
find_same(const struct schema_doc *a, json_at key, const struct schema_doc *b,
    json_at object, json_at from)
{
	if (from != JSON_NONE && equal_strings(a, key, b, from) == 1)
		return from;
	for (json_at k = json_first(b->doc, object); k != JSON_NONE;
	     k = json_sibling(b->doc, object, k)) {
		spend(b, 1);
		if (*b->steps == 0)
			return JSON_NONE;
		if (equal_strings(a, key, b, k) == 1)
			return k;
	}
	return JSON_NONE;
}

static int
equal_objects(const struct schema_doc *a, json_at at,
    const struct schema_doc *b, json_at other)
{
	json_at i, k = json_first(b->doc, other);
	uint32_t n = 0, m = 0;
	int rc;

	for (i = json_first(a->doc, at); i != JSON_NONE;
	     i = json_sibling(a->doc, at, i))
		n++;
	for (i = k; i != JSON_NONE; i = json_sibling(b->doc, other, i))
		m++;
	spend(a, n + m);
	if (n != m)
		return 0;
	for (i = json_first(a->doc, at); i != JSON_NONE;
	     i = json_sibling(a->doc, at, i)) {
		k = find_same(a, i, b, other, k);
		if (*b->steps == 0)
			return -1;
		if (k == JSON_NONE)
			return 0;
		if ((rc = schema_equal(a, i + 1, b, k + 1)) != 1)
			return rc;
		k = json_sibling(b->doc, other, k);
	}
	return 1;
}

int
schema_equal(const struct schema_doc *a, json_at at, const struct schema_doc *b,
    json_at other)
{
	enum json_kind kind = json_kind(a->doc, at);

	spend(a, 1);
	if (*a->steps == 0)
		return -1;
	if (kind != json_kind(b->doc, other))
		return 0;
	switch (kind) {
	case JSON_NULL:
	case JSON_FALSE:
	case JSON_TRUE:
		return 1;
	case JSON_NUMBER:
		return equal_numbers(
		    json_raw(a->doc, at), json_raw(b->doc, other));
	case JSON_STRING:
		spend(a, json_raw(a->doc, at).len / SCHEMA_STEP_BYTES);
		return equal_strings(a, at, b, other);
	case JSON_ARRAY:
		return equal_arrays(a, at, b, other);
	case JSON_OBJECT:
		return equal_objects(a, at, b, other);
	}
	return 0;
}
