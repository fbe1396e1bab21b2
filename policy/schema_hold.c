/*
 * Keywords that hold other schemas or refer to them.  That their values have
 * the right form, and that what they hold has nodes, schema_keywords() sees to.
 */
#include <stdlib.h>

#include "policy/schema_node.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

static const char wrong_type[] = "wrong type";

/* The rule of that kind of a node, made if there is none. */
static struct rule *
rule_of(struct schema *s, uint32_t node, enum rule_kind kind)
{
	struct schema_node *n = &s->nodes[node];

	for (uint32_t i = 0; i < n->nrules; i++)
		if (n->rules[i].kind == kind)
			return &n->rules[i];
	return schema_rule_add(s, node, kind);
}

static struct schema_members *
members_of(struct schema *s, uint32_t node)
{
	struct rule *rule = rule_of(s, node, RULE_MEMBERS);

	if (rule->u.members == NULL) {
		rule->u.members = xcalloc(1, sizeof(*rule->u.members));
		rule->u.members->others = SCHEMA_NONE;
		rule->u.members->naming = SCHEMA_NONE;
	}
	return rule->u.members;
}

static void
add_name(struct schema *s, struct schema_members *m, json_at at, uint32_t node)
{
	struct slice text = schema_string(s, at);

	m->names =
	    schema_grow(m->names, m->nnames, &m->cap_names, sizeof(*m->names));
	m->names[m->nnames++] = (struct schema_name){
		.text = text,
		.node = node,
		.required = node == SCHEMA_NONE,
	};
	s->defined = schema_grow(
	    s->defined, s->ndefined, &s->cap_defined, sizeof(*s->defined));
	s->defined[s->ndefined++] = text;
}

static int
name_order(const void *a, const void *b)
{
	const struct schema_name *x = a, *y = b;

	return schema_name_compare(x->text, y->text);
}

void
schema_members_sort(struct schema *s, uint32_t node)
{
	struct schema_node *n = &s->nodes[node];
	struct schema_members *m = NULL;
	struct schema_name *last;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n->nrules; i++)
		if (n->rules[i].kind == RULE_MEMBERS)
			m = n->rules[i].u.members;
	if (m == NULL || m->nnames == 0)
		return;
	qsort(m->names, m->nnames, sizeof(*m->names), name_order);
	for (uint32_t i = 0; i < m->nnames; i++) {
		last = kept > 0 ? &m->names[kept - 1] : NULL;
		if (last == NULL || !slice_eq(last->text, m->names[i].text)) {
			m->names[kept++] = m->names[i];
			continue;
		}
		last->required |= m->names[i].required;
		if (last->node == SCHEMA_NONE)
			last->node = m->names[i].node;
	}
	m->nnames = kept;
	m->nrequired = 0;
	for (uint32_t i = 0; i < kept; i++)
		m->nrequired += m->names[i].required;
}

static int
load_required(
    struct schema *s, struct schema_members *m, json_at box, struct error *err)
{
	if (!json_is(&s->doc, box, JSON_ARRAY))
		return schema_fault(s, box, wrong_type, err);
	for (json_at at = json_first(&s->doc, box); at != JSON_NONE;
	     at = json_sibling(&s->doc, box, at)) {
		if (!json_is(&s->doc, at, JSON_STRING))
			return schema_fault(s, at, wrong_type, err);
		add_name(s, m, at, SCHEMA_NONE);
	}
	return 0;
}

static int
load_patterns(
    struct schema *s, struct schema_members *m, json_at box, struct error *err)
{
	struct schema_regex *re;

	for (json_at at = json_first(&s->doc, box); at != JSON_NONE;
	     at = json_sibling(&s->doc, box, at)) {
		if (schema_pattern_new(s, at, &re, err) == -1)
			return -1;
		m->patterns = schema_grow(m->patterns, m->npatterns,
		    &m->cap_patterns, sizeof(*m->patterns));
		m->patterns[m->npatterns++] = (struct schema_pattern){
			.re = re,
			.node = schema_node_at(s, at + 1),
		};
	}
	return 0;
}

int
schema_load_members(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	struct schema_members *m = members_of(s, node);
	json_at box = key + 1;

	(void)arg;
	if (json_equals(&s->doc, key, slice_of("required")))
		return load_required(s, m, box, err);
	if (json_equals(&s->doc, key, slice_of("patternProperties")))
		return load_patterns(s, m, box, err);
	if (json_equals(&s->doc, key, slice_of("additionalProperties")))
		m->others = schema_node_at(s, box);
	else if (json_equals(&s->doc, key, slice_of("propertyNames")))
		m->naming = schema_node_at(s, box);
	else /* properties */
		for (json_at at = json_first(&s->doc, box); at != JSON_NONE;
		     at = json_sibling(&s->doc, box, at))
			add_name(s, m, at, schema_node_at(s, at + 1));
	return 0;
}

/* Puts the nodes of a list into *ret (owned by the caller). */
static uint32_t
take_nodes(struct schema *s, json_at box, uint32_t **ret)
{
	uint32_t cap = 0, n = 0;

	*ret = NULL;
	for (json_at at = json_first(&s->doc, box); at != JSON_NONE;
	     at = json_sibling(&s->doc, box, at)) {
		*ret = schema_grow(*ret, n, &cap, sizeof(**ret));
		(*ret)[n++] = schema_node_at(s, at);
	}
	return n;
}

/* items, or prefixItems: whichever comes first takes all that belongs here. */
int
schema_load_items(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	json_at at = s->nodes[node].at;
	json_at list = json_get(&s->doc, at, "items"), rest = list;
	struct rule *rule = rule_of(s, node, RULE_ITEMS);
	enum schema_dialect dialect =
	    s->resources[s->nodes[node].resource].dialect;

	(void)key;
	(void)arg;
	(void)err;
	if (rule->u.items != NULL)
		return 0;
	rule->u.items = xcalloc(1, sizeof(*rule->u.items));
	if (json_is(&s->doc, list, JSON_ARRAY))
		rest = json_get(&s->doc, at, "additionalItems");
	else if (dialect >= DRAFT_2020)
		list = json_get(&s->doc, at, "prefixItems");
	if (json_is(&s->doc, list, JSON_ARRAY))
		rule->u.items->nfirst =
		    take_nodes(s, list, &rule->u.items->first);
	rule->u.items->rest =
	    rest != JSON_NONE && !json_is(&s->doc, rest, JSON_ARRAY)
		? schema_node_at(s, rest)
		: SCHEMA_NONE;
	return 0;
}

/* minContains or maxContains beside contains. */
static int
take_count(struct schema *s, json_at at, const char *name, uint64_t *value,
    struct error *err)
{
	json_at limit = json_get(&s->doc, at, name);
	int64_t n;

	if (limit == JSON_NONE)
		return 0;
	if (!json_int(&s->doc, limit, &n) || n < 0)
		return schema_fault(s, limit, "not a count", err);
	*value = (uint64_t)n;
	return 0;
}

int
schema_load_contains(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	json_at at = s->nodes[node].at;
	enum schema_dialect dialect =
	    s->resources[s->nodes[node].resource].dialect;
	struct schema_contains c = { .min = 1, .max = UINT64_MAX };

	(void)arg;
	if (dialect >= DRAFT_2019 &&
	    (take_count(s, at, "minContains", &c.min, err) == -1 ||
		take_count(s, at, "maxContains", &c.max, err) == -1))
		return -1;
	c.node = schema_node_at(s, key + 1);
	c.marks = dialect >= DRAFT_2020;
	schema_rule_add(s, node, RULE_CONTAINS)->u.contains = c;
	return 0;
}

static int
check_names(struct schema *s, json_at box, struct error *err)
{
	for (json_at at = json_first(&s->doc, box); at != JSON_NONE;
	     at = json_sibling(&s->doc, box, at))
		if (!json_is(&s->doc, at, JSON_STRING))
			return schema_fault(s, at, wrong_type, err);
	return 0;
}

/* One entry each; "dependencies" holds both forms. */
int
schema_load_dependent(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	struct schema_dependent *v = NULL;
	json_at box = key + 1, at;
	uint32_t n = 0, cap = 0;
	struct rule *rule;

	(void)arg;
	if (!json_is(&s->doc, box, JSON_OBJECT))
		return schema_fault(s, box, wrong_type, err);
	for (at = json_first(&s->doc, box); at != JSON_NONE;
	     at = json_sibling(&s->doc, box, at)) {
		bool list = json_is(&s->doc, at + 1, JSON_ARRAY);

		if ((list && check_names(s, at + 1, err) == -1) ||
		    (!list && s->resource_of[at + 1] == SCHEMA_NONE &&
			schema_fault(s, at + 1, wrong_type, err) == -1)) {
			free(v);
			return -1;
		}
		v = schema_grow(v, n, &cap, sizeof(*v));
		v[n++] = (struct schema_dependent){
			.name = schema_string(s, at),
			.required = list ? at + 1 : JSON_NONE,
			.node = list ? SCHEMA_NONE : schema_node_at(s, at + 1),
		};
	}
	rule = schema_rule_add(s, node, RULE_DEPENDENT);
	rule->u.dependent = v;
	rule->n = n;
	return 0;
}

/* A name in the dynamic scope, if that is what a reference is to. */
static bool
take_dynamic(struct schema *s, struct rule *rule, uint32_t resource,
    struct slice ref, bool recursive)
{
	const struct schema_anchor *anchor;
	struct slice base;

	if (recursive)
		return s->resources[resource].recursive;
	anchor = schema_anchor_find(s, resource, schema_fragment(ref, &base));
	if (anchor == NULL || !anchor->dynamic)
		return false;
	rule->u.dynamic.name = anchor->name;
	return true;
}

int
schema_load_ref(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	uint32_t resource = s->nodes[node].resource, target;
	struct slice ref;
	struct rule rule = { .kind = RULE_REF };
	json_at at;

	if (!json_is(&s->doc, key + 1, JSON_STRING))
		return schema_fault(s, key + 1, wrong_type, err);
	ref = schema_string(s, key + 1);
	if (schema_resolve(s, &resource, ref, &at, err) == -1)
		return schema_wrap(s, key + 1, err);
	if (schema_scan(s, at, resource, err) == -1)
		return -1;
	target = schema_node_at(s, at);
	resource = s->nodes[target].resource;
	if (arg == RULE_DYNAMIC &&
	    take_dynamic(s, &rule, resource, ref,
		json_equals(&s->doc, key, slice_of("$recursiveRef")))) {
		rule.kind = RULE_DYNAMIC;
		rule.u.dynamic.node = target;
	} else {
		rule.u.node = target;
	}
	*schema_rule_add(s, node, rule.kind) = rule;
	return 0;
}

int
schema_load_list(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	uint32_t *nodes, n = take_nodes(s, key + 1, &nodes);
	struct rule *rule;

	if (n == 0)
		return schema_fault(s, key + 1, "an empty list", err);
	rule = schema_rule_add(s, node, (enum rule_kind)arg);
	rule->u.nodes = nodes;
	rule->n = n;
	return 0;
}

int
schema_load_one(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	uint32_t held = schema_node_at(s, key + 1);

	(void)err;
	schema_rule_add(s, node, (enum rule_kind)arg)->u.node = held;
	s->nodes[node].tracks |=
	    arg == RULE_LAST_ITEMS || arg == RULE_LAST_MEMBERS;
	return 0;
}

int
schema_load_if(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	static const char *const branches[] = { "then", "else" };
	json_at at = s->nodes[node].at, branch;
	uint32_t *nodes = xcalloc(3, sizeof(*nodes));
	struct rule *rule;

	(void)arg;
	(void)err;
	nodes[0] = schema_node_at(s, key + 1);
	for (uint32_t i = 0; i < 2; i++) {
		branch = json_get(&s->doc, at, branches[i]);
		nodes[i + 1] = branch != JSON_NONE ? schema_node_at(s, branch)
						   : SCHEMA_NONE;
	}
	rule = schema_rule_add(s, node, RULE_IF);
	rule->u.nodes = nodes;
	rule->n = 3;
	return 0;
}
