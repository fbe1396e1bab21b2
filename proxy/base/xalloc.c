/*
 * Allocation for a program that fails closed: without memory it cannot judge,
 * so it ends.  Nothing here returns NULL.
 */
#include "proxy/base/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The proxy's own failure, as in mcpshield-stdio(1), EXIT STATUS. */
#define EXIT_NO_MEMORY 125

static _Noreturn void
no_memory(void)
{
	static const char text[] = "mcpshield: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) == -1)
		_exit(EXIT_NO_MEMORY);
	_exit(EXIT_NO_MEMORY);
}

void *
xmalloc(size_t size)
{
	void *at = malloc(size > 0 ? size : 1);

	if (at == NULL)
		no_memory();
	return at;
}

void *
xcalloc(size_t n, size_t size)
{
	void *at = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

	if (at == NULL)
		no_memory();
	return at;
}

void *
xreallocarray(void *at, size_t n, size_t size)
{
	void *fresh = reallocarray(at, n > 0 ? n : 1, size > 0 ? size : 1);

	if (fresh == NULL)
		no_memory();
	return fresh;
}

char *
xstrdup(const char *s)
{
	return xmemdup0(s, strlen(s));
}

char *
xmemdup0(const char *at, size_t len)
{
	char *copy = xmalloc(len + 1);

	if (len > 0)
		memcpy(copy, at, len);
	copy[len] = '\0';
	return copy;
}

char *
xasprintf(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len == -1)
		no_memory();
	return text;
}
