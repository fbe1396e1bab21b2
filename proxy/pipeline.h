#ifndef PROXY_PIPELINE_H
#define PROXY_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/audit.h"
#include "policy/msg.h"
#include "policy/policy.h"
#include "policy/track.h"
#include "proxy/base/buf.h"
#include "proxy/base/json.h"
#include "proxy/lister.h"
#include "proxy/pending.h"

struct batch;
struct hold;
struct chan;
struct desk;
struct journal;
struct redactor;
struct scan;

/*
 * One frame: parse, judge, record, carry out.  What is here is all that a
 * session remembers of its messages.
 */
struct pipeline {
	struct policy *policy; /* owned; replaced on SIGHUP */
	bool monitor; /* --monitor, whatever the policy says */
	struct journal *journal; /* owned */
	struct redactor *redactor; /* owned */
	struct chan *up, *down; /* borrowed: to the server, to the client */
	struct track track;
	struct scan
	    *scan; /* owned, from the caller: work space of the checks */
	struct lister lister;
	struct desk *desk; /* owned, from the caller; or NULL */
	struct pending by_client, by_server; /* requests in flight */
	struct batch *batches; /* owned */
	struct json doc; /* the frame in hand */
	struct json_edits edits;
	struct json_skim skim; /* of a frame that could not be read */
	bool gone; /* the line in hand is not there to be passed on */
	bool in_batch; /* the message in hand is a member of an array */
	struct buf text, replies, payload; /* work space */
	struct hold *hold; /* owned: what waits for its records to be written */
	bool defer; /* frames of one read are recorded by one write */
	int64_t begun_us; /* when the frame in hand was begun: monotonic */
	uint64_t rows; /* records made */
	bool audit_failing; /* the last record could not be made */
};

/* policy and journal become the pipeline's. */
void pipeline_init(struct pipeline *p, struct policy *policy,
    struct journal *journal, struct chan *up, struct chan *down);
void pipeline_release(struct pipeline *p);

/* A line from one side, without its LF; borrowed from that side's channel. */
void pipeline_line(struct pipeline *p, enum msg_dir dir, struct slice line);

/*
 * Between these two, records of frames are written together, and the frames
 * go on once they are; lines must stay where they are.  The journal is written
 * by pipeline_settle(), and on the way where much has come together.
 */
void pipeline_gather(struct pipeline *p);
void pipeline_settle(struct pipeline *p);

/* A line that was too long, of which only the skimmer's findings are left. */
void pipeline_too_long(struct pipeline *p, enum msg_dir dir,
    const struct json_skim *skim, size_t len);

/* What followed the last LF when a side ended, and is no whole message. */
void pipeline_fragment(struct pipeline *p, enum msg_dir dir, struct slice rest);

/* Answers every request of the client that is still open. */
void pipeline_server_gone(struct pipeline *p);

/* Records something about the session itself; decision: start end reload. */
void pipeline_note(
    struct pipeline *p, const char *decision, const char *reason);

#endif
