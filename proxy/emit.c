/*
 * Carries a decision out: bytes that go on, answers that go back, and what is
 * remembered of them.
 */
#include "proxy/emit.h"

#include <assert.h>

#include "proxy/base/limits.h"
#include "proxy/batch.h"
#include "proxy/chan.h"
#include "proxy/decide.h"
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

/* Writes our answer to a refused message into dst; false if it gets none. */
bool
write_reply(struct pipeline *p, const struct decision *d, struct slice id,
    struct buf *dst)
{
	struct reply r = { .id = id, .code = d->code, .verdict = &d->verdict,
		.policy = p->policy->name, .event = d->event };
	bool modern = d->msg.revision == REV_2026_07_28;

	if (d->msg.kind == MSG_NOTIFICATION)
		return false;
	if (d->msg.kind == MSG_REQUEST && d->msg.dir == DIR_SERVER) {
		reply_server(dst, &r, d->msg.method->code);
		return true;
	}
	/* The client's answer does not pass: its asker gets a refusal. */
	if (d->entry != NULL && d->msg.dir == DIR_CLIENT) {
		reply_server(dst, &r, d->msg.method->code);
		return true;
	}
	/* The server's does not: that is no fault of the request. */
	if (d->entry != NULL && d->verdict.stage == STAGE_FRAME)
		r.code = stage_code(STAGE_RESPONSE);
	if (d->msg.kind == MSG_REQUEST && d->verdict.stage != STAGE_FRAME &&
	    d->msg.method->code == METHOD_TOOLS_CALL &&
	    p->policy->deny_as == DENY_AS_RESULT)
		reply_result(dst, &r, modern);
	else
		reply_error(dst, &r);
	return true;
}

/* Where our answer goes: back, or on, where an answer itself was refused. */
struct chan *
reply_to(struct pipeline *p, const struct decision *d)
{
	bool answers = d->msg.kind == MSG_RESULT || d->msg.kind == MSG_ERROR;

	return answers || (d->msg.kind == MSG_UNREAD && d->entry != NULL)
	    ? towards(p, d->msg.dir)
	    : back_to(p, d->msg.dir);
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

static void
learn_revision(struct pipeline *p, const struct msg *msg)
{
	json_at version = json_get(msg->doc, msg->result, "protocolVersion");
	struct buf scratch;

	if (!json_is(msg->doc, version, JSON_STRING))
		return;
	buf_init(&scratch, json_raw(msg->doc, version).len);
	p->track.revision =
	    revision_find(json_string(msg->doc, version, &scratch));
	buf_release(&scratch);
}

/* What a message that was carried out changes in what we remember. */
void
remember(struct pipeline *p, struct decision *d)
{
	struct msg *msg = &d->msg;

	if (msg->kind == MSG_NOTIFICATION && d->outcome == OUTCOME_PASS) {
		if (msg->method->code == METHOD_TOOLS_CHANGED &&
		    msg->dir == DIR_SERVER)
			track_changed(&p->track);
		if (msg->method->code == METHOD_CANCELLED && d->entry != NULL)
			pending_cancel(d->entry);
		return;
	}
	if (d->entry == NULL || msg->kind == MSG_REQUEST)
		return;
	if (msg->kind == MSG_RESULT && msg->dir == DIR_SERVER &&
	    msg->method->code == METHOD_INITIALIZE)
		learn_revision(p, msg);
	batch_answered(d->entry);
	if (msg->kind == MSG_RESULT && is_task(msg))
		pending_linger(d->entry);
	else
		pending_remove(d->entry);
	d->entry = NULL;
	msg->tool = (struct slice){ NULL, 0 }; /* it was the entry's */
}

void
forward(struct pipeline *p, enum msg_dir dir, struct slice line)
{
	struct chan *out = towards(p, dir);
	int rc;

	if (p->edits.n == 0) {
		chan_forward(out, line);
		return;
	}
	p->text.len = 0;
	rc = json_apply(&p->edits, p->doc.text, &p->text);
	assert(rc == 0);
	(void)rc;
	chan_queue(out, buf_slice(&p->text), false);
	buf_clear(&p->text, KEEP_BYTES);
}
