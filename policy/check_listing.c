/*
 * What either side learns of the other: tools outside the lock are left out of
 * tools/list, page by page; capabilities of the client that the policy lets no
 * server use are left out of what the client offers, so that a good server
 * never asks.
 */
#include <stdio.h>
#include <stdlib.h>

#include "policy/check.h"
#include "policy/fold.h"
#include "policy/msg.h"
#include "policy/pinned.h"
#include "policy/policy.h"
#include "policy/response.h"
#include "policy/toolbook.h"
#include "policy/track.h"
#include "proxy/base/error.h"
#include "proxy/base/json.h"
#include "proxy/base/xalloc.h"

/* Places to take out of one container; grows at powers of two. */
struct drops {
	json_at *v; /* owned */
	size_t n;
};

static void
drops_add(struct drops *d, json_at at)
{
	if ((d->n & (d->n - 1)) == 0)
		d->v = xreallocarray(
		    d->v, d->n == 0 ? 1 : 2 * d->n, sizeof(*d->v));
	d->v[d->n++] = at;
}

static void
strip(const struct check_env *env, const struct msg *msg, json_at box,
    struct drops *drops, struct verdict *v)
{
	const struct method *m;
	struct verdict why = { .stage = STAGE_NAMESPACE };

	if (!json_is(msg->doc, box, JSON_OBJECT))
		return;
	for (json_at key = json_first(msg->doc, box); key != JSON_NONE;
	     key = json_sibling(msg->doc, box, key))
		for (size_t i = 0; (m = method_at(i)) != NULL; i++)
			if (m->capability != NULL &&
			    json_equals(
				msg->doc, key, slice_of(m->capability)) &&
			    !namespace_asks(env->policy, m, &why)) {
				drops_add(drops, key);
				*v = why;
				break;
			}
	if (drops->n > 0)
		json_remove(env->edits, msg->doc, box, drops->v, drops->n);
}

enum action
check_capabilities(
    const struct check_env *env, const struct msg *msg, struct verdict *v)
{
	struct drops drops = { NULL, 0 };
	json_at box;
	size_t n;

	if (msg->kind != MSG_REQUEST)
		return ACTION_ALLOW;
	if (msg->method->code == METHOD_INITIALIZE)
		box = json_get(msg->doc, msg->params, "capabilities");
	else if (msg->revision == REV_2026_07_28)
		box =
		    json_get(msg->doc, json_get(msg->doc, msg->params, "_meta"),
			"io.modelcontextprotocol/clientCapabilities");
	else
		return ACTION_ALLOW;
	strip(env, msg, box, &drops, v);
	n = drops.n;
	free(drops.v);
	if (n == 0)
		return ACTION_ALLOW;
	(void)snprintf(v->reason, sizeof(v->reason),
	    "a capability of the client that no server may use is left out");
	return ACTION_REDACT;
}

/* Members that a lenient client would take for the listing. */
static bool
is_misspelt(const struct json *doc, json_at object, const char *names,
    struct buf *scratch)
{
	for (json_at key = json_first(doc, object); key != JSON_NONE;
	     key = json_sibling(doc, object, key))
		if (fold_collides_any(json_text(doc, key, scratch), names))
			return true;
	return false;
}

/* Names what is wrong with a tool; the last one that is found counts. */
static void
say(const struct check_env *env, struct verdict *v, enum stage stage,
    const char *key, const char *what, const char *detail)
{
	v->stage = stage;
	verdict_at(v, key, policy_origin(env->policy, key), "");
	(void)snprintf(v->reason, sizeof(v->reason), "%s%s%.160s", what,
	    detail[0] != '\0' ? ": " : "", detail);
}

/* Remembers what the tool takes; false if that cannot be judged. */
static bool
learns(const struct check_env *env, const struct json *doc, json_at tool,
    struct slice name, struct verdict *v)
{
	struct error why = { "" };

	/* Also where it is off: outputSchema is of use to the cleaning. */
	if (toolbook_add(env->track->tools, name, doc, tool, &why) == 0 ||
	    env->policy->arguments.schema == SCHEMA_OFF)
		return true;
	say(env, v, STAGE_SCHEMA, "arguments.schema",
	    "the schema of a listed tool cannot be used", why.msg);
	return env->policy->arguments.schema == SCHEMA_LOG;
}

/* Judges one entry; a tool without a readable name has no place in the lock. */
static bool
keeps(const struct check_env *env, const struct msg *msg, json_at tool,
    const struct pinned *pinned, struct buf *scratch, struct verdict *v)
{
	const struct json *doc = msg->doc;
	bool listing = msg->method->code == METHOD_TOOLS_LIST;
	json_at name = json_get(doc, tool, "name");
	struct slice text;

	if (!json_is(doc, name, JSON_STRING) ||
	    is_misspelt(doc, tool, "name", scratch)) {
		verdict_at(v, "tools", NULL,
		    "a listed tool without a readable name is left out");
		return false;
	}
	if (namespace_tool(env->policy, json_text(doc, name, scratch), v) !=
		ACTION_ALLOW ||
	    response_spoils(env, msg, tool, v))
		return false;
	text = json_text(doc, name, scratch);
	if (listing && pinned_waits(env, pinned, tool)) {
		toolbook_hold(env->track->tools, text);
		say(env, v, STAGE_NAMESPACE, "pins.mode",
		    "a listed tool waits to be accepted", pinned->note);
		return false;
	}
	return !listing || learns(env, doc, tool, text, v);
}

static bool
has_name(const struct json *doc, json_at tool)
{
	return json_get(doc, tool, "name") != JSON_NONE;
}

/* Takes tools out of a listing; the strictest action. */
static enum action
judge_tools(const struct check_env *env, const struct msg *msg, json_at tools,
    struct buf *scratch, struct verdict *v)
{
	const struct json *doc = msg->doc;
	struct drops drops = { NULL, 0 };
	bool listing = msg->method->code == METHOD_TOOLS_LIST, whole;
	struct pinned pinned = { .n = 0 };
	size_t n;

	if (listing)
		pinned_read(env, msg, tools, &pinned);
	for (json_at tool = json_first(doc, tools); tool != JSON_NONE;
	     tool = json_sibling(doc, tools, tool))
		if ((listing || has_name(doc, tool)) &&
		    !keeps(env, msg, tool, &pinned, scratch, v))
			drops_add(&drops, tool);
	n = drops.n;
	if (n > 0)
		json_remove(env->edits, doc, tools, drops.v, n);
	free(drops.v);
	if (v->rule[0] == '\0' && pinned.note[0] != '\0')
		say(env, v, STAGE_NAMESPACE, "pins.mode", pinned.note, "");
	whole = n == 0;
	/* Where nothing else was said, the lock is why. */
	if (!whole && strncmp(v->rule, "tools.", 6) == 0)
		(void)snprintf(v->reason, sizeof(v->reason),
		    "%zu tools outside the lock are left out of the list", n);
	pinned_release(&pinned);
	if (!whole)
		return ACTION_REDACT;
	return v->rule[0] != '\0' ? ACTION_FLAG : ACTION_ALLOW;
}

enum action
check_listing(
    const struct check_env *env, const struct msg *msg, struct verdict *v)
{
	const struct json *doc = msg->doc;
	bool listing = msg->method->code == METHOD_TOOLS_LIST;
	enum action action = ACTION_ALLOW;
	struct buf scratch;
	json_at tools;

	if (msg->kind == MSG_NOTIFICATION &&
	    msg->method->code == METHOD_TOOLS_CHANGED) {
		env->track->listed = false;
		toolbook_clear(env->track->tools);
	}
	if (msg->kind != MSG_RESULT)
		return ACTION_ALLOW;
	tools = json_get(doc, msg->result, "tools");
	/* A list of tools is one by its shape, whatever it answers. */
	if (!listing && !json_is(doc, tools, JSON_ARRAY))
		return ACTION_ALLOW;
	buf_init(&scratch, doc->text.len);
	if ((tools != JSON_NONE && !json_is(doc, tools, JSON_ARRAY)) ||
	    is_misspelt(doc, msg->result, "tools nextCursor", &scratch)) {
		v->stage = STAGE_RESPONSE;
		verdict_at(v, "tools", NULL,
		    "the server's list of tools cannot be read");
		action = ACTION_DENY;
	} else if (json_is(doc, tools, JSON_ARRAY)) {
		action = judge_tools(env, msg, tools, &scratch, v);
	}
	if (listing && action != ACTION_DENY &&
	    json_get(doc, msg->result, "nextCursor") == JSON_NONE)
		env->track->listed = true;
	buf_release(&scratch);
	return action;
}
