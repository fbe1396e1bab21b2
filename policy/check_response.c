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
#include "policy/text.h"
#include "policy/visible.h"
#include "proxy/base/array.h"
#include "proxy/base/json.h"
#include "proxy/base/quote.h"

/* Texts of one answer that are judged together, and their bytes. */
#define JOIN_MAX 1024U
#define JOIN_BYTES (4UL << 20)
/* Bytes of what was found that the log shows. */
#define EXCERPT_LEN 60U

/* One message on its way through. */
struct reading {
	const struct check_env *env;
	const struct msg *msg;
	struct verdict *v;
	enum action action;
	enum injection_field field;
	size_t n; /* spans that are replaced */
	bool dry; /* nothing is replaced: a tool is being looked at */
	bool soft; /* cleaned where the policy denies: never refused */
	struct buf text; /* work space */
};

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

/* The first finding of the strictest kind names the verdict. */
static void
note(struct reading *r, const struct cut *cut, struct slice text)
{
	const struct policy *p = r->env->policy;
	enum policy_finding asked = asked_of(r, cut->kind);
	enum action action = asked == FINDING_DENY  ? ACTION_DENY
			     : asked == FINDING_LOG ? ACTION_FLAG
						    : ACTION_REDACT;
	struct slice part = { text.at + cut->first, cut->end - cut->first };
	char rule[RULE_MAX], shown[2 * EXCERPT_LEN];

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
	char name[64];

	(void)snprintf(name, sizeof(name), "[mcpshield: removed name %u]", at);
	json_replace_string(r->env->edits, r->msg->doc, at, slice_of(name));
}

static void
read_string(struct reading *r, json_at at, enum visible visible, bool is_key)
{
	struct cleaner *c = r->env->scan->cleaner;
	struct slice text = json_text(r->msg->doc, at, &r->text);
	bool redacts = false;

	if (text.len == 0 ||
	    clean_find(c, r->env->policy, r->env->scan, text, r->field) == 0)
		return;
	for (size_t i = 0; i < c->n; i++) {
		if (visible == VISIBLE_NAME && c->v[i].kind == FOUND_SECRET)
			continue;
		note(r, &c->v[i], text);
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

/* Depth is bounded by the reader of frames. */
static void
read_value(struct reading *r, json_at at, enum visible visible, unsigned depth)
{
	const struct json *doc = r->msg->doc;

	if (json_kind(doc, at) == JSON_STRING) {
		read_string(r, at, visible, false);
	} else if (json_kind(doc, at) == JSON_ARRAY) {
		for (json_at item = json_first(doc, at); item != JSON_NONE;
		     item = json_sibling(doc, at, item))
			read_value(r, item, visible, depth + 1);
	} else if (json_kind(doc, at) == JSON_OBJECT) {
		for (json_at key = json_first(doc, at); key != JSON_NONE;
		     key = json_sibling(doc, at, key)) {
			visible = visible_member(r->msg, key, depth);
			read_string(r, key, VISIBLE_NAME, true);
			if (visible != VISIBLE_NOT)
				read_value(r, key + 1, visible, depth + 1);
		}
	}
}

/* One text of several, in the text of all. */
struct piece {
	json_at at;
	size_t first, end;
};

/* The texts of content[], one behind the other. */
static size_t
join_texts(struct reading *r, json_at content, struct piece *v, struct buf *all)
{
	const struct json *doc = r->msg->doc;
	size_t n = 0;

	for (json_at item = json_first(doc, content);
	     item != JSON_NONE && n < JOIN_MAX && all->len < JOIN_BYTES;
	     item = json_sibling(doc, content, item)) {
		json_at text = json_get(doc, item, "text");

		if (!json_is(doc, text, JSON_STRING))
			continue;
		v[n] = (struct piece){ .at = text, .first = all->len };
		buf_must(buf_add_slice(all, json_text(doc, text, &r->text)));
		v[n++].end = all->len;
		buf_must(buf_add_byte(all, '\n'));
	}
	return n;
}

/* Is there an edit of any part of this span? */
static bool
touches(const struct json_edits *e, size_t first, size_t end)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->v[i].first < end && first < e->v[i].end)
			return true;
	return false;
}

/* Takes a span that lies in several texts out of each of them. */
static void
cut_pieces(struct reading *r, const struct piece *v, size_t n, struct buf *all,
    const struct cut *cut)
{
	static const char mark[] = "[mcpshield: removed a part]";

	for (size_t i = 0; i < n; i++) {
		size_t first =
		    cut->first > v[i].first ? cut->first : v[i].first;
		size_t end = cut->end < v[i].end ? cut->end : v[i].end;
		struct json_place place = { 0, 0 };
		size_t raw_first, raw_end;

		if (first >= end)
			continue;
		raw_first =
		    json_span(r->msg->doc, v[i].at, &place, first - v[i].first);
		raw_end =
		    json_span(r->msg->doc, v[i].at, &place, end - v[i].first);
		if (touches(r->env->edits, raw_first, raw_end)) {
			/* The whole text, which holds the other edit. */
			raw_first = r->msg->doc->tok[v[i].at].first + 1;
			raw_end = r->msg->doc->tok[v[i].at].end - 1;
		}
		json_replace_part(
		    r->env->edits, raw_first, raw_end, slice_of(mark));
	}
	note(r, cut, buf_slice(all));
}

/* What is split over several texts is found where they are joined. */
static void
read_joined(struct reading *r, json_at content)
{
	const struct json *doc = r->msg->doc;
	struct cleaner *c = r->env->scan->cleaner;
	struct piece v[JOIN_MAX];
	struct buf all;
	size_t n;

	if (!json_is(doc, content, JSON_ARRAY) ||
	    r->env->policy->responses.injection == FINDING_OFF)
		return;
	buf_init(&all, JOIN_BYTES + doc->text.len + JOIN_MAX);
	n = join_texts(r, content, v, &all);
	if (n > 1 && clean_find(c, r->env->policy, r->env->scan,
			 buf_slice(&all), r->field) > 0)
		for (size_t k = 0; k < c->n; k++)
			for (size_t i = 0; i + 1 < n; i++)
				if (c->v[k].kind == FOUND_INJECTION &&
				    c->v[k].first < v[i].end &&
				    c->v[k].end > v[i + 1].first) {
					cut_pieces(r, v, n, &all, &c->v[k]);
					break;
				}
	buf_release(&all);
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

/* What follows the words "found:" or a refusal's own words. */
static void
count(const struct reading *r)
{
	size_t len = strlen(r->v->reason);

	if (r->n > 1 && r->action != ACTION_DENY)
		(void)snprintf(r->v->reason + len, sizeof(r->v->reason) - len,
		    " and %zu more", r->n - 1);
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
	if (msg->root == JSON_ROOT &&
	    clean_is_plain(env->scan->cleaner, env->scan, doc->text))
		return ACTION_ALLOW;
	reading_begin(&r, env, msg, v);
	r.soft = is_soft(msg);
	for (json_at key = json_first(doc, msg->root); key != JSON_NONE;
	     key = json_sibling(doc, msg->root, key)) {
		json_at value = key + 1;

		if (value == msg->id || json_kind(doc, value) == JSON_STRING)
			continue; /* the envelope's: judged by others */
		read_value(&r, value, VISIBLE_TEXT, 0);
		if (value == msg->result)
			read_joined(&r, json_get(doc, value, "content"));
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
		read_string(r, key, VISIBLE_NAME, true);
		for (size_t i = 0; i < nitems(exact); i++)
			if (json_equals(doc, key, slice_of(exact[i])))
				read_value(r, key + 1, VISIBLE_NAME, depth);
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
