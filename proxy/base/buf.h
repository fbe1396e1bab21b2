#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Borrowed bytes: they have a length and no terminator. */
struct slice {
	const char *at; /* borrowed; NULL only if len is 0 */
	size_t len;
};

/* A string literal or any NUL-terminated string as a slice. */
static inline struct slice
slice_of(const char *s)
{
	return (struct slice){ .at = s, .len = s != NULL ? strlen(s) : 0 };
}

static inline bool
slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool
slice_is(struct slice a, const char *s)
{
	return slice_eq(a, slice_of(s));
}

/* Owned bytes with a hard maximum. */
struct buf {
	char *at; /* owned; NULL while cap is 0 */
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated */
	size_t max; /* len never exceeds it */
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);
/* Empties it; memory above keep bytes is given back. */
void buf_clear(struct buf *b, size_t keep);

/*
 * Makes room for len bytes behind the ones in use.  Returns 0, or -1 when max
 * would be exceeded; nothing has changed then.
 */
int buf_reserve(struct buf *b, size_t len);

/* Appends.  Returns 0, or -1 when max would be exceeded (nothing is added). */
int buf_add(struct buf *b, const char *at, size_t len);
int buf_add_slice(struct buf *b, struct slice s);
int buf_add_str(struct buf *b, const char *s);
int buf_add_byte(struct buf *b, char c);
int buf_addf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * For a buffer whose max cannot be met, because what goes in is bounded: that
 * it is met all the same is our own mistake.
 */
static inline void
buf_must(int rc)
{
	assert(rc == 0);
	(void)rc;
}

/* Drops the first len bytes; len is at most b->len. */
void buf_drop(struct buf *b, size_t len);

static inline struct slice
buf_slice(const struct buf *b)
{
	return (struct slice){ .at = b->at, .len = b->len };
}

#endif
