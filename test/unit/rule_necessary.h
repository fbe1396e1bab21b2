#ifndef UNIT_RULE_NECESSARY_H
#define UNIT_RULE_NECESSARY_H

/*
 * Proves from the text of an expression that every match holds a keyword.
 *
 * It keeps what a match may be so far, as a set of endings without a keyword
 * in them; once one has a keyword it is settled and leaves the set.  What it
 * cannot spell out (a class of many bytes, an open repetition, too many
 * endings) makes all endings empty.  So it may fail to prove what is true, and
 * never proves what is not.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proxy/base/array.h"

#define NEC_ENDINGS 256
#define NEC_LEN 64
#define NEC_CLASS 12 /* bytes of a class that are spelt out */
#define NEC_REPEAT 24

struct nec_set {
	char v[NEC_ENDINGS][NEC_LEN];
	size_t n;
	bool lost; /* syntax that is not known here: nothing is proved */
};

struct nec {
	const char *keywords; /* joined by '|' */
	unsigned depth;
};

static const char *nec_group(struct nec *nec, const char *p, struct nec_set *s);

static inline bool
nec_settled(const struct nec *nec, const char *text)
{
	for (const char *k = nec->keywords;; k++) {
		size_t len = strcspn(k, "|");

		for (const char *t = text; strlen(t) >= len; t++)
			if (len > 0 && strncasecmp(t, k, len) == 0)
				return true;
		k += len;
		if (*k == '\0')
			return false;
	}
}

/* Nothing is known of the bytes that come next. */
static inline void
nec_forget(struct nec_set *s)
{
	if (s->n > 0) {
		s->n = 1;
		s->v[0][0] = '\0';
	}
}

static inline void
nec_insert(const struct nec *nec, struct nec_set *s, const char *text)
{
	if (nec_settled(nec, text))
		return;
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i], text) == 0)
			return;
	if (s->n == NEC_ENDINGS || strlen(text) + 1 >= NEC_LEN) {
		s->n = s->n > 0 ? s->n : 1;
		nec_forget(s);
		return;
	}
	memcpy(s->v[s->n++], text, strlen(text) + 1);
}

static inline void
nec_join(const struct nec *nec, struct nec_set *s, const struct nec_set *other)
{
	s->lost = s->lost || other->lost;
	for (size_t i = 0; i < other->n; i++)
		nec_insert(nec, s, other->v[i]);
}

/* Any one of these bytes comes next; too many are nothing known. */
static inline void
nec_byte(const struct nec *nec, struct nec_set *s, const bool set[256])
{
	struct nec_set *old;
	unsigned n = 0;

	for (unsigned c = 0; c < 256; c++)
		n += set[c];
	if (n > NEC_CLASS || set[0]) {
		nec_forget(s);
		return;
	}
	old = malloc(sizeof(*old));
	if (old == NULL)
		abort();
	*old = *s;
	s->n = 0;
	for (size_t i = 0; i < old->n; i++)
		for (unsigned c = 1; c < 256; c++) {
			char text[NEC_LEN + 1] = { 0 };
			size_t len = strlen(old->v[i]);

			if (!set[c])
				continue;
			memcpy(text, old->v[i], len);
			text[len] = (char)tolower((int)c);
			nec_insert(nec, s, text);
		}
	free(old);
}

/* One escape, p behind the backslash, into set; *width: is it a byte? */
static inline const char *
nec_escape(const char *p, bool set[256], bool *width, bool *lost)
{
	static const char zero[] = "bBAzZGK", many[] = "dDwWsShHvVNR";

	*width = strchr(zero, *p) == NULL;
	if (*p == '\0' || strchr("123456789gkQEpPXcCo", *p) != NULL) {
		*lost = true;
		return *p == '\0' ? p : p + 1;
	}
	if (!*width)
		return p + 1;
	if (strchr(many, *p) != NULL)
		memset(set, true, 256);
	else if (*p == 'x' && isxdigit((unsigned char)p[1]) &&
		 isxdigit((unsigned char)p[2])) {
		char hex[3] = { p[1], p[2], '\0' };

		set[strtoul(hex, NULL, 16)] = true;
		return p + 3;
	} else if (isalnum((unsigned char)*p))
		memset(set, true, 256);
	else
		set[(unsigned char)*p] = true;
	return p + 1;
}

/* A class, p behind its bracket. */
static inline const char *
nec_class(const char *p, bool set[256], bool *lost)
{
	bool negated = *p == '^', first = true, width;

	p += negated;
	for (; *p != '\0' && (*p != ']' || first); first = false) {
		unsigned char from = (unsigned char)*p;

		if (*p == '\\') {
			p = nec_escape(p + 1, set, &width, lost);
			if (*p == '-' && p[1] != ']')
				memset(set, true, 256);
		} else if (*p == '[' && p[1] == ':') {
			memset(set, true, 256);
			p += strcspn(p + 2, "]") + 3;
		} else if (p[1] == '-' && p[2] != ']' && p[2] != '\0') {
			if (p[2] == '\\')
				memset(set, true, 256);
			for (unsigned c = from; c <= (unsigned char)p[2]; c++)
				set[c] = true;
			p += 3;
		} else {
			set[from] = true;
			p++;
		}
	}
	if (negated)
		memset(set, true, 256);
	return *p == ']' ? p + 1 : p;
}

/* Behind the parenthesis that closes the one before p. */
static inline const char *
nec_skip(const char *p)
{
	unsigned open = 1;

	while (*p != '\0' && open > 0) {
		bool set[256] = { false }, lost = false;

		if (*p == '[') {
			p = nec_class(p + 1, set, &lost);
			continue;
		}
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '(')
			open++;
		else if (*p == ')')
			open--;
		p++;
	}
	return p;
}

/* A parenthesis: a group, or something of no width, or what is not known. */
static inline const char *
nec_paren(struct nec *nec, const char *p, struct nec_set *s)
{
	static const char *const none[] = { "?=", "?!", "?<=", "?<!", "?#",
		"*" };
	static const char *const group[] = { "?:", "?>", "?|",
		"?i:", "?-i:", "?s:" };
	size_t named;

	for (size_t i = 0; i < nitems(none); i++)
		if (strncmp(p, none[i], strlen(none[i])) == 0)
			return nec_skip(p);
	for (size_t i = 0; i < nitems(group); i++)
		if (strncmp(p, group[i], strlen(group[i])) == 0)
			return nec_group(nec, p + strlen(group[i]), s);
	if (*p != '?')
		return nec_group(nec, p, s);
	named = p[1] == 'P' ? 2 : 1;
	if (p[named] == '<')
		return nec_group(nec, p + strcspn(p, ">") + 1, s);
	/* (?i) and the like: of no width, and case is nothing to us. */
	if (p[1 + strspn(p + 1, "ims-")] == ')')
		return p + 1 + strspn(p + 1, "ims-") + 1;
	s->lost = true;
	return nec_skip(p);
}

/* Something without its quantifier. */
static inline const char *
nec_atom(struct nec *nec, const char *p, struct nec_set *s)
{
	bool set[256] = { false }, width = true;

	s->lost = s->lost || (*p == '{' && p[1] == ',');
	if (*p == '(')
		return nec_paren(nec, p + 1, s);
	if (*p == '^' || *p == '$')
		return p + 1;
	if (*p == '[')
		p = nec_class(p + 1, set, &s->lost);
	else if (*p == '\\')
		p = nec_escape(p + 1, set, &width, &s->lost);
	else {
		if (*p == '.')
			memset(set, true, sizeof(set));
		set[(unsigned char)*p++] = true;
	}
	if (width)
		nec_byte(nec, s, set);
	return p;
}

/* A quantifier, if there is one. */
static inline const char *
nec_quantifier(const char *p, unsigned *min, bool *more)
{
	char *end;

	*min = *p == '*' || *p == '?' ? 0 : 1;
	*more = *p == '*' || *p == '+';
	if (*p == '{' && isdigit((unsigned char)p[1])) {
		*min = (unsigned)strtoul(p + 1, &end, 10);
		*more = *end == ',';
		p = end + strcspn(end, "}") + 1;
	} else if (*p != '\0' && strchr("*+?", *p) != NULL)
		p++;
	else
		return p;
	return *p == '+' || *p == '?' ? p + 1 : p;
}

static inline const char *
nec_piece(struct nec *nec, const char *p, struct nec_set *s)
{
	struct nec_set *without = malloc(sizeof(*without));
	struct nec_set *once = malloc(sizeof(*once));
	const char *behind, *next;
	unsigned min;
	bool more;

	if (without == NULL || once == NULL)
		abort();
	*without = *s;
	behind = nec_atom(nec, p, s);
	next = nec_quantifier(behind, &min, &more);
	for (unsigned i = 1; i < min && i < NEC_REPEAT; i++)
		(void)nec_atom(nec, p, s);
	if (more || min > NEC_REPEAT) {
		/* Whatever was before, the last one ends it. */
		*once = *s;
		nec_forget(s);
		(void)nec_atom(nec, p, s);
		nec_join(nec, s, once);
	}
	if (min == 0)
		nec_join(nec, s, without);
	free(without);
	free(once);
	return next;
}

/* Alternatives up to the parenthesis that closes them, or the end. */
static const char *
nec_group(struct nec *nec, const char *p, struct nec_set *s)
{
	struct nec_set *in = malloc(sizeof(*in)),
		       *all = calloc(1, sizeof(*all));

	if (in == NULL || all == NULL)
		abort();
	*in = *s;
	if (++nec->depth > 64)
		in->lost = true;
	for (*s = *in; *p != '\0' && *p != ')';) {
		if (*p == '|') {
			nec_join(nec, all, s);
			*s = *in;
			p++;
		} else
			p = nec_piece(nec, p, s);
	}
	nec_join(nec, all, s);
	*s = *all;
	nec->depth--;
	free(in);
	free(all);
	return *p == ')' ? p + 1 : p;
}

/* Does every match of pattern hold one of the keywords?  False: not proved. */
static inline bool
rule_necessary(const char *pattern, const char *keywords)
{
	struct nec nec = { .keywords = keywords };
	struct nec_set *s = calloc(1, sizeof(*s));
	bool proved;

	if (s == NULL)
		abort();
	s->n = 1;
	proved = *nec_group(&nec, pattern, s) == '\0' && s->n == 0 && !s->lost;
	free(s);
	return proved;
}

#endif
