#ifndef POLICY_SCHEMA_REGEX_LEX_H
#define POLICY_SCHEMA_REGEX_LEX_H

/* What the two files of the parser of patterns share and nobody else needs. */

#include <string.h>

#include "policy/schema_regex_ast.h"

struct re_parser {
	struct re_tree *t;
	const char *p, *end;
	unsigned depth;
	uint32_t back_max; /* the highest group that is referred to */
	const char *why; /* what is wrong, or NULL */
};

static inline bool
re_is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static inline bool
re_is_alpha(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static inline bool
re_take(struct re_parser *ps, const char *what)
{
	size_t len = strlen(what);

	if ((size_t)(ps->end - ps->p) < len || memcmp(ps->p, what, len) != 0)
		return false;
	ps->p += len;
	return true;
}

/* Notes what is wrong, if nothing was before.  Returns RE_NONE. */
uint32_t re_refuse(struct re_parser *ps, const char *why);
uint32_t re_node_add(struct re_parser *ps, enum re_kind kind);
/* A node of a new set, which is borrowed until the next one. */
struct re_set *re_set_new(struct re_parser *ps, uint32_t *ret_node);
/* Up to most digits of a base; false where there are none. */
bool re_take_number(
    struct re_parser *ps, unsigned base, unsigned most, uint32_t *ret);
/* The character at p, which is not at the end. */
uint32_t re_take_character(struct re_parser *ps);
/* An escape that is one character; p is behind the backslash. */
bool re_take_escape(struct re_parser *ps, uint32_t *ret);
/* \d and the like, p behind the backslash: true if it was one. */
bool re_take_class(struct re_parser *ps, struct re_set *set);
/* The node of a class, p behind its '['. */
uint32_t re_read_brackets(struct re_parser *ps);

#endif
