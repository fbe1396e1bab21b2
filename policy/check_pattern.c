/*
 * The policy's own patterns, against every string of what the client sends,
 * keys too, at any depth, as it reads once JSON's escapes are undone; and the
 * bound on the size of a call's arguments.
 */
#include "policy/check.h"
#include "policy/match.h"
#include "policy/msg.h"
#include "policy/policy.h"
#include "policy/regex.h"

enum action
check_size(
    const struct check_env *env, const struct msg *msg, struct verdict *v)
{
	if (msg->args == JSON_NONE || json_raw(msg->doc, msg->args).len <=
					  env->policy->arguments.max_bytes)
		return ACTION_ALLOW;
	verdict_at(v, "arguments.max_bytes", NULL,
	    "the arguments are larger than the policy allows");
	return ACTION_DENY;
}

static enum action
judge_string(const struct policy *p, struct slice text, struct verdict *v)
{
	long at = matcher_find(p->arguments.literals, text);

	if (at >= 0) {
		verdict_at(v, "arguments.patterns",
		    &p->arguments.patterns.v[at].at,
		    "a text in the message holds a pattern that the policy "
		    "denies");
		return ACTION_DENY;
	}
	for (size_t i = 0; i < p->arguments.regexes.n; i++) {
		int found = regex_find(&p->arguments.regexes.v[i], text);

		if (found == 0)
			continue;
		verdict_at(v, "arguments.regexes",
		    &p->arguments.regexes.v[i].at,
		    found == 1
			? "a text in the message matches an expression that "
			  "the policy denies"
			: "a text in the message could not be judged by an "
			  "expression of the policy");
		return ACTION_DENY;
	}
	return ACTION_ALLOW;
}

enum action
check_pattern(
    const struct check_env *env, const struct msg *msg, struct verdict *v)
{
	const struct policy *p = env->policy;
	const struct json *doc = msg->doc;
	enum action action = ACTION_ALLOW;
	struct buf scratch;

	if (msg->method->always ||
	    (p->arguments.literals == NULL && p->arguments.regexes.n == 0))
		return ACTION_ALLOW;
	buf_init(&scratch, doc->text.len);
	/* Every token that the object holds lies behind it on the tape. */
	for (json_at at = msg->root + 1;
	     at < json_after(doc, msg->root) && action == ACTION_ALLOW; at++)
		if (json_kind(doc, at) == JSON_STRING)
			action =
			    judge_string(p, json_text(doc, at, &scratch), v);
	buf_release(&scratch);
	return action;
}
