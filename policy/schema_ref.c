/*
 * Which parts of a schema have names (URIs and anchors), and where a reference
 * leads.  All of it stays within the document: a name that is not in it is an
 * error, and nothing is ever fetched.
 */
#include <stdlib.h>

#include "policy/schema_node.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/json_scan.h"
#include "proxy/base/xalloc.h"

/* Names in one document; who looks for one compares it with all of them. */
#define NAMES_MAX 1000U

/* Work on all references of a document: comparisons of names. */
#define WORK_MAX UINT64_C(20000000)

static const struct {
	const char *uri;
	enum schema_dialect dialect;
} dialects[] = {
	{ "json-schema.org/draft/2020-12/schema", DRAFT_2020 },
	{ "json-schema.org/draft/2019-09/schema", DRAFT_2019 },
	{ "json-schema.org/draft-07/schema", DRAFT_07 },
	{ "json-schema.org/draft-06/schema", DRAFT_06 },
	{ "json-schema.org/draft-05/schema", DRAFT_04 }, /* the same */
	{ "json-schema.org/draft-04/schema", DRAFT_04 },
	{ "json-schema.org/schema", DRAFT_2020 }, /* "the latest" */
};

/* People write them with http and https, with and without a '#'. */
static bool
dialect_find(struct slice uri, enum schema_dialect *ret)
{
	static const char *const schemes[] = { "https://", "http://" };

	for (size_t i = 0; i < nitems(schemes); i++) {
		size_t len = strlen(schemes[i]);

		if (uri.len > len && memcmp(uri.at, schemes[i], len) == 0) {
			uri.at += len;
			uri.len -= len;
			break;
		}
	}
	while (uri.len > 0 &&
	       (uri.at[uri.len - 1] == '#' || uri.at[uri.len - 1] == '/'))
		uri.len--;
	for (size_t i = 0; i < nitems(dialects); i++)
		if (slice_is(uri, dialects[i].uri)) {
			*ret = dialects[i].dialect;
			return true;
		}
	return false;
}

/* A member that must be a string: true with *ret, or absent. */
static int
take_string(struct schema *s, json_at at, const char *key, struct slice *ret,
    struct error *err)
{
	json_at value = json_get(&s->doc, at, key);

	*ret = slice_of("");
	if (value == JSON_NONE)
		return 0;
	if (!json_is(&s->doc, value, JSON_STRING))
		return schema_fault(s, value, "not a string", err);
	*ret = schema_string(s, value);
	return 1;
}

static int
add_anchor(struct schema *s, json_at at, uint32_t resource, struct slice name,
    bool dynamic, struct error *err)
{
	if (schema_anchor_find(s, resource, name) != NULL)
		return schema_fault(s, at, "the same anchor twice", err);
	if (s->nanchors >= NAMES_MAX)
		return schema_fault(s, at, "too many anchors", err);
	s->anchors = schema_grow(
	    s->anchors, s->nanchors, &s->cap_anchors, sizeof(*s->anchors));
	s->anchors[s->nanchors++] = (struct schema_anchor){
		.resource = resource,
		.name = name,
		.at = at,
		.node = SCHEMA_NONE,
		.dynamic = dynamic,
	};
	return 0;
}

static uint32_t
find_resource(struct schema *s, const char *uri)
{
	s->work += s->nresources;
	for (uint32_t i = 0; i < s->nresources; i++)
		if (strcmp(s->resources[i].uri, uri) == 0)
			return i;
	return SCHEMA_NONE;
}

/* A resource whose URI is id, seen from the one around it. */
static int
add_resource(struct schema *s, json_at at, uint32_t around, struct slice id,
    enum schema_dialect dialect, struct error *err)
{
	const char *base =
	    around == SCHEMA_NONE ? "schema:///" : s->resources[around].uri;
	char *uri = schema_uri_join(base, id);

	if (find_resource(s, uri) != SCHEMA_NONE || s->nresources > NAMES_MAX) {
		free(uri);
		return schema_fault(
		    s, at, "the same URI twice, or too many", err);
	}
	s->resources = schema_grow(s->resources, s->nresources,
	    &s->cap_resources, sizeof(*s->resources));
	s->resources[s->nresources++] = (struct schema_resource){
		.uri = uri,
		.at = at,
		.node = SCHEMA_NONE,
		.dialect = dialect,
		.recursive = json_is(&s->doc,
		    json_get(&s->doc, at, "$recursiveAnchor"), JSON_TRUE),
	};
	return 0;
}

/* A fragment behind a '#', or all of it; the part before goes to *ret_base. */
struct slice
schema_fragment(struct slice ref, struct slice *ret_base)
{
	const char *hash = ref.len > 0 ? memchr(ref.at, '#', ref.len) : NULL;

	*ret_base = ref;
	if (hash == NULL)
		return (struct slice){ NULL, 0 };
	ret_base->len = (size_t)(hash - ref.at);
	return (struct slice){ hash + 1, ref.len - ret_base->len - 1 };
}

static int
scan_anchors(struct schema *s, json_at at, uint32_t resource, struct error *err)
{
	enum schema_dialect dialect = s->resources[resource].dialect;
	struct slice name;
	int rc;

	if (dialect < DRAFT_2019)
		return 0;
	if ((rc = take_string(s, at, "$anchor", &name, err)) == -1)
		return -1;
	if (rc == 1 && add_anchor(s, at, resource, name, false, err) == -1)
		return -1;
	if (dialect < DRAFT_2020)
		return 0;
	if ((rc = take_string(s, at, "$dynamicAnchor", &name, err)) == -1)
		return -1;
	if (rc == 1 && add_anchor(s, at, resource, name, true, err) == -1)
		return -1;
	return 0;
}

/*
 * The names that one schema gives itself.  *resource becomes its own, if it
 * has a URI.  Up to draft-07 a $ref makes everything beside it void.
 */
static int
scan_names(struct schema *s, json_at at, uint32_t *resource, struct error *err)
{
	bool root = *resource == SCHEMA_NONE;
	enum schema_dialect dialect =
	    root ? DRAFT_2020 : s->resources[*resource].dialect;
	struct slice id, uri, base, fragment;
	int has_id, has_uri;

	has_uri = take_string(s, at, "$schema", &uri, err);
	if (has_uri == 1 && !dialect_find(uri, &dialect) && root)
		return schema_fault(s, at, "unknown $schema", err);
	if (!root && dialect <= DRAFT_07 &&
	    json_get(&s->doc, at, "$ref") != JSON_NONE)
		return 0;
	has_id =
	    take_string(s, at, dialect == DRAFT_04 ? "id" : "$id", &id, err);
	if (has_id == -1 || has_uri == -1)
		return -1;
	if (has_id == 1 && has_uri == 1 && !dialect_find(uri, &dialect))
		return schema_fault(s, at, "unknown $schema", err);
	if (root && dialect <= DRAFT_07 &&
	    json_get(&s->doc, at, "$ref") != JSON_NONE)
		has_id = 0;
	fragment = schema_fragment(id, &base);
	if (root || base.len > 0) {
		if (add_resource(s, at, *resource, has_id ? base : slice_of(""),
			dialect, err) == -1)
			return -1;
		*resource = s->nresources - 1;
	}
	if (has_id == 0 || fragment.len == 0)
		return scan_anchors(s, at, *resource, err);
	if (dialect >= DRAFT_2019)
		return schema_fault(s, at, "$id with a fragment", err);
	return add_anchor(s, at, *resource, fragment, false, err);
}

static int scan_held(struct schema *s, json_at key, enum schema_holds holds,
    uint32_t resource, struct error *err);

/* As deep as the text is nested, which its reader has bounded. */
int
schema_scan(struct schema *s, json_at at, uint32_t resource, struct error *err)
{
	const struct schema_keyword *kw;

	if (s->resource_of[at] != SCHEMA_NONE)
		return 0;
	if (resource == SCHEMA_NONE || json_is(&s->doc, at, JSON_OBJECT)) {
		if (scan_names(s, at, &resource, err) == -1)
			return -1;
	}
	s->resource_of[at] = resource;
	if (!json_is(&s->doc, at, JSON_OBJECT))
		return 0;
	for (json_at key = json_first(&s->doc, at); key != JSON_NONE;
	     key = json_sibling(&s->doc, at, key)) {
		kw = schema_keyword_find(
		    &s->doc, key, s->resources[resource].dialect);
		if (kw != NULL &&
		    scan_held(s, key, kw->holds, resource, err) == -1)
			return -1;
	}
	return 0;
}

/* The schemas in the value of a keyword.  Wrong types are found later. */
static int
scan_held(struct schema *s, json_at key, enum schema_holds holds,
    uint32_t resource, struct error *err)
{
	json_at box = key + 1, at;
	bool list = json_is(&s->doc, box, JSON_ARRAY);
	bool map = json_is(&s->doc, box, JSON_OBJECT);

	if (holds == HOLDS_NONE)
		return 0;
	if ((holds == HOLDS_ONE || holds == HOLDS_EITHER) && !list)
		return schema_scan(s, box, resource, err);
	if (holds == HOLDS_MAP || holds == HOLDS_SOME
		? !map
		: !list || holds == HOLDS_ONE)
		return 0;
	for (at = json_first(&s->doc, box); at != JSON_NONE;
	     at = json_sibling(&s->doc, box, at))
		if (schema_scan(s, map ? at + 1 : at, resource, err) == -1)
			return -1;
	return 0;
}

const struct schema_anchor *
schema_anchor_find(const struct schema *s, uint32_t resource, struct slice name)
{
	for (uint32_t i = 0; i < s->nanchors; i++)
		if (s->anchors[i].resource == resource &&
		    slice_eq(s->anchors[i].name, name))
			return &s->anchors[i];
	return NULL;
}

/* What one token of a JSON pointer leads to, or JSON_NONE. */
static json_at
descend(struct schema *s, json_at box, struct slice token)
{
	uint64_t index = 0, i = 0;

	if (json_is(&s->doc, box, JSON_ARRAY)) {
		if (token.len == 0 || token.len > 9 ||
		    (token.len > 1 && token.at[0] == '0'))
			return JSON_NONE;
		for (size_t k = 0; k < token.len; k++) {
			if (token.at[k] < '0' || token.at[k] > '9')
				return JSON_NONE;
			index = index * 10 + (uint64_t)(token.at[k] - '0');
		}
	} else if (!json_is(&s->doc, box, JSON_OBJECT)) {
		return JSON_NONE;
	}
	for (json_at at = json_first(&s->doc, box); at != JSON_NONE;
	     at = json_sibling(&s->doc, box, at)) {
		s->work++;
		if (json_is(&s->doc, box, JSON_OBJECT)) {
			if (json_equals(&s->doc, at, token))
				return at + 1;
		} else if (i++ == index) {
			return at;
		}
	}
	return JSON_NONE;
}

/* Undoes %xx, in place: it only gets shorter. */
static struct slice
percent_decode(char *at, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char pair[4] = { '0', '0' };
		int32_t value = -1;

		if (at[i] == '%' && len - i > 2) {
			memcpy(pair + 2, at + i + 1, 2);
			value = json_hex4(pair);
		}
		at[n++] = value != -1 ? (char)value : at[i];
		i += value != -1 ? 2 : 0;
	}
	return (struct slice){ at, n };
}

/* Undoes ~0 and ~1 of one token, in place. */
static struct slice
tilde_decode(char *at, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		bool pair = at[i] == '~' && i + 1 < len &&
			    (at[i + 1] == '0' || at[i + 1] == '1');

		at[n++] = !pair ? at[i] : at[i + 1] == '0' ? '~' : '/';
		i += pair;
	}
	return (struct slice){ at, n };
}

/* What a JSON pointer leads to.  Source: RFC 6901. */
static json_at
follow_pointer(struct schema *s, uint32_t *resource, char *p, size_t len)
{
	json_at at = s->resources[*resource].at;
	char *end = p + len;

	while (p < end && at != JSON_NONE) {
		char *first = ++p; /* behind the '/' */

		while (p < end && *p != '/')
			p++;
		at = descend(s, at, tilde_decode(first, (size_t)(p - first)));
		if (at != JSON_NONE && s->resource_of[at] != SCHEMA_NONE)
			*resource = s->resource_of[at];
	}
	return at;
}

int
schema_resolve(struct schema *s, uint32_t *resource, struct slice ref,
    json_at *ret, struct error *err)
{
	const struct schema_anchor *anchor;
	struct slice base, fragment = schema_fragment(ref, &base);
	char *uri, *copy = NULL;
	json_at at = JSON_NONE;

	if (base.len > 0) {
		uri = schema_uri_join(s->resources[*resource].uri, base);
		*resource = find_resource(s, uri);
		free(uri);
		if (*resource == SCHEMA_NONE)
			return error_set(err, "leads out of the document");
	}
	copy = xmemdup0(fragment.at != NULL ? fragment.at : "", fragment.len);
	fragment = percent_decode(copy, fragment.len);
	if (fragment.len == 0) {
		at = s->resources[*resource].at;
	} else if (fragment.at[0] == '/') {
		at = follow_pointer(s, resource, copy, fragment.len);
	} else {
		s->work += s->nanchors;
		anchor = schema_anchor_find(s, *resource, fragment);
		at = anchor != NULL ? anchor->at : JSON_NONE;
	}
	free(copy);
	if (s->work > WORK_MAX)
		return error_set(err, "too many references");
	if (at == JSON_NONE)
		return error_set(err, "leads nowhere in the document");
	*ret = at;
	return 0;
}
