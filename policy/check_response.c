/*
 * What the server says, before a model reads it: every visible string of a
 * message, keys too, is cleaned of what steers, hides or gives away; and the
 * texts of one answer are judged together as well as each alone.  Only the
 * spans that are found are replaced.
 */
#include <stdio.h>

#include "policy/check.h"
#include "policy/clean.h"
#include "policy/msg.h"
#include "policy/output.h"
#include "policy/policy.h"
#include "policy/response.h"
#include "policy/response_part.h"
#include "policy/secret.h"
#include "policy/text.h"
#include "policy/visible.h"
#include "proxy/base/array.h"
#include "proxy/base/json.h"
#include "proxy/base/quote.h"

/* Tokens of a message, and bytes for each of them, of which it is worth while
   to look through the whole first. */
#define MANY_TOKENS 32U
#define SHORT_BYTES 128U
/* Bytes of what was found that the log shows. */
#define EXCERPT_LEN 60U

static enum policy_finding
asked_of(const struct reading *r, enum finding_kind kind)
{
	const struct policy *p = r->env->policy;
	const enum policy_finding asked[FOUND_KINDS] = {
		[FOUND_INJECTION] = p->responses.injection,
		[FOUND_HIDDEN] = p->responses.hidden_text,
		[FOUND_SECRET] = p->responses.secrets,
	};

	return r->soft && asked[kind] == FINDING_DENY ? FINDING_REDACT
						      : asked[kind];
}

void
response_note(struct reading *r, const struct cut *cut, struct slice text)
{
	const struct policy *p = r->env->policy;
	enum policy_finding asked = asked_of(r, cut->kind);
	enum action action = asked == FINDING_DENY  ? ACTION_DENY
			     : asked == FINDING_LOG ? ACTION_FLAG
						    : ACTION_REDACT;
	struct slice part = { text.at + cut->first, cut->end - cut->first };
	char rule[RULE_MAX], shown[2 * EXCERPT_LEN];
	struct secret_hit hit;

	r->n++;
	if (action >= r->action)
		return;
	r->action = action;
	(void)snprintf(
	    rule, sizeof(rule), "%s/%s", finding_key(cut->kind), cut->rule);
	verdict_at(r->v, rule, policy_origin(p, finding_key(cut->kind)),
	    "a text of the server's holds what a model must not read");
	if (action == ACTION_DENY || cut->kind == FOUND_SECRET ||
	    p->audit.payload > PAYLOAD_REDACTED)
		return; /* a refusal is read by a model; a secret by nobody */
	if (secret_first(r->env->scan->secrets, r->env->scan->values, part,
		SECRET_ALL, &hit))
		return;
	if (part.len > EXCERPT_LEN)
		part.len = EXCERPT_LEN;
	(void)snprintf(r->v->reason, sizeof(r->v->reason), "found: %s",
	    quote_utf8(shown, sizeof(shown), part));
}

/* Replaces the spans of c in the string at a place. */
static void
replace(struct reading *r, json_at at, const struct cleaner *c)
{
	const struct json *doc = r->msg->doc;
	struct json_place place = { 0, 0 };

	for (size_t i = 0; i < c->n; i++) {
		const struct cut *cut = &c->v[i];
		size_t first, end;

		if (asked_of(r, cut->kind) != FINDING_REDACT)
			continue;
		first = json_span(doc, at, &place, cut->first);
		end = json_span(doc, at, &place, cut->end);
		json_replace_part(r->env->edits, first, end,
		    (struct slice){ c->put.at + cut->put, cut->put_len });
	}
}

/* A key keeps its object sound: no two may become the same. */
static void
replace_key(struct reading *r, json_at at)
{
	static const char mark[] = "[mcpshield: removed name ";
	const struct json *doc = r->msg->doc;
	char name[80];

	/* A server that knows how we name them must not know this one. */
	if (memmem(doc->text.at, doc->text.len, mark, sizeof(mark) - 1) !=
		NULL ||
	    memchr(doc->text.at, '\\', doc->text.len) != NULL)
		(void)snprintf(name, sizeof(name), "%s%u-%08x]", mark, at,
		    (unsigned)((doc->seed * 0x9e3779b97f4a7c15U) >> 32));
	else
		(void)snprintf(name, sizeof(name), "%s%u]", mark, at);
	json_replace_string(r->env->edits, r->msg->doc, at, slice_of(name));
}

static void
read_string(struct reading *r, json_at at, bool is_key)
{
	struct cleaner *c = r->env->scan->cleaner;
	struct slice text = json_text(r->msg->doc, at, &r->text);
	bool redacts = false;

	if (text.len == 0 ||
	    clean_find(c, r->env->policy, r->env->scan, text, r->field) == 0)
		return;
	for (size_t i = 0; i < c->n; i++) {
		response_note(r, &c->v[i], text);
		redacts =
		    redacts || asked_of(r, c->v[i].kind) == FINDING_REDACT;
	}
	if (r->dry || !redacts)
		return;
	if (is_key)
		replace_key(r, at);
	else
		replace(r, at, c);
}

/* May something be found in the bytes of a value, or of a key? */
static bool
is_spot(const struct reading *r, json_at at)
{
	const struct json_token *t = &r->msg->doc->tok[at];

	return r->spots == NULL || spots_any(r->spots, t->first, t->end);
}

/* Nobody reads a token; what has white space is none. */
static bool
is_token(struct reading *r, json_at at)
{
	struct slice text = json_text(r->msg->doc, at, &r->text);

	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] <= ' ' ||
		    (unsigned char)text.at[i] >= 0x7f)
			return false;
	return true;
}

/* Depth is bounded by the reader of frames. */
static void
read_value(struct reading *r, json_at at, enum visible visible, unsigned depth)
{
	const struct json *doc = r->msg->doc;

	if (!is_spot(r, at))
		return;
	if (json_kind(doc, at) == JSON_STRING) {
		if (visible != VISIBLE_NOT || !is_token(r, at))
			read_string(r, at, false);
	} else if (json_kind(doc, at) == JSON_ARRAY) {
		for (json_at item = json_first(doc, at); item != JSON_NONE;
		     item = json_sibling(doc, at, item))
			read_value(r, item, visible, depth + 1);
	} else if (json_kind(doc, at) == JSON_OBJECT) {
		for (json_at key = json_first(doc, at); key != JSON_NONE;
		     key = json_sibling(doc, at, key)) {
			if (!is_spot(r, key) && !is_spot(r, key + 1))
				continue;
			visible = visible_member(r->msg, key, depth);
			if (is_spot(r, key))
				read_string(r, key, true);
			read_value(r, key + 1, visible, depth + 1);
		}
	}
}

/* Is the answer one that is cleaned and never refused as a whole? */
static bool
is_soft(const struct msg *msg)
{
	return msg->kind == MSG_RESULT &&
	       (msg->method->always || msg->method->code == METHOD_TOOLS_LIST);
}

static bool
is_off(const struct policy *p)
{
	return p->responses.injection == FINDING_OFF &&
	       p->responses.hidden_text == FINDING_OFF &&
	       p->responses.secrets == FINDING_OFF;
}

static void
reading_begin(struct reading *r, const struct check_env *env,
    const struct msg *msg, struct verdict *v)
{
	*r = (struct reading){ .env = env,
		.msg = msg,
		.v = v,
		.action = ACTION_ALLOW,
		.field = visible_field(msg) };
	buf_init(&r->text, msg->doc->text.len);
}

/*
 * Many short strings are looked through together first.  A message of a batch
 * is not: all of the batch would be read for each of its messages.
 */
static void
look_first(struct reading *r)
{
	const struct json *doc = r->msg->doc;
	struct cleaner *c = r->env->scan->cleaner;

	if (r->msg->root != JSON_ROOT || doc->ntok < MANY_TOKENS ||
	    doc->text.len / doc->ntok > SHORT_BYTES)
		return;
	clean_look(c, r->env->policy, r->env->scan, doc->text, r->field);
	r->spots = &c->spots;
}

/* What follows the words "found:" or a refusal's own words. */
static void
count(const struct reading *r)
{
	size_t len = strlen(r->v->reason);

	if (r->n > 1 && r->action != ACTION_DENY)
		(void)snprintf(r->v->reason + len, sizeof(r->v->reason) - len,
		    " and %zu more", r->n - 1);
}

/* What JSON-RPC itself defines, and the names of methods that we know. */
static bool
is_envelope(const struct msg *msg, json_at key)
{
	return json_equals(msg->doc, key, slice_of("jsonrpc")) ||
	       (json_equals(msg->doc, key, slice_of("method")) &&
		   msg->method->code != METHOD_UNKNOWN);
}

enum action
check_response(
    const struct check_env *env, const struct msg *msg, struct verdict *v)
{
	const struct json *doc = msg->doc;
	struct reading r;

	if (is_off(env->policy))
		return ACTION_ALLOW;
	if (doc->text.len > env->policy->responses.max_bytes) {
		verdict_at(v, "responses.max_bytes",
		    policy_origin(env->policy, "responses.max_bytes"),
		    "the message is larger than what is looked at");
		return ACTION_DENY;
	}
	reading_begin(&r, env, msg, v);
	look_first(&r);
	r.soft = is_soft(msg);
	for (json_at key = json_first(doc, msg->root); key != JSON_NONE;
	     key = json_sibling(doc, msg->root, key)) {
		json_at value = key + 1;

		if (value == msg->id || is_envelope(msg, key))
			continue;
		read_value(&r, value, VISIBLE_TEXT, 0);
		if (value == msg->result)
			response_joined(&r, json_get(doc, value, "content"));
	}
	if (r.n > 0)
		count(&r);
	buf_release(&r.text);
	if (r.action == ACTION_REDACT && output_breaks(env, msg)) {
		verdict_at(v, RULE_OUTPUT, NULL,
		    "the result, without what a model must not read, would "
		    "not be what the tool promises");
		return ACTION_DENY;
	}
	return r.action;
}

/*
 * Members of a tool that cannot be rewritten: a client calls by them, and a
 * server checks what it is sent against them.
 */
static bool
read_exact(struct reading *r, json_at at, unsigned depth)
{
	static const char *const exact[] = { "name", "enum", "const", "pattern",
		"required", "$ref", "$id", "$anchor", "format", "type" };
	const struct json *doc = r->msg->doc;

	if (json_kind(doc, at) == JSON_ARRAY) {
		for (json_at item = json_first(doc, at); item != JSON_NONE;
		     item = json_sibling(doc, at, item))
			if (!read_exact(r, item, depth + 1))
				return false;
		return true;
	}
	if (json_kind(doc, at) != JSON_OBJECT)
		return true;
	for (json_at key = json_first(doc, at); key != JSON_NONE;
	     key = json_sibling(doc, at, key)) {
		read_string(r, key, true);
		for (size_t i = 0; i < nitems(exact); i++)
			if (json_equals(doc, key, slice_of(exact[i])))
				read_value(r, key + 1, VISIBLE_TEXT, depth);
		if (r->action < ACTION_FLAG ||
		    !read_exact(r, key + 1, depth + 1))
			return false;
	}
	return true;
}

bool
response_spoils(const struct check_env *env, const struct msg *msg,
    json_at tool, struct verdict *v)
{
	struct reading r;
	bool spoilt;

	if (is_off(env->policy))
		return false;
	reading_begin(&r, env, msg, v);
	r.dry = true;
	spoilt = !read_exact(&r, tool, 0);
	/* And what the policy does not want to be cleaned. */
	if (!spoilt) {
		read_value(&r, tool, VISIBLE_TEXT, 1);
		spoilt = r.action == ACTION_DENY;
	}
	if (spoilt)
		v->stage = STAGE_RESPONSE;
	buf_release(&r.text);
	return spoilt;
}
