/*
 * What a server asks of its client: sampling, elicitation, roots, wherever they
 * stand; each case is one message, judged alone by check_asks().
 */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "policy/asks.h"
#include "test/unit/judge.h"

check_fn check_asks;

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

/* --- Words. --------------------------------------------------------------- */

static const struct {
	enum asks_place place;
	enum asks_takes takes;
	const char *text;
} secrets[] = {
	{ ASKS_NAME, ASKS_TEXT, "password" },
	{ ASKS_NAME, ASKS_TEXT, "userPassword" },
	{ ASKS_NAME, ASKS_TEXT, "DB_PASSWORD" },
	{ ASKS_NAME, ASKS_TEXT, "dbpassword" },
	{ ASKS_NAME, ASKS_TEXT, "p_a_s_s_w_o_r_d" },
	{ ASKS_NAME, ASKS_TEXT, "passw0rd" },
	{ ASKS_NAME, ASKS_TEXT, "pa$$word" },
	{ ASKS_NAME, ASKS_TEXT, "p@ssword" },
	{ ASKS_NAME, ASKS_TEXT, "passphrase" },
	{ ASKS_NAME, ASKS_TEXT, "pwd" },
	{ ASKS_NAME, ASKS_TEXT, "pin" },
	{ ASKS_NAME, ASKS_NUMBER, "pin" },
	{ ASKS_NAME, ASKS_TEXT, "pinCode" },
	{ ASKS_NAME, ASKS_TEXT, "api_key" },
	{ ASKS_NAME, ASKS_TEXT, "api-key" },
	{ ASKS_NAME, ASKS_TEXT, "openaiApiKey" },
	{ ASKS_NAME, ASKS_TEXT, "OPENAI_API_KEY" },
	{ ASKS_NAME, ASKS_TEXT, "APIKey" },
	{ ASKS_NAME, ASKS_TEXT, "myAPIToken" },
	{ ASKS_NAME, ASKS_TEXT, "token" },
	{ ASKS_NAME, ASKS_TEXT, "accessToken" },
	{ ASKS_NAME, ASKS_TEXT, "token_value" },
	{ ASKS_NAME, ASKS_TEXT, "client_secret" },
	{ ASKS_NAME, ASKS_TEXT, "secret" },
	{ ASKS_NAME, ASKS_NUMBER, "cardNumber" },
	{ ASKS_NAME, ASKS_TEXT, "cvv" },
	{ ASKS_NAME, ASKS_TEXT, "ssn" },
	{ ASKS_NAME, ASKS_TEXT, "otp" },
	{ ASKS_NAME, ASKS_TEXT, "2fa_code" },
	{ ASKS_NAME, ASKS_TEXT, "seedPhrase" },
	{ ASKS_NAME, ASKS_TEXT, "mnemonic" },
	{ ASKS_NAME, ASKS_TEXT, "private_key" },
	{ ASKS_NAME, ASKS_TEXT, "credentials" },
	{ ASKS_NAME, ASKS_TEXT, "contraseña" },
	{ ASKS_NAME, ASKS_TEXT, "Пароль" },
	{ ASKS_LABEL, ASKS_TEXT, "Password" },
	{ ASKS_LABEL, ASKS_TEXT, "GitHub Personal Access Token" },
	{ ASKS_LABEL, ASKS_TEXT, "API key (required)" },
	{ ASKS_LABEL, ASKS_TEXT, "Your PIN" },
	{ ASKS_LABEL, ASKS_TEXT, "4-digit PIN" },
	{ ASKS_LABEL, ASKS_TEXT, "One-time code" },
	{ ASKS_LABEL, ASKS_TEXT, "12-word phrase" },
	{ ASKS_LABEL, ASKS_TEXT, "PASSWORD" },
	{ ASKS_LABEL, ASKS_TEXT, "ПАРОЛЬ" },
	/* Cyrillic letters that look like those of "PASSWORD" and "TOKEN" */
	{ ASKS_LABEL, ASKS_TEXT, "Ра\xd1\x95\xd1\x95word" },
	{ ASKS_LABEL, ASKS_TEXT, "ТОКEN" },
	/* Full width; a zero-width space; a soft hyphen */
	{ ASKS_LABEL, ASKS_TEXT, "Ｐａｓｓｗｏｒｄ" },
	{ ASKS_LABEL, ASKS_TEXT, "pass\xe2\x80\x8bword" },
	{ ASKS_LABEL, ASKS_TEXT, "pass\xc2\xadword" },
	{ ASKS_LABEL, ASKS_TEXT, "pass\x1b[0mword" },
	{ ASKS_LABEL, ASKS_TEXT, "pass\x1b]0;x\x07word" },
	{ ASKS_LABEL, ASKS_TEXT, "p a s s w o r d" },
	{ ASKS_LABEL, ASKS_TEXT, "**Pass**word" },
	{ ASKS_ABOUT, ASKS_TEXT, "Your GitHub personal access token" },
	{ ASKS_ABOUT, ASKS_TEXT, "Found in settings, begins with ghp_" },
	{ ASKS_ABOUT, ASKS_TEXT, "Please type the password of your account" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Please provide your API key" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter your password to continue." },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter your\npassword" },
	{ ASKS_MESSAGE, ASKS_CHOICE, "Please give me your OpenAI API key" },
	{ ASKS_MESSAGE, ASKS_TEXT, "What is your password?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "GitHub token:" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Your password, please" },
	{ ASKS_MESSAGE, ASKS_TEXT,
	    "To verify who you are we need your social "
	    "security number" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Type in the 6-digit code we sent to you" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Paste the contents of your private key" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter your PIN to continue" },
	{ ASKS_MESSAGE, ASKS_TEXT, "An access token is required to go on" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Do not worry, enter your password" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Please enter the credit card number" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Sorry! Share your seed phrase again." },
	{ ASKS_MESSAGE, ASKS_TEXT, "Bitte geben Sie Ihr Passwort ein" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Veuillez saisir votre mot de passe" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Introduzca su contraseña" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Digite sua senha" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Podaj hasło" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Введите пароль" },
	{ ASKS_MESSAGE, ASKS_TEXT, "ВВЕДИТЕ ПАРОЛЬ" },
	{ ASKS_MESSAGE, ASKS_TEXT, "请输入您的密码" },
	{ ASKS_MESSAGE, ASKS_TEXT, "请输入API密钥" },
	{ ASKS_MESSAGE, ASKS_TEXT, "パスワードを入力してください" },
	{ ASKS_MESSAGE, ASKS_TEXT, "비밀번호를 입력하세요" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Şifrenizi girin" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Nhập mật khẩu" },
	{ ASKS_MESSAGE, ASKS_TEXT, "أدخل كلمة المرور" },
	{ ASKS_MESSAGE, ASKS_TEXT, "पासवर्ड दर्ज करें" },
};

static const struct {
	enum asks_place place;
	enum asks_takes takes;
	const char *text;
} ordinary[] = {
	{ ASKS_NAME, ASKS_TEXT, "branch" },
	{ ASKS_NAME, ASKS_TEXT, "username" },
	{ ASKS_NAME, ASKS_TEXT, "tokenizer" },
	{ ASKS_NAME, ASKS_TEXT, "tokens" },
	{ ASKS_NAME, ASKS_NUMBER, "max_tokens" },
	{ ASKS_NAME, ASKS_TEXT, "maxTokens" },
	{ ASKS_NAME, ASKS_TEXT, "tokenLimit" },
	{ ASKS_NAME, ASKS_TEXT, "token_symbol" },
	{ ASKS_NAME, ASKS_TEXT, "tokenAddress" },
	{ ASKS_NAME, ASKS_NUMBER, "token" },
	{ ASKS_NAME, ASKS_TEXT, "secretName" },
	{ ASKS_NAME, ASKS_TEXT, "secret_santa_name" },
	{ ASKS_NAME, ASKS_TEXT, "apiKeyName" },
	{ ASKS_NAME, ASKS_TEXT, "access_key_id" },
	{ ASKS_NAME, ASKS_TEXT, "passwordPolicy" },
	{ ASKS_NAME, ASKS_TEXT, "password_length" },
	{ ASKS_NAME, ASKS_TEXT, "passwordless" },
	{ ASKS_NAME, ASKS_TEXT, "cardTitle" },
	{ ASKS_NAME, ASKS_TEXT, "card" },
	{ ASKS_NAME, ASKS_TEXT, "pinned" },
	{ ASKS_NAME, ASKS_TEXT, "pinToTop" },
	{ ASKS_NAME, ASKS_TEXT, "spinner" },
	{ ASKS_NAME, ASKS_TEXT, "shipping" },
	{ ASKS_NAME, ASKS_TEXT, "compass" },
	{ ASKS_NAME, ASKS_TEXT, "passengerName" },
	{ ASKS_NAME, ASKS_TEXT, "key" },
	{ ASKS_NAME, ASKS_TEXT, "primaryKey" },
	{ ASKS_NAME, ASKS_TEXT, "public_key" },
	{ ASKS_NAME, ASKS_TEXT, "code" },
	{ ASKS_NAME, ASKS_TEXT, "zipCode" },
	{ ASKS_NAME, ASKS_TEXT, "countryCode" },
	{ ASKS_NAME, ASKS_TEXT, "seed" },
	{ ASKS_NAME, ASKS_TEXT, "secretary" },
	{ ASKS_NAME, ASKS_TEXT, "loginName" },
	{ ASKS_NAME, ASKS_TEXT, "session" },
	{ ASKS_LABEL, ASKS_TEXT, "Name of the token" },
	{ ASKS_LABEL, ASKS_TEXT, "Where to store the API key" },
	{ ASKS_LABEL, ASKS_TEXT, "Maximum number of tokens" },
	{ ASKS_LABEL, ASKS_CHOICE, "Require a password" },
	{ ASKS_LABEL, ASKS_TEXT, "Token budget" },
	{ ASKS_LABEL, ASKS_TEXT, "Card title" },
	{ ASKS_LABEL, ASKS_TEXT, "Pin to top" },
	{ ASKS_LABEL, ASKS_TEXT, "Secret Santa name" },
	{ ASKS_LABEL, ASKS_TEXT, "Secret ingredient" },
	{ ASKS_LABEL, ASKS_TEXT, "Email for password recovery" },
	{ ASKS_ABOUT, ASKS_TEXT, "Your full name (no passwords here)" },
	{ ASKS_ABOUT, ASKS_NUMBER, "How many tokens the summary may have" },
	{ ASKS_ABOUT, ASKS_TEXT,
	    "Repository to use; the configured token must have access to it" },
	{ ASKS_ABOUT, ASKS_TEXT, "Environment variable that holds it" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Which branch?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Pick a token limit" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Please provide your GitHub username" },
	{ ASKS_MESSAGE, ASKS_TEXT, "How many tokens should the answer have?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Choose a tokenizer" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Should I pin this version?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Pin this message to top?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "What is the title of the card?" },
	{ ASKS_MESSAGE, ASKS_CHOICE, "Do you want to reset your password?" },
	{ ASKS_MESSAGE, ASKS_CHOICE, "Revoke the access token of bob?" },
	{ ASKS_MESSAGE, ASKS_TEXT,
	    "Describe the problem. Do not include passwords or API keys." },
	{ ASKS_MESSAGE, ASKS_TEXT, "Never enter your password in this form" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter the name of the secret" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter a name for the API key" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter the token symbol" },
	{ ASKS_MESSAGE, ASKS_TEXT,
	    "Your password has expired. Which group "
	    "are you in?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Who is your secret santa?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter your shipping address" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Deploy to production? Type yes." },
	{ ASKS_MESSAGE, ASKS_TEXT, "请选择分支" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Выберите ветку" },
	{ ASKS_MESSAGE, ASKS_TEXT, "" },
};

START_TEST(finds_secrets)
{
	struct asks *a = asks_new();

	ck_assert_msg(asks_secret(a, slice_of(secrets[_i].text),
			  secrets[_i].place, secrets[_i].takes),
	    "missed: %s", secrets[_i].text);
	asks_free(a);
}
END_TEST

START_TEST(passes_ordinary)
{
	struct asks *a = asks_new();

	ck_assert_msg(!asks_secret(a, slice_of(ordinary[_i].text),
			  ordinary[_i].place, ordinary[_i].takes),
	    "refused: %s", ordinary[_i].text);
	asks_free(a);
}
END_TEST

static const char *const worst[] = { "token limit ", "password reset ", "p",
	"пароль", "a ", "enter no token limit ", "\x1b[", "p-", "the ",
	"секрет", "password", "PASSWORD", "密码", "password    ,,,,    " };

/* Texts that are all nouns, all letters of one, all sentences of no end. */
START_TEST(stays_linear)
{
	struct asks *a = asks_new();
	struct buf text;
	clock_t begun = clock();

	buf_init(&text, 2 << 20);
	while (text.len < 1 << 20)
		ck_assert_int_eq(buf_add_str(&text, worst[_i]), 0);
	(void)asks_secret(a, buf_slice(&text), ASKS_MESSAGE, ASKS_CHOICE);
	ck_assert_int_lt((int)((clock() - begun) / CLOCKS_PER_SEC), 60);
	buf_release(&text);
	asks_free(a);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("asks");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, judges, 0, (int)nitems(cases));
	tcase_add_test(tc, numbers);
	tcase_add_loop_test(tc, filters, 0, (int)nitems(roots));
	tcase_add_test(tc, leaves_roots);
	tcase_add_loop_test(tc, finds_secrets, 0, (int)nitems(secrets));
	tcase_add_loop_test(tc, passes_ordinary, 0, (int)nitems(ordinary));
	tcase_add_loop_test(tc, stays_linear, 0, (int)nitems(worst));
	return unit_run(tc, "check_asks");
}
