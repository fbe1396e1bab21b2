/*
 * Frames from read to write: exactly what leaves on each side, and the row
 * that each decision left in the audit log.
 */
#include "test/unit/pipe.h"

#define V1 "version: 1\n"
#define REQ(id, method) "{'jsonrpc':'2.0','id':" id ",'method':'" method "'}\n"
#define CALL(id, tool, args)                                                   \
	"{'jsonrpc':'2.0','id':" id ",'method':'tools/call','params':{"        \
	"'name':'" tool "','arguments':" args "}}\n"
#define NOTE(method, params)                                                   \
	"{'jsonrpc':'2.0','method':'" method "','params':" params "}\n"
#define OK(id, result) "{'jsonrpc':'2.0','id':" id ",'result':" result "}\n"
#define ERR(id, code, reason, stage, rule, event)                              \
	"{'jsonrpc':'2.0','id':" id ",'error':{'code':" code                   \
	",'message':'blocked by mcpshield: " reason "','data':{"               \
	"'stage':'" stage "','rule':'" rule "','policy':'test',"               \
	"'event':'S-" event "'}}}\n"

struct pipe_case {
	const char *label, *yaml, *script, *want, *rows;
};

static const struct pipe_case cases[] = {
	/* clang-format off */
	{ "a request and its answer pass as they came", V1,
	    ">{ 'jsonrpc' : '2.0',\t'id':7.00,'method':'x/y'} \n"
	    "<" OK("7.00", "{'a':1e400}"),
	    ">{ 'jsonrpc' : '2.0',\t'id':7.00,'method':'x/y'} \n"
	    "<" OK("7.00", "{'a':1e400}"),
	    "allow\nallow\n" },
	{ "an empty line says nothing", V1, ">\n> \t\r\n<\n", "", "" },
	{ "no JSON", V1, ">hello\n",
	    "<" ERR("null", "-32700", "the line is not JSON", "frame",
		"frame.json", "1"),
	    "block frame frame.json\n" },
	{ "a byte order mark", V1, ">\xef\xbb\xbf" REQ("1", "ping"),
	    "<" ERR("null", "-32700",
		"the line begins with a byte order mark", "frame",
		"frame.bom", "1"),
	    "block frame frame.bom\n" },
	{ "two equal keys, one of them escaped", V1,
	    ">{'jsonrpc':'2.0','id':1,'method':'ping','m\\u0065thod':'x'}\n",
	    "<" ERR("1", "-32600", "an object has the same key twice",
		"frame", "frame.duplicate", "1"),
	    "block frame frame.duplicate\n" },
	{ "two ids are none", V1,
	    ">{'jsonrpc':'2.0','id':1,'id':2,'method':'ping'}\n",
	    "<" ERR("null", "-32600", "an object has the same key twice",
		"frame", "frame.duplicate", "1"),
	    "block frame frame.duplicate\n" },
	{ "a broken notification gets no answer", V1,
	    ">{'jsonrpc':'2.0','method':'x','a':1}\n", "",
	    "drop frame frame.jsonrpc\n" },
	{ "too deep", V1 "frames: {max_depth: 8}\n",
	    ">{'jsonrpc':'2.0','id':'q','method':'x','params':[[[[[[[[]]]]]]]]}\n"
	    ">{'jsonrpc':'2.0','id':'q','method':'x','params':[[[[[[[]]]]]]]}\n",
	    ">{'jsonrpc':'2.0','id':'q','method':'x','params':[[[[[[[]]]]]]]}\n"
	    "<" ERR("'q'", "-32600", "the message is nested too deeply",
		"frame", "frames.max_depth", "1"),
	    "block frame frames.max_depth\nallow\n" },
	{ "too long, and the next line is read", V1
	    "frames: {max_bytes: 4096}\n",
	    ">@{'jsonrpc':'2.0','id':3,'method':'ping'}\n"
	    ">" REQ("4", "ping"),
	    ">" REQ("4", "ping")
	    "<" ERR("3", "-32600", "the message is too large", "frame",
		"frames.max_bytes", "1"),
	    "block frame frames.max_bytes\nallow\n" },
	{ "a print of the server's never reaches the client", V1,
	    "<Server ready\n<[1]\n<{'level':'info'}\n<'x'\n", "",
	    "drop frame frame.json\ndrop frame frame.batch\n"
	    "drop frame frame.jsonrpc\ndrop frame frame.jsonrpc\n" },
	{ "a broken answer is told to who asked", V1,
	    ">" REQ("1", "x/y") "<{'jsonrpc':'2.0','id':1,'result':{},'x':1}\n",
	    ">" REQ("1", "x/y")
	    "<" ERR("1", "-32600",
		"not JSON-RPC: a member that JSON-RPC does not define",
		"frame", "frame.jsonrpc", "2"),
	    "allow\nblock frame frame.jsonrpc\n" },
	{ "an answer to nothing, and a second one", V1,
	    "<" OK("1", "{}") ">" REQ("1", "x/y")
	    "<" OK("1", "{}") "<" OK("1", "{}") "<" OK("'1'", "{}"),
	    ">" REQ("1", "x/y") "<" OK("1", "{}"),
	    "drop frame frame.unasked\nallow\nallow\n"
	    "drop frame frame.unasked\ndrop frame frame.unasked\n" },
	{ "one id twice in flight, and once each way", V1,
	    ">" REQ("0", "ping") ">" REQ("0", "ping") "<" REQ("0", "ping")
	    ">" OK("0", "{}") "<" OK("0", "{}"),
	    ">" REQ("0", "ping")
	    "<" ERR("0", "-32600", "a request with this id is in flight",
		"frame", "frame.id", "2")
	    "<" REQ("0", "ping") ">" OK("0", "{}") "<" OK("0", "{}"),
	    "allow\nblock frame frame.id\nallow\nallow\nallow\n" },
	{ "progress by its token, until the answer", V1,
	    ">{'jsonrpc':'2.0','id':1,'method':'x/y','params':{'_meta':"
	    "{'progressToken':'t'}}}\n"
	    "<" NOTE("notifications/progress", "{'progressToken':'t'}")
	    "<" NOTE("notifications/progress", "{'progressToken':'u'}")
	    "<" OK("1", "{}")
	    "<" NOTE("notifications/progress", "{'progressToken':'t'}"),
	    ">{'jsonrpc':'2.0','id':1,'method':'x/y','params':{'_meta':"
	    "{'progressToken':'t'}}}\n"
	    "<" NOTE("notifications/progress", "{'progressToken':'t'}")
	    "<" OK("1", "{}"),
	    "allow\nallow\ndrop frame frame.progress\nallow\n"
	    "drop frame frame.progress\n" },
	{ "a task's token outlives the answer", V1,
	    ">{'jsonrpc':'2.0','id':1,'method':'x/y','params':{'_meta':"
	    "{'progressToken':5}}}\n<" OK("1", "{'task':{}}")
	    "<" NOTE("notifications/progress", "{'progressToken':5}")
	    "<" OK("1", "{}") ">" REQ("1", "ping"),
	    ">{'jsonrpc':'2.0','id':1,'method':'x/y','params':{'_meta':"
	    "{'progressToken':5}}}\n<" OK("1", "{'task':{}}")
	    "<" NOTE("notifications/progress", "{'progressToken':5}")
	    ">" REQ("1", "ping"),
	    "allow\nallow\nallow\ndrop frame frame.unasked\nallow\n" },
	{ "cancelling", V1,
	    ">" REQ("1", "x/y")
	    ">" NOTE("notifications/cancelled", "{'requestId':2}")
	    ">" NOTE("notifications/cancelled", "{'requestId':1}")
	    ">" REQ("1", "x/y") "<" OK("1", "{}"),
	    ">" REQ("1", "x/y")
	    ">" NOTE("notifications/cancelled", "{'requestId':1}")
	    ">" REQ("1", "x/y") "<" OK("1", "{}"),
	    "allow\ndrop frame frame.unasked\nallow\nallow\nallow\n" },
	{ "ends of lines that are none", V1,
	    ">{'jsonrpc':'2.0',\r'id':'\xe2\x80\xa8',\r\r'method':'x/y',"
	    "'params':{'\xc2\x85':'\xe2\x80\xa9\\r'}}\r\n"
	    "<{'jsonrpc':'2.0','id':'\\u2028','result':['\xc2\x85',\r'']}\n",
	    ">{'jsonrpc':'2.0', 'id':'\\u2028',  'method':'x/y',"
	    "'params':{'\\u0085':'\\u2029\\r'}}\n"
	    "<{'jsonrpc':'2.0','id':'\\u2028','result':['\\u0085', '']}\n",
	    "allow\nallow\n" },
	{ "lone surrogates: of the server only", V1,
	    ">{'jsonrpc':'2.0','id':1,'method':'\\ud800'}\n"
	    ">" REQ("1", "x/y") "<" OK("1", "{'a':'\\udc00'}"),
	    ">" REQ("1", "x/y")
	    "<" ERR("1", "-32600", "a text holds half of a surrogate pair",
		"frame", "frame.surrogate", "1")
	    "<" OK("1", "{'a':'\\ufffd'}"),
	    "block frame frame.surrogate\nallow\nallow\n" },
	{ "the namespace lock", V1 "tools: {allow: [a, 'b*'], deny: [bad]}\n",
	    ">" CALL("1", "a", "{}") ">" CALL("2", "c", "{}")
	    ">" CALL("3", "bad", "{}") ">" REQ("4", "tools/list")
	    "<" OK("4", "{'tools':[{'name':'c'},{'name':'a'},{'x':1},"
	    "{'name':'bad'}, {'name':'bx'}],'nextCursor':'n'}"),
	    ">" CALL("1", "a", "{}") ">" REQ("4", "tools/list")
	    "<" ERR("2", "-32601", "this tool is not one of the allowed tools",
		"namespace", "tools.allow", "2")
	    "<" ERR("3", "-32601", "this tool is denied by the policy",
		"namespace", "tools.deny", "3")
	    "<" OK("4", "{'tools':[{'name':'a'}, {'name':'bx'}],"
	    "'nextCursor':'n'}"),
	    "allow\nblock namespace tools.allow\nblock namespace tools.deny\n"
	    "allow\nredact namespace tools.deny\n" },
	{ "deny_as: result", V1 "deny_as: result\ntools: {deny: ['*']}\n"
	    "methods: {deny: ['x/*']}\n",
	    ">" CALL("1", "a", "{}") ">" REQ("2", "x/y")
	    ">{'jsonrpc':'2.0','id':3,'method':'tools/call','params':{"
	    "'name':'a','_meta':{'io.modelcontextprotocol/protocolVersion':"
	    "'2026-07-28'}}}\n"
	    ">{'jsonrpc':'2.0','method':'tools/call','params':{'name':'a'}}\n",
	    "<" OK("1", "{'content':[{'type':'text','text':"
	    "'blocked by mcpshield: this tool is denied by the policy'}],"
	    "'isError':true}")
	    "<" ERR("2", "-32601", "this method is denied by the policy",
		"namespace", "methods.deny", "2")
	    "<" OK("3", "{'content':[{'type':'text','text':"
	    "'blocked by mcpshield: this tool is denied by the policy'}],"
	    "'isError':true,'resultType':'complete'}"),
	    "block namespace tools.deny\nblock namespace methods.deny\n"
	    "block namespace tools.deny\nblock namespace tools.deny\n" },
	{ "what a server may not ask", V1 "server_requests: {sampling: deny, "
	    "elicitation: deny, roots: deny}\nmethods: {deny: ['x/*']}\n",
	    "<" REQ("1", "sampling/createMessage")
	    "<" REQ("2", "elicitation/create") "<" REQ("3", "roots/list")
	    "<" REQ("4", "x/y") "<" REQ("5", "ping"),
	    ">" ERR("1", "-1",
		"the policy lets no server ask this of its client",
		"namespace", "server_requests.sampling", "1")
	    ">" OK("2", "{'action':'decline'}")
	    ">" ERR("3", "-32601",
		"the policy lets no server ask this of its client",
		"namespace", "server_requests.roots", "3")
	    ">" ERR("4", "-32601", "this method is denied by the policy",
		"namespace", "methods.deny", "4")
	    "<" REQ("5", "ping"),
	    "block namespace server_requests.sampling\n"
	    "block namespace server_requests.elicitation\n"
	    "block namespace server_requests.roots\n"
	    "block namespace methods.deny\nallow\n" },
	{ "capabilities are left out", V1
	    "server_requests: {sampling: deny}\n",
	    ">{'jsonrpc':'2.0','id':0,'method':'initialize','params':{"
	    "'capabilities':{'roots':{},'sampling':{'tools':{}}}}}\n",
	    ">{'jsonrpc':'2.0','id':0,'method':'initialize','params':{"
	    "'capabilities':{'roots':{}}}}\n",
	    "redact namespace server_requests.sampling\n" },
	{ "a request inside an answer", V1
	    "server_requests: {elicitation: deny}\n",
	    ">" CALL("1", "a", "{}")
	    "<" OK("1", "{'resultType':'input_required','inputRequests':{"
	    "'k':{'method':'roots/list'},'l':{'method':"
	    "'elicitation/create'}}}"),
	    ">" CALL("1", "a", "{}")
	    "<" ERR("1", "-32603",
		"the policy lets no server ask this of its client",
		"response", "server_requests.elicitation", "2"),
	    "allow\nblock response server_requests.elicitation\n" },
	{ "a rule redacts one value and keeps every other byte", V1
	    "rules: [{id: hide, tool: t, action: redact, where: {q: {regex: "
	    "s3cret}}}]\n",
	    ">" CALL("1", "t", "{ 'n':1.0,\r'q' : ['a', 's3cret\xc2\x85',3] }")
	    ">" CALL("2", "u", "{'q':'s3cret'}"),
	    ">" CALL("1", "t",
		"{ 'n':1.0, 'q' : ['a', '[mcpshield: redacted]',3] }")
	    ">" CALL("2", "u", "{'q':'s3cret'}"),
	    "redact rules hide\nallow\n" },
	{ "a rule that logs", V1
	    "rules: [{id: see, tool: '*', action: log}]\n",
	    ">" CALL("1", "t", "{}"), ">" CALL("1", "t", "{}"),
	    "flag rules see\n" },
	{ "the server has ended", V1,
	    ">" REQ("1", "x/y") ">" REQ("'b'", "x/y") ">" REQ("3", "x/y")
	    ">" NOTE("notifications/cancelled", "{'requestId':3}")
	    "<" OK("1", "{}") "!\n!\n",
	    ">" REQ("1", "x/y") ">" REQ("'b'", "x/y") ">" REQ("3", "x/y")
	    ">" NOTE("notifications/cancelled", "{'requestId':3}")
	    "<" OK("1", "{}")
	    "<" ERR("'b'", "-32603",
		"the server has ended before it answered", "server",
		"server.exit", "6"),
	    "allow\nallow\nallow\nallow\nallow\nblock server server.exit\n" },
	{ "monitor: everything passes as it came", V1 "mode: monitor\n"
	    "tools: {deny: [t]}\nserver_requests: {sampling: deny}\n",
	    ">" CALL("1", "t", "{'\xe2\x80\xa8':1,\r'a':2}")
	    ">" CALL("1", "t", "{}") ">{'a':1}\n>nonsense\n>[]\n"
	    "<" REQ("9", "sampling/createMessage") "<banner\n"
	    "<" OK("1", "{}") "<" OK("1", "{}"),
	    ">" CALL("1", "t", "{'\xe2\x80\xa8':1,\r'a':2}")
	    ">" CALL("1", "t", "{}") ">{'a':1}\n>nonsense\n>[]\n"
	    "<" REQ("9", "sampling/createMessage") "<banner\n"
	    "<" OK("1", "{}") "<" OK("1", "{}"),
	    "would-block namespace tools.deny\nwould-block frame frame.id\n"
	    "would-block frame frame.jsonrpc\nwould-block frame frame.json\n"
	    "would-block frame frame.batch\n"
	    "would-block namespace server_requests.sampling\n"
	    "would-drop frame frame.json\nallow\n"
	    "would-drop frame frame.unasked\n" },
	/* clang-format on */
};

/* '@' in front of a line: with so much white space that it is too long. */
static char *
pad(const char *script)
{
	const char *at = strchr(script, '@');

	if (at == NULL)
		return xstrdup(script);
	return xasprintf(
	    "%.*s%5000s%s", (int)(at - script), script, "", at + 1);
}

static void
run(const struct pipe_case *c, bool gather)
{
	struct pipe_test t;
	char *script = pad(c->script);

	pipe_begin(&t, c->yaml);
	t.gather = gather;
	pipe_script(&t, script);
	pipe_want(&t, c->label, c->want);
	pipe_end(&t);
	pipe_rows(c->label, c->rows);
	free(script);
}

START_TEST(carries_out)
{
	run(&cases[_i / 2], _i % 2 == 1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pipeline");

	tcase_add_loop_test(tc, carries_out, 0, 2 * (int)nitems(cases));
	return scratch_run(tc, "pipeline");
}
