/*
 * The parts of a pattern that stand for characters: escapes and classes.
 * Source: ECMA-262, 22.2.1 Patterns, and B.1.2 for the older forms.
 */
#include "policy/schema_regex_lex.h"

#include "policy/schema_node.h"
#include "proxy/base/json_scan.h"

uint32_t
re_refuse(struct re_parser *ps, const char *why)
{
	if (ps->why == NULL)
		ps->why = why;
	return RE_NONE;
}

uint32_t
re_node_add(struct re_parser *ps, enum re_kind kind)
{
	struct re_tree *t = ps->t;

	t->nodes =
	    schema_grow(t->nodes, t->nnodes, &t->cap_nodes, sizeof(*t->nodes));
	t->nodes[t->nnodes] = (struct re_node){
		.kind = kind,
		.child = RE_NONE,
		.next = RE_NONE,
	};
	return t->nnodes++;
}

struct re_set *
re_set_new(struct re_parser *ps, uint32_t *ret_node)
{
	struct re_tree *t = ps->t;

	*ret_node = re_node_add(ps, RE_SET);
	t->nodes[*ret_node].index = t->nsets;
	t->sets =
	    schema_grow(t->sets, t->nsets, &t->cap_sets, sizeof(*t->sets));
	t->sets[t->nsets] = (struct re_set){ .v = NULL };
	buf_init(&t->sets[t->nsets].text, SIZE_MAX / 2);
	return &t->sets[t->nsets++];
}

/* Up to most digits of a base; false where there are none or too much. */
bool
re_take_number(
    struct re_parser *ps, unsigned base, unsigned most, uint32_t *ret)
{
	uint32_t value = 0;
	unsigned n = 0;

	for (; ps->p < ps->end && n < most; ps->p++, n++) {
		unsigned c = (unsigned char)*ps->p, low = c | 0x20, digit = 99;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if (low >= 'a' && low <= 'f')
			digit = low - 'a' + 10;
		if (digit >= base)
			break;
		value = value < 0x1000000 ? value * base + digit : value;
	}
	*ret = value;
	return n > 0;
}

/* The character at p. */
uint32_t
re_take_character(struct re_parser *ps)
{
	const unsigned char *p = (const unsigned char *)ps->p;
	uint32_t cp = *p;
	size_t len = 1;

	if (*p >= 0x80)
		len = json_utf8(p, (size_t)(ps->end - ps->p), &cp);
	if (len == 0) {
		(void)re_refuse(ps, "not UTF-8");
		len = 1;
	}
	ps->p += len;
	return cp;
}

/* Behind "\u": {x...} or four digits, or two such that make a pair. */
static bool
take_unicode(struct re_parser *ps, uint32_t *ret)
{
	const char *back;
	uint32_t low;

	if (re_take(ps, "{"))
		return re_take_number(ps, 16, 8, ret) && re_take(ps, "}") &&
		       *ret <= 0x10ffff;
	back = ps->p;
	if (!re_take_number(ps, 16, 4, ret) || ps->p - back != 4)
		return false;
	if (json_half((int32_t)*ret) != JSON_HIGH)
		return true;
	back = ps->p;
	if (re_take(ps, "\\u") && re_take_number(ps, 16, 4, &low) &&
	    ps->p - back == 6 && json_half((int32_t)low) == JSON_LOW)
		*ret = 0x10000 + ((*ret & 0x3ff) << 10 | (low & 0x3ff));
	else
		ps->p = back;
	return true;
}

/* An escape that is one character; p is behind the backslash. */
bool
re_take_escape(struct re_parser *ps, uint32_t *ret)
{
	static const char named[] = "t\tn\nv\vf\fr\r";
	const char *first = ps->p;
	char c = *ps->p;

	for (size_t i = 0; i + 1 < sizeof(named); i += 2)
		if (c == named[i]) {
			ps->p++;
			*ret = (unsigned char)named[i + 1];
			return true;
		}
	if (c >= '0' && c <= '7') /* \0, and the octal form of old */
		return re_take_number(ps, 8, c <= '3' ? 3 : 2, ret);
	if (re_take(ps, "x"))
		return re_take_number(ps, 16, 2, ret) && ps->p - first == 3;
	if (re_take(ps, "u"))
		return take_unicode(ps, ret);
	if (re_take(ps, "c")) {
		if (ps->p == ps->end || !re_is_alpha(*ps->p))
			return false;
		*ret = (uint32_t)*ps->p++ & 0x1f;
		return true;
	}
	/* A letter would be an escape of some other language. */
	if (re_is_alpha(c) || (c >= '0' && c <= '9'))
		return false;
	*ret = re_take_character(ps);
	return true;
}

/* Behind "\p" or "\P". */
static bool
take_property(struct re_parser *ps, struct re_set *set, bool negated)
{
	struct slice name;
	const char *stop;

	if (!re_take(ps, "{"))
		return false;
	stop = memchr(ps->p, '}', (size_t)(ps->end - ps->p));
	if (stop == NULL)
		return false;
	name = (struct slice){ ps->p, (size_t)(stop - ps->p) };
	ps->p = stop + 1;
	return re_set_add_property(set, name, negated) == 0;
}

/* \d and the like, p behind the backslash: true if it was one. */
bool
re_take_class(struct re_parser *ps, struct re_set *set)
{
	char c = *ps->p;

	if (re_is_one_of(c, "dDsSwW")) {
		ps->p++;
		re_set_add_class(set, c);
		return true;
	}
	if (c != 'p' && c != 'P')
		return false;
	ps->p++;
	if (!take_property(ps, set, c == 'P'))
		(void)re_refuse(ps, "unknown property");
	return true;
}

/* One end of a range between brackets; *ret_one: it is one character. */
static uint32_t
take_member(struct re_parser *ps, struct re_set *set, bool *ret_one)
{
	uint32_t cp = 0;

	*ret_one = true;
	if (!re_take(ps, "\\"))
		return re_take_character(ps);
	if (ps->p == ps->end) {
		(void)re_refuse(ps, "open bracket");
	} else if (re_take(ps, "b")) {
		cp = '\b';
	} else if (re_take_class(ps, set)) {
		*ret_one = false;
	} else if (!re_take_escape(ps, &cp)) {
		(void)re_refuse(ps, "unknown escape");
	}
	return cp;
}

uint32_t
re_read_brackets(struct re_parser *ps)
{
	uint32_t node, first, last;
	struct re_set *set = re_set_new(ps, &node);
	bool negated = re_take(ps, "^"), one, other;

	while (ps->why == NULL && !re_take(ps, "]")) {
		if (ps->p == ps->end)
			return re_refuse(ps, "open bracket");
		first = take_member(ps, set, &one);
		last = first;
		other = one;
		if (ps->end - ps->p >= 2 && ps->p[0] == '-' &&
		    ps->p[1] != ']') {
			ps->p++;
			last = take_member(ps, set, &other);
			/* "[\w-.]": three things, one of them '-'. */
			if (!one || !other)
				re_set_add(set, '-', '-');
			else if (first > last)
				return re_refuse(ps, "range out of order");
		}
		if (one)
			re_set_add(set, first, other ? last : first);
		else if (other)
			re_set_add(set, last, last);
	}
	re_set_finish(set, negated);
	return node;
}
