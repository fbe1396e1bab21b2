/*
 * The checks, one message at a time: what a policy says of it, what is
 * replaced, and that a policy proves itself before it is used.
 */
#include "test/unit/judge.h"

#define M26 "'io.modelcontextprotocol/protocolVersion':'2026-07-28'"
#define CAPS "'io.modelcontextprotocol/clientCapabilities':"

static const struct check_case cases[] = {
	/* clang-format off */
	/* The namespace lock */
	{ "no list: every tool", V1, DIR_CLIENT, NULL, CALL("'x'", "{}"),
	    "allow   0", NULL },
	{ "an empty list: none", V1 "tools: {allow: []}\n", DIR_CLIENT, NULL,
	    CALL("'x'", "{}"), "block namespace tools.allow 2", NULL },
	{ "a name", V1 "tools: {allow: [x]}\n", DIR_CLIENT, NULL,
	    CALL("'x'", "{}"), "allow   0", NULL },
	{ "a name in another case", V1 "tools: {allow: [x]}\n", DIR_CLIENT,
	    NULL, CALL("'X'", "{}"), "block namespace tools.allow 2", NULL },
	{ "behind a NUL, what a glob wants", V1 "tools: {allow: ['*_list']}\n",
	    DIR_CLIENT, NULL, CALL("'write\\u0000_list'", "{}"),
	    "block namespace tools 0", NULL },
	{ "a NUL behind what is denied", V1 "tools: {deny: [write]}\n",
	    DIR_CLIENT, NULL, CALL("'write\\u0000'", "{}"),
	    "block namespace tools 0", NULL },
	{ "a name and more, behind a NUL", V1 "tools: {allow: [x]}\n",
	    DIR_CLIENT, NULL, CALL("'x\\u0000y'", "{}"),
	    "block namespace tools.allow 2", NULL },
	{ "a name in escapes", V1 "tools:\n  deny:\n  - y\n  - x\n",
	    DIR_CLIENT, NULL, CALL("'\\u0078'", "{}"),
	    "block namespace tools.deny 5", NULL },
	{ "deny goes before allow", V1 "tools: {allow: ['*'], deny: [x]}\n",
	    DIR_CLIENT, NULL, CALL("'x'", "{}"),
	    "block namespace tools.deny 2", NULL },
	{ "the short form's parts, of any case",
	    "allowed_tools: ['*']\nblocked_tool_patterns: [shell]\n",
	    DIR_CLIENT, NULL, CALL("'myShELLtool'", "{}"),
	    "block namespace blocked_tool_patterns 2", NULL },
	{ "a notification calls as well", V1 "tools: {deny: [x]}\n",
	    DIR_CLIENT, NULL,
	    "{'jsonrpc':'2.0','method':'tools/call','params':{'name':'x'}}",
	    "block namespace tools.deny 2", NULL },
	/* Methods */
	{ "a method", V1 "methods: {deny: ['x/*']}\n", DIR_CLIENT, NULL,
	    REQ("x/y", "{}"), "block namespace methods.deny 2", NULL },
	{ "a method behind a NUL", V1 "methods: {deny: [x/y]}\n", DIR_CLIENT,
	    NULL, REQ("x/y\\u0000z", "{}"), "block namespace methods.deny 2",
	    NULL },
	{ "from either side", V1 "methods: {deny: ['x/*']}\n", DIR_SERVER,
	    NULL, "{'jsonrpc':'2.0','method':'x/y'}",
	    "block namespace methods.deny 2", NULL },
	{ "an answer to it was asked for", V1 "methods: {deny: ['x/*']}\n",
	    DIR_SERVER, "x/y", OK("{}"), "allow   0", NULL },
	{ "never initialize", V1 "methods: {deny: ['*']}\n"
	    "arguments: {patterns: [evil]}\n", DIR_CLIENT, NULL,
	    REQ("initialize", "{'clientInfo':{'name':'evil'}}"), "allow   0",
	    NULL },
	{ "never server/discover", V1 "methods: {deny: ['*']}\n", DIR_CLIENT,
	    NULL, REQ("server/discover", "{}"), "allow   0", NULL },
	/* What a server asks */
	{ "sampling", V1 "server_requests: {sampling: deny}\n", DIR_SERVER,
	    NULL, REQ("sampling/createMessage", "{}"),
	    "block namespace server_requests.sampling 2", NULL },
	{ "not its neighbour", V1 "server_requests: {sampling: deny}\n",
	    DIR_SERVER, NULL, REQ("elicitation/create", "{}"), "allow   0",
	    NULL },
	{ "sampling inside an answer",
	    V1 "server_requests: {sampling: deny}\n", DIR_SERVER,
	    "tools/call", OK("{'inputRequests':{'a':{'method':'roots/list'},"
	    "'b':{'method':'sampling/createMessage'}}}"),
	    "block response server_requests.sampling 2", NULL },
	{ "inside an answer, in escapes", V1 "methods: {deny: ['x/*']}\n",
	    DIR_SERVER, "tools/call",
	    OK("{'inputRequests':{'a':{'method':'x\\/y'}}}"),
	    "block response methods.deny 2", NULL },
	{ "inside an answer, without a method",
	    V1 "server_requests: {sampling: deny}\n", DIR_SERVER, "tools/call",
	    OK("{'inputRequests':{'a':{'Method':'x'}}}"),
	    "block response server_requests 0", NULL },
	{ "inside an answer, under two names",
	    V1 "server_requests: {sampling: deny}\n", DIR_SERVER, "tools/call",
	    OK("{'inputRequests':{'a':{'method':'roots/list',"
	    "'Method':'sampling/createMessage'}}}"),
	    "block response server_requests 0", NULL },
	{ "inside a task's notification",
	    V1 "server_requests: {sampling: deny}\n", DIR_SERVER, NULL,
	    "{'jsonrpc':'2.0','method':'notifications/tasks','params':{"
	    "'inputRequests':{'b':{'method':'sampling/createMessage'}}}}",
	    "block namespace server_requests.sampling 2", NULL },
	/* Capabilities */
	{ "of initialize", V1 "server_requests: {sampling: deny, roots: deny}\n",
	    DIR_CLIENT, NULL, REQ("initialize", "{'capabilities':{"
	    "'s\\u0061mpling':{}, 'x':1 ,'roots':{'a':[]}}}"),
	    "redact namespace server_requests.roots 2",
	    REQ("initialize", "{'capabilities':{'x':1}}") },
	{ "all there are", V1 "server_requests: {sampling: deny, roots: deny, "
	    "elicitation: deny}\n", DIR_CLIENT, NULL, REQ("initialize",
	    "{'capabilities':{'sampling':{},'roots':{},'elicitation':{}}}"),
	    "redact namespace server_requests.elicitation 2",
	    REQ("initialize", "{'capabilities':{}}") },
	{ "of a method that is denied",
	    V1 "methods: {deny: ['sampling/*']}\n", DIR_CLIENT, NULL,
	    REQ("initialize", "{'capabilities':{'sampling':{}}}"),
	    "redact namespace methods.deny 2",
	    REQ("initialize", "{'capabilities':{}}") },
	{ "of every request in the newest revision",
	    V1 "server_requests: {sampling: deny}\n", DIR_CLIENT, NULL,
	    REQ("x/y", "{'_meta':{" M26 "," CAPS "{'sampling':{}}}}"),
	    "redact namespace server_requests.sampling 2",
	    REQ("x/y", "{'_meta':{" M26 "," CAPS "{}}}") },
	{ "nothing to leave out", V1 "server_requests: {sampling: deny}\n",
	    DIR_CLIENT, NULL, REQ("initialize", "{'capabilities':[1]}"),
	    "allow   0", NULL },
	/* Listings */
	{ "tools outside the lock", V1 "tools: {allow: [b]}\n", DIR_SERVER,
	    "tools/list", OK("{'tools':[{'name':'a'} , {'name':'b','x':0},"
	    "{'name':'c'}],'nextCursor':''}"),
	    "redact namespace tools.allow 2",
	    OK("{'tools':[{'name':'b','x':0}],'nextCursor':''}") },
	{ "all of them", V1 "tools: {allow: []}\n", DIR_SERVER, "tools/list",
	    OK("{'tools':[ {'name':'a'},{'name':'b'} ]}"),
	    "redact namespace tools.allow 2", OK("{'tools':[  ]}") },
	{ "tools that have no name", V1, DIR_SERVER, "tools/list",
	    OK("{'tools':[{'name':'a'},{'name':1},{},7,{'name':'a','NAME':"
	    "'b'}]}"), "redact namespace tools 0",
	    OK("{'tools':[{'name':'a'}]}") },
	{ "a list that is none", V1, DIR_SERVER, "tools/list",
	    OK("{'tools':{}}"), "block response tools 0", NULL },
	{ "a second spelling of it", V1, DIR_SERVER, "tools/list",
	    OK("{'tools':[],'Tools':[{'name':'a'}]}"),
	    "block response tools 0", NULL },
	{ "a list is one by its shape", V1 "tools: {allow: []}\n", DIR_SERVER,
	    "x/y", OK("{'tools':[{'name':'a'},{'x':1}]}"),
	    "redact namespace tools.allow 2", OK("{'tools':[{'x':1}]}") },
	{ "and this is none", V1 "tools: {allow: []}\n", DIR_SERVER, "x/y",
	    OK("{'tools':{'name':'a'}}"), "allow   0", NULL },
	/* Sizes and patterns */
	{ "arguments of the size that may be",
	    V1 "arguments: {max_bytes: 16}\n", DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':'12345678'}"), "allow   0", NULL },
	{ "one byte more", V1 "arguments: {max_bytes: 16}\n", DIR_CLIENT,
	    NULL, CALL("'x'", "{'a':'123456789'}"),
	    "block rules arguments.max_bytes 0", NULL },
	{ "a pattern in a value", V1 "arguments:\n  patterns:\n  - no\n  - Ev\n",
	    DIR_CLIENT, NULL, CALL("'x'", "{'a':[{'b':'an \\u0045VIL'}]}"),
	    "block pattern arguments.patterns 5", NULL },
	{ "in a key", V1 "arguments: {patterns: [evil]}\n", DIR_CLIENT, NULL,
	    CALL("'x'", "{'evil':1}"), "block pattern arguments.patterns 2",
	    NULL },
	{ "beside the arguments", V1 "arguments: {patterns: [evil]}\n",
	    DIR_CLIENT, NULL, REQ("resources/read", "{'uri':'file:///evil'}"),
	    "block pattern arguments.patterns 2", NULL },
	{ "in parameters by position", V1 "arguments: {patterns: [evil]}\n",
	    DIR_CLIENT, NULL, REQ("x/y", "['evil']"),
	    "block pattern arguments.patterns 2", NULL },
	{ "in an id", V1 "arguments: {patterns: [evil]}\n", DIR_CLIENT, NULL,
	    "{'jsonrpc':'2.0','id':'evil','method':'x'}",
	    "block pattern arguments.patterns 2", NULL },
	{ "in an answer of the client's", V1 "arguments: {patterns: [evil]}\n",
	    DIR_CLIENT, "sampling/createMessage", OK("{'text':'evil'}"),
	    "block pattern arguments.patterns 2", NULL },
	{ "what the server says is no argument",
	    V1 "arguments: {patterns: [evil]}\n", DIR_SERVER, "x/y",
	    OK("{'text':'evil'}"), "allow   0", NULL },
	{ "an expression", V1 "arguments: {regexes: ['a+b$']}\n", DIR_CLIENT,
	    NULL, CALL("'x'", "{'q':'caab'}"),
	    "block pattern arguments.regexes 2", NULL },
	{ "an expression that gives up is a hit",
	    V1 "arguments: {regexes: ['^(a+)+$']}\n", DIR_CLIENT, NULL,
	    CALL("'x'", "{'q':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'}"),
	    "block pattern arguments.regexes 2", NULL },
	/* clang-format on */
};

START_TEST(judges)
{
	run(&cases[_i]);
}
END_TEST

/* Names of stages and their codes, as DESIGN has them, none reserved. */
START_TEST(names_stages)
{
	for (enum stage i = STAGE_FRAME; i < STAGE_COUNT; i++) {
		ck_assert_ptr_nonnull(stage_name(i));
		ck_assert_str_ne(stage_name(i), "");
		ck_assert_int_le(stage_code(i), -32600);
		ck_assert_int_ge(stage_code(i), -32603);
		for (enum stage k = STAGE_FRAME; k < i; k++)
			ck_assert_str_ne(stage_name(i), stage_name(k));
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("check");

	tcase_add_loop_test(tc, judges, 0, (int)nitems(cases));
	tcase_add_test(tc, names_stages);
	return unit_run(tc, "check");
}
