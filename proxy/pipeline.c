/*
 * One frame: parse, judge, record, carry out.  What leaves is the bytes that
 * came, save for the spans that a check replaced; or an answer of our own.
 */
#include "proxy/pipeline.h"

#include <assert.h>
#include <stdlib.h>

#include "audit/journal.h"
#include "policy/fault.h"
#include "policy/redact.h"
#include "proxy/base/error.h"
#include "proxy/base/limits.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"
#include "proxy/batch.h"
#include "proxy/chan.h"
#include "proxy/decide.h"
#include "proxy/diag.h"
#include "proxy/emit.h"

void
pipeline_init(struct pipeline *p, struct policy *policy,
    struct journal *journal, struct chan *up, struct chan *down)
{
	*p = (struct pipeline){ .policy = policy, .journal = journal,
		.redactor = redactor_new(), .up = up, .down = down };
	track_init(&p->track);
	pending_init(&p->by_client);
	pending_init(&p->by_server);
	json_init(&p->doc);
	json_edits_init(&p->edits);
	/* A frame grows by its escapes: at most three bytes become six. */
	buf_init(&p->text, 4 * LIMIT_FRAME_BYTES_MAX);
	buf_init(&p->replies, LIMIT_FRAME_BYTES_MAX);
	buf_init(&p->payload, 2 * LIMIT_PAYLOAD);
}

void
pipeline_release(struct pipeline *p)
{
	struct batch *b;

	while ((b = p->batches) != NULL) {
		p->batches = b->next;
		buf_release(&b->replies);
		free(b);
	}
	buf_release(&p->payload);
	buf_release(&p->replies);
	buf_release(&p->text);
	json_edits_release(&p->edits);
	json_release(&p->doc);
	pending_release(&p->by_server);
	pending_release(&p->by_client);
	track_release(&p->track);
	redactor_free(p->redactor);
	journal_close(p->journal);
	policy_free(p->policy);
}

/* The id that an unread line seems to have, told by the skimmer. */
static bool
skim_line(struct slice line, struct json_skim *sk, struct slice *ret_id)
{
	json_skim_init(sk);
	json_skim_feed(sk, line);
	return json_skim_id(sk, ret_id);
}

/*
 * Answers for a line that could not be read: the sender, where it has an id
 * and is the client's or asks something; or the client, where it is the
 * server's answer to it.
 */
static void
answer_unread(struct pipeline *p, struct decision *d,
    const struct json_skim *sk, bool has_id, struct slice id)
{
	bool asks = sk->nmethod > 0;

	if (d->msg.dir == DIR_CLIENT && asks && sk->nid == 0 &&
	    d->code != RPC_PARSE_ERROR)
		return; /* a notification */
	if (d->msg.dir == DIR_SERVER) {
		if (!has_id || (!asks && sk->nresult == 0))
			return; /* a print of a log, perhaps */
		if (!asks) {
			d->entry = pending_find_raw(&p->by_client, id);
			if (d->entry == NULL)
				return;
		}
	} else if (has_id && !asks) {
		d->entry = pending_find_raw(&p->by_server, id);
		if (d->entry != NULL)
			d->msg.method = d->entry->method;
	}
	p->replies.len = 0;
	if (d->msg.dir == DIR_SERVER && asks)
		d->msg.kind = MSG_REQUEST;
	(void)write_reply(p, d, id, &p->replies);
	d->msg.kind = MSG_UNREAD;
	chan_queue(reply_to(p, d), buf_slice(&p->replies), true);
	if (d->entry != NULL) {
		batch_answered(d->entry);
		pending_remove(d->entry);
		d->entry = NULL;
	}
}

/* A print of the server's that is no message of the protocol. */
static void
show_banner(const struct decision *d, struct slice line)
{
	char text[256];

	if (d->msg.dir == DIR_SERVER && d->outcome != OUTCOME_PASS)
		diag("the server printed a line that is no JSON-RPC: %s",
		    quote_utf8(text, sizeof(text), line));
}

static void
unread_line(struct pipeline *p, enum msg_dir dir, struct slice line)
{
	struct json_skim sk;
	struct decision d;
	struct slice id = { NULL, 0 };
	struct verdict v;
	bool has_id;
	int code;

	v = fault_verdict(p->doc.fault, &code);
	decide_unread(p, dir, &v, code, line, line.len, &d);
	show_banner(&d, line);
	if (d.outcome == OUTCOME_PASS) { /* monitor */
		chan_forward(towards(p, dir), line);
	} else {
		has_id = skim_line(line, &sk, &id);
		/* What is not JSON has no id: RFC, and JSON-RPC 5.1. */
		if (code == RPC_PARSE_ERROR)
			has_id = has_id && dir == DIR_SERVER;
		answer_unread(p, &d, &sk, has_id,
		    has_id ? id : (struct slice){ NULL, 0 });
	}
	decision_release(&d);
}

void
pipeline_too_long(struct pipeline *p, enum msg_dir dir,
    const struct json_skim *skim, size_t len)
{
	struct decision d;
	struct slice id = { NULL, 0 };
	struct verdict v;
	bool has_id;
	int code;

	p->begun_us = clock_us(CLOCK_MONOTONIC);
	v = fault_verdict(JSON_TOO_LONG, &code);
	decide_unread(p, dir, &v, code, (struct slice){ NULL, 0 }, len, &d);
	d.outcome = OUTCOME_REFUSE; /* in monitor mode too: it is gone */
	has_id = json_skim_id(skim, &id);
	answer_unread(p, &d, skim, has_id, id);
	decision_release(&d);
}

void
pipeline_fragment(struct pipeline *p, enum msg_dir dir, struct slice rest)
{
	struct error err = { "" };
	struct json_limits limits = policy_limits(p->policy,
	    dir == DIR_SERVER);
	struct decision d;
	struct verdict v;
	int code;

	/* A whole object without its LF is a message all the same. */
	if (json_read(&p->doc, rest, &limits, &err) == 0) {
		pipeline_line(p, dir, rest);
		return;
	}
	p->begun_us = clock_us(CLOCK_MONOTONIC);
	v = fault_verdict(p->doc.fault, &code);
	verdict_at(&v, "frame.fragment", NULL,
	    "the stream ended in the middle of a line");
	decide_unread(p, dir, &v, code, rest, rest.len, &d);
	d.outcome = OUTCOME_DROP;
	show_banner(&d, rest);
	decision_release(&d);
}

static void
single(struct pipeline *p, enum msg_dir dir, struct slice line)
{
	struct slice id = { NULL, 0 };
	struct decision d;
	struct json_skim sk;

	decide(p, dir, JSON_ROOT, line, &d);
	switch (d.outcome) {
	case OUTCOME_PASS:
	case OUTCOME_REWRITE:
		break;
	case OUTCOME_REFUSE:
		if (d.msg.kind == MSG_UNREAD) {
			bool has_id = skim_line(line, &sk, &id);

			show_banner(&d, line);
			answer_unread(p, &d, &sk, has_id, id);
			break;
		}
		if (d.msg.id != JSON_NONE)
			id = json_raw(&p->doc, d.msg.id);
		p->replies.len = 0;
		if (write_reply(p, &d, id, &p->replies))
			chan_queue(reply_to(p, &d), buf_slice(&p->replies),
			    true);
		break;
	case OUTCOME_DROP:
		break;
	}
	remember(p, &d);
	batch_finish(p);
	if (d.outcome == OUTCOME_PASS || d.outcome == OUTCOME_REWRITE) {
		/* The last: a large line is moved out of its buffer. */
		if (!pipeline_watches(p))
			json_lines(&p->edits, &p->doc);
		forward(p, dir, line);
	}
	decision_release(&d);
}

void
pipeline_line(struct pipeline *p, enum msg_dir dir, struct slice line)
{
	struct json_limits limits = policy_limits(p->policy,
	    dir == DIR_SERVER);
	struct error err = { "" };
	size_t blank = 0;

	while (blank < line.len && strchr(" \t\r", line.at[blank]) != NULL &&
	    line.at[blank] != '\0')
		blank++;
	if (blank == line.len)
		return; /* an empty line says nothing */
	p->begun_us = clock_us(CLOCK_MONOTONIC);
	json_edits_clear(&p->edits);
	if (json_read(&p->doc, line, &limits, &err) == -1)
		unread_line(p, dir, line);
	else if (json_is(&p->doc, JSON_ROOT, JSON_ARRAY))
		pipeline_batch(p, dir, line);
	else
		single(p, dir, line);
	json_clear(&p->doc);
}

void
pipeline_server_gone(struct pipeline *p)
{
	struct pending_entry *e, *next;

	for (e = p->by_client.oldest; e != NULL; e = next) {
		struct decision d = {
			.outcome = OUTCOME_REFUSE,
			.code = stage_code(STAGE_SERVER),
			.verdict = { .action = ACTION_DENY,
			    .stage = STAGE_SERVER },
			.entry = e,
			.msg = { .kind = MSG_ERROR, .method = e->method,
			    .tool = { e->tool, e->tool_len }, .id = JSON_NONE,
			    .dir = DIR_SERVER },
		};

		next = e->newer;
		if (e->cancelled || e->answered) {
			pending_remove(e);
			continue;
		}
		verdict_at(&d.verdict, "server.exit", NULL,
		    "the server has ended before it answered");
		p->begun_us = clock_us(CLOCK_MONOTONIC);
		(void)record(p, &d.msg, (struct slice){ NULL, 0 }, 0,
		    &d.verdict, "block", 0, d.event);
		p->replies.len = 0;
		(void)write_reply(p, &d, (struct slice){ e->id, e->id_len },
		    &p->replies);
		batch_answered(e);
		if (!batch_gather(e->batch, &p->replies))
			chan_queue(p->down, buf_slice(&p->replies), true);
		pending_remove(e);
	}
	batch_finish(p);
}

void
pipeline_note(struct pipeline *p, const char *decision, const char *reason)
{
	const struct msg none = { .kind = MSG_UNREAD, .id = JSON_NONE };
	struct verdict v = { .action = ACTION_ALLOW, .stage = STAGE_SERVER };
	char event[EVENT_MAX];

	verdict_at(&v, "session", NULL, reason);
	(void)record(p, &none, (struct slice){ NULL, 0 }, 0, &v, decision, 0,
	    event);
}
