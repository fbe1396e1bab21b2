/*
 * The client's end of the benchmark.  It is cheap, for its cost is in every
 * number, and it forgives nothing: an answer equals what is expected in each
 * byte and comes in its turn, or the run has failed.
 */
#include "test/bench/lib/wire.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/base/quote.h"
#include "test/bench/lib/peer.h"

/* Bytes of one read(2): what a pipe holds. */
#define READ_SIZE (64U << 10)
/* Bytes of a wrong answer that a message shows. */
#define SHOWN 240U

static_assert((WIRE_OWED & (WIRE_OWED - 1)) == 0, "the ring's index is masked");

void
wire_init(struct wire *w)
{
	*w = (struct wire){ .out_fd = -1, .in_fd = -1 };
	buf_init(&w->out, WIRE_MAX);
	buf_init(&w->in, WIRE_MAX);
	buf_init(&w->want, WIRE_MAX);
	for (size_t i = 0; i < WIRE_OWED; i++)
		buf_init(&w->owed[i].result, WIRE_MAX);
}

void
wire_open(struct wire *w, int out_fd, int in_fd)
{
	w->out_fd = out_fd;
	w->in_fd = in_fd;
}

void
wire_release(struct wire *w)
{
	buf_release(&w->out);
	buf_release(&w->in);
	buf_release(&w->want);
	for (size_t i = 0; i < WIRE_OWED; i++)
		buf_release(&w->owed[i].result);
}

int
wire_send(struct wire *w, struct error *err)
{
	if (fd_write_all(w->out_fd, w->out.at, w->out.len) == -1)
		return error_sys(err, "cannot write a request");
	buf_clear(&w->out, WIRE_MAX);
	return 0;
}

/* Reads once.  1, 0 at the end, or -1. */
static int
fill(struct wire *w, struct error *err)
{
	ssize_t n;

	if (w->taken > 0) {
		buf_drop(&w->in, w->taken);
		w->seen -= w->taken;
		w->taken = 0;
	}
	if (buf_reserve(&w->in, READ_SIZE) == -1)
		return error_set(err, "an answer has no end");
	do
		n = read(w->in_fd, w->in.at + w->in.len, READ_SIZE);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return error_sys(err, "cannot read an answer");
	w->in.len += (size_t)n;
	return n > 0;
}

int
wire_line(struct wire *w, struct slice *ret, struct error *err)
{
	const char *lf = NULL;
	int rc;

	while (w->seen == w->in.len || (lf = memchr(w->in.at + w->seen, '\n',
					    w->in.len - w->seen)) == NULL) {
		w->seen = w->in.len;
		if ((rc = fill(w, err)) == -1)
			return -1;
		if (rc == 0)
			return error_set(err, "output ended, answers missing");
	}
	ret->at = w->in.at + w->taken;
	ret->len = (size_t)(lf + 1 - ret->at);
	w->taken = w->seen = w->taken + ret->len;
	return 0;
}

int
wire_wrong(struct slice line, const char *what, struct error *err)
{
	char text[4 * SHOWN];

	return error_set(err, "expected %s, got %zu bytes: %s", what, line.len,
	    quote(text, SHOWN, line));
}

/* Says where an answer and the wanted one part. */
static int
differs(const struct wire *w, struct slice line, uint64_t id,
    struct slice result, struct error *err)
{
	size_t i, head = w->want.len;
	struct slice rest = line;

	for (i = 0; i < line.len && i < head + result.len; i++)
		if (line.at[i] !=
		    (i < head ? w->want.at[i] : result.at[i - head]))
			break;
	rest.at += i > 40 ? i - 40 : 0;
	rest.len -= i > 40 ? i - 40 : 0;
	(void)wire_wrong(rest, "another text", err);
	return error_wrap(err,
	    "wrong answer to call %llu, from byte %zu on, %zu bytes for %zu",
	    (unsigned long long)id, i, line.len, head + result.len + 2);
}

/* Compares a line with the answer to id that holds result. */
static int
compare(struct wire *w, struct slice line, uint64_t id, struct slice result,
    struct error *err)
{
	struct buf digits;
	size_t head;
	char text[24];

	digits = (struct buf){
		.at = text, .cap = sizeof(text), .max = sizeof(text)
	};
	peer_number(&digits, id);
	buf_clear(&w->want, WIRE_MAX);
	peer_answer(&w->want, buf_slice(&digits));
	head = w->want.len;
	if (line.len != head + result.len + 2 ||
	    memcmp(line.at, w->want.at, head) != 0 ||
	    memcmp(line.at + head, result.at, result.len) != 0 ||
	    memcmp(line.at + line.len - 2, "}\n", 2) != 0)
		return differs(w, line, id, result, err);
	return 0;
}

int
wire_expect(struct wire *w, uint64_t id, struct slice result, struct error *err)
{
	struct slice line = { .at = NULL };

	if (wire_line(w, &line, err) == -1)
		return -1;
	return compare(w, line, id, result, err);
}

void
wire_promise(struct wire *w, uint64_t id)
{
	struct buf *result = &w->owed[w->promised % WIRE_OWED].result;

	assert(w->promised - w->kept < WIRE_OWED);
	buf_clear(result, WIRE_MAX);
	/* Without its LF: that is how the server counts. */
	peer_nop(
	    result, (struct slice){ .at = w->out.at, .len = w->out.len - 1 });
	w->owed[w->promised % WIRE_OWED].id = id;
	w->promised++;
}

int
wire_keeps(struct wire *w, struct slice line, struct error *err)
{
	size_t at = w->kept % WIRE_OWED;

	if (w->kept == w->promised)
		return wire_wrong(line, "no answer", err);
	w->kept++;
	return compare(
	    w, line, w->owed[at].id, buf_slice(&w->owed[at].result), err);
}

int
wire_kept(struct wire *w, struct error *err)
{
	struct slice line = { .at = NULL };

	if (wire_line(w, &line, err) == -1)
		return -1;
	return wire_keeps(w, line, err);
}

int
wire_end(struct wire *w, struct error *err)
{
	int rc;

	do {
		if (w->taken < w->in.len)
			return wire_wrong(
			    (struct slice){ .at = w->in.at + w->taken,
				.len = w->in.len - w->taken },
			    "no more", err);
		rc = fill(w, err);
	} while (rc == 1);
	if (rc == 0 && w->kept != w->promised)
		return error_set(err, "%llu answers missing",
		    (unsigned long long)(w->promised - w->kept));
	return rc;
}
