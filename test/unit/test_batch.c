/*
 * Arrays of messages, which revision 2025-03-26 has and no other: each member
 * is judged by itself, and whoever asked gets every answer once.
 */
#include "proxy/batch.h"
#include "test/unit/pipe.h"

#define V1 "version: 1\ntools: {deny: [bad]}\nmethods: {deny: ['no/*']}\n"
#define REQ(id, method) "{'jsonrpc':'2.0','id':" id ",'method':'" method "'}"
#define CALL(id, tool)                                                         \
	"{'jsonrpc':'2.0','id':" id ",'method':'tools/call','params':{"        \
	"'name':'" tool "'}}"
#define NOTE(method, params)                                                   \
	"{'jsonrpc':'2.0','method':'" method "','params':" params "}"
#define OK(id, result) "{'jsonrpc':'2.0','id':" id ",'result':" result "}"
#define ERR(id, code, reason, stage, rule, event)                              \
	"{'jsonrpc':'2.0','id':" id ",'error':{'code':" code                   \
	",'message':'blocked by mcpshield: " reason "','data':{"               \
	"'stage':'" stage "','rule':'" rule "','policy':'test',"               \
	"'event':'S-" event "'}}}"
#define BAD(id, event)                                                         \
	ERR(id, "-32601", "this tool is denied by the policy", "namespace",    \
	    "tools.deny", event)

/* The opening of that revision; rows 1 and 2. */
#define OPEN ">" REQ("0", "initialize") "\n"
#define OPENED "<" OK("0", "{'protocolVersion':'2025-03-26'}") "\n"

static const struct {
	const char *label, *script, *want, *rows;
} cases[] = {
	/* clang-format off */
	{ "before any revision is known",
	    ">[" REQ("1", "x/y") "]\n",
	    "<" ERR("null", "-32600",
		"batches exist in revision 2025-03-26 alone", "frame",
		"frame.batch", "1") "\n",
	    "block frame frame.batch\n" },
	{ "in another revision, from either side",
	    OPEN "<" OK("0", "{'protocolVersion':'2025-06-18'}") "\n"
	    ">[" REQ("1", "x/y") "]\n<[" REQ("1", "x/y") "]\n",
	    OPEN "<" OK("0", "{'protocolVersion':'2025-06-18'}") "\n"
	    "<" ERR("null", "-32600",
		"batches exist in revision 2025-03-26 alone", "frame",
		"frame.batch", "3") "\n",
	    "allow\nallow\nblock frame frame.batch\ndrop frame frame.batch\n" },
	{ "an empty one", OPEN OPENED ">[ ]\n",
	    OPEN OPENED "<" ERR("null", "-32600", "the batch is empty",
		"frame", "frame.batch", "3") "\n",
	    "allow\nallow\nblock frame frame.batch\n" },
	{ "all of it passes, byte for byte, and so do its answers",
	    OPEN OPENED
	    ">[ " REQ("1", "x/y") " ,\t" NOTE("x", "{}") "," REQ("2", "x/y")
	    "]\n<[" OK("2", "{}") " , " OK("1", "{}") "]\n",
	    OPEN OPENED
	    ">[ " REQ("1", "x/y") " ,\t" NOTE("x", "{}") "," REQ("2", "x/y")
	    "]\n<[" OK("2", "{}") " , " OK("1", "{}") "]\n",
	    "allow\nallow\nallow\nallow\nallow\nallow\nallow\n" },
	{ "our refusals wait for the others' answers",
	    OPEN OPENED
	    ">[" CALL("1", "bad") ", " REQ("2", "x/y") " ," CALL("3", "bad")
	    ",7," NOTE("no/x", "{}") "]\n<[" OK("2", "{}") "]\n",
	    OPEN OPENED ">[" REQ("2", "x/y") "]\n"
	    "<[" OK("2", "{}") "," BAD("1", "3") "," BAD("3", "5") ","
	    ERR("null", "-32600", "not JSON-RPC: no object", "frame",
		"frame.jsonrpc", "6") "]\n",
	    "allow\nallow\nblock namespace tools.deny\nallow\n"
	    "block namespace tools.deny\nblock frame frame.jsonrpc\n"
	    "block namespace methods.deny\nallow\n" },
	{ "answers that come one by one are gathered",
	    OPEN OPENED
	    ">[" REQ("1", "x/y") "," CALL("b", "bad") "," REQ("2", "x/y") "]\n"
	    ">[" REQ("1", "x/y") "," CALL("'b'", "bad") "," REQ("2", "x/y")
	    "]\n<" OK("2", "{}") "\n>" REQ("4", "ping") "\n<" OK("4", "{}")
	    "\n<" OK("1", "'\xe2\x80\xa8'") "\n",
	    OPEN OPENED
	    ">[" REQ("1", "x/y") "," REQ("2", "x/y") "]\n"
	    "<" ERR("null", "-32700", "the line is not JSON", "frame",
		"frame.json", "3") "\n>" REQ("4", "ping") "\n"
	    "<" OK("4", "{}") "\n<[" BAD("'b'", "5") "," OK("2", "{}") ","
	    OK("1", "'\\u2028'") "]\n",
	    "allow\nallow\nblock frame frame.json\nallow\n"
	    "block namespace tools.deny\nallow\nallow\nallow\nallow\nallow\n" },
	{ "nothing of it goes on",
	    OPEN OPENED ">[" CALL("1", "bad") "," CALL("2", "bad") "]\n"
	    ">[" NOTE("no/x", "{}") "]\n",
	    OPEN OPENED "<[" BAD("1", "3") "," BAD("2", "4") "]\n",
	    "allow\nallow\nblock namespace tools.deny\n"
	    "block namespace tools.deny\nblock namespace methods.deny\n" },
	{ "initialize has no place in one",
	    OPEN OPENED ">[" REQ("1", "initialize") "]\n",
	    OPEN OPENED "<[" ERR("1", "-32600", "initialize in a batch",
		"frame", "frame.jsonrpc", "3") "]\n",
	    "allow\nallow\nblock frame frame.jsonrpc\n" },
	{ "one id twice in it",
	    OPEN OPENED ">[" REQ("1", "x/y") "," REQ("1", "x/z") "]\n",
	    OPEN OPENED ">[" REQ("1", "x/y") "]\n",
	    "allow\nallow\nallow\nblock frame frame.id\n" },
	{ "the server's array without what nobody asked",
	    OPEN OPENED ">" REQ("1", "x/y") "\n"
	    "<[" OK("9", "{}") ",\r" OK("1", "'\xc2\x85'") "," OK("1", "{}")
	    "]\n<[" OK("9", "{}") "]\n",
	    OPEN OPENED ">" REQ("1", "x/y") "\n"
	    "<[" OK("1", "'\\u0085'") "]\n",
	    "allow\nallow\nallow\ndrop frame frame.unasked\nallow\n"
	    "drop frame frame.unasked\ndrop frame frame.unasked\n" },
	{ "the server's requests, and the client's answers",
	    OPEN OPENED "<[" REQ("1", "roots/list") "," REQ("2", "no/x") "]\n"
	    ">" OK("1", "{}") "\n",
	    OPEN OPENED "<[" REQ("1", "roots/list") "]\n"
	    ">[" ERR("2", "-32601", "this method is denied by the policy",
		"namespace", "methods.deny", "4") "," OK("1", "{}") "]\n",
	    "allow\nallow\nallow\nblock namespace methods.deny\nallow\n" },
	{ "the server has ended",
	    OPEN OPENED ">[" REQ("1", "x/y") "," CALL("2", "bad") "]\n!",
	    OPEN OPENED ">[" REQ("1", "x/y") "]\n"
	    "<[" BAD("2", "4") "," ERR("1", "-32603",
		"the server has ended before it answered", "server",
		"server.exit", "5") "]\n",
	    "allow\nallow\nallow\nblock namespace tools.deny\n"
	    "block server server.exit\n" },
	{ "a cancelled member is not waited for",
	    OPEN OPENED ">[" REQ("1", "x/y") "," CALL("2", "bad") "]\n"
	    ">" NOTE("notifications/cancelled", "{'requestId':1}") "\n",
	    OPEN OPENED ">[" REQ("1", "x/y") "]\n"
	    ">" NOTE("notifications/cancelled", "{'requestId':1}") "\n"
	    "<[" BAD("2", "4") "]\n",
	    "allow\nallow\nallow\nblock namespace tools.deny\nallow\n" },
	/* clang-format on */
};

START_TEST(judges_members)
{
	struct pipe_test t;

	pipe_begin(&t, V1);
	t.gather = _i % 2 == 1;
	pipe_script(&t, cases[_i / 2].script);
	pipe_want(&t, cases[_i / 2].label, cases[_i / 2].want);
	pipe_end(&t);
	pipe_rows(cases[_i / 2].label, cases[_i / 2].rows);
}
END_TEST

/* Nothing that the client cancels stays in memory. */
START_TEST(forgets_cancelled_members)
{
	struct pipe_test t;
	size_t n = 0;
	char line[256];

	pipe_begin(&t, V1);
	pipe_script(&t, OPEN OPENED);
	for (int i = 0; i < 3000; i++) {
		t.len = 0;
		(void)snprintf(line, sizeof(line),
		    ">[" REQ("%d", "x/y") "," CALL("'x'", "bad") "]\n>" NOTE(
			"notifications/cancelled", "{'requestId':%d}") "\n",
		    i, i);
		pipe_script(&t, line);
	}
	for (const struct batch *b = t.pipe.batches; b != NULL; b = b->next)
		n++;
	ck_assert_uint_eq(n, 0);
	pipe_end(&t);
}
END_TEST

/* More members than LIMIT_BATCH, and just as many. */
START_TEST(bounds_members)
{
	struct pipe_test t;
	struct buf line;

	buf_init(&line, 1 << 20);
	buf_must(buf_add_str(&line, "[7"));
	for (unsigned i = 1; i < LIMIT_BATCH + (unsigned)_i; i++)
		buf_must(buf_add_str(&line, ",7"));
	buf_must(buf_add_str(&line, "]\n"));
	pipe_begin(&t, V1 "mode: monitor\n");
	pipe_script(&t, OPEN OPENED);
	pipe_feed(&t, DIR_CLIENT, buf_slice(&line));
	pipe_pump(&t, DIR_CLIENT);
	pipe_end(&t);
	buf_release(&line);
	(void)scratch_fold();
	ck_assert_int_eq(scratch_sql("SELECT count(*) FROM event"),
	    _i == 0 ? 2 + LIMIT_BATCH : 3);
	ck_assert_int_eq(scratch_sql("SELECT count(*) FROM event WHERE "
				     "rule = 'frame.batch'"),
	    _i);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("batch");

	tcase_add_loop_test(tc, judges_members, 0, 2 * (int)nitems(cases));
	tcase_add_test(tc, forgets_cancelled_members);
	tcase_add_loop_test(tc, bounds_members, 0, 2);
	return scratch_run(tc, "batch");
}
