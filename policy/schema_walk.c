/*
 * The keywords that judge the children of a value: members and items.
 */
#include "policy/schema_node.h"
#include "policy/schema_regex.h"
#include "proxy/base/error.h"

/* Bytes of a message. */
#define MISSING_MAX 512U

static int
too_long(struct schema_run *run, json_at at)
{
	return schema_unknown(run, at, "more work than is allowed");
}

/* A child judged by a node of which nothing but this keyword may forbid it. */
static int
run_child(struct schema_run *run, uint32_t node, json_at at,
    const struct schema_scope *scope, const char *word)
{
	if (run->s->nodes[node].never)
		return schema_no(run, at, word);
	return schema_run_node(run, node, at, scope, NULL);
}

static const struct schema_name *
find_name(const struct schema_members *m, struct slice name)
{
	uint32_t low = 0, high = m->nnames;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int order = schema_name_compare(name, m->names[mid].text);

		if (order == 0)
			return &m->names[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* The value of a member, or JSON_NONE; its steps are counted. */
static json_at
find_member(struct schema_run *run, json_at object, struct slice name)
{
	const struct json *doc = run->value.doc;

	for (json_at key = json_first(doc, object); key != JSON_NONE;
	     key = json_sibling(doc, object, key)) {
		if (!schema_spend(run, 1))
			return JSON_NONE;
		if (json_equals(doc, key, name))
			return key + 1;
	}
	return JSON_NONE;
}

/* "/edits/0/oldText: required": the place of what is not there. */
static int
missing(struct schema_run *run, json_at at, struct slice name, const char *word)
{
	char place[MISSING_MAX];

	if (run->quiet == 0 && run->why != NULL) {
		schema_place_of(run->s, run->value.doc, run->top, at, name,
		    place, sizeof(place));
		(void)error_set(run->why, "%s: %s", place, word);
	}
	return 0;
}

static int
first_missing(
    struct schema_run *run, const struct schema_members *m, json_at at)
{
	for (uint32_t i = 0; i < m->nnames && run->quiet == 0; i++) {
		if (!m->names[i].required ||
		    find_member(run, at, m->names[i].text) != JSON_NONE)
			continue;
		if (run->steps == 0)
			break;
		return missing(run, at, m->names[i].text, "required");
	}
	return schema_no(run, at, "required");
}

/* patternProperties for one member: *covered if any speaks of it. */
static int
run_patterns(struct schema_run *run, const struct schema_members *m,
    json_at key, const struct schema_scope *scope, bool *covered)
{
	struct slice name;
	int rc;

	for (uint32_t i = 0; i < m->npatterns; i++) {
		/* Again each time: judging the value uses the scratch. */
		name = json_text(run->value.doc, key, run->value.scratch);
		if (!schema_spend(run, schema_regex_steps(name.len)))
			return too_long(run, key);
		rc = schema_regex_find(m->patterns[i].re, name);
		if (rc == -1)
			return schema_unknown(run, key, "can't be told");
		if (rc == 0)
			continue;
		*covered = true;
		rc = run_child(run, m->patterns[i].node, key + 1, scope,
		    "patternProperties");
		if (rc != 1)
			return rc;
	}
	return 1;
}

/* All of the keywords for one member; *ret_required if it was one. */
static int
run_member(struct schema_run *run, const struct schema_members *m, json_at key,
    const struct schema_scope *scope, bool *covered, bool *ret_required)
{
	struct slice text = json_text(run->value.doc, key, run->value.scratch);
	const struct schema_name *name = find_name(m, text);
	int rc = 1;

	*ret_required = name != NULL && name->required;
	if (name != NULL && name->node != SCHEMA_NONE) {
		*covered = true;
		rc = run_child(run, name->node, key + 1, scope, "properties");
	}
	if (rc == 1 && m->npatterns > 0)
		rc = run_patterns(run, m, key, scope, covered);
	if (rc == 1 && !*covered && m->others != SCHEMA_NONE) {
		*covered = true;
		rc = run_child(
		    run, m->others, key + 1, scope, "additionalProperties");
	}
	if (rc == 1 && m->naming != SCHEMA_NONE)
		rc = run_child(run, m->naming, key, scope, "propertyNames");
	return rc;
}

int
schema_run_members(struct schema_run *run, const struct rule *rule, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	const struct schema_members *m = rule->u.members;
	const struct json *doc = run->value.doc;
	uint32_t found = 0, i = 0;
	bool covered, required;
	int rc;

	for (json_at key = json_first(doc, at); key != JSON_NONE;
	     key = json_sibling(doc, at, key), i++) {
		if (!schema_spend(run, 1))
			return too_long(run, at);
		covered = false;
		rc = run_member(run, m, key, scope, &covered, &required);
		if (rc != 1)
			return rc;
		found += required;
		if (marks != NULL)
			marks->seen[i] |= covered;
	}
	if (found < m->nrequired)
		return first_missing(run, m, at);
	return 1;
}

int
schema_run_items(struct schema_run *run, const struct rule *rule, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	const struct schema_items *items = rule->u.items;
	const struct json *doc = run->value.doc;
	uint32_t i = 0, node;
	int rc;

	for (json_at item = json_first(doc, at); item != JSON_NONE;
	     item = json_sibling(doc, at, item), i++) {
		node = i < items->nfirst ? items->first[i] : items->rest;
		if (node == SCHEMA_NONE)
			break;
		if (!schema_spend(run, 1))
			return too_long(run, at);
		if ((rc = run_child(run, node, item, scope, "items")) != 1)
			return rc;
		if (marks != NULL)
			marks->seen[i] = 1;
	}
	return 1;
}

int
schema_run_contains(struct schema_run *run, const struct rule *rule, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	const struct schema_contains *c = &rule->u.contains;
	const struct json *doc = run->value.doc;
	uint64_t found = 0;
	uint32_t i = 0;
	int rc;

	for (json_at item = json_first(doc, at); item != JSON_NONE;
	     item = json_sibling(doc, at, item), i++) {
		if (!schema_spend(run, 1))
			return too_long(run, at);
		run->quiet++;
		rc = schema_run_node(run, c->node, item, scope, NULL);
		run->quiet -= run->quiet > 0;
		if (rc == -1)
			return -1;
		found += rc == 1;
		if (marks != NULL && c->marks && rc == 1)
			marks->seen[i] = 1;
		if (found > c->max)
			return schema_no(run, at, "maxContains");
		if (found >= c->min && c->max == UINT64_MAX && marks == NULL)
			break;
	}
	return found >= c->min ? 1 : schema_no(run, at, "contains");
}

/* The names that must be there as well. */
static int
run_companions(
    struct schema_run *run, const struct schema_dependent *dep, json_at at)
{
	const struct json *own = run->own.doc;
	struct slice name;

	for (json_at k = json_first(own, dep->required); k != JSON_NONE;
	     k = json_sibling(own, dep->required, k)) {
		name = json_text(own, k, run->own.scratch);
		if (find_member(run, at, name) != JSON_NONE)
			continue;
		if (run->steps == 0)
			return too_long(run, at);
		return missing(run, at, name, "dependentRequired");
	}
	return 1;
}

int
schema_run_dependent(struct schema_run *run, const struct rule *rule,
    json_at at, const struct schema_scope *scope, struct schema_marks *marks)
{
	int rc;

	for (uint32_t i = 0; i < rule->n; i++) {
		const struct schema_dependent *dep = &rule->u.dependent[i];

		if (find_member(run, at, dep->name) == JSON_NONE) {
			if (run->steps == 0)
				return too_long(run, at);
			continue;
		}
		rc = dep->node != SCHEMA_NONE
			 ? schema_run_node(run, dep->node, at, scope, marks)
			 : run_companions(run, dep, at);
		if (rc != 1)
			return rc;
	}
	return 1;
}

/* Children that nothing has judged; from here on all of them are. */
static int
run_last(struct schema_run *run, uint32_t node, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks,
    const char *word)
{
	const struct json *doc = run->value.doc;
	bool object = json_kind(doc, at) == JSON_OBJECT;
	uint32_t i = 0;
	int rc;

	for (json_at child = json_first(doc, at); child != JSON_NONE;
	     child = json_sibling(doc, at, child), i++) {
		if (marks->seen[i] != 0)
			continue;
		if (!schema_spend(run, 1))
			return too_long(run, at);
		rc = run_child(
		    run, node, object ? child + 1 : child, scope, word);
		if (rc != 1)
			return rc;
		marks->seen[i] = 1;
	}
	return 1;
}

int
schema_run_last_items(struct schema_run *run, const struct rule *rule,
    json_at at, const struct schema_scope *scope, struct schema_marks *marks)
{
	return run_last(
	    run, rule->u.node, at, scope, marks, "unevaluatedItems");
}

int
schema_run_last_members(struct schema_run *run, const struct rule *rule,
    json_at at, const struct schema_scope *scope, struct schema_marks *marks)
{
	return run_last(
	    run, rule->u.node, at, scope, marks, "unevaluatedProperties");
}
