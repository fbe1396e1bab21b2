/*
 * The namespace lock: which tools may be called and seen, which methods may be
 * used, and what a server may ask of its client.
 */
#include "policy/check.h"
#include "policy/fold.h"
#include "policy/glob.h"
#include "policy/msg.h"
#include "policy/policy.h"
#include "proxy/base/array.h"

/* MCP 2025-11-25, Elicitation: the answer carries URLs to be opened. */
#define RPC_URL_ELICITATION (-32042)

enum action
namespace_tool(const struct policy *p, struct slice tool, struct verdict *v)
{
	long at = glob_find(&p->tools.deny, tool);

	if (at >= 0) {
		verdict_at(v, "tools.deny", &p->tools.deny.v[at].at,
		    "this tool is denied by the policy");
		return ACTION_DENY;
	}
	for (size_t i = 0; i < p->tools.deny_parts.n; i++)
		if (glob_part(p->tools.deny_parts.v[i].text, tool)) {
			verdict_at(v, "blocked_tool_patterns",
			    &p->tools.deny_parts.v[i].at,
			    "this tool is denied by the policy");
			return ACTION_DENY;
		}
	if (p->tools.allow.set && glob_find(&p->tools.allow, tool) < 0) {
		verdict_at(v, "tools.allow", &p->tools.allow.at,
		    "this tool is not one of the allowed tools");
		return ACTION_DENY;
	}
	/* A reader in C would take it for what stands before the NUL. */
	if (memchr(tool.at, '\0', tool.len) != NULL) {
		verdict_at(
		    v, "tools", NULL, "the name of the tool holds a NUL");
		return ACTION_DENY;
	}
	return ACTION_ALLOW;
}

/* May this method be used at all? */
static enum action
judge_method(const struct policy *p, struct slice name,
    const struct method *method, struct verdict *v)
{
	long at;

	if (method->always)
		return ACTION_ALLOW;
	at = glob_find(&p->methods_deny, name);
	/* A reader in C would take it for what stands before a NUL. */
	name.len = strnlen(name.at, name.len);
	if (at < 0)
		at = glob_find(&p->methods_deny, name);
	if (at >= 0) {
		verdict_at(v, "methods.deny", &p->methods_deny.v[at].at,
		    "this method is denied by the policy");
		return ACTION_DENY;
	}
	return ACTION_ALLOW;
}

bool
namespace_asks(
    const struct policy *p, const struct method *method, struct verdict *v)
{
	static const char denied[] =
	    "the policy lets no server ask this of its client";
	const char *rule = NULL;

	if (method->code == METHOD_SAMPLING && !p->server_requests.sampling)
		rule = "server_requests.sampling";
	else if (method->code == METHOD_ELICITATION &&
		 !p->server_requests.elicitation)
		rule = "server_requests.elicitation";
	else if (method->code == METHOD_ROOTS && !p->server_requests.roots)
		rule = "server_requests.roots";
	if (rule != NULL) {
		verdict_at(v, rule, &p->server_requests_at, denied);
		return false;
	}
	return judge_method(p, slice_of(method->name), method, v) ==
	       ACTION_ALLOW;
}

/* One request inside a message of the server's, by its member "method". */
static enum action
judge_input(const struct policy *p, const struct json *doc, json_at at,
    struct buf *scratch, struct verdict *v)
{
	enum action action = ACTION_ALLOW;

	if (!json_is(doc, at, JSON_OBJECT))
		return ACTION_ALLOW; /* asks nothing */
	for (json_at key = json_first(doc, at);
	     key != JSON_NONE && action == ACTION_ALLOW;
	     key = json_sibling(doc, at, key)) {
		struct slice name = json_text(doc, key, scratch);
		const struct method *method;

		if (!slice_is(name, "method") &&
		    !fold_collides(name, slice_of("method")))
			continue;
		if (!slice_is(name, "method") ||
		    !json_is(doc, key + 1, JSON_STRING)) {
			verdict_at(v, "server_requests", NULL,
			    "a request for input cannot be read");
			return ACTION_DENY;
		}
		name = json_text(doc, key + 1, scratch);
		name.len = strnlen(name.at, name.len); /* as C readers do */
		method = method_find(name);
		if (method->code == METHOD_UNKNOWN)
			action = judge_method(p, name, method, v);
		else if (!namespace_asks(p, method, v))
			action = ACTION_DENY;
	}
	return action;
}

/* Is there anything that the policy lets no server ask? */
static bool
asks_are_limited(const struct policy *p)
{
	return !p->server_requests.sampling ||
	       !p->server_requests.elicitation || !p->server_requests.roots ||
	       p->methods_deny.n > 0;
}

/* The member "inputRequests" of a box, in whatever case it is spelt. */
static enum action
judge_inputs(const struct policy *p, const struct json *doc, json_at box,
    struct verdict *v)
{
	static const struct slice name = { "inputRequests", 13 };
	enum action action = ACTION_ALLOW;
	struct buf scratch;

	if (!json_is(doc, box, JSON_OBJECT))
		return ACTION_ALLOW;
	buf_init(&scratch, doc->text.len);
	for (json_at key = json_first(doc, box);
	     key != JSON_NONE && action == ACTION_ALLOW;
	     key = json_sibling(doc, box, key)) {
		struct slice text = json_text(doc, key, &scratch);
		json_at in = key + 1;
		bool members = json_is(doc, in, JSON_OBJECT);

		if ((!slice_eq(text, name) && !fold_collides(text, name)) ||
		    json_kind(doc, in) < JSON_ARRAY)
			continue;
		for (json_at item = json_first(doc, in);
		     item != JSON_NONE && action == ACTION_ALLOW;
		     item = json_sibling(doc, in, item))
			action = judge_input(
			    p, doc, members ? item + 1 : item, &scratch, v);
	}
	buf_release(&scratch);
	return action;
}

/*
 * Requests that stand inside an answer (revision 2026-07-28), a task's state
 * or its result.
 */
static enum action
judge_boxes(const struct policy *p, const struct msg *msg, struct verdict *v)
{
	const json_at boxes[] = {
		msg->result,
		msg->params,
		json_get(msg->doc, msg->result, "result"),
		json_get(msg->doc, msg->result, "task"),
		json_get(msg->doc, msg->params, "result"),
		json_get(msg->doc, msg->params, "task"),
	};
	enum action action = ACTION_ALLOW;

	for (size_t i = 0; i < nitems(boxes) && action == ACTION_ALLOW; i++)
		action = judge_inputs(p, msg->doc, boxes[i], v);
	return action;
}

/* An error that asks for elicitation by URL (revision 2025-11-25). */
static bool
is_url_elicitation(const struct msg *msg)
{
	int64_t code;

	return msg->kind == MSG_ERROR &&
	       json_int(
		   msg->doc, json_get(msg->doc, msg->error, "code"), &code) &&
	       code == RPC_URL_ELICITATION;
}

static enum action
judge_asks(const struct policy *p, const struct msg *msg, struct verdict *v)
{
	enum action action = ACTION_ALLOW;

	if (!asks_are_limited(p))
		return ACTION_ALLOW;
	if (is_url_elicitation(msg) &&
	    !namespace_asks(p, method_find(slice_of("elicitation/create")), v))
		action = ACTION_DENY;
	else if (msg->kind != MSG_REQUEST)
		action = judge_boxes(p, msg, v);
	if (action == ACTION_DENY && msg->kind != MSG_NOTIFICATION)
		v->stage = STAGE_RESPONSE;
	return action;
}

enum action
check_namespace(
    const struct check_env *env, const struct msg *msg, struct verdict *v)
{
	const struct policy *p = env->policy;

	if (msg->kind == MSG_REQUEST || msg->kind == MSG_NOTIFICATION) {
		if (judge_method(p, msg->method_name, msg->method, v) ==
		    ACTION_DENY)
			return ACTION_DENY;
		if (msg->dir == DIR_SERVER && msg->kind == MSG_REQUEST &&
		    !namespace_asks(p, msg->method, v))
			return ACTION_DENY;
		if (msg->dir == DIR_CLIENT &&
		    msg->method->code == METHOD_TOOLS_CALL)
			return namespace_tool(p, msg->tool, v);
	}
	if (msg->dir == DIR_SERVER)
		return judge_asks(p, msg, v);
	return ACTION_ALLOW;
}
