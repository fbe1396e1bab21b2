/*
 * Reads the regular expressions of ECMA-262.  Whatever is not of its grammar is
 * refused here, so that nothing that PCRE2 alone understands ever reaches it.
 * Source: ECMA-262, 22.2.1 Patterns, and B.1.2 for the older forms.
 */
#include <stdlib.h>

#include "policy/schema_node.h"
#include "policy/schema_regex_lex.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"

/* Groups within groups: the parser goes down with them. */
#define DEPTH_MAX 100U

/* The most that a repeat can be told to count to: PCRE2's. */
#define COUNT_MAX 65535U

/* No pattern for people is as long. */
#define PATTERN_MAX 16384U

static uint32_t read_choice(struct re_parser *ps);

/* "name>" */
static struct slice
take_name(struct re_parser *ps)
{
	const char *first = ps->p;

	while (ps->p < ps->end && *ps->p != '>') {
		char c = *ps->p++;

		if (!re_is_alpha(c) && !re_is_one_of(c, "_$") &&
		    (unsigned char)c < 0x80 && (c < '0' || c > '9'))
			(void)re_refuse(ps, "bad name");
	}
	if (ps->p == first || ps->p == ps->end ||
	    (*first >= '0' && *first <= '9')) {
		(void)re_refuse(ps, "bad name");
		return (struct slice){ NULL, 0 };
	}
	return (struct slice){ first, (size_t)(ps->p++ - first) };
}

static uint32_t
find_name(const struct re_tree *t, struct slice name)
{
	for (uint32_t i = 0; i < t->nnames; i++)
		if (slice_eq(t->names[i].text, name))
			return t->names[i].group;
	return 0;
}

static void
add_name(struct re_parser *ps, struct slice name, uint32_t group)
{
	struct re_tree *t = ps->t;

	if (find_name(t, name) != 0)
		(void)re_refuse(ps, "the same name twice");
	t->names =
	    schema_grow(t->names, t->nnames, &t->cap_names, sizeof(*t->names));
	t->names[t->nnames++] = (struct re_name){ name, group };
}

static const struct {
	const char *text;
	bool behind, negated;
} looks[] = {
	{ "?=", false, false },
	{ "?!", false, true },
	{ "?<=", true, false },
	{ "?<!", true, true },
};

/* Behind the '(' that begins a group. */
static uint32_t
read_group(struct re_parser *ps)
{
	uint32_t node = RE_NONE, child;

	for (size_t i = 0; i < nitems(looks); i++) {
		if (node == RE_NONE && re_take(ps, looks[i].text)) {
			node = re_node_add(ps, RE_LOOK);
			ps->t->nodes[node].behind = looks[i].behind;
			ps->t->nodes[node].negated = looks[i].negated;
		}
	}
	if (node == RE_NONE && !re_take(ps, "?:")) {
		node = re_node_add(ps, RE_GROUP);
		ps->t->nodes[node].index = ++ps->t->ngroups;
		if (re_take(ps, "?<"))
			add_name(ps, take_name(ps), ps->t->nodes[node].index);
		else if (ps->p < ps->end && *ps->p == '?')
			return re_refuse(ps, "unknown group");
	}
	if (ps->p < ps->end && *ps->p == '*' && ps->why == NULL)
		return re_refuse(ps, "nothing to repeat");
	child = read_choice(ps);
	if (!re_take(ps, ")"))
		return re_refuse(ps, "open group");
	if (node == RE_NONE)
		return child;
	ps->t->nodes[node].child = child;
	return node;
}

/* \1: a group, or (there being none) a character in the octal form of old. */
static bool
read_back(struct re_parser *ps, uint32_t *ret_node)
{
	const char *first = ps->p;
	uint32_t group = 0;

	if (re_take(ps, "k")) {
		if (!re_take(ps, "<"))
			return false;
		group = find_name(ps->t, take_name(ps));
		if (group == 0)
			(void)re_refuse(ps, "unknown group");
	} else if (*ps->p >= '1' && *ps->p <= '9') {
		(void)re_take_number(ps, 10, 5, &group);
		if (group > ps->back_max && group > ps->t->ngroups) {
			/* A group that may come yet: told at the end. */
			if (ps->p - first > 1) {
				ps->p = first;
				return false;
			}
			ps->back_max = group;
		}
	} else {
		return false;
	}
	*ret_node = re_node_add(ps, RE_BACK);
	ps->t->nodes[*ret_node].index = group;
	return true;
}

static uint32_t
read_escape(struct re_parser *ps)
{
	struct re_set *set;
	uint32_t node, cp;

	if (ps->p == ps->end)
		return re_refuse(ps, "a backslash at the end");
	if (*ps->p == 'b' || *ps->p == 'B') {
		node = re_node_add(ps, RE_EDGE);
		ps->t->nodes[node].negated = *ps->p++ == 'B';
		return node;
	}
	if (read_back(ps, &node))
		return node;
	set = re_set_new(ps, &node);
	if (!re_take_class(ps, set)) {
		if (!re_take_escape(ps, &cp))
			return re_refuse(ps, "unknown escape");
		re_set_add(set, cp, cp);
	}
	re_set_finish(set, false);
	return node;
}

static uint32_t
read_atom(struct re_parser *ps)
{
	struct re_set *set;
	uint32_t node, cp;

	if (re_take(ps, "^"))
		return re_node_add(ps, RE_START);
	if (re_take(ps, "$"))
		return re_node_add(ps, RE_END);
	if (re_take(ps, "("))
		return read_group(ps);
	if (re_take(ps, "["))
		return re_read_brackets(ps);
	if (re_take(ps, "\\"))
		return read_escape(ps);
	if (re_is_one_of(*ps->p, "*+?"))
		return re_refuse(ps, "nothing to repeat");
	set = re_set_new(ps, &node);
	if (re_take(ps, ".")) {
		re_set_add_class(set, '.');
	} else {
		cp = re_take_character(ps);
		re_set_add(set, cp, cp);
	}
	re_set_finish(set, false);
	return node;
}

/* "{2}", "{2,}", "{2,3}"; anything else in braces is what it is. */
static bool
take_braces(struct re_parser *ps, uint32_t *min, uint32_t *max)
{
	const char *first = ps->p;

	if (re_take(ps, "{") && re_take_number(ps, 10, 9, min)) {
		*max = *min;
		if (re_take(ps, ",") && !re_take_number(ps, 10, 9, max))
			*max = RE_MANY;
		if (re_take(ps, "}"))
			return true;
	}
	ps->p = first;
	return false;
}

static bool
take_count(struct re_parser *ps, uint32_t *min, uint32_t *max)
{
	*min = 0;
	*max = RE_MANY;
	if (re_take(ps, "*"))
		return true;
	if (re_take(ps, "+")) {
		*min = 1;
		return true;
	}
	if (re_take(ps, "?")) {
		*max = 1;
		return true;
	}
	return take_braces(ps, min, max);
}

static uint32_t
read_term(struct re_parser *ps)
{
	uint32_t atom = read_atom(ps), node, min, max;
	enum re_kind kind;

	if (atom == RE_NONE || !take_count(ps, &min, &max))
		return atom;
	kind = ps->t->nodes[atom].kind;
	if (kind == RE_LOOK || kind == RE_EDGE || kind == RE_START ||
	    kind == RE_END)
		return re_refuse(ps, "nothing to repeat");
	if (min > COUNT_MAX || (max != RE_MANY && max > COUNT_MAX))
		return re_refuse(ps, "a count above 65535");
	if (min > max)
		return re_refuse(ps, "counts out of order");
	node = re_node_add(ps, RE_REPEAT);
	ps->t->nodes[node].child = atom;
	ps->t->nodes[node].min = min;
	ps->t->nodes[node].max = max;
	ps->t->nodes[node].lazy = re_take(ps, "?");
	return node;
}

/* A list of siblings under a node of that kind, or the only one by itself. */
static uint32_t
wrap(struct re_parser *ps, enum re_kind kind, uint32_t first)
{
	uint32_t node;

	if (first != RE_NONE && ps->t->nodes[first].next == RE_NONE)
		return first;
	node = re_node_add(ps, first == RE_NONE ? RE_EMPTY : kind);
	ps->t->nodes[node].child = first;
	return node;
}

static uint32_t
read_sequence(struct re_parser *ps)
{
	uint32_t first = RE_NONE, last = RE_NONE, node;

	while (ps->p < ps->end && *ps->p != '|' && *ps->p != ')') {
		node = read_term(ps);
		if (node == RE_NONE)
			return RE_NONE;
		if (last == RE_NONE)
			first = node;
		else
			ps->t->nodes[last].next = node;
		last = node;
	}
	return wrap(ps, RE_CAT, first);
}

static uint32_t
read_choice(struct re_parser *ps)
{
	uint32_t first = RE_NONE, last = RE_NONE, node;

	if (++ps->depth > DEPTH_MAX)
		return re_refuse(ps, "nested too deep");
	do {
		node = read_sequence(ps);
		if (node == RE_NONE)
			return RE_NONE;
		if (last == RE_NONE)
			first = node;
		else
			ps->t->nodes[last].next = node;
		last = node;
	} while (re_take(ps, "|"));
	ps->depth--;
	return wrap(ps, RE_ALT, first);
}

int
re_tree_read(struct re_tree *t, struct slice pattern, struct error *err)
{
	struct re_parser ps = { .t = t };

	*t = (struct re_tree){ .pattern = pattern, .root = RE_NONE };
	ps.p = pattern.at != NULL ? pattern.at : "";
	ps.end = ps.p + pattern.len;
	if (pattern.len > PATTERN_MAX)
		(void)re_refuse(&ps, "too long");
	else
		t->root = read_choice(&ps);
	if (ps.why == NULL && ps.p < ps.end)
		(void)re_refuse(&ps, "a bracket that nothing opens");
	if (ps.why == NULL && ps.back_max > t->ngroups)
		(void)re_refuse(&ps, "unknown group");
	if (ps.why != NULL)
		return error_set(err, "no ECMA-262 pattern: %s at byte %zu",
		    ps.why, pattern.len - (size_t)(ps.end - ps.p));
	return 0;
}

void
re_tree_release(struct re_tree *t)
{
	for (uint32_t i = 0; i < t->nsets; i++) {
		free(t->sets[i].v);
		buf_release(&t->sets[i].text);
	}
	free(t->sets);
	free(t->nodes);
	free(t->names);
	*t = (struct re_tree){ .root = RE_NONE };
}
