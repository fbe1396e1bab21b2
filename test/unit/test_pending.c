/*
 * Requests in flight: what counts as one id, what makes way, and that nothing
 * a peer chooses makes it slow.
 */
#include <stdio.h>
#include <time.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"
#include "proxy/pending.h"
#include "test/unit/unit.h"

/* Entries kept though nobody waits for them, as pending.c has it. */
#define IDLE_MAX 1024U

static struct pending table;

static void
begin(void)
{
	pending_init(&table);
}

static void
end(void)
{
	pending_release(&table);
}

/* Adds a request by the texts of its id and of its token, or NULL. */
static enum pending_fault
add(const char *id, const char *token, struct pending_entry **ret)
{
	static const struct json_limits limits = { 1 << 20, 64, 64, true };
	char *line = xasprintf("{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":"
			       "\"x\",\"params\":{%s%s%s}}",
	    id, token != NULL ? "\"_meta\":{\"progressToken\":" : "",
	    token != NULL ? token : "", token != NULL ? "}" : "");
	enum pending_fault fault;
	struct error err = { "" };
	struct json doc;
	struct msg msg;

	json_init(&doc);
	ck_assert_int_eq(json_read(&doc, slice_of(line), &limits, &err), 0);
	ck_assert_msg(msg_parse(&msg, DIR_SERVER, &doc, JSON_ROOT, &err) == 0,
	    "%s", err.msg);
	fault = pending_add(&table, &msg, ret);
	msg_release(&msg);
	json_release(&doc);
	free(line);
	return fault;
}

static struct pending_entry *
must_add(const char *id, const char *token)
{
	struct pending_entry *e = NULL;

	ck_assert_int_eq(add(id, token, &e), PENDING_OK);
	ck_assert_ptr_nonnull(e);
	return e;
}

static struct pending_entry *
find(const char *text, bool token)
{
	static const struct json_limits limits = { 1 << 20, 64, 64, true };
	struct pending_entry *e;
	struct json doc;

	json_init(&doc);
	ck_assert_int_eq(json_read(&doc, slice_of(text), &limits, NULL), 0);
	e = token ? pending_token(&table, &doc, JSON_ROOT)
		  : pending_find(&table, &doc, JSON_ROOT);
	if (!token)
		ck_assert_ptr_eq(pending_find_raw(&table, slice_of(text)), e);
	json_release(&doc);
	return e;
}

static const struct {
	const char *a, *b;
	bool same;
} ids[] = {
	{ "7", "7", true },
	{ "7", "\"7\"", false },
	{ "7", "7.0", false },
	{ "7", "70e-1", false },
	{ "0", "-0", false },
	{ "0", "\"\"", false },
	{ "\"\"", "\"\"", true },
	{ "\"a\"", "\"A\"", false },
	{ "\"a\"", "\"\\u0061\"", true },
	{ "\"/\"", "\"\\/\"", true },
	{ "\"\xc3\xa9\"", "\"\\u00e9\"", true },
	{ "\"\xc3\xa9\"", "\"e\xcc\x81\"", false },
	{ "\"\xf0\x9f\x98\x80\"", "\"\\ud83d\\ude00\"", true },
	{ "\"a\\u0000b\"", "\"a\\u0000c\"", false },
	{ "\"n7\"", "7", false },
	{ "123456789012345678901234567890", "123456789012345678901234567891",
	    false },
};

START_TEST(compares_ids)
{
	struct pending_entry *e = must_add(ids[_i].a, ids[_i].a), *other;
	bool same = ids[_i].same;

	ck_assert_ptr_eq(find(ids[_i].a, false), e);
	ck_assert_ptr_eq(find(ids[_i].a, true), e);
	ck_assert_msg((find(ids[_i].b, false) == e) == same, "id %s and %s",
	    ids[_i].a, ids[_i].b);
	ck_assert_msg((find(ids[_i].b, true) == e) == same, "token %s and %s",
	    ids[_i].a, ids[_i].b);
	ck_assert_int_eq(
	    add(ids[_i].b, NULL, &other), same ? PENDING_TWICE : PENDING_OK);
	/* As it was sent: an answer of ours repeats these bytes. */
	ck_assert(slice_is((struct slice){ e->id, e->id_len }, ids[_i].a));
	ck_assert_uint_eq(table.n, same ? 1 : 2);
}
END_TEST

START_TEST(finds_nothing)
{
	ck_assert_ptr_null(find("1", false));
	(void)must_add("1", NULL);
	ck_assert_ptr_null(find("null", false));
	ck_assert_ptr_null(find("true", false));
	ck_assert_ptr_null(find("[1]", false));
	ck_assert_ptr_null(find("1", true));
	ck_assert_ptr_null(pending_find_raw(&table, slice_of("")));
	ck_assert_ptr_null(pending_find_raw(&table, slice_of("1 1")));
	ck_assert_ptr_null(pending_find(&table, NULL, JSON_NONE));
	ck_assert_ptr_null(pending_token(&table, NULL, JSON_NONE));
}
END_TEST

START_TEST(removes)
{
	static const char *const texts[] = { "1", "2", "3" };

	/* Any of three that share a token, at either end or in the middle. */
	for (size_t i = 0; i < nitems(texts); i++)
		(void)must_add(texts[i], "\"t\"");
	pending_remove(find(texts[_i], false));
	for (size_t i = 0; i < nitems(texts); i++)
		ck_assert_int_eq(
		    find(texts[i], false) != NULL, i != (size_t)_i);
	ck_assert_ptr_nonnull(find("\"t\"", true));
	ck_assert_uint_eq(table.n, 2);
	while (table.oldest != NULL)
		pending_remove(table.oldest);
	ck_assert_ptr_null(find("\"t\"", true));
	ck_assert_ptr_null(table.newest);
	ck_assert_uint_eq(table.n, 0);
	ck_assert_uint_eq(table.nidle, 0);
}
END_TEST

START_TEST(cancels)
{
	struct pending_entry *e = must_add("1", "5"), *again;

	pending_cancel(e);
	pending_cancel(e);
	ck_assert_uint_eq(table.nidle, 1);
	/* Its answer may be on its way; its progress is of no use. */
	ck_assert_ptr_eq(find("1", false), e);
	ck_assert_ptr_null(find("5", true));
	again = must_add("1", "6");
	ck_assert_uint_eq(table.n, 1);
	ck_assert_uint_eq(table.nidle, 0);
	ck_assert_ptr_eq(find("1", false), again);
	pending_cancel(again);
	pending_remove(again);
	ck_assert_uint_eq(table.nidle, 0);
}
END_TEST

START_TEST(shares_a_token)
{
	struct pending_entry *a = must_add("1", "5");
	struct pending_entry *b = must_add("2", "5");

	pending_cancel(_i == 0 ? a : b);
	ck_assert_ptr_eq(find("5", true), _i == 0 ? b : a);
	pending_remove(_i == 0 ? b : a);
	ck_assert_ptr_null(find("5", true));
}
END_TEST

START_TEST(lingers)
{
	struct pending_entry *e = must_add("1", "5");

	pending_linger(e);
	pending_linger(e);
	ck_assert_uint_eq(table.nidle, 1);
	ck_assert_ptr_null(find("1", false));
	ck_assert_ptr_eq(find("5", true), e);
	(void)must_add("1", NULL);
	ck_assert_ptr_null(find("5", true));
	pending_linger(must_add("2", NULL)); /* nothing is left to wait for */
	ck_assert_uint_eq(table.n, 1);
	ck_assert_uint_eq(table.nidle, 0);
}
END_TEST

static double
seconds(void)
{
	struct timespec ts;

	ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts), 0);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Up to the bound, and nothing is forgotten on the way or behind it. */
START_TEST(fills)
{
	struct pending_entry *e;
	char id[32];

	for (unsigned i = 0; i < LIMIT_PENDING; i++) {
		(void)snprintf(id, sizeof(id), "%u", i);
		(void)must_add(id, id);
	}
	ck_assert_int_eq(add("\"one more\"", NULL, &e), PENDING_FULL);
	ck_assert_uint_ge(2 * table.nslots, table.n);
	for (unsigned i = 0; i < LIMIT_PENDING; i++) {
		(void)snprintf(id, sizeof(id), "%u", i);
		ck_assert_ptr_nonnull(e = find(id, false));
		ck_assert_ptr_eq(find(id, true), e);
	}
	/* One that is cancelled gives its place to the same id alone. */
	pending_cancel(find("9", false));
	(void)must_add("9", NULL);
	ck_assert_int_eq(add("\"one more\"", NULL, &e), PENDING_FULL);
	pending_remove(find("9", false));
	(void)must_add("\"one more\"", NULL);
}
END_TEST

/* Of a hundred thousand that nobody waits for few stay, the newest. */
START_TEST(forgets_idle)
{
	struct pending_entry *waiting = must_add("\"w\"", NULL);
	double begun = seconds();
	char id[32];

	for (unsigned i = 0; i < 100000; i++) {
		struct pending_entry *e;

		(void)snprintf(id, sizeof(id), "%u", i);
		e = must_add(id, id);
		if (i % 2 == 0)
			pending_cancel(e);
		else
			pending_linger(e);
		ck_assert_uint_le(table.nidle, IDLE_MAX + 1);
	}
	ck_assert_uint_le(table.n, IDLE_MAX + 2);
	ck_assert_uint_le(table.nslots, 4 * IDLE_MAX);
	ck_assert_ptr_nonnull(find(id, true));
	ck_assert_ptr_null(find("1", true));
	ck_assert_ptr_eq(find("\"w\"", false), waiting);
	ck_assert_double_lt(seconds() - begun, 60);
}
END_TEST

/* Whoever does not know the seed cannot fill one chain. */
START_TEST(spreads)
{
	size_t longest = 0;
	char id[32];

	for (unsigned i = 0; i < 32768; i++) {
		(void)snprintf(id, sizeof(id), "%u", i * 65536);
		(void)must_add(id, NULL);
	}
	for (size_t i = 0; i < table.nslots; i++) {
		size_t n = 0;

		for (struct pending_entry *e = table.ids[i]; e != NULL;
		     e = e->by_id)
			n++;
		longest = n > longest ? n : longest;
	}
	ck_assert_uint_le(longest, 24);
}
END_TEST

/* Two tables have two seeds. */
START_TEST(seeds)
{
	struct pending other;

	pending_init(&other);
	ck_assert(other.seed != table.seed);
	pending_release(&other);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pending");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, compares_ids, 0, (int)nitems(ids));
	tcase_add_test(tc, finds_nothing);
	tcase_add_loop_test(tc, removes, 0, 3);
	tcase_add_test(tc, cancels);
	tcase_add_loop_test(tc, shares_a_token, 0, 2);
	tcase_add_test(tc, lingers);
	tcase_add_test(tc, fills);
	tcase_add_test(tc, forgets_idle);
	tcase_add_test(tc, spreads);
	tcase_add_test(tc, seeds);
	return unit_run(tc, "pending");
}
