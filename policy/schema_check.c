/*
 * Judges a value: every rule of a node in turn, nodes within nodes.  It ends
 * within a number of steps that grows with the value alone, whatever the schema
 * is; where they do not suffice, the answer is that it can't be told.
 */
#include <stdlib.h>

#include "policy/schema_node.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

/*
 * Steps that any value may take, those more that each of its tokens may, and
 * the bytes for which there is one more.
 */
#define STEPS_BASE UINT64_C(100000)
#define STEPS_TOKEN 64U
#define STEPS_BYTES 8U

/* Nodes within nodes; each takes some 400 bytes of the stack. */
#define DEPTH_MAX 200U

/* Bytes of a place in a message. */
#define PLACE_MAX 384U

static const char *const words[RULE_COUNT] = {
	[RULE_TYPE] = "type",
	[RULE_CONST] = "const",
	[RULE_ENUM] = "enum",
	[RULE_MINIMUM] = "minimum",
	[RULE_MAXIMUM] = "maximum",
	[RULE_ABOVE] = "exclusiveMinimum",
	[RULE_BELOW] = "exclusiveMaximum",
	[RULE_MULTIPLE] = "multipleOf",
	[RULE_MIN_LENGTH] = "minLength",
	[RULE_MAX_LENGTH] = "maxLength",
	[RULE_MIN_ITEMS] = "minItems",
	[RULE_MAX_ITEMS] = "maxItems",
	[RULE_MIN_MEMBERS] = "minProperties",
	[RULE_MAX_MEMBERS] = "maxProperties",
	[RULE_PATTERN] = "pattern",
	[RULE_UNIQUE] = "uniqueItems",
	[RULE_ANY] = "anyOf",
	[RULE_ONE] = "oneOf",
	[RULE_NOT] = "not",
};

int
schema_no(struct schema_run *run, json_at at, const char *word)
{
	char place[PLACE_MAX];

	if (run->quiet == 0 && run->why != NULL) {
		schema_place(
		    run->s, run->value.doc, run->top, at, place, sizeof(place));
		(void)error_set(run->why, "%s: %s", place, word);
	}
	return 0;
}

int
schema_unknown(struct schema_run *run, json_at at, const char *why)
{
	run->quiet = 0; /* nothing goes on after this */
	(void)schema_no(run, at, why);
	return -1;
}

static int
too_long(struct schema_run *run, json_at at)
{
	return schema_unknown(run, at, "more work than is allowed");
}

/* --- Nodes at the same place. --- */

static void
marks_init(struct schema_marks *marks, uint32_t n)
{
	marks->n = n;
	memset(marks->small, 0, sizeof(marks->small));
	marks->seen = n <= sizeof(marks->small) ? marks->small : xcalloc(n, 1);
}

static void
marks_release(struct schema_marks *marks)
{
	if (marks->seen != marks->small)
		free(marks->seen);
}

static void
marks_merge(struct schema_marks *to, const struct schema_marks *from)
{
	for (uint32_t i = 0; i < to->n; i++)
		to->seen[i] |= from->seen[i];
}

/* Does a node hold?  What it marks counts only if it does; no is no fault. */
static int
try_node(struct schema_run *run, uint32_t node, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	struct schema_marks own;
	int rc;

	if (marks == NULL) {
		run->quiet++;
		rc = schema_run_node(run, node, at, scope, NULL);
		run->quiet -= run->quiet > 0;
		return rc;
	}
	if (!schema_spend(run, marks->n / SCHEMA_STEP_BYTES))
		return too_long(run, at);
	marks_init(&own, marks->n);
	run->quiet++;
	rc = schema_run_node(run, node, at, scope, &own);
	run->quiet -= run->quiet > 0;
	if (rc == 1)
		marks_merge(marks, &own);
	marks_release(&own);
	return rc;
}

/* anyOf and oneOf: how many hold; no more are asked than matter. */
static int
run_choice(struct schema_run *run, const struct rule *rule, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	bool one = rule->kind == RULE_ONE;
	uint32_t hold = 0;
	int rc;

	for (uint32_t i = 0; i < rule->n; i++) {
		rc = try_node(run, rule->u.nodes[i], at, scope, marks);
		if (rc == -1)
			return -1;
		hold += rc == 1;
		if (one ? hold > 1 : hold > 0 && marks == NULL)
			break;
	}
	if (one ? hold == 1 : hold > 0)
		return 1;
	return schema_no(run, at, words[rule->kind]);
}

static int
run_all(struct schema_run *run, const struct rule *rule, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	int rc = 1;

	for (uint32_t i = 0; i < rule->n && rc == 1; i++)
		rc = schema_run_node(run, rule->u.nodes[i], at, scope, marks);
	return rc;
}

static int
run_not(struct schema_run *run, const struct rule *rule, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	int rc = try_node(run, rule->u.node, at, scope, NULL);

	(void)marks;
	if (rc == 1)
		return schema_no(run, at, words[rule->kind]);
	return rc == 0 ? 1 : -1;
}

static int
run_if(struct schema_run *run, const struct rule *rule, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	int rc = try_node(run, rule->u.nodes[0], at, scope, marks);
	uint32_t next;

	if (rc == -1)
		return -1;
	next = rule->u.nodes[rc == 1 ? 1 : 2];
	if (next == SCHEMA_NONE)
		return 1;
	return schema_run_node(run, next, at, scope, marks);
}

static int
run_ref(struct schema_run *run, const struct rule *rule, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	return schema_run_node(run, rule->u.node, at, scope, marks);
}

/* The outermost resource on the way here that knows the name has its say. */
static int
run_dynamic(struct schema_run *run, const struct rule *rule, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	const struct schema *s = run->s;
	const struct schema_anchor *anchor;
	uint32_t node = rule->u.dynamic.node;
	struct slice name = rule->u.dynamic.name;

	for (const struct schema_scope *sc = scope; sc != NULL;
	     sc = sc->outer) {
		if (name.len == 0) {
			if (s->resources[sc->resource].recursive)
				node = s->resources[sc->resource].node;
			continue;
		}
		if (!schema_spend(run, 1 + s->nanchors / 4))
			return too_long(run, at);
		anchor = schema_anchor_find(s, sc->resource, name);
		if (anchor != NULL && anchor->dynamic)
			node = anchor->node;
	}
	return schema_run_node(run, node, at, scope, marks);
}

/* --- Dispatch. --- */

/* What a rule is about: others pass it. */
#define ABOUT_ANY 0xffU
#define ABOUT_NUMBERS (1U << JSON_NUMBER)
#define ABOUT_STRINGS (1U << JSON_STRING)
#define ABOUT_ARRAYS (1U << JSON_ARRAY)
#define ABOUT_OBJECTS (1U << JSON_OBJECT)

/* Either alone: says yes or no; or fn: has given its reasons itself. */
static const struct {
	unsigned about;
	rule_alone_fn *alone;
	rule_fn *fn;
} rules[RULE_COUNT] = {
	[RULE_TYPE] = { ABOUT_ANY, schema_run_type, NULL },
	[RULE_CONST] = { ABOUT_ANY, schema_run_const, NULL },
	[RULE_ENUM] = { ABOUT_ANY, schema_run_enum, NULL },
	[RULE_MINIMUM] = { ABOUT_NUMBERS, schema_run_number, NULL },
	[RULE_MAXIMUM] = { ABOUT_NUMBERS, schema_run_number, NULL },
	[RULE_ABOVE] = { ABOUT_NUMBERS, schema_run_number, NULL },
	[RULE_BELOW] = { ABOUT_NUMBERS, schema_run_number, NULL },
	[RULE_MULTIPLE] = { ABOUT_NUMBERS, schema_run_number, NULL },
	[RULE_MIN_LENGTH] = { ABOUT_STRINGS, schema_run_length, NULL },
	[RULE_MAX_LENGTH] = { ABOUT_STRINGS, schema_run_length, NULL },
	[RULE_MIN_ITEMS] = { ABOUT_ARRAYS, schema_run_count, NULL },
	[RULE_MAX_ITEMS] = { ABOUT_ARRAYS, schema_run_count, NULL },
	[RULE_MIN_MEMBERS] = { ABOUT_OBJECTS, schema_run_count, NULL },
	[RULE_MAX_MEMBERS] = { ABOUT_OBJECTS, schema_run_count, NULL },
	[RULE_PATTERN] = { ABOUT_STRINGS, schema_run_pattern, NULL },
	[RULE_MEMBERS] = { ABOUT_OBJECTS, NULL, schema_run_members },
	[RULE_ITEMS] = { ABOUT_ARRAYS, NULL, schema_run_items },
	[RULE_UNIQUE] = { ABOUT_ARRAYS, schema_run_unique, NULL },
	[RULE_CONTAINS] = { ABOUT_ARRAYS, NULL, schema_run_contains },
	[RULE_DEPENDENT] = { ABOUT_OBJECTS, NULL, schema_run_dependent },
	[RULE_REF] = { ABOUT_ANY, NULL, run_ref },
	[RULE_DYNAMIC] = { ABOUT_ANY, NULL, run_dynamic },
	[RULE_ALL] = { ABOUT_ANY, NULL, run_all },
	[RULE_ANY] = { ABOUT_ANY, NULL, run_choice },
	[RULE_ONE] = { ABOUT_ANY, NULL, run_choice },
	[RULE_NOT] = { ABOUT_ANY, NULL, run_not },
	[RULE_IF] = { ABOUT_ANY, NULL, run_if },
	[RULE_LAST_ITEMS] = { ABOUT_ARRAYS, NULL, schema_run_last_items },
	[RULE_LAST_MEMBERS] = { ABOUT_OBJECTS, NULL, schema_run_last_members },
};

static int
run_rules(struct schema_run *run, const struct schema_node *node, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	unsigned kind = 1U << json_kind(run->value.doc, at);
	int rc;

	for (uint32_t i = 0; i < node->nrules; i++) {
		const struct rule *rule = &node->rules[i];

		if ((rules[rule->kind].about & kind) == 0)
			continue;
		if (!schema_spend(run, 1))
			return too_long(run, at);
		if (rules[rule->kind].fn != NULL) {
			rc = rules[rule->kind].fn(run, rule, at, scope, marks);
			if (rc != 1)
				return rc;
			continue;
		}
		rc = rules[rule->kind].alone(run, rule, at);
		if (rc == 0)
			return schema_no(run, at, words[rule->kind]);
		if (rc == -1)
			return schema_unknown(run, at, "can't be told");
	}
	return 1;
}

/* With marks of its own, for it asks what has not been judged. */
static int
run_tracking(struct schema_run *run, const struct schema_node *node, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	const struct json *doc = run->value.doc;
	struct schema_marks own;
	uint32_t n = 0;
	int rc;

	for (json_at i = json_first(doc, at); i != JSON_NONE;
	     i = json_sibling(doc, at, i))
		n++;
	if (!schema_spend(run, n / SCHEMA_STEP_BYTES))
		return too_long(run, at);
	marks_init(&own, n);
	rc = run_rules(run, node, at, scope, &own);
	if (rc == 1 && marks != NULL)
		marks_merge(marks, &own);
	marks_release(&own);
	return rc;
}

int
schema_run_node(struct schema_run *run, uint32_t index, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks)
{
	const struct schema_node *node = &run->s->nodes[index];
	struct schema_scope inner = { node->resource, scope };
	int rc;

	if (node->never)
		return schema_no(run, at, "not allowed");
	if (node->nrules == 0)
		return 1;
	if (run->depth >= DEPTH_MAX)
		return schema_unknown(run, at, "nested too deep");
	if (!schema_spend(run, 1))
		return too_long(run, at);
	if (scope == NULL || scope->resource != node->resource)
		scope = &inner;
	run->depth++;
	if (node->tracks)
		rc = run_tracking(run, node, at, scope, marks);
	else
		rc = run_rules(run, node, at, scope, marks);
	run->depth--;
	return rc;
}

int
schema_check(
    struct schema *s, const struct json *doc, json_at at, struct error *why)
{
	struct schema_run run = { .s = s, .top = at, .why = why };

	run.value = (struct schema_doc){ doc, &s->text_scratch, &run.steps };
	run.own = (struct schema_doc){ &s->doc, &s->scratch, &run.steps };
	run.steps = STEPS_BASE +
		    (uint64_t)STEPS_TOKEN * (json_after(doc, at) - at) +
		    json_raw(doc, at).len / STEPS_BYTES;
	return schema_run_node(&run, 0, at, NULL, NULL);
}
