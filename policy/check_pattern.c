/*
 * The policy's own patterns, against every reading of every string of what the
 * client sends; and the bound on the size of a call's arguments.
 */
#include "policy/check.h"
#include "policy/match.h"
#include "policy/msg.h"
#include "policy/policy.h"
#include "policy/regex.h"
#include "policy/text.h"

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
judge_view(const struct policy *p, const struct text *t,
    const struct view *view, struct verdict *v)
{
	long at = matcher_find(p->arguments.literals, view->text);

	if (at >= 0) {
		size_t n = p->arguments.patterns.n, i = (size_t)at;

		if (i >= n)
			i = p->arguments.folded[i - n];
		text_verdict(v, "arguments.patterns",
		    &p->arguments.patterns.v[i].at, t, view->kind,
		    "holds a pattern that the policy denies");
		return ACTION_DENY;
	}
	for (size_t i = 0; i < p->arguments.regexes.n; i++) {
		int found = regex_find(&p->arguments.regexes.v[i], view->text);

		if (found == 0)
			continue;
		text_verdict(v, "arguments.regexes",
		    &p->arguments.regexes.v[i].at, t, view->kind,
		    found == 1 ? "matches an expression that the policy denies"
			       : "could not be judged by an expression of the "
				 "policy");
		return ACTION_DENY;
	}
	return ACTION_ALLOW;
}

enum action
text_check_pattern(
    const struct text_env *env, const struct text *t, struct verdict *v)
{
	enum action action = ACTION_ALLOW;

	for (size_t i = 0; i < t->views->n && action == ACTION_ALLOW; i++)
		action = judge_view(env->policy, t, &t->views->v[i], v);
	return action;
}
