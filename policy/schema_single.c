/*
 * The keywords that judge a value by itself: 1 yes, 0 no, -1 it can't be told.
 */
#include <stdlib.h>

#include "policy/schema_node.h"
#include "policy/schema_regex.h"
#include "proxy/base/xalloc.h"

int
schema_run_type(struct schema_run *run, const struct rule *rule, json_at at)
{
	enum json_kind kind = json_kind(run->value.doc, at);
	struct decimal number;

	if ((rule->u.types & 1U << kind) != 0)
		return 1;
	if (kind != JSON_NUMBER || (rule->u.types & TYPE_WHOLE) == 0)
		return 0;
	number = decimal_read(json_raw(run->value.doc, at));
	return decimal_whole(&number);
}

int
schema_run_enum(struct schema_run *run, const struct rule *rule, json_at at)
{
	uint64_t hash = schema_hash(run->s->seed, &run->value, at);
	uint32_t low = 0, high = rule->n, mid;
	int rc = 0;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (rule->u.values[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < rule->n && rule->u.values[low].hash == hash && rc == 0;
	     low++)
		rc = schema_equal(
		    &run->value, at, &run->own, rule->u.values[low].at);
	return rc;
}

int
schema_run_number(struct schema_run *run, const struct rule *rule, json_at at)
{
	struct slice text = json_raw(run->value.doc, at);
	struct decimal number = decimal_read(text);
	int order;

	if (!schema_spend(run, text.len / SCHEMA_STEP_BYTES))
		return -1;
	if (rule->kind == RULE_MULTIPLE)
		return decimal_multiple(&number, &rule->u.number);
	if (!decimal_compare(&number, &rule->u.number, &order))
		return -1;
	if (rule->kind == RULE_MINIMUM)
		return order >= 0;
	if (rule->kind == RULE_MAXIMUM)
		return order <= 0;
	return rule->kind == RULE_ABOVE ? order > 0 : order < 0;
}

/* Characters of a string: bytes that go on with one are not counted. */
static uint64_t
count_characters(struct slice text)
{
	uint64_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += ((unsigned char)text.at[i] & 0xc0) != 0x80;
	return n;
}

int
schema_run_length(struct schema_run *run, const struct rule *rule, json_at at)
{
	struct slice text = json_text(run->value.doc, at, run->value.scratch);
	uint64_t n;

	if (!schema_spend(run, text.len / SCHEMA_STEP_BYTES))
		return -1;
	n = count_characters(text);
	return rule->kind == RULE_MIN_LENGTH ? n >= rule->u.limit
					     : n <= rule->u.limit;
}

int
schema_run_count(struct schema_run *run, const struct rule *rule, json_at at)
{
	uint64_t n = 0;

	for (json_at i = json_first(run->value.doc, at); i != JSON_NONE;
	     i = json_sibling(run->value.doc, at, i))
		n++;
	if (!schema_spend(run, n / SCHEMA_STEP_BYTES))
		return -1;
	return rule->kind == RULE_MIN_ITEMS || rule->kind == RULE_MIN_MEMBERS
		   ? n >= rule->u.limit
		   : n <= rule->u.limit;
}

int
schema_run_pattern(struct schema_run *run, const struct rule *rule, json_at at)
{
	struct slice text = json_text(run->value.doc, at, run->value.scratch);

	if (!schema_spend(run, schema_regex_steps(text.len)))
		return -1;
	return schema_regex_find(rule->u.re, text);
}

/* Items of an array, put into a table by their hashes. */
int
schema_run_unique(struct schema_run *run, const struct rule *rule, json_at at)
{
	const struct json *doc = run->value.doc;
	struct schema_value *slots;
	size_t n = 2, i;
	int rc = 1;

	(void)rule;
	for (json_at k = json_first(doc, at); k != JSON_NONE;
	     k = json_sibling(doc, at, k))
		n += 2;
	n = (size_t)1 << (64 - __builtin_clzll(n)); /* half of it is empty */
	slots = xcalloc(n, sizeof(*slots));
	for (json_at k = json_first(doc, at); k != JSON_NONE && rc == 1;
	     k = json_sibling(doc, at, k)) {
		uint64_t hash = schema_hash(run->s->seed, &run->value, k);

		/* at is 0 where it is empty: an item is never the root. */
		for (i = hash & (n - 1); rc == 1 && slots[i].at != 0;
		     i = (i + 1) & (n - 1))
			if (slots[i].hash == hash) {
				rc = schema_equal(
				    &run->value, k, &run->value, slots[i].at);
				rc = rc == 0 ? 1 : rc == 1 ? 0 : -1;
			} else if (!schema_spend(run, 1)) {
				rc = -1;
			}
		slots[i] = (struct schema_value){ .hash = hash, .at = k };
	}
	free(slots);
	return rc;
}

int
schema_run_const(struct schema_run *run, const struct rule *rule, json_at at)
{
	return schema_equal(&run->value, at, &run->own, rule->u.at);
}
