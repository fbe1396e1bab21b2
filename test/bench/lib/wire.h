#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "proxy/base/buf.h"

struct error;

/* Bytes: no line of the benchmark is longer. */
#define WIRE_MAX (1UL << 30)
/* Answers that may be owed at once; a power of two. */
#define WIRE_OWED 1024U

/* The client's end: lines out, lines in, and what is owed to it. */
struct wire {
	int out_fd, in_fd; /* borrowed */
	struct buf out; /* the line that is being made */
	struct buf in; /* bytes that came */
	size_t taken; /* bytes of in that were given out */
	size_t seen; /* bytes of in without an LF behind taken */
	struct buf want; /* work space: the answer that should come */
	struct { /* a ring: what small answers must say, in order */
		struct buf result;
		uint64_t id;
	} owed[WIRE_OWED];
	uint64_t promised, kept; /* answers */
};

void wire_init(struct wire *w);
void wire_open(struct wire *w, int out_fd, int in_fd);
void wire_release(struct wire *w);

/* Sends the line in w->out with one write(2) if it can, and empties it. */
int wire_send(struct wire *w, struct error *err);

/* The next line with its LF, borrowed until the next call.  0 or -1. */
int wire_line(struct wire *w, struct slice *ret, struct error *err);

/* Reads a line, which must answer id with result, to the byte.  0 or -1. */
int wire_expect(
    struct wire *w, uint64_t id, struct slice result, struct error *err);

/* Notes what a PEER_NOP, the line in w->out, is to be answered with. */
void wire_promise(struct wire *w, uint64_t id);

/* Reads a line, which must keep the oldest promise.  0 or -1. */
int wire_kept(struct wire *w, struct error *err);
/* The same for a line that was read. */
int wire_keeps(struct wire *w, struct slice line, struct error *err);

/* Reads to the end, where nothing more may come.  0 or -1. */
int wire_end(struct wire *w, struct error *err);

/* Sets *err: line was not what.  Returns -1. */
int wire_wrong(struct slice line, const char *what, struct error *err);

#endif
