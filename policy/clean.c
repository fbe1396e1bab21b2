/*
 * One text of a server: what a model or a person must not read in it.  Each
 * kind is looked for on its own in the text as it reads, and what they find is
 * joined: where two overlap, the wider span is taken out as what it began with.
 */
#include "policy/clean.h"

#include <stdlib.h>

#include "policy/hidden.h"
#include "policy/policy.h"
#include "policy/secret.h"
#include "policy/text.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"

/* Bytes of a secret that stay, so that its owner knows which it was. */
#define SECRET_SHOWN 4U
/* Bytes of work space that are kept from text to text. */
#define BARE_KEEP 65536U
/* Times that a text is looked at again once something was taken out. */
#define ROUNDS 6U
/* A secret shorter than this would be given away by them. */
#define SECRET_LONG 16U

struct cleaner *
cleaner_new(void)
{
	struct cleaner *c = xcalloc(1, sizeof(*c));

	c->injector = injector_new();
	injection_report_init(&c->report);
	spans_init(&c->hidden);
	buf_init(&c->put, SIZE_MAX / 4);
	buf_init(&c->bare, SIZE_MAX / 4);
	return c;
}

void
cleaner_free(struct cleaner *c)
{
	if (c == NULL)
		return;
	buf_release(&c->bare);
	free(c->steps);
	spots_release(&c->spots);
	buf_release(&c->put);
	spans_release(&c->hidden);
	injection_report_release(&c->report);
	injector_free(c->injector);
	free(c->v);
	free(c);
}

const char *
finding_key(enum finding_kind kind)
{
	static const char *const keys[FOUND_KINDS] = {
		[FOUND_INJECTION] = "responses.injection",
		[FOUND_HIDDEN] = "responses.hidden_text",
		[FOUND_SECRET] = "responses.secrets",
	};

	return keys[kind];
}

/* Where the byte of bare stood in the text. */
static size_t
stood_at(const struct cleaner *c, size_t out)
{
	size_t lo = 0, hi = c->nsteps;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->steps[mid].out <= out)
			lo = mid;
		else
			hi = mid;
	}
	return c->steps[lo].in +
	       (c->steps[lo].still ? 0 : out - c->steps[lo].out);
}

static void
add_step(struct cleaner *c, size_t in, bool still)
{
	if (c->nsteps == c->steps_cap) {
		c->steps_cap = c->steps_cap == 0 ? 16 : 2 * c->steps_cap;
		c->steps =
		    xreallocarray(c->steps, c->steps_cap, sizeof(*c->steps));
	}
	c->steps[c->nsteps++] =
	    (struct bare_step){ .out = c->bare.len, .in = in, .still = still };
}

/* The text as its reader would have it once what is hidden is gone. */
static void
make_bare(struct cleaner *c, struct slice text)
{
	size_t at = 0;

	c->bare.len = 0;
	c->nsteps = 0;
	for (size_t i = 0; i <= c->hidden.n; i++) {
		size_t end = i < c->hidden.n ? c->hidden.v[i].first : text.len;

		if (end > at) {
			add_step(c, at, false);
			buf_must(buf_add(&c->bare, text.at + at, end - at));
		}
		at = i < c->hidden.n ? c->hidden.v[i].end : at;
	}
}

static struct cut *
add(struct cleaner *c, enum finding_kind kind, size_t first, size_t end,
    const char *rule)
{
	if (c->in_bare && end > first) {
		first = stood_at(c, first);
		end = stood_at(c, end - 1) + 1;
	}
	if (c->n == c->cap) {
		c->cap = c->cap == 0 ? 16 : 2 * c->cap;
		c->v = xreallocarray(c->v, c->cap, sizeof(*c->v));
	}
	c->v[c->n] = (struct cut){ .first = first,
		.end = end,
		.kind = kind,
		.rule = rule,
		.put = c->put.len };
	return &c->v[c->n++];
}

static void
find_injection(struct cleaner *c, struct slice text, enum injection_field field)
{
	injection_find(c->injector, text, field, &c->report);
	if (c->report.gave_up) {
		struct cut *cut =
		    add(c, FOUND_INJECTION, 0, text.len, "unread");

		buf_must(buf_add_str(&c->put,
		    "[mcpshield: removed a text that could not be judged]"));
		cut->put_len = c->put.len - cut->put;
		return;
	}
	for (size_t i = 0; i < c->report.n; i++) {
		const struct injection_span *s = &c->report.v[i];
		struct cut *cut =
		    add(c, FOUND_INJECTION, s->first, s->end, s->rule);

		buf_must(buf_addf(&c->put, "[mcpshield: removed %s]", s->rule));
		cut->put_len = c->put.len - cut->put;
	}
}

static void
find_hidden(struct cleaner *c, struct slice text)
{
	size_t n = hidden_find(text, &c->hidden);

	for (size_t i = 0; i < n; i++) {
		const struct span *s = &c->hidden.v[i];
		const char *dot = strchr(s->rule, '.');
		struct cut *cut = add(c, FOUND_HIDDEN, s->first, s->end,
		    dot != NULL ? dot + 1 : s->rule);

		buf_must(buf_add_str(&c->put, s->put));
		cut->put_len = c->put.len - cut->put;
	}
}

/* For secret_scan(). */
struct seeker {
	struct cleaner *c;
	struct slice text;
};

static bool
found_secret(void *ctx, const struct secret_hit *hit)
{
	const struct seeker *s = ctx;
	size_t len = hit->end - hit->first;
	struct cut *cut =
	    add(s->c, FOUND_SECRET, hit->first, hit->end, hit->kind);

	buf_must(buf_addf(&s->c->put, "[mcpshield: redacted %s", hit->kind));
	if (len >= SECRET_LONG && !hit->gave_up) {
		const char *p = s->text.at + hit->first;
		size_t n = 0;

		/* A key block begins alike for all; half a character is none.
		 */
		while (n < SECRET_SHOWN && p[n] > ' ' && p[n] < 0x7f &&
		       p[n] != '-')
			n++;
		if (n == SECRET_SHOWN)
			buf_must(buf_addf(
			    &s->c->put, " %.*s...", (int)SECRET_SHOWN, p));
	}
	buf_must(buf_add_byte(&s->c->put, ']'));
	cut->put_len = s->c->put.len - cut->put;
	return true;
}

static int
compare(const void *a, const void *b)
{
	const struct cut *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1; /* the wider first */
	return x->kind < y->kind ? -1 : x->kind > y->kind;
}

/* How much the policy makes of a finding: the least is the strictest. */
static int
rank(const struct policy *p, enum finding_kind kind)
{
	const enum policy_finding asked[FOUND_KINDS] = {
		[FOUND_INJECTION] = p->responses.injection,
		[FOUND_HIDDEN] = p->responses.hidden_text,
		[FOUND_SECRET] = p->responses.secrets,
	};

	return asked[kind] == FINDING_DENY     ? 0
	       : asked[kind] == FINDING_REDACT ? 1
					       : 2;
}

/* Sorts, and joins what overlaps: what is stricter gives it its name. */
static void
join(struct cleaner *c, const struct policy *p)
{
	size_t n = 0;

	if (c->n < 2)
		return;
	qsort(c->v, c->n, sizeof(*c->v), compare);
	for (size_t i = 0; i < c->n; i++) {
		if (n > 0 && c->v[i].first < c->v[n - 1].end) {
			if (c->v[i].end > c->v[n - 1].end)
				c->v[n - 1].end = c->v[i].end;
			if (rank(p, c->v[i].kind) < rank(p, c->v[n - 1].kind)) {
				c->v[n - 1].kind = c->v[i].kind;
				c->v[n - 1].rule = c->v[i].rule;
				c->v[n - 1].put = c->v[i].put;
				c->v[n - 1].put_len = c->v[i].put_len;
			}
			/* A visible mark is worth more than none. */
			if (c->v[n - 1].put_len == 0) {
				c->v[n - 1].put = c->v[i].put;
				c->v[n - 1].put_len = c->v[i].put_len;
			}
			continue;
		}
		c->v[n++] = c->v[i];
	}
	c->n = n;
}

/* Injection and secrets, in the text or in what is left of it. */
static void
find_meaning(struct cleaner *c, const struct policy *p, struct scan *scan,
    struct slice text, enum injection_field field)
{
	struct seeker seeker = { .c = c, .text = text };

	if (p->responses.injection != FINDING_OFF)
		find_injection(c, text, field);
	if (p->responses.secrets != FINDING_OFF)
		secret_scan(scan->secrets, scan->values, text, SECRET_BY_NAME,
		    found_secret, &seeker);
}

/* The text as it would go on: what is replaced already is replaced in bare. */
static void
make_cleaned(struct cleaner *c, const struct policy *p, struct slice text)
{
	size_t at = 0;

	c->bare.len = 0;
	c->nsteps = 0;
	for (size_t i = 0; i <= c->n; i++) {
		const struct cut *cut = i < c->n ? &c->v[i] : NULL;
		size_t end = cut != NULL ? cut->first : text.len;

		if (cut != NULL && rank(p, cut->kind) > 1)
			continue; /* it stays in the text */
		if (end > at) {
			add_step(c, at, false);
			buf_must(buf_add(&c->bare, text.at + at, end - at));
		}
		if (cut != NULL && cut->put_len > 0) {
			add_step(c, cut->first, true);
			buf_must(buf_add(
			    &c->bare, c->put.at + cut->put, cut->put_len));
		}
		at = cut != NULL ? cut->end : at;
	}
}

/* Bytes that are taken out. */
static size_t
taken(const struct cleaner *c)
{
	size_t sum = 0;

	for (size_t i = 0; i < c->n; i++)
		sum += c->v[i].end - c->v[i].first;
	return sum;
}

/*
 * What stood beside something heavier may have gone unnoticed for that: looks
 * until nothing more is found, and takes out all where that does not end.
 */
static void
find_rest(struct cleaner *c, const struct policy *p, struct scan *scan,
    struct slice text, enum injection_field field)
{
	size_t before = taken(c), after = before;

	for (unsigned round = 0; c->n > 0 && round < ROUNDS; round++) {
		before = after;
		make_cleaned(c, p, text);
		c->in_bare = true;
		find_meaning(c, p, scan, buf_slice(&c->bare), field);
		c->in_bare = false;
		join(c, p);
		after = taken(c);
		if (after == before)
			return;
	}
	if (after != before) {
		struct cut *cut =
		    add(c, FOUND_INJECTION, 0, text.len, "unread");

		buf_must(buf_add_str(&c->put,
		    "[mcpshield: removed a text that could not be judged]"));
		cut->put_len = c->put.len - cut->put;
		join(c, p);
	}
}

size_t
clean_find(struct cleaner *c, const struct policy *p, struct scan *scan,
    struct slice text, enum injection_field field)
{
	c->n = 0;
	c->put.len = 0;
	c->in_bare = false;
	if (p->responses.hidden_text != FINDING_OFF)
		find_hidden(c, text);
	/* What is taken out must not put together what is looked for. */
	if (c->n > 0) {
		make_bare(c, text);
		c->in_bare = true;
		find_meaning(c, p, scan, buf_slice(&c->bare), field);
		c->in_bare = false;
	}
	find_meaning(c, p, scan, text, field);
	join(c, p);
	find_rest(c, p, scan, text, field);
	buf_clear(&c->bare, BARE_KEEP);
	return c->n;
}

void
clean_look(struct cleaner *c, const struct policy *p, struct scan *scan,
    struct slice raw, enum injection_field field)
{
	spots_clear(&c->spots, raw.len);
	spots_dress(&c->spots, raw);
	if (p->responses.injection != FINDING_OFF)
		injection_spots(c->injector, raw, field, &c->spots);
	if (p->responses.secrets != FINDING_OFF)
		secret_spots(scan->secrets, scan->values, raw, SECRET_BY_NAME,
		    &c->spots);
}
