/*
 * What a pattern may cost an engine that goes back and tries again, as most of
 * those do that validate schemas: exponential time, if two ways lead around a
 * loop over the same text; a power of the text's length, if one character can
 * be taken by several loops, one after the other.
 * Source: Weber and Seidl, On the degree of ambiguity of finite automata, 1991.
 * Not looked for: powers that take a text of more than one repeated character.
 */
#include <stdlib.h>

#include "policy/schema_graph.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

/* Loops after each other over one character: the power that is refused. */
#define POWER_MAX 3U

/* Do two sets have a character in common?  RE_NONE stands for all. */
static bool
overlap(struct graph *g, uint32_t a, uint32_t b)
{
	const struct re_set *x, *y;
	uint32_t i = 0, k = 0;

	if (a == b || a == RE_NONE || b == RE_NONE)
		return true;
	x = &g->tree->sets[a];
	y = &g->tree->sets[b];
	while (i < x->n && k < y->n && graph_spend(g, 1)) {
		if (x->v[i].last < y->v[k].first)
			i++;
		else if (y->v[k].last < x->v[i].first)
			k++;
		else
			return true;
	}
	return false;
}

/* --- Strong components, of all places or of those with one character. --- */

struct walk {
	struct graph *g;
	const bool *in; /* borrowed: the places that are walked on */
	uint32_t *order, *low; /* owned: 0 is not seen yet */
	uint32_t *stack; /* owned */
	bool *on_stack; /* owned */
	uint32_t *chain; /* owned: loops that may follow, its own included */
	uint32_t nstack, clock;
	bool mark; /* number the components in the graph */
	bool full; /* no work left */
};

/* All places of one component have the longest chain behind any of them. */
static void
close_component(struct walk *w, uint32_t root)
{
	uint32_t first = w->nstack, best = 0;
	bool loop;

	while (w->stack[--first] != root)
		;
	loop = w->nstack - first > 1 || graph_ways(w->g, root, root) > 0;
	for (uint32_t i = first; i < w->nstack; i++)
		if (w->chain[w->stack[i]] > best)
			best = w->chain[w->stack[i]];
	for (uint32_t i = first; i < w->nstack; i++) {
		uint32_t p = w->stack[i];

		w->on_stack[p] = false;
		w->chain[p] = best + loop;
		if (w->mark && loop)
			w->g->places[p].loop = w->g->nloops;
	}
	w->g->nloops += w->mark && loop;
	w->nstack = first;
}

/* Source: Tarjan, 1972.  No deeper than GRAPH_MAX. */
static void
visit(struct walk *w, uint32_t p)
{
	const struct graph_list *next = &w->g->places[p].next;

	w->order[p] = w->low[p] = ++w->clock;
	w->stack[w->nstack++] = p;
	w->on_stack[p] = true;
	for (uint32_t i = 0; i < next->n && !w->full; i++) {
		uint32_t q = next->v[i];

		if (!graph_spend(w->g, 1))
			w->full = true;
		if (!w->in[q])
			continue;
		if (w->order[q] == 0) {
			visit(w, q);
			if (w->low[q] < w->low[p])
				w->low[p] = w->low[q];
		} else if (w->on_stack[q] && w->order[q] < w->low[p]) {
			w->low[p] = w->order[q];
		}
		if (!w->on_stack[q] && w->chain[q] > w->chain[p])
			w->chain[p] = w->chain[q];
	}
	if (w->low[p] == w->order[p] && !w->full)
		close_component(w, p);
}

static void
walk_all(struct walk *w)
{
	for (uint32_t p = 0; p < w->g->n && !w->full; p++)
		if (w->in[p] && w->order[p] == 0)
			visit(w, p);
}

static void
walk_init(struct walk *w, struct graph *g, const bool *in, bool mark)
{
	*w = (struct walk){ .g = g, .in = in, .mark = mark };
	w->order = xcalloc(g->n + 1, sizeof(*w->order));
	w->low = xcalloc(g->n + 1, sizeof(*w->low));
	w->stack = xcalloc(g->n + 1, sizeof(*w->stack));
	w->on_stack = xcalloc(g->n + 1, sizeof(*w->on_stack));
	w->chain = xcalloc(g->n + 1, sizeof(*w->chain));
}

static void
walk_release(struct walk *w)
{
	free(w->order);
	free(w->low);
	free(w->stack);
	free(w->on_stack);
	free(w->chain);
}

static bool
find_loops(struct graph *g)
{
	bool *in = xcalloc(g->n + 1, sizeof(*in));
	struct walk w;
	bool ok;

	for (uint32_t p = 0; p < g->n; p++)
		in[p] = true;
	walk_init(&w, g, in, true);
	walk_all(&w);
	ok = !w.full;
	walk_release(&w);
	free(in);
	return ok;
}

/* --- Two ways around one loop. --- */

struct pairs {
	struct graph *g;
	uint8_t *seen; /* owned: n * n bits */
	uint64_t *todo; /* owned */
	size_t ntodo, cap;
	bool met; /* two ways have met again */
	bool full;
};

static void
add_pair(struct pairs *ps, uint32_t a, uint32_t b)
{
	size_t bit =
	    a < b ? (size_t)a * ps->g->n + b : (size_t)b * ps->g->n + a;

	if ((ps->seen[bit / 8] & 1U << bit % 8) != 0)
		return;
	ps->seen[bit / 8] |= (uint8_t)(1U << bit % 8);
	if (ps->ntodo == ps->cap) {
		ps->cap = ps->cap > 0 ? ps->cap * 2 : 64;
		ps->todo = xreallocarray(ps->todo, ps->cap, sizeof(*ps->todo));
	}
	ps->todo[ps->ntodo++] = (uint64_t)a << 32 | b;
}

/* Where two who read the same text may be next, each on his own way. */
static void
step_pair(struct pairs *ps, uint32_t a, uint32_t b)
{
	const struct graph_place *places = ps->g->places;
	const struct graph_list *x = &places[a].next, *y = &places[b].next;

	for (uint32_t i = 0; i < x->n && !ps->met && !ps->full; i++) {
		uint32_t p = x->v[i];

		if (places[p].loop != places[a].loop)
			continue;
		for (uint32_t k = 0; k < y->n; k++) {
			uint32_t q = y->v[k];

			if (!graph_spend(ps->g, 1))
				ps->full = true;
			if (places[q].loop != places[b].loop ||
			    !overlap(ps->g, places[p].set, places[q].set))
				continue;
			if (p != q)
				add_pair(ps, p, q);
			else if (a != b || graph_ways(ps->g, a, p) > 1)
				ps->met = true;
		}
	}
}

/* 1 there are, 0 there are not, -1 no work left. */
static int
find_two_ways(struct graph *g)
{
	struct pairs ps = { .g = g };
	int rc;

	if (!graph_spend(g, (uint64_t)g->n * g->n / 64))
		return -1;
	ps.seen = xcalloc((size_t)g->n * g->n / 8 + 1, 1);
	for (uint32_t p = 0; p < g->n && !ps.met && !ps.full; p++)
		if (g->places[p].loop != RE_NONE)
			step_pair(&ps, p, p);
	while (ps.ntodo > 0 && !ps.met && !ps.full) {
		uint64_t pair = ps.todo[--ps.ntodo];

		step_pair(&ps, (uint32_t)(pair >> 32), (uint32_t)pair);
	}
	rc = ps.met ? 1 : ps.full ? -1 : 0;
	free(ps.seen);
	free(ps.todo);
	return rc;
}

/* --- Loops after each other. --- */

/* Places that take a character; with search, those where one may fail. */
static uint32_t
select_places(const struct graph *g, uint32_t cp, bool search, bool *in)
{
	uint32_t nloops = 0;

	for (uint32_t p = 0; p < g->n; p++) {
		const struct graph_place *at = &g->places[p];

		in[p] = (at->set == RE_NONE ||
			    re_set_has(&g->tree->sets[at->set], cp)) &&
			!(search && at->ends);
		nloops += in[p] && at->loop != RE_NONE;
	}
	return nloops;
}

/*
 * The longest chain of loops over one character.  With search it is the first
 * loop where in a text a match begins, and a match needs no end; without, the
 * pattern must match the whole, as where it is put into HTML.
 */
static int
power_of(struct graph *g, uint32_t cp, bool search, bool *in)
{
	struct walk w;
	uint32_t best = 0;

	if (!graph_spend(g, g->n))
		return -1;
	if (select_places(g, cp, search, in) + search < POWER_MAX)
		return 0;
	walk_init(&w, g, in, false);
	walk_all(&w);
	for (uint32_t p = 0; p < g->n; p++) {
		uint32_t n = in[p] ? w.chain[p] : 0;

		n += search && in[p] && g->places[p].starts;
		if (n > best)
			best = n;
	}
	if (w.full)
		best = 0;
	walk_release(&w);
	return *g->work > 0 ? (int)best : -1;
}

/*
 * The highest power.  It suffices to try the first characters of all ranges:
 * sets that have one in common have one of those.
 */
static int
highest_power(struct graph *g)
{
	bool *in = xcalloc(g->n + 1, sizeof(*in));
	int best = 0, one;

	for (uint32_t s = 0; s < g->tree->nsets && best != -1; s++)
		for (uint32_t i = 0; i < g->tree->sets[s].n && best != -1;
		     i++) {
			uint32_t cp = g->tree->sets[s].v[i].first;

			for (unsigned search = 0; search < 2 && best != -1;
			     search++) {
				one = power_of(g, cp, search == 1, in);
				best = one == -1 || one > best ? one : best;
			}
		}
	free(in);
	return best;
}

static int
judge(const struct re_tree *t, uint32_t root, uint64_t *work, struct error *err)
{
	struct graph g;
	int two = -1, power = -1;

	if (graph_build(&g, t, root, work) && find_loops(&g)) {
		two = g.nloops > 0 ? find_two_ways(&g) : 0;
		if (two == 0)
			power = g.nloops > 0 ? highest_power(&g) : 0;
	}
	graph_release(&g);
	if (two == 1)
		return error_set(err, "takes exponential time on some texts");
	if (two == -1 || power == -1)
		return error_set(err, "too large to tell what time it takes");
	if (power >= (int)POWER_MAX)
		return error_set(err,
		    "takes time that grows with power %d of a text's length",
		    power);
	return 0;
}

int
re_tree_redos(const struct re_tree *t, uint64_t *work, struct error *err)
{
	bool endless = false;

	/* What no loop is in takes no longer for a longer text. */
	for (uint32_t i = 0; i < t->nnodes; i++)
		endless |=
		    t->nodes[i].kind == RE_BACK ||
		    (t->nodes[i].kind == RE_REPEAT && t->nodes[i].max > 1);
	if (!endless)
		return 0;
	if (judge(t, t->root, work, err) == -1)
		return -1;
	/* What is looked at is a pattern by itself. */
	for (uint32_t i = 0; i < t->nnodes; i++)
		if (t->nodes[i].kind == RE_LOOK &&
		    judge(t, t->nodes[i].child, work, err) == -1)
			return -1;
	return 0;
}
