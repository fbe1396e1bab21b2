/*
 * Lines out of a stream.  Each byte is looked at once for its LF, and nothing
 * is moved while lines are taken; memory follows the longest line and is given
 * back after it.
 */
#include "proxy/frame.h"

#include <assert.h>

#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"

/* Bytes to read at least: what a pipe holds by default. */
#define FRAME_READ 65536UL
/* Bytes of storage that are kept when the stream is empty. */
#define FRAME_KEEP (2 * FRAME_READ)

void
frame_init(struct frame *fr, size_t max)
{
	*fr = (struct frame){ .max = max };
	buf_init(&fr->in, LIMIT_FRAME_BYTES_MAX + 2 * FRAME_READ);
}

void
frame_release(struct frame *fr)
{
	buf_release(&fr->in);
}

void
frame_space(struct frame *fr, char **ret_at, size_t *ret_len)
{
	if (fr->start > 0 && fr->in.cap - fr->in.len < FRAME_READ) {
		buf_drop(&fr->in, fr->start);
		fr->start = 0;
	}
	if (fr->in.len == 0 && fr->in.cap > FRAME_KEEP)
		buf_release(&fr->in);
	buf_must(buf_reserve(&fr->in, FRAME_READ));
	*ret_at = fr->in.at + fr->in.len;
	*ret_len = fr->in.cap - fr->in.len;
}

void
frame_fed(struct frame *fr, size_t len)
{
	fr->in.len += len;
}

/* Throws away the next len bytes of a line that is too long. */
static void
skip(struct frame *fr, size_t len)
{
	if (!fr->skipping) {
		fr->skipping = true;
		fr->skipped = 0;
		json_skim_init(&fr->skim);
	}
	json_skim_feed(&fr->skim, (struct slice){ fr->in.at + fr->start, len });
	fr->skipped += len;
	fr->start += len;
	fr->scanned = 0;
}

static void
rewind_empty(struct frame *fr)
{
	if (fr->start == fr->in.len) {
		fr->in.len = 0;
		fr->start = 0;
	}
}

/* A line of len bytes, followed by its LF if there is one. */
static int
take(struct frame *fr, size_t len, size_t lf, struct slice *ret_line)
{
	struct slice line = { fr->in.at + fr->start, len };

	if (len > 0 && line.at[len - 1] == '\r')
		line.len--;
	if (fr->skipping || line.len > fr->max) {
		skip(fr, len);
		fr->start += lf;
		fr->skipping = false;
		return -1;
	}
	fr->start += len + lf;
	fr->scanned = 0;
	*ret_line = line;
	return 1;
}

int
frame_next(struct frame *fr, struct slice *ret_line)
{
	size_t left;
	const char *from, *lf;

	rewind_empty(fr);
	left = fr->in.len - fr->start;
	if (left == fr->scanned)
		return 0;
	from = fr->in.at + fr->start;
	lf = memchr(from + fr->scanned, '\n', left - fr->scanned);
	if (lf != NULL)
		return take(fr, (size_t)(lf - from), 1, ret_line);
	fr->scanned = left;
	/* One byte more may be the CR that does not count. */
	if (fr->skipping || left > fr->max + 1) {
		skip(fr, left);
		rewind_empty(fr);
	}
	return 0;
}

int
frame_last(struct frame *fr, struct slice *ret_line)
{
	size_t left = fr->in.len - fr->start;

	if (left == 0 && !fr->skipping)
		return 0;
	return take(fr, left, 0, ret_line);
}

void
frame_give(struct frame *fr, struct slice line, struct buf *ret, size_t *ret_at)
{
	struct buf rest;

	assert(line.at >= fr->in.at &&
	       line.at + line.len <= fr->in.at + fr->in.len);
	buf_init(&rest, fr->in.max);
	buf_must(buf_add(&rest, fr->in.at + fr->start, fr->in.len - fr->start));
	*ret = fr->in;
	*ret_at = (size_t)(line.at - fr->in.at);
	ret->len = *ret_at + line.len;
	fr->in = rest;
	fr->start = 0;
	fr->scanned = 0;
}
