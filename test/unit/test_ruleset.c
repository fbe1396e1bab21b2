/*
 * Rules as data: what is found and what is not, that a window's borders are
 * never seen, that the engine's giving up is a hit, and that hostile texts
 * take no longer than their length allows.  The bounds on time are some
 * hundred times what it takes, for the sake of valgrind and sanitizers.
 */
#include "policy/ruleset.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

#define HITS_MAX 8

struct hits {
	struct rule_hit v[HITS_MAX];
	size_t n, gave_up;
};

static bool
take(void *ctx, const struct rule_hit *hit)
{
	struct hits *hits = ctx;

	if (hits->n < HITS_MAX)
		hits->v[hits->n] = *hit;
	hits->n++;
	hits->gave_up += hit->gave_up;
	return true;
}

static struct hits
scan(const struct rule *rule, struct slice text)
{
	struct ruleset *rs = ruleset_new(rule, 1);
	struct hits hits = { .n = 0 };

	ruleset_scan(rs, text, 0, 0, take, &hits);
	ruleset_free(rs);
	return hits;
}

static bool
ends_in_x(struct slice match)
{
	return match.len > 0 && match.at[match.len - 1] == 'x';
}

static bool
never(struct slice match)
{
	(void)match;
	return false;
}

/* want: "first-end first-end ...". */
static const struct {
	const char *label;
	struct rule rule;
	const char *text, *want;
} cases[] = {
	/* clang-format off */
	{ "a match", { .id = "a", .pattern = "key=[0-9]+", .keywords = "key=" },
	    "my key=123;", "3-10" },
	{ "two", { .id = "a", .pattern = "key=[0-9]+", .keywords = "key=" },
	    "key=1 key=22", "0-5 6-12" },
	{ "a keyword alone", { .id = "a", .pattern = "key=[0-9]+",
	    .keywords = "key=" }, "key=x", "" },
	{ "any case", { .id = "a", .pattern = "key=[a-f]+", .keywords = "key=" },
	    "KEY=AbC", "0-7" },
	{ "case that counts", { .id = "a", .pattern = "AKIA[A-Z]+",
	    .keywords = "akia", .flags = RULE_CASE }, "akiaA AKIAB", "6-11" },
	{ "group 1 is what is reported", { .id = "a",
	    .pattern = "key=([0-9]+);", .keywords = "key=" },
	    "key=12;key=3;", "4-6 11-12" },
	{ "a group that took no part", { .id = "a",
	    .pattern = "key=(?:([0-9]+)|x)", .keywords = "key=" },
	    "key=x key=7", "0-5 10-11" },
	{ "more groups than are kept", { .id = "a",
	    .pattern = "(k)(e)(y)=", .keywords = "key=" }, "key=", "0-1" },
	{ "the start of the text", { .id = "a", .pattern = "^key",
	    .keywords = "key" }, "key key", "0-3" },
	{ "the start of a line", { .id = "a", .pattern = "^key$",
	    .keywords = "key", .flags = RULE_LINES }, "key\nkey\nxkey", "0-3 4-7" },
	{ "the end of the text", { .id = "a", .pattern = "key$",
	    .keywords = "key" }, "key key", "4-7" },
	{ "what is before the window", { .id = "a", .pattern = "\\bkey",
	    .keywords = "key", .before = 1 }, "monkey key", "7-10" },
	{ "a lookbehind out of the window", { .id = "a",
	    .pattern = "(?<=aaaa)key", .keywords = "key", .before = 1 },
	    "aaaakey baaakey", "4-7" },
	{ "a match begins before its keyword ends", { .id = "a",
	    .pattern = "[ek]+y?", .keywords = "key" }, "ee key eee", "0-2 3-6" },
	{ "a lookahead out of the window", { .id = "a",
	    .pattern = "key(?=.{9}!)", .keywords = "key", .behind = 1 },
	    "key123456789! key123456789?", "0-3" },
	{ "either keyword", { .id = "a", .pattern = "(?:cat|dog)s",
	    .keywords = "cat|dog" }, "dogs cats dog", "0-4 5-9" },
	{ "bytes that are no text", { .id = "a", .pattern = "key.\\xff",
	    .keywords = "key" }, "\xfe\x80key\xc0\xff", "2-7" },
	{ "verify says no", { .id = "a", .pattern = "key=[a-z]+",
	    .keywords = "key=", .verify = ends_in_x }, "key=ab key=abx", "7-14" },
	{ "verify sees group 1", { .id = "a", .pattern = "key=([a-z]+);",
	    .keywords = "key=", .verify = ends_in_x }, "key=abx;", "4-7" },
	{ "a match that is none hides no other", { .id = "a",
	    .pattern = "abc[a-z]{6}", .keywords = "abc", .verify = ends_in_x },
	    "abcabczzzzzx", "3-12" },
	{ "an empty match", { .id = "a", .pattern = "(?=key)",
	    .keywords = "key" }, "key key", "0-0 4-4" },
	{ "no keyword", { .id = "a", .pattern = "key|x", .keywords = "key" },
	    "xxxx", "" },
	/* clang-format on */
};

START_TEST(finds)
{
	struct hits hits = scan(&cases[_i].rule, slice_of(cases[_i].text));
	char got[200] = "";
	size_t len = 0;

	for (size_t i = 0; i < hits.n && i < HITS_MAX; i++)
		len +=
		    (size_t)snprintf(got + len, sizeof(got) - len, "%s%zu-%zu",
			i > 0 ? " " : "", hits.v[i].first, hits.v[i].end);
	ck_assert_uint_eq(hits.gave_up, 0);
	ck_assert_msg(strcmp(got, cases[_i].want) == 0, "%s: %s, not %s",
	    cases[_i].label, got, cases[_i].want);
}
END_TEST

/* A match wherever parts, blocks and regions are cut. */
START_TEST(anywhere)
{
	static const struct rule rule = {
		.id = "a", .pattern = "\\bkey=[a-z]{8}\\b", .keywords = "key="
	};
	static const size_t around[] = { 0, 250, 4096, 8192, 65536, 131072 };
	const size_t len = 140000;
	char *text = xmalloc(len);

	for (size_t i = 0; i < nitems(around); i++) {
		for (size_t k = 0; k < 24; k++) {
			size_t at = around[i] + k;
			struct hits hits;

			at = at > 12 ? at - 12 : at;
			/* Keywords all over, so that there is one region. */
			for (size_t j = 0; j < len; j++)
				text[j] = "key= "[j % 5];
			memset(text + at, ' ', 14);
			memcpy(text + at + 1, "key=abcdefgh", 12);
			hits = scan(&rule, (struct slice){ text, len });
			ck_assert_uint_eq(hits.n, 1);
			ck_assert_uint_eq(hits.v[0].first, at + 1);
			ck_assert_uint_eq(hits.v[0].end, at + 13);
		}
	}
	free(text);
}
END_TEST

/* A run of letters is seen to its end, far behind the window, before it is
   said that a digit does not follow. */
START_TEST(the_cut_is_not_seen)
{
	static const struct rule rules[] = {
		{ .id = "a",
		    .pattern = "key[a-z]++(?![0-9])",
		    .keywords = "key" },
		{ .id = "b", .pattern = "key[a-z]++$", .keywords = "key" },
		{ .id = "c", .pattern = "key[a-z]++\\b", .keywords = "key" },
		{ .id = "d", .pattern = "key[a-z]++\\z", .keywords = "key" },
	};
	const size_t len = 9000;
	char *text = xmalloc(len);

	for (size_t i = 0; i < nitems(rules); i++) {
		memset(text, ' ', len);
		memset(text + 100, 'a', 700);
		memcpy(text + 100, "key", 3);
		text[800] = '7';
		ck_assert_uint_eq(
		    scan(&rules[i], (struct slice){ text, len }).n, 0);
		text[800] = ' ';
		ck_assert_uint_eq(
		    scan(&rules[i], (struct slice){ text, len }).n,
		    i == 0 || i == 2);
	}
	free(text);
}
END_TEST

/* With the engine's own stack the first of them ends in an error. */
START_TEST(no_way_round)
{
	static const struct rule dots = {
		.id = "a", .pattern = "(?:\\.\\./){2,}", .keywords = "../../"
	};
	static const struct rule all = { .id = "a",
		.pattern = "(?:\\.\\./){2,}x",
		.keywords = "../../",
		.before = 65536,
		.behind = 65536 };
	static const struct rule blows_up = {
		.id = "a", .pattern = "key(?:a+)+$", .keywords = "key"
	};
	static const struct rule broken = {
		.id = "a", .pattern = "key(", .keywords = "key"
	};
	const size_t len = 65536;
	char *text = xmalloc(len);
	struct hits hits;

	for (size_t i = 0; i < len; i++)
		text[i] = "../"[i % 3];
	hits = scan(&dots, (struct slice){ text, len });
	ck_assert_uint_gt(hits.n, 0);
	ck_assert_uint_eq(hits.v[0].first, 0);
	text[len - 1] = 'x';
	hits = scan(&all, (struct slice){ text, len });
	ck_assert_uint_gt(hits.n, 0);

	hits = scan(&blows_up,
	    slice_of("key aaa keyaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));
	ck_assert_uint_eq(hits.n, 1);
	ck_assert(hits.v[0].gave_up);
	hits = scan(&broken, slice_of("a key"));
	ck_assert_uint_eq(hits.n, 1);
	ck_assert(hits.v[0].gave_up && hits.v[0].end == 5);
	ck_assert_uint_eq(scan(&broken, slice_of("none")).n, 0);
	free(text);
}
END_TEST

START_TEST(chooses_rules)
{
	static const struct rule rules[] = {
		{ .id = "b", .pattern = "key", .keywords = "key" },
		{ .id = "a",
		    .pattern = "key|lock",
		    .keywords = "key|lock",
		    .flags = RULE_OWN },
	};
	struct ruleset *rs = ruleset_new(rules, nitems(rules));
	struct hits hits = { .n = 0 };
	struct rule_hit first;

	ruleset_scan(rs, slice_of("lock key"), 0, 0, take, &hits);
	ck_assert_uint_eq(hits.n, 3);
	ck_assert_ptr_eq(hits.v[0].rule, &rules[0]);
	ck_assert_ptr_eq(hits.v[1].rule, &rules[1]);
	ck_assert(ruleset_first(
	    rs, slice_of("lock key"), RULE_OWN, RULE_OWN, &first));
	ck_assert(first.rule == &rules[1] && first.first == 0);
	ck_assert(ruleset_first(rs, slice_of("lock key"), RULE_OWN, 0, &first));
	ck_assert(first.rule == &rules[0] && first.first == 5);
	ck_assert(!ruleset_first(rs, slice_of("lock"), RULE_OWN, 0, &first));
	ck_assert(!ruleset_first(rs, (struct slice){ NULL, 0 }, 0, 0, &first));
	ruleset_free(rs);

	rs = ruleset_new(NULL, 0);
	ck_assert(!ruleset_first(rs, slice_of("lock key"), 0, 0, &first));
	ruleset_free(rs);
	ruleset_free(NULL);
}
END_TEST

/* A row of as many equal rules as it takes to be too much. */
static size_t
gave_up_of(size_t n, struct slice text)
{
	struct rule *rules = xcalloc(n, sizeof(*rules));
	struct hits hits = { .n = 0 };
	struct ruleset *rs;

	for (size_t i = 0; i < n; i++)
		rules[i] = (struct rule){
			.id = "a", .pattern = "key[0-9]", .keywords = "key"
		};
	rs = ruleset_new(rules, n);
	ruleset_scan(rs, text, 0, 0, take, &hits);
	ck_assert_uint_eq(hits.n, hits.gave_up);
	ruleset_free(rs);
	free(rules);
	return hits.gave_up;
}

START_TEST(effort_has_a_bound)
{
	const size_t len = 1U << 20;
	char *text = xmalloc(len);

	for (size_t i = 0; i < len; i++)
		text[i] = "key "[i % 4];
	ck_assert_uint_eq(gave_up_of(60, (struct slice){ text, len }), 0);
	ck_assert_uint_gt(gave_up_of(80, (struct slice){ text, len }), 0);
	/* A short text never meets it. */
	ck_assert_uint_eq(gave_up_of(400, (struct slice){ text, 2000 }), 0);
	free(text);
}
END_TEST

static const struct {
	struct rule rule;
	const char *text; /* again and again */
	size_t len;
} hostile[] = {
	/* clang-format off */
	/* Each keyword begins a match that never comes. */
	{ { .id = "a", .pattern = "key[^=]*=", .keywords = "key" },
	    "key", 1U << 18 },
	{ { .id = "a", .pattern = "key(?=.*=)", .keywords = "key" },
	    "key", 1U << 18 },
	{ { .id = "a", .pattern = "(?s)key.*?key.*?key=", .keywords = "key" },
	    "key  ", 1U << 14 },
	/* Matches without end that are none in truth. */
	{ { .id = "a", .pattern = "key[a-z]*", .keywords = "key",
	    .verify = never }, "key", 1U << 20 },
	{ { .id = "a", .pattern = "[keya]{30}", .keywords = "key",
	    .verify = never }, "keya", 1U << 18 },
	/* One keyword to a window: as many regions as can be. */
	{ { .id = "a", .pattern = "key[0-9]", .keywords = "key", .before = 1,
	    .behind = 1 }, "key.....", 1U << 20 },
	/* clang-format on */
};

START_TEST(linear)
{
	size_t len = hostile[_i].len, n = strlen(hostile[_i].text);
	char *text = xmalloc(len);
	clock_t from = clock();

	for (size_t i = 0; i < len; i++)
		text[i] = hostile[_i].text[i % n];
	(void)scan(&hostile[_i].rule, (struct slice){ text, len });
	ck_assert_int_lt((clock() - from) / CLOCKS_PER_SEC, 40);
	free(text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("ruleset");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, finds, 0, nitems(cases));
	tcase_add_test(tc, anywhere);
	tcase_add_test(tc, the_cut_is_not_seen);
	tcase_add_test(tc, no_way_round);
	tcase_add_test(tc, chooses_rules);
	tcase_add_test(tc, effort_has_a_bound);
	tcase_add_loop_test(tc, linear, 0, nitems(hostile));
	return unit_run(tc, "ruleset");
}
