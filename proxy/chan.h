#ifndef PROXY_CHAN_H
#define PROXY_CHAN_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"
#include "proxy/frame.h"

struct error;

/* How an end is read or written without ever waiting. */
enum chan_end {
	END_NONE, /* closed */
	END_OWN, /* a description of our own, O_NONBLOCK */
	END_SOCKET, /* MSG_DONTWAIT */
	END_SHARED, /* a pipe or terminal shared with others: after poll(2) */
	END_FILE, /* never waits */
};

/* One direction: in descriptor, frames, out buffer, out descriptor. */
struct chan {
	int in_fd, out_fd; /* owned, but for inherited ones; -1: none */
	int out_given; /* the inherited one behind out_fd; -1: none */
	enum chan_end in_end, out_end;
	bool in_narrow, out_narrow; /* pipes of our own, not yet widened */
	bool in_eof; /* nothing more will be read */
	bool in_hung; /* its writer has left; there may be bytes to read */
	bool out_broken; /* the reader has left */
	struct frame frame; /* what was read and not yet judged */
	struct buf out; /* owned: what waits to be written, from out_at on */
	size_t out_at;
	size_t line_end; /* end of the first message in out; 0: not known */
	size_t own; /* bytes of out that are our own answers, at most */
};

/*
 * Takes over both descriptors.  shared: they are 0 or 1, or were inherited in
 * another way, so O_NONBLOCK must not be set on them.
 */
void chan_init(struct chan *c, size_t max_line);
int chan_set_in(struct chan *c, int fd, bool shared, struct error *err);
int chan_set_out(struct chan *c, int fd, bool shared, struct error *err);
void chan_release(struct chan *c);

/* May more frames be judged, and bytes be read, without growing memory? */
bool chan_room(const struct chan *c);

/*
 * What to wait for; paused: do not read now.  in without POLLIN waits for its
 * writer to leave alone: then in_hung is to be set.
 */
void chan_interest(
    const struct chan *c, bool paused, struct pollfd *in, struct pollfd *out);

/*
 * Reads once.  Returns 1 if bytes came, 0 if none were there, -1 at end of
 * file (or an error that means the same); in_eof is set then.
 */
int chan_read(struct chan *c);

/*
 * Queues one message, which holds no LF, and writes at once what can be
 * written.  own: it is our answer, not forwarded.  A message to a reader that
 * has left is dropped.
 */
void chan_queue(struct chan *c, struct slice message, bool own);

/* The same for the line taken last from c->frame: a large one is moved. */
void chan_forward(struct chan *c, struct slice line);

/* Writes what can be written, one message a write(2). */
void chan_flush(struct chan *c);

/* Bytes that wait to be written. */
size_t chan_pending(const struct chan *c);

/* Closes the out end, so that its reader sees the end; what waits is lost. */
void chan_close_out(struct chan *c);

#endif
