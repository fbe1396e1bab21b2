#ifndef PROXY_HOLD_H
#define PROXY_HOLD_H

#include <stdbool.h>

#include "policy/msg.h"
#include "proxy/base/buf.h"

struct chan;
struct pipeline;

/*
 * Messages that are decided on and wait for their records to be written, so
 * that the frames of one read cost one write to the journal.  They leave in
 * the order in which they were put here, each by a write of its own.
 */
struct hold;

/* Bytes of a line above which it is not held. */
#define HOLD_LINE 16384U

struct hold *hold_new(void);
void hold_free(struct hold *h);

/*
 * A message that goes on: came is its line (borrowed until hold_flush()),
 * goes is what is to be sent, which is copied if rewritten.
 */
void hold_forward(struct pipeline *p, enum msg_dir dir, struct slice came,
    struct slice goes, bool rewritten);

/* An answer of ours; copied. */
void hold_reply(struct pipeline *p, struct chan *to, struct slice reply);

/*
 * Writes the records that wait, and sends what is held.  Where they cannot be
 * written and the policy says that then nothing passes, what was to go on is
 * refused instead.
 */
void hold_flush(struct pipeline *p);

#endif
