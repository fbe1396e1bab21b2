#ifndef PROXY_DECIDE_H
#define PROXY_DECIDE_H

#include "policy/check.h"
#include "policy/msg.h"
#include "proxy/event.h"
#include "proxy/pending.h"

struct pipeline;

/* What is to be done with one message. */
enum outcome {
	OUTCOME_PASS, /* as it came */
	OUTCOME_REWRITE, /* with the edits in pipeline.edits */
	OUTCOME_REFUSE, /* not passed on; its sender, or asker, is told */
	OUTCOME_DROP, /* not passed on */
};

/* Is nothing enforced?  By the policy's mode, or by --monitor. */
bool pipeline_watches(const struct pipeline *p);

struct decision {
	enum outcome outcome;
	struct msg msg;
	struct verdict verdict;
	struct pending_entry *entry; /* the request's own; or the one that it
	    answers, or cancels */
	bool answers; /* it answers a request: who waits is told of a refusal */
	struct slice id; /* for our answer; borrowed; empty: null */
	int code; /* of the answer to what is refused */
	char event[EVENT_MAX]; /* "session-0" if it could not be recorded */
};

/*
 * Reads, judges and records the message at root of p->doc; raw is its bytes.
 * Requests that go on are in flight from here.  Release it.
 */
void decide(struct pipeline *p, enum msg_dir dir, json_at root,
    struct slice raw, struct decision *ret);

/*
 * The same for a line of len bytes that could not be read, of which p->skim
 * tells; raw is the line, or empty if it is gone.
 */
void decide_unread(struct pipeline *p, enum msg_dir dir,
    const struct verdict *v, int code, struct slice raw, size_t len,
    struct decision *ret);

void decision_release(struct decision *d);

/* Turns a decision into the refusal of what could not be recorded. */
void unrecorded(struct decision *d);

#endif
