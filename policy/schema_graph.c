/*
 * From a tree to the automaton: for each part, the places that it may begin and
 * end with, and in how many ways it may be empty.  What matches no character
 * (anchors, looks) is passed over, a reference to a group may be any text:
 * there may be fewer ways in truth, never more.
 */
#include "policy/schema_graph.h"

#include <stdlib.h>

#include "policy/schema_node.h"
#include "proxy/base/xalloc.h"

/*
 * Counts up to these are spelt out, larger ones taken for endless: of parts
 * whose length is fixed, and of others, where each round has a choice.
 */
#define COUNT_FIXED 24U
#define COUNT_OTHER 5U

/* Of "{1000,}" as many are spelt out before the loop. */
#define COUNT_BEFORE 3U

/* One end of a part. */
struct edge {
	uint32_t place;
	unsigned ways; /* to it: 1, or 2 for more */
	bool plain; /* no anchor or look between it and the part's end; at its
		       beginning: no '^' */
};

struct edges {
	struct edge *v; /* owned */
	uint32_t n, cap;
};

struct part {
	struct edges first, last;
	unsigned empty; /* ways to match nothing: 0, 1, or 2 for more */
	bool empty_ends; /* one of them has no anchor or look */
	bool empty_starts; /* one of them has no '^' */
};

struct link {
	uint32_t from, to;
	unsigned ways;
};

struct builder {
	struct graph *g;
	struct link *links; /* owned */
	uint32_t nlinks, cap;
	bool full;
};

static void
part_release(struct part *p)
{
	free(p->first.v);
	free(p->last.v);
}

static unsigned
capped(unsigned n)
{
	return n < 2 ? n : 2;
}

static void
add_edge(struct builder *b, struct edges *e, struct edge edge)
{
	if (!graph_spend(b->g, 1))
		b->full = true;
	if (b->full)
		return;
	e->v = schema_grow(e->v, e->n, &e->cap, sizeof(*e->v));
	e->v[e->n++] = edge;
}

/* Those of a part that has others before or behind it. */
static void
add_edges(struct builder *b, struct edges *to, const struct edges *from,
    unsigned ways, bool plain)
{
	for (uint32_t i = 0; i < from->n && !b->full; i++)
		add_edge(b, to,
		    (struct edge){
			.place = from->v[i].place,
			.ways = capped(from->v[i].ways * ways),
			.plain = from->v[i].plain && plain,
		    });
}

/* A way from the end of one part to the beginning of another. */
static void
add_links(struct builder *b, const struct edges *from, const struct edges *to)
{
	for (uint32_t i = 0; i < from->n && !b->full; i++)
		for (uint32_t k = 0; k < to->n && !b->full; k++) {
			if (!graph_spend(b->g, 1))
				b->full = true;
			b->links = schema_grow(
			    b->links, b->nlinks, &b->cap, sizeof(*b->links));
			b->links[b->nlinks++] = (struct link){
				.from = from->v[i].place,
				.to = to->v[k].place,
				.ways = capped(from->v[i].ways * to->v[k].ways),
			};
		}
}

/* a followed by z: *a becomes both, *z nothing. */
static void
join(struct builder *b, struct part *a, struct part *z)
{
	struct edges last = { .v = NULL };

	add_links(b, &a->last, &z->first);
	if (a->empty > 0)
		add_edges(b, &a->first, &z->first, a->empty, a->empty_starts);
	if (z->empty > 0)
		add_edges(b, &last, &a->last, z->empty, z->empty_ends);
	add_edges(b, &last, &z->last, 1, true);
	a->empty = capped(a->empty * z->empty);
	a->empty_ends &= z->empty_ends;
	a->empty_starts &= z->empty_starts;
	free(a->last.v);
	a->last = last;
	part_release(z);
	*z = (struct part){ .empty = 0 };
}

static struct part
nothing(bool ends, bool starts)
{
	return (struct part){
		.empty = 1,
		.empty_ends = ends,
		.empty_starts = starts,
	};
}

static struct part
one_place(struct builder *b, uint32_t set)
{
	struct graph *g = b->g;
	struct part p = { .empty = 0 };

	if (g->n >= GRAPH_MAX) {
		b->full = true;
		return p;
	}
	g->places = schema_grow(g->places, g->n, &g->cap, sizeof(*g->places));
	g->places[g->n] = (struct graph_place){ .set = set, .loop = RE_NONE };
	add_edge(b, &p.first, (struct edge){ g->n, 1, true });
	add_edge(b, &p.last, (struct edge){ g->n, 1, true });
	g->n++;
	return p;
}

static struct part build(struct builder *b, uint32_t at);

/* Once or more. */
static struct part
build_loop(struct builder *b, uint32_t at)
{
	struct part p = build(b, at);

	add_links(b, &p.last, &p.first);
	return p;
}

/* Engines give up a round that matches nothing, so that is one way. */
static void
make_optional(struct part *p)
{
	p->empty = 1;
	p->empty_ends = p->empty_starts = true;
}

static struct part
build_endless(struct builder *b, uint32_t at, uint32_t min)
{
	struct part p = nothing(true, true), more;

	for (uint32_t i = 0; i + 1 < min && i < COUNT_BEFORE && !b->full; i++) {
		more = build(b, at);
		join(b, &p, &more);
	}
	more = build_loop(b, at);
	if (min == 0)
		make_optional(&more);
	join(b, &p, &more);
	return p;
}

/* May a part match texts of several lengths? */
static bool
varies(struct builder *b, uint32_t at)
{
	const struct re_node *n = &b->g->tree->nodes[at];

	if (!graph_spend(b->g, 1))
		b->full = true;
	if (n->kind == RE_ALT || n->kind == RE_BACK ||
	    (n->kind == RE_REPEAT && n->min != n->max))
		return true;
	if (n->kind == RE_LOOK)
		return false;
	for (uint32_t c = n->child; c != RE_NONE && !b->full;
	     c = b->g->tree->nodes[c].next)
		if (varies(b, c))
			return true;
	return false;
}

/* x{2,4} as xx(x(x)?)?, which has one way for each number. */
static struct part
build_repeat(struct builder *b, const struct re_node *n)
{
	struct part p = nothing(true, true), tail = nothing(true, true), more;
	bool choice = varies(b, n->child);
	uint32_t most = choice ? COUNT_OTHER : COUNT_FIXED, min = n->min;

	/* Always as long: how long does not matter. */
	if (n->min == n->max && !choice && min > most)
		min = most;
	else if (n->max == RE_MANY || n->max > most)
		return build_endless(b, n->child, min);
	for (uint32_t i = n->min; i < n->max && !b->full; i++) {
		more = build(b, n->child);
		join(b, &more, &tail);
		make_optional(&more);
		tail = more;
	}
	for (uint32_t i = 0; i < min && !b->full; i++) {
		more = build(b, n->child);
		join(b, &p, &more);
	}
	join(b, &p, &tail);
	return p;
}

static struct part
build_choice(struct builder *b, uint32_t child)
{
	struct part p = { .empty = 0 }, one;

	for (; child != RE_NONE && !b->full;
	     child = b->g->tree->nodes[child].next) {
		one = build(b, child);
		add_edges(b, &p.first, &one.first, 1, true);
		add_edges(b, &p.last, &one.last, 1, true);
		p.empty = capped(p.empty + one.empty);
		p.empty_ends |= one.empty > 0 && one.empty_ends;
		p.empty_starts |= one.empty > 0 && one.empty_starts;
		part_release(&one);
	}
	return p;
}

/* As deep as the tree, which its parser has bounded. */
static struct part
build(struct builder *b, uint32_t at)
{
	const struct re_node *n = &b->g->tree->nodes[at];
	struct part p = nothing(true, true), more;

	if (b->full)
		return p;
	switch (n->kind) {
	case RE_EMPTY:
		return p;
	case RE_SET:
		return one_place(b, n->index);
	case RE_CAT:
		for (uint32_t c = n->child; c != RE_NONE && !b->full;
		     c = b->g->tree->nodes[c].next) {
			more = build(b, c);
			join(b, &p, &more);
		}
		return p;
	case RE_ALT:
		return build_choice(b, n->child);
	case RE_REPEAT:
		return build_repeat(b, n);
	case RE_GROUP:
		return build(b, n->child);
	case RE_BACK:
		p = one_place(b, RE_NONE);
		add_links(b, &p.last, &p.first);
		make_optional(&p);
		return p;
	case RE_START:
		return nothing(false, false);
	case RE_LOOK:
	case RE_END:
	case RE_EDGE:
		return nothing(false, true);
	}
	return p;
}

/* Links are put into rows, equal ones counted. */
static void
finish(struct builder *b, const struct part *whole)
{
	struct graph *g = b->g;

	g->ways = xcalloc((size_t)g->n * g->n + 1, 1);
	for (uint32_t i = 0; i < b->nlinks; i++) {
		const struct link *l = &b->links[i];
		struct graph_list *next = &g->places[l->from].next;
		uint8_t *ways = &g->ways[(size_t)l->from * g->n + l->to];

		if (*ways == 0) {
			next->v = schema_grow(
			    next->v, next->n, &next->cap, sizeof(*next->v));
			next->v[next->n++] = l->to;
		}
		*ways = (uint8_t)capped(*ways + l->ways);
	}
	for (uint32_t i = 0; i < whole->first.n; i++)
		g->places[whole->first.v[i].place].starts |=
		    whole->first.v[i].plain;
	for (uint32_t i = 0; i < whole->last.n; i++)
		g->places[whole->last.v[i].place].ends |=
		    whole->last.v[i].plain;
}

bool
graph_build(
    struct graph *g, const struct re_tree *tree, uint32_t root, uint64_t *work)
{
	struct builder b = { .g = g };
	struct part whole;

	*g = (struct graph){ .tree = tree, .work = work };
	whole = build(&b, root);
	if (!b.full && graph_spend(g, (uint64_t)g->n * g->n / 16))
		finish(&b, &whole);
	else
		b.full = true;
	part_release(&whole);
	free(b.links);
	return !b.full;
}

void
graph_release(struct graph *g)
{
	for (uint32_t i = 0; i < g->n; i++)
		free(g->places[i].next.v);
	free(g->places);
	free(g->ways);
	*g = (struct graph){ .n = 0 };
}
