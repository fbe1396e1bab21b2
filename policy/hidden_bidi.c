/*
 * Controls of the bidirectional algorithm.  They are needed where text of both
 * directions meets, and come in pairs then; without a letter that is written
 * from right to left they can only show a text in another order than the one
 * in which it is read.  Paragraph by paragraph, as the algorithm has it.
 * Source: UAX #9; CVE-2021-42574 for the misuse.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/hidden_part.h"
#include "proxy/base/xalloc.h"

#define DEPTH_MAX 125U /* max_depth of UAX #9 */
/* Controls of one paragraph that are kept in mind: a pair that reaches over the
   last one is none. */
#define CONTROLS_MAX 65536U

enum { LRE = 0x202a, RLE, PDF, LRO, RLO, LRI = 0x2066, RLI, FSI, PDI };

enum keep {
	KEEP_NO,
	KEEP_WITH_RTL, /* if the paragraph has such a letter */
	KEEP_YES,
};

struct control {
	size_t at;
	enum keep keep;
};

/* One that is open, and what it holds so far. */
struct level {
	size_t control; /* of paragraph.v */
	uint32_t cp;
	bool rtl, ltr; /* letters of that direction */
	bool other; /* more than a telephone number has */
};

struct paragraph {
	struct control *v; /* owned */
	size_t n, cap;
	struct level open[DEPTH_MAX];
	size_t depth;
	bool rtl;
};

static bool
is_isolate(uint32_t cp)
{
	return cp == LRI || cp == RLI || cp == FSI;
}

/* Of a pair that holds what l says. */
static enum keep
keep_pair(const struct level *l)
{
	switch (l->cp) {
	case FSI: /* programs put it around what they fill into a message */
		return KEEP_YES;
	case LRE: /* address books put these around numbers */
	case LRO:
		if (!l->other)
			return KEEP_YES;
		return l->cp == LRE ? KEEP_WITH_RTL : KEEP_NO;
	case LRI:
		return KEEP_WITH_RTL;
	case RLE:
	case RLI:
		return l->rtl || !l->ltr ? KEEP_WITH_RTL : KEEP_NO;
	}
	return KEEP_NO; /* RLO */
}

/* Takes the innermost level off; its letters are the outer one's too. */
static void
pop(struct paragraph *p, size_t closer, bool paired)
{
	struct level l = p->open[--p->depth];

	if (paired)
		p->v[l.control].keep = p->v[closer].keep = keep_pair(&l);
	if (p->depth > 0) {
		p->open[p->depth - 1].rtl |= l.rtl;
		p->open[p->depth - 1].ltr |= l.ltr;
		p->open[p->depth - 1].other |= l.other;
	}
}

static void
close_level(struct paragraph *p, size_t closer, uint32_t cp)
{
	size_t i = p->depth;

	if (i == 0)
		return;
	if (cp == PDF) { /* never across an isolate */
		if (!is_isolate(p->open[i - 1].cp))
			pop(p, closer, true);
		return;
	}
	while (i > 0 && !is_isolate(p->open[i - 1].cp))
		i--;
	if (i == 0)
		return;
	while (p->depth > i)
		pop(p, closer, false);
	pop(p, closer, true);
}

/* Hides what is known not to be needed. */
static void
flush(struct hider *h, struct paragraph *p)
{
	for (size_t i = 0; i < p->n && !h->full; i++) {
		const struct control *c = &p->v[i];
		bool keep =
		    c->keep == KEEP_YES || (c->keep == KEEP_WITH_RTL && p->rtl);

		if (!keep)
			hidden_add(h, c->at, c->at + 3, "hidden.bidi", "");
	}
	p->n = p->depth = 0;
}

/* The paragraph is over. */
static void
judge(struct hider *h, struct paragraph *p)
{
	flush(h, p);
	p->rtl = false;
}

static void
add_control(struct hider *h, struct paragraph *p, struct glyph g)
{
	size_t i;

	if (p->n == CONTROLS_MAX)
		flush(h, p);
	i = p->n;
	if (p->n == p->cap) {
		p->cap = p->cap == 0 ? 64 : 2 * p->cap;
		p->v = xreallocarray(p->v, p->cap, sizeof(p->v[0]));
	}
	p->v[p->n++] = (struct control){ .at = g.at };
	if (g.cp == PDF || g.cp == PDI)
		close_level(p, i, g.cp);
	else if (p->depth < DEPTH_MAX)
		p->open[p->depth++] =
		    (struct level){ i, g.cp, false, false, false };
}

static void
add_letter(struct paragraph *p, uint32_t cp)
{
	static const char number[] = "0123456789+-() ./#*";
	struct level *top = p->depth > 0 ? &p->open[p->depth - 1] : NULL;
	bool rtl = hidden_right_to_left(cp);

	p->rtl |= rtl;
	if (top == NULL || hidden_in_run(hidden_class(cp)))
		return;
	top->rtl |= rtl;
	top->ltr |= cp > '9' && !rtl && hidden_letter(cp);
	if (cp >= 0x80 ? cp != 0xa0 && cp != 0x2011
		       : memchr(number, (int)cp, sizeof(number) - 1) == NULL)
		top->other = true;
}

/* From `at`, where a line begins, to where one ends; returns that place. */
static size_t
read_line(struct hider *h, struct paragraph *p, size_t at)
{
	struct glyph g;
	size_t step;

	for (; at < h->text.len; at += step) {
		g = glyph_at(h->text, at);
		step = g.len > 0 ? g.len : 1;
		if (g.cp == '\n' || g.cp == '\r' || g.cp == 0x85 ||
		    g.cp == 0x2029) {
			judge(h, p);
			if (g.cp == '\n')
				return at;
		} else if (g.cp >= 0x2000 &&
			   hidden_class(g.cp) == HIDDEN_BIDI) {
			add_control(h, p, g);
		} else {
			add_letter(p, g.cp);
		}
	}
	judge(h, p);
	return at;
}

/* The next place where there may be a control: they begin with E2 80, E2 81. */
static size_t
next_control(struct slice text, size_t at)
{
	while (at < text.len) {
		const char *p = memchr(text.at + at, 0xe2, text.len - at);

		if (p == NULL)
			break;
		at = (size_t)(p - text.at);
		if (hidden_class(glyph_at(text, at).cp) == HIDDEN_BIDI)
			return at;
		at++;
	}
	return text.len;
}

void
hidden_bidi(struct hider *h)
{
	struct paragraph p = { .v = NULL };
	struct slice text = h->text;
	size_t at = h->bidi;

	while (at < text.len && !h->full) {
		const char *line = memrchr(text.at, '\n', at);

		at = read_line(
		    h, &p, line == NULL ? 0 : (size_t)(line - text.at) + 1);
		at = next_control(text, at);
	}
	free(p.v);
}
