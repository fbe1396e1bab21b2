#ifndef POLICY_SCHEMA_NODE_H
#define POLICY_SCHEMA_NODE_H

/*
 * What the files of the JSON Schema validator share and nobody else needs: the
 * compiled form.  A node is one schema, an object or a boolean; it has a rule
 * for each of its keywords that say something; nodes name each other by index,
 * for they may refer in circles.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/schema.h"
#include "policy/schema_number.h"
#include "proxy/base/buf.h"
#include "proxy/base/json.h"

struct schema_regex;

#define SCHEMA_NONE UINT32_MAX

/* Bytes of a string that cost as much as a step of the validator. */
#define SCHEMA_STEP_BYTES 64U

/* In their order, so that they can be compared. */
enum schema_dialect { DRAFT_04, DRAFT_06, DRAFT_07, DRAFT_2019, DRAFT_2020 };

/* What a rule does; cheap ones first, for they run in this order. */
enum rule_kind {
	RULE_TYPE,
	RULE_CONST,
	RULE_ENUM,
	RULE_MINIMUM,
	RULE_MAXIMUM,
	RULE_ABOVE, /* exclusiveMinimum */
	RULE_BELOW, /* exclusiveMaximum */
	RULE_MULTIPLE,
	RULE_MIN_LENGTH,
	RULE_MAX_LENGTH,
	RULE_MIN_ITEMS,
	RULE_MAX_ITEMS,
	RULE_MIN_MEMBERS,
	RULE_MAX_MEMBERS,
	RULE_PATTERN,
	RULE_MEMBERS, /* required, properties and what goes with them */
	RULE_ITEMS, /* items, prefixItems, additionalItems */
	RULE_UNIQUE,
	RULE_CONTAINS,
	RULE_DEPENDENT, /* dependentRequired, dependentSchemas, dependencies */
	RULE_REF,
	RULE_DYNAMIC, /* $dynamicRef and $recursiveRef */
	RULE_ALL,
	RULE_ANY,
	RULE_ONE,
	RULE_NOT,
	RULE_IF,
	RULE_LAST_ITEMS, /* unevaluatedItems: when all else has spoken */
	RULE_LAST_MEMBERS, /* unevaluatedProperties */
	RULE_COUNT
};

/* One member name that a node knows. */
struct schema_name {
	struct slice text; /* borrowed from the schema's names */
	uint32_t node; /* of properties, or SCHEMA_NONE */
	bool required;
};

struct schema_pattern {
	struct schema_regex *re; /* borrowed from the schema's patterns */
	uint32_t node;
};

struct schema_members {
	struct schema_name *names; /* owned: sorted by length, then bytes */
	uint32_t nnames, cap_names, nrequired;
	struct schema_pattern *patterns; /* owned */
	uint32_t npatterns, cap_patterns;
	uint32_t others; /* additionalProperties, or SCHEMA_NONE */
	uint32_t naming; /* propertyNames, or SCHEMA_NONE */
};

struct schema_items {
	uint32_t *first; /* owned: prefixItems */
	uint32_t nfirst;
	uint32_t rest; /* node of the others, or SCHEMA_NONE */
};

struct schema_contains {
	uint64_t min, max;
	uint32_t node;
	bool marks; /* what it finds counts as evaluated: since 2020-12 */
};

/* Where a member is there, others must be, or a schema must hold. */
struct schema_dependent {
	struct slice name; /* borrowed from the schema's names */
	json_at required; /* an array of names, or JSON_NONE */
	uint32_t node; /* or SCHEMA_NONE */
};

struct schema_value {
	uint64_t hash;
	json_at at;
};

struct rule {
	enum rule_kind kind;
	uint32_t n; /* items of the array below */
	union {
		unsigned types; /* bits, by enum json_kind; and TYPE_WHOLE */
		uint64_t limit;
		struct decimal number;
		json_at at; /* RULE_CONST */
		struct schema_value *values; /* owned: sorted by hash */
		struct schema_regex *re; /* borrowed */
		struct schema_members *members; /* owned */
		struct schema_items *items; /* owned */
		struct schema_contains contains;
		struct schema_dependent *dependent; /* owned */
		uint32_t node;
		uint32_t *nodes; /* owned; RULE_IF: if, then, else */
		struct {
			uint32_t node; /* where it leads at first */
			struct slice name; /* the anchor; empty: recursive */
		} dynamic;
	} u;
};

/* In rule.u.types, beside the kinds: a number that is whole. */
#define TYPE_WHOLE (1U << 7)

struct schema_node {
	json_at at;
	uint32_t resource; /* that it is in */
	uint32_t nrules, cap;
	struct rule *rules; /* owned: in the order of their kinds */
	bool never; /* false */
	bool tracks; /* it has a RULE_LAST_... */
};

/* A part of the document that has a URI of its own. */
struct schema_resource {
	char *uri; /* owned: absolute, without fragment */
	json_at at;
	uint32_t node; /* where it is recursive, else SCHEMA_NONE */
	enum schema_dialect dialect;
	bool recursive; /* "$recursiveAnchor": true */
};

struct schema_anchor {
	uint32_t resource;
	struct slice name; /* borrowed from the schema's names */
	json_at at;
	uint32_t node; /* where it is dynamic, else SCHEMA_NONE */
	bool dynamic;
};

struct schema {
	char *text; /* owned: the schema as it was sent */
	struct json doc; /* owned: its tape */
	uint64_t seed; /* of hashes */
	struct schema_node *nodes; /* owned; the first is the root */
	uint32_t nnodes, cap_nodes;
	uint32_t *node_of; /* owned: by token */
	uint32_t *resource_of; /* owned: by token, of schemas that were seen */
	struct schema_resource *resources; /* owned; the first is the root */
	uint32_t nresources, cap_resources;
	struct schema_anchor *anchors; /* owned */
	uint32_t nanchors, cap_anchors;
	struct schema_regex **patterns; /* owned */
	uint32_t npatterns, cap_patterns;
	char **strings; /* owned: what names and anchors borrow */
	uint32_t nstrings, cap_strings;
	struct slice *defined; /* owned: sorted: every name that it defines */
	uint32_t ndefined, cap_defined;
	struct buf scratch; /* owned: strings without their escapes */
	struct buf text_scratch; /* owned: the same, of values */
	uint64_t work; /* done on references, which is bounded */
	uint64_t regex_work; /* left for patterns */
};

/* --- schema_ref.c: what has a name, and where references lead. --- */

/* Finds the resources and anchors of the schema at `at` and all below. */
int schema_scan(
    struct schema *s, json_at at, uint32_t resource, struct error *err);
/*
 * Where a reference in *resource leads: *ret and the resource around it, or -1
 * with *err set, without a place.
 */
int schema_resolve(struct schema *s, uint32_t *resource, struct slice ref,
    json_at *ret, struct error *err);
/* The anchor of that name in a resource, or NULL. */
const struct schema_anchor *schema_anchor_find(
    const struct schema *s, uint32_t resource, struct slice name);
/* What is behind the '#' of a reference; *ret_base is what is before it. */
struct slice schema_fragment(struct slice ref, struct slice *ret_base);

/* --- schema_uri.c --- */

/* base and ref made one, without a fragment: owned.  Source: RFC 3986, 5.2. */
char *schema_uri_join(const char *base, struct slice ref);

/* --- schema_keyword.c, schema_load.c: what each keyword means. --- */

/* Where schemas are in the value of a keyword. */
enum schema_holds {
	HOLDS_NONE,
	HOLDS_ONE,
	HOLDS_LIST,
	HOLDS_EITHER, /* one, or a list */
	HOLDS_MAP,
	HOLDS_SOME, /* a map of schemas and lists of names */
};

struct schema_keyword {
	const char *name;
	enum schema_dialect since, until;
	enum schema_holds holds;
	int (*load)(struct schema *s, uint32_t node, json_at key, int arg,
	    struct error *err);
	int arg; /* enum rule_kind, where load serves several */
};

/* Gives a node the rules of its keywords. */
int schema_keywords(struct schema *s, uint32_t node, struct error *err);
/* The keyword of that name in a dialect, or NULL. */
const struct schema_keyword *schema_keyword_find(
    const struct json *doc, json_at key, enum schema_dialect dialect);
/* A new rule of a node: borrowed until the next one. */
struct rule *schema_rule_add(
    struct schema *s, uint32_t node, enum rule_kind kind);

/* Compiles a pattern, a string or key, which the schema keeps. */
int schema_pattern_new(
    struct schema *s, json_at at, struct schema_regex **ret, struct error *err);
/* Sorts the names that a node knows and makes one of equal ones. */
void schema_members_sort(struct schema *s, uint32_t node);

int schema_load_type(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_const(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_enum(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_number(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_limit(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_pattern(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_members(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_items(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_contains(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_unique(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_dependent(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_ref(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_list(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_one(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);
int schema_load_if(
    struct schema *s, uint32_t node, json_at key, int arg, struct error *err);

/* --- schema_compile.c --- */

/* The node of the schema at a place; it is compiled later if it is new. */
uint32_t schema_node_at(struct schema *s, json_at at);
/* The nodes of all schemas in the value of a keyword. */
void schema_nodes_in(struct schema *s, json_at key, enum schema_holds holds);
/* Compiles all nodes that are waiting. */
int schema_compile(struct schema *s, struct error *err);
/* An unescaped copy that lives as long as the schema. */
struct slice schema_string(struct schema *s, json_at at);
/* Sets err to the place and what is wrong there.  Returns -1. */
int schema_fault(
    struct schema *s, json_at at, const char *what, struct error *err);
/* Puts the place of what is wrong before the message.  Returns -1. */
int schema_wrap(struct schema *s, json_at at, struct error *err);
/* Makes room for one item more of an array that doubles. */
void *schema_grow(void *v, uint32_t n, uint32_t *cap, size_t size);

/* --- schema_value.c --- */

struct schema_doc { /* a text and work space for its strings */
	const struct json *doc;
	struct buf *scratch;
	uint64_t *steps; /* that are left: 0 ends it */
};

/* The same for equal values, however they are written. */
uint64_t schema_hash(uint64_t seed, const struct schema_doc *d, json_at at);
/* 1, 0, or -1: numbers that can't be compared, or no steps left. */
int schema_equal(const struct schema_doc *a, json_at at,
    const struct schema_doc *b, json_at other);
/* By length, then bytes: as names are sorted. */
int schema_name_compare(struct slice a, struct slice b);
int schema_name_order(const void *a, const void *b);

/* --- schema_check.c, schema_single.c, schema_walk.c --- */

/* A resource that was entered on the way here, and those before it. */
struct schema_scope {
	uint32_t resource;
	const struct schema_scope *outer; /* borrowed from a caller */
};

/* Which children of a value some keyword has judged, by their order. */
struct schema_marks {
	uint8_t *seen; /* owned, or small */
	uint32_t n;
	uint8_t small[32];
};

/* One check of one value. */
struct schema_run {
	struct schema *s;
	struct schema_doc value; /* what is judged */
	struct schema_doc own; /* the schema's constants */
	json_at top;
	uint64_t steps; /* that are left */
	unsigned depth; /* nodes within nodes */
	unsigned quiet; /* trials within trials: their faults are no faults */
	struct error *why;
};

/* One node and one value; marks is NULL where nobody asks for them. */
int schema_run_node(struct schema_run *run, uint32_t node, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks);
/* The rules of nodes, by their kinds. */
typedef int rule_fn(struct schema_run *run, const struct rule *rule, json_at at,
    const struct schema_scope *scope, struct schema_marks *marks);
rule_fn schema_run_members, schema_run_items, schema_run_contains,
    schema_run_dependent, schema_run_last_items, schema_run_last_members;

/* The same for rules that need nothing but the value and give no reason. */
typedef int rule_alone_fn(
    struct schema_run *run, const struct rule *rule, json_at at);
rule_alone_fn schema_run_type, schema_run_const, schema_run_enum,
    schema_run_number, schema_run_length, schema_run_count, schema_run_pattern,
    schema_run_unique;

/* No: sets the reason, unless this is a trial.  Returns 0. */
int schema_no(struct schema_run *run, json_at at, const char *word);
/* Can't be told.  Returns -1. */
int schema_unknown(struct schema_run *run, json_at at, const char *why);
/* Takes n steps more; false where there are no more. */
static inline bool
schema_spend(struct schema_run *run, uint64_t n)
{
	run->steps = run->steps > n ? run->steps - n : 0;
	return run->steps > 0;
}

/* --- schema_place.c --- */

/*
 * Writes the place of a value below top as a JSON pointer, members that s does
 * not define as "*"; all of them as they are where s is NULL.
 */
void schema_place(const struct schema *s, const struct json *doc, json_at top,
    json_at at, char *dst, size_t size);
/* The same of a member that the object at `at` does not have. */
void schema_place_of(const struct schema *s, const struct json *doc,
    json_at top, json_at at, struct slice name, char *dst, size_t size);

#endif
