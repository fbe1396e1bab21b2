#ifndef UNIT_JUDGE_H
#define UNIT_JUDGE_H

/*
 * What the tests of the checks share: one message, judged by one policy.
 */
#include <stdio.h>

#include "policy/check.h"
#include "policy/msg.h"
#include "policy/policy.h"
#include "policy/text.h"
#include "policy/track.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

/* In all texts of theirs an apostrophe stands for a quotation mark. */
#define V1 "version: 1\n"
#define REQ(method, params)                                                    \
	"{'jsonrpc':'2.0','id':1,'method':'" method "','params':" params "}"
#define CALL(tool, args)                                                       \
	REQ("tools/call", "{'name':" tool ",'arguments':" args "}")
#define OK(result) "{'jsonrpc':'2.0','id':1,'result':" result "}"

static const struct json_limits limits = { 1 << 20, 64, 1 << 16, true };

struct check_case {
	const char *label, *yaml;
	enum msg_dir dir;
	const char *asked; /* the method that a result answers, or NULL */
	const char *text;
	const char *want; /* "action stage rule line" */
	const char *after; /* what it is rewritten to; NULL: nothing is */
};

/* Apostrophes become quotation marks; owned. */
static inline char *
quotes(const char *text)
{
	char *copy = xstrdup(text);

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return copy;
}

static inline struct policy *
load(const char *yaml)
{
	struct error err = { "" };
	struct policy *p = NULL;

	ck_assert_msg(policy_load_text("test", "test.yaml", yaml, strlen(yaml),
			  &p, &err) == 0,
	    "%s", err.msg);
	return p;
}

/* The rewritten text, or NULL; owned. */
static inline char *
rewritten(struct json_edits *edits, const struct json *doc)
{
	struct buf out;
	char *text = NULL;

	buf_init(&out, 1 << 20);
	if (edits->n > 0) {
		ck_assert_int_eq(json_apply(edits, doc->text, &out), 0);
		text = xmemdup0(out.at, out.len);
	}
	buf_release(&out);
	return text;
}

static inline void
run(const struct check_case *c)
{
	char *text = quotes(c->text), got[512], *after;
	char *want_after = c->after != NULL ? quotes(c->after) : NULL;
	struct policy *p = load(c->yaml);
	struct error err = { "" };
	struct json_edits edits;
	struct verdict v;
	struct json doc;
	struct msg msg;
	struct scan *scan = scan_new(NULL);
	struct track track;

	track_init(&track);
	json_init(&doc);
	json_edits_init(&edits);
	ck_assert_int_eq(json_read(&doc, slice_of(text), &limits, &err), 0);
	ck_assert_msg(msg_parse(&msg, c->dir, &doc, JSON_ROOT, &err) == 0,
	    "%s: %s", c->label, err.msg);
	if (c->asked != NULL)
		msg.method = method_find(slice_of(c->asked));
	v = policy_judge(
	    &(struct check_env){
		.policy = p, .edits = &edits, .scan = scan, .track = &track },
	    &msg);
	(void)snprintf(got, sizeof(got), "%s %s %s %u", action_name(v.action),
	    stage_name(v.stage), v.rule, v.line);
	ck_assert_msg(strcmp(got, c->want) == 0, "%s: got '%s', not '%s'",
	    c->label, got, c->want);
	ck_assert_int_eq(v.action == ACTION_DENY,
	    stage_code(v.stage) != 0 && v.action == ACTION_DENY);
	ck_assert(v.action == ACTION_ALLOW || v.reason[0] != '\0');
	after = rewritten(&edits, &doc);
	ck_assert_msg((after == NULL) == (want_after == NULL) &&
			  (after == NULL || strcmp(after, want_after) == 0),
	    "%s: rewritten to %s", c->label, after);
	free(after);
	free(want_after);
	msg_release(&msg);
	json_edits_release(&edits);
	json_release(&doc);
	policy_free(p);
	track_release(&track);
	scan_free(scan);
	free(text);
}

#endif
