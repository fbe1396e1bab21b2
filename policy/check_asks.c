/*
 * What a server asks of its client, and what the client answers of that: how
 * much a model is asked to write, how often, and whose context it sees; what
 * the user is asked (elicit.c); which directories the server learns of.  In the
 * newest revision questions stand inside answers, and answers inside requests;
 * they are judged in the same way.  Whether a server may ask at all is left to
 * check_namespace.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "policy/asks.h"
#include "policy/check.h"
#include "policy/elicit.h"
#include "policy/fold.h"
#include "policy/msg.h"
#include "policy/policy.h"
#include "policy/roots.h"
#include "policy/track.h"
#include "proxy/base/xalloc.h"

#define RULE_TOKENS "server_requests.sampling_max_tokens"
#define RULE_NUMBER "server_requests.sampling_per_session"
#define RULE_CONTEXT "server_requests.sampling/context"
#define RULE_SHAPE "server_requests"
#define RULE_ROOTS "arguments.paths.roots"

/* A question inside a question's answer inside a task: what MCP has. */
#define NEST_MAX 2U

/* One message on its way through. */
struct asking {
	const struct check_env *env;
	const struct msg *msg;
	struct verdict *v;
	enum action action;
	uint64_t samplings; /* asked for in this message */
	struct asks *asks; /* owned: made when it is needed */
	struct buf scratch;
};

static void
deny(struct asking *k, const char *rule, const char *key, const char *reason)
{
	k->action = ACTION_DENY;
	verdict_at(k->v, rule, policy_origin(k->env->policy, key), reason);
}

static void
deny_shape(struct asking *k)
{
	deny(k, RULE_SHAPE, RULE_SHAPE,
	    "what the server asks of its client cannot be read");
}

static void
redact(struct asking *k, const char *rule, const struct origin *at,
    const char *reason)
{
	if (k->action <= ACTION_REDACT)
		return; /* the first one tells why */
	k->action = ACTION_REDACT;
	verdict_at(k->v, rule, at, reason);
}

/* A name of the protocol's, or what a lenient reader takes for it. */
static bool
is_name(struct asking *k, json_at key, const char *name)
{
	struct slice text = json_text(k->msg->doc, key, &k->scratch);

	return slice_is(text, name) || fold_collides(text, slice_of(name));
}

/* --- Sampling. ------------------------------------------------------------ */

/*
 * Is it a number of tokens from one to max, to every reader?  What is less than
 * one is no limit to some, and a text is a number to others.
 */
static bool
is_within(const struct json *doc, json_at at, int64_t max)
{
	struct slice raw = json_raw(doc, at);
	char *text, *end;
	double d;

	if (!json_is(doc, at, JSON_NUMBER))
		return false;
	text = xmemdup0(raw.at, raw.len);
	d = strtod(text, &end);
	free(text);
	return d >= 1 && d <= (double)max;
}

static void
judge_tokens(struct asking *k, json_at params)
{
	const struct json *doc = k->msg->doc;
	int64_t max = k->env->policy->server_requests.sampling_max_tokens;
	json_at at = json_get(doc, params, "maxTokens");
	char text[32];

	if (max == 0 || (at != JSON_NONE && is_within(doc, at, max)))
		return;
	if (at == JSON_NONE) {
		deny(k, RULE_TOKENS, RULE_TOKENS,
		    "the server asks a model without saying how much it may "
		    "write");
		return;
	}
	(void)snprintf(text, sizeof(text), "%lld", (long long)max);
	json_replace(k->env->edits, doc->tok[at].first, doc->tok[at].end,
	    slice_of(text));
	redact(k, RULE_TOKENS, policy_origin(k->env->policy, RULE_TOKENS),
	    "the server asks a model for more tokens than it may");
}

/* A server may have its own context in the question, but not the others'. */
static void
judge_context(struct asking *k, json_at params)
{
	const struct json *doc = k->msg->doc;
	json_at at = json_get(doc, params, "includeContext");

	if (at == JSON_NONE || json_is(doc, at, JSON_NULL) ||
	    (json_is(doc, at, JSON_STRING) &&
		(json_equals(doc, at, slice_of("none")) ||
		    json_equals(doc, at, slice_of("thisServer")))))
		return;
	json_replace_string(k->env->edits, doc, at, slice_of("none"));
	redact(k, RULE_CONTEXT, NULL,
	    "the server asks for the context of other servers");
}

static void
judge_sampling(struct asking *k, json_at params)
{
	const struct policy *p = k->env->policy;
	int64_t max = p->server_requests.sampling_per_session;

	k->samplings++;
	if (max > 0 &&
	    k->env->track->samplings + k->samplings > (uint64_t)max) {
		deny(k, RULE_NUMBER, RULE_NUMBER,
		    "the server has asked a model as often as it may");
		return;
	}
	judge_tokens(k, params);
	if (k->action != ACTION_DENY)
		judge_context(k, params);
}

/* --- Elicitation. --------------------------------------------------------- */

static void
judge_elicitation(struct asking *k, json_at params, bool by_url)
{
	if (k->asks == NULL)
		k->asks = asks_new();
	if (!(by_url ? elicit_url_allowed : elicit_allowed)(k->env->policy,
		k->asks, k->msg->doc, params, &k->scratch, k->v))
		k->action = ACTION_DENY;
}

/* --- Questions, wherever they stand. -------------------------------------- */

static void
judge_request(struct asking *k, const struct method *method, json_at params)
{
	if (method->code == METHOD_SAMPLING)
		judge_sampling(k, params);
	else if (method->code == METHOD_ELICITATION)
		judge_elicitation(k, params, false);
}

static bool
is_misspelt(struct asking *k, json_at object, const char *names)
{
	const struct json *doc = k->msg->doc;

	for (json_at key = json_first(doc, object); key != JSON_NONE;
	     key = json_sibling(doc, object, key))
		if (fold_collides_any(json_text(doc, key, &k->scratch), names))
			return true;
	return false;
}

/*
 * An entry of inputRequests: what asks has a method that the revision defines
 * there, and one spelling.
 */
static void
judge_entry(struct asking *k, json_at at)
{
	const struct json *doc = k->msg->doc;
	const struct method *m;
	json_at name = json_get(doc, at, "method");
	json_at params = json_get(doc, at, "params");

	if (!json_is(doc, name, JSON_STRING) ||
	    is_misspelt(k, at, "method params")) {
		deny_shape(k);
		return;
	}
	m = method_find(json_text(doc, name, &k->scratch));
	if (m->capability == NULL ||
	    (params != JSON_NONE && !json_is(doc, params, JSON_OBJECT))) {
		deny_shape(k);
		return;
	}
	if (params != JSON_NONE && is_misspelt(k, params, m->params)) {
		deny_shape(k);
		return;
	}
	judge_request(k, m, params);
}

static void
judge_entries(struct asking *k, json_at key)
{
	const struct json *doc = k->msg->doc;
	json_at map = key + 1;

	if (json_kind(doc, map) < JSON_ARRAY)
		return; /* asks nothing */
	if (!json_equals(doc, key, slice_of("inputRequests")) ||
	    !json_is(doc, map, JSON_OBJECT)) {
		deny_shape(k);
		return;
	}
	for (json_at entry = json_first(doc, map);
	     entry != JSON_NONE && k->action != ACTION_DENY;
	     entry = json_sibling(doc, map, entry))
		judge_entry(k, entry + 1);
}

/* An error that sends the user to URLs (revision 2025-11-25). */
static void
judge_error(struct asking *k, json_at error)
{
	const struct json *doc = k->msg->doc;
	json_at data = json_get(doc, error, "data");

	if (!json_is(doc, data, JSON_OBJECT))
		return;
	for (json_at key = json_first(doc, data);
	     key != JSON_NONE && k->action != ACTION_DENY;
	     key = json_sibling(doc, data, key)) {
		if (!is_name(k, key, "elicitations") ||
		    !json_is(doc, key + 1, JSON_ARRAY))
			continue;
		for (json_at item = json_first(doc, key + 1);
		     item != JSON_NONE && k->action != ACTION_DENY;
		     item = json_sibling(doc, key + 1, item))
			judge_elicitation(k, item, true);
	}
}

/* A result, the state of a task, or what either wraps. */
static void
judge_box(struct asking *k, json_at box, unsigned depth)
{
	const struct json *doc = k->msg->doc;

	if (!json_is(doc, box, JSON_OBJECT))
		return;
	for (json_at key = json_first(doc, box);
	     key != JSON_NONE && k->action != ACTION_DENY;
	     key = json_sibling(doc, box, key)) {
		if (json_kind(doc, key + 1) < JSON_ARRAY)
			continue;
		if (is_name(k, key, "inputRequests"))
			judge_entries(k, key);
		else if (is_name(k, key, "error"))
			judge_error(k, key + 1);
		else if (depth < NEST_MAX &&
			 (is_name(k, key, "result") || is_name(k, key, "task")))
			judge_box(k, key + 1, depth + 1);
	}
}

/*
 * Does a message show the questions of a task, which are shown again until they
 * are answered?  They count when they are: see count_answers().
 */
static bool
shows_again(const struct msg *msg)
{
	return msg->kind == MSG_NOTIFICATION ||
	       strcmp(msg->method->name, "tasks/get") == 0;
}

static void
judge_server(struct asking *k)
{
	const struct msg *msg = k->msg;

	if (msg->kind == MSG_REQUEST)
		judge_request(k, msg->method, msg->params);
	else if (msg->kind == MSG_ERROR)
		judge_error(k, msg->error);
	else
		judge_box(
		    k, msg->kind == MSG_RESULT ? msg->result : msg->params, 0);
	if (k->action == ACTION_DENY &&
	    (msg->kind == MSG_RESULT || msg->kind == MSG_ERROR))
		k->v->stage = STAGE_RESPONSE;
	if (k->action != ACTION_DENY && !shows_again(msg))
		k->env->track->samplings += k->samplings;
}

/* --- Answers. ------------------------------------------------------------- */

/* What answers roots/list, by its shape. */
static void
learn_roots(struct asking *k, json_at answer)
{
	if (roots_filter(k->env, k->msg->doc, answer, &k->scratch))
		redact(k, RULE_ROOTS, &k->env->policy->paths.roots.at,
		    "a root of the client's outside the allowed ones is left "
		    "out");
}

/* What answers questions of a task's has not been counted yet. */
static bool
counts_now(const struct msg *msg)
{
	return strcmp(msg->method->name, "tasks/update") == 0;
}

static void
judge_answers(struct asking *k, json_at map)
{
	const struct json *doc = k->msg->doc;

	if (!json_is(doc, map, JSON_OBJECT))
		return;
	for (json_at key = json_first(doc, map); key != JSON_NONE;
	     key = json_sibling(doc, map, key)) {
		learn_roots(k, key + 1);
		if (counts_now(k->msg) &&
		    json_get(doc, key + 1, "role") != JSON_NONE)
			k->env->track->samplings++; /* a model wrote it */
	}
}

static void
judge_client(struct asking *k)
{
	const struct msg *msg = k->msg;

	if (msg->kind == MSG_RESULT)
		learn_roots(k, msg->result);
	else if (msg->kind == MSG_REQUEST)
		judge_answers(
		    k, json_get(msg->doc, msg->params, "inputResponses"));
}

enum action
check_asks(
    const struct check_env *env, const struct msg *msg, struct verdict *v)
{
	struct asking k = {
		.env = env, .msg = msg, .v = v, .action = ACTION_ALLOW
	};

	buf_init(&k.scratch, msg->doc->text.len);
	if (msg->dir == DIR_SERVER)
		judge_server(&k);
	else
		judge_client(&k);
	asks_free(k.asks);
	buf_release(&k.scratch);
	return k.action;
}
