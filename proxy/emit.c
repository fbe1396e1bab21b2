/*
 * Carries a decision out: bytes that go on, answers that go back, and what is
 * remembered of them.
 */
#include "proxy/emit.h"

#include "policy/output.h"
#include "proxy/base/limits.h"
#include "proxy/batch.h"
#include "proxy/chan.h"
#include "proxy/decide.h"
#include "proxy/hold.h"
#include "proxy/pipeline.h"
#include "proxy/reply.h"

/* Bytes of work space that are kept from frame to frame. */
#define KEEP_BYTES 65536U

struct chan *
towards(struct pipeline *p, enum msg_dir dir)
{
	return dir == DIR_CLIENT ? p->up : p->down;
}

struct chan *
back_to(struct pipeline *p, enum msg_dir dir)
{
	return dir == DIR_CLIENT ? p->down : p->up;
}

/* Writes our answer to a refused message; false if it gets none. */
static bool
write_reply(struct pipeline *p, const struct decision *d, struct buf *dst)
{
	struct reply r = { .id = d->id,
		.code = d->code,
		.verdict = &d->verdict,
		.policy = p->policy->name,
		.event = d->event };
	/* Results of the newest revision say what they are. */
	bool modern =
	    d->msg.revision == REV_2026_07_28 ||
	    (d->answers && d->msg.kind == MSG_RESULT &&
		json_get(&p->doc, d->msg.result, "resultType") != JSON_NONE);

	if (d->msg.kind == MSG_NOTIFICATION)
		return false;
	/* What the server asks, and what its client answers, is refused in
	   the words that MCP has for it; both times the server is told. */
	if ((d->msg.dir == DIR_SERVER) == !d->answers)
		reply_server(dst, &r, d->msg.method->code);
	else if (d->msg.method->code == METHOD_TOOLS_CALL &&
		 ((d->msg.kind == MSG_REQUEST &&
		      d->verdict.stage != STAGE_FRAME &&
		      p->policy->deny_as == DENY_AS_RESULT) ||
		     (d->answers && strcmp(d->verdict.rule, RULE_OUTPUT) == 0)))
		reply_result(dst, &r, modern);
	else
		reply_error(dst, &r);
	return true;
}

void
answer(struct pipeline *p, const struct decision *d, struct batch *b)
{
	struct chan *to =
	    d->answers ? towards(p, d->msg.dir) : back_to(p, d->msg.dir);

	if (d->answers)
		b = d->entry != NULL ? d->entry->batch : NULL;
	p->replies.len = 0;
	if (!write_reply(p, d, &p->replies))
		return;
	if (b != NULL)
		batch_gather(p, b, buf_slice(&p->replies));
	else if (p->defer)
		hold_reply(p, to, buf_slice(&p->replies));
	else
		chan_queue(to, buf_slice(&p->replies), true);
}

/* A task goes on after its request was answered. */
static bool
is_task(const struct msg *msg)
{
	json_at type = json_get(msg->doc, msg->result, "resultType");

	return json_get(msg->doc, msg->result, "task") != JSON_NONE ||
	       (json_is(msg->doc, type, JSON_STRING) &&
		   json_equals(msg->doc, type, slice_of("task")));
}

/* What the server says of itself when it is initialized. */
static void
learn_server(struct pipeline *p, const struct msg *msg)
{
	json_at version = json_get(msg->doc, msg->result, "protocolVersion");
	struct buf scratch;

	p->track.has_tools =
	    json_get(msg->doc, json_get(msg->doc, msg->result, "capabilities"),
		"tools") != JSON_NONE;

	if (!json_is(msg->doc, version, JSON_STRING))
		return;
	buf_init(&scratch, json_raw(msg->doc, version).len);
	p->track.revision =
	    revision_find(json_text(msg->doc, version, &scratch));
	buf_release(&scratch);
}

/* What a message that was carried out changes in what we remember. */
void
remember(struct pipeline *p, struct decision *d)
{
	struct msg *msg = &d->msg;

	if (msg->kind == MSG_NOTIFICATION && d->outcome == OUTCOME_PASS) {
		if (msg->method->code == METHOD_CANCELLED && d->entry != NULL) {
			batch_answered(d->entry); /* nobody waits for it */
			d->entry->batch = NULL;
			pending_cancel(d->entry);
		}
		return;
	}
	if (d->entry == NULL || msg->kind == MSG_REQUEST)
		return;
	if (msg->kind == MSG_RESULT && msg->dir == DIR_SERVER &&
	    msg->method->code == METHOD_INITIALIZE)
		learn_server(p, msg);
	batch_answered(d->entry);
	if (msg->kind == MSG_RESULT && is_task(msg))
		pending_linger(d->entry);
	else
		pending_remove(d->entry);
	d->entry = NULL;
	msg->tool = (struct slice){ NULL, 0 }; /* it was the entry's */
}

void
forward(
    struct pipeline *p, enum msg_dir dir, struct slice line, struct batch *b)
{
	struct chan *out = towards(p, dir);
	struct slice came = line;

	if (p->edits.n > 0) {
		p->text.len = 0;
		buf_must(json_apply(&p->edits, p->doc.text, &p->text));
		line = buf_slice(&p->text);
	}
	if (b != NULL)
		batch_gather(p, b, line);
	else if (p->defer)
		hold_forward(p, dir, came, line, p->edits.n > 0);
	else if (p->edits.n > 0 || p->lister.held)
		chan_queue(out, line, false); /* no longer in its buffer */
	else
		chan_forward(out, line);
	buf_clear(&p->text, KEEP_BYTES);
}
