/*
 * Decides on one message: what it answers or cancels, whether the policy
 * objects, and that the decision is on record before anything is done.
 */
#include "proxy/decide.h"

#include <stdio.h>

#include "audit/journal.h"
#include "policy/fault.h"
#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/desk.h"
#include "proxy/diag.h"
#include "proxy/event.h"
#include "proxy/hold.h"
#include "proxy/pipeline.h"

static const char *const outcome_names[][2] = {
	/* as enforced, as watched */
	[OUTCOME_PASS] = { "allow", "allow" },
	[OUTCOME_REWRITE] = { "redact", "would-redact" },
	[OUTCOME_REFUSE] = { "block", "would-block" },
	[OUTCOME_DROP] = { "drop", "would-drop" },
};

/* The same for a person to read. */
static const char *const outcome_words[][2] = {
	[OUTCOME_PASS] = { "passed", "passed" },
	[OUTCOME_REWRITE] = { "changed", "would have changed" },
	[OUTCOME_REFUSE] = { "refused", "would have refused" },
	[OUTCOME_DROP] = { "dropped", "would have dropped" },
};

bool
pipeline_watches(const struct pipeline *p)
{
	return p->monitor || p->policy->mode == MODE_MONITOR;
}

/* Fills in a refusal that is not the policy's. */
static void
refuse(struct decision *d, enum outcome outcome, const char *rule,
    const char *reason)
{
	d->outcome = outcome;
	d->verdict =
	    (struct verdict){ .action = ACTION_DENY, .stage = STAGE_FRAME };
	verdict_at(&d->verdict, rule, NULL, reason);
	d->code = stage_code(STAGE_FRAME);
}

/* The table of a side's requests in flight. */
static struct pending *
asked_by(struct pipeline *p, enum msg_dir dir)
{
	return dir == DIR_CLIENT ? &p->by_client : &p->by_server;
}

static enum msg_dir
other(enum msg_dir dir)
{
	return dir == DIR_CLIENT ? DIR_SERVER : DIR_CLIENT;
}

/* Finds the request that an answer belongs to. */
static void
relate_answer(struct pipeline *p, struct decision *d)
{
	struct msg *msg = &d->msg;

	d->entry =
	    pending_find(asked_by(p, other(msg->dir)), msg->doc, msg->id);
	if (d->entry == NULL) {
		refuse(d, OUTCOME_DROP, "frame.unasked",
		    "an answer to nothing that was asked");
		return;
	}
	d->answers = true;
	msg->method = d->entry->method;
	msg->first_page = d->entry->first_page;
	msg->tool = (struct slice){ d->entry->tool, d->entry->tool_len };
}

static void
relate_cancel(struct pipeline *p, struct decision *d)
{
	struct msg *msg = &d->msg;
	json_at id = json_get(msg->doc, msg->params, "requestId");

	if (!json_is(msg->doc, id, JSON_STRING) &&
	    !json_is(msg->doc, id, JSON_NUMBER))
		return; /* of a task, or of nothing */
	d->entry = pending_find(asked_by(p, msg->dir), msg->doc, id);
	/* A server ends a stream that its client listens to in this way. */
	if (d->entry == NULL && msg->dir == DIR_SERVER &&
	    (d->entry = pending_find(&p->by_client, msg->doc, id)) != NULL &&
	    d->entry->method->code != METHOD_LISTEN)
		d->entry = NULL;
	if (d->entry == NULL)
		refuse(d, OUTCOME_DROP, "frame.unasked",
		    "it cancels nothing that is in flight");
}

/*
 * What becomes of a message that could not be read, as far as p->skim can tell
 * what it was to be.  Who waits for it, or for an answer to it, is told; a
 * print of the server's is dropped.
 */
static void
relate_unread(struct pipeline *p, struct decision *d)
{
	bool from_server = d->msg.dir == DIR_SERVER, has_id;
	bool asks = p->skim.nmethod > 0;
	bool answers = !asks && p->skim.nresult > 0;
	struct slice id = { NULL, 0 };

	has_id = json_skim_id(&p->skim, &id);
	d->outcome = OUTCOME_DROP;
	if (answers && has_id) {
		d->entry = pending_find_raw(asked_by(p, other(d->msg.dir)), id);
		if (d->entry == NULL)
			return;
		d->answers = true;
		d->id = id;
		d->msg.method = d->entry->method;
	} else if (from_server) {
		/* What is no JSON at all asks nothing. */
		if (!asks || !has_id || d->code == RPC_PARSE_ERROR)
			return;
		d->id = id;
	} else if (answers ||
		   (asks && p->skim.nid == 0 && d->code != RPC_PARSE_ERROR)) {
		return; /* a notification, or an answer to nobody */
	} else if (has_id && d->code != RPC_PARSE_ERROR &&
		   pending_find_raw(&p->by_client, id) == NULL) {
		d->id = id; /* else it would answer another request */
	}
	d->outcome = OUTCOME_REFUSE;
}

/* Holds a message against what is in flight; sets outcome if it can't be. */
static void
relate(struct pipeline *p, struct decision *d)
{
	struct msg *msg = &d->msg;
	struct pending_entry *same;

	switch (msg->kind) {
	case MSG_REQUEST:
		same = pending_find(asked_by(p, msg->dir), msg->doc, msg->id);
		if (same != NULL && !same->cancelled)
			refuse(d, OUTCOME_REFUSE, "frame.id",
			    "a request with this id is in flight");
		break;
	case MSG_RESULT:
	case MSG_ERROR:
		relate_answer(p, d);
		break;
	case MSG_NOTIFICATION:
		if (msg->method->code == METHOD_CANCELLED)
			relate_cancel(p, d);
		else if (msg->method->code == METHOD_PROGRESS &&
			 pending_token(asked_by(p, other(msg->dir)), msg->doc,
			     json_get(msg->doc, msg->params,
				 "progressToken")) == NULL)
			refuse(d, OUTCOME_DROP, "frame.progress",
			    "progress of nothing that is in flight");
		break;
	case MSG_UNREAD:
	case MSG_BATCH:
		break;
	}
}

static void
judge(struct pipeline *p, struct decision *d)
{
	struct check_env env = { .policy = p->policy,
		.edits = &p->edits,
		.scan = p->scan,
		.track = &p->track,
		.pinner = p->desk != NULL ? &p->desk->pinner : NULL };
	size_t before = p->edits.n;

	d->verdict = policy_judge(&env, &d->msg);
	if (d->verdict.action == ACTION_DENY) {
		d->outcome = OUTCOME_REFUSE;
		d->code = stage_code(d->verdict.stage);
	} else if (p->edits.n > before) {
		d->outcome = OUTCOME_REWRITE;
	}
}

/* Puts a request that goes on among those in flight. */
static void
enlist(struct pipeline *p, struct decision *d)
{
	enum pending_fault fault;

	fault = pending_add(asked_by(p, d->msg.dir), &d->msg, &d->entry);
	if (fault == PENDING_FULL)
		refuse(d, OUTCOME_REFUSE, "frame.id",
		    "too many requests are in flight");
}

static void
withdraw(struct decision *d)
{
	if (d->msg.kind == MSG_REQUEST && d->entry != NULL) {
		pending_remove(d->entry);
		d->entry = NULL;
	}
}

/* One line for what does not pass: what it was, why, and who says so. */
static void
tell(const struct pipeline *p, const struct decision *d, bool watch)
{
	const struct verdict *v = &d->verdict;
	struct slice name = d->msg.method_name.len > 0
				? d->msg.method_name
				: slice_of(d->msg.method->name);
	char method[128], tool[128], where[RULE_MAX] = "";

	if (d->outcome == OUTCOME_PASS || d->outcome == OUTCOME_REWRITE ||
	    (d->msg.kind == MSG_UNREAD && d->msg.dir == DIR_SERVER))
		return;
	if (v->file != NULL)
		(void)snprintf(
		    where, sizeof(where), ", %s:%u", v->file, v->line);
	diag_info("%s %s%s%s%s%s%s from the %s: %s (%s: %s%s) [%s]",
	    outcome_words[d->outcome][watch], msg_kind_name(d->msg.kind),
	    name.len > 0 ? " " : "", quote(method, sizeof(method), name),
	    d->msg.tool.len > 0 ? " '" : "",
	    quote(tool, sizeof(tool), d->msg.tool),
	    d->msg.tool.len > 0 ? "'" : "",
	    d->msg.dir == DIR_CLIENT ? "client" : "server", v->reason,
	    p->policy->name, v->rule, where, d->event);
}

void
unrecorded(struct decision *d)
{
	if (d->outcome != OUTCOME_DROP)
		d->outcome = d->msg.kind == MSG_NOTIFICATION ? OUTCOME_DROP
							     : OUTCOME_REFUSE;
	d->verdict =
	    (struct verdict){ .action = ACTION_DENY, .stage = STAGE_AUDIT };
	verdict_at(&d->verdict, "audit.on_failure", NULL,
	    "the decision could not be recorded");
	d->code = stage_code(STAGE_AUDIT);
}

/* Writes the row, and takes the decision back if that fails. */
static void
settle(struct pipeline *p, struct decision *d, struct slice raw, size_t len,
    size_t edits_before)
{
	/* What is not there any more cannot pass, whoever watches. */
	bool watch = pipeline_watches(p) && !p->gone;
	bool passes =
	    d->outcome == OUTCOME_PASS || d->outcome == OUTCOME_REWRITE;
	const char *name = outcome_names[d->outcome][watch];

	if (d->outcome == OUTCOME_PASS && d->verdict.action == ACTION_FLAG)
		name = "flag";
	if (event_record(p, &d->msg, d->id, raw, len, &d->verdict, name,
		(uint32_t)(clock_us(CLOCK_MONOTONIC) - p->begun_us),
		passes ? NULL : d->event) == -1) {
		(void)snprintf(
		    d->event, EVENT_MAX, "%s-0", journal_session(p->journal));
		unrecorded(d);
	} else {
		tell(p, d, watch);
		if (watch)
			d->outcome = OUTCOME_PASS;
	}
	if (d->outcome != OUTCOME_PASS && d->outcome != OUTCOME_REWRITE)
		withdraw(d);
	if (d->outcome != OUTCOME_REWRITE)
		p->edits.n = edits_before;
}

/* The edge behind which a message is known to be one. */
static int
read_message(struct pipeline *p, enum msg_dir dir, json_at root,
    struct slice raw, struct decision *d)
{
	struct error err = { "" };
	int rc = msg_parse(&d->msg, dir, &p->doc, root, &err);

	if (rc == 0 && p->in_batch &&
	    d->msg.method->code == METHOD_INITIALIZE) {
		error_set(&err, "initialize in a batch");
		d->msg.kind = MSG_UNREAD;
		rc = -1;
	}
	if (rc == 0) {
		if (d->msg.id != JSON_NONE)
			d->id = json_raw(&p->doc, d->msg.id);
		return 0;
	}
	d->verdict = fault_envelope(&err);
	d->code = stage_code(STAGE_FRAME);
	json_skim_init(&p->skim);
	json_skim_feed(&p->skim, raw);
	relate_unread(p, d);
	return -1;
}

void
decide(struct pipeline *p, enum msg_dir dir, json_at root, struct slice raw,
    struct decision *ret)
{
	size_t edits_before;
	struct decision *d = ret;

	/* Now, for what this decision points to must not go away under it. */
	if (p->defer && journal_full(p->journal))
		hold_flush(p);
	edits_before = p->edits.n;
	*d = (struct decision){ .outcome = OUTCOME_PASS };
	if (read_message(p, dir, root, raw, d) == 0) {
		relate(p, d);
		if (d->outcome == OUTCOME_PASS)
			judge(p, d);
		if (d->msg.kind == MSG_REQUEST &&
		    (d->outcome == OUTCOME_PASS ||
			d->outcome == OUTCOME_REWRITE || pipeline_watches(p)))
			enlist(p, d);
	}
	settle(p, d, raw, raw.len, edits_before);
	lister_take(p, d);
}

void
decide_unread(struct pipeline *p, enum msg_dir dir, const struct verdict *v,
    int code, struct slice raw, size_t len, struct decision *ret)
{
	*ret = (struct decision){
		.verdict = *v,
		.code = code,
		.msg = { .dir = dir,
		    .kind = MSG_UNREAD,
		    .id = JSON_NONE,
		    .method = method_find((struct slice){ NULL, 0 }) },
	};
	relate_unread(p, ret);
	settle(p, ret, raw, len, p->edits.n);
	lister_take(p, ret);
}

void
decision_release(struct decision *d)
{
	msg_release(&d->msg);
}
