/*
 * A policy proves itself before the first frame: what it names as refused is
 * refused, and what nothing refuses passes.  The frames are judged by the same
 * code, from bytes on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "policy/check.h"
#include "policy/glob.h"
#include "policy/msg.h"
#include "policy/policy.h"
#include "policy/text.h"
#include "policy/track.h"
#include "proxy/base/error.h"
#include "proxy/base/json.h"
#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"

/* A tool that no list names, unless by "*". */
#define NO_SUCH_TOOL "mcpshield-self-test/none"

struct selftest {
	const struct policy *policy;
	struct json doc;
	struct json_edits edits;
	struct buf text;
	struct scan *scan;
	struct track track;
};

/* Judges the request in t->text; true if it passes. */
static bool
passes(struct selftest *t, struct verdict *ret)
{
	struct json_limits limits = policy_limits(t->policy, false);
	struct check_env env = { .policy = t->policy,
		.edits = &t->edits,
		.scan = t->scan,
		.track = &t->track };
	struct msg msg;
	bool ok = false;

	*ret = (struct verdict){ .stage = STAGE_FRAME };
	if (json_read(&t->doc, buf_slice(&t->text), &limits, NULL) == -1)
		return false;
	if (msg_parse(&msg, DIR_CLIENT, &t->doc, JSON_ROOT, NULL) == 0) {
		json_edits_clear(&t->edits);
		*ret = policy_judge(&env, &msg);
		ok = ret->action != ACTION_DENY;
	}
	msg_release(&msg);
	return ok;
}

static bool
call_passes(
    struct selftest *t, const char *tool, const char *text, struct verdict *ret)
{
	buf_clear(&t->text, LIMIT_AUDIT_TEXT);
	if (buf_add_str(&t->text,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
		"\"tools/call\",\"params\":{\"name\":") == -1 ||
	    json_quote(&t->text, slice_of(tool)) == -1 ||
	    buf_add_str(&t->text, ",\"arguments\":{\"text\":") == -1 ||
	    json_quote(&t->text, slice_of(text)) == -1 ||
	    buf_add_str(&t->text, "}}}") == -1)
		return false;
	return passes(t, ret);
}

static bool
method_passes(struct selftest *t, const char *method, struct verdict *ret)
{
	buf_clear(&t->text, LIMIT_AUDIT_TEXT);
	if (buf_add_str(
		&t->text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":") == -1 ||
	    json_quote(&t->text, slice_of(method)) == -1 ||
	    buf_add_str(&t->text, "}") == -1)
		return false;
	return passes(t, ret);
}

/* A name that a glob matches: each wildcard becomes one letter. */
static char *
example_of(const char *glob)
{
	char *name = xstrdup(glob);

	for (char *p = name; *p != '\0'; p++)
		if (*p == '*' || *p == '?')
			*p = 'x';
	return name;
}

static int
wrong(struct error *err, const struct policy_text *item, const char *key)
{
	return error_set(err,
	    "%s:%u:%u: self-test: '%s' does not refuse what "
	    "it names",
	    item->at.file, item->at.line, item->at.column, key);
}

static int
refuses_tools(struct selftest *t, struct error *err)
{
	const struct policy *p = t->policy;
	struct verdict v;

	if (p->tools.allow.set &&
	    glob_find(&p->tools.allow, slice_of(NO_SUCH_TOOL)) < 0 &&
	    call_passes(t, NO_SUCH_TOOL, "", &v))
		return error_set(err,
		    "%s:%u:%u: self-test: 'tools.allow' lets a tool through "
		    "that it does not name",
		    p->tools.allow.at.file, p->tools.allow.at.line,
		    p->tools.allow.at.column);
	for (size_t i = 0; i < p->tools.deny.n; i++) {
		char *name = example_of(p->tools.deny.v[i].text);
		bool passed = call_passes(t, name, "", &v);

		free(name);
		if (passed)
			return wrong(err, &p->tools.deny.v[i], "tools.deny");
	}
	for (size_t i = 0; i < p->tools.deny_parts.n; i++)
		if (call_passes(t, p->tools.deny_parts.v[i].text, "", &v))
			return wrong(err, &p->tools.deny_parts.v[i],
			    "blocked_tool_patterns");
	return 0;
}

/* A rule that allows ends the checks of strings, so the call names no tool
   that one could name. */
static int
refuses_texts(struct selftest *t, struct error *err)
{
	const struct policy *p = t->policy;
	struct verdict v;

	for (size_t i = 0; i < p->arguments.patterns.n; i++) {
		buf_clear(&t->text, LIMIT_AUDIT_TEXT);
		if (buf_add_str(&t->text,
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
			"\"x/self-test\",\"params\":{\"text\":") == -1 ||
		    json_quote(&t->text,
			slice_of(p->arguments.patterns.v[i].text)) == -1 ||
		    buf_add_str(&t->text, "}}") == -1 || passes(t, &v))
			return wrong(err, &p->arguments.patterns.v[i],
			    "arguments.patterns");
	}
	for (size_t i = 0; i < p->methods_deny.n; i++) {
		char *name = example_of(p->methods_deny.v[i].text);
		bool passed = method_passes(t, name, &v) &&
			      !method_find(slice_of(name))->always;

		free(name);
		if (passed)
			return wrong(
			    err, &p->methods_deny.v[i], "methods.deny");
	}
	return 0;
}

static int
allows(struct selftest *t, struct error *err)
{
	const struct policy *p = t->policy;
	struct verdict v;

	if (!method_passes(t, "initialize", &v))
		return error_set(
		    err, "%s: self-test: 'initialize' is refused", p->path);
	if (!p->tools.allow.set || p->tools.allow.n == 0)
		return 0;
	for (size_t i = 0; i < p->tools.allow.n; i++) {
		char *name = example_of(p->tools.allow.v[i].text);
		bool passed = call_passes(t, name, "self-test", &v);

		free(name);
		if (passed || v.stage != STAGE_NAMESPACE ||
		    strcmp(v.rule, "tools.allow") != 0)
			continue;
		return error_set(err,
		    "%s:%u:%u: self-test: 'tools.allow' refuses a tool that it "
		    "names",
		    p->tools.allow.v[i].at.file, p->tools.allow.v[i].at.line,
		    p->tools.allow.v[i].at.column);
	}
	return 0;
}

/* Whatever the policy says, a frame that is read in two ways is refused. */
static int
refuses_frames(struct selftest *t, struct error *err)
{
	struct verdict v;

	buf_clear(&t->text, LIMIT_AUDIT_TEXT);
	if (buf_add_str(&t->text,
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\","
		"\"m\\u0065thod\":\"tools/call\"}") == -1 ||
	    passes(t, &v))
		return error_set(err,
		    "%s: self-test: a frame with two methods is not refused",
		    t->policy->path);
	return 0;
}

int
policy_selftest(const struct policy *p, struct scan *scan, struct error *err)
{
	struct scan *own = scan == NULL ? scan_new(NULL) : NULL;
	struct selftest t = { .policy = p, .scan = scan != NULL ? scan : own };
	int rc;

	track_init(&t.track);
	json_init(&t.doc);
	json_edits_init(&t.edits);
	buf_init(&t.text, LIMIT_FRAME_BYTES);
	rc = refuses_frames(&t, err) == -1 || refuses_tools(&t, err) == -1 ||
		     refuses_texts(&t, err) == -1 || allows(&t, err) == -1
		 ? -1
		 : 0;
	buf_release(&t.text);
	json_edits_release(&t.edits);
	json_release(&t.doc);
	track_release(&t.track);
	scan_free(own);
	return rc;
}
