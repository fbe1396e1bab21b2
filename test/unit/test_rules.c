/*
 * The tables of rules: every row is well-formed, finds its samples through the
 * whole engine, finds what its expression finds alone, and takes no text as an
 * invitation to work without end.
 */
#include "policy/rules.h"

#include "test/unit/rule_hostile.h"
#include "test/unit/rule_samples.h"
#include "test/unit/unit.h"

/* Which patterns hold a keyword in every match, as the walker sees it. */
static const struct {
	const char *pattern, *keywords;
	bool proved;
} necessary[] = {
	/* clang-format off */
	{ "abc", "abc", true },
	{ "abd", "abc", false },
	{ "ABC", "abc", true },
	{ "(admin|root|developer) access", "admin", false },
	{ "(admin|root|developer) access", "admin|root|developer", true },
	{ "(admin|root|developer) access", " access", true },
	{ "a|abc", "abc", false },
	{ "(?:abc)?", "abc", false },
	{ "(?:abc)*x", "abc", false },
	{ "(?:abc)+x", "abc", true },
	{ "(?:abc){0,2}", "abc", false },
	{ "(?:ab){2}", "abab", true },
	{ "(?:ab){1,2}", "abab", false },
	{ "a+bc", "abc", true },
	{ "ab+c", "abc", false },
	{ "ab?c", "abc|acx", false },
	{ "ab?c", "abc|ac", true },
	{ "a.c", "abc", false },
	{ "a[bB]c", "abc", true },
	{ "a[bd]c", "abc", false },
	{ "a[bd]c", "abc|adc", true },
	{ "a[^b]c", "abc", false },
	{ "a[b-d]c", "abc|acc|adc", true },
	{ "\\bab\\.c(?!x)", "ab.c", true },
	{ "(?=abc)x", "abc", false },
	{ "\\x61bc", "abc", true },
	{ "(?i)abc", "abc", true },
	{ "(?<n>ab)c", "abc", true },
	{ "(ab)c\\1", "abc", false },
	{ "pass(?:word|phrase|wd)", "password|passwd", false },
	{ "pass(?:word|phrase|wd)", "password|passwd|passphrase", true },
	{ "a(?:b|)c", "abc", false },
	/* clang-format on */
};

START_TEST(proves)
{
	ck_assert_msg(rule_necessary(necessary[_i].pattern,
			  necessary[_i].keywords) == necessary[_i].proved,
	    "%s with %s", necessary[_i].pattern, necessary[_i].keywords);
}
END_TEST

START_TEST(secrets)
{
	rule_samples("rules_secrets", rules_secrets, nrules_secrets);
	rule_hostile("rules_secrets", rules_secrets, nrules_secrets);
}
END_TEST

START_TEST(commands)
{
	rule_samples("rules_commands", rules_commands, nrules_commands);
	rule_hostile("rules_commands", rules_commands, nrules_commands);
}
END_TEST

START_TEST(injection)
{
	rule_samples("rules_injection", rules_injection, nrules_injection);
	rule_hostile("rules_injection", rules_injection, nrules_injection);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("rules");

	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, proves, 0, nitems(necessary));
	tcase_add_test(tc, secrets);
	tcase_add_test(tc, commands);
	tcase_add_test(tc, injection);
	return unit_run(tc, "rules");
}
