#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

/*
 * Allocation that ends the program, with a line on stderr and status 125, when
 * memory does.  Sizes that a peer chose are compared with limits.h first.
 */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
/* Room for n items of size bytes; a product that overflows ends the program. */
void *xreallocarray(void *at, size_t n, size_t size);
char *xstrdup(const char *s);
/* A NUL-terminated copy of len bytes. */
char *xmemdup0(const char *at, size_t len);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
