/*
 * A JSON Schema from its text to its release: a strict reading of its own copy,
 * what it names, what it says.  Judging is in schema_check.c.
 */
#include "policy/schema.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "policy/schema_node.h"
#include "policy/schema_regex.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

/*
 * A schema as a server sends it: ten times what the largest known ones take.
 * Objects lie in "properties" and the like, so schemas nest half as deep.
 */
static const struct json_limits limits = {
	.max_bytes = 1UL << 20,
	.max_depth = 128,
	.max_tokens = 100000,
	.lone_surrogates = true,
};

/* Steps for the patterns of one schema: some tenths of a second. */
#define REGEX_WORK UINT64_C(30000000)

static void
rule_release(struct rule *rule)
{
	switch (rule->kind) {
	case RULE_ENUM:
		free(rule->u.values);
		break;
	case RULE_MEMBERS:
		free(rule->u.members->names);
		free(rule->u.members->patterns);
		free(rule->u.members);
		break;
	case RULE_ITEMS:
		free(rule->u.items->first);
		free(rule->u.items);
		break;
	case RULE_DEPENDENT:
		free(rule->u.dependent);
		break;
	case RULE_ALL:
	case RULE_ANY:
	case RULE_ONE:
	case RULE_IF:
		free(rule->u.nodes);
		break;
	case RULE_TYPE:
	case RULE_CONST:
	case RULE_MINIMUM:
	case RULE_MAXIMUM:
	case RULE_ABOVE:
	case RULE_BELOW:
	case RULE_MULTIPLE:
	case RULE_MIN_LENGTH:
	case RULE_MAX_LENGTH:
	case RULE_MIN_ITEMS:
	case RULE_MAX_ITEMS:
	case RULE_MIN_MEMBERS:
	case RULE_MAX_MEMBERS:
	case RULE_PATTERN:
	case RULE_UNIQUE:
	case RULE_CONTAINS:
	case RULE_REF:
	case RULE_DYNAMIC:
	case RULE_NOT:
	case RULE_LAST_ITEMS:
	case RULE_LAST_MEMBERS:
	case RULE_COUNT:
		break;
	}
}

static void
nodes_free(struct schema *s)
{
	for (uint32_t i = 0; i < s->nnodes; i++) {
		for (uint32_t k = 0; k < s->nodes[i].nrules; k++)
			rule_release(&s->nodes[i].rules[k]);
		free(s->nodes[i].rules);
	}
	free(s->nodes);
}

void
schema_free(struct schema *s)
{
	if (s == NULL)
		return;
	nodes_free(s);
	for (uint32_t i = 0; i < s->nresources; i++)
		free(s->resources[i].uri);
	for (uint32_t i = 0; i < s->npatterns; i++)
		schema_regex_free(s->patterns[i]);
	for (uint32_t i = 0; i < s->nstrings; i++)
		free(s->strings[i]);
	free(s->resources);
	free(s->anchors);
	free(s->patterns);
	free(s->strings);
	free(s->defined);
	free(s->node_of);
	free(s->resource_of);
	buf_release(&s->scratch);
	buf_release(&s->text_scratch);
	json_release(&s->doc);
	free(s->text);
	free(s);
}

static uint64_t
draw_seed(void)
{
	uint64_t seed;
	struct timespec now = { 0 };

	if (getrandom(&seed, sizeof(seed), 0) == (ssize_t)sizeof(seed))
		return seed;
	/* Who guesses it can make a check give up, and nothing else. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)getpid();
}

static uint32_t *
no_indices(uint32_t n)
{
	uint32_t *v = xreallocarray(NULL, n, sizeof(*v));

	for (uint32_t i = 0; i < n; i++)
		v[i] = SCHEMA_NONE;
	return v;
}

static int
compile(struct schema *s, struct slice text, struct error *err)
{
	s->text = xmemdup0(text.at, text.len);
	text.at = s->text;
	if (json_read(&s->doc, text, &limits, err) == -1)
		return error_wrap(err, "/");
	s->node_of = no_indices(s->doc.ntok);
	s->resource_of = no_indices(s->doc.ntok);
	if (schema_scan(s, JSON_ROOT, SCHEMA_NONE, err) == -1)
		return -1;
	(void)schema_node_at(s, JSON_ROOT);
	if (schema_compile(s, err) == -1)
		return -1;
	if (s->ndefined > 1)
		qsort(s->defined, s->ndefined, sizeof(*s->defined),
		    schema_name_order);
	return 0;
}

int
schema_new(
    const struct json *doc, json_at at, struct schema **ret, struct error *err)
{
	struct schema *s = xcalloc(1, sizeof(*s));
	int rc;

	json_init(&s->doc);
	buf_init(&s->scratch, SIZE_MAX / 2);
	buf_init(&s->text_scratch, SIZE_MAX / 2);
	s->seed = draw_seed();
	s->regex_work = REGEX_WORK;
	rc = compile(s, json_raw(doc, at), err);
	if (rc == 0)
		*ret = s;
	else
		schema_free(s);
	return rc;
}
