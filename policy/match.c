/*
 * Aho-Corasick over classes of bytes.  The states near the root, which are
 * nearly all that a text visits, have a row each: the next state for every
 * class.  Only where the literals are so many that the rows would take more
 * than ROWS_BYTES, the deepest states have their own edges and a failure link
 * instead.  A state in which a literal ends is never left, so it is no state
 * at all but the number of that literal.
 * Source: Aho and Corasick, "Efficient string matching", 1975.
 */
#include "policy/match.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "proxy/base/xalloc.h"

/* Bytes of rows; as a number of entries it also bounds what they hold. */
#ifndef ROWS_BYTES
#define ROWS_BYTES (16UL << 20)
#endif

#define NO_LITERAL UINT32_MAX

/* Of shorter literals too many bytes may be the beginning. */
#define SKIP_MIN 4U
#define SKIP_MAX 32U

/* A state, numbered by its distance from the root (breadth first). */
struct node {
	uint32_t child; /* the first of its children, which are neighbours */
	uint32_t fail; /* state of the longest proper suffix: a lower number */
	uint32_t hit; /* literal that ends here, or NO_LITERAL */
	uint8_t nchild; /* at most 231: classes without that of the others */
	uint8_t class; /* on the way to it */
};

struct matcher {
	uint8_t class[256]; /* of a byte; 0: in no literal */
	uint32_t nclass;
	uint32_t nrow; /* states that have a row */
	uint32_t nnode;
	/* nrow * nclass entries: state * nclass, or -1 - literal */
	int32_t *row; /* owned */
	/* By two bytes' classes: how far the next literal that holds them in
	   its first `least` bytes may yet be from beginning; or NULL. */
	uint8_t *skip; /* owned: nclass * nclass */
	size_t least; /* bytes of the shortest literal, SKIP_MAX at most */
	struct node *node; /* owned; NULL where every state has a row */
};

/* A state while literals are being added: children are a list. */
struct twig {
	uint32_t child, sibling; /* 0: none, for the root is nobody's child */
	uint32_t hit;
	uint8_t class;
};

static unsigned char
fold(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

static void
classify(struct matcher *m, const struct slice *literals, size_t n)
{
	bool used[256] = { false };

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < literals[i].len; j++)
			used[fold((unsigned char)literals[i].at[j])] = true;
	m->nclass = 1;
	for (unsigned c = 0; c < 256; c++)
		if (used[c])
			m->class[c] = (uint8_t)m->nclass++;
	for (unsigned c = 'A'; c <= 'Z'; c++)
		m->class[c] = m->class[fold((unsigned char)c)];
}

static uint32_t
twig_child(struct twig *twig, uint32_t *ntwig, uint32_t parent, uint8_t class)
{
	uint32_t at = twig[parent].child;

	while (at != 0 && twig[at].class != class)
		at = twig[at].sibling;
	if (at == 0) {
		at = (*ntwig)++;
		twig[at] = (struct twig){ .sibling = twig[parent].child,
			.hit = NO_LITERAL,
			.class = class };
		twig[parent].child = at;
	}
	return at;
}

/* All literals as a tree; its root is the first twig. */
static struct twig *
grow(struct matcher *m, const struct slice *literals, size_t n)
{
	struct twig *twig;
	size_t len = 0;
	uint32_t ntwig = 1;

	for (size_t i = 0; i < n; i++) {
		assert(literals[i].len > 0);
		len += literals[i].len;
	}
	assert(len <= MATCH_BYTES_MAX && n <= len);
	twig = xcalloc(len + 1, sizeof(*twig));
	twig[0].hit = NO_LITERAL;
	for (size_t i = 0; i < n; i++) {
		uint32_t at = 0;

		for (size_t j = 0; j < literals[i].len; j++)
			at = twig_child(twig, &ntwig, at,
			    m->class[(unsigned char)literals[i].at[j]]);
		if (twig[at].hit == NO_LITERAL)
			twig[at].hit = (uint32_t)i;
	}
	m->nnode = ntwig;
	return twig;
}

/* The edge of a state for a class, or 0: no edge leads to the root. */
static inline uint32_t
edge(const struct node *node, uint32_t at, uint8_t class)
{
	for (uint32_t i = 0; i < node[at].nchild; i++)
		if (node[node[at].child + i].class == class)
			return node[at].child + i;
	return 0;
}

/* The failure link of a child of the state parent. */
static uint32_t
link_of(const struct node *node, uint32_t parent, uint8_t class)
{
	uint32_t to;

	while (parent != 0) {
		parent = node[parent].fail;
		to = edge(node, parent, class);
		if (to != 0)
			return to;
	}
	return 0;
}

/* Numbers the tree's states breadth first and links them. */
static void
settle(struct matcher *m, const struct twig *twig)
{
	uint32_t *from = xcalloc(m->nnode, sizeof(*from)); /* twig of a node */
	struct node *node = xcalloc(m->nnode, sizeof(*node));
	uint32_t n = 1;

	node[0].hit = NO_LITERAL;
	for (uint32_t at = 0; at < m->nnode; at++) {
		node[at].child = n;
		for (uint32_t t = twig[from[at]].child; t != 0;
		     t = twig[t].sibling) {
			from[n] = t;
			node[n].class = twig[t].class;
			node[n].hit = twig[t].hit;
			node[n].fail = link_of(node, at, twig[t].class);
			/* The link's own hit is settled: it is less deep. */
			if (node[node[n].fail].hit < node[n].hit)
				node[n].hit = node[node[n].fail].hit;
			n++;
			node[at].nchild++;
		}
	}
	free(from);
	m->node = node;
}

static int32_t
entry(const struct matcher *m, uint32_t at)
{
	uint32_t hit = m->node[at].hit;

	return hit != NO_LITERAL ? -1 - (int32_t)hit
				 : (int32_t)(at * m->nclass);
}

static void
fill_rows(struct matcher *m)
{
	size_t width = m->nclass * sizeof(*m->row);

	m->nrow = m->nnode;
	if (m->nrow > ROWS_BYTES / width)
		m->nrow = (uint32_t)(ROWS_BYTES / width);
	m->row = xcalloc(m->nrow, width);
	for (uint32_t at = 0; at < m->nrow; at++) {
		const struct node *node = &m->node[at];
		int32_t *row = m->row + (size_t)at * m->nclass;

		if (at > 0)
			memcpy(row, m->row + (size_t)node->fail * m->nclass,
			    width);
		for (uint32_t i = 0; i < node->nchild; i++)
			row[m->node[node->child + i].class] =
			    entry(m, node->child + i);
	}
}

/*
 * Where a window of `least` bytes ends in two that stand nowhere in the first
 * `least` bytes of a literal, none begins in it but perhaps with the last one.
 * Source: Wu and Manber, "A fast algorithm for multi-pattern searching", 1994.
 */
static void
fill_skip(struct matcher *m, const struct slice *literals, size_t n)
{
	m->least = SKIP_MAX;
	for (size_t i = 0; i < n; i++)
		if (literals[i].len < m->least)
			m->least = literals[i].len;
	if (m->least < SKIP_MIN)
		return;
	m->skip = xmalloc((size_t)m->nclass * m->nclass);
	memset(m->skip, (int)m->least - 1, (size_t)m->nclass * m->nclass);
	for (size_t i = 0; i < n; i++) {
		const unsigned char *p = (const unsigned char *)literals[i].at;

		for (size_t j = 1; j < m->least; j++) {
			uint8_t *skip =
			    &m->skip[m->class[p[j - 1]] *
					 m -> nclass + m -> class[p[j]]];

			if (m->least - 1 - j < *skip)
				*skip = (uint8_t)(m->least - 1 - j);
		}
	}
}

struct matcher *
matcher_new(const struct slice *literals, size_t n)
{
	struct matcher *m = xcalloc(1, sizeof(*m));
	struct twig *twig;

	static_assert((MATCH_BYTES_MAX + 1) * 231 < INT32_MAX,
	    "a state times the number of classes fits an entry");
	classify(m, literals, n);
	twig = grow(m, literals, n);
	settle(m, twig);
	free(twig);
	fill_rows(m);
	if (m->nrow == m->nnode) {
		free(m->node);
		m->node = NULL;
		fill_skip(m, literals, n);
	}
	return m;
}

void
matcher_free(struct matcher *m)
{
	if (m == NULL)
		return;
	free(m->skip);
	free(m->row);
	free(m->node);
	free(m);
}

/* The entry for a class in a state that may have no row. */
static int32_t
step(const struct matcher *m, uint32_t at, uint8_t class)
{
	uint32_t to;

	for (; at >= m->nrow; at = m->node[at].fail) {
		to = edge(m->node, at, class);
		if (to != 0)
			return entry(m, to);
	}
	return m->row[(size_t)at * m->nclass + class];
}

static long
find_deep(
    const struct matcher *m, const unsigned char *p, const unsigned char *end)
{
	const int32_t rows = (int32_t)(m->nrow * m->nclass);
	int32_t at = 0;

	for (; p < end; p++) {
		uint8_t class = m->class[*p];

		if (at < rows)
			at = m->row[at + class];
		else
			at = step(m, (uint32_t)at / m->nclass, class);
		if (at < 0)
			return -1L - at;
	}
	return -1;
}

/* The first place from p on where a literal may begin, or end. */
static const unsigned char *
pass(const struct matcher *m, const unsigned char *p, const unsigned char *end)
{
	const size_t last = m->least - 1;

	while ((size_t)(end - p) > last) {
		size_t skip = m->skip[m->class[p[last - 1]] *
					  m -> nclass + m -> class[p[last]]];

		if (skip == 0)
			return p;
		p += skip;
	}
	return end;
}

long
matcher_find(const struct matcher *m, struct slice text)
{
	const unsigned char *p = (const unsigned char *)text.at, *end;
	int32_t at = 0;

	if (m == NULL || text.len == 0)
		return -1;
	end = p + text.len;
	if (m->node != NULL)
		return find_deep(m, p, end);
	while (p < end) {
		/* At the root: nothing has begun before p. */
		if (at == 0 && m->skip != NULL && (p = pass(m, p, end)) == end)
			break;
		at = m->row[at + m->class[*p++]];
		if (at < 0)
			return -1L - at;
	}
	return -1;
}
