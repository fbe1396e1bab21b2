/*
 * The policy's own rules over calls of tools: the first that matches decides.
 *
 * A doubt is settled by what the rule does.  One that refuses, redacts or logs
 * matches if any reading of an argument matches: any element of an array, a
 * number written as text, another case of a member's name.  One that allows
 * matches only if every reading does.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "policy/check.h"
#include "policy/fold.h"
#include "policy/glob.h"
#include "policy/host.h"
#include "policy/msg.h"
#include "policy/path.h"
#include "policy/policy.h"
#include "policy/regex.h"
#include "proxy/base/json.h"

/* Values of one call that a rule looks up in the file system, and bytes of
   them; what is more is a doubt: each directory of a path costs microseconds.
 */
#define PATHS_MAX 256
#define PATH_BYTES_MAX 16384
/* From it on a double stands for several whole numbers: 2^53. */
#define EXACT_MAX 9007199254740992.0
/* Bytes of a number as text; longer ones are compared as text only. */
#define NUMBER_MAX 64

/* One argument, looked at by the matchers of one "where". */
struct probe {
	const struct json *doc;
	const struct policy_where *where;
	bool strict; /* the rule allows: every reading must match */
	struct buf *scratch;
	size_t seen, matched; /* values found, and how many matched */
	size_t paths, path_bytes; /* looked up in the file system */
	struct json_edits *edits; /* replace what matched, or NULL */
};

static bool
to_number(struct slice text, double *ret)
{
	char copy[NUMBER_MAX], *end;

	if (text.len == 0 || text.len >= sizeof(copy) ||
	    memchr(text.at, '\0', text.len) != NULL)
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	*ret = strtod(copy, &end);
	return *end == '\0' && !isnan(*ret);
}

static bool
match_equals(const struct policy_match *m, bool is_text, struct slice value)
{
	double a, b;

	for (size_t i = 0; i < m->texts.n; i++) {
		struct slice want = slice_of(m->texts.v[i].text);

		if (slice_eq(want, value))
			return true;
		if (!is_text && to_number(want, &a) && to_number(value, &b) &&
		    a == b && fabs(a) < EXACT_MAX)
			return true;
	}
	return false;
}

static bool
match_under(const struct policy_match *m, bool strict, struct slice value)
{
	for (size_t i = 0; i < m->texts.n; i++)
		if (path_under(value, m->texts.v[i].text,
			strict ? PATH_DOUBT_OUTSIDE : PATH_DOUBT_INSIDE))
			return true;
	return false;
}

static bool
match_regex(const struct policy_match *m, bool strict, struct slice value)
{
	for (size_t i = 0; i < m->regexes.n; i++) {
		int found = regex_find(&m->regexes.v[i], value);

		if (found == 1 || (found == -1 && !strict))
			return true;
	}
	return false;
}

/* min and max: of numbers; and of texts that a server may read as numbers. */
static bool
match_bound(const struct policy_match *m, const struct probe *pr, bool is_text,
    struct slice value)
{
	double n;

	if (pr->strict && is_text)
		return false;
	if (!to_number(value, &n))
		return !pr->strict && !is_text; /* too long to compare */
	/* What was rounded may have been on the other side of the bound. */
	if (pr->strict && (isinf(n) || (fabs(n) > EXACT_MAX && n == m->number)))
		return false;
	return m->kind == MATCH_MIN ? n >= m->number : n <= m->number;
}

/* Does a scalar (or a string's text) satisfy one matcher? */
static bool
match_one(const struct policy_match *m, struct probe *pr, bool is_text,
    struct slice value)
{
	switch (m->kind) {
	case MATCH_EQUALS:
	case MATCH_IN:
		return match_equals(m, is_text && pr->strict, value);
	case MATCH_GLOB:
		return glob_find(&m->texts, value) >= 0;
	case MATCH_REGEX:
		return match_regex(m, pr->strict, value);
	case MATCH_UNDER:
		if (!is_text)
			return false;
		pr->path_bytes += value.len;
		if (pr->paths++ >= PATHS_MAX || pr->path_bytes > PATH_BYTES_MAX)
			return !pr->strict;
		return match_under(m, pr->strict, value);
	case MATCH_HOST:
		return is_text && host_find(&m->texts, value, !pr->strict) >= 0;
	case MATCH_MIN:
	case MATCH_MAX:
		return match_bound(m, pr, is_text, value);
	case MATCH_MAX_LENGTH:
		return (double)value.len <= m->number;
	}
	return false;
}

static void
probe_scalar(struct probe *pr, json_at at)
{
	bool is_text = json_kind(pr->doc, at) == JSON_STRING, all = true;
	struct slice value = is_text ? json_text(pr->doc, at, pr->scratch)
				     : json_raw(pr->doc, at);

	for (size_t i = 0; i < pr->where->n && all; i++)
		all = match_one(&pr->where->v[i], pr, is_text, value);
	pr->seen++;
	if (!all)
		return;
	pr->matched++;
	if (pr->edits != NULL)
		json_replace_string(
		    pr->edits, pr->doc, at, slice_of("[mcpshield: redacted]"));
}

/* max_length of an array counts its items; other matchers want its values. */
static bool
probe_length(struct probe *pr, json_at at)
{
	size_t n = 0;

	if (pr->where->n != 1 || pr->where->v[0].kind != MATCH_MAX_LENGTH ||
	    json_kind(pr->doc, at) != JSON_ARRAY)
		return false;
	for (json_at item = json_first(pr->doc, at); item != JSON_NONE;
	     item = json_sibling(pr->doc, at, item))
		n++;
	pr->seen++;
	if ((double)n <= pr->where->v[0].number)
		pr->matched++;
	return true;
}

/* Everything at and below a value. */
static void
probe_value(struct probe *pr, json_at at)
{
	const struct json *doc = pr->doc;

	if (json_kind(doc, at) < JSON_ARRAY) {
		probe_scalar(pr, at);
		return;
	}
	if (probe_length(pr, at))
		return;
	if (json_kind(doc, at) == JSON_OBJECT && pr->strict) {
		pr->seen++; /* no reading of an object is vouched for */
		return;
	}
	/* Recursion is bounded by frames.max_depth. */
	for (json_at item = json_first(doc, at); item != JSON_NONE;
	     item = json_sibling(doc, at, item))
		probe_value(
		    pr, json_kind(doc, at) == JSON_OBJECT ? item + 1 : item);
}

/* Follows the dots of a path; an array on the way stands for its items. */
static void
probe_path(struct probe *pr, json_at at, const char *path)
{
	const struct json *doc = pr->doc;
	struct slice whole = slice_of(path);
	struct slice head = { path, strcspn(path, ".") };

	if (json_kind(doc, at) == JSON_ARRAY) {
		for (json_at item = json_first(doc, at); item != JSON_NONE;
		     item = json_sibling(doc, at, item))
			probe_path(pr, item, path);
		return;
	}
	if (json_kind(doc, at) != JSON_OBJECT)
		return;
	for (json_at key = json_first(doc, at); key != JSON_NONE;
	     key = json_sibling(doc, at, key)) {
		struct slice name = json_text(doc, key, pr->scratch);
		bool is_whole = slice_eq(name, whole) ||
				(!pr->strict && fold_collides(name, whole));
		bool is_head = slice_eq(name, head) ||
			       (!pr->strict && fold_collides(name, head));

		if (pr->strict &&
		    (fold_collides(name, whole) || fold_collides(name, head)))
			pr->seen++; /* a server may take this one instead */
		if (is_whole)
			probe_value(pr, key + 1);
		else if (is_head && head.len < whole.len)
			probe_path(pr, key + 1, path + head.len + 1);
	}
}

static bool
where_holds(const struct policy_rule *rule, const struct policy_where *where,
    const struct msg *msg, struct buf *scratch, struct json_edits *edits)
{
	struct probe pr = {
		.doc = msg->doc,
		.where = where,
		.strict = rule->action == RULE_ALLOW,
		.scratch = scratch,
		.edits = edits,
	};

	if (msg->args == JSON_NONE)
		return false;
	probe_path(&pr, msg->args, where->path);
	return pr.matched > 0 && (!pr.strict || pr.matched == pr.seen);
}

static bool
rule_holds(
    const struct policy_rule *rule, const struct msg *msg, struct buf *scratch)
{
	if (rule->tools.set && glob_find(&rule->tools, msg->tool) < 0)
		return false;
	for (size_t i = 0; i < rule->nwhere; i++)
		if (!where_holds(rule, &rule->where[i], msg, scratch, NULL))
			return false;
	return true;
}

static enum action
carry_out(const struct check_env *env, const struct policy_rule *rule,
    const struct msg *msg, struct buf *scratch, struct verdict *v)
{
	verdict_at(v, rule->id, &rule->at,
	    rule->reason != NULL ? rule->reason
				 : "a rule of the policy refuses this call");
	switch (rule->action) {
	case RULE_ALLOW:
		v->settled = true;
		v->reason[0] = '\0';
		return ACTION_ALLOW;
	case RULE_LOG:
		return ACTION_FLAG;
	case RULE_REDACT:
		for (size_t i = 0; i < rule->nwhere; i++)
			(void)where_holds(
			    rule, &rule->where[i], msg, scratch, env->edits);
		return ACTION_REDACT;
	case RULE_DENY:
		break;
	}
	return ACTION_DENY;
}

enum action
check_rules(
    const struct check_env *env, const struct msg *msg, struct verdict *v)
{
	const struct policy *p = env->policy;
	enum action action = ACTION_ALLOW;
	struct buf scratch;

	if (msg->kind != MSG_REQUEST && msg->kind != MSG_NOTIFICATION)
		return ACTION_ALLOW;
	if (msg->method->code != METHOD_TOOLS_CALL || p->nrules == 0)
		return ACTION_ALLOW;
	buf_init(&scratch, msg->doc->text.len);
	for (size_t i = 0; i < p->nrules; i++)
		if (rule_holds(&p->rules[i], msg, &scratch)) {
			action = carry_out(env, &p->rules[i], msg, &scratch, v);
			break;
		}
	buf_release(&scratch);
	return action;
}
