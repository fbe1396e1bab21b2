/*
 * The arguments of a call, against what the server says that its tool takes.
 */
#include <stdio.h>

#include "policy/check.h"
#include "policy/msg.h"
#include "policy/pinner.h"
#include "policy/policy.h"
#include "policy/toolbook.h"
#include "policy/track.h"
#include "proxy/base/error.h"

enum action
check_schema(
    const struct check_env *env, const struct msg *msg, struct verdict *v)
{
	enum policy_schema mode = env->policy->arguments.schema;
	const struct toolbook_entry *e;
	struct error why = { "" };
	int fits;

	if (msg->kind != MSG_REQUEST || msg->method->code != METHOD_TOOLS_CALL)
		return ACTION_ALLOW;
	e = toolbook_find(env->track->tools, msg->tool);
	/* A tool that was listed once, and is no more, hides how it changed. */
	if (e == NULL && env->policy->pins.mode == PINS_DENY &&
	    env->pinner != NULL &&
	    env->pinner->known(env->pinner, msg->tool, &why) != 0) {
		v->stage = STAGE_NAMESPACE;
		verdict_at(v, "pins.mode",
		    policy_origin(env->policy, "pins.mode"),
		    "the server lists this tool no more, so its definition "
		    "cannot be held against what was accepted");
		return ACTION_DENY;
	}
	if (e == NULL)
		return ACTION_ALLOW;
	if (e->waits) {
		v->stage = STAGE_NAMESPACE;
		verdict_at(v, "pins.mode",
		    policy_origin(env->policy, "pins.mode"),
		    "this tool has changed or is new, and waits to be "
		    "accepted");
		return ACTION_DENY;
	}
	if (mode == SCHEMA_OFF)
		return ACTION_ALLOW;
	fits = toolbook_check(env->track->tools, e, msg->doc, msg->args, &why);
	if (fits == 1)
		return ACTION_ALLOW;
	verdict_at(v, "arguments.schema",
	    policy_origin(env->policy, "arguments.schema"), "");
	(void)snprintf(v->reason, sizeof(v->reason), "%s: %.128s",
	    fits == 0 ? "the arguments do not fit the tool's schema"
		      : "the arguments cannot be judged by the tool's schema",
	    why.msg);
	return mode == SCHEMA_LOG ? ACTION_FLAG : ACTION_DENY;
}
