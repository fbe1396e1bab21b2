/*
 * The policy's own rules: from YAML to struct policy_rule.  A rule that could
 * never match, or would not do what it says, is refused here.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

/* The last word is none that this version carries out. */
#define RULE_ASK (RULE_LOG + 1)
const char *const rule_actions[] = { [RULE_ALLOW] = "allow",
	[RULE_DENY] = "deny",
	[RULE_REDACT] = "redact",
	[RULE_LOG] = "log",
	[RULE_ASK] = "ask",
	NULL };

static const struct {
	const char *name, *what;
	enum { AS_TEXTS, AS_REGEXES, AS_NUMBER, AS_COUNT } as;
	enum text_class class;
	bool one_ok; /* one value alone, beside a list */
} matchers[] = {
	[MATCH_EQUALS] = { "equals", "rules.where.equals", AS_TEXTS, TEXT_VALUE,
	    true },
	[MATCH_IN] = { "in", "rules.where.in", AS_TEXTS, TEXT_VALUE, false },
	[MATCH_GLOB] = { "glob", "rules.where.glob", AS_TEXTS, TEXT_GLOB,
	    true },
	[MATCH_REGEX] = { "regex", "rules.where.regex", AS_REGEXES, TEXT_REGEX,
	    true },
	[MATCH_UNDER] = { "under", "rules.where.under", AS_TEXTS, TEXT_PATH,
	    true },
	[MATCH_HOST] = { "host", "rules.where.host", AS_TEXTS, TEXT_HOST,
	    true },
	[MATCH_MIN] = { "min", "rules.where.min", AS_NUMBER, TEXT_VALUE,
	    false },
	[MATCH_MAX] = { "max", "rules.where.max", AS_NUMBER, TEXT_VALUE,
	    false },
	[MATCH_MAX_LENGTH] = { "max_length", "rules.where.max_length", AS_COUNT,
	    TEXT_VALUE, false },
};

const char *
match_name(enum match_kind kind)
{
	return matchers[kind].name;
}

static void
where_release(struct policy_where *where)
{
	for (size_t i = 0; i < where->n; i++) {
		list_release(&where->v[i].texts);
		regexes_release(&where->v[i].regexes);
	}
	free(where->v);
	free(where->path);
}

void
rule_release(struct policy_rule *rule)
{
	for (size_t i = 0; i < rule->nwhere; i++)
		where_release(&rule->where[i]);
	free(rule->where);
	list_release(&rule->tools);
	free(rule->id);
	free(rule->reason);
}

/* The value of one matcher, which stands behind its name at "at". */
static int
take_match(const struct source *src, size_t at, struct policy_match *m,
    struct error *err)
{
	const char *what = matchers[m->kind].what;
	int64_t count = 0;
	int rc = -1;

	switch (matchers[m->kind].as) {
	case AS_TEXTS:
		rc = take_texts(src, at, what, matchers[m->kind].class,
		    matchers[m->kind].one_ok, &m->texts, err);
		break;
	case AS_REGEXES:
		rc = take_regexes(src, at, what, true, &m->regexes, err);
		break;
	case AS_NUMBER:
		return take_number(src, at, what, &m->number, err);
	case AS_COUNT:
		rc = take_int(src, at, what, 0, INT32_MAX, &count, err);
		m->number = (double)count;
		return rc;
	}
	if (rc == 0 && m->texts.n == 0 && m->regexes.n == 0)
		return cursor_error(&src->cur, at, err,
		    "'%s': an empty list never matches", what);
	return rc;
}

static int
check_bounds(const struct source *src, size_t at,
    const struct policy_where *where, struct error *err)
{
	double min = -HUGE_VAL, max = HUGE_VAL;

	for (size_t i = 0; i < where->n; i++) {
		if (where->v[i].kind == MATCH_MIN)
			min = where->v[i].number;
		if (where->v[i].kind == MATCH_MAX)
			max = where->v[i].number;
	}
	if (min > max)
		return cursor_error(
		    &src->cur, at, err, "'rules.where': 'min' is above 'max'");
	return 0;
}

/* The matchers of one argument. */
static int
take_matches(const struct source *src, size_t box, struct policy_where *where,
    struct error *err)
{
	const struct cursor *cur = &src->cur;
	unsigned seen = 0;

	if (cur->v[box].kind != NODE_MAP)
		return wrong_type(
		    src, box, "rules.where", "a map of matchers", err);
	where->v = xcalloc(nitems(matchers), sizeof(*where->v));
	for (size_t at = cursor_first(cur, box); at != 0;
	     at = cursor_next(cur, box, at)) {
		struct policy_match *m = &where->v[where->n];
		const char *name = cur->v[at].text, *nearest = NULL;
		size_t i = 0, least = SIZE_MAX;

		for (; i < nitems(matchers); i++) {
			if (strcmp(matchers[i].name, name) == 0)
				break;
			nearest_of(name, matchers[i].name, &nearest, &least);
		}
		if (i == nitems(matchers))
			return unknown_key(
			    src, at, "rules.where", nearest, err);
		if ((seen & 1U << i) != 0)
			return cursor_error(
			    cur, at, err, "key '%s' again", matchers[i].what);
		seen |= 1U << i;
		m->kind = (enum match_kind)i;
		m->at = origin_of(src, at);
		where->n++; /* so that a half-filled one is released */
		if (take_match(src, at + 1, m, err) == -1)
			return -1;
	}
	if (where->n == 0)
		return cursor_error(cur, box, err,
		    "'rules.where': an argument without a matcher");
	return check_bounds(src, box, where, err);
}

static int
take_path(const struct source *src, size_t at, const struct policy_rule *rule,
    struct error *err)
{
	const char *path = src->cur.v[at].text;
	size_t len = strlen(path);

	if (len == 0 || len > POLICY_TEXT_MAX || path[0] == '.' ||
	    path[len - 1] == '.' || strstr(path, "..") != NULL)
		return cursor_error(&src->cur, at, err,
		    "'rules.where' wants the name of an argument, dots "
		    "reaching into objects");
	for (size_t i = 0; i < rule->nwhere; i++)
		if (strcmp(rule->where[i].path, path) == 0)
			return cursor_error(&src->cur, at, err,
			    "'rules.where': an argument again (first at line "
			    "%u)",
			    rule->where[i].at.line);
	return 0;
}

/* Arguments of one rule; the comparison of names is quadratic. */
#define WHERE_MAX 64

static int
load_where(const struct source *src, size_t box, void *base, struct error *err)
{
	const struct cursor *cur = &src->cur;
	struct policy_rule *rule = base;

	if (cur->v[box].kind != NODE_MAP)
		return wrong_type(
		    src, box, "rules.where", "a map of arguments", err);
	if (cursor_first(cur, box) == 0)
		return cursor_error(cur, box, err,
		    "'rules.where' names no argument; leave it out");
	rule->where = xcalloc(WHERE_MAX, sizeof(*rule->where));
	for (size_t at = cursor_first(cur, box); at != 0;
	     at = cursor_next(cur, box, at)) {
		struct policy_where *where = &rule->where[rule->nwhere];

		if (rule->nwhere == WHERE_MAX)
			return cursor_error(cur, at, err,
			    "'rules.where': more than %d arguments", WHERE_MAX);
		if (take_path(src, at, rule, err) == -1)
			return -1;
		where->path = xstrdup(cur->v[at].text);
		where->at = origin_of(src, at);
		rule->nwhere++;
		if (take_matches(src, at + 1, where, err) == -1)
			return -1;
	}
	return 0;
}

static int
load_id(const struct source *src, size_t at, void *base, struct error *err)
{
	struct policy_rule *rule = base;

	return text_take(src, at, TEXT_NAME, "rules.id", &rule->id, err);
}

static int
load_tool(const struct source *src, size_t at, void *base, struct error *err)
{
	struct policy_rule *rule = base;

	if (take_texts(src, at, "rules.tool", TEXT_GLOB, true, &rule->tools,
		err) == -1)
		return -1;
	if (rule->tools.n == 0)
		return cursor_error(&src->cur, at, err,
		    "'rules.tool': an empty list never matches");
	return 0;
}

static int
load_action(const struct source *src, size_t at, void *base, struct error *err)
{
	struct policy_rule *rule = base;
	size_t word = 0;

	if (take_word(src, at, "rules.action", rule_actions, &word, err) == -1)
		return -1;
	if (word == RULE_ASK)
		return cursor_error(&src->cur, at, err,
		    "'rules.action: ask' is not enforced by this version yet; "
		    "remove it (nothing is silently unprotected)");
	rule->action = (enum rule_action)word;
	return 0;
}

static int
load_reason(const struct source *src, size_t at, void *base, struct error *err)
{
	struct policy_rule *rule = base;

	return text_take(
	    src, at, TEXT_LINE, "rules.reason", &rule->reason, err);
}

static const struct field rule_fields[] = {
	{ "id", load_id, true },
	{ "tool", load_tool, false },
	{ "where", load_where, false },
	{ "action", load_action, true },
	{ "reason", load_reason, false },
	{ NULL, NULL, false },
};

static int
take_rule(const struct source *src, size_t at, struct policy_rule *rule,
    struct error *err)
{
	rule->at = origin_of(src, at);
	if (take_fields(src, at, "rules", rule_fields, rule, err) == -1)
		return -1;
	if (rule->action == RULE_REDACT && rule->nwhere == 0)
		return cursor_error(&src->cur, at, err,
		    "rule '%s': 'redact' wants 'where', which says what to "
		    "replace",
		    rule->id);
	return 0;
}

/* An id names one rule, in answers and in the log. */
static int
check_id(const struct source *src, size_t at, const struct policy_rule *rule,
    const struct policy_rule *others, size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(others[i].id, rule->id) == 0)
			return cursor_error(&src->cur, at, err,
			    "rule '%s' again (first at %s:%u)", rule->id,
			    others[i].at.file, others[i].at.line);
	return 0;
}

/* Reads the list into own, which has room for POLICY_RULES_MAX. */
static int
take_rules(const struct source *src, size_t box, struct policy_rule *own,
    size_t *n, struct error *err)
{
	const struct policy *p = src->load->policy;
	const struct cursor *cur = &src->cur;

	for (size_t at = cursor_first(cur, box); at != 0;
	     at = cursor_next(cur, box, at)) {
		struct policy_rule *rule = &own[*n];

		if (*n + p->nrules == POLICY_RULES_MAX)
			return cursor_error(cur, at, err,
			    "'rules': more than %u rules", POLICY_RULES_MAX);
		(*n)++; /* so that a half-filled one is released */
		if (take_rule(src, at, rule, err) == -1 ||
		    check_id(src, at, rule, own, *n - 1, err) == -1 ||
		    check_id(src, at, rule, p->rules, p->nrules, err) == -1)
			return -1;
	}
	return 0;
}

int
load_rules(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	struct policy *p = src->load->policy;
	struct policy_rule *own;
	size_t n = 0;

	(void)dst; /* is p->rules; their number goes with them */
	if (src->cur.v[at].kind != NODE_LIST)
		return wrong_type(src, at, key->path, key->kind->wants, err);
	own = xcalloc(POLICY_RULES_MAX, sizeof(*own));
	if (take_rules(src, at, own, &n, err) == -1) {
		for (size_t i = 0; i < n; i++)
			rule_release(&own[i]);
		free(own);
		return -1;
	}
	*ret_asks = n > 0;
	if (p->nrules > 0)
		memcpy(own + n, p->rules, p->nrules * sizeof(*own));
	free(p->rules); /* what it held has moved */
	p->nrules += n;
	p->rules = own;
	return 0;
}
