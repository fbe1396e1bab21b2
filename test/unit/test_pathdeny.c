/*
 * The list of what is denied, made ready: it finds what its entries cover, one
 * by one; and it follows the policy.
 */
#include "policy/pathdeny.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "policy/pathglob.h"
#include "policy/pathscan.h"
#include "policy/policy.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

static struct policy *
load(const char *yaml)
{
	struct error err = { "" };
	struct policy *p = NULL;

	ck_assert_msg(policy_load_text("test", "test.yaml", yaml, strlen(yaml),
			  &p, &err) == 0,
	    "%s", err.msg);
	return p;
}

static long
find_slowly(const struct policy_list *list, const struct pathname *pn)
{
	for (size_t i = 0; i < list->n; i++)
		if (pathglob_covers(list->v[i].text, pn))
			return (long)i;
	return -1;
}

/* 1 if it is denied, 0 if not, -1 if text is too long for a path. */
static int
compare(const struct policy_list *list, struct pathdeny *pd, const char *text)
{
	struct pathname pn;
	long want;

	if (pathname_read(&pn, slice_of(text), PATHNAME_LENIENT) != 1)
		return -1;
	want = find_slowly(list, &pn);
	ck_assert_msg(pathdeny_find(pd, &pn) == want, "'%s': not %ld but %ld",
	    text, want, pathdeny_find(pd, &pn));
	return want >= 0;
}

/* Every entry becomes paths: something before it and behind it, something in
   place of its stars, and its letters as Windows has them. */
static const struct {
	const char *before, *behind, *star;
	bool windows, capitals;
} shapes[] = {
	{ "", "", "x1", false, false },
	{ "", "/x", "", false, false },
	{ "", "x", "3", false, false },
	{ "/home/me", "", "*", false, false },
	{ "/home/me", "", "?", false, false },
	{ "/a/.config/.ssh/etc/proc/dev", "/b", "z", false, false },
	{ "..", "", "x", false, false },
	{ "a/b", ".pub", "key", false, false },
	{ "C:/Users/Me", "", "x", true, true },
	{ "C:", "~1/x", "x", true, false },
	{ "/home/me", "", "x", false, true },
};

static void
put(char **w, const char *text)
{
	size_t len = strlen(text);

	memcpy(*w, text, len);
	*w += len;
}

static void
make(char out[512], const char *entry, size_t shape)
{
	char *w = out;

	put(&w, shapes[shape].before);
	for (const char *p = entry; *p != '\0'; p++) {
		if (p == entry && strncmp(p, "**", 2) == 0)
			p++;
		else if (*p == '*')
			put(&w, shapes[shape].star);
		else
			*w++ = *p;
	}
	put(&w, shapes[shape].behind);
	*w = '\0';
	for (w = out; *w != '\0'; w++) {
		if (shapes[shape].windows && *w == '/')
			*w = '\\';
		if (shapes[shape].capitals && *w >= 'a' && *w <= 'z')
			*w = (char)(*w - 'a' + 'A');
	}
}

START_TEST(finds_what_its_entries_cover)
{
	struct policy *p = load("version: 1\nextends: default\n");
	const struct policy_list *list = &p->paths.deny;
	struct pathdeny *pd = pathdeny_new(list);
	int denied = 0, other = 0;

	ck_assert_uint_gt(list->n, 200);
	for (size_t i = 0; i < list->n; i++)
		for (size_t k = 0; k < nitems(shapes); k++) {
			char text[512];
			int got;

			ck_assert_uint_lt(strlen(list->v[i].text), 128);
			make(text, list->v[i].text, k);
			got = compare(list, pd, text);
			denied += got == 1;
			other += got == 0;
		}
	/* Else the comparison would say nothing. */
	ck_assert_int_gt(denied, 1000);
	ck_assert_int_gt(other, 500);
	pathdeny_free(pd);
	policy_free(p);
}
END_TEST

static const char *const entries[] = { "/", "/*", "/a/b", "/a/*/c", "**/x*",
	"**/*x", "**/*", "**/b/[a-c]", "/a/**/z", "/[a", "**/.ssh/**", "**/]" };

static const char *const paths[] = { "/", "/a", "/a/b", "/a/b/c", "/a/q/c", "x",
	"xy", "yx", "b/a", "b/d", "/b/c", "/a/1/2/z", "/[a", "/]", "a/]",
	"/.ssh", "/.ssh/x", "/A/B", "\\A\\B", "C:\\A~1\\B", "/a/*", "../a/b",
	"/b/?", ".", "" };

/* Entries of every shape, in lists of two, in either order. */
START_TEST(takes_entries_of_every_shape)
{
	for (size_t i = 0; i < nitems(entries); i++)
		for (size_t k = 0; k < nitems(entries); k++) {
			struct policy_text v[2] = {
				{ .text = xstrdup(entries[i]) },
				{ .text = xstrdup(entries[k]) },
			};
			struct policy_list list = { .v = v, .n = nitems(v) };
			struct pathdeny *pd = pathdeny_new(&list);

			for (size_t j = 0; j < nitems(paths); j++)
				(void)compare(&list, pd, paths[j]);
			pathdeny_free(pd);
			free(v[0].text);
			free(v[1].text);
		}
}
END_TEST

START_TEST(an_empty_list_denies_nothing)
{
	struct policy_list none = { .v = NULL };
	struct pathdeny *pd = pathdeny_new(&none);

	for (size_t i = 0; i < nitems(paths); i++)
		ck_assert_int_ne(compare(&none, pd, paths[i]), 1);
	pathdeny_free(pd);
	pathdeny_free(NULL);
}
END_TEST

/* "/etc/etc/etc...": a name that many entries ask for, as often as it fits. */
START_TEST(a_name_again_and_again_costs_once)
{
	struct policy *p = load("version: 1\nextends: default\n");
	struct pathdeny *pd = pathdeny_new(&p->paths.deny);
	struct pathname pn;
	char text[4001];
	clock_t start;

	for (size_t i = 0; i < 4000; i++)
		text[i] = "/dev"[i % 4];
	text[4000] = '\0';
	ck_assert_int_eq(
	    pathname_read(&pn, slice_of(text), PATHNAME_LENIENT), 1);
	ck_assert_uint_eq(pn.names, 1000);
	start = clock();
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(pathdeny_find(pd, &pn), -1);
	/* Measured: 5 ms; if each name were looked at anew, 470. */
	ck_assert_msg(clock() - start < CLOCKS_PER_SEC / 3, "too slow");
	pathdeny_free(pd);
	policy_free(p);
}
END_TEST

#define DENIES(path) "version: 1\narguments: {paths: {deny: [" path "]}}\n"

static bool
denied(struct pathscan *ps, const struct policy *p)
{
	ck_assert_int_eq(
	    pathname_read(&ps->pn, slice_of("/a/b"), PATHNAME_LENIENT), 1);
	return pathdeny_find(pathscan_denied(ps, p), &ps->pn) >= 0;
}

START_TEST(follows_the_policy)
{
	static const struct {
		const char *yaml;
		bool want;
	} turns[] = { { DENIES("/a/b"), true }, { DENIES("/a/b"), true },
		{ DENIES("/a/c"), false }, { DENIES("/a/c, /a/b"), true },
		{ "version: 1\n", false } };
	struct pathscan *ps = pathscan_new();

	for (size_t i = 0; i < nitems(turns); i++) {
		struct policy *p = load(turns[i].yaml);

		ck_assert_int_eq(denied(ps, p), turns[i].want);
		ck_assert_int_eq(denied(ps, p), turns[i].want);
		policy_free(p);
	}
	pathscan_free(ps);
	pathscan_free(NULL);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pathdeny");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, finds_what_its_entries_cover);
	tcase_add_test(tc, takes_entries_of_every_shape);
	tcase_add_test(tc, an_empty_list_denies_nothing);
	tcase_add_test(tc, a_name_again_and_again_costs_once);
	tcase_add_test(tc, follows_the_policy);
	return unit_run(tc, "pathdeny");
}
