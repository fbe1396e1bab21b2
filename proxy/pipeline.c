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
#include "policy/text.h"
#include "proxy/base/error.h"
#include "proxy/base/limits.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"
#include "proxy/batch.h"
#include "proxy/chan.h"
#include "proxy/decide.h"
#include "proxy/desk.h"
#include "proxy/diag.h"
#include "proxy/emit.h"
#include "proxy/hold.h"

void
pipeline_init(struct pipeline *p, struct policy *policy,
    struct journal *journal, struct chan *up, struct chan *down)
{
	*p = (struct pipeline){ .policy = policy,
		.journal = journal,
		.redactor = redactor_new(),
		.up = up,
		.down = down,
		.hold = hold_new() };
	track_init(&p->track);
	lister_init(&p->lister);
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
	desk_free(p->desk);
	lister_release(&p->lister);
	track_release(&p->track);
	scan_free(p->scan);
	redactor_free(p->redactor);
	hold_free(p->hold);
	journal_close(p->journal);
	policy_free(p->policy);
}

/* A print of the server's that is no message of the protocol. */
static void
show_banner(const struct decision *d, struct slice line)
{
	char text[256];

	if (d->msg.kind == MSG_UNREAD && d->msg.dir == DIR_SERVER &&
	    d->outcome != OUTCOME_PASS)
		diag("the server printed a line that is no JSON-RPC: %s [%s]",
		    quote_utf8(text, sizeof(text), line), d->event);
}

/* Carries out the decision on a line that could not be read. */
static void
finish_unread(struct pipeline *p, struct decision *d, struct slice line)
{
	show_banner(d, line);
	if (d->outcome == OUTCOME_PASS) /* monitor */
		chan_forward(towards(p, d->msg.dir), line);
	else if (d->outcome == OUTCOME_REFUSE)
		answer(p, d, NULL);
	remember(p, d);
	batch_finish(p);
	decision_release(d);
}

static void
unread_line(struct pipeline *p, enum msg_dir dir, struct slice line)
{
	struct decision d;
	struct verdict v;
	int code;

	v = fault_verdict(p->doc.fault, &code);
	json_skim_init(&p->skim);
	json_skim_feed(&p->skim, line);
	decide_unread(p, dir, &v, code, line, line.len, &d);
	finish_unread(p, &d, line);
}

void
pipeline_too_long(struct pipeline *p, enum msg_dir dir,
    const struct json_skim *skim, size_t len)
{
	struct decision d;
	struct verdict v;
	int code;

	pipeline_settle(p);
	p->begun_us = clock_us(CLOCK_MONOTONIC);
	v = fault_verdict(JSON_TOO_LONG, &code);
	p->skim = *skim;
	p->gone = true;
	decide_unread(p, dir, &v, code, (struct slice){ NULL, 0 }, len, &d);
	p->gone = false;
	finish_unread(p, &d, slice_of("(too long)"));
}

void
pipeline_fragment(struct pipeline *p, enum msg_dir dir, struct slice rest)
{
	struct json_limits limits = policy_limits(p->policy, dir == DIR_SERVER);
	struct error err = { "" };
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
	json_skim_init(&p->skim); /* nobody waits for half a message */
	p->gone = true;
	decide_unread(p, dir, &v, code, rest, rest.len, &d);
	p->gone = false;
	d.outcome = OUTCOME_DROP;
	finish_unread(p, &d, rest);
}

static void
single(struct pipeline *p, enum msg_dir dir, struct slice line)
{
	struct batch *b = NULL;
	struct decision d;
	bool goes_on;

	decide(p, dir, JSON_ROOT, line, &d);
	goes_on = d.outcome == OUTCOME_PASS || d.outcome == OUTCOME_REWRITE;
	show_banner(&d, line);
	if (d.outcome == OUTCOME_REFUSE)
		answer(p, &d, NULL);
	/* An answer to a member of a batch waits for the others. */
	if (goes_on && d.entry != NULL && d.msg.kind != MSG_REQUEST &&
	    d.msg.kind != MSG_NOTIFICATION)
		b = d.entry->batch;
	remember(p, &d);
	if (goes_on) {
		/* The last: a large line is moved out of its buffer. */
		if (!pipeline_watches(p))
			json_lines(&p->edits, &p->doc);
		forward(p, dir, line, b);
	}
	batch_finish(p);
	decision_release(&d);
}

void
pipeline_gather(struct pipeline *p)
{
	/* While the journal fails, each message is tried by itself. */
	p->defer = !p->audit_failing;
}

void
pipeline_settle(struct pipeline *p)
{
	hold_flush(p);
	p->defer = false;
}

/* A frame that is not held with others: what came before goes first. */
static void
alone(struct pipeline *p, enum msg_dir dir, struct slice line, bool readable)
{
	bool defer = p->defer;

	pipeline_settle(p);
	if (!readable)
		unread_line(p, dir, line);
	else if (json_is(&p->doc, JSON_ROOT, JSON_ARRAY))
		pipeline_batch(p, dir, line);
	else
		single(p, dir, line);
	p->defer = defer && !p->audit_failing;
}

void
pipeline_line(struct pipeline *p, enum msg_dir dir, struct slice line)
{
	struct json_limits limits = policy_limits(p->policy, dir == DIR_SERVER);
	struct error err = { "" };
	size_t blank = 0;
	bool readable;

	while (blank < line.len && strchr(" \t\r", line.at[blank]) != NULL &&
	       line.at[blank] != '\0')
		blank++;
	if (blank == line.len)
		return; /* an empty line says nothing */
	p->begun_us = clock_us(CLOCK_MONOTONIC);
	json_edits_clear(&p->edits);
	readable = json_read(&p->doc, line, &limits, &err) == 0;
	if (readable && dir == DIR_CLIENT && lister_holds(p, line)) {
		json_clear(&p->doc);
		return;
	}
	if (!readable || json_is(&p->doc, JSON_ROOT, JSON_ARRAY) ||
	    p->batches != NULL || line.len > HOLD_LINE)
		alone(p, dir, line, readable);
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
			.answers = true,
			.id = { e->id, e->id_len },
			.msg = { .kind = MSG_ERROR,
			    .method = e->method,
			    .tool = { e->tool, e->tool_len },
			    .id = JSON_NONE,
			    .dir = DIR_SERVER },
		};

		next = e->newer;
		if (e->cancelled || e->answered || e->own) {
			pending_remove(e);
			continue;
		}
		verdict_at(&d.verdict, "server.exit", NULL,
		    "the server has ended before it answered");
		p->begun_us = clock_us(CLOCK_MONOTONIC);
		(void)event_record(p, &d.msg, d.id, (struct slice){ NULL, 0 },
		    0, &d.verdict, "block", 0, d.event);
		answer(p, &d, NULL);
		batch_answered(e);
		pending_remove(e);
	}
	batch_finish(p);
}

void
pipeline_note(struct pipeline *p, const char *decision, const char *reason)
{
	const struct msg none = { .kind = MSG_UNREAD, .id = JSON_NONE };
	struct verdict v = { .action = ACTION_ALLOW, .stage = STAGE_SERVER };
	const struct slice empty = { NULL, 0 };

	verdict_at(&v, "session", NULL, reason);
	(void)event_record(p, &none, empty, empty, 0, &v, decision, 0, NULL);
}
