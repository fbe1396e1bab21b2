/*
 * The user's expressions: found or not, and bounded whatever the text.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/policy.h"
#include "policy/regex.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

static const struct {
	const char *pattern, *text;
	size_t pad; /* letters 'a' that come first */
	int want;
} cases[] = {
	{ "b", "abc", 0, 1 },
	{ "b", "ac", 0, 0 },
	{ "^b", "ab", 0, 0 },
	{ "^a", "ab", 0, 1 },
	{ "(?i)SECRET", "a secret", 300, 1 },
	{ "(?i)SECRET", "a secre", 300, 0 },
	{ "(x)\\1", "yxxz", 300, 1 },
	{ "(x)\\1", "yxz", 300, 0 },
	{ "x|y", "..y", 300, 1 },
	{ "^x|y$", "..y", 300, 1 },
	{ "^x|^y", "..y", 300, 0 },
	{ "(?x) s e c # a comment", "sec", 300, 1 },
	{ "a.b$", "a\nb", 300, 0 },
	{ "[^a]$", "\xff", 300, 1 },
	{ "token", "\xff\xfe token", 0, 1 },
	{ "token", "\xff\xfe token", 300, 1 },
	{ "token", "\xff\xfe toke", 300, 0 },
	{ "\\x{fffd}", "\xc3", 300, 1 },
	/* What calls itself as a whole calls the pattern and nothing more. */
	{ "(?(R)a|b(?R)c)", "bac", 300, 1 },
	{ "(?(R)a|b(?R)c)", "bxac", 300, 0 },
	{ "(?(R)a|b(?0)c)", "bxac", 300, 0 },
	{ "(?(R)a|b\\g<0>c)", "bac", 300, 1 },
	{ "(?(R)a|b\\g<0>c)", "bxac", 300, 0 },
	{ "(?(R)a|b\\g'0'c)", "bxac", 300, 0 },
};

static int
find(const char *pattern, struct slice text)
{
	struct policy_regex re = { .text = xstrdup(pattern) };
	int code, rc;
	size_t offset;

	ck_assert_int_eq(regex_compile(&re, &code, &offset), 0);
	rc = regex_find(&re, text);
	regex_release(&re);
	return rc;
}

START_TEST(finds)
{
	size_t len = strlen(cases[_i].text);
	char *text = xmalloc(cases[_i].pad + len + 1);

	memset(text, 'a', cases[_i].pad);
	memcpy(text + cases[_i].pad, cases[_i].text, len + 1);
	ck_assert_int_eq(find(cases[_i].pattern,
			     (struct slice){ text, cases[_i].pad + len }),
	    cases[_i].want);
	free(text);
}
END_TEST

/* Patterns that cost the square or more of a text, where nothing ends it. */
static const char *const slow[] = { "a*b", "a*a*b", "(a+)+b", "(a|a)*b",
	"(?:a|aa)+$b", "(.*)(.*)(.*)b", "a{0,1000}b", "(a*)*b" };

START_TEST(ends_soon)
{
	size_t len = 1 << 20;
	char *text = xmalloc(len);
	struct timespec begun, now;

	memset(text, 'a', len);
	(void)clock_gettime(CLOCK_MONOTONIC, &begun);
	/* It must not say "no" for want of time; any other answer protects. */
	ck_assert_int_ne(find(slow[_i], (struct slice){ text, len }), 1);
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	ck_assert_int_lt(now.tv_sec - begun.tv_sec, 20);
	free(text);
}
END_TEST

START_TEST(giving_up_is_no_answer)
{
	size_t len = 1 << 20;
	char *text = xmalloc(len);

	/* A match that is there, behind what takes too long to look at. */
	memset(text, 'a', len);
	text[len - 1] = 'b';
	ck_assert_int_ne(find("(a+)+c|ab$", (struct slice){ text, len }), 0);
	free(text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("regex");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, finds, 0, (int)nitems(cases));
	tcase_add_loop_test(tc, ends_soon, 0, (int)nitems(slow));
	tcase_add_test(tc, giving_up_is_no_answer);
	return unit_run(tc, "regex");
}
