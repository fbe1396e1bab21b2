/*
 * Judges texts by what rules_injection finds in them.  One sign alone rarely
 * decides: signs that stand near each other are a cluster, each family of them
 * counts with its heaviest, and the sum is compared with what the place of the
 * text bears.  What is taken out is the sentences that hold the signs, or the
 * marked block around them.
 *
 * A text that is about such attacks quotes them, so there the signs that one
 * quotes weigh less, where they stand in a quotation.  What a text hides, or
 * what it says of sending data away, weighs as much there as anywhere.
 */
#include "policy/injection.h"

#include <stdint.h>
#include <stdlib.h>

#include "policy/injection_blob.h"
#include "policy/injection_family.h"
#include "policy/injection_plain.h"
#include "policy/injection_span.h"
#include "policy/injection_weigh.h"
#include "policy/rules.h"
#include "policy/ruleset.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"

/* Bytes before and behind a sign where others are looked for that are too
   common to be looked for everywhere. */
#define AROUND 1500U
/* Texts within texts that are judged. */
#define DEPTH 2U
/* What it adds that somebody took the trouble to encode it. */
#define ENCODED_SCORE 50U
#define KEEP (1U << 20)
/* Signs kept of one text; more of them are a text full of signs. */
#define SIGNS_MAX (1U << 20)

/* What a place bears. */
static const unsigned bears[] = {
	[FIELD_DESCRIPTION] = 60,
	[FIELD_MESSAGE] = 80,
	[FIELD_TEXT] = 100,
};

struct layer {
	struct plain plain;
	struct buf decoded; /* what a blob of the layer above holds */
};

struct injector {
	struct ruleset *rules; /* owned */
	struct layer layer[DEPTH + 1];
	struct signs signs;
	size_t base; /* of the piece that is scanned, in the plain text */
	bool gave_up;
};

struct injector *
injector_new(void)
{
	struct injector *in = xcalloc(1, sizeof(*in));

	in->rules = ruleset_new(rules_injection, nrules_injection);
	for (size_t i = 0; i < nitems(in->layer); i++) {
		plain_init(&in->layer[i].plain);
		buf_init(&in->layer[i].decoded, SIZE_MAX / 2);
	}
	return in;
}

void
injector_free(struct injector *in)
{
	if (in == NULL)
		return;
	ruleset_free(in->rules);
	for (size_t i = 0; i < nitems(in->layer); i++) {
		plain_release(&in->layer[i].plain);
		buf_release(&in->layer[i].decoded);
	}
	free(in->signs.v);
	free(in);
}

void
injection_report_init(struct injection_report *r)
{
	*r = (struct injection_report){ .n = 0 };
}

void
injection_report_release(struct injection_report *r)
{
	free(r->v);
	injection_report_init(r);
}

static void
report_add(struct injection_report *r, struct injection_span s)
{
	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 8 : r->cap * 2;
		r->v = xreallocarray(r->v, r->cap, sizeof(r->v[0]));
	}
	r->v[r->n++] = s;
	if (s.score > r->score)
		r->score = s.score;
}

static bool
keep_sign(void *ctx, const struct rule_hit *hit)
{
	struct injector *in = ctx;

	if (hit->gave_up || in->signs.n == SIGNS_MAX) {
		in->gave_up = true;
		return false;
	}
	if (in->signs.n == in->signs.cap) {
		in->signs.cap = in->signs.cap == 0 ? 64 : in->signs.cap * 2;
		in->signs.v = xreallocarray(
		    in->signs.v, in->signs.cap, sizeof(in->signs.v[0]));
	}
	in->signs.v[in->signs.n++] = (struct sign){
		.first = (uint32_t)(in->base + hit->first),
		.end = (uint32_t)(in->base + hit->end),
		.rule = hit->rule,
	};
	return true;
}

/* Reports a cluster, together with the span before it if they touch. */
static void
report_cluster(
    const struct plain *p, const struct cluster *c, struct injection_report *r)
{
	struct injection_span s = { .rule = c->rule->id, .score = c->score };
	struct slice widened = span_widen(p, c->first, c->end);
	struct injection_span *last = r->n > 0 ? &r->v[r->n - 1] : NULL;

	s.first = (size_t)(widened.at - p->raw.at);
	s.end = s.first + widened.len;
	if (last == NULL || s.first > last->end) {
		report_add(r, s);
		return;
	}
	last->end = s.end > last->end ? s.end : last->end;
	if (s.score > last->score) {
		last->score = s.score;
		last->rule = s.rule;
	}
	r->score = s.score > r->score ? s.score : r->score;
}

/* Flags of rules that are left out. */
static unsigned
skipped(bool strict)
{
	return strict ? 0 : INJECTION_STRICT;
}

/*
 * Finds the signs of text.  Those that are common are looked for around the
 * others alone, but in descriptions, which are short, and in what is encoded.
 */
static void
collect(struct injector *in, struct slice text, bool strict, bool all)
{
	unsigned skip = skipped(strict);
	size_t n, at = 0;

	in->signs.n = 0;
	in->base = 0;
	ruleset_scan(in->rules, text, all ? skip : skip | INJECTION_NEAR, 0,
	    keep_sign, in);
	if (all || in->signs.n == 0)
		return;
	signs_order(&in->signs);
	n = in->signs.n;
	for (size_t i = 0; i < n && !in->gave_up;) {
		size_t first = in->signs.v[i].first, end = in->signs.v[i].end;

		first = first > at + AROUND ? first - AROUND : at;
		for (; i < n && in->signs.v[i].first <= end + AROUND; i++)
			end =
			    in->signs.v[i].end > end ? in->signs.v[i].end : end;
		end = text.len - end > AROUND ? end + AROUND : text.len;
		in->base = first;
		ruleset_scan(in->rules,
		    (struct slice){ text.at + first, end - first },
		    skip | INJECTION_NEAR, INJECTION_NEAR, keep_sign, in);
		at = end;
	}
}

static void find_in(struct injector *in, struct slice text,
    enum injection_field field, unsigned limit, size_t depth,
    struct injection_report *r);

/* Judges what is encoded in the text; spans are of the whole piece. */
static void
find_blobs(struct injector *in, enum injection_field field, unsigned limit,
    size_t depth, struct injection_report *r)
{
	const struct plain *p = &in->layer[depth].plain;
	struct buf *decoded = &in->layer[depth + 1].decoded;
	struct injection_report inner;
	struct blob b;
	size_t at = 0;

	injection_report_init(&inner);
	while (!in->gave_up && blob_next(p->folded, &at, &b, decoded)) {
		struct injection_span s;

		inner.n = 0;
		inner.score = 0;
		find_in(in, buf_slice(decoded), field,
		    limit > ENCODED_SCORE + 10 ? limit - ENCODED_SCORE : 10,
		    depth + 1, &inner);
		if (inner.n == 0)
			continue;
		s = (struct injection_span){
			.first = plain_raw_first(p, b.first),
			.end = plain_raw_end(p, b.end),
			.rule = inner.v[0].rule,
			.score = inner.score + ENCODED_SCORE,
		};
		report_add(r, s);
	}
	injection_report_release(&inner);
}

static void
find_in(struct injector *in, struct slice text, enum injection_field field,
    unsigned limit, size_t depth, struct injection_report *r)
{
	struct plain *p = &in->layer[depth].plain;
	struct quotes quotes = { .plain = p };
	bool strict = field == FIELD_DESCRIPTION, about;

	plain_make(p, text);
	collect(in, p->text, strict, strict || depth > 0);
	about = signs_sort(&in->signs) && field == FIELD_TEXT;
	for (size_t i = 0; i < in->signs.n && !in->gave_up;) {
		struct cluster c = cluster_gather(&in->signs, i);

		cluster_weigh(&in->signs, &c, about ? &quotes : NULL);
		if (c.score >= limit)
			report_cluster(p, &c, r);
		i = c.to;
	}
	if (depth < DEPTH)
		find_blobs(in, field, limit, depth, r);
}

static int
span_order(const void *a, const void *b)
{
	const struct injection_span *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Brings the spans in order and joins those that overlap. */
static void
tidy(struct injection_report *r)
{
	size_t n = 0;

	if (r->n < 2)
		return;
	qsort(r->v, r->n, sizeof(r->v[0]), span_order);
	for (size_t i = 1; i < r->n; i++) {
		struct injection_span *last = &r->v[n], *s = &r->v[i];

		if (s->first >= last->end) {
			r->v[++n] = *s;
			continue;
		}
		if (s->score > last->score) {
			last->score = s->score;
			last->rule = s->rule;
		}
		last->end = s->end > last->end ? s->end : last->end;
	}
	r->n = n + 1;
}

void
injection_find(struct injector *in, struct slice text,
    enum injection_field field, struct injection_report *r)
{
	r->n = 0;
	r->score = 0;
	r->gave_up = false;
	in->gave_up = false;
	if (text.len == 0)
		return;
	find_in(in, text, field, bears[field], 0, r);
	if (in->gave_up) {
		r->gave_up = true;
		r->n = 0;
		report_add(r, (struct injection_span){
				  .end = text.len,
				  .rule = "unjudged",
				  .score = bears[field],
			      });
	}
	tidy(r);
	for (size_t i = 0; i < nitems(in->layer); i++)
		buf_clear(&in->layer[i].decoded, KEEP);
	if (in->signs.cap > KEEP / sizeof(in->signs.v[0])) {
		free(in->signs.v);
		in->signs.v = NULL;
		in->signs.cap = 0;
	}
}

void
injection_spots(struct injector *in, struct slice raw,
    enum injection_field field, struct spots *spots)
{
	bool strict = field == FIELD_DESCRIPTION;

	/* Without a sign that is looked for everywhere no other counts. */
	ruleset_spots(in->rules, raw,
	    strict ? skipped(strict) : skipped(strict) | INJECTION_NEAR, 0,
	    spots);
	blob_spots(raw, spots);
}
