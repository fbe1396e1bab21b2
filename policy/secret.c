/*
 * Finds credentials in a text and takes them out: by rules, by shape, and by
 * being one of our own.  What is reported is the kind, never the value.
 */
#include "policy/secret.h"

#include <stdlib.h>
#include <string.h>

#include "policy/spots.h"
#include "proxy/base/xalloc.h"

/* Bytes of a secret from which on its first four may be shown. */
#define SHOWN_FROM 20U
#define SHOWN 4U

static const char own_kind[] = "value-of-own-environment";
/* What the engine gives up on is reported under this name. */
static const char unread_kind[] = "unread";

struct relay {
	secret_fn *fn;
	void *ctx;
	bool ended; /* fn wants no more */
};

static bool
relay_rule(void *ctx, const struct rule_hit *hit)
{
	struct relay *relay = ctx;
	struct secret_hit out = { .kind = hit->gave_up ? unread_kind
						       : hit->rule->id,
		.first = hit->first,
		.end = hit->end,
		.gave_up = hit->gave_up };

	relay->ended = !relay->fn(relay->ctx, &out);
	return !relay->ended;
}

/* Every place of every value of ours. */
static bool
scan_values(const struct secret_values *values, struct slice text,
    secret_fn *fn, void *ctx)
{
	size_t from = 0, first, end;

	while (secret_values_find(values,
	    (struct slice){ text.at + from, text.len - from }, &first, &end)) {
		struct secret_hit hit = { .kind = own_kind,
			.first = from + first,
			.end = from + end };

		if (!fn(ctx, &hit))
			return false;
		from += end;
	}
	return true;
}

/* The rules of each depth. */
static const struct {
	unsigned mask, want;
} which[] = {
	[SECRET_BY_FORM] = { SECRET_FORM, SECRET_FORM },
	[SECRET_BY_NAME] = { SECRET_CHOSEN, 0 },
	[SECRET_ALL] = { 0, 0 },
};

void
secret_scan(struct ruleset *rs, const struct secret_values *values,
    struct slice text, enum secret_depth depth, secret_fn *fn, void *ctx)
{
	struct relay relay = { .fn = fn, .ctx = ctx };

	if (text.len == 0 || !scan_values(values, text, fn, ctx))
		return;
	ruleset_scan(
	    rs, text, which[depth].mask, which[depth].want, relay_rule, &relay);
	if (!relay.ended)
		(void)secret_shapes(text, depth, fn, ctx);
}

/* For scan_values(). */
static bool
mark_value(void *ctx, const struct secret_hit *hit)
{
	spots_mark(ctx, hit->first, hit->end);
	return true;
}

void
secret_spots(struct ruleset *rs, const struct secret_values *values,
    struct slice raw, enum secret_depth depth, struct spots *spots)
{
	(void)scan_values(values, raw, mark_value, spots);
	ruleset_spots(rs, raw, which[depth].mask, which[depth].want, spots);
	secret_shape_spots(raw, spots);
}

static bool
take_first(void *ctx, const struct secret_hit *hit)
{
	*(struct secret_hit *)ctx = *hit;
	return false;
}

bool
secret_first(struct ruleset *rs, const struct secret_values *values,
    struct slice text, enum secret_depth depth, struct secret_hit *ret)
{
	struct secret_hit hit = { 0 };

	secret_scan(rs, values, text, depth, take_first, &hit);
	if (hit.kind == NULL)
		return false;
	*ret = hit;
	return true;
}

struct hits {
	struct secret_hit *v; /* owned */
	size_t n, cap;
};

static bool
keep_hit(void *ctx, const struct secret_hit *hit)
{
	struct hits *hits = ctx;

	if (hits->n == hits->cap) {
		hits->cap = hits->cap == 0 ? 16 : 2 * hits->cap;
		hits->v = xreallocarray(hits->v, hits->cap, sizeof(*hits->v));
	}
	hits->v[hits->n++] = *hit;
	return true;
}

/* In the order of the text; of two at one place the longer first. */
static int
by_place(const void *a, const void *b)
{
	const struct secret_hit *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return (x->end < y->end) - (x->end > y->end);
}

/* Hits that overlap become one, named as the first of them. */
static size_t
merge(struct secret_hit *v, size_t n)
{
	size_t out = 0;

	for (size_t i = 1; i < n; i++) {
		if (v[i].first >= v[out].end)
			v[++out] = v[i];
		else if (v[i].end > v[out].end)
			v[out].end = v[i].end;
	}
	return n == 0 ? 0 : out + 1;
}

static int
add_redacted(struct buf *dst, struct slice text, const struct hits *hits)
{
	size_t from = 0;

	for (size_t i = 0; i < hits->n; i++) {
		const struct secret_hit *hit = &hits->v[i];
		bool shown = !hit->gave_up && hit->kind != own_kind &&
			     hit->end - hit->first >= SHOWN_FROM;
		size_t upto = hit->first + (shown ? SHOWN : 0);

		if (buf_add(dst, text.at + from, upto - from) == -1 ||
		    buf_addf(dst, "[mcpshield: redacted %s]", hit->kind) == -1)
			return -1;
		from = hit->end;
	}
	return buf_add(dst, text.at + from, text.len - from);
}

size_t
secret_redact(struct ruleset *rs, const struct secret_values *values,
    struct slice text, struct buf *dst)
{
	struct hits hits = { 0 };
	size_t before = dst->len, n;

	secret_scan(rs, values, text, SECRET_ALL, keep_hit, &hits);
	if (hits.n > 0)
		qsort(hits.v, hits.n, sizeof(*hits.v), by_place);
	hits.n = n = merge(hits.v, hits.n);
	if (add_redacted(dst, text, &hits) == -1) {
		dst->len = before;
		(void)buf_add_str(
		    dst, "[mcpshield: redacted a text full of secrets]");
	}
	free(hits.v);
	return n;
}
