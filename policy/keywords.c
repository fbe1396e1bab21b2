/*
 * Collects the keywords of rules: equal ones of several rules are one literal,
 * which is looked for once.
 */
#include "policy/keywords.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/base/xalloc.h"

/* Of one rule. */
struct keyword {
	uint32_t literal, rule;
};

struct collection {
	struct keyword *v; /* owned */
	size_t n;
	struct slice *literal; /* owned */
	size_t nliteral;
	/* By a hash of the text, with the next place where that is taken:
	   literal + 1, or 0.  Never more than half full. */
	uint32_t *table; /* owned */
	size_t size; /* a power of two */
};

static size_t
hash(struct slice s)
{
	uint64_t h = 14695981039346656037U; /* FNV-1a */

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.at[i]) * 1099511628211U;
	return (size_t)(h ^ h >> 32);
}

static uint32_t
literal_of(struct collection *c, struct slice text)
{
	size_t at = hash(text) & (c->size - 1);

	for (; c->table[at] != 0; at = (at + 1) & (c->size - 1))
		if (slice_eq(c->literal[c->table[at] - 1], text))
			return c->table[at] - 1;
	c->literal[c->nliteral++] = text;
	c->table[at] = (uint32_t)c->nliteral;
	return c->table[at] - 1;
}

static size_t
count(const struct rule *r)
{
	size_t n = 1;

	for (const char *s = r->keywords; *s != '\0'; s++)
		n += *s == '|' || *s == *RULE_ALSO;
	return n;
}

static void
add(struct collection *c, const char *list, uint32_t rule)
{
	for (const char *s = list;; s++) {
		size_t len = strcspn(s, "|" RULE_ALSO);

		c->v[c->n++] = (struct keyword){
			.literal = literal_of(c, (struct slice){ s, len }),
			.rule = rule,
		};
		s += len;
		if (*s == '\0')
			return;
		if (*s == *RULE_ALSO)
			rule |= KEYWORD_ALSO;
	}
}

/* The rules of each literal, in the order of the table. */
static void
list_rules(struct keywords *kw, const struct collection *c)
{
	uint32_t *next;

	kw->of = xcalloc(c->nliteral + 1, sizeof(*kw->of));
	kw->rule = xcalloc(c->n + 1, sizeof(*kw->rule));
	kw->len = xcalloc(c->nliteral + 1, sizeof(*kw->len));
	next = xcalloc(c->nliteral + 1, sizeof(*next));
	for (size_t i = 0; i < c->n; i++)
		kw->of[c->v[i].literal + 1]++;
	for (size_t i = 0; i < c->nliteral; i++) {
		kw->len[i] = (uint32_t)c->literal[i].len;
		next[i] = kw->of[i];
		kw->of[i + 1] += kw->of[i];
	}
	for (size_t i = 0; i < c->n; i++)
		kw->rule[next[c->v[i].literal]++] = c->v[i].rule;
	free(next);
}

struct keywords *
keywords_new(const struct rule *rows, size_t n, unsigned mask, unsigned want)
{
	struct keywords *kw = xcalloc(1, sizeof(*kw));
	struct collection c = { .size = 2 };
	size_t total = 0;

	kw->mask = mask;
	kw->want = want;
	for (size_t i = 0; i < n; i++)
		if ((rows[i].flags & mask) == want)
			total += count(&rows[i]);
	while (c.size < 2 * total)
		c.size *= 2;
	c.v = xcalloc(total + 1, sizeof(*c.v));
	c.literal = xcalloc(total + 1, sizeof(*c.literal));
	c.table = xcalloc(c.size, sizeof(*c.table));
	for (size_t i = 0; i < n; i++)
		if ((rows[i].flags & mask) == want)
			add(&c, rows[i].keywords, (uint32_t)i);
	list_rules(kw, &c);
	kw->pf = prefilter_new(c.literal, c.nliteral);
	free(c.v);
	free(c.literal);
	free(c.table);
	return kw;
}

void
keywords_free(struct keywords *kw)
{
	if (kw == NULL)
		return;
	prefilter_free(kw->pf);
	free(kw->of);
	free(kw->rule);
	free(kw->len);
	free(kw);
}
