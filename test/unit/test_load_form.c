/*
 * What a policy file may look like: YAML without what hides, one of two forms,
 * rules that can match, names that are known.  Messages and positions are
 * exact.
 */
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "test/unit/unit.h"

#define V "version: 1\n"
#define RULE V "rules:\n- id: a\n  action: deny\n"
#define WHERE(text) RULE "  where: {path: {" text "}}\n"
#define DEEP "[[[[[[[[[[[[[[[[[[[["
#define NOT_YET                                                                 \
	" is not enforced by this version yet; remove it (nothing is silently " \
	"unprotected)"

static const struct {
	const char *label, *text;
	const char *want; /* the message behind "t:", or NULL: it loads */
} cases[] = {
	/* YAML */
	{ "the least that loads", V, NULL },
	{ "nothing", "", "1:1: the policy is empty" },
	{ "comments alone", "# a\n", "1:1: the policy is empty" },
	{ "a text", "hello", "1:1: a policy is a map of keys and values" },
	{ "a list", "- version", "1:1: a policy is a map of keys and values" },
	{ "a marker before it", "---\n" V, NULL },
	{ "a byte order mark", "\xef\xbb\xbf" V, NULL },
	{ "a second document", V "---\nmode: monitor\n",
	    "2:1: a second document is not allowed" },
	{ "an anchor on a value", V "mode: &a monitor\n",
	    "2:7: anchors are not allowed" },
	{ "an anchor on a map", V "tools: &a {}\n",
	    "2:8: anchors are not allowed" },
	{ "an anchor on a list", V "tools: {deny: &a []}\n",
	    "2:15: anchors are not allowed" },
	{ "an alias", V "tools: {deny: *a}\n",
	    "2:15: aliases are not allowed" },
	{ "a tag", V "mode: !!str monitor\n", "2:7: tags are not allowed" },
	{ "a tag on a list", V "tools: {deny: !!set []}\n",
	    "2:15: tags are not allowed" },
	{ "a directive", "%YAML 1.1\n---\n" V,
	    "1:1: directives are not allowed" },
	{ "a merge key", V "<<: {mode: monitor}\n", "2:1: unknown key '<<'" },
	{ "a key that is a list", V "? [a]\n: b\n",
	    "2:3: a key must be plain text" },
	{ "a key that is a map", V "{a: b}: c\n",
	    "2:1: a key must be plain text" },
	{ "too deep", V "rules: " DEEP, "2:23: nested too deep" },
	{ "no YAML", V "tools: {deny: [a\n",
	    "3:1: did not find expected ',' or ']'" },
	{ "a tab", V "tools:\n\tdeny: []\n",
	    "3:1: found character that cannot start any token" },
	{ "a control character", V "mode: mon\x01itor\n",
	    "2:10: control characters are not allowed" },
	{ "no UTF-8", V "tools: {deny: [a\xff]}\n",
	    "2:17: invalid leading UTF-8 octet" },
	{ "a column counts characters", V "{\"\xc3\xa9\": &a b}: c\n",
	    "2:1: a key must be plain text" },
	{ "a NUL in quotes", V "tools: {deny: [\"a\\0b\"]}\n",
	    "2:16: a text holds a NUL character" },
	{ "an escape in a name", V "tools: {deny: [\"a\\eb\"]}\n",
	    "2:16: 'tools.deny': holds a control character" },
	/* Keys */
	{ "the version is missing", "mode: monitor\n",
	    "1:1: 'version: 1' is missing" },
	{ "an unknown key", V "alow_tools: []\n",
	    "2:1: unknown key 'alow_tools'; the nearest known one is "
	    "'allowed_tools'" },
	{ "a group is known by name", V "argument: {}\n",
	    "2:1: unknown key 'argument'; the nearest known one is "
	    "'arguments'" },
	{ "a key of a group", V "tools: {alow: []}\n",
	    "2:9: unknown key 'tools.alow'; the nearest known one is "
	    "'tools.allow'" },
	{ "a key like none", V "zzzzzzzz: 1\n", "2:1: unknown key 'zzzzzzzz'" },
	{ "no dots in keys", V "tools.deny: []\n",
	    "2:1: unknown key 'tools.deny'" },
	{ "a key is shown safely", V "\"\\e[2J\": 1\n",
	    "2:1: unknown key '\\x1b[2J'" },
	{ "a key in capitals", V "Mode: monitor\n",
	    "2:1: unknown key 'Mode'; the nearest known one is 'mode'" },
	{ "a group again", V "tools: {}\naudit: {}\ntools: {}\n",
	    "4:1: key 'tools' again (first at line 2)" },
	{ "a key of a group again", V "tools: {deny: [], deny: [a]}\n",
	    "2:19: key 'tools.deny' again (first at line 2)" },
	{ "a group without value", V "tools:\n",
	    "2:7: 'tools' has no value; it wants a map of keys" },
	{ "a group that is a list", V "tools: []\n",
	    "2:8: 'tools' wants a map of keys, not a list" },
	{ "an empty group", V "tools: {}\n", NULL },
	/* The short form */
	{ "no version is needed", "allowed_tools: [a]\n", NULL },
	{ "but may stand", V "allowed_tools: [a]\nmode: monitor\n", NULL },
	{ "two forms", "allowed_tools: [a]\ntools: {}\n",
	    "2:1: 'allowed_tools' and 'tools' are of two forms; one file has "
	    "one" },
	{ "two forms, the other way", V "audit: {}\nblock_network: false\n",
	    "3:1: 'block_network' and 'audit' are of two forms; one file has "
	    "one" },
	{ "all of the short form",
	    "allowed_tools: [a]\nblocked_tool_patterns: [b]\n"
	    "blocked_arg_patterns: [c]\nblock_network: false\n"
	    "block_env_access: false\nblock_filesystem_write: false\n"
	    "block_filesystem_read: false\nmax_memory_mb: 0\n"
	    "execution_timeout_seconds: 0\n",
	    NULL },
	/* Rules */
	{ "a rule", RULE, NULL },
	{ "a rule without id", V "rules:\n- action: deny\n",
	    "3:3: 'rules.id' is missing" },
	{ "a rule without action", V "rules:\n- id: a\n",
	    "3:3: 'rules.action' is missing" },
	{ "a rule that is a text", V "rules: [a]\n",
	    "2:9: 'rules' wants a map of keys, not one value" },
	{ "an unknown action", V "rules: [{id: a, action: block}]\n",
	    "2:25: 'rules.action' wants one of 'allow' 'deny' 'redact' 'log' "
	    "'ask'" },
	{ "ask comes later", V "rules: [{id: a, action: ask}]\n",
	    "2:25: 'rules.action: ask'" NOT_YET },
	{ "an unknown key of a rule", RULE "  tools: [a]\n",
	    "5:3: unknown key 'rules.tools'; the nearest known one is "
	    "'rules.tool'" },
	{ "a key of a rule again", RULE "  id: b\n",
	    "5:3: key 'rules.id' again" },
	{ "an id again",
	    V "rules: [{id: a, action: log}, "
	      "{id: a, action: log}]\n",
	    "2:31: rule 'a' again (first at t:2)" },
	{ "an id with a space", V "rules: [{id: a b, action: log}]\n",
	    "2:14: 'rules.id': wants letters, digits and '._-/:@' only" },
	{ "a tool by name", RULE "  tool: a\n", NULL },
	{ "tools by list", RULE "  tool: [a, 'b*']\n", NULL },
	{ "no tool", RULE "  tool: []\n",
	    "5:9: 'rules.tool': an empty list never matches" },
	{ "a reason", RULE "  reason: \xc3\xa9t\xc3\xa9\n", NULL },
	{ "a reason of two lines", RULE "  reason: \"a\\nb\"\n",
	    "5:11: 'rules.reason': holds a control character" },
	{ "an empty where", RULE "  where: {}\n",
	    "5:10: 'rules.where' names no argument; leave it out" },
	{ "a where without matchers", RULE "  where: {path: {}}\n",
	    "5:17: 'rules.where': an argument without a matcher" },
	{ "a where that is a text", RULE "  where: {path: /a}\n",
	    "5:17: 'rules.where' wants a map of matchers, not one value" },
	{ "an argument without name", RULE "  where: {a..b: {in: [a]}}\n",
	    "5:11: 'rules.where' wants the name of an argument, dots reaching "
	    "into objects" },
	{ "an argument again", RULE "  where: {a: {min: 1}, a: {max: 2}}\n",
	    "5:24: 'rules.where': an argument again (first at line 5)" },
	{ "an unknown matcher", WHERE("beneath: /a"),
	    "5:18: unknown key 'rules.where.beneath'" },
	{ "a matcher again", WHERE("min: 1, min: 2"),
	    "5:26: key 'rules.where.min' again" },
	{ "redact without where", V "rules: [{id: a, action: redact}]\n",
	    "2:9: rule 'a': 'redact' wants 'where', which says what to "
	    "replace" },
	/* Matchers */
	{ "equals a number", WHERE("equals: 5"), NULL },
	{ "equals a boolean", WHERE("equals: true"), NULL },
	{ "equals the empty text", WHERE("equals: ''"), NULL },
	{ "equals, spelt unlike JSON", WHERE("equals: True"),
	    "5:26: 'rules.where.equals': write true, false, null or a number "
	    "as JSON does, or put it in quotes" },
	{ "equals in another base", WHERE("equals: 0x10"),
	    "5:26: 'rules.where.equals': write true, false, null or a number "
	    "as JSON does, or put it in quotes" },
	{ "in wants a list", WHERE("in: a"),
	    "5:22: 'rules.where.in' wants a list, not one value" },
	{ "in nothing", WHERE("in: []"),
	    "5:22: 'rules.where.in': an empty list never matches" },
	{ "glob", WHERE("glob: '*.md'"), NULL },
	{ "regex", WHERE("regex: ['a|b', c]"), NULL },
	{ "a bad regex in a list", WHERE("regex: [a, '[z-a]']"),
	    "5:33: 'rules.where.regex': range out of order in character class "
	    "at byte 3 of the expression" },
	{ "a bad regex behind letters of two bytes",
	    WHERE("regex: '\xc3\xa9\xc3\xa9('"),
	    "5:29: 'rules.where.regex': missing closing parenthesis at byte 5 "
	    "of the expression" },
	{ "a bad regex in double quotes with escapes",
	    WHERE("regex: \"\\\\d(\""),
	    "5:25: 'rules.where.regex': missing closing parenthesis at byte 3 "
	    "of the expression" },
	{ "a regex that would split characters", WHERE("regex: '\\C'"),
	    "5:28: 'rules.where.regex': using \\C is disabled by the "
	    "application at byte 2 of the expression" },
	{ "under", WHERE("under: [/a, /b/]"), NULL },
	{ "under a relative path", WHERE("under: a"),
	    "5:25: 'rules.where.under': wants a path that begins with '/' or "
	    "'~/'" },
	{ "under somebody's home", WHERE("under: ~root/a"),
	    "5:25: 'rules.where.under': only '~' and '~/' are expanded, not "
	    "'~user'" },
	{ "host", WHERE("host: ['*.Example.', '[::1]', 10.0.0.1]"), NULL },
	{ "bounds", WHERE("min: -1.5, max: 1e3, max_length: 10"), NULL },
	{ "bounds the wrong way", WHERE("min: 2, max: 1"),
	    "5:17: 'rules.where': 'min' is above 'max'" },
	{ "min of a text", WHERE("min: '1'"),
	    "5:23: 'rules.where.min' wants a number" },
	{ "min beyond a double", WHERE("min: 1e999"),
	    "5:23: 'rules.where.min' wants a number" },
	{ "max_length below nothing", WHERE("max_length: -1"),
	    "5:30: 'rules.where.max_length' wants a whole number from 0 to "
	    "2147483647" },
	/* Keys with a form of their own that later versions enforce */
	{ "a tool of code", V "code: {tools: {a: {field: b, lang: c}}}\n",
	    "2:30: unknown key 'code.tools.lang'" },
	{ "a tool of code without field", V "code: {tools: {a: {}}}\n",
	    "2:19: 'code.tools.field' is missing" },
	{ "a rate", V "session: {rate: [{tool: a, calls: 0, seconds: 1}]}\n",
	    "2:35: 'session.rate.calls' wants a whole number from 1 to "
	    "2147483647" },
	{ "a rate with another key", V "session: {rate: [{tol: a}]}\n",
	    "2:19: unknown key 'session.rate.tol'; the nearest known one is "
	    "'session.rate.tool'" },
	{ "a language", V "sandbox: {execute_code: {languages: {a: b}}}\n",
	    "2:41: 'sandbox.execute_code.languages' wants a list, not one "
	    "value" },
};

START_TEST(loads_or_says_why)
{
	struct error err = { "" };
	struct policy *p = NULL;
	int rc = policy_load_text(
	    "t", "t", cases[_i].text, strlen(cases[_i].text), &p, &err);

	if (cases[_i].want == NULL) {
		ck_assert_msg(rc == 0, "%s: %s", cases[_i].label, err.msg);
		policy_free(p);
		return;
	}
	ck_assert_msg(rc == -1, "%s: it loads", cases[_i].label);
	ck_assert_msg(strncmp(err.msg, "t:", 2) == 0 &&
			  strcmp(err.msg + 2, cases[_i].want) == 0,
	    "%s: got '%s', want 't:%s'", cases[_i].label, err.msg,
	    cases[_i].want);
}
END_TEST

/* Whatever is cut off, nothing is read behind the end and nothing is lost. */
START_TEST(survives_every_cut)
{
	const char *text = cases[_i].text;

	for (size_t len = 0; len < strlen(text); len++) {
		struct error err = { "" };
		struct policy *p = NULL;
		char *cut = malloc(len > 0 ? len : 1);

		memcpy(cut, text, len);
		if (policy_load_text("t", "t", cut, len, &p, &err) == 0)
			policy_free(p);
		else
			ck_assert_msg(
			    strncmp(err.msg, "t:", 2) == 0, "%s", err.msg);
		free(cut);
	}
}
END_TEST

static void
load_big(const char *head, const char *item, size_t n, const char *want)
{
	size_t len = strlen(head), each = strlen(item);
	char *text = malloc(len + n * each);
	struct error err = { "" };
	struct policy *p = NULL;

	memcpy(text, head, len);
	for (size_t i = 0; i < n; i++)
		memcpy(text + len + i * each, item, each);
	ck_assert_int_eq(
	    policy_load_text("t", "t", text, len + n * each, &p, &err), -1);
	ck_assert_str_eq(err.msg, want);
	free(text);
}

START_TEST(keeps_its_bounds)
{
	load_big(V, "# 34567\n", (1 << 20) / 8,
	    "t:1:1: larger than 1048576 "
	    "bytes");
	load_big(
	    V "tools: {deny: [", "a,", 200000, "t:2:200002: too many values");
	load_big(V "arguments:\n  regexes:\n", "  - a\n", 1025,
	    "t:4:3: 'arguments.regexes': more than 1024 expressions");
	load_big(V "rules:\n", "- {id: a, action: log}\n", 2,
	    "t:4:3: rule 'a' again (first at t:3)");
	load_big(V "mode: ", "a", 100000,
	    "t:2:7: 'mode' wants one of 'enforce' 'monitor'");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("form");

	tcase_add_loop_test(tc, loads_or_says_why, 0, (int)nitems(cases));
	tcase_add_loop_test(tc, survives_every_cut, 0, (int)nitems(cases));
	tcase_add_test(tc, keeps_its_bounds);
	return unit_run(tc, "load_form");
}
