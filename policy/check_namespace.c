/*
 * The namespace lock: which tools may be called and seen, which methods may be
 * used, and what a server may ask of its client.
 */
#include "policy/check.h"
#include "policy/fold.h"
#include "policy/glob.h"
#include "policy/msg.h"
#include "policy/policy.h"

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
	json_at name = json_get(doc, at, "method");
	const struct method *method;

	if (!json_is(doc, name, JSON_STRING)) {
		verdict_at(v, "server_requests", NULL,
		    "the server asks for input without a method");
		return ACTION_DENY;
	}
	method = method_find(json_string(doc, name, scratch));
	if (method->code == METHOD_UNKNOWN)
		return judge_method(
		    p, json_string(doc, name, scratch), method, v);
	return namespace_asks(p, method, v) ? ACTION_ALLOW : ACTION_DENY;
}

/* Is the token a key, and not a value? */
static bool
is_key(const struct json *doc, json_at at)
{
	size_t end = doc->tok[at].end;

	return at + 1 < doc->ntok && memchr(doc->text.at + end, ':',
					 doc->tok[at + 1].first - end) != NULL;
}

/* Is there anything that the policy lets no server ask? */
static bool
asks_are_limited(const struct policy *p)
{
	return !p->server_requests.sampling ||
	       !p->server_requests.elicitation || !p->server_requests.roots ||
	       p->methods_deny.n > 0;
}

/*
 * Requests that stand inside an answer (revision 2026-07-28) or a task: under
 * "inputRequests", in whatever case and depth a client may look for it.
 */
static enum action
judge_inputs(const struct policy *p, const struct msg *msg, struct verdict *v)
{
	static const struct slice name = { "inputRequests", 13 };
	const struct json *doc = msg->doc;
	enum action action = ACTION_ALLOW;
	struct buf scratch;

	buf_init(&scratch, doc->text.len);
	for (json_at at = msg->root + 1;
	     at + 1 < json_after(doc, msg->root) && action == ACTION_ALLOW;
	     at++) {
		json_at box = at + 1;
		struct slice key;

		if (json_kind(doc, at) != JSON_STRING ||
		    json_kind(doc, box) < JSON_ARRAY || !is_key(doc, at))
			continue;
		key = json_string(doc, at, &scratch);
		if (!slice_eq(key, name) && !fold_collides(key, name))
			continue;
		for (json_at item = json_first(doc, box);
		     item != JSON_NONE && action == ACTION_ALLOW;
		     item = json_sibling(doc, box, item))
			action = judge_input(p, doc,
			    json_kind(doc, box) == JSON_OBJECT ? item + 1
							       : item,
			    &scratch, v);
	}
	buf_release(&scratch);
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
		action = judge_inputs(p, msg, v);
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
