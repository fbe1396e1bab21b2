/*
 * The stage that looks for commands and injections in what a client sends.
 * The role of a string decides how much counts: a value is no place for any
 * of it; a sentence may name commands; what is meant to be run is refused only
 * what no one runs to do ordinary work; a document may quote all but the worst.
 */
#include "policy/check.h"
#include "policy/inject_shape.h"
#include "policy/policy.h"
#include "policy/rule_flags.h"
#include "policy/ruleset.h"
#include "policy/text.h"

#include <stdio.h>

/* Which rules count in a string, and is it looked at for shapes? */
struct measure {
	unsigned mask, want;
	bool shapes;
	enum shape_place place;
};

static bool
url_like(struct slice t)
{
	static const char sign[] = "://";

	for (size_t i = 1; i + 2 < t.len && i < 12; i++)
		if (memcmp(t.at + i, sign, 3) == 0)
			return true;
	return false;
}

static struct measure
measure_of(const struct text *t)
{
	static const struct measure code = { RULE_ANYWHERE, RULE_ANYWHERE,
		false, SHAPE_VALUE };
	static const struct measure document = { RULE_DOCUMENT, RULE_DOCUMENT,
		false, SHAPE_PROSE };
	static const struct measure prose = { RULE_STRICT, 0, true,
		SHAPE_PROSE };
	static const struct measure value = { 0, 0, true, SHAPE_VALUE };
	static const struct measure url = { 0, 0, true, SHAPE_URL };

	switch (t->role) {
	case ROLE_CODE:
		return code;
	case ROLE_PROSE:
		return t->document ? document : prose;
	case ROLE_HOST:
		return url;
	case ROLE_VALUE:
	case ROLE_NAME:
	case ROLE_PATH:
		break;
	}
	return url_like(t->views->v[0].text) ? url : value;
}

/* The id of what is found in one reading, or NULL; *ret_gave_up. */
static const char *
find(const struct text_env *env, const struct measure *m, struct slice text,
    bool *ret_gave_up)
{
	struct rule_hit hit;
	const char *id = NULL;

	if (m->shapes)
		id = inject_shape(text, m->place);
	if (id == NULL &&
	    ruleset_first(env->scan->commands, text, m->mask, m->want, &hit)) {
		*ret_gave_up = hit.gave_up;
		id = hit.rule->id;
	}
	return id;
}

enum action
text_check_command(
    const struct text_env *env, const struct text *t, struct verdict *v)
{
	enum policy_finding finding = env->policy->arguments.commands;
	struct measure m = measure_of(t);

	if (finding == FINDING_OFF)
		return ACTION_ALLOW;
	for (size_t i = 0; i < t->views->n; i++) {
		bool gave_up = false;
		const struct view *view = &t->views->v[i];
		const char *id = find(env, &m, view->text, &gave_up);
		char rule[RULE_MAX];

		if (id == NULL)
			continue;
		snprintf(rule, sizeof(rule), "arguments.commands/%s", id);
		text_verdict(v, rule,
		    policy_origin(env->policy, "arguments.commands"), t,
		    view->kind,
		    gave_up ? "could not be judged for commands"
			    : "holds a command or an injection");
		return finding == FINDING_LOG ? ACTION_FLAG : ACTION_DENY;
	}
	return ACTION_ALLOW;
}
