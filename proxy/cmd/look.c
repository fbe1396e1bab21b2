/*
 * What a session would do with one line: read, classified, judged by the same
 * code, with nothing in flight and nothing remembered.
 */
#include "proxy/cmd/look.h"

#include <unistd.h>

#include "policy/fault.h"
#include "policy/policy.h"
#include "policy/schema.h"
#include "policy/text.h"
#include "proxy/base/error.h"
#include "proxy/base/limits.h"

void
look_init(struct look *l, const struct policy *policy)
{
	*l = (struct look){ .policy = policy, .scan = scan_new(environ) };
	track_init(&l->track);
	json_init(&l->doc);
	json_edits_init(&l->edits);
	buf_init(&l->text, 4 * LIMIT_FRAME_BYTES_MAX);
}

void
look_release(struct look *l)
{
	buf_release(&l->text);
	json_edits_release(&l->edits);
	json_release(&l->doc);
	track_release(&l->track);
	scan_free(l->scan);
}

static void
judge_message(struct look *l, enum msg_dir dir, const struct method *asked)
{
	struct check_env env = { .policy = l->policy,
		.edits = &l->edits,
		.scan = l->scan,
		.track = &l->track };
	struct error err = { "" };
	struct msg msg;

	if (msg_parse(&msg, dir, &l->doc, JSON_ROOT, &err) == -1) {
		l->verdict = fault_envelope(&err);
		l->code = stage_code(STAGE_FRAME);
	} else {
		if (asked != NULL)
			msg.method = asked;
		l->verdict = policy_judge(&env, &msg);
		l->code = stage_code(l->verdict.stage);
	}
	msg_release(&msg);
}

static void
look_frame(struct look *l, enum msg_dir dir, struct slice line,
    const struct method *asked)
{
	struct json_limits limits = policy_limits(l->policy, dir == DIR_SERVER);
	struct error err = { "" };

	json_edits_clear(&l->edits);
	l->text.len = 0;
	l->rewritten = false;
	if (json_read(&l->doc, line, &limits, &err) == -1) {
		l->verdict = fault_verdict(l->doc.fault, &l->code);
		return;
	}
	if (json_is(&l->doc, JSON_ROOT, JSON_ARRAY)) {
		l->verdict = (struct verdict){ .stage = STAGE_FRAME };
		verdict_at(&l->verdict, "frame.batch", NULL,
		    "batches exist in revision 2025-03-26 alone");
		l->code = stage_code(STAGE_FRAME);
		return;
	}
	judge_message(l, dir, asked);
	if (l->verdict.action == ACTION_DENY)
		return;
	json_lines(&l->edits, &l->doc);
	l->rewritten = l->edits.n > 0;
	if (l->rewritten) {
		buf_must(json_apply(&l->edits, l->doc.text, &l->text));
	}
}

void
look_line(struct look *l, enum msg_dir dir, struct slice line)
{
	look_frame(l, dir, line, NULL);
}

void
look_result(
    struct look *l, const char *method, struct slice result, struct buf *dst)
{
	dst->len = 0;
	buf_must(buf_add_str(dst, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":"));
	buf_must(buf_add_slice(dst, result));
	buf_must(buf_add_byte(dst, '}'));
	look_frame(
	    l, DIR_SERVER, buf_slice(dst), method_find(slice_of(method)));
}

void
look_schema(struct look *l, struct slice text)
{
	struct json_limits limits = policy_limits(l->policy, true);
	struct error err = { "" };
	struct schema *schema = NULL;

	json_edits_clear(&l->edits);
	l->text.len = 0;
	l->rewritten = false;
	l->verdict = (struct verdict){ .action = ACTION_ALLOW };
	if (json_read(&l->doc, text, &limits, &err) == -1) {
		l->verdict = fault_verdict(l->doc.fault, &l->code);
		return;
	}
	if (schema_new(&l->doc, JSON_ROOT, &schema, &err) == -1) {
		l->verdict = (struct verdict){ .stage = STAGE_SCHEMA };
		verdict_at(&l->verdict, "arguments.schema", NULL, err.msg);
		l->code = stage_code(STAGE_SCHEMA);
	}
	schema_free(schema);
}

void
look_request(
    struct look *l, const char *method, struct slice params, struct buf *dst)
{

	dst->len = 0;
	buf_must(buf_addf(dst,
	    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":",
	    method));
	buf_must(buf_add_slice(dst, params));
	buf_must(buf_add_byte(dst, '}'));
	look_line(l, DIR_CLIENT, buf_slice(dst));
}

void
look_member(struct buf *dst, const char *separator, const char *name,
    struct slice value)
{
	buf_must(buf_addf(dst, "%s\"%s\":", separator, name));
	buf_must(json_quote(dst, value));
}

void
look_verdict(struct buf *dst, const struct look *l)
{
	const struct verdict *v = &l->verdict;

	look_member(dst, ",", "decision",
	    slice_of(v->action == ACTION_DENY ? "block"
		     : l->rewritten           ? "redact"
					      : "allow"));
	look_member(dst, ",", "stage", slice_of(stage_name(v->stage)));
	look_member(dst, ",", "rule", slice_of(v->rule));
	look_member(dst, ",", "reason", slice_of(v->reason));
	if (l->rewritten)
		look_member(dst, ",", "text", buf_slice(&l->text));
}
