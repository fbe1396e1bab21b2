/*
 * Characters without width.  Those that writing needs are told first: what
 * makes an emoji, a flag or a variant of one letter.  Of the rest one or two
 * are ordinary (a break hint, a mark of order, what an editor left behind)
 * unless they part a word of a script that has no use for them; and many, or
 * such as have no other use, carry data.
 */
#include <string.h>

#include "policy/hidden_part.h"
#include "proxy/base/array.h"

/* Characters in a row that no writing has. */
#define RUN_MANY 4U
/* Letters in a row with something hidden between each two. */
#define CHAIN_MANY 3U
/* Private-use characters in a row: icons come one by one. */
#define PRIVATE_MANY 8U
/* Marks on one letter: no orthography has half of that. */
#define COMBINING_MANY 17U

#define BLACK_FLAG 0x1f3f4U
#define ZWJ 0x200dU
#define CGJ 0x34fU
#define TAG_END 0xe007fU

struct run {
	size_t first, end; /* of what writing does not need */
	struct glyph before, behind; /* what is seen around it */
	size_t n;
	uint32_t cp; /* the first */
	enum hidden_class class; /* of the first */
	bool mixed; /* of more than one character */
	bool tag, selector, never; /* there are such */
};

static bool
between(uint32_t cp, uint32_t first, uint32_t last)
{
	return cp >= first && cp <= last;
}

/*
 * Has this base this variant?  The ranges are those of StandardizedVariants.txt
 * and of the Ideographic Variation Database, by blocks.
 */
static bool
selects(uint32_t base, uint32_t selector)
{
	if (selector >= 0xe0100)
		return selector < 0xe0120 && hidden_han(base);
	if (selector >= 0xfe0e)
		return hidden_picture(base);
	if (between(base, 0x13000, 0x1345f)) /* hieroglyphs, turned */
		return selector <= 0xfe06;
	return selector <= 0xfe02 && (base == '0' || base == 0xff10 ||
					 (between(base, 0x1000, 0x1efff) &&
					     !hidden_plain_letter(base)));
}

/* Behind the tags at `at` that make a black flag a region's; else 0. */
static size_t
flag_end(struct slice text, size_t at)
{
	/* Those that are drawn: England, Scotland, Wales, Northern Ireland,
	   California, Texas. */
	static const char regions[][6] = { "gbeng", "gbsct", "gbwls", "gbnir",
		"usca", "ustx" };

	for (size_t i = 0; i < nitems(regions); i++) {
		const char *c = regions[i];
		struct glyph g = glyph_at(text, at);

		while (*c != '\0' && g.cp == 0xe0000U + (unsigned char)*c) {
			g = glyph_at(text, g.at + g.len);
			c++;
		}
		if (*c == '\0' && g.cp == TAG_END)
			return g.at + g.len;
	}
	return 0;
}

/* Behind what the picture or letter `base` has to do with at `at`. */
static size_t
skip_wanted(struct slice text, size_t at, struct glyph base)
{
	struct glyph g = glyph_at(text, at), next;
	size_t flag = base.cp == BLACK_FLAG ? flag_end(text, at) : 0;

	if (flag != 0)
		g = glyph_at(text, flag);
	else if (hidden_class(g.cp) == HIDDEN_SELECTOR &&
		 selects(base.cp, g.cp))
		g = glyph_at(text, g.at + g.len);
	if (g.cp != ZWJ || base.cp < 0x80 || !hidden_picture(base.cp))
		return g.at;
	next = glyph_at(text, g.at + g.len);
	return next.cp >= 0x80 && hidden_picture(next.cp) ? next.at : g.at;
}

static void
count(struct run *r, struct glyph g, enum hidden_class class)
{
	if (r->n++ == 0) {
		r->cp = g.cp;
		r->class = class;
	}
	r->mixed |= g.cp != r->cp;
	r->tag |= class == HIDDEN_TAG;
	r->never |= class == HIDDEN_NEVER;
	r->selector |= class == HIDDEN_SELECTOR && (g.cp | 1) != 0xfe0f;
	r->end = g.at + g.len;
}

static struct run
read_run(struct slice text, size_t at)
{
	struct run r = { .before = glyph_before(text, at) };
	struct glyph g;
	enum hidden_class class;

	r.first = r.end = skip_wanted(text, at, r.before);
	for (;;) {
		g = glyph_at(text, r.end);
		class = hidden_class(g.cp);
		if (!hidden_in_run(class))
			break;
		count(&r, g, class);
	}
	r.behind = g;
	return r;
}

/*
 * Letters with something hidden between each two, counted from a run in one
 * direction, CHAIN_MANY at most.
 */
static size_t
chain(struct slice text, size_t at, struct glyph (*step)(struct slice, size_t),
    bool back)
{
	size_t n = 0;

	while (n < CHAIN_MANY) {
		struct glyph g = step(text, at);
		size_t hidden = 0;

		if (!hidden_letter(g.cp))
			break;
		at = back ? g.at : g.at + g.len;
		g = step(text, at);
		while (hidden < RUN_MANY && hidden_in_run(hidden_class(g.cp))) {
			at = back ? g.at : g.at + g.len;
			g = step(text, at);
			hidden++;
		}
		if (hidden == 0)
			break;
		n++;
	}
	return n;
}

static bool
in_chain(struct slice text, const struct run *r)
{
	if ((r->class == HIDDEN_JOINER || r->class == HIDDEN_DIRECTION) &&
	    (hidden_joins(r->before.cp) || hidden_joins(r->behind.cp)))
		return false;
	return chain(text, r->first, glyph_before, true) +
		   chain(text, r->end, glyph_at, false) >=
	       CHAIN_MANY;
}

static bool
is_ordinary(struct slice text, const struct run *r)
{
	if (r->tag || r->selector || r->never || r->n >= RUN_MANY)
		return false;
	/* Keeps marks in their order. */
	if (r->cp == CGJ && !r->mixed &&
	    (hidden_class(r->before.cp) == HIDDEN_COMBINING ||
		hidden_class(r->behind.cp) == HIDDEN_COMBINING))
		return true;
	if (hidden_plain_letter(r->before.cp) &&
	    hidden_plain_letter(r->behind.cp) &&
	    (r->n > 1 || r->class != HIDDEN_SOFT))
		return false;
	return !in_chain(text, r);
}

size_t
hidden_run(struct hider *h, size_t at)
{
	struct run r = read_run(h->text, at);
	bool data = r.mixed && r.end - r.first >= HIDDEN_MARK_MIN;
	const char *rule = "hidden.zero-width";

	if (r.n == 0 || is_ordinary(h->text, &r))
		return r.end;
	if (r.tag)
		rule = "hidden.tags";
	else if (r.selector)
		rule = "hidden.variation";
	hidden_add(h, r.first, r.end, rule, data ? HIDDEN_MARK_TEXT : "");
	return r.end;
}

size_t
hidden_row(struct hider *h, size_t at, enum hidden_class class)
{
	size_t n = 0, end = at;
	struct glyph g = glyph_at(h->text, at);

	/* One that joins graphemes does not part the marks of a letter. */
	while (hidden_class(g.cp) == class ||
	       (g.cp == CGJ && class == HIDDEN_COMBINING)) {
		end = g.at + g.len;
		g = glyph_at(h->text, end);
		n++;
	}
	if (class == HIDDEN_PRIVATE && n >= PRIVATE_MANY)
		hidden_add(h, at, end, "hidden.private-use", HIDDEN_MARK_TEXT);
	else if (class == HIDDEN_COMBINING && n >= COMBINING_MANY)
		hidden_add(h, at, end, "hidden.marks", "");
	return end;
}
