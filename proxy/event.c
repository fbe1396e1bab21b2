/*
 * Rows of the audit log, as the pipeline makes them.
 */
#include "proxy/event.h"

#include <inttypes.h>
#include <stdio.h>

#include "audit/journal.h"
#include "policy/redact.h"
#include "proxy/base/error.h"
#include "proxy/base/limits.h"
#include "proxy/diag.h"
#include "proxy/pipeline.h"

int64_t
clock_us(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static struct slice
direction_of(const struct msg *msg)
{
	return slice_of(msg->dir == DIR_CLIENT   ? "client"
			: msg->dir == DIR_SERVER ? "server"
						 : "proxy");
}

/* What the policy wants to be kept of a message. */
static void
fill_payload(struct pipeline *p, const struct msg *msg, struct slice raw,
    size_t len, struct audit_record *rec)
{
	enum policy_payload how = p->policy->audit.payload;

	rec->payload_len = len;
	if (how != PAYLOAD_NONE)
		journal_hash(raw, rec->payload_hash);
	if (how == PAYLOAD_FULL) {
		rec->payload = raw;
		rec->payload_kept = true;
	} else if (how == PAYLOAD_REDACTED && msg->doc != NULL) {
		p->payload.len = 0;
		redactor_apply(p->redactor, msg->doc, msg->root, LIMIT_PAYLOAD,
		    &p->payload);
		rec->payload = buf_slice(&p->payload);
		rec->payload_kept = true;
	}
}

static void
fill_reason(
    const struct verdict *v, char *buf, size_t size, struct audit_record *rec)
{
	if (v->stage == STAGE_NONE)
		return;
	rec->stage = slice_of(stage_name(v->stage));
	rec->rule = slice_of(v->rule);
	if (v->file != NULL) {
		(void)snprintf(buf, size, "%s%s%s:%u", v->reason,
		    v->reason[0] != '\0' ? "; " : "", v->file, v->line);
		rec->reason = slice_of(buf);
	} else {
		rec->reason = slice_of(v->reason);
	}
}

int
event_failed(struct pipeline *p, const struct error *err)
{
	bool deny = p->policy->audit.on_failure == FAILURE_DENY;

	if (!p->audit_failing)
		diag("%s; %s", err->msg,
		    deny ? "nothing passes until it can be recorded"
			 : "passing messages without a record");
	p->audit_failing = true;
	return deny ? -1 : 0;
}

int
event_record(struct pipeline *p, const struct msg *msg, struct slice id,
    struct slice raw, size_t len, const struct verdict *v, const char *decision,
    uint32_t judged_us, char *event)
{
	char reason[LIMIT_AUDIT_TEXT];
	struct error err = { "" };
	struct audit_record rec = {
		.when_us = clock_us(CLOCK_REALTIME),
		.policy = { p->policy->digest, 64 },
		.direction = direction_of(msg),
		.kind = slice_of(
		    msg->dir == 0 ? "session" : msg_kind_name(msg->kind)),
		.method = msg->method_name.len > 0
			      ? msg->method_name
			      : slice_of(msg->method != NULL ? msg->method->name
							     : ""),
		.tool = msg->tool,
		.id = id,
		.decision = slice_of(decision),
		.judged_us = judged_us,
	};

	fill_reason(v, reason, sizeof(reason), &rec);
	fill_payload(p, msg, raw, len, &rec);
	if (event != NULL)
		(void)snprintf(event, EVENT_MAX, "%s-%" PRIu64,
		    journal_session(p->journal), journal_next(p->journal));
	if ((p->defer ? journal_add(p->journal, &rec, &err)
		      : journal_append(p->journal, &rec, &err)) == 0) {
		p->rows++;
		p->audit_failing = p->audit_failing && p->defer;
		return 0;
	}
	if (event != NULL)
		(void)snprintf(
		    event, EVENT_MAX, "%s-0", journal_session(p->journal));
	return event_failed(p, &err);
}
