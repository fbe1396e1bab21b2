/*
 * The checks of strings: every string of what a client sends, at any depth,
 * keys too, in all its readings, goes through the stages path, host, secret and
 * pattern.  The readings are made once for all of them.
 */
#include "policy/check.h"
#include "policy/fold.h"
#include "policy/msg.h"
#include "policy/policy.h"
#include "policy/secret.h"
#include "policy/text.h"
#include "proxy/base/array.h"
#include "proxy/base/json.h"

/* Bytes of a text for people above which it is a document. */
#define DOCUMENT_LEN 300U
/* Pieces of a command line that are judged as one. */
#define PIECES_MAX 256U

/* In the order of the stages; the first that objects is the one that counts. */
static const struct {
	enum stage stage;
	text_check_fn *fn;
	bool of_answers; /* also what the client answers the server */
	bool of_names; /* also names that say nothing but what they name */
} judges[] = {
	{ STAGE_PATH, text_check_path, false, false },
	{ STAGE_HOST, text_check_host, false, false },
	{ STAGE_SECRET, text_check_secret, true, false },
	{ STAGE_PATTERN, text_check_command, false, false },
	{ STAGE_PATTERN, text_check_pattern, true, true },
};

/* One message on its way through. */
struct walk {
	const struct text_env env;
	struct json_edits *edits;
	const struct msg *msg;
	struct verdict *best; /* the strictest so far, the first stage's */
	enum action action;
	struct buf text, key; /* work space: a string, a member's name */
	struct verdict got; /* work space: of one stage */
};

/* What surrounds a value. */
struct place {
	struct slice member; /* the nearest name above it */
	const char *name; /* the same, if it is known */
	enum text_role role;
	bool answers; /* the client's answer to what the server asked */
	bool reserved; /* within _meta, whose names the protocol gives */
};

static void
keep(struct walk *w, const struct verdict *got, enum action action)
{
	if (action < w->action ||
	    (action == w->action && got->stage < w->best->stage)) {
		*w->best = *got;
		w->action = action;
	}
}

/* Puts a text without its secrets in the place of a string. */
static void
redact(struct walk *w, json_at at, const struct text *t)
{
	struct buf clean;

	buf_init(&clean, 2 * t->views->v[0].text.len + 4096);
	secret_redact(w->env.scan->secrets, w->env.scan->values,
	    t->views->v[0].text, &clean);
	json_replace_string(w->edits, w->msg->doc, at, buf_slice(&clean));
	buf_release(&clean);
}

static void
judge_views(struct walk *w, json_at at, struct text *t, bool harmless)
{
	struct verdict *got = &w->got;
	enum action action;

	for (size_t i = 0; i < nitems(judges); i++) {
		if ((t->from_answer && !judges[i].of_answers) ||
		    (harmless && !judges[i].of_names))
			continue;
		/* What comes later can add nothing to a refusal. */
		if (w->action == ACTION_DENY &&
		    judges[i].stage >= w->best->stage)
			break;
		got->stage = judges[i].stage;
		got->rule[0] = got->reason[0] = '\0';
		got->file = NULL;
		got->line = 0;
		got->settled = false;
		action = judges[i].fn(&w->env, t, got);
		if (action == ACTION_REDACT)
			redact(w, at, t);
		if (action != ACTION_ALLOW)
			keep(w, got, action);
	}
	if (t->views->cut && !harmless) {
		*got = (struct verdict){ .stage = STAGE_PATTERN };
		text_verdict(got, "arguments", NULL, t, VIEW_SENT,
		    "is written in more ways than can be looked at");
		keep(w, got, ACTION_DENY);
	}
}

static bool
has_patterns(const struct policy *p)
{
	return p->arguments.literals != NULL || p->arguments.regexes.n > 0;
}

/* A document is more than a line, in a place for prose. */
static bool
is_document(enum text_role role, struct slice text)
{
	const char *lf;

	if (role != ROLE_PROSE)
		return false;
	if (text.len > DOCUMENT_LEN)
		return true;
	lf = memchr(text.at, '\n', text.len);
	return lf != NULL && (size_t)(lf - text.at) + 1 < text.len;
}

static void
judge_text(struct walk *w, json_at at, struct slice s, const struct place *in,
    bool harmless)
{
	struct views *vs = &w->env.scan->views;
	struct text t = { .views = vs,
		.name = in->name,
		.member = in->member,
		.role = in->role,
		.document = is_document(in->role, s),
		.from_answer =
		    in->answers || (w->msg->kind != MSG_REQUEST &&
				       w->msg->kind != MSG_NOTIFICATION) };

	if (s.len == 0 || (harmless && !has_patterns(w->env.policy)))
		return;
	views_make(vs, s);
	judge_views(w, at, &t, harmless);
}

/* Appends a string, or the strings of an array, to a command line. */
static size_t
add_pieces(struct walk *w, json_at value, struct buf *line)
{
	const struct json *doc = w->msg->doc;
	size_t n = 0;

	if (json_is(doc, value, JSON_STRING)) {
		if (line->len > 0)
			buf_must(buf_add_byte(line, ' '));
		buf_must(buf_add_slice(line, json_text(doc, value, &w->text)));
		return 1;
	}
	if (json_is(doc, value, JSON_ARRAY))
		for (json_at at = json_first(doc, value);
		     at != JSON_NONE && n < PIECES_MAX;
		     at = json_sibling(doc, value, at))
			if (json_is(doc, at, JSON_STRING))
				n += add_pieces(w, at, line);
	return n;
}

/* {"command": "rm", "args": ["-rf", "/"]}: a command in pieces is one. */
static void
judge_pieces(struct walk *w, json_at object)
{
	const struct json *doc = w->msg->doc;
	struct place whole = { .role = ROLE_CODE, .name = "command" };
	struct buf line;
	size_t n = 0;

	buf_init(&line, 2 * doc->text.len);
	for (json_at key = json_first(doc, object); key != JSON_NONE;
	     key = json_sibling(doc, object, key)) {
		const char *name;

		if (text_role(json_text(doc, key, &w->key), &name) == ROLE_CODE)
			n += add_pieces(w, key + 1, &line);
	}
	if (n > 1)
		judge_text(w, JSON_NONE, buf_slice(&line), &whole, false);
	buf_release(&line);
}

static void walk_value(struct walk *w, json_at at, const struct place *in);

static void
walk_object(struct walk *w, json_at object, const struct place *in)
{
	const struct json *doc = w->msg->doc;
	bool in_pieces = false;

	for (json_at key = json_first(doc, object); key != JSON_NONE;
	     key = json_sibling(doc, object, key)) {
		struct place name = { .role = ROLE_NAME }, of = *in;

		of.member = json_text(doc, key, &w->key);
		of.role = text_role(of.member, &of.name);
		in_pieces = in_pieces || of.role == ROLE_CODE;
		of.reserved = in->reserved || slice_is(of.member, "_meta");
		name.member = of.member;
		judge_text(
		    w, key, of.member, &name, of.name != NULL || of.reserved);
		/* Unescaped, it lies in the work space of the next name. */
		if (doc->tok[key].escaped)
			of.member = slice_of(of.name != NULL ? of.name : "");
		walk_value(w, key + 1, &of);
	}
	if (in_pieces)
		judge_pieces(w, object);
}

/* Depth is bounded by the reader of frames: LIMIT_DEPTH_MAX. */
static void
walk_value(struct walk *w, json_at at, const struct place *in)
{
	const struct json *doc = w->msg->doc;

	switch (json_kind(doc, at)) {
	case JSON_STRING:
		judge_text(w, at, json_text(doc, at, &w->text), in, false);
		break;
	case JSON_NUMBER: /* 2130706433 is a host as well */
		if (in->role == ROLE_HOST)
			judge_text(w, at, json_raw(doc, at), in, false);
		break;
	case JSON_ARRAY:
		for (json_at item = json_first(doc, at); item != JSON_NONE;
		     item = json_sibling(doc, at, item))
			walk_value(w, item, in);
		break;
	case JSON_OBJECT:
		walk_object(w, at, in);
		break;
	case JSON_NULL:
	case JSON_FALSE:
	case JSON_TRUE:
		break;
	}
}

/* Names that MCP itself gives meaning to, and that the stages before judge. */
static bool
is_envelope(const struct msg *msg, json_at key)
{
	const struct json *doc = msg->doc;

	if (msg->method->code == METHOD_TOOLS_CALL)
		return json_equals(doc, key, slice_of("name"));
	return json_equals(doc, key, slice_of("cursor"));
}

/* params: what MCP defines there is no argument, but its strings are read. */
static void
walk_params(struct walk *w, json_at params)
{
	const struct json *doc = w->msg->doc;

	for (json_at key = json_first(doc, params); key != JSON_NONE;
	     key = json_sibling(doc, params, key)) {
		struct place of = { .role = ROLE_VALUE };
		struct place name = { .role = ROLE_NAME };

		of.member = json_text(doc, key, &w->key);
		name.member = of.member;
		of.role = text_role(of.member, &of.name);
		of.reserved = slice_is(of.member, "_meta");
		of.answers = w->msg->revision == REV_2026_07_28 &&
			     slice_is(of.member, "inputResponses");
		judge_text(w, key, of.member, &name, of.name != NULL);
		if (doc->tok[key].escaped)
			of.member = slice_of(of.name != NULL ? of.name : "");
		if (is_envelope(w->msg, key) &&
		    json_is(doc, key + 1, JSON_STRING))
			judge_text(w, key + 1,
			    json_text(doc, key + 1, &w->text), &of, true);
		else
			walk_value(w, key + 1, &of);
	}
}

enum action
check_text(
    const struct check_env *env, const struct msg *msg, struct verdict *v)
{
	const struct json *doc = msg->doc;
	struct walk w = { .env = { .policy = env->policy, .scan = env->scan },
		.edits = env->edits,
		.msg = msg,
		.best = v,
		.action = ACTION_ALLOW };
	struct place top = { .role = ROLE_VALUE };

	if (msg->method->always)
		return ACTION_ALLOW;
	buf_init(&w.text, doc->text.len);
	buf_init(&w.key, doc->text.len);
	for (json_at key = json_first(doc, msg->root); key != JSON_NONE;
	     key = json_sibling(doc, msg->root, key)) {
		json_at value = key + 1;

		if (value == msg->params && json_is(doc, value, JSON_OBJECT))
			walk_params(&w, value);
		else if (json_is(doc, value, JSON_STRING))
			judge_text(&w, value, json_text(doc, value, &w.text),
			    &top, true);
		else
			walk_value(&w, value, &top);
	}
	buf_release(&w.text);
	buf_release(&w.key);
	return w.action;
}
