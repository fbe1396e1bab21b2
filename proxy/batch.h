#ifndef PROXY_BATCH_H
#define PROXY_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/msg.h"
#include "proxy/base/buf.h"

struct pending_entry;
struct pipeline;

/* Members of a batch whose answers are gathered (revision 2025-03-26). */
struct batch {
	struct batch *next;
	enum msg_dir dir; /* who sent it */
	size_t open; /* members that went on and await an answer */
	struct buf replies; /* joined by commas, until the rest is there */
};

/* The frame in p->doc is an array. */
void pipeline_batch(struct pipeline *p, enum msg_dir dir, struct slice line);

/* A member has its answer: one less to wait for. */
void batch_answered(struct pending_entry *e);

/*
 * Keeps an answer to a member until the batch is done.  What would be too much
 * to keep is sent as an array of its own.
 */
void batch_gather(struct pipeline *p, struct batch *b, struct slice reply);

/* Sends what was gathered for batches whose members are all answered. */
void batch_finish(struct pipeline *p);

#endif
