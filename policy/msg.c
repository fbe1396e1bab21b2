/*
 * One message, classified: what kind it is, and the places that checks and the
 * pipeline ask for.  Behind this edge nobody looks for members of the envelope
 * again.
 */
#include "policy/msg.h"

#include "policy/fold.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/limits.h"

#define NAME_MAX_BYTES (LIMIT_FRAME_BYTES_MAX)

/* Members of params._meta that steer us or a peer. */
static const char meta_names[] =
    "progressToken io.modelcontextprotocol/protocolVersion "
    "io.modelcontextprotocol/clientInfo "
    "io.modelcontextprotocol/clientCapabilities "
    "io.modelcontextprotocol/logLevel";

struct envelope {
	json_at jsonrpc, id, method, params, result, error;
};

static const struct {
	struct slice name;
	size_t offset;
} members[] = {
	{ { "jsonrpc", 7 }, offsetof(struct envelope, jsonrpc) },
	{ { "id", 2 }, offsetof(struct envelope, id) },
	{ { "method", 6 }, offsetof(struct envelope, method) },
	{ { "params", 6 }, offsetof(struct envelope, params) },
	{ { "result", 6 }, offsetof(struct envelope, result) },
	{ { "error", 5 }, offsetof(struct envelope, error) },
};

static int
take_envelope(const struct json *doc, json_at root, struct envelope *ret,
    struct error *err)
{
	bool known = true;

	*ret = (struct envelope){ JSON_NONE, JSON_NONE, JSON_NONE, JSON_NONE,
		JSON_NONE, JSON_NONE };
	for (json_at key = json_first(doc, root); key != JSON_NONE;
	     key = json_sibling(doc, root, key)) {
		size_t i;

		for (i = 0; i < nitems(members); i++)
			if (json_equals(doc, key, members[i].name))
				break;
		if (i == nitems(members))
			known = false;
		else
			*(json_at *)(void *)((char *)ret + members[i].offset) =
			    key + 1;
	}
	if (!known)
		return error_set(err, "a member that JSON-RPC does not define");
	return 0;
}

/* Refuses spellings of names that a lenient decoder would take for them. */
static int
check_spelling(const struct json *doc, json_at object, const char *names,
    struct buf *scratch, struct error *err)
{
	for (json_at key = json_first(doc, object); key != JSON_NONE;
	     key = json_sibling(doc, object, key))
		if (fold_collides_any(json_text(doc, key, scratch), names))
			return error_set(err,
			    "a member whose name differs by case only from one "
			    "that MCP defines");
	return 0;
}

static bool
is_id(const struct json *doc, json_at at)
{
	return json_is(doc, at, JSON_STRING) || json_is(doc, at, JSON_NUMBER);
}

static int
take_id(struct msg *msg, json_at id, struct error *err)
{
	if (id == JSON_NONE)
		return 0;
	if (!is_id(msg->doc, id))
		return error_set(err, "an id that is no string and no number");
	if (json_raw(msg->doc, id).len > LIMIT_ID)
		return error_set(err, "an id of more than %lu bytes", LIMIT_ID);
	msg->id = id;
	return 0;
}

static int
take_meta(struct msg *msg, struct error *err)
{
	const struct json *doc = msg->doc;
	json_at meta = json_get(doc, msg->params, "_meta"), token;
	json_at version;

	if (!json_is(doc, meta, JSON_OBJECT))
		return 0;
	if (check_spelling(doc, meta, meta_names, &msg->text, err) == -1)
		return -1;
	version =
	    json_get(doc, meta, "io.modelcontextprotocol/protocolVersion");
	if (json_is(doc, version, JSON_STRING))
		msg->revision =
		    revision_find(json_text(doc, version, &msg->text));
	token = json_get(doc, meta, "progressToken");
	if (token == JSON_NONE || json_is(doc, token, JSON_NULL))
		return 0;
	if (!is_id(doc, token) || json_raw(doc, token).len > LIMIT_TOKEN_TEXT)
		return error_set(err,
		    "a progress token that is no string and no number, or of "
		    "more than %lu bytes",
		    LIMIT_TOKEN_TEXT);
	msg->token = token;
	return 0;
}

static int
take_params(struct msg *msg, json_at params, struct error *err)
{
	const struct json *doc = msg->doc;

	if (params == JSON_NONE || json_is(doc, params, JSON_NULL))
		return 0;
	if (json_is(doc, params, JSON_ARRAY) &&
	    msg->method->code == METHOD_UNKNOWN)
		return 0; /* JSON-RPC has them by position; MCP does not */
	if (!json_is(doc, params, JSON_OBJECT))
		return error_set(err, "params that are no object");
	msg->params = params;
	if (check_spelling(doc, params, msg->method->params, &msg->text, err) ==
		-1 ||
	    check_spelling(doc, params, "_meta", &msg->text, err) == -1)
		return -1;
	return take_meta(msg, err);
}

static int
take_call(struct msg *msg, struct error *err)
{
	json_at name, args;

	name = json_get(msg->doc, msg->params, "name");
	if (!json_is(msg->doc, name, JSON_STRING))
		return error_set(err, "a tools/call without a name");
	args = json_get(msg->doc, msg->params, "arguments");
	if (args != JSON_NONE && !json_is(msg->doc, args, JSON_NULL)) {
		if (!json_is(msg->doc, args, JSON_OBJECT))
			return error_set(err, "arguments that are no object");
		msg->args = args;
	}
	msg->tool = json_text(msg->doc, name, &msg->text);
	return 0;
}

static int
take_method(struct msg *msg, const struct envelope *env, struct error *err)
{
	struct slice cut;

	if (!json_is(msg->doc, env->method, JSON_STRING))
		return error_set(err, "a method that is no string");
	if (env->result != JSON_NONE || env->error != JSON_NONE)
		return error_set(err, "a method beside a result or an error");
	msg->kind = env->id == JSON_NONE ? MSG_NOTIFICATION : MSG_REQUEST;
	cut = json_text(msg->doc, env->method, &msg->name_text);
	msg->method_name = cut;
	/* A reader in C would take it for what stands before the NUL. */
	cut.len = strnlen(cut.at, cut.len);
	if (cut.len < msg->method_name.len &&
	    method_find(cut)->code != METHOD_UNKNOWN)
		return error_set(err, "a method that goes on behind a NUL");
	msg->method = method_find(msg->method_name);
	if (take_params(msg, env->params, err) == -1)
		return error_wrap(err, "%s",
		    msg->method->code == METHOD_UNKNOWN ? "not JSON-RPC"
							: msg->method->name);
	if (msg->method->code == METHOD_TOOLS_CALL)
		return take_call(msg, err);
	return 0;
}

static int
take_answer(struct msg *msg, const struct envelope *env, struct error *err)
{
	if ((env->result == JSON_NONE) == (env->error == JSON_NONE))
		return error_set(err,
		    "neither a method nor exactly one of result and error");
	if (env->params != JSON_NONE)
		return error_set(err, "params beside a result or an error");
	msg->kind = env->result != JSON_NONE ? MSG_RESULT : MSG_ERROR;
	msg->result = env->result;
	msg->error = env->error;
	if (msg->kind == MSG_ERROR &&
	    (!json_is(msg->doc, json_get(msg->doc, env->error, "code"),
		 JSON_NUMBER) ||
		!json_is(msg->doc, json_get(msg->doc, env->error, "message"),
		    JSON_STRING)))
		return error_set(err, "an error without code and message");
	if (msg->kind == MSG_RESULT && env->id == JSON_NONE)
		return error_set(err, "a result without an id");
	return 0;
}

int
msg_parse(struct msg *msg, enum msg_dir dir, const struct json *doc,
    json_at root, struct error *err)
{
	static const struct slice version = { "2.0", 3 };
	struct envelope env;
	int rc;

	*msg = (struct msg){
		.dir = dir,
		.kind = MSG_UNREAD,
		.doc = doc,
		.root = root,
		.id = JSON_NONE,
		.params = JSON_NONE,
		.args = JSON_NONE,
		.result = JSON_NONE,
		.error = JSON_NONE,
		.token = JSON_NONE,
		.method = method_find((struct slice){ NULL, 0 }),
	};
	buf_init(&msg->text, NAME_MAX_BYTES);
	buf_init(&msg->name_text, NAME_MAX_BYTES);
	if (!json_is(doc, root, JSON_OBJECT))
		return error_set(err, "not JSON-RPC: no object");
	rc = take_envelope(doc, root, &env, err);
	/* An error may answer a request whose id could not be read. */
	if (env.error != JSON_NONE && json_is(doc, env.id, JSON_NULL))
		env.id = JSON_NONE;
	if (take_id(msg, env.id, err) == -1 || rc == -1)
		return error_wrap(err, "not JSON-RPC");
	if (!json_is(doc, env.jsonrpc, JSON_STRING) ||
	    !json_equals(doc, env.jsonrpc, version))
		return error_set(err, "not JSON-RPC: jsonrpc is not \"2.0\"");
	if (env.method != JSON_NONE)
		rc = take_method(msg, &env, err);
	else
		rc = take_answer(msg, &env, err);
	if (rc == -1)
		msg->kind = MSG_UNREAD;
	return rc;
}

void
msg_release(struct msg *msg)
{
	buf_release(&msg->text);
	buf_release(&msg->name_text);
}

const char *
msg_kind_name(enum msg_kind kind)
{
	static const char *const names[] = {
		[MSG_UNREAD] = "line",
		[MSG_REQUEST] = "request",
		[MSG_NOTIFICATION] = "notification",
		[MSG_RESULT] = "result",
		[MSG_ERROR] = "error",
		[MSG_BATCH] = "batch",
	};

	return names[kind];
}
