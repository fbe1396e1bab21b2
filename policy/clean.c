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
	return c;
}

void
cleaner_free(struct cleaner *c)
{
	if (c == NULL)
		return;
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

static struct cut *
add(struct cleaner *c, enum finding_kind kind, size_t first, size_t end,
    const char *rule)
{
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

/* Sorts, and joins what overlaps; a span of nothing goes. */
static void
join(struct cleaner *c)
{
	size_t n = 0;

	if (c->n < 2)
		return;
	qsort(c->v, c->n, sizeof(*c->v), compare);
	for (size_t i = 0; i < c->n; i++) {
		if (n > 0 && c->v[i].first < c->v[n - 1].end) {
			if (c->v[i].end > c->v[n - 1].end)
				c->v[n - 1].end = c->v[i].end;
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

size_t
clean_find(struct cleaner *c, const struct policy *p, struct scan *scan,
    struct slice text, enum injection_field field)
{
	struct seeker seeker = { .c = c, .text = text };

	c->n = 0;
	c->put.len = 0;
	if (p->responses.injection != FINDING_OFF)
		find_injection(c, text, field);
	if (p->responses.hidden_text != FINDING_OFF)
		find_hidden(c, text);
	if (p->responses.secrets != FINDING_OFF)
		secret_scan(scan->secrets, scan->values, text, SECRET_BY_NAME,
		    found_secret, &seeker);
	join(c);
	return c->n;
}

bool
clean_is_plain(struct cleaner *c, struct scan *scan, struct slice raw)
{
	(void)c;
	(void)scan;
	(void)raw;
	return false;
}
