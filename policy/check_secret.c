/*
 * The stage that looks for credentials in what a client sends.  What has the
 * form of one is refused in every reading of a string; what is one by the name
 * in front of it, in the string as it was sent alone, for a reading that was
 * decoded puts names and values together that nobody wrote so.
 */
#include "policy/check.h"
#include "policy/policy.h"
#include "policy/ruleset.h"
#include "policy/secret.h"
#include "policy/text.h"

#include <stdio.h>

#include "proxy/base/array.h"

static const char by_name[] = "value-under-secret-name";

/*
 * Is it a value under a name that speaks of a secret?  A person's password is
 * what a tool that logs in is given; what a machine made is a credential.
 */
static bool
secret_by_name(const struct text *t)
{
	static const char *const names[] = { "api_key", "password", "secret",
		"token" };

	if (t->name == NULL || t->role == ROLE_NAME)
		return false;
	for (size_t i = 0; i < nitems(names); i++)
		if (slice_is(slice_of(t->name), names[i]))
			return secret_random(t->views->v[0].text);
	return false;
}

static bool
find(const struct text_env *env, const struct text *t, const struct view *view,
    struct secret_hit *ret)
{
	bool sent = view->kind == VIEW_SENT;

	if (secret_first(env->scan->secrets, env->scan->values, view->text,
		sent ? SECRET_ALL : SECRET_BY_FORM, ret))
		return true;
	if (!sent || !secret_by_name(t))
		return false;
	*ret = (struct secret_hit){ .kind = by_name, .end = view->text.len };
	return true;
}

static enum action
objection(enum policy_finding finding, enum view_kind view,
    const struct secret_hit *hit)
{
	switch (finding) {
	case FINDING_REDACT:
		/* What secret_redact() finds, and in what was sent alone. */
		return view == VIEW_SENT && hit->kind != by_name ? ACTION_REDACT
								 : ACTION_DENY;
	case FINDING_LOG:
		return ACTION_FLAG;
	case FINDING_DENY:
	case FINDING_OFF:
		break;
	}
	return ACTION_DENY;
}

enum action
text_check_secret(
    const struct text_env *env, const struct text *t, struct verdict *v)
{
	enum policy_finding finding = env->policy->arguments.secrets;

	if (finding == FINDING_OFF)
		return ACTION_ALLOW;
	/* The text as sent comes last: what can't be cut out of it decides. */
	for (size_t i = t->views->n; i-- > 0;) {
		const struct view *view = &t->views->v[i];
		char rule[RULE_MAX], what[REASON_MAX];
		struct secret_hit hit;

		if (!find(env, t, view, &hit))
			continue;
		(void)snprintf(
		    rule, sizeof(rule), "arguments.secrets/%s", hit.kind);
		(void)snprintf(what, sizeof(what), "%s a secret: %s",
		    hit.gave_up ? "could not be searched for"
				: "holds what looks like",
		    hit.kind);
		text_verdict(v, rule,
		    policy_origin(env->policy, "arguments.secrets"), t,
		    view->kind, what);
		return objection(finding, view->kind, &hit);
	}
	return ACTION_ALLOW;
}
