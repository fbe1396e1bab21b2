/*
 * The prefilter: every occurrence of every literal, at all places of a text
 * and near its ends, compared with a search that cannot be wrong.
 */
#include "policy/prefilter.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "policy/fold.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

#define LITERALS 5
#define TEXT_MAX 700U

static const struct {
	const char *label, *literals[LITERALS], *text;
	size_t hits;
} cases[] = {
	/* clang-format off */
	{ "five bytes", { "abcde" }, "xabcdex", 1 },
	{ "the whole text", { "abcde" }, "abcde", 1 },
	{ "three bytes, even", { "abc" }, "xxabcxx", 1 },
	{ "three bytes, odd", { "abc" }, "xabcxx", 1 },
	{ "three bytes at the end", { "abc" }, "xxxxabc", 1 },
	{ "three bytes at the other end", { "abc" }, "xxxabc", 1 },
	{ "three bytes alone", { "abc" }, "abc", 1 },
	{ "four bytes, even", { "abcd" }, "abcd", 1 },
	{ "four bytes, odd and last", { "abcd" }, "xabcd", 1 },
	{ "in any case", { "akia", "ghp_" }, "AkIA GHP_", 2 },
	{ "what 0x20 changes besides letters", { "[a{]@`" }, "{a[}`@", 0 },
	{ "a control character is no digit", { "12345" }, "\0211\0222345", 0 },
	{ "overlapping", { "aaaa" }, "aaaaaaa", 4 },
	{ "one in another", { "password", "sword", "word" }, "passwords", 3 },
	{ "beginnings in common", { "abcdef", "abcdeg", "abcde" }, "abcdeg", 2 },
	{ "bytes beyond ASCII", { "\xe4\xbd\x9c\xe4" }, "x\xe4\xbd\x9c\xe4", 1 },
	{ "they have no case", { "\xc3\xa9\xc3\xa9" }, "\xc3\x89\xc3\x89", 0 },
	{ "a near miss", { "abcdefghij" }, "abcdefghi", 0 },
	{ "an empty text", { "abc" }, "", 0 },
	{ "a text too short", { "abc" }, "ab", 0 },
	{ "cut at the front", { "abcdefgh" }, "bcdefghabcdefg", 0 },
	/* clang-format on */
};

static size_t
fill(const char *const *list, struct slice *literals)
{
	size_t n = 0;

	while (n < LITERALS && list[n] != NULL) {
		literals[n] = slice_of(list[n]);
		n++;
	}
	return n;
}

static size_t
count(const struct prefilter *pf, struct slice text)
{
	struct prefilter_cursor c = { 0 };
	struct prefilter_hit hit;
	size_t n = 0;

	while (prefilter_next(pf, text, text.len, &c, &hit))
		n++;
	return n;
}

START_TEST(finds)
{
	struct slice literals[LITERALS];
	size_t n = fill(cases[_i].literals, literals);
	struct prefilter *pf = prefilter_new(literals, n);

	ck_assert_msg(count(pf, slice_of(cases[_i].text)) == cases[_i].hits,
	    "%s: %zu", cases[_i].label, count(pf, slice_of(cases[_i].text)));
	prefilter_free(pf);
}
END_TEST

static bool
stands_at(struct slice literal, struct slice text, size_t at)
{
	if (literal.len > text.len - at)
		return false;
	for (size_t i = 0; i < literal.len; i++)
		if (fold_ascii((unsigned char)text.at[at + i]) !=
		    (unsigned char)literal.at[i])
			return false;
	return true;
}

/* Every hit once, and none that is not there; text is read in two steps. */
static void
compare(const struct prefilter *pf, const struct slice *literals, size_t n,
    struct slice text, size_t until)
{
	static unsigned char seen[LITERALS][TEXT_MAX];
	struct prefilter_cursor c = { 0 };
	struct prefilter_hit hit;
	size_t wrong = 0;

	memset(seen, 0, sizeof(seen));
	while (prefilter_next(pf, text, until, &c, &hit))
		seen[hit.literal][hit.first]++;
	while (prefilter_next(pf, text, text.len, &c, &hit))
		seen[hit.literal][hit.first]++;
	/* One assertion, for each of them writes to a file. */
	for (size_t i = 0; i < n; i++)
		for (size_t at = 0; at < text.len; at++)
			wrong +=
			    seen[i][at] != stands_at(literals[i], text, at);
	ck_assert_msg(
	    wrong == 0, "%zu wrong in \"%.*s\"", wrong, (int)text.len, text.at);
}

/* Each literal at each place of texts of each length, in a copy without a byte
   more, so that a sanitizer sees what is read beyond. */
START_TEST(every_place)
{
	static const char *const list[LITERALS] = { "key", "ghp_", "token",
		"note to the", "a very long literal in which much is common" };
	struct slice literals[LITERALS];
	size_t n = fill(list, literals);
	struct prefilter *pf = prefilter_new(literals, n);

	for (size_t i = 0; i < n; i++) {
		for (size_t len = literals[i].len; len < 90; len++) {
			char *text = xmalloc(len);

			for (size_t at = 0; at + literals[i].len <= len; at++) {
				memset(text, 'e', len);
				memcpy(
				    text + at, literals[i].at, literals[i].len);
				compare(pf, literals, n,
				    (struct slice){ text, len }, at);
			}
			free(text);
		}
	}
	prefilter_free(pf);
}
END_TEST

/* Texts of few letters, full of hits and near misses. */
START_TEST(like_a_naive_search)
{
	static const char *const lists[][LITERALS] = {
		{ "aab", "abab", "aabba", "babaab", "aaaaaaaaaaaa" },
		{ "aaa", "aaaa", "aaaaa", "aaaaaa", "baaaaaaa" },
		{ "abc", "bca", "cab", "abcabc", "cabcabcabcabca" },
	};
	uint32_t random = 1;

	for (size_t k = 0; k < nitems(lists); k++) {
		struct slice literals[LITERALS];
		size_t n = fill(lists[k], literals);
		struct prefilter *pf = prefilter_new(literals, n);

		for (unsigned round = 0; round < 60; round++) {
			char text[TEXT_MAX];
			size_t len = round * 11 % TEXT_MAX;

			for (size_t i = 0; i < len; i++) {
				random = random * 1664525U + 1013904223U;
				text[i] = "aAbBaabc"[random >> 29];
			}
			compare(pf, literals, n, (struct slice){ text, len },
			    len / 2);
		}
		prefilter_free(pf);
	}
}
END_TEST

/* Many literals of all lengths: each is found, and nothing else. */
START_TEST(many)
{
	enum { MANY = 2000, LEN = 40 };
	static char store[MANY][LEN];
	static struct slice literals[MANY];
	struct prefilter *pf;

	for (size_t i = 0; i < MANY; i++) {
		int len = snprintf(store[i], LEN, "%zu%.*s", i + 100,
		    (int)(i % 20), "abcdefghijklmnopqrstu");

		literals[i] = (struct slice){ store[i], (size_t)len };
	}
	pf = prefilter_new(literals, MANY);
	for (size_t i = 0; i < MANY; i++) {
		struct prefilter_cursor c = { 0 };
		struct prefilter_hit hit;
		bool found = false;

		while (
		    prefilter_next(pf, literals[i], literals[i].len, &c, &hit))
			found = found || (hit.literal == i && hit.first == 0);
		ck_assert_msg(found, "%s", store[i]);
	}
	prefilter_free(pf);
}
END_TEST

START_TEST(nothing)
{
	struct prefilter *none = prefilter_new(NULL, 0);

	ck_assert_uint_eq(count(none, slice_of("abcdefghijklmnopqrstuvw")), 0);
	ck_assert_uint_eq(count(none, (struct slice){ NULL, 0 }), 0);
	prefilter_free(none);
	prefilter_free(NULL);
}
END_TEST

/* A megabyte of the worst: every place is a hit, or nearly one.  The bound is
   a hundred times what it takes, for valgrind's sake. */
START_TEST(linear)
{
	static const char *const list[LITERALS] = { "aaaaaaaaaaaaaaaab", "aaa",
		"aaaaaaaaaaaaab", "aaaaab", "aaab" };
	struct slice literals[LITERALS];
	size_t n = fill(list, literals), len = 1U << 20;
	struct prefilter *pf = prefilter_new(literals, n);
	char *text = xmalloc(len);
	clock_t from = clock();

	memset(text, 'a', len);
	ck_assert_uint_eq(count(pf, (struct slice){ text, len }), len - 2);
	ck_assert_int_lt((clock() - from) / CLOCKS_PER_SEC, 10);
	free(text);
	prefilter_free(pf);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("prefilter");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, finds, 0, nitems(cases));
	tcase_add_test(tc, every_place);
	tcase_add_test(tc, like_a_naive_search);
	tcase_add_test(tc, many);
	tcase_add_test(tc, nothing);
	tcase_add_test(tc, linear);
	return unit_run(tc, "prefilter");
}
