/*
 * ${NAME} and ~ in the texts of a policy: what comes out, and what must not
 * come in through the environment.
 */
#include <stdio.h>
#include <string.h>

#include "policy/policy.h"
#include "policy/regex.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "test/unit/unit.h"

#define V "version: 1\n"
#define PATTERN(text) V "arguments: {patterns: [" text "]}\n"
#define REGEX(text) V "arguments: {regexes: [" text "]}\n"
#define ALLOW(text) V "tools: {allow: [" text "]}\n"
#define KEY(text) V "audit: {key_file: " text "}\n"
#define HINT " (write '$${' for the characters '${')"
#define SYNTAX                                                                 \
	"'${' wants the name of an environment variable and '}'; write '$${' " \
	"for the characters '${'"

static const struct {
	const char *label, *text;
	const char *value; /* of X; NULL: not set */
	const char *want; /* what comes out; or the message behind "t:2:" */
	bool fails;
} cases[] = {
	{ "a value", PATTERN("'a${X}b'"), "1 2", "a1 2b", false },
	{ "twice", PATTERN("'${X}${X}'"), "ab", "abab", false },
	{ "not expanded again", PATTERN("'${X}'"), "${HOME}", "${HOME}",
	    false },
	{ "not read as YAML", PATTERN("'${X}'"), "a', 'b", "a', 'b", false },
	{ "a comment is a comment", PATTERN("a # ${X}\n"), NULL, "a", false },
	{ "the characters themselves", PATTERN("'$${X}'"), "1", "${X}", false },
	{ "after a dollar", PATTERN("'$$${X}'"), "1", "$${X}", false },
	{ "a dollar alone", PATTERN("'$X $'"), "1", "$X $", false },
	{ "not set", PATTERN("'a${X}'"), NULL,
	    "24: 'arguments.patterns': environment variable 'X' is not "
	    "set" HINT,
	    true },
	{ "empty", PATTERN("'a${X}'"), "",
	    "24: 'arguments.patterns': environment variable 'X' is empty" HINT,
	    true },
	{ "a newline", PATTERN("'${X}'"), "a\nb",
	    "24: 'arguments.patterns': environment variable 'X' holds a "
	    "control character" HINT,
	    true },
	{ "not UTF-8", PATTERN("'${X}'"), "a\xc0\xaf",
	    "24: 'arguments.patterns': environment variable 'X' is not "
	    "UTF-8" HINT,
	    true },
	{ "a surrogate", PATTERN("'${X}'"), "\xed\xa0\x80",
	    "24: 'arguments.patterns': environment variable 'X' is not "
	    "UTF-8" HINT,
	    true },
	{ "UTF-8", PATTERN("'${X}'"), "\xf0\x9f\x94\x92", "\xf0\x9f\x94\x92",
	    false },
	{ "no end", PATTERN("'${X'"), "1", "24: 'arguments.patterns': " SYNTAX,
	    true },
	{ "no name", PATTERN("'${}'"), "1", "24: 'arguments.patterns': " SYNTAX,
	    true },
	{ "another language's", PATTERN("'${jndi:ldap}'"), "1",
	    "24: 'arguments.patterns': " SYNTAX, true },
	{ "a default, as shells have it", PATTERN("'${X:-a}'"), "1",
	    "24: 'arguments.patterns': " SYNTAX, true },
	{ "a digit first", PATTERN("'${1}'"), "1",
	    "24: 'arguments.patterns': " SYNTAX, true },
	/* Wildcards come from the file alone. */
	{ "a name", ALLOW("'${X}_*'"), "read", "read_*", false },
	{ "a star", ALLOW("'${X}'"), "*",
	    "17: 'tools.allow': environment variable 'X' holds a "
	    "wildcard" HINT,
	    true },
	{ "a question mark", ALLOW("'${X}'"), "a?",
	    "17: 'tools.allow': environment variable 'X' holds a "
	    "wildcard" HINT,
	    true },
	{ "a control character", ALLOW("\"a\\x1b\""), NULL,
	    "17: 'tools.allow': holds a control character", true },
	{ "too long", ALLOW("'${X}${X}${X}'"),
	    "0123456789012345678901234567890123456789012345678901234567890123"
	    "0123456789012345678901234567890123456789012345678901234567890123",
	    "17: 'tools.allow': too long", true },
	/* Expressions */
	{ "quoted", REGEX("'^${X}$'"), "a.b(c", "^a\\.b\\(c$", false },
	{ "quoted, a backslash too", REGEX("'${X}'"), "\\d", "\\\\d", false },
	{ "behind a backslash", REGEX("'\\${X}'"), "d",
	    "23: 'arguments.regexes': '${' behind a backslash; write '$${' for "
	    "the characters '${'",
	    true },
	{ "the characters, escaped", REGEX("'\\$${IFS}'"), NULL, "\\${IFS}",
	    false },
	/* Paths */
	{ "the home directory", KEY("~/k"), NULL, "/home/me/k", false },
	{ "itself", KEY("'~'"), NULL, "/home/me", false },
	{ "a value with a tilde", KEY("'/a/${X}'"), "~", "/a/~", false },
	{ "a value that begins with one", KEY("'${X}/b'"), "~",
	    "19: 'audit.key_file': wants a path that begins with '/' or '~/'",
	    true },
	{ "somebody's", KEY("~me/k"), NULL,
	    "19: 'audit.key_file': only '~' and '~/' are expanded, not "
	    "'~user'",
	    true },
	{ "slashes", KEY("//a///b/"), NULL, "/a/b", false },
	{ "the root", KEY("///"), NULL, "/", false },
	{ "a climb from the environment", KEY("'/a/${X}/b'"), "../..",
	    "19: 'audit.key_file': a path may not hold '.' or '..'", true },
	{ "a dot", KEY("/a/./b"), NULL,
	    "19: 'audit.key_file': a path may not hold '.' or '..'", true },
	{ "dots in a name", KEY("/a/.../..b"), NULL, "/a/.../..b", false },
	/* What is not expanded */
	{ "a word", V "mode: ${X}\n", "monitor",
	    "7: 'mode' wants one of 'enforce' 'monitor'", true },
	{ "a number", V "audit: {max_mb: '${X}'}\n", "1",
	    "17: 'audit.max_mb' wants a whole number from 0 to 2147483647",
	    true },
	{ "an id", V "rules: [{id: '${X}', action: log}]\n", "1",
	    "14: 'rules.id': wants letters, digits and '._-/:@' only", true },
	{ "extends", V "extends: '${X}'\n", "strict",
	    "1: 'extends': no such policy is compiled in, and a text in memory "
	    "can extend no other",
	    true },
};

/* The one text that the case is about. */
static const char *
text_of(const struct policy *p)
{
	if (p->arguments.patterns.n > 0)
		return p->arguments.patterns.v[0].text;
	if (p->arguments.regexes.n > 0)
		return p->arguments.regexes.v[0].text;
	if (p->tools.allow.n > 0)
		return p->tools.allow.v[0].text;
	return p->audit.key_file;
}

START_TEST(expands)
{
	struct error err = { "" };
	struct policy *p = NULL;
	char want[512];
	int rc;

	ck_assert_int_eq(setenv("HOME", "/home/me", 1), 0);
	ck_assert_int_eq(cases[_i].value != NULL
			     ? setenv("X", cases[_i].value, 1)
			     : unsetenv("X"),
	    0);
	rc = policy_load_text(
	    "t", "t", cases[_i].text, strlen(cases[_i].text), &p, &err);
	if (!cases[_i].fails) {
		ck_assert_msg(rc == 0, "%s: %s", cases[_i].label, err.msg);
		ck_assert_str_eq(text_of(p), cases[_i].want);
		policy_free(p);
		return;
	}
	(void)snprintf(want, sizeof(want), "t:2:%s", cases[_i].want);
	ck_assert_msg(rc == -1, "%s: it loads", cases[_i].label);
	ck_assert_str_eq(err.msg, want);
}
END_TEST

/* What was expanded is shown so that it is not expanded again. */
START_TEST(shows_what_loads_again)
{
	struct error err = { "" };
	struct policy *p = NULL, *again = NULL;
	struct buf text;

	if (cases[_i].fails)
		return;
	ck_assert_int_eq(setenv("HOME", "/home/me", 1), 0);
	ck_assert_int_eq(cases[_i].value != NULL
			     ? setenv("X", cases[_i].value, 1)
			     : unsetenv("X"),
	    0);
	ck_assert_int_eq(policy_load_text("t", "t", cases[_i].text,
			     strlen(cases[_i].text), &p, &err),
	    0);
	buf_init(&text, 1 << 20);
	policy_show(p, true, &text);
	ck_assert_int_eq(setenv("X", "another", 1), 0);
	ck_assert_msg(
	    policy_load_text("t", "t", text.at, text.len, &again, &err) == 0,
	    "%s: %s", cases[_i].label, err.msg);
	ck_assert_str_eq(text_of(again), cases[_i].want);
	ck_assert_str_eq(again->digest, p->digest);
	buf_release(&text);
	policy_free(again);
	policy_free(p);
}
END_TEST

static const struct {
	const char *home; /* NULL: not set */
	bool works;
} homes[] = {
	{ "/home/me", true },
	{ "/", true },
	{ NULL, false },
	{ "", false },
	{ "home/me", false },
	{ "/home/../me", false },
};

START_TEST(wants_a_home)
{
	static const char text[] = KEY("~/k");
	struct error err = { "" };
	struct policy *p = NULL;
	int rc;

	ck_assert_int_eq(homes[_i].home != NULL
			     ? setenv("HOME", homes[_i].home, 1)
			     : unsetenv("HOME"),
	    0);
	rc = policy_load_text("t", "t", text, sizeof(text) - 1, &p, &err);
	ck_assert_int_eq(rc, homes[_i].works ? 0 : -1);
	if (rc == -1)
		ck_assert_msg(
		    strncmp(err.msg, "t:2:19: 'audit.key_file': ", 26) == 0,
		    "%s", err.msg);
	policy_free(p);
}
END_TEST

/* A value matches itself, and nothing that it would mean as an expression. */
START_TEST(matches_values_literally)
{
	static const char text[] = REGEX("'^${X}$'");
	static const char value[] = "a.*|[x](?i)\\E{2}\xc3\xa9 #";
	struct error err = { "" };
	struct policy *p = NULL;

	ck_assert_int_eq(setenv("X", value, 1), 0);
	ck_assert_msg(
	    policy_load_text("t", "t", text, sizeof(text) - 1, &p, &err) == 0,
	    "%s", err.msg);
	ck_assert_int_eq(
	    regex_find(&p->arguments.regexes.v[0], slice_of(value)), 1);
	ck_assert_int_eq(
	    regex_find(&p->arguments.regexes.v[0], slice_of("abc")), 0);
	policy_free(p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("env");

	tcase_add_loop_test(tc, expands, 0, (int)nitems(cases));
	tcase_add_loop_test(tc, shows_what_loads_again, 0, (int)nitems(cases));
	tcase_add_loop_test(tc, wants_a_home, 0, (int)nitems(homes));
	tcase_add_test(tc, matches_values_literally);
	return unit_run(tc, "load_env");
}
