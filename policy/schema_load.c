/*
 * Keywords that judge a value by itself: types, constants, limits, patterns.
 */
#include <stdlib.h>

#include "policy/schema_node.h"
#include "policy/schema_regex.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

static const char wrong_type[] = "wrong type";

static const struct {
	const char *name;
	unsigned bits;
} types[] = {
	{ "null", 1U << JSON_NULL },
	{ "boolean", 1U << JSON_FALSE | 1U << JSON_TRUE },
	{ "number", 1U << JSON_NUMBER | TYPE_WHOLE },
	{ "integer", TYPE_WHOLE },
	{ "string", 1U << JSON_STRING },
	{ "array", 1U << JSON_ARRAY },
	{ "object", 1U << JSON_OBJECT },
};

static unsigned
type_bits(const struct json *doc, json_at at)
{
	if (json_is(doc, at, JSON_STRING))
		for (size_t i = 0; i < nitems(types); i++)
			if (json_equals(doc, at, slice_of(types[i].name)))
				return types[i].bits;
	return 0;
}

int
schema_load_type(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	json_at box = key + 1, at;
	unsigned one, bits = type_bits(&s->doc, box);

	(void)arg;
	if (json_is(&s->doc, box, JSON_ARRAY)) {
		for (at = json_first(&s->doc, box); at != JSON_NONE;
		     at = json_sibling(&s->doc, box, at)) {
			if ((one = type_bits(&s->doc, at)) == 0)
				return schema_fault(s, at, "no type", err);
			bits |= one;
		}
	}
	if (bits == 0)
		return schema_fault(s, box, "no type", err);
	schema_rule_add(s, node, RULE_TYPE)->u.types = bits;
	return 0;
}

int
schema_load_const(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	(void)arg;
	(void)err;
	schema_rule_add(s, node, RULE_CONST)->u.at = key + 1;
	return 0;
}

static int
value_order(const void *a, const void *b)
{
	const struct schema_value *x = a, *y = b;

	return (x->hash > y->hash) - (x->hash < y->hash);
}

int
schema_load_enum(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	uint64_t steps = UINT64_MAX;
	const struct schema_doc d = { &s->doc, &s->scratch, &steps };
	json_at box = key + 1, at;
	struct rule *rule;
	uint32_t n = 0;

	(void)arg;
	if (!json_is(&s->doc, box, JSON_ARRAY))
		return schema_fault(s, box, wrong_type, err);
	for (at = json_first(&s->doc, box); at != JSON_NONE;
	     at = json_sibling(&s->doc, box, at))
		n++;
	rule = schema_rule_add(s, node, RULE_ENUM);
	rule->u.values = xcalloc(n + 1, sizeof(*rule->u.values));
	for (at = json_first(&s->doc, box); at != JSON_NONE;
	     at = json_sibling(&s->doc, box, at))
		rule->u.values[rule->n++] = (struct schema_value){
			.hash = schema_hash(s->seed, &d, at),
			.at = at,
		};
	qsort(rule->u.values, rule->n, sizeof(*rule->u.values), value_order);
	return 0;
}

/* "exclusiveMinimum": true, as draft-04 has it: of the minimum beside it. */
static int
load_exclusive(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	const char *beside = arg == RULE_ABOVE ? "minimum" : "maximum";
	json_at at = json_get(&s->doc, s->nodes[node].at, beside);

	if (json_is(&s->doc, key + 1, JSON_FALSE) || at == JSON_NONE)
		return 0;
	if (!json_is(&s->doc, at, JSON_NUMBER))
		return schema_fault(s, at, wrong_type, err);
	schema_rule_add(s, node, (enum rule_kind)arg)->u.number =
	    decimal_read(json_raw(&s->doc, at));
	return 0;
}

int
schema_load_number(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	struct decimal number;

	if ((arg == RULE_ABOVE || arg == RULE_BELOW) &&
	    (json_is(&s->doc, key + 1, JSON_TRUE) ||
		json_is(&s->doc, key + 1, JSON_FALSE)))
		return load_exclusive(s, node, key, arg, err);
	if (!json_is(&s->doc, key + 1, JSON_NUMBER))
		return schema_fault(s, key + 1, wrong_type, err);
	number = decimal_read(json_raw(&s->doc, key + 1));
	if (arg == RULE_MULTIPLE && (number.first == NULL || number.minus))
		return schema_fault(s, key + 1, "not above zero", err);
	schema_rule_add(s, node, (enum rule_kind)arg)->u.number = number;
	return 0;
}

int
schema_load_limit(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	struct decimal number;
	int64_t value;

	if (!json_is(&s->doc, key + 1, JSON_NUMBER))
		return schema_fault(s, key + 1, wrong_type, err);
	number = decimal_read(json_raw(&s->doc, key + 1));
	if (number.minus || decimal_whole(&number) != 1)
		return schema_fault(s, key + 1, "not a count", err);
	if (!json_int(&s->doc, key + 1, &value))
		value = INT64_MAX; /* more than anything has */
	schema_rule_add(s, node, (enum rule_kind)arg)->u.limit =
	    (uint64_t)value;
	return 0;
}

/* Compiles a pattern, which the schema keeps. */
int
schema_pattern_new(
    struct schema *s, json_at at, struct schema_regex **ret, struct error *err)
{
	struct slice text;

	if (!json_is(&s->doc, at, JSON_STRING))
		return schema_fault(s, at, wrong_type, err);
	text = json_text(&s->doc, at, &s->scratch);
	s->patterns = schema_grow(s->patterns, s->npatterns, &s->cap_patterns,
	    sizeof(struct schema_regex *));
	if (schema_regex_new(text, &s->regex_work, ret, err) == -1)
		return schema_wrap(s, at, err);
	s->patterns[s->npatterns++] = *ret;
	return 0;
}

int
schema_load_pattern(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	struct schema_regex *re = NULL;

	(void)arg;
	if (schema_pattern_new(s, key + 1, &re, err) == -1)
		return -1;
	schema_rule_add(s, node, RULE_PATTERN)->u.re = re;
	return 0;
}

int
schema_load_unique(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err)
{
	(void)arg;
	if (json_is(&s->doc, key + 1, JSON_TRUE))
		(void)schema_rule_add(s, node, RULE_UNIQUE);
	else if (!json_is(&s->doc, key + 1, JSON_FALSE))
		return schema_fault(s, key + 1, wrong_type, err);
	return 0;
}
