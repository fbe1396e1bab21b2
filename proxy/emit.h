#ifndef PROXY_EMIT_H
#define PROXY_EMIT_H

#include <stdbool.h>

#include "policy/msg.h"
#include "proxy/base/buf.h"

struct chan;
struct decision;
struct pipeline;

/* The channel that goes on from a side; and the one that goes back to it. */
struct chan *towards(struct pipeline *p, enum msg_dir dir);
struct chan *back_to(struct pipeline *p, enum msg_dir dir);

/* Appends our answer to a refused message; false if it gets none. */
bool write_reply(struct pipeline *p, const struct decision *d,
    struct slice id, struct buf *dst);

/* Where that goes: back, or on, where an answer itself was refused. */
struct chan *reply_to(struct pipeline *p, const struct decision *d);

/* Changes what we remember, once the message is decided on. */
void remember(struct pipeline *p, struct decision *d);

/* Passes the frame in hand on, with p->edits. */
void forward(struct pipeline *p, enum msg_dir dir, struct slice line);

#endif
