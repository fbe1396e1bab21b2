#ifndef POLICY_URL_PART_H
#define POLICY_URL_PART_H

/*
 * What the files of the URL reader share and nobody else needs: the schemes,
 * and how the bytes that stand for one host become its names.
 */

#include <stdbool.h>

#include "policy/fold.h"
#include "policy/url.h"

/* Bytes of a scheme; the longest in use have some 20. */
#define URL_SCHEME_MAX 32U

/* In any case; URL_APP if it is unknown. */
enum url_scheme url_scheme_of(struct slice name);

/*
 * Adds what a piece of an authority, HOST[:PORT], may name.  sure: a parser in
 * use takes it for the host.
 */
void url_add_host(struct url *u, struct slice piece, bool sure);

/* Without the first n bytes. */
static inline struct slice
url_behind(struct slice s, size_t n)
{
	return (struct slice){ s.at + n, s.len - n };
}

/* Up to the first of stops; NUL is never one. */
static inline struct slice
url_up_to(struct slice s, const char *stops)
{
	for (size_t i = 0; i < s.len; i++)
		for (const char *stop = stops; *stop != '\0'; stop++)
			if (s.at[i] == *stop)
				return (struct slice){ s.at, i };
	return s;
}

/* A letter, digit, "-", "." or "_", as schemes and hosts have them. */
static inline bool
url_is_word(char c)
{
	unsigned char l = fold_ascii((unsigned char)c);

	return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '-' ||
	       l == '.' || l == '_';
}

#endif
