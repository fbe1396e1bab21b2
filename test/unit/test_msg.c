/*
 * Frames and what msg_parse() makes of them: what is taken out of those that
 * are messages, and why the others are none.
 */
#include <stdio.h>

#include "policy/msg.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

/* In all texts here an apostrophe stands for a quotation mark. */
#define J "'jsonrpc':'2.0'"
#define M26 "'io.modelcontextprotocol/protocolVersion':'2026-07-28'"

static const struct json_limits limits = { 1 << 20, 64, 1 << 16, true };

static char *
quotes(const char *text)
{
	char *copy = xstrdup(text);

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return copy;
}

/* Reads and parses; 0 or -1, as msg_parse(). */
static int
parse(struct json *doc, struct msg *msg, const char *text, enum msg_dir dir,
    struct error *err)
{
	json_init(doc);
	ck_assert_msg(json_read(doc, slice_of(text), &limits, err) == 0,
	    "%s: %s", text, err->msg);
	return msg_parse(msg, dir, doc, JSON_ROOT, err);
}

/* The bytes at a place, or "-". */
static const char *
raw(const struct msg *msg, json_at at)
{
	static char text[4][128];
	static unsigned turn;
	struct slice s = { "-", 1 };

	if (at != JSON_NONE)
		s = json_raw(msg->doc, at);
	turn = (turn + 1) % nitems(text);
	(void)snprintf(
	    text[turn], sizeof(text[turn]), "%.*s", (int)s.len, s.at);
	return text[turn];
}

static const struct {
	const char *text;
	enum msg_kind kind;
	const char *want; /* id method-code method tool args token revision */
} accepted[] = {
	/* clang-format off */
	{ "{" J ",'id':1,'method':'ping'}", MSG_REQUEST, "1 4 ping  - - 0" },
	{ "{'method':'ping','id':-1.50e+3," J "}", MSG_REQUEST,
	    "-1.50e+3 4 ping  - - 0" },
	{ "{" J ",'id':'','method':'p\\u0069ng'}", MSG_REQUEST,
	    "'' 4 ping  - - 0" },
	{ "{" J ",'id':0,'m\\u0065thod':'Ping'}", MSG_REQUEST,
	    "0 0 Ping  - - 0" },
	{ "{'jsonrpc':'2\\u002e0','method':'x/y'}", MSG_NOTIFICATION,
	    "- 0 x/y  - - 0" },
	{ "{" J ",'id':1,'method':''}", MSG_REQUEST, "1 0   - - 0" },
	{ "{" J ",'id':1,'method':'x','params':null}", MSG_REQUEST,
	    "1 0 x  - - 0" },
	{ "{" J ",'id':1,'method':'x','params':[1]}", MSG_REQUEST,
	    "1 0 x  - - 0" },
	{ "{" J ",'id':1,'method':'x','params':{'Name':1,'URI':2}}",
	    MSG_REQUEST, "1 0 x  - - 0" },
	{ "{" J ",'id':1,'method':'tools/call','params':{'name':'t'}}",
	    MSG_REQUEST, "1 6 tools/call t - - 0" },
	{ "{" J ",'id':1,'method':'tools/call','params':{'name':'\\u0074',"
	    "'arguments':{'Name':1,'ARGUMENTS':2}}}", MSG_REQUEST,
	    "1 6 tools/call t {'Name':1,'ARGUMENTS':2} - 0" },
	{ "{" J ",'method':'tools/call','params':{'name':'t','arguments':null}"
	    "}", MSG_NOTIFICATION, "- 6 tools/call t - - 0" },
	{ "{" J ",'id':1,'method':'x','params':{'_meta':{'progressToken':0,"
	    M26 "}}}", MSG_REQUEST, "1 0 x  - 0 16" },
	{ "{" J ",'id':1,'method':'x','params':{'_meta':{'progressToken':'',"
	    "'io.modelcontextprotocol/protocolVersion':'1999-01-01'}}}",
	    MSG_REQUEST, "1 0 x  - '' 0" },
	{ "{" J ",'id':1,'method':'x','params':{'_meta':{"
	    "'io.modelcontextprotocol/protocolVersion':7}}}", MSG_REQUEST,
	    "1 0 x  - - 0" },
	{ "{" J ",'id':1,'method':'x','params':{'_meta':3}}", MSG_REQUEST,
	    "1 0 x  - - 0" },
	{ "{" J ",'id':7.0,'result':null}", MSG_RESULT, "7.0 0   - - 0" },
	{ "{" J ",'id':'a','result':{'Method':1}}", MSG_RESULT,
	    "'a' 0   - - 0" },
	{ "{" J ",'id':1,'error':{'code':-1,'message':''}}", MSG_ERROR,
	    "1 0   - - 0" },
	{ "{" J ",'id':null,'error':{'code':1e99,'message':'','data':[]}}",
	    MSG_ERROR, "- 0   - - 0" },
	{ "{" J ",'error':{'code':1,'message':'','more':0}}", MSG_ERROR,
	    "- 0   - - 0" },
	/* clang-format on */
};

START_TEST(accepts)
{
	enum msg_dir dir = _i % 2 == 0 ? DIR_CLIENT : DIR_SERVER;
	char *text = quotes(accepted[_i / 2].text);
	char *want = quotes(accepted[_i / 2].want), got[512];
	struct error err = { "" };
	struct json doc;
	struct msg msg;
	int rc = parse(&doc, &msg, text, dir, &err);

	ck_assert_msg(rc == 0, "%s: %s", text, err.msg);
	(void)snprintf(got, sizeof(got), "%s %d %.*s %.*s %s %s %u",
	    raw(&msg, msg.id), (int)msg.method->code, (int)msg.method_name.len,
	    msg.method_name.len > 0 ? msg.method_name.at : "",
	    (int)msg.tool.len, msg.tool.len > 0 ? msg.tool.at : "",
	    raw(&msg, msg.args), raw(&msg, msg.token), msg.revision);
	ck_assert_msg(msg.kind == accepted[_i / 2].kind, "%s: a %s", text,
	    msg_kind_name(msg.kind));
	ck_assert_int_eq(msg.dir, dir);
	ck_assert_msg(strcmp(got, want) == 0, "%s:\ngot    '%s'\nwanted '%s'",
	    text, got, want);
	msg_release(&msg);
	json_release(&doc);
	free(text);
	free(want);
}
END_TEST

#define UNDEFINED "not JSON-RPC: a member that JSON-RPC does not define"
#define SPELT "a member whose name differs by case only"
#define NO_ID "not JSON-RPC: an id that is no string and no number"
#define NO_CALL "tools/call without a name"
#define NO_KIND "neither a method nor exactly one of result and error"
#define NO_ERROR "an error without code and message"
#define CALL(members)                                                          \
	"{" J ",'id':1,'method':'tools/call','params':{" members "}}"

static const struct {
	const char *text, *id, *reason;
} refused[] = {
	/* clang-format off */
	{ "1", "-", "not JSON-RPC: no object" },
	{ "null", "-", "not JSON-RPC: no object" },
	{ "'ping'", "-", "not JSON-RPC: no object" },
	{ "[]", "-", "not JSON-RPC: no object" },
	{ "{}", "-", "jsonrpc is not '2.0'" },
	{ "{'id':1,'method':'ping'}", "1", "jsonrpc is not '2.0'" },
	{ "{'jsonrpc':2.0,'id':1,'method':'ping'}", "1", "jsonrpc is not" },
	{ "{'jsonrpc':'1.0','id':1,'method':'ping'}", "1", "jsonrpc is not" },
	{ "{'jsonrpc':'2.0\\u0000','id':1,'method':'p'}", "1",
	    "jsonrpc is not" },
	{ "{" J "}", "-", NO_KIND },
	{ "{" J ",'id':1}", "1", NO_KIND },
	{ "{" J ",'id':1,'result':{},'error':{}}", "1", NO_KIND },
	{ "{" J ",'id':1,'method':'x','result':{}}", "1",
	    "a method beside a result or an error" },
	{ "{" J ",'id':1,'method':'x','error':null}", "1",
	    "a method beside a result or an error" },
	{ "{" J ",'id':1,'result':{},'params':{}}", "1",
	    "params beside a result or an error" },
	{ "{" J ",'result':{}}", "-", "a result without an id" },
	{ "{" J ",'id':1,'method':7}", "1", "a method that is no string" },
	{ "{" J ",'id':1,'method':null}", "1", "a method that is no string" },
	/* Ids */
	{ "{" J ",'id':null,'method':'x'}", "-", NO_ID },
	{ "{" J ",'id':null,'result':{}}", "-", NO_ID },
	{ "{" J ",'id':true,'method':'x'}", "-", NO_ID },
	{ "{" J ",'id':[1],'method':'x'}", "-", NO_ID },
	{ "{" J ",'id':{},'error':{'code':1,'message':''}}", "-", NO_ID },
	/* The envelope: nothing more, and one spelling */
	{ "{" J ",'id':1,'method':'x','extra':1}", "1", UNDEFINED },
	{ "{" J ",'id':1,'method':'x','_meta':{}}", "1", UNDEFINED },
	{ "{" J ",'id':1,'method':'x','':1}", "1", UNDEFINED },
	{ "{" J ",'id':1,'method':'x','Method':'y'}", "1", UNDEFINED },
	{ "{" J ",'id':1,'method':'x','PARAMS':{}}", "1", UNDEFINED },
	{ "{" J ",'id':1,'method':'x','param\xc5\xbf':{}}", "1", UNDEFINED },
	{ "{" J ",'id':1,'method':'x','param\\u017f':{}}", "1", UNDEFINED },
	{ "{" J ",'id':1,'method':'x','method\\u0000':'y'}", "1", UNDEFINED },
	{ "{" J ",'id':1,'method':'tools/call\\u0000'}", "1",
	    "behind a NUL" },
	{ "{" J ",'id':1,'method':'x','ID':2}", "1", UNDEFINED },
	{ "{" J ",'id':1,'result':{},'Result':{}}", "1", UNDEFINED },
	/* params */
	{ "{" J ",'id':1,'method':'x','params':7}", "1",
	    "not JSON-RPC: params that are no object" },
	{ "{" J ",'id':1,'method':'ping','params':[]}", "1",
	    "ping: params that are no object" },
	{ "{" J ",'id':1,'method':'x','params':{'_META':{}}}", "1", SPELT },
	{ CALL("'name':'t','Name':'u'"), "1", SPELT },
	{ CALL("'name':'t','NAME':'u'"), "1", SPELT },
	{ CALL("'name':'t','nam\\u0045':'u'"), "1", SPELT },
	{ CALL("'name':'t','name\\u0000x':'u'"), "1", SPELT },
	{ CALL("'name':'t','argument\xc5\xbf':{}"), "1", SPELT },
	{ CALL("'name':'t','\\u0041rguments':{}"), "1", SPELT },
	{ CALL("'name':'t','ta\xc5\xbf\xe2\x84\xaa':{}"), "1", SPELT },
	{ CALL("'name':'t','RequestState':''"), "1", SPELT },
	{ "{" J ",'id':1,'method':'prompts/get','params':{'Name':''}}", "1",
	    "prompts/get: a member whose name differs" },
	{ "{" J ",'id':1,'method':'resources/read','params':{'URI':''}}", "1",
	    SPELT },
	{ "{" J ",'method':'notifications/cancelled','params':{'requestID':1}}",
	    "-", SPELT },
	/* tools/call */
	{ "{" J ",'id':1,'method':'tools/call'}", "1", NO_CALL },
	{ "{" J ",'id':1,'method':'tools/call','params':null}", "1", NO_CALL },
	{ CALL(""), "1", NO_CALL },
	{ CALL("'name':null"), "1", NO_CALL },
	{ CALL("'name':['t']"), "1", NO_CALL },
	{ CALL("'name':'t','arguments':[]"), "1",
	    "arguments that are no object" },
	{ CALL("'name':'t','arguments':'{}'"), "1",
	    "arguments that are no object" },
	/* _meta */
	{ CALL("'name':'t','_meta':{'ProgressToken':1}"), "1", SPELT },
	{ CALL("'name':'t','_meta':{'progre\xc5\xbfsToken':1}"), "1", SPELT },
	{ CALL("'name':'t','_meta':{'progressTo\\u212aen':1}"), "1", SPELT },
	{ CALL("'name':'t','_meta':{'progressToken':{}}"), "1",
	    "a progress token that is no string and no number" },
	{ CALL("'name':'t','_meta':{'io.modelcontextprotocol/"
	    "protocolversion':''}"), "1", SPELT },
	/* Errors */
	{ "{" J ",'id':1,'error':null}", "1", NO_ERROR },
	{ "{" J ",'id':1,'error':{}}", "1", NO_ERROR },
	{ "{" J ",'id':1,'error':{'code':1}}", "1", NO_ERROR },
	{ "{" J ",'id':1,'error':{'code':'1','message':''}}", "1", NO_ERROR },
	{ "{" J ",'id':1,'error':{'code':1,'message':null}}", "1", NO_ERROR },
	{ "{" J ",'id':1,'error':{'Code':1,'message':''}}", "1", NO_ERROR },
	/* clang-format on */
};

START_TEST(refuses)
{
	enum msg_dir dir = _i % 2 == 0 ? DIR_CLIENT : DIR_SERVER;
	char *text = quotes(refused[_i / 2].text);
	char *reason = quotes(refused[_i / 2].reason);
	struct error err = { "" };
	struct json doc;
	struct msg msg;
	int rc = parse(&doc, &msg, text, dir, &err);

	ck_assert_msg(rc == -1, "%s: a %s", text, msg_kind_name(msg.kind));
	ck_assert_int_eq(msg.kind, MSG_UNREAD);
	ck_assert_msg(strstr(err.msg, reason) != NULL, "%s: %s", text, err.msg);
	ck_assert_str_eq(raw(&msg, msg.id), refused[_i / 2].id);
	ck_assert_ptr_nonnull(msg.method);
	msg_release(&msg);
	json_release(&doc);
	free(text);
	free(reason);
}
END_TEST

/* An id or token of so many bytes, as a number or as a string. */
START_TEST(bounds_texts)
{
	static const struct {
		const char *before, *after;
	} forms[] = {
		{ "{" J ",'id':", ",'method':'x'}" },
		{ "{" J ",'id':", ",'result':{}}" },
		{ "{" J ",'id':", ",'error':{'code':1,'message':''}}" },
		{ "{" J ",'id':1,'method':'x','params':{'_meta':"
		  "{'progressToken':",
		    "}}}" },
	};
	static_assert(LIMIT_ID == LIMIT_TOKEN_TEXT, "one table for both");
	size_t len = LIMIT_ID + (size_t)(_i % 2);
	char text[LIMIT_ID + 2], *form, *line;
	struct error err = { "" };
	struct json doc;
	struct msg msg;

	memset(text, '7', len);
	text[len] = '\0';
	if (_i / 2 % 2 == 0)
		text[0] = text[len - 1] = '\'';
	form = xasprintf(
	    "%s%s%s", forms[_i / 4].before, text, forms[_i / 4].after);
	line = quotes(form);
	ck_assert_int_eq(parse(&doc, &msg, line, DIR_CLIENT, &err), -(_i % 2));
	msg_release(&msg);
	json_release(&doc);
	free(line);
	free(form);
}
END_TEST

/* A member of a batch: a place that is not the root. */
START_TEST(parses_members)
{
	struct error err = { "" };
	char *text = quotes(
	    "[{" J ",'id':1,'method':'ping'},7,{" J ",'id':2,'result':1}]");
	struct json doc;
	struct msg msg;
	json_at at;

	ck_assert_int_eq(parse(&doc, &msg, text, DIR_SERVER, &err), -1);
	msg_release(&msg);
	at = json_first(&doc, JSON_ROOT);
	ck_assert_int_eq(msg_parse(&msg, DIR_SERVER, &doc, at, &err), 0);
	ck_assert_int_eq(msg.kind, MSG_REQUEST);
	ck_assert_uint_eq(msg.root, at);
	msg_release(&msg);
	at = json_sibling(&doc, JSON_ROOT, at);
	ck_assert_int_eq(msg_parse(&msg, DIR_SERVER, &doc, at, &err), -1);
	msg_release(&msg);
	at = json_sibling(&doc, JSON_ROOT, at);
	ck_assert_int_eq(msg_parse(&msg, DIR_SERVER, &doc, at, NULL), 0);
	ck_assert_int_eq(msg.kind, MSG_RESULT);
	msg_release(&msg);
	json_release(&doc);
	free(text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("msg");

	tcase_add_loop_test(tc, accepts, 0, 2 * (int)nitems(accepted));
	tcase_add_loop_test(tc, refuses, 0, 2 * (int)nitems(refused));
	tcase_add_loop_test(tc, bounds_texts, 0, 16);
	tcase_add_test(tc, parses_members);
	return unit_run(tc, "msg");
}
