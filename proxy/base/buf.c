/*
 * Growing byte buffers with a hard maximum.  Growth doubles, so appending is
 * linear; memory that was never touched costs nothing on Linux.
 */
#include "proxy/base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "proxy/base/xalloc.h"

/* Bytes of the first allocation: most frames and answers fit. */
#define BUF_FIRST 512U

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_release(struct buf *b)
{
	free(b->at);
	*b = (struct buf){ .max = b->max };
}

void
buf_clear(struct buf *b, size_t keep)
{
	b->len = 0;
	if (b->cap > keep)
		buf_release(b);
}

int
buf_reserve(struct buf *b, size_t len)
{
	size_t cap = b->cap > 0 ? b->cap : BUF_FIRST;

	if (len > b->max || b->len > b->max - len)
		return -1;
	if (b->len + len <= b->cap)
		return 0;
	while (cap < b->len + len)
		cap *= 2;
	b->at = xreallocarray(b->at, cap, 1);
	b->cap = cap;
	return 0;
}

int
buf_add(struct buf *b, const char *at, size_t len)
{
	if (buf_reserve(b, len) == -1)
		return -1;
	if (len > 0)
		memcpy(b->at + b->len, at, len);
	b->len += len;
	return 0;
}

int
buf_add_slice(struct buf *b, struct slice s)
{
	return buf_add(b, s.at, s.len);
}

int
buf_add_str(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_add_byte(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0 || buf_reserve(b, (size_t)len + 1) == -1)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(b->at + b->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)len;
	return 0;
}

void
buf_drop(struct buf *b, size_t len)
{
	assert(len <= b->len);
	if (len < b->len)
		memmove(b->at, b->at + len, b->len - len);
	b->len -= len;
}
