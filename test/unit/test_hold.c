/*
 * What happens when the journal cannot be written, for frames that come alone
 * and for those that are recorded together.
 */
#include "audit/journal.h"
#include "test/unit/pipe.h"

#define DENY "version: 1\nrules: [{id: no, tool: bad, action: deny}]\n"
#define ALLOW DENY "audit: {on_failure: allow}\n"
#define MONITOR DENY "mode: monitor\n"
#define REQ(id, method) "{'jsonrpc':'2.0','id':" id ",'method':'" method "'}\n"
#define CALL(id, tool)                                                         \
	"{'jsonrpc':'2.0','id':" id ",'method':'tools/call','params':{"        \
	"'name':'" tool "'}}\n"
#define NOTE(method) "{'jsonrpc':'2.0','method':'" method "'}\n"
#define OK(id, result) "{'jsonrpc':'2.0','id':" id ",'result':" result "}\n"
/* What our answer says, but for the number of its event. */
#define LOST(id)                                                               \
	"{'jsonrpc':'2.0','id':" id ",'error':{'code':-32603,"                 \
	"'message':'blocked by mcpshield: the decision could not be "          \
	"recorded','data':{'stage':'audit','rule':'audit.on_failure',"         \
	"'policy':'test','event':''}}}\n"

/* The first part with a disk, the second without, the third with one again. */
static const struct {
	const char *label, *yaml, *before, *full, *after, *want, *rows;
} cases[] = {
	/* clang-format off */
	{ "requests, answers and notifications", DENY,
	    ">" REQ("1", "x/y") "<" REQ("'s'", "roots/list"),
	    ">" REQ("2", "x/y") ">" NOTE("x") ">" OK("'s'", "{}")
	    "<" OK("1", "{}") "<" NOTE("x") "<" REQ("3", "ping"),
	    ">" REQ("2", "x/y") "<" OK("2", "{}") "<" OK("1", "{}"),
	    ">" REQ("1", "x/y") "<" REQ("'s'", "roots/list")
	    ">" LOST("'s'") "<" LOST("2") ">" LOST("3") "<" LOST("1")
	    ">" REQ("2", "x/y") "<" OK("2", "{}"),
	    "allow\nallow\nallow\nallow\ndrop frame frame.unasked\n" },
	{ "where the policy says that it may pass", ALLOW,
	    ">" REQ("1", "x/y"), ">" REQ("2", "x/y") "<" OK("1", "{}"),
	    "<" OK("2", "{}"),
	    ">" REQ("1", "x/y") ">" REQ("2", "x/y") "<" OK("1", "{}")
	    "<" OK("2", "{}"),
	    "allow\nallow\n" },
	{ "monitor mode: nothing unrecorded passes either", MONITOR, "",
	    ">" REQ("1", "x/y") ">" CALL("2", "bad") ">" NOTE("x"),
	    ">" CALL("1", "bad"),
	    "<" LOST("1") "<" LOST("2") ">" CALL("1", "bad"),
	    "would-block rules no\n" },
	{ "monitor mode: a line that is no JSON", MONITOR, "",
	    "<banner\n<{'x':1}\n>{'x':1}\n", "<banner\n",
	    "<" LOST("null") "<banner\n",
	    "would-drop frame frame.json\n" },
	{ "monitor mode: a line that is no JSON-RPC", MONITOR, "",
	    ">{'jsonrpc':'2.0','id':5,'method':'x','extra':1}\n"
	    "<{'x':1}\n", ">{'x':1}\n<{'x':1}\n",
	    "<" LOST("5") ">{'x':1}\n<{'x':1}\n",
	    "would-block frame frame.jsonrpc\n"
	    "would-drop frame frame.jsonrpc\n" },
	/* clang-format on */
};

/* Empties the value of every "event": it has no row, or not this one. */
static void
forget_events(char *text)
{
	static const char key[] = "\"event\":\"";
	char *end;

	while ((text = strstr(text, key)) != NULL) {
		text += sizeof(key) - 1;
		ck_assert_ptr_nonnull(end = strchr(text, '"'));
		memmove(text, end, strlen(end) + 1);
	}
}

START_TEST(fails_closed)
{
	struct pipe_test t;

	pipe_begin(&t, cases[_i / 2].yaml);
	t.gather = _i % 2 == 1;
	pipe_script(&t, cases[_i / 2].before);
	pipe_disk_full(0);
	pipe_script(&t, cases[_i / 2].full);
	pipe_disk_free();
	pipe_script(&t, cases[_i / 2].after);
	forget_events(t.out);
	pipe_want(&t, cases[_i / 2].label, cases[_i / 2].want);
	pipe_end(&t);
	pipe_rows(cases[_i / 2].label, cases[_i / 2].rows);
}
END_TEST

/* Bytes of the journal that is being written. */
static rlim_t
journal_size(void)
{
	char path[192];
	struct stat sb;

	ck_assert_int_eq(scratch_files(".journal", path), 1);
	ck_assert_int_eq(stat(path, &sb), 0);
	return (rlim_t)sb.st_size;
}

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

/*
 * The records that wait fill their buffer and do not fit on the disk, where
 * the next one alone does: it cancels a request that was refused with them.
 */
START_TEST(refuses_some)
{
	enum { ROUNDS = 40 };
	struct pipe_test t;
	struct buf script;
	char pad[1500];

	memset(pad, 'a', sizeof(pad));
	pipe_begin(&t, DENY);
	t.gather = true;
	buf_init(&script, 1 << 20);
	if (_i == 1)
		buf_must(buf_add_str(&script, ">" NOTE("x")));
	for (int i = 0; i < ROUNDS; i++)
		buf_must(buf_addf(&script,
		    ">{'jsonrpc':'2.0','id':%d,'method':'x/y','params':{"
		    "'a':'%.*s'}}\n>{'jsonrpc':'2.0','method':"
		    "'notifications/cancelled','params':{'requestId':%d}}\n",
		    i, (int)sizeof(pad), pad, i));
	buf_must(buf_add_byte(&script, '\0'));
	pipe_disk_full(journal_size() + 8000);
	pipe_script(&t, script.at);
	pipe_disk_free();
	/* Each request went on or was answered, and once. */
	ck_assert_uint_eq(count(t.out, "\"method\":\"x/y\"") +
			      count(t.out, "could not be recorded"),
	    ROUNDS);
	ck_assert_uint_gt(count(t.out, "could not be recorded"), 0);
	buf_release(&script);
	pipe_end(&t);
	(void)scratch_fold();
	scratch_whole();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("hold");

	tcase_add_loop_test(tc, fails_closed, 0, 2 * (int)nitems(cases));
	tcase_add_loop_test(tc, refuses_some, 0, 2);
	return scratch_run(tc, "hold");
}
