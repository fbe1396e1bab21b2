/*
 * Rules as data, run in two steps.  The prefilter finds the keywords of all
 * rules in one pass; around each that it finds, the rule's expression is tried
 * by expr.c.
 *
 * A keyword opens a window in which a match may lie.  Windows of one rule that
 * touch are one region, so a text full of keywords is one pass of the
 * expression and not one per keyword.  The text is searched for keywords a
 * block at a time, and the expressions run over the regions found before the
 * next: regions are few then, and the bytes still in a cache.
 *
 * Whatever the engine answers that is not a clear yes or no is a hit.
 */
#include "policy/ruleset_part.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/spots.h"
#include "proxy/base/xalloc.h"

/* Bytes before and behind a keyword where the rule names none. */
#define WINDOW 256U
/* Windows of text that an attempt may see behind its start. */
#define REACH 2U
/* Bytes of a block. */
#define BLOCK 65536U
/* Bytes of all regions together: so many times the text, and so many more. */
#define EFFORT_TIMES 64U
#define EFFORT_BASE (1U << 20)
/* Bytes of matches that verify() turned down, the same way, for each rule. */
#define REFUSED_TIMES 64U
#define REFUSED_BASE (1U << 16)

static size_t
longest_keyword(const struct rule *r)
{
	size_t longest = 0;

	for (const char *s = r->keywords;; s++) {
		size_t len = strcspn(s, "|" RULE_ALSO);

		longest = len > longest ? len : longest;
		s += len;
		if (*s == '\0')
			return longest;
	}
}

struct ruleset *
ruleset_new(const struct rule *rows, size_t n)
{
	struct ruleset *rs = xcalloc(1, sizeof(*rs));

	assert(n < UINT32_MAX);
	rs->rows = rows;
	rs->n = n;
	rs->work = xcalloc(n + 1, sizeof(*rs->work));
	rs->queued = xcalloc(n / 64 + 1, sizeof(*rs->queued));
	for (size_t i = 0; i < n; i++) {
		struct work *w = &rs->work[i];

		w->row = &rows[i];
		w->expr.pattern = rows[i].pattern;
		w->expr.flags = rows[i].flags;
		w->paired = strchr(rows[i].keywords, *RULE_ALSO) != NULL;
		w->before = rows[i].before != 0 ? rows[i].before : WINDOW;
		w->behind = rows[i].behind != 0 ? rows[i].behind : WINDOW;
		w->expr.reach =
		    REACH * (w->before + longest_keyword(&rows[i]) + w->behind);
	}
	rs->region = xcalloc(REGIONS + n, sizeof(*rs->region));
	return rs;
}

void
ruleset_free(struct ruleset *rs)
{
	if (rs == NULL)
		return;
	for (size_t i = 0; i < rs->n; i++)
		expr_release(&rs->work[i].expr);
	expr_room_release(&rs->room);
	for (size_t i = 0; i < rs->nkeywords; i++)
		keywords_free(rs->keywords[i]);
	free(rs->keywords);
	free(rs->work);
	free(rs->queued);
	free(rs->region);
	free(rs);
}

static uint64_t
limit(const struct scan_call *call, uint64_t times, uint64_t base)
{
	return times * call->text.len + base;
}

/* The engine could not tell; nothing more is said about that rule. */
static bool
give_up(struct scan_call *call, struct work *w, size_t first, size_t end)
{
	struct rule_hit hit = {
		.rule = w->row,
		.first = first,
		.end = end,
		.gave_up = true,
	};

	w->over = true;
	return call->fn(call->ctx, &hit);
}

/*
 * Reports a match, or passes it over if it is none in truth.  The search goes
 * on at its end, or, as a match that is none may hide one that begins later
 * and ends elsewhere, with the next byte.  What that costs is counted: a text
 * made of such matches would be read as many times as they are long.
 */
static bool
report(struct scan_call *call, struct work *w, const struct expr_match *m)
{
	struct rule_hit hit = {
		.rule = w->row,
		.first = (size_t)(m->text.at - call->text.at),
	};

	hit.end = hit.first + m->text.len;
	if (w->row->verify == NULL || w->row->verify(m->text)) {
		w->at = m->end > m->start ? m->end : m->start + 1;
		return call->fn(call->ctx, &hit);
	}
	w->refused += m->end - m->start;
	if (w->refused > limit(call, REFUSED_TIMES, REFUSED_BASE))
		return give_up(call, w, m->start, m->end);
	w->at = m->start + 1;
	return true;
}

/* A rule's expression over one of its regions; false ends the scan. */
static bool
run_region(struct ruleset *rs, struct scan_call *call, struct work *w,
    const struct region *r)
{
	struct expr_match m;
	bool more = true;
	int rc = 1;

	if (w->at < r->first)
		w->at = r->first;
	if (w->at >= r->end)
		return true;
	call->effort += r->end - w->at;
	if (call->effort > limit(call, EFFORT_TIMES, EFFORT_BASE))
		return give_up(call, w, w->at, r->end);
	while (more && !w->over && rc != 0) {
		rc = expr_next(
		    &rs->room, &w->expr, call->text, &w->at, r->end, &m);
		if (rc == 1)
			more = report(call, w, &m);
		else if (rc == -1)
			more = give_up(call, w, w->at, r->end);
	}
	return more;
}

/* Runs every rule that has regions, and forgets these; false ends the scan. */
static bool
run_queued(struct ruleset *rs, struct scan_call *call)
{
	bool more = true;

	for (size_t i = 0; i <= rs->n / 64; i++) {
		while (rs->queued[i] != 0) {
			struct work *w =
			    &rs->work[i * 64 +
				      (size_t)__builtin_ctzll(rs->queued[i])];

			for (uint32_t r = w->head; r != 0 && more && !w->over;
			     r = rs->region[r - 1].next)
				more =
				    run_region(rs, call, w, &rs->region[r - 1]);
			w->head = w->tail = 0;
			rs->queued[i] &= rs->queued[i] - 1;
		}
	}
	rs->nregion = 0;
	return more;
}

/* Those of the rules that a scan tries. */
static const struct keywords *
keywords_of(struct ruleset *rs, unsigned mask, unsigned want)
{
	for (size_t i = 0; i < rs->nkeywords; i++)
		if (rs->keywords[i]->mask == mask &&
		    rs->keywords[i]->want == want)
			return rs->keywords[i];
	rs->keywords = xreallocarray(
	    rs->keywords, rs->nkeywords + 1, sizeof(struct keywords *));
	rs->keywords[rs->nkeywords] = keywords_new(rs->rows, rs->n, mask, want);
	return rs->keywords[rs->nkeywords++];
}

void
ruleset_scan(struct ruleset *rs, struct slice text, unsigned mask,
    unsigned want, rule_hit_fn *fn, void *ctx)
{
	struct scan_call call = {
		.text = text,
		.keywords = keywords_of(rs, mask, want),
		.fn = fn,
		.ctx = ctx,
	};
	struct prefilter_cursor c = { 0 };
	bool more = true;

	rs->scan++;
	for (size_t until = 0; more && until < text.len;) {
		until = text.len - until > BLOCK ? until + BLOCK : text.len;
		while (more && ruleset_open(rs, &call, until, &c))
			more = run_queued(rs, &call);
		more = more && run_queued(rs, &call);
	}
}

/* Is it a keyword of any rule, and not only one of `also`? */
static bool
opens(const struct keywords *kw, uint32_t literal)
{
	for (uint32_t i = kw->of[literal]; i < kw->of[literal + 1]; i++)
		if ((kw->rule[i] & KEYWORD_ALSO) == 0)
			return true;
	return false;
}

void
ruleset_spots(struct ruleset *rs, struct slice text, unsigned mask,
    unsigned want, struct spots *spots)
{
	const struct keywords *kw = keywords_of(rs, mask, want);
	struct prefilter_cursor c = { 0 };
	struct prefilter_hit hit;

	while (prefilter_next(kw->pf, text, text.len, &c, &hit))
		if (opens(kw, hit.literal))
			spots_mark(
			    spots, hit.first, hit.first + kw->len[hit.literal]);
}

static bool
keep_first(void *ctx, const struct rule_hit *hit)
{
	struct rule_hit *first = ctx;

	*first = *hit;
	return false;
}

bool
ruleset_first(struct ruleset *rs, struct slice text, unsigned mask,
    unsigned want, struct rule_hit *ret)
{
	struct rule_hit first = { .rule = NULL };

	ruleset_scan(rs, text, mask, want, keep_first, &first);
	if (first.rule == NULL)
		return false;
	*ret = first;
	return true;
}
