/*
 * The policy's own rules: the first that matches decides, doubt goes against
 * the caller, and what a rule redacts is replaced and nothing else.
 */
#include "test/unit/judge.h"

#define RULE(body) "version: 1\nrules:\n- id: r\n  " body "\n"
#define DENY(where) RULE("action: deny\n  where: {" where "}")
#define ALLOW(where)                                                           \
	RULE("action: allow\n  where: {" where "}")                            \
	"- id: rest\n  action: deny\n"
#define REDACT(where) RULE("action: redact\n  where: {" where "}")
#define HIT "block rules r 3"
#define MISS "allow   0"
#define REST "block rules rest 6"
#define LET "allow rules r 3"

static const struct check_case cases[] = {
	/* clang-format off */
	/* Which rule */
	{ "the first that matches", "version: 1\nrules:\n"
	    "- {id: a, tool: y, action: deny}\n- {id: b, tool: 'x*', action: "
	    "log}\n- {id: c, action: deny}\n", DIR_CLIENT, NULL,
	    CALL("'xx'", "{}"), "flag rules b 4", NULL },
	{ "a rule that allows ends the checks of strings",
	    "version: 1\narguments: {patterns: [evil], max_bytes: 64}\nrules:\n"
	    "- {id: a, tool: x, action: allow}\n", DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':'evil'}"), "allow rules a 4", NULL },
	{ "but not the bound on size",
	    "version: 1\narguments: {max_bytes: 4}\nrules:\n"
	    "- {id: a, tool: x, action: allow}\n", DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':'evil'}"), "block rules arguments.max_bytes 0",
	    NULL },
	{ "nor the lock",
	    "version: 1\ntools: {deny: [x]}\nrules:\n"
	    "- {id: a, tool: x, action: allow}\n", DIR_CLIENT, NULL,
	    CALL("'x'", "{}"), "block namespace tools.deny 2", NULL },
	{ "a rule that logs ends nothing",
	    "version: 1\narguments: {patterns: [evil]}\nrules:\n"
	    "- {id: a, tool: x, action: log}\n", DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':'evil'}"),
	    "block pattern arguments.patterns 2", NULL },
	{ "rules are of calls alone", RULE("action: deny"), DIR_CLIENT, NULL,
	    REQ("x/y", "{}"), MISS, NULL },
	{ "no arguments, nothing holds", DENY("a: {glob: '*'}"), DIR_CLIENT,
	    NULL, REQ("tools/call", "{'name':'x'}"), MISS, NULL },
	{ "all must hold", DENY("a: {equals: [x]}, b: {equals: [y]}"),
	    DIR_CLIENT, NULL, CALL("'x'", "{'a':'x','b':'z'}"), MISS, NULL },
	/* equals: doubt */
	{ "equals", DENY("a: {equals: [x]}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':'\\u0078'}"), HIT, NULL },
	{ "another case of the name", DENY("a: {equals: [x]}"), DIR_CLIENT,
	    NULL, CALL("'x'", "{'A':'x'}"), HIT, NULL },
	{ "a rule that allows wants the name", ALLOW("a: {equals: [x]}"),
	    DIR_CLIENT, NULL, CALL("'x'", "{'A':'x'}"), REST, NULL },
	{ "any element refuses", DENY("a: {equals: [x]}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':['y',['x']]}"), HIT, NULL },
	{ "every element allows", ALLOW("a: {equals: [x]}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':['y','x']}"), REST, NULL },
	{ "all of them do", ALLOW("a: {equals: [x]}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':['x',['x']]}"), LET, NULL },
	{ "an empty list allows nothing", ALLOW("a: {equals: [x]}"),
	    DIR_CLIENT, NULL, CALL("'x'", "{'a':[]}"), REST, NULL },
	{ "an object vouches for nothing", ALLOW("a: {equals: [x]}"),
	    DIR_CLIENT, NULL, CALL("'x'", "{'a':['x',{'b':'x'}]}"), REST,
	    NULL },
	{ "an object hides nothing", DENY("a: {equals: [x]}"), DIR_CLIENT,
	    NULL, CALL("'x'", "{'a':{'b':'x'}}"), HIT, NULL },
	{ "a number in another form", DENY("a: {equals: [7]}"), DIR_CLIENT,
	    NULL, CALL("'x'", "{'a':70e-1}"), HIT, NULL },
	{ "a number as text", DENY("a: {equals: [7]}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':'7'}"), HIT, NULL },
	{ "a large number is not its neighbour",
	    ALLOW("a: {equals: ['9007199254740993']}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':9007199254740992}"), REST, NULL },
	/* Paths of names */
	{ "dots reach into objects", DENY("a.b: {equals: [x]}"), DIR_CLIENT,
	    NULL, CALL("'x'", "{'a':[{'c':1},{'B':'x'}]}"), HIT, NULL },
	{ "a dot in a name", DENY("a.b: {equals: [x]}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a.b':'x'}"), HIT, NULL },
	{ "not elsewhere", DENY("a.b: {equals: [x]}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'b':'x','a':'x'}"), MISS, NULL },
	/* Numbers and lengths */
	{ "above a bound", DENY("a: {min: 10}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':1e1}"), HIT, NULL },
	{ "below a bound", DENY("a: {min: 10}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':9.99}"), MISS, NULL },
	{ "a text that reads as a number", DENY("a: {min: 10}"), DIR_CLIENT,
	    NULL, CALL("'x'", "{'a':'11'}"), HIT, NULL },
	{ "allows no text as a number", ALLOW("a: {max: 10}"), DIR_CLIENT,
	    NULL, CALL("'x'", "{'a':'5'}"), REST, NULL },
	{ "allows a number", ALLOW("a: {max: 10}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':5}"), LET, NULL },
	{ "a length", ALLOW("a: {max_length: 2}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':'123'}"), REST, NULL },
	{ "items of a list", ALLOW("a: {max_length: 2}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':['long enough','x']}"), LET, NULL },
	/* Expressions that give up */
	{ "refuse", DENY("a: {regex: '^(a+)+$'}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'}"),
	    HIT, NULL },
	{ "do not allow", ALLOW("a: {regex: '^(a+)+$'}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'}"),
	    REST, NULL },
	/* Redaction */
	{ "the value alone", REDACT("a: {glob: 's*'}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{ 'a' : [ 's1' ,'t', {'b':'s2'}],'s':1.0 }"),
	    "redact rules r 3", CALL("'x'", "{ 'a' : [ '[mcpshield: redacted]'"
	    " ,'t', {'b':'[mcpshield: redacted]'}],'s':1.0 }") },
	{ "a value that two conditions reach",
	    REDACT("a: {glob: 's*'}, a.b: {glob: '*1'}"), DIR_CLIENT, NULL,
	    CALL("'x'", "{'a':{'b':'s1'}}"), "redact rules r 3",
	    CALL("'x'", "{'a':{'b':'[mcpshield: redacted]'}}") },
	/* clang-format on */
};

START_TEST(judges)
{
	run(&cases[_i]);
}
END_TEST

/* Policies that prove themselves, and what each refuses by itself. */
#define LIMITED                                                                \
	"version: 1\nrules: [{id: a, action: allow}]\n"                        \
	"arguments: {patterns: [evil]}\ntools: {deny: [x]}\n"
static const char *const proven[] = {
	"version: 1\n",
	"version: 1\nextends: default\n",
	"version: 1\nextends: strict\n",
	"version: 1\nextends: monitor\n",
	"version: 1\ntools: {allow: [a, 'b*', '*'], deny: ['?', 'ab*']}\n",
	"allowed_tools: [a]\nblocked_tool_patterns: [SHELL]\n",
	"version: 1\nmethods: {deny: ['*']}\n",
	"version: 1\narguments: {patterns: [\"\\u2028\\\"\\\\\", self, x]}\n",
	LIMITED,
};

START_TEST(proves_itself)
{
	struct policy *p = load(proven[_i]);
	struct error err = { "" };

	ck_assert_msg(
	    policy_selftest(p, NULL, &err) == 0, "%s: %s", proven[_i], err.msg);
	policy_free(p);
}
END_TEST

/* A policy whose lists do not do what they say is not used. */
START_TEST(finds_itself_wanting)
{
	struct policy *p = load("version: 1\ntools: {deny: [bad]}\n"
				"arguments: {patterns: [evil]}\n");
	struct error err = { "" };
	struct matcher *literals = p->arguments.literals;
	char *name = p->tools.deny.v[0].text;
	static char other[] = "";

	p->arguments.literals = NULL;
	ck_assert_int_eq(policy_selftest(p, NULL, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "test.yaml:3:24: self-test"));
	p->arguments.literals = literals;
	ck_assert_int_eq(policy_selftest(p, NULL, &err), 0);
	p->frames.max_bytes = 8;
	ck_assert_int_eq(policy_selftest(p, NULL, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "'initialize' is refused"));
	p->frames.max_bytes = 4096;
	p->tools.deny.v[0].text = other; /* matches the empty name only */
	ck_assert_int_eq(policy_selftest(p, NULL, &err), 0);
	p->tools.deny.v[0].text = name;
	policy_free(p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("check_rules");

	tcase_add_loop_test(tc, judges, 0, (int)nitems(cases));
	tcase_add_loop_test(tc, proves_itself, 0, (int)nitems(proven));
	tcase_add_test(tc, finds_itself_wanting);
	return unit_run(tc, "check_rules");
}
