/*
 * From keywords to regions: where in a text which expression is to be tried.  A
 * rule with a second list of keywords waits for one of these.
 */
#include "policy/ruleset_part.h"

/* Bytes by which literals may come out of order: the longest literal's. */
#define SLACK 64U

/* What a scan keeps about a rule, when it first hears of it. */
static struct work *
work_of(struct ruleset *rs, uint32_t rule)
{
	struct work *w = &rs->work[rule];

	if (w->scan != rs->scan) {
		w->scan = rs->scan;
		w->at = 0;
		w->refused = 0;
		w->over = false;
		w->also = 0;
		w->waits = (struct region){ 0 };
		w->wanted = 0;
	}
	return w;
}

/* A region in which the rule is tried. */
static void
add_region(struct ruleset *rs, uint32_t rule, struct region r)
{
	struct work *w = &rs->work[rule];

	if (w->tail != 0 && r.first <= rs->region[w->tail - 1].end) {
		struct region *last = &rs->region[w->tail - 1];

		last->first = r.first < last->first ? r.first : last->first;
		last->end = r.end > last->end ? r.end : last->end;
		return;
	}
	rs->region[rs->nregion++] = r;
	if (w->tail != 0)
		rs->region[w->tail - 1].next = rs->nregion;
	else
		w->head = rs->nregion;
	w->tail = rs->nregion;
	rs->queued[rule / 64] |= (uint64_t)1 << rule % 64;
}

/* The window of one of a rule's keywords. */
static void
open_window(struct ruleset *rs, uint32_t rule, size_t first, size_t len)
{
	struct work *w = work_of(rs, rule);
	/* A match holds a keyword, so it begins before that keyword's end. */
	struct region r = { .first = 0, .end = first + len };

	if (w->over)
		return;
	if (first > w->before)
		r.first = first - w->before;
	if (!w->paired || w->also > r.first) {
		add_region(rs, rule, r);
		return;
	}
	/* Together with the one that waits, unless that waited in vain. */
	if (w->wanted >= r.first && w->waits.end > 0)
		r.first = w->waits.first < r.first ? w->waits.first : r.first;
	w->waits = r;
	w->wanted = first + w->expr.reach + SLACK;
}

/* A literal that must be in a match beside the keyword: an attempt sees no
   further than its reach, so what waited longer is given up. */
static void
heed_also(struct ruleset *rs, uint32_t rule, size_t first)
{
	struct work *w = work_of(rs, rule);

	if (first + 1 > w->also)
		w->also = first + 1;
	if (w->waits.end > 0 && first <= w->wanted && !w->over)
		add_region(rs, rule, w->waits);
	w->waits.end = 0;
}

bool
ruleset_open(struct ruleset *rs, const struct scan_call *call, size_t until,
    struct prefilter_cursor *c)
{
	const struct keywords *kw = call->keywords;
	struct prefilter_hit hit;

	while (prefilter_next(kw->pf, call->text, until, c, &hit)) {
		uint32_t end = kw->of[hit.literal + 1];

		for (uint32_t i = kw->of[hit.literal]; i < end; i++)
			if ((kw->rule[i] & KEYWORD_ALSO) != 0)
				heed_also(
				    rs, kw->rule[i] & ~KEYWORD_ALSO, hit.first);
			else
				open_window(rs, kw->rule[i], hit.first,
				    kw->len[hit.literal]);
		if (rs->nregion >= REGIONS)
			return true;
	}
	return false;
}
