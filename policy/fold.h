#ifndef POLICY_FOLD_H
#define POLICY_FOLD_H

#include <stdbool.h>

#include "proxy/base/buf.h"

/*
 * Would a lenient decoder take key for name, though it is spelt otherwise?
 * True if they differ, and are equal once case is folded as Unicode does and
 * key is cut at its first NUL.  name is ASCII, without capitals that matter.
 * Source: CVE-2026-27896, GHSA-q382-vc8q-7jhj.
 */
bool fold_collides(struct slice key, struct slice name);

/* The same for a list of names separated by spaces. */
bool fold_collides_any(struct slice key, const char *names);

/* ASCII letters in lower case; every other byte as it is. */
static inline unsigned char
fold_ascii(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

/* The value of a hexadecimal digit, or -1. */
static inline int
fold_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)fold_ascii((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
