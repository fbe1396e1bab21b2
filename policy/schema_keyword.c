/*
 * The keywords of JSON Schema, as a table: since which dialect, until which,
 * where they hold schemas, and who reads them.  What is not in it says nothing:
 * format, content..., title and words of other people's.
 */
#include <stdlib.h>

#include "policy/schema_node.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"

/*
 * Two forms of older dialects are read as they were meant where nobody says
 * $schema: items as a list (with additionalItems), and exclusive... as a
 * boolean; their authors would take a refusal for our fault.
 */
/* clang-format off */
static const struct schema_keyword keywords[] = {
	{ "$defs", DRAFT_2019, DRAFT_2020, HOLDS_MAP, NULL, 0 },
	{ "$dynamicRef", DRAFT_2020, DRAFT_2020, HOLDS_NONE, schema_load_ref, RULE_DYNAMIC },
	{ "$recursiveRef", DRAFT_2019, DRAFT_2019, HOLDS_NONE, schema_load_ref, RULE_DYNAMIC },
	{ "$ref", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_ref, RULE_REF },
	{ "additionalItems", DRAFT_04, DRAFT_2020, HOLDS_ONE, NULL, 0 },
	{ "additionalProperties", DRAFT_04, DRAFT_2020, HOLDS_ONE, schema_load_members, 0 },
	{ "allOf", DRAFT_04, DRAFT_2020, HOLDS_LIST, schema_load_list, RULE_ALL },
	{ "anyOf", DRAFT_04, DRAFT_2020, HOLDS_LIST, schema_load_list, RULE_ANY },
	{ "const", DRAFT_06, DRAFT_2020, HOLDS_NONE, schema_load_const, 0 },
	{ "contains", DRAFT_06, DRAFT_2020, HOLDS_ONE, schema_load_contains, 0 },
	{ "definitions", DRAFT_04, DRAFT_2020, HOLDS_MAP, NULL, 0 },
	{ "dependencies", DRAFT_04, DRAFT_2020, HOLDS_SOME, schema_load_dependent, 0 },
	{ "dependentRequired", DRAFT_2019, DRAFT_2020, HOLDS_NONE, schema_load_dependent, 0 },
	{ "dependentSchemas", DRAFT_2019, DRAFT_2020, HOLDS_MAP, schema_load_dependent, 0 },
	{ "else", DRAFT_07, DRAFT_2020, HOLDS_ONE, NULL, 0 },
	{ "enum", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_enum, 0 },
	{ "exclusiveMaximum", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_number, RULE_BELOW },
	{ "exclusiveMinimum", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_number, RULE_ABOVE },
	{ "if", DRAFT_07, DRAFT_2020, HOLDS_ONE, schema_load_if, 0 },
	{ "items", DRAFT_04, DRAFT_2020, HOLDS_EITHER, schema_load_items, 0 },
	{ "maxItems", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_limit, RULE_MAX_ITEMS },
	{ "maxLength", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_limit, RULE_MAX_LENGTH },
	{ "maxProperties", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_limit, RULE_MAX_MEMBERS },
	{ "maximum", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_number, RULE_MAXIMUM },
	{ "minItems", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_limit, RULE_MIN_ITEMS },
	{ "minLength", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_limit, RULE_MIN_LENGTH },
	{ "minProperties", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_limit, RULE_MIN_MEMBERS },
	{ "minimum", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_number, RULE_MINIMUM },
	{ "multipleOf", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_number, RULE_MULTIPLE },
	{ "not", DRAFT_04, DRAFT_2020, HOLDS_ONE, schema_load_one, RULE_NOT },
	{ "oneOf", DRAFT_04, DRAFT_2020, HOLDS_LIST, schema_load_list, RULE_ONE },
	{ "pattern", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_pattern, 0 },
	{ "patternProperties", DRAFT_04, DRAFT_2020, HOLDS_MAP, schema_load_members, 0 },
	{ "prefixItems", DRAFT_2020, DRAFT_2020, HOLDS_LIST, schema_load_items, 0 },
	{ "properties", DRAFT_04, DRAFT_2020, HOLDS_MAP, schema_load_members, 0 },
	{ "propertyNames", DRAFT_06, DRAFT_2020, HOLDS_ONE, schema_load_members, 0 },
	{ "required", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_members, 0 },
	{ "then", DRAFT_07, DRAFT_2020, HOLDS_ONE, NULL, 0 },
	{ "type", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_type, 0 },
	{ "unevaluatedItems", DRAFT_2019, DRAFT_2020, HOLDS_ONE, schema_load_one, RULE_LAST_ITEMS },
	{ "unevaluatedProperties", DRAFT_2019, DRAFT_2020, HOLDS_ONE, schema_load_one, RULE_LAST_MEMBERS },
	{ "uniqueItems", DRAFT_04, DRAFT_2020, HOLDS_NONE, schema_load_unique, 0 },
};
/* clang-format on */

const struct schema_keyword *
schema_keyword_find(
    const struct json *doc, json_at key, enum schema_dialect dialect)
{
	struct slice raw = json_raw(doc, key);
	const struct schema_keyword *kw;

	for (size_t i = 0; i < nitems(keywords); i++) {
		kw = &keywords[i];
		/* Most names differ in their first letters. */
		if (!doc->tok[key].escaped &&
		    (raw.at[1] != kw->name[0] || raw.at[2] != kw->name[1]))
			continue;
		if (dialect >= kw->since && dialect <= kw->until &&
		    json_equals(doc, key, slice_of(kw->name)))
			return kw;
	}
	return NULL;
}

/* Is the value of a keyword that holds schemas an object, a list, as it must?
 */
static bool
holds_well(const struct json *doc, json_at value, enum schema_holds holds)
{
	enum json_kind kind = json_kind(doc, value);
	bool schema =
	    kind == JSON_OBJECT || kind == JSON_TRUE || kind == JSON_FALSE;

	switch (holds) {
	case HOLDS_NONE:
		return true;
	case HOLDS_ONE:
		return schema;
	case HOLDS_LIST:
		return kind == JSON_ARRAY;
	case HOLDS_EITHER:
		return schema || kind == JSON_ARRAY;
	case HOLDS_MAP:
	case HOLDS_SOME:
		return kind == JSON_OBJECT;
	}
	return false;
}

/* The places of two keywords in the table cannot say which runs first. */
static int
rule_order(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;

	return (x->kind > y->kind) - (x->kind < y->kind);
}

int
schema_keywords(struct schema *s, uint32_t node, struct error *err)
{
	json_at at = s->nodes[node].at;
	enum schema_dialect dialect =
	    s->resources[s->nodes[node].resource].dialect;
	bool alone =
	    dialect <= DRAFT_07 && json_get(&s->doc, at, "$ref") != JSON_NONE;
	const struct schema_keyword *kw;
	struct schema_node *n;

	for (json_at key = json_first(&s->doc, at); key != JSON_NONE;
	     key = json_sibling(&s->doc, at, key)) {
		kw = schema_keyword_find(&s->doc, key, dialect);
		if (kw == NULL)
			continue;
		if (!holds_well(&s->doc, key + 1, kw->holds))
			return schema_fault(s, key + 1, "wrong type", err);
		if (kw->load != NULL && (!alone || kw->arg == RULE_REF) &&
		    kw->load(s, node, key, kw->arg, err) == -1)
			return -1;
		schema_nodes_in(s, key, kw->holds);
	}
	schema_members_sort(s, node);
	n = &s->nodes[node];
	if (n->nrules > 1)
		qsort(n->rules, n->nrules, sizeof(*n->rules), rule_order);
	return 0;
}
