/*
 * The checks of strings: every string of what a client sends, at any depth,
 * keys too, in all its readings, goes through the stages path, host, secret and
 * pattern.  The readings are made once for all of them.
 */
#include "policy/check.h"
#include "policy/command_line.h"
#include "policy/fold.h"
#include "policy/msg.h"
#include "policy/pathscan.h"
#include "policy/policy.h"
#include "policy/secret.h"
#include "policy/text.h"
#include "proxy/base/array.h"
#include "proxy/base/json.h"

/* Bytes of a text for people above which it is a document. */
#define DOCUMENT_LEN 300U
/* Digits of the shortest and the longest number that may be a secret. */
#define CARD_DIGITS_MIN 13U
#define CARD_DIGITS_MAX 19U

/* What is judged, and by which of the judges. */
enum scope {
	SCOPE_VALUE = 1,
	SCOPE_NAME = 2, /* says nothing but what it names */
	SCOPE_TOOL = 4, /* the name of a tool, which may be made up */
	SCOPE_NUMBER = 8,
	SCOPE_LINE = 16, /* pieces that may be a command once put together */
};

/* In the order of the stages; the first that objects is the one that counts. */
static const struct {
	text_check_fn *fn;
	enum stage stage;
	bool of_answers; /* also what the client answers the server */
	unsigned scopes;
} judges[] = {
	{ text_check_path, STAGE_PATH, false, SCOPE_VALUE },
	{ text_check_host, STAGE_HOST, false, SCOPE_VALUE },
	{ text_check_secret, STAGE_SECRET, true,
	    SCOPE_VALUE | SCOPE_TOOL | SCOPE_NUMBER },
	{ text_check_command, STAGE_PATTERN, false, SCOPE_VALUE | SCOPE_LINE },
	{ text_check_pattern, STAGE_PATTERN, true,
	    SCOPE_VALUE | SCOPE_NAME | SCOPE_TOOL },
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
judge_views(struct walk *w, json_at at, struct text *t, enum scope scope)
{
	struct verdict *got = &w->got;
	enum action action;

	for (size_t i = 0; i < nitems(judges); i++) {
		if ((t->from_answer && !judges[i].of_answers) ||
		    (judges[i].scopes & (unsigned)scope) == 0)
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
	if (t->views->cut && scope != SCOPE_NAME) {
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

/* A URL, and behind it one word to a line: no document, for who reads only
   the first line of it reads a URL. */
static bool
is_url_first(struct slice text, size_t line)
{
	if (memmem(text.at, line, "://", 3) == NULL)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == ' ' || text.at[i] == '\t')
			return false;
	return true;
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
	return lf != NULL && (size_t)(lf - text.at) + 1 < text.len &&
	       !is_url_first(text, (size_t)(lf - text.at));
}

static void
judge_text(struct walk *w, json_at at, struct slice s, const struct place *in,
    enum scope scope)
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

	if (s.len == 0 || (scope == SCOPE_NAME && !has_patterns(w->env.policy)))
		return;
	views_make(vs, s);
	judge_views(w, at, &t, scope);
}

/* A command in pieces is one: the members of an object put together. */
static void
judge_pieces(struct walk *w, json_at object)
{
	struct place whole = { .role = ROLE_CODE, .name = "command" };
	struct command_line line;

	if (!command_line_of(w->msg->doc, object, &w->text, &line))
		return;
	judge_text(w, JSON_NONE, buf_slice(&line.spaced), &whole,
	    line.certain ? SCOPE_VALUE : SCOPE_LINE);
	judge_text(w, JSON_NONE, buf_slice(&line.glued), &whole, SCOPE_LINE);
	command_line_release(&line);
}

/* {"dir": "/etc", "file": "shadow"} */
static void
judge_join(struct walk *w, json_at object)
{
	if (w->msg->kind != MSG_REQUEST && w->msg->kind != MSG_NOTIFICATION)
		return;
	w->got = (struct verdict){ .stage = STAGE_PATH };
	if (check_join(&w->env, w->msg->doc, object, &w->text, &w->got) ==
	    ACTION_DENY)
		keep(w, &w->got, ACTION_DENY);
}

/* A payment card may be written without quotation marks. */
static void
judge_number(struct walk *w, json_at at, const struct place *in)
{
	struct slice raw = json_raw(w->msg->doc, at);
	size_t n = 0;

	if (raw.len > 0 && raw.at[0] == '-')
		raw = (struct slice){ raw.at + 1, raw.len - 1 };
	while (n < raw.len && raw.at[n] >= '0' && raw.at[n] <= '9')
		n++;
	if (n >= CARD_DIGITS_MIN && n <= CARD_DIGITS_MAX)
		judge_text(
		    w, at, (struct slice){ raw.at, n }, in, SCOPE_NUMBER);
}

/* {"url": {"value": "..."}}: it is for what the name above it says. */
static bool
inherits(const struct place *in, enum text_role role, struct slice member)
{
	return (in->role == ROLE_HOST || in->role == ROLE_PATH) &&
	       role == ROLE_VALUE &&
	       (slice_is(member, "value") || slice_is(member, "raw") ||
		   slice_is(member, "string") || slice_is(member, "val"));
}

static void walk_value(struct walk *w, json_at at, const struct place *in);

static void
walk_object(struct walk *w, json_at object, const struct place *in)
{
	const struct json *doc = w->msg->doc;

	for (json_at key = json_first(doc, object); key != JSON_NONE;
	     key = json_sibling(doc, object, key)) {
		struct place name = { .role = ROLE_NAME }, of = *in;

		of.member = json_text(doc, key, &w->key);
		of.role = text_role(of.member, &of.name);
		if (inherits(in, of.role, of.member))
			of.role = in->role;
		of.reserved = in->reserved || slice_is(of.member, "_meta");
		name.member = of.member;
		judge_text(w, key, of.member, &name,
		    of.name != NULL || of.reserved ? SCOPE_NAME : SCOPE_VALUE);
		/* Unescaped, it lies in the work space of the next name. */
		if (doc->tok[key].escaped)
			of.member = slice_of(of.name != NULL ? of.name : "");
		walk_value(w, key + 1, &of);
	}
	judge_pieces(w, object);
	if (!in->answers)
		judge_join(w, object);
}

/* Depth is bounded by the reader of frames: LIMIT_DEPTH_MAX. */
static void
walk_value(struct walk *w, json_at at, const struct place *in)
{
	const struct json *doc = w->msg->doc;

	switch (json_kind(doc, at)) {
	case JSON_STRING:
		judge_text(
		    w, at, json_text(doc, at, &w->text), in, SCOPE_VALUE);
		break;
	case JSON_NUMBER: /* 2130706433 is a host as well */
		if (in->role == ROLE_HOST)
			judge_text(w, at, json_raw(doc, at), in, SCOPE_VALUE);
		judge_number(w, at, in);
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

/* How a string of params is judged that MCP itself gives a meaning: a tool is
   named, and a page asked for by what the server said.  Anything else is a
   value. */
static enum scope
scope_of(const struct msg *msg, json_at key)
{
	static const char list[] = "/list";
	const struct method *method = msg->method;
	size_t len = sizeof(list) - 1;

	if (!json_is(msg->doc, key + 1, JSON_STRING))
		return SCOPE_VALUE;
	if (method->code == METHOD_TOOLS_CALL)
		return json_equals(msg->doc, key, slice_of("name"))
			   ? SCOPE_TOOL
			   : SCOPE_VALUE;
	if (method->len > len &&
	    memcmp(method->name + method->len - len, list, len) == 0 &&
	    json_equals(msg->doc, key, slice_of("cursor")))
		return SCOPE_NAME;
	return SCOPE_VALUE;
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
		enum scope scope = scope_of(w->msg, key);

		of.member = json_text(doc, key, &w->key);
		name.member = of.member;
		of.role = text_role(of.member, &of.name);
		of.reserved = slice_is(of.member, "_meta");
		of.answers = w->msg->revision == REV_2026_07_28 &&
			     slice_is(of.member, "inputResponses");
		judge_text(w, key, of.member, &name,
		    of.name != NULL ? SCOPE_NAME : SCOPE_VALUE);
		if (doc->tok[key].escaped)
			of.member = slice_of(of.name != NULL ? of.name : "");
		if (scope != SCOPE_VALUE)
			judge_text(w, key + 1,
			    json_text(doc, key + 1, &w->text), &of, scope);
		else
			walk_value(w, key + 1, &of);
	}
	/* Methods that are not of MCP have their arguments here. */
	judge_pieces(w, params);
	judge_join(w, params);
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
	pathscan_begin(env->scan->paths);
	buf_init(&w.text, doc->text.len);
	buf_init(&w.key, doc->text.len);
	for (json_at key = json_first(doc, msg->root); key != JSON_NONE;
	     key = json_sibling(doc, msg->root, key)) {
		json_at value = key + 1;

		if (value == msg->params && json_is(doc, value, JSON_OBJECT))
			walk_params(&w, value);
		else if (json_is(doc, value, JSON_STRING))
			judge_text(&w, value, json_text(doc, value, &w.text),
			    &top, SCOPE_NAME);
		else
			walk_value(&w, value, &top);
	}
	buf_release(&w.text);
	buf_release(&w.key);
	return w.action;
}
