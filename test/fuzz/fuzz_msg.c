/*
 * Any JSON text as a message, or as members of a batch: after 0 all that
 * msg_parse() promises holds, looked at in another way than it does.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/msg.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

/* Letters in lower case, the long s and the Kelvin sign too, up to a NUL. */
static size_t
fold(struct slice key, char *ret, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < key.len && n < size; i++) {
		char c = key.at[i];

		if (c == '\0')
			break;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (key.len - i >= 2 &&
		    memcmp(key.at + i, "\xc5\xbf", 2) == 0) {
			c = 's';
			i += 1;
		} else if (key.len - i >= 3 &&
			   memcmp(key.at + i, "\xe2\x84\xaa", 3) == 0) {
			c = 'k';
			i += 2;
		}
		ret[n++] = c;
	}
	return n;
}

/* Is a key name itself, or nothing like it? */
static void
check_key(struct slice key, struct slice name)
{
	char a[256], b[256];
	size_t na = fold(key, a, sizeof(a)), nb = fold(name, b, sizeof(b));

	must(slice_eq(key, name) || na != nb || memcmp(a, b, na) != 0);
}

static void
check_keys(const struct json *doc, json_at object, const char *names)
{
	struct buf scratch;

	if (!json_is(doc, object, JSON_OBJECT))
		return;
	buf_init(&scratch, doc->text.len);
	for (json_at key = json_first(doc, object); key != JSON_NONE;
	     key = json_sibling(doc, object, key))
		for (const char *at = names; *at != '\0';
		     at += strspn(at, " ")) {
			struct slice name = { at, strcspn(at, " ") };

			check_key(json_text(doc, key, &scratch), name);
			at += name.len;
		}
	buf_release(&scratch);
}

/* The envelope holds nothing but what JSON-RPC defines. */
static void
check_envelope(const struct msg *msg)
{
	static const char *const names[] = { "jsonrpc", "id", "method",
		"params", "result", "error" };
	const struct json *doc = msg->doc;
	size_t known = 0, n = 0;

	for (json_at key = json_first(doc, msg->root); key != JSON_NONE;
	     key = json_sibling(doc, msg->root, key))
		n++;
	for (size_t i = 0; i < nitems(names); i++)
		known += json_get(doc, msg->root, names[i]) != JSON_NONE;
	must(n == known);
	must(json_is(doc, json_get(doc, msg->root, "jsonrpc"), JSON_STRING));
	must(json_equals(
	    doc, json_get(doc, msg->root, "jsonrpc"), slice_of("2.0")));
}

static void
check_text(const struct json *doc, json_at at, size_t max)
{
	if (at == JSON_NONE)
		return;
	must(json_is(doc, at, JSON_STRING) || json_is(doc, at, JSON_NUMBER));
	must(json_raw(doc, at).len <= max);
}

static void
check_method(const struct msg *msg)
{
	static const char meta[] =
	    "progressToken io.modelcontextprotocol/protocolVersion "
	    "io.modelcontextprotocol/clientInfo "
	    "io.modelcontextprotocol/clientCapabilities";
	const struct json *doc = msg->doc;
	json_at name;

	must(json_equals(
	    doc, json_get(doc, msg->root, "method"), msg->method_name));
	must(msg->method == method_find(msg->method_name));
	must(msg->result == JSON_NONE && msg->error == JSON_NONE);
	must((msg->id == JSON_NONE) == (msg->kind == MSG_NOTIFICATION));
	must(
	    msg->params == JSON_NONE || json_is(doc, msg->params, JSON_OBJECT));
	check_keys(doc, msg->params, msg->method->params);
	check_keys(doc, msg->params, "_meta");
	check_keys(doc, json_get(doc, msg->params, "_meta"), meta);
	check_text(doc, msg->token, LIMIT_TOKEN_TEXT);
	if (msg->method->code != METHOD_TOOLS_CALL)
		return;
	name = json_get(doc, msg->params, "name");
	must(json_is(doc, name, JSON_STRING));
	must(json_equals(doc, name, msg->tool));
	must(msg->args == JSON_NONE || json_is(doc, msg->args, JSON_OBJECT));
}

static void
check_answer(const struct msg *msg)
{
	const struct json *doc = msg->doc;

	must(json_get(doc, msg->root, "method") == JSON_NONE);
	must(msg->params == JSON_NONE && msg->args == JSON_NONE);
	must(msg->tool.len == 0 && msg->method_name.len == 0);
	must((msg->result == JSON_NONE) == (msg->kind == MSG_ERROR));
	must((msg->error == JSON_NONE) == (msg->kind == MSG_RESULT));
	if (msg->kind == MSG_RESULT)
		must(msg->id != JSON_NONE);
	else
		must(json_is(
		    doc, json_get(doc, msg->error, "code"), JSON_NUMBER));
}

static void
parse(const struct json *doc, json_at root, enum msg_dir dir)
{
	struct error err = { "" };
	struct msg msg;
	int rc = msg_parse(&msg, dir, doc, root, &err);

	must(msg.dir == dir && msg.doc == doc && msg.root == root);
	must(msg.method != NULL);
	must((rc == 0) == (msg.kind != MSG_UNREAD));
	must((rc == 0) == (err.msg[0] == '\0'));
	check_text(doc, msg.id, LIMIT_ID);
	if (rc == 0) {
		check_envelope(&msg);
		if (msg.kind == MSG_REQUEST || msg.kind == MSG_NOTIFICATION)
			check_method(&msg);
		else
			check_answer(&msg);
	}
	msg_release(&msg);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct json_limits limits = { LIMIT_FRAME_BYTES, 64,
		LIMIT_TOKENS, true };
	struct slice text = { (const char *)data, size };
	struct json doc;

	json_init(&doc);
	if (json_read(&doc, text, &limits, NULL) == 0) {
		parse(&doc, JSON_ROOT, DIR_CLIENT);
		parse(&doc, JSON_ROOT, DIR_SERVER);
		if (json_is(&doc, JSON_ROOT, JSON_ARRAY))
			for (json_at at = json_first(&doc, JSON_ROOT);
			     at != JSON_NONE;
			     at = json_sibling(&doc, JSON_ROOT, at))
				parse(&doc, at, DIR_CLIENT);
	}
	json_release(&doc);
	return 0;
}
