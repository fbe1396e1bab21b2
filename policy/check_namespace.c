/*
 * The namespace lock: which tools may be called and seen, which methods may be
 * used, and what a server may ask of its client.
 */
#include "policy/check.h"
#include "policy/glob.h"
#include "policy/msg.h"
#include "policy/policy.h"

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
namespace_asks(const struct policy *p, const struct method *method,
    struct verdict *v)
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

/* Requests that stand inside an answer (revision 2026-07-28). */
static enum action
judge_inputs(const struct policy *p, const struct msg *msg, struct verdict *v)
{
	const struct json *doc = msg->doc;
	json_at box = msg->kind == MSG_RESULT ? msg->result : msg->params;
	json_at inputs = json_get(doc, box, "inputRequests");
	enum action action = ACTION_ALLOW;
	struct buf scratch;

	if (!json_is(doc, inputs, JSON_OBJECT))
		return ACTION_ALLOW;
	buf_init(&scratch, json_raw(doc, inputs).len);
	for (json_at key = json_first(doc, inputs);
	     key != JSON_NONE && action == ACTION_ALLOW;
	     key = json_sibling(doc, inputs, key)) {
		json_at name = json_get(doc, key + 1, "method");
		const struct method *method;

		if (!json_is(doc, name, JSON_STRING)) {
			verdict_at(v, "server_requests", NULL,
			    "the server asks for input without a method");
			action = ACTION_DENY;
			break;
		}
		method = method_find(json_string(doc, name, &scratch));
		if (method->code == METHOD_UNKNOWN)
			action = judge_method(p,
			    json_string(doc, name, &scratch), method, v);
		else if (!namespace_asks(p, method, v))
			action = ACTION_DENY;
	}
	if (action == ACTION_DENY && msg->kind == MSG_RESULT)
		v->stage = STAGE_RESPONSE;
	buf_release(&scratch);
	return action;
}

enum action
check_namespace(const struct check_env *env, const struct msg *msg,
    struct verdict *v)
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
		return judge_inputs(p, msg, v);
	return ACTION_ALLOW;
}
