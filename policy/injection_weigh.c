/*
 * What the signs in a text come to.  Those that stand near each other are a
 * cluster; a family of signs counts once in it, with the heaviest.
 */
#include "policy/injection_weigh.h"

#include <stdlib.h>

#include "policy/injection_family.h"
#include "policy/injection_span.h"

/* Bytes between two signs of one cluster. */
#define NEAR 260U
/* Weight of what says that a text is about attacks. */
#define ABOUT_ENOUGH 2U
/* What is left of a sign that such a text quotes. */
#define QUOTED_PART 3U

static enum family
family_of(const struct rule *rule)
{
	return (enum family)(rule->flags >> INJECTION_FAMILY_SHIFT);
}

static int
sign_order(const void *a, const void *b)
{
	const struct sign *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

void
signs_order(struct signs *in)
{
	if (in->n > 1)
		qsort(in->v, in->n, sizeof(in->v[0]), sign_order);
}

/* Is the text about attacks, so that it may quote some? */
static bool
is_about(const struct signs *in)
{
	unsigned sum = 0;

	for (size_t i = 0; i < in->n && sum < ABOUT_ENOUGH; i++)
		if (family_of(in->v[i].rule) == FAMILY_ABOUT)
			sum += in->v[i].rule->weight;
	return sum >= ABOUT_ENOUGH;
}

/* What a document about attacks quotes of them. */
static bool
is_quotable(enum family f)
{
	switch (f) {
	case FAMILY_OVERRIDE:
	case FAMILY_TASK:
	case FAMILY_INSTEAD:
	case FAMILY_ROLE:
	case FAMILY_LABEL:
	case FAMILY_LEAK:
	case FAMILY_PERSONA:
	case FAMILY_PLAY:
	case FAMILY_SAFETY:
	case FAMILY_AUTH:
		return true;
	case FAMILY_WRAP:
	case FAMILY_ADDRESS:
	case FAMILY_TOOL:
	case FAMILY_PARAM:
	case FAMILY_SECRET:
	case FAMILY_HIDE:
	case FAMILY_HIDDEN:
	case FAMILY_EXFIL:
	case FAMILY_ENCODED:
	case FAMILY_ORDER:
	case FAMILY_SHADOW:
	case FAMILY_URGENCY:
	case FAMILY_ABOUT:
	case FAMILY_COUNT:
		break;
	}
	return false;
}

void
cluster_weigh(const struct signs *in, struct cluster *c, struct quotes *quotes)
{
	unsigned most[FAMILY_COUNT] = { 0 }, heaviest = 0;

	for (size_t i = c->from; i < c->to; i++) {
		const struct sign *s = &in->v[i];
		enum family f = family_of(s->rule);
		unsigned weight = s->rule->weight;

		if (quotes != NULL && is_quotable(f) &&
		    span_quoted(quotes, s->first))
			weight /= QUOTED_PART;
		if (weight > most[f])
			most[f] = weight;
		if (weight > heaviest) {
			heaviest = weight;
			c->rule = s->rule;
		}
	}
	c->score = 0;
	for (size_t f = 0; f < FAMILY_COUNT; f++)
		c->score += most[f];
}

struct cluster
cluster_gather(const struct signs *in, size_t from)
{
	struct cluster c = { .from = from, .to = from + 1 };

	c.first = in->v[from].first;
	c.end = in->v[from].end;
	for (; c.to < in->n && in->v[c.to].first <= c.end + NEAR; c.to++)
		if (in->v[c.to].end > c.end)
			c.end = in->v[c.to].end;
	return c;
}

bool
signs_sort(struct signs *in)
{
	bool about = is_about(in);
	size_t n = 0;

	for (size_t i = 0; i < in->n; i++)
		if (family_of(in->v[i].rule) != FAMILY_ABOUT)
			in->v[n++] = in->v[i];
	in->n = n;
	signs_order(in);
	return about;
}
