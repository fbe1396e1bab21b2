/*
 * The literal matcher: cases, all bytes, and sets so large that the deepest
 * states have no rows, compared with a search that cannot be wrong.
 */
#include "policy/match.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"

#define LITERALS 4

static const struct {
	const char *label, *literals[LITERALS], *text;
	long want;
} cases[] = {
	/* clang-format off */
	{ "found", { "abc" }, "xxabcxx", 0 },
	{ "not found", { "abc" }, "ababab", -1 },
	{ "the whole", { "abc" }, "abc", 0 },
	{ "one byte", { "c" }, "abc", 0 },
	{ "empty text", { "a" }, "", -1 },
	{ "text too short", { "abc" }, "ab", -1 },
	{ "upper case in the text", { "file://" }, "see FILE://x", 0 },
	{ "upper case in the literal", { "FiLe" }, "a file", 0 },
	{ "other bytes have no case", { "[" }, "{", -1 },
	{ "nor has 0x40", { "@" }, "`", -1 },
	{ "no case beyond ASCII", { "\xc3\xa9" }, "\xc3\x89", -1 },
	{ "which ends first, not begins", { "abcdef", "cd" }, "abcdef", 1 },
	{ "which is listed later", { "zz", "yy" }, "yyzz", 1 },
	{ "ends together: lowest index", { "bc", "abc" }, "abc", 0 },
	{ "ends together: the other way", { "abc", "bc" }, "abc", 0 },
	{ "ends together: three", { "dcb", "cb", "b", "b" }, "dcb", 0 },
	{ "twice the same", { "x", "a", "a" }, "a", 1 },
	{ "twice in other case", { "Ab", "aB" }, "AB", 0 },
	{ "a prefix ends first", { "abcd", "ab" }, "abcd", 1 },
	{ "through a failure link", { "abcabd" }, "abcabcabd", 0 },
	{ "through two", { "aabaac", "baax" }, "aabaax", 1 },
	{ "a repeated letter", { "aaab" }, "aaaaaab", 0 },
	{ "inside the start of another", { "abcde", "bcx", "cd" }, "abcd", 2 },
	/* clang-format on */
};

START_TEST(finds)
{
	struct slice literals[LITERALS];
	struct matcher *m;
	size_t n = 0;

	while (n < LITERALS && cases[_i].literals[n] != NULL) {
		literals[n] = slice_of(cases[_i].literals[n]);
		n++;
	}
	m = matcher_new(literals, n);
	ck_assert_msg(
	    matcher_find(m, slice_of(cases[_i].text)) == cases[_i].want, "%s",
	    cases[_i].label);
	matcher_free(m);
}
END_TEST

START_TEST(nothing)
{
	struct matcher *none = matcher_new(NULL, 0);

	ck_assert_int_eq(matcher_find(none, slice_of("abc")), -1);
	ck_assert_int_eq(matcher_find(NULL, slice_of("abc")), -1);
	ck_assert_int_eq(matcher_find(none, (struct slice){ NULL, 0 }), -1);
	matcher_free(none);
	matcher_free(NULL);
}
END_TEST

/* A literal for every byte: 230 classes, each found, NUL too. */
START_TEST(every_byte)
{
	struct slice literals[256];
	char bytes[256];
	struct matcher *m;

	for (int i = 0; i < 256; i++) {
		bytes[i] = (char)i;
		literals[i] = (struct slice){ bytes + i, 1 };
	}
	m = matcher_new(literals, 256);
	for (int i = 0; i < 256; i++)
		ck_assert_int_eq(matcher_find(m, literals[i]),
		    i >= 'a' && i <= 'z' ? i - 32 : i);
	matcher_free(m);
}
END_TEST

static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525U + 1013904223U;
	return *state >> 16;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool
ends_at(struct slice literal, struct slice text, size_t end)
{
	if (literal.len > end)
		return false;
	for (size_t i = literal.len; i > 0; i--)
		if (lower(literal.at[i - 1]) !=
		    lower(text.at[end - literal.len + i - 1]))
			return false;
	return true;
}

static long
search(const struct slice *literals, size_t n, struct slice text)
{
	for (size_t end = 1; end <= text.len; end++)
		for (size_t i = 0; i < n; i++)
			if (ends_at(literals[i], text, end))
				return (long)i;
	return -1;
}

/*
 * Sets of random literals over alphabets of 1 << bits letters; the texts are
 * parts of literals put together, so that many states are reached.
 */
static const struct {
	size_t nliteral, min_len, max_len;
	unsigned bits;
	size_t ntext, text_len;
} sets[] = {
	{ 3, 2, 4, 1, 3000, 40 }, { 10, 4, 9, 1, 3000, 60 },
	{ 50, 5, 8, 2, 1000, 100 }, { 300, 6, 12, 3, 300, 300 },
	{ 3000, 8, 20, 5, 40, 500 },
	{ 6000, 10, 100, 7, 15, 1000 }, /* most states have no row */
};

static void
fill_random(char *at, size_t len, unsigned bits, uint32_t *state)
{
	for (size_t i = 0; i < len; i++)
		at[i] = (char)('@' + next_random(state) % (1U << bits));
}

/* Parts of literals, one behind the other; a whole one now and then. */
static void
fill_parts(char *at, size_t len, const struct slice *literals, size_t n,
    uint32_t *state)
{
	size_t done = 0;

	while (done < len) {
		struct slice from = literals[next_random(state) % n];
		size_t part = 1 + next_random(state) % (from.len - 1);

		if (next_random(state) % 16 == 0)
			part = from.len;
		if (part > len - done)
			part = len - done;
		memcpy(at + done, from.at, part);
		done += part;
	}
}

START_TEST(agrees)
{
	size_t n = sets[_i].nliteral, max = sets[_i].max_len, found = 0;
	size_t span = max - sets[_i].min_len + 1;
	struct slice *literals = xcalloc(n, sizeof(*literals));
	char *bytes = xcalloc(n, max), *text = xmalloc(sets[_i].text_len);
	struct slice whole = { text, sets[_i].text_len };
	uint32_t state = 1;
	struct matcher *m;

	fill_random(bytes, n * max, sets[_i].bits, &state);
	for (size_t i = 0; i < n; i++)
		literals[i] = (struct slice){ bytes + i * max,
			sets[_i].min_len + next_random(&state) % span };
	m = matcher_new(literals, n);
	for (size_t i = 0; i < sets[_i].ntext; i++) {
		long want;

		fill_parts(text, whole.len, literals, n, &state);
		want = search(literals, n, whole);
		ck_assert_int_eq(matcher_find(m, whole), want);
		found += want >= 0;
	}
	ck_assert_uint_gt(found, 0);
	for (size_t i = 0; i < n; i += 1 + n / 100)
		ck_assert_int_eq(matcher_find(m, literals[i]),
		    search(literals, n, literals[i]));
	matcher_free(m);
	free(text);
	free(bytes);
	free(literals);
}
END_TEST

/*
 * Texts that run deep into a literal and fail, again and again; with the
 * longer list most states have no row, and every failure is a long way back.
 */
START_TEST(linear)
{
	static char text[16 << 20];
	size_t n = _i == 0 ? 1 : 64, len = 16384;
	struct slice literals[64];
	char *bytes = xmalloc(n * len);
	struct matcher *m;

	memset(bytes, 'a', n * len);
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < n; i++) {
		bytes[(i + 1) * len - 1] = (char)(0x80 + i);
		bytes[(i + 1) * len - 200 * (i + 1)] = (char)(0xc0 + i);
		literals[i] = (struct slice){ bytes + i * len, len };
	}
	for (size_t i = 16000; i < sizeof(text); i += 16000)
		text[i] = 'c';
	m = matcher_new(literals, n);
	ck_assert_int_eq(
	    matcher_find(m, (struct slice){ text, sizeof(text) }), -1);
	matcher_free(m);
	free(bytes);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("match");
	TCase *tc = tcase_create("match");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, finds, 0, (int)nitems(cases));
	tcase_add_test(tc, nothing);
	tcase_add_test(tc, every_byte);
	tcase_add_loop_test(tc, agrees, 0, (int)nitems(sets));
	tcase_add_loop_test(tc, linear, 0, 2);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
