/*
 * A question that a server puts to the user.  In a form nobody is asked for a
 * secret, neither by the names and titles of its fields nor by what stands
 * around them; a URL leads into the web.  Fields are read wherever the schema
 * has them: clients differ in how much of JSON Schema they draw.
 */
#include "policy/elicit.h"

#include "policy/asks.h"
#include "policy/fold.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "policy/url.h"
#include "proxy/base/array.h"

#define RULE_SECRET "server_requests.elicitation/secret"
#define RULE_URL "server_requests.elicitation/url"
#define RULE_SHAPE "server_requests.elicitation/shape"

/* Names that MCP defines: one spelt otherwise would be read by some clients. */
static const char param_names[] = "mode message requestedSchema url";
static const char schema_names[] =
    "type properties title description enum enumNames const oneOf anyOf items "
    "format default";

struct form {
	const struct policy *policy;
	struct asks *asks;
	const struct json *doc;
	struct buf *scratch;
	struct verdict *v;
	enum asks_takes most; /* what its widest field takes */
	bool fields; /* it has some */
};

static bool
refuse(const struct policy *p, struct verdict *v, const char *rule,
    const char *reason)
{
	verdict_at(
	    v, rule, policy_origin(p, "server_requests.elicitation"), reason);
	return false;
}

static bool
refuse_shape(const struct form *f)
{
	return refuse(f->policy, f->v, RULE_SHAPE,
	    "what it asks the user cannot be read");
}

static bool
is_misspelt(const struct form *f, json_at object, const char *names)
{
	for (json_at key = json_first(f->doc, object); key != JSON_NONE;
	     key = json_sibling(f->doc, object, key))
		if (fold_collides_any(
			json_text(f->doc, key, f->scratch), names))
			return true;
	return false;
}

/* --- The form. ------------------------------------------------------------ */

static bool
judge_text(
    struct form *f, json_at at, enum asks_place place, enum asks_takes takes)
{
	if (!json_is(f->doc, at, JSON_STRING) ||
	    !asks_secret(
		f->asks, json_text(f->doc, at, f->scratch), place, takes))
		return true;
	return refuse(f->policy, f->v, RULE_SECRET,
	    "it asks the user for a secret, which a form must not");
}

/* Is every item of a list a choice: {"const": ...}? */
static bool
is_choices(const struct json *doc, json_at list)
{
	if (!json_is(doc, list, JSON_ARRAY) ||
	    json_first(doc, list) == JSON_NONE)
		return false;
	for (json_at item = json_first(doc, list); item != JSON_NONE;
	     item = json_sibling(doc, list, item))
		if (json_get(doc, item, "const") == JSON_NONE)
			return false;
	return true;
}

/* Does a schema leave nothing but a choice? */
static bool
is_closed(const struct json *doc, json_at schema)
{
	json_at list = json_get(doc, schema, "enum");

	return (json_is(doc, list, JSON_ARRAY) &&
		   json_first(doc, list) != JSON_NONE) ||
	       is_choices(doc, json_get(doc, schema, "oneOf")) ||
	       is_choices(doc, json_get(doc, schema, "anyOf"));
}

static enum asks_takes
takes_of(const struct json *doc, json_at schema)
{
	json_at type = json_get(doc, schema, "type");
	json_at items = json_get(doc, schema, "items");

	if (is_closed(doc, schema))
		return ASKS_CHOICE;
	if (!json_is(doc, type, JSON_STRING))
		return ASKS_TEXT;
	if (json_equals(doc, type, slice_of("boolean")) ||
	    (json_equals(doc, type, slice_of("array")) &&
		is_closed(doc, items)))
		return ASKS_CHOICE;
	if (json_equals(doc, type, slice_of("number")) ||
	    json_equals(doc, type, slice_of("integer")))
		return ASKS_NUMBER;
	return ASKS_TEXT;
}

/* The texts around one field, in the words that MCP has for them. */
static bool
judge_field_texts(struct form *f, json_at schema, enum asks_takes takes)
{
	static const struct {
		const char *name;
		enum asks_place place;
	} texts[] = {
		{ "title", ASKS_LABEL },
		{ "description", ASKS_ABOUT },
		{ "default", ASKS_MESSAGE },
		{ "pattern", ASKS_NAME },
	};

	for (size_t i = 0; i < nitems(texts); i++)
		if (!judge_text(f, json_get(f->doc, schema, texts[i].name),
			texts[i].place, takes))
			return false;
	return true;
}

static bool judge_schema(struct form *f, json_at schema);

static bool
judge_field(struct form *f, json_at key)
{
	json_at schema = key + 1;
	json_at format = json_get(f->doc, schema, "format");
	enum asks_takes takes = takes_of(f->doc, schema);

	f->fields = true;
	if (takes > f->most)
		f->most = takes;
	if (json_is(f->doc, format, JSON_STRING) &&
	    json_equals(f->doc, format, slice_of("password")))
		return refuse(f->policy, f->v, RULE_SECRET,
		    "it asks the user for a secret, which a form must not");
	return judge_text(f, key, ASKS_NAME, takes) &&
	       judge_field_texts(f, schema, takes) && judge_schema(f, schema);
}

/* Depth is bounded by the reader of frames. */
static bool
judge_schema(struct form *f, json_at schema)
{
	const struct json *doc = f->doc;

	if (json_is(doc, schema, JSON_ARRAY)) {
		for (json_at item = json_first(doc, schema); item != JSON_NONE;
		     item = json_sibling(doc, schema, item))
			if (!judge_schema(f, item))
				return false;
		return true;
	}
	if (!json_is(doc, schema, JSON_OBJECT))
		return true;
	if (is_misspelt(f, schema, schema_names))
		return refuse_shape(f);
	for (json_at key = json_first(doc, schema); key != JSON_NONE;
	     key = json_sibling(doc, schema, key)) {
		json_at in = key + 1;

		if (!json_equals(doc, key, slice_of("properties")) ||
		    !json_is(doc, in, JSON_OBJECT)) {
			if (!judge_schema(f, in))
				return false;
			continue;
		}
		for (json_at field = json_first(doc, in); field != JSON_NONE;
		     field = json_sibling(doc, in, field))
			if (!judge_field(f, field))
				return false;
	}
	return true;
}

/* The form as a whole: its fields first, for the message is read by them. */
static bool
judge_form(struct form *f, json_at schema, json_at message)
{
	enum asks_takes most;

	if (schema != JSON_NONE && !json_is(f->doc, schema, JSON_OBJECT))
		return refuse_shape(f);
	if (schema != JSON_NONE && !judge_schema(f, schema))
		return false;
	/* Who draws a form without fields may draw one line to write in. */
	most = f->fields ? f->most : ASKS_TEXT;
	return judge_text(
		   f, json_get(f->doc, schema, "title"), ASKS_MESSAGE, most) &&
	       judge_text(f, json_get(f->doc, schema, "description"),
		   ASKS_MESSAGE, most) &&
	       judge_text(f, message, ASKS_MESSAGE, most);
}

/* --- The URL. ------------------------------------------------------------- */

/* Is it spelt as every browser reads it: http or https, no white space? */
static bool
is_plain_web(struct slice url)
{
	size_t n = url.len >= 8 ? 8 : url.len;
	char head[8] = "";

	for (size_t i = 0; i < url.len; i++)
		if ((unsigned char)url.at[i] <= ' ' || url.at[i] == '\\' ||
		    url.at[i] == 0x7f)
			return false;
	for (size_t i = 0; i < n; i++)
		head[i] = (char)fold_ascii((unsigned char)url.at[i]);
	return memcmp(head, "https://", 8) == 0 ||
	       memcmp(head, "http://", 7) == 0;
}

static bool
judge_host(
    const struct policy *p, const struct url_host *name, struct verdict *v)
{
	struct host h;
	enum address_class class;

	host_init(&h, (struct slice){ name->text, name->len });
	if (host_listed(&p->hosts.deny, &h) >= 0)
		return refuse(p, v, RULE_URL,
		    "it sends the user to a host that the policy denies");
	if (host_listed_exactly(&p->hosts.allow, &h))
		return true;
	class = host_class(&h, name->sure);
	if ((class == ADDRESS_METADATA && !p->hosts.metadata_ok) ||
	    (class == ADDRESS_PRIVATE && !p->hosts.private_ok))
		return refuse(p, v, RULE_URL,
		    "it sends the user to a private or local address");
	return true;
}

static bool
judge_url(const struct form *f, json_at at)
{
	struct url u;
	struct slice text;

	if (!json_is(f->doc, at, JSON_STRING))
		return refuse_shape(f);
	text = json_text(f->doc, at, f->scratch);
	if (!is_plain_web(text) || !url_read(text, &u) || u.scheme != URL_WEB ||
	    u.n == 0)
		return refuse(f->policy, f->v, RULE_URL,
		    "it sends the user to what is no address of the web");
	for (size_t i = 0; i < u.n; i++)
		if (!judge_host(f->policy, &u.v[i], f->v))
			return false;
	if (u.odd || u.cut)
		return refuse(f->policy, f->v, RULE_URL,
		    "it sends the user to an address that hides its host");
	return true;
}

static bool
judge(struct form *f, json_at params, bool by_url)
{
	const struct json *doc = f->doc;
	json_at mode = json_get(doc, params, "mode");
	json_at url = json_get(doc, params, "url");
	json_at schema = json_get(doc, params, "requestedSchema");
	json_at message = json_get(doc, params, "message");

	if (!json_is(doc, params, JSON_OBJECT) ||
	    is_misspelt(f, params, param_names) ||
	    (message != JSON_NONE && !json_is(doc, message, JSON_STRING)))
		return refuse_shape(f);
	if (mode != JSON_NONE) {
		if (!json_is(doc, mode, JSON_STRING) ||
		    (!json_equals(doc, mode, slice_of("url")) &&
			!json_equals(doc, mode, slice_of("form"))))
			return refuse_shape(f);
		by_url = by_url || json_equals(doc, mode, slice_of("url"));
	}
	if ((by_url || url != JSON_NONE) && !judge_url(f, url))
		return false;
	/* A client that knows no URLs draws the form of one that has both. */
	return (by_url && schema == JSON_NONE) ||
	       judge_form(f, schema, message);
}

bool
elicit_allowed(const struct policy *p, struct asks *a, const struct json *doc,
    json_at params, struct buf *scratch, struct verdict *v)
{
	struct form f = { .policy = p,
		.asks = a,
		.doc = doc,
		.scratch = scratch,
		.v = v,
		.most = ASKS_CHOICE };

	return judge(&f, params, false);
}

bool
elicit_url_allowed(const struct policy *p, struct asks *a,
    const struct json *doc, json_at params, struct buf *scratch,
    struct verdict *v)
{
	struct form f = { .policy = p,
		.asks = a,
		.doc = doc,
		.scratch = scratch,
		.v = v,
		.most = ASKS_CHOICE };

	return judge(&f, params, true);
}
