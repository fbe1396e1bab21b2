#ifndef PROXY_EMIT_H
#define PROXY_EMIT_H

#include <stdbool.h>

#include "policy/msg.h"
#include "proxy/base/buf.h"

struct batch;
struct chan;
struct decision;
struct pipeline;

/* The channel that goes on from a side; and the one that goes back to it. */
struct chan *towards(struct pipeline *p, enum msg_dir dir);
struct chan *back_to(struct pipeline *p, enum msg_dir dir);

/*
 * Answers a refused message where it gets an answer: its sender; or, where it
 * was an answer itself, the one who waits for that.  What belongs to a batch
 * is gathered: b is the one that the message came in, or NULL.
 */
void answer(struct pipeline *p, const struct decision *d, struct batch *b);

/* Changes what we remember, once the message is decided on. */
void remember(struct pipeline *p, struct decision *d);

/*
 * Passes the frame in hand on, with p->edits; or keeps it with the answers to
 * batch b, unless that is NULL.
 */
void forward(
    struct pipeline *p, enum msg_dir dir, struct slice line, struct batch *b);

#endif
