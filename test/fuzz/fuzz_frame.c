/*
 * Any stream in pieces of any size: the lines are those that a naive splitter
 * finds, and of a line that is too long the same id is found as in one piece.
 * The input: the longest line, the sizes of the pieces, and the stream.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/frame.h"

/* Bytes of input before the stream. */
#define HEAD 4U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct stream {
	struct slice all; /* the whole stream */
	size_t at; /* where the next line begins */
	size_t max;
	struct frame fr;
	unsigned pieces; /* decides on the size of the next piece */
	bool give; /* move the storage of some lines out */
};

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* The next line as a naive splitter has it, its LF, if any, taken off. */
static struct slice
naive(struct stream *s)
{
	const char *from = s->all.at + s->at;
	size_t left = s->all.len - s->at;
	const char *lf = memchr(from, '\n', left);
	struct slice line = { from, lf != NULL ? (size_t)(lf - from) : left };

	s->at += line.len + (lf != NULL ? 1 : 0);
	return line;
}

static void
check_skimmed(const struct frame *fr, struct slice whole)
{
	struct json_skim sk;
	struct slice a = { NULL, 0 }, b = { NULL, 0 };

	json_skim_init(&sk);
	json_skim_feed(&sk, whole);
	must(fr->skipped == whole.len);
	must(json_skim_id(&fr->skim, &a) == json_skim_id(&sk, &b));
	must(slice_eq(a, b));
	must(fr->skim.nmethod == sk.nmethod && fr->skim.nresult == sk.nresult);
}

/* What frame_next() or frame_last() returned is right. */
static void
check(struct stream *s, int rc, struct slice got)
{
	struct slice whole = naive(s), line = whole;
	struct buf storage;
	size_t at;

	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	if (line.len > s->max) {
		must(rc == -1);
		check_skimmed(&s->fr, whole);
		return;
	}
	must(rc == 1 && slice_eq(got, line));
	if (s->give && s->at % 3 == 0) {
		frame_give(&s->fr, got, &storage, &at);
		must(slice_eq(
		    (struct slice){ storage.at + at, storage.len - at }, line));
		buf_release(&storage);
	}
}

/* Feeds the next piece: a few bytes, or now and then all that is left. */
static size_t
feed(struct stream *s, size_t done)
{
	size_t room, n, left = s->all.len - done;
	char *at;

	frame_space(&s->fr, &at, &room);
	must(room > 0);
	s->pieces = s->pieces * 1664525U + 1013904223U;
	n = s->pieces >> 28 == 0 ? left : (s->pieces >> 16) % 16 + 1;
	if (n > left)
		n = left;
	if (n > room)
		n = room;
	memcpy(at, s->all.at + done, n);
	frame_fed(&s->fr, n);
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct stream s;
	struct slice got;
	int rc;

	if (size < HEAD)
		return 0;
	s = (struct stream){
		.all = { (const char *)data + HEAD, size - HEAD },
		.max = data[0],
		.pieces = data[1] | (unsigned)data[2] << 8,
		.give = (data[3] & 1) != 0,
	};
	frame_init(&s.fr, s.max);
	for (size_t done = 0; done < s.all.len;) {
		done += feed(&s, done);
		while ((rc = frame_next(&s.fr, &got)) != 0)
			check(&s, rc, got);
		/* Nothing that is complete is kept back. */
		must(memchr(s.all.at + s.at, '\n', done - s.at) == NULL);
	}
	rc = frame_last(&s.fr, &got);
	must((rc != 0) == (s.at < s.all.len));
	if (rc != 0)
		check(&s, rc, got);
	must(s.at == s.all.len);
	frame_release(&s.fr);
	return 0;
}
