/*
 * What a server asks of its client: sampling, elicitation, roots, wherever they
 * stand; each case is one message, judged alone by check_asks().
 */
#include <stdlib.h>
#include <unistd.h>

#include "test/unit/judge.h"

#define LIMITS                                                                 \
	V1 "server_requests: {sampling_max_tokens: 4096, "                     \
	   "sampling_per_session: 3}\n"
#define PRIVATE                                                                \
	V1 "arguments: {hosts: {private: deny, metadata: deny, deny: "         \
	   "['*.evil.test']}}\n"
#define SAMPLE(rest) REQ("sampling/createMessage", "{'messages':[]" rest "}")
#define ELICIT(params) REQ("elicitation/create", params)
#define FORM(message, fields)                                                  \
	ELICIT("{'message':" message ",'requestedSchema':{'type':'object',"    \
	       "'properties':{" fields "}}}")
#define LINK(url)                                                              \
	ELICIT("{'mode':'url','message':'m','elicitationId':'1','url':" url "}")
#define INPUTS(entries)                                                        \
	OK("{'resultType':'input_required','inputRequests':{" entries "}}")
#define SECRET "block namespace server_requests.elicitation/secret 0"
#define IN_ANSWER "block response server_requests.elicitation/secret 0"
#define SHAPE "block response server_requests 0"
#define URL "block namespace server_requests.elicitation/url 0"
#define TOKENS "redact namespace server_requests.sampling_max_tokens 2"
#define PASSES "allow   0"

static const struct check_case cases[] = {
	/* Sampling */
	{ "within the limit", LIMITS, DIR_SERVER, NULL,
	    SAMPLE(",'maxTokens':4096"), PASSES, NULL },
	{ "in another spelling", LIMITS, DIR_SERVER, NULL,
	    SAMPLE(",'maxTokens':4.096e3"), PASSES, NULL },
	{ "above it", LIMITS, DIR_SERVER, NULL,
	    SAMPLE(", 'maxTokens' : 4097 ,'x':1"), TOKENS,
	    SAMPLE(", 'maxTokens' : 4096 ,'x':1") },
	{ "by a fraction", LIMITS, DIR_SERVER, NULL,
	    SAMPLE(",'maxTokens':4096.5"), TOKENS,
	    SAMPLE(",'maxTokens':4096") },
	{ "by far", LIMITS, DIR_SERVER, NULL, SAMPLE(",'maxTokens':1e9"),
	    TOKENS, SAMPLE(",'maxTokens':4096") },
	{ "beyond any double", LIMITS, DIR_SERVER, NULL,
	    SAMPLE(",'maxTokens':1e999999"), TOKENS,
	    SAMPLE(",'maxTokens':4096") },
	{ "no limit to some", LIMITS, DIR_SERVER, NULL,
	    SAMPLE(",'maxTokens':-1"), TOKENS, SAMPLE(",'maxTokens':4096") },
	{ "none", LIMITS, DIR_SERVER, NULL, SAMPLE(",'maxTokens':0"), TOKENS,
	    SAMPLE(",'maxTokens':4096") },
	{ "a text", LIMITS, DIR_SERVER, NULL, SAMPLE(",'maxTokens':'9999999'"),
	    TOKENS, SAMPLE(",'maxTokens':4096") },
	{ "a list", LIMITS, DIR_SERVER, NULL, SAMPLE(",'maxTokens':[9,[1]]"),
	    TOKENS, SAMPLE(",'maxTokens':4096") },
	{ "null", LIMITS, DIR_SERVER, NULL, SAMPLE(",'maxTokens':null"), TOKENS,
	    SAMPLE(",'maxTokens':4096") },
	{ "missing", LIMITS, DIR_SERVER, NULL, SAMPLE(""),
	    "block namespace server_requests.sampling_max_tokens 2", NULL },
	{ "no limit", V1 "server_requests: {sampling_max_tokens: 0}\n",
	    DIR_SERVER, NULL, SAMPLE(",'maxTokens':1e9"), PASSES, NULL },
	{ "an escaped name", LIMITS, DIR_SERVER, NULL,
	    SAMPLE(",'m\\u0061xTokens':5000"), TOKENS,
	    SAMPLE(",'m\\u0061xTokens':4096") },
	{ "context of others", LIMITS, DIR_SERVER, NULL,
	    SAMPLE(",'maxTokens':1,'includeContext':'allServers'"),
	    "redact namespace server_requests.sampling/context 0",
	    SAMPLE(",'maxTokens':1,'includeContext':'none'") },
	{ "in a spelling of some readers", LIMITS, DIR_SERVER, NULL,
	    SAMPLE(",'maxTokens':1,'includeContext':['allservers']"),
	    "redact namespace server_requests.sampling/context 0",
	    SAMPLE(",'maxTokens':1,'includeContext':'none'") },
	{ "context of its own", LIMITS, DIR_SERVER, NULL,
	    SAMPLE(",'maxTokens':1,'includeContext':'thisServer'"), PASSES,
	    NULL },
	{ "both", LIMITS, DIR_SERVER, NULL,
	    SAMPLE(",'includeContext':'allServers','maxTokens':5e3"), TOKENS,
	    SAMPLE(",'includeContext':'none','maxTokens':4096") },
	{ "inside an answer", LIMITS, DIR_SERVER, "tools/call",
	    INPUTS("'a':{'method':'sampling/createMessage','params':{"
		   "'maxTokens':9e9}}"),
	    TOKENS,
	    INPUTS("'a':{'method':'sampling/createMessage','params':{"
		   "'maxTokens':4096}}") },
	{ "as often as it may", LIMITS, DIR_SERVER, "tools/call",
	    INPUTS("'a':{'method':'sampling/createMessage','params':{"
		   "'maxTokens':1}},'b':{'method':'sampling/createMessage',"
		   "'params':{'maxTokens':1}},'c':{'method':"
		   "'sampling/createMessage','params':{'maxTokens':1}}"),
	    PASSES, NULL },
	{ "once more", LIMITS, DIR_SERVER, "tools/call",
	    INPUTS("'a':{'method':'sampling/createMessage','params':{"
		   "'maxTokens':1}},'b':{'method':'sampling/createMessage',"
		   "'params':{'maxTokens':1}},'c':{'method':"
		   "'sampling/createMessage','params':{'maxTokens':1}},"
		   "'d':{'method':'sampling/createMessage','params':{"
		   "'maxTokens':1}}"),
	    "block response server_requests.sampling_per_session 2", NULL },
	/* Elicitation, by form */
	{ "a branch", V1, DIR_SERVER, NULL,
	    FORM("'Which branch?'", "'branch':{'type':'string'}"), PASSES,
	    NULL },
	{ "a name of a field", V1, DIR_SERVER, NULL,
	    FORM("'Continue'", "'apiKey':{'type':'string'}"), SECRET, NULL },
	{ "its format", V1, DIR_SERVER, NULL,
	    FORM("'Continue'", "'x':{'type':'string','format':'password'}"),
	    SECRET, NULL },
	{ "its pattern", V1, DIR_SERVER, NULL,
	    FORM("'Continue'", "'x':{'type':'string','pattern':'^ghp_.*'}"),
	    SECRET, NULL },
	{ "its title", V1, DIR_SERVER, NULL,
	    FORM("'Continue'", "'x':{'type':'string','title':'Password'}"),
	    SECRET, NULL },
	{ "its description", V1, DIR_SERVER, NULL,
	    FORM("'Continue'", "'x':{'type':'string','description':'The "
			       "seed phrase of your wallet'}"),
	    SECRET, NULL },
	{ "the message", V1, DIR_SERVER, NULL,
	    FORM("'Please provide your API key'", "'v':{'type':'string'}"),
	    SECRET, NULL },
	{ "a choice of words", V1, DIR_SERVER, NULL,
	    FORM("'How do you log in?'",
		"'auth':{'type':'string','enum':['API key','Password']}"),
	    PASSES, NULL },
	{ "no choice at all", V1, DIR_SERVER, NULL,
	    FORM("'Log in'", "'password':{'type':'string','enum':[]}"), SECRET,
	    NULL },
	{ "yes or no", V1, DIR_SERVER, NULL,
	    FORM("'Reset the password of bob?'",
		"'reset_password':{'type':'boolean'}"),
	    PASSES, NULL },
	{ "a number of tokens", V1, DIR_SERVER, NULL,
	    FORM("'Pick a token limit'", "'token':{'type':'integer'}"), PASSES,
	    NULL },
	{ "a number that is secret", V1, DIR_SERVER, NULL,
	    FORM("'Continue'", "'cvv':{'type':'integer'}"), SECRET, NULL },
	{ "a field within a field", V1, DIR_SERVER, NULL,
	    FORM("'Continue'", "'x':{'type':'object','properties':{"
			       "'password':{'type':'string'}}}"),
	    SECRET, NULL },
	{ "in another branch", V1, DIR_SERVER, NULL,
	    ELICIT("{'message':'m','requestedSchema':{'allOf':[{'properties':{"
		   "'password':{}}}]}}"),
	    SECRET, NULL },
	{ "a schema in another spelling", V1, DIR_SERVER, NULL,
	    ELICIT("{'message':'m','requestedSchema':{'Properties':{'a':{}}}}"),
	    "block namespace server_requests.elicitation/shape 0", NULL },
	{ "a schema that is none", V1, DIR_SERVER, NULL,
	    ELICIT("{'message':'m','requestedSchema':[]}"),
	    "block namespace server_requests.elicitation/shape 0", NULL },
	{ "another mode", V1, DIR_SERVER, NULL,
	    ELICIT("{'message':'m','mode':'FORM'}"),
	    "block namespace server_requests.elicitation/shape 0", NULL },
	{ "inside an answer", V1, DIR_SERVER, "tools/call",
	    INPUTS("'a':{'method':'elicitation\\/create','params':{'message':"
		   "'Enter your password'}}"),
	    IN_ANSWER, NULL },
	{ "inside the state of a task", V1, DIR_SERVER, "tasks/get",
	    OK("{'taskId':'1','inputRequests':{'a':{'method':"
	       "'elicitation/create','params':{'message':'Your PIN?'}}}}"),
	    IN_ANSWER, NULL },
	{ "inside its result", V1, DIR_SERVER, "tasks/get",
	    OK("{'task':{'result':{'inputRequests':{'a':{'method':"
	       "'elicitation/create','params':{'message':'Your PIN?'}}}}}}"),
	    IN_ANSWER, NULL },
	{ "inside its notification", V1, DIR_SERVER, NULL,
	    "{'jsonrpc':'2.0','method':'notifications/tasks','params':{"
	    "'inputRequests':{'a':{'method':'elicitation/create','params':{"
	    "'message':'Your PIN?'}}}}}",
	    SECRET, NULL },
	/* Shapes */
	{ "an entry that is no object", V1, DIR_SERVER, "tools/call",
	    INPUTS("'a':'sampling/createMessage'"), SHAPE, NULL },
	{ "an entry that is a list", V1, DIR_SERVER, "tools/call",
	    INPUTS("'a':[{'method':'roots/list'}]"), SHAPE, NULL },
	{ "a list of entries", V1, DIR_SERVER, "tools/call",
	    OK("{'inputRequests':[{'method':'roots/list'}]}"), SHAPE, NULL },
	{ "an unknown method", V1, DIR_SERVER, "tools/call",
	    INPUTS("'a':{'method':'x/y'}"), SHAPE, NULL },
	{ "a method of the client's", V1, DIR_SERVER, "tools/call",
	    INPUTS("'a':{'method':'tools/call'}"), SHAPE, NULL },
	{ "a method behind a NUL", V1, DIR_SERVER, "tools/call",
	    INPUTS("'a':{'method':'elicitation/create\\u0000'}"), SHAPE, NULL },
	{ "a second spelling", V1, DIR_SERVER, "tools/call",
	    INPUTS("'a':{'method':'roots/list','Params':{}}"), SHAPE, NULL },
	{ "a second spelling of a limit", LIMITS, DIR_SERVER, "tools/call",
	    INPUTS("'a':{'method':'sampling/createMessage','params':{"
		   "'maxTokens':1,'MaxTokens':9}}"),
	    SHAPE, NULL },
	{ "a second spelling of all", V1, DIR_SERVER, "tools/call",
	    OK("{'inputRequests':{},'inputrequests':{}}"), SHAPE, NULL },
	{ "params that are none", V1, DIR_SERVER, "tools/call",
	    INPUTS("'a':{'method':'roots/list','params':1}"), SHAPE, NULL },
	{ "a question for roots", V1, DIR_SERVER, "tools/call",
	    INPUTS("'a':{'method':'roots/list'}"), PASSES, NULL },
	{ "rows of a tool", V1, DIR_SERVER, "tools/call",
	    OK("{'structuredContent':{'inputRequests':[1]},'content':[]}"),
	    PASSES, NULL },
	/* Elicitation, by URL */
	{ "a page", PRIVATE, DIR_SERVER, NULL,
	    ELICIT("{'mode':'url','url':'https://login.example.com/a?b=c#d',"
		   "'message':'Please provide your API key'}"),
	    PASSES, NULL },
	{ "its path speaks of others", PRIVATE, DIR_SERVER, NULL,
	    LINK("'https://login.example.com/?next=http://app.example.com/'"),
	    PASSES, NULL },
	{ "this machine", PRIVATE, DIR_SERVER, NULL,
	    LINK("'http://127.0.0.1:8080/'"), URL, NULL },
	{ "in another spelling", PRIVATE, DIR_SERVER, NULL,
	    LINK("'http://0x7f.1/'"), URL, NULL },
	{ "by name", PRIVATE, DIR_SERVER, NULL, LINK("'https://localhost/'"),
	    URL, NULL },
	{ "metadata", PRIVATE, DIR_SERVER, NULL,
	    LINK("'http://169.254.169.254/latest'"), URL, NULL },
	{ "denied", PRIVATE, DIR_SERVER, NULL, LINK("'https://a.evil.test/'"),
	    URL, NULL },
	{ "userinfo", PRIVATE, DIR_SERVER, NULL,
	    LINK("'https://github.com@127.0.0.1/'"), URL, NULL },
	{ "a backslash", PRIVATE, DIR_SERVER, NULL,
	    LINK("'https:\\\\\\\\127.0.0.1/'"), URL, NULL },
	{ "a script", V1, DIR_SERVER, NULL, LINK("'javascript:alert(1)'"), URL,
	    NULL },
	{ "a file", V1, DIR_SERVER, NULL, LINK("'file:///etc/passwd'"), URL,
	    NULL },
	{ "another program's", V1, DIR_SERVER, NULL, LINK("'vscode://x/y'"),
	    URL, NULL },
	{ "a space before it", V1, DIR_SERVER, NULL,
	    LINK("' https://example.com/'"), URL, NULL },
	{ "a tab within", V1, DIR_SERVER, NULL,
	    LINK("'https://exa\\tmple.com/'"), URL, NULL },
	{ "none", V1, DIR_SERVER, NULL, ELICIT("{'mode':'url','message':'m'}"),
	    "block namespace server_requests.elicitation/shape 0", NULL },
	{ "private ones are allowed",
	    V1 "arguments: {hosts: {private: allow}}\n", DIR_SERVER, NULL,
	    LINK("'http://127.0.0.1:8080/'"), PASSES, NULL },
	{ "a form for who knows no URLs", V1, DIR_SERVER, NULL,
	    ELICIT("{'mode':'url','url':'https://example.com/','message':'m',"
		   "'requestedSchema':{'properties':{'password':{}}}}"),
	    SECRET, NULL },
	{ "an error with URLs", PRIVATE, DIR_SERVER, "tools/call",
	    "{'jsonrpc':'2.0','id':1,'error':{'code':-32042,'message':'m',"
	    "'data':{'elicitations':[{'mode':'url','url':"
	    "'https://example.com/','message':'your API key'},"
	    "{'url':'http://10.0.0.1/'}]}}}",
	    "block response server_requests.elicitation/url 0", NULL },
	{ "an error with URLs of the web", PRIVATE, DIR_SERVER, "tools/call",
	    "{'jsonrpc':'2.0','id':1,'error':{'code':-32042,'message':'m',"
	    "'data':{'elicitations':[{'mode':'url','url':"
	    "'https://example.com/','message':'your API key'}]}}}",
	    PASSES, NULL },
};

/* As run() does, but check_asks() alone. */
static void
judge_alone(const struct check_case *c, struct track *track)
{
	char *text = quotes(c->text), got[512], *after;
	char *want_after = c->after != NULL ? quotes(c->after) : NULL;
	struct policy *p = load(c->yaml);
	struct error err = { "" };
	struct json_edits edits;
	struct verdict v = { .stage = STAGE_NAMESPACE };
	struct json doc;
	struct msg msg;

	json_init(&doc);
	json_edits_init(&edits);
	ck_assert_int_eq(json_read(&doc, slice_of(text), &limits, &err), 0);
	ck_assert_msg(msg_parse(&msg, c->dir, &doc, JSON_ROOT, &err) == 0,
	    "%s: %s", c->label, err.msg);
	if (c->asked != NULL)
		msg.method = method_find(slice_of(c->asked));
	v.action = check_asks(
	    &(struct check_env){ .policy = p, .edits = &edits, .track = track },
	    &msg, &v);
	if (v.action == ACTION_ALLOW)
		v.stage = STAGE_NONE;
	(void)snprintf(got, sizeof(got), "%s %s %s %u", action_name(v.action),
	    stage_name(v.stage), v.rule, v.line);
	ck_assert_msg(strcmp(got, c->want) == 0, "%s: got '%s', not '%s'",
	    c->label, got, c->want);
	ck_assert(v.action == ACTION_ALLOW || v.reason[0] != '\0');
	after = v.action == ACTION_DENY ? NULL : rewritten(&edits, &doc);
	ck_assert_msg((after == NULL) == (want_after == NULL) &&
			  (after == NULL || strcmp(after, want_after) == 0),
	    "%s: rewritten to %s", c->label, after);
	free(after);
	free(want_after);
	msg_release(&msg);
	json_edits_release(&edits);
	json_release(&doc);
	policy_free(p);
	free(text);
}

START_TEST(judges)
{
	struct track track;

	track_init(&track);
	judge_alone(&cases[_i], &track);
	track_release(&track);
}
END_TEST

/* Requests are counted, tasks by what is answered, refusals not at all. */
START_TEST(numbers)
{
	static const char ask[] = SAMPLE(",'maxTokens':1");
	static const char again[] =
	    OK("{'taskId':'1','inputRequests':{'a':{'method':"
	       "'sampling/createMessage','params':{'maxTokens':1}}}}");
	static const char answered[] =
	    REQ("tasks/update", "{'taskId':'1','inputResponses':{'a':{'role':"
				"'assistant','content':{},'model':'m'},"
				"'b':{'action':'decline'}}}");
	static const struct check_case steps[] = {
		{ "1", LIMITS, DIR_SERVER, NULL, ask, PASSES, NULL },
		{ "refused", LIMITS, DIR_SERVER, NULL, SAMPLE(""),
		    "block namespace server_requests.sampling_max_tokens 2",
		    NULL },
		{ "2", LIMITS, DIR_SERVER, NULL, ask, PASSES, NULL },
		{ "shown", LIMITS, DIR_SERVER, "tasks/get", again, PASSES,
		    NULL },
		{ "shown again", LIMITS, DIR_SERVER, "tasks/get", again, PASSES,
		    NULL },
		{ "3", LIMITS, DIR_CLIENT, NULL, answered, PASSES, NULL },
		{ "a task's", LIMITS, DIR_SERVER, "tasks/get", again,
		    "block response server_requests.sampling_per_session 2",
		    NULL },
		{ "4", LIMITS, DIR_SERVER, NULL, ask,
		    "block namespace server_requests.sampling_per_session 2",
		    NULL },
		{ "no limit", V1 "server_requests: {sampling_per_session: 0}\n",
		    DIR_SERVER, NULL, ask, PASSES, NULL },
	};
	struct track track;

	track_init(&track);
	for (size_t i = 0; i < nitems(steps); i++)
		judge_alone(&steps[i], &track);
	ck_assert_uint_eq(track.samplings, 4);
	track_release(&track);
}
END_TEST

/* --- Roots. --------------------------------------------------------------- */

#define ROOTED "redact namespace arguments.paths.roots 2"
#define ROOT(uri) "{'uri':'file://" uri "','name':'n'}"

static const struct {
	const char *label, *before, *after; /* in roots[]; %s: the directory */
} roots[] = {
	{ "all within", ROOT("%1$s/in") "," ROOT("%1$s"), NULL },
	{ "one outside", ROOT("%1$s/in") ", " ROOT("/etc"), ROOT("%1$s/in") },
	{ "the first outside", ROOT("/") "," ROOT("%1$s/in"), ROOT("%1$s/in") },
	{ "all outside", ROOT("/etc") "," ROOT("/"), "" },
	{ "by ..", ROOT("%1$s/../.."), "" },
	{ "by encoded ..", ROOT("%1$s/%%2e%%2e/x"), "" },
	{ "a longer name", ROOT("%1$sx"), "" },
	{ "through a link", ROOT("%1$s/out"), "" },
	{ "an encoded space", ROOT("%1$s/a%%20b"), NULL },
	{ "a broken escape", ROOT("%1$s/a%%2"), "" },
	{ "this machine by name", ROOT("localhost%1$s"), NULL },
	{ "another machine", ROOT("example.com%1$s"), "" },
	{ "an empty name of a machine", ROOT("/%1$s"), "" },
	{ "a query", ROOT("%1$s?x=../.."), "" },
	{ "another scheme", "{'uri':'http://%1$s'}", "" },
	{ "no URI", "{'name':'n'}", "" },
	{ "no object", "1,'x',null", "" },
	{ "a NUL", ROOT("%1$s/a\\u0000/../.."), "" },
};

static void
judge_roots(size_t i, const char *dir, const char *form, enum msg_dir from,
    const char *asked)
{
	char yaml[512], list[1024], after[1024], text[2048], want[2048];
	struct check_case c = { .label = roots[i].label,
		.yaml = yaml,
		.dir = from,
		.asked = asked,
		.text = text,
		.want = roots[i].after != NULL ? ROOTED : PASSES };
	struct track track;

	(void)snprintf(yaml, sizeof(yaml),
	    V1 "arguments: {paths: {roots: ['%s']}}\n", dir);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)snprintf(list, sizeof(list), roots[i].before, dir);
	(void)snprintf(text, sizeof(text), form, list);
	if (roots[i].after != NULL) {
		(void)snprintf(after, sizeof(after), roots[i].after, dir);
		(void)snprintf(want, sizeof(want), form, after);
		c.after = want;
	}
#pragma GCC diagnostic pop
	track_init(&track);
	judge_alone(&c, &track);
	track_release(&track);
}

START_TEST(filters)
{
	char dir[] = "/tmp/asks-XXXXXX", path[64];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/out", dir);
	ck_assert_int_eq(symlink("/etc", path), 0);
	judge_roots(
	    (size_t)_i, dir, OK("{'roots':[%s]}"), DIR_CLIENT, "roots/list");
	judge_roots((size_t)_i, dir,
	    REQ("tools/call", "{'name':'t','inputResponses':{'e':{'action':"
			      "'decline'},'r':{'roots':[%s]}}}"),
	    DIR_CLIENT, NULL);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(leaves_roots)
{
	static const struct check_case c = { "no bounds", V1, DIR_CLIENT,
		"roots/list", OK("{'roots':[{'uri':'file:///etc'},7]}"), PASSES,
		NULL };
	struct track track;

	track_init(&track);
	judge_alone(&c, &track);
	track_release(&track);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("asks");

	tcase_add_loop_test(tc, judges, 0, (int)nitems(cases));
	tcase_add_test(tc, numbers);
	tcase_add_loop_test(tc, filters, 0, (int)nitems(roots));
	tcase_add_test(tc, leaves_roots);
	return unit_run(tc, "check_asks");
}
