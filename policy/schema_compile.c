/*
 * From the text of a schema to nodes and rules.  Nodes wait in a queue, so that
 * a reference costs no stack and may lead in a circle.
 */
#include <stdlib.h>

#include "policy/schema_node.h"
#include "policy/schema_regex.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

/* Bytes of a place in a message. */
#define PLACE_MAX 256U

void *
schema_grow(void *v, uint32_t n, uint32_t *cap, size_t size)
{
	if (n < *cap)
		return v;
	*cap = *cap > 0 ? *cap * 2 : 4;
	return xreallocarray(v, *cap, size);
}

struct slice
schema_string(struct schema *s, json_at at)
{
	struct slice text = json_text(&s->doc, at, &s->scratch);

	s->strings = schema_grow(
	    s->strings, s->nstrings, &s->cap_strings, sizeof(*s->strings));
	s->strings[s->nstrings] =
	    xmemdup0(text.len > 0 ? text.at : "", text.len);
	return (struct slice){ s->strings[s->nstrings++], text.len };
}

int
schema_wrap(struct schema *s, json_at at, struct error *err)
{
	char place[PLACE_MAX];

	schema_place(NULL, &s->doc, JSON_ROOT, at, place, sizeof(place));
	return error_wrap(err, "%s", place);
}

int
schema_fault(struct schema *s, json_at at, const char *what, struct error *err)
{
	(void)error_set(err, "%s", what);
	return schema_wrap(s, at, err);
}

uint32_t
schema_node_at(struct schema *s, json_at at)
{
	if (s->node_of[at] != SCHEMA_NONE)
		return s->node_of[at];
	s->nodes =
	    schema_grow(s->nodes, s->nnodes, &s->cap_nodes, sizeof(*s->nodes));
	s->nodes[s->nnodes] = (struct schema_node){
		.at = at,
		.resource = s->resource_of[at],
	};
	s->node_of[at] = s->nnodes;
	return s->nnodes++;
}

void
schema_nodes_in(struct schema *s, json_at key, enum schema_holds holds)
{
	json_at box = key + 1;
	bool list = json_is(&s->doc, box, JSON_ARRAY);
	bool map = json_is(&s->doc, box, JSON_OBJECT);

	if (holds == HOLDS_NONE)
		return;
	if ((holds == HOLDS_ONE || holds == HOLDS_EITHER) && !list) {
		(void)schema_node_at(s, box);
		return;
	}
	if (holds == HOLDS_MAP || holds == HOLDS_SOME
		? !map
		: !list || holds == HOLDS_ONE)
		return;
	for (json_at at = json_first(&s->doc, box); at != JSON_NONE;
	     at = json_sibling(&s->doc, box, at)) {
		json_at value = map ? at + 1 : at;

		if (holds != HOLDS_SOME || !json_is(&s->doc, value, JSON_ARRAY))
			(void)schema_node_at(s, value);
	}
}

struct rule *
schema_rule_add(struct schema *s, uint32_t node, enum rule_kind kind)
{
	struct schema_node *n = &s->nodes[node];

	n->rules = schema_grow(n->rules, n->nrules, &n->cap, sizeof(*n->rules));
	n->rules[n->nrules] = (struct rule){ .kind = kind };
	return &n->rules[n->nrules++];
}

static int
compile_node(struct schema *s, uint32_t node, struct error *err)
{
	json_at at = s->nodes[node].at;

	switch (json_kind(&s->doc, at)) {
	case JSON_TRUE:
		return 0;
	case JSON_FALSE:
		s->nodes[node].never = true;
		return 0;
	case JSON_OBJECT:
		return schema_keywords(s, node, err);
	case JSON_NULL:
	case JSON_NUMBER:
	case JSON_STRING:
	case JSON_ARRAY:
		break;
	}
	return schema_fault(s, at, "neither an object nor a boolean", err);
}

/* Names that the dynamic scope may lead to at any time. */
static void
compile_dynamic(struct schema *s)
{
	for (uint32_t i = 0; i < s->nanchors; i++)
		if (s->anchors[i].dynamic)
			s->anchors[i].node =
			    schema_node_at(s, s->anchors[i].at);
	for (uint32_t i = 0; i < s->nresources; i++)
		if (s->resources[i].recursive)
			s->resources[i].node =
			    schema_node_at(s, s->resources[i].at);
}

int
schema_compile(struct schema *s, struct error *err)
{
	uint32_t done = 0;

	do {
		for (; done < s->nnodes; done++)
			if (compile_node(s, done, err) == -1)
				return -1;
		compile_dynamic(s);
	} while (done < s->nnodes);
	return 0;
}
