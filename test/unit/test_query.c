/*
 * Reading: times, names of events, filters, counts.
 */
#include "audit/count.h"
#include "audit/query.h"
#include "proxy/base/array.h"
#include "test/unit/scratch.h"

/* 2026-01-02T03:04:05Z */
#define NOW INT64_C(1767323045000000)

static const struct {
	const char *text;
	int64_t want; /* seconds since the epoch; -1: refused */
} times[] = {
	{ "2026-01-02", 1767312000 },
	{ "2026-01-02T03:04:05Z", 1767323045 },
	{ "2026-01-02T03:04:05", 1767323045 },
	{ "2026-01-02 03:04", 1767323040 },
	{ "2026-01-02T03:04:05.678Z", 1767323045 },
	{ "2026-01-02T03:04:05+01:00", 1767319445 },
	{ "2026-01-01T22:04:05-05:00", 1767323045 },
	{ "2024-02-29", 1709164800 },
	{ "45s", 1767323000 },
	{ "10m", 1767322445 },
	{ "2h", 1767315845 },
	{ "7d", 1766718245 },
	{ "1w", 1766718245 },
	{ "", -1 },
	{ "yesterday", -1 },
	{ "10", -1 },
	{ "m", -1 },
	{ "-5m", -1 },
	{ " 5m", -1 },
	{ "5mm", -1 },
	{ "99999999999999999999d", -1 },
	{ "9223372036854775807w", -1 },
	{ "2026-13-01", -1 },
	{ "2026-02-30", -1 },
	{ "2026-01-02T25:00:00Z", -1 },
	{ "2026-01-02T03:04:05Y", -1 },
	{ "2026-01-02T03:04:05+1", -1 },
	{ "2026-01-02T03:04:05+99:00", -1 },
};

START_TEST(since)
{
	int64_t got = -1;
	int rc = query_since(times[_i].text, NOW, &got, &scratch_err);

	ck_assert_msg(rc == (times[_i].want == -1 ? -1 : 0), "'%s': %d",
	    times[_i].text, rc);
	if (rc == 0)
		ck_assert_msg(got == times[_i].want * 1000000, "'%s': %lld",
		    times[_i].text, (long long)got);
}
END_TEST

static const struct {
	const char *text, *session;
	uint64_t seq, event;
	int rc;
} events[] = {
	{ "5f3a9c2e-17", "5f3a9c2e", 17, 0, 0 },
	{ "12", NULL, 0, 12, 0 },
	{ "12345678", NULL, 0, 12345678, 0 },
	{ "12345678-1", "12345678", 1, 0, 0 },
	{ "0", NULL, 0, 0, -1 },
	{ "", NULL, 0, 0, -1 },
	{ "-1", NULL, 0, 0, -1 },
	{ "5f3a9c2e", NULL, 0, 0, -1 },
	{ "5f3a9c2e-", NULL, 0, 0, -1 },
	{ "5f3a9c2e-0", NULL, 0, 0, -1 },
	{ "5F3A9C2E-1", NULL, 0, 0, -1 },
	{ "5f3a9c2-1", NULL, 0, 0, -1 },
	{ "5f3a9c2e-1x", NULL, 0, 0, -1 },
	{ "99999999999999999999", NULL, 0, 0, -1 },
};

START_TEST(event_names)
{
	struct query q = { .event = 0 };

	ck_assert_msg(
	    query_event(events[_i].text, &q, &scratch_err) == events[_i].rc,
	    "'%s'", events[_i].text);
	if (events[_i].rc == -1)
		return;
	ck_assert_pstr_eq(q.session, events[_i].session);
	ck_assert_uint_eq(q.seq, events[_i].seq);
	ck_assert_uint_eq(q.event, events[_i].event);
}
END_TEST

/* Ten rows: two tools, one block, one flag, and the session's own two. */
static void
fill(void)
{
	static const struct {
		const char *tool, *decision, *kind;
	} rows[] = {
		{ "", "start", "session" },
		{ "read", "allow", "request" },
		{ "read", "allow", "result" },
		{ "write", "block", "request" },
		{ "read", "flag", "request" },
		{ "' OR 1=1 --", "allow", "request" },
		{ "write", "would-block", "request" },
		{ "read", "redact", "result" },
		{ "", "drop", "notification" },
		{ "", "end", "session" },
	};
	struct journal *j = scratch_journal();

	for (size_t i = 0; i < nitems(rows); i++) {
		struct audit_record rec =
		    scratch_record(rows[i].tool, rows[i].decision);

		rec.kind = slice_of(rows[i].kind);
		rec.when_us = NOW + (int64_t)i * 1000000;
		rec.judged_us = 10 * (uint32_t)i;
		ck_assert_int_eq(journal_append(j, &rec, &scratch_err), 0);
	}
	journal_close(j);
	(void)scratch_fold();
}

static const struct {
	const char *label;
	struct query q;
	uint64_t first, n; /* row, count */
} queries[] = {
	{ "all", { .event = 0 }, 1, 10 },
	{ "newest three", { .newest = 3 }, 8, 3 },
	{ "by tool", { .tool = "read" }, 2, 4 },
	{ "newest by tool", { .tool = "read", .newest = 1 }, 8, 1 },
	{ "by decision", { .decision = "block" }, 4, 1 },
	{ "by server", { .server = "files" }, 1, 10 },
	{ "no such server", { .server = "file" }, 0, 0 },
	{ "by stage", { .stage = "path", .tool = "write" }, 4, 2 },
	{ "a quote is a name", { .tool = "' OR 1=1 --" }, 6, 1 },
	{ "a quote is no SQL", { .tool = "' OR '1'='1" }, 0, 0 },
	{ "since", { .since_us = NOW + 5000000 }, 6, 5 },
	{ "behind", { .after = 8 }, 9, 2 },
	{ "a row", { .event = 4 }, 4, 1 },
	{ "a number", { .seq = 4 }, 4, 1 },
	{ "findings", { .findings = true }, 4, 5 },
	{ "both", { .decision = "allow", .tool = "write" }, 0, 0 },
};

START_TEST(filters)
{
	struct reader r;
	struct store_row row;
	uint64_t n = 0, before = 0;
	int rc;

	fill();
	ck_assert_int_eq(reader_open(&r, scratch_db, 1000, &scratch_err), 0);
	ck_assert_int_eq(reader_begin(&r, &queries[_i].q, &scratch_err), 0);
	while ((rc = reader_next(&r, &row, &scratch_err)) == 1) {
		if (n++ == 0)
			ck_assert_msg(row.event == queries[_i].first, "%s",
			    queries[_i].label);
		ck_assert_uint_gt(row.event, before);
		before = row.event;
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_msg(n == queries[_i].n, "%s: %llu", queries[_i].label,
	    (unsigned long long)n);
	reader_close(&r);
}
END_TEST

START_TEST(counting)
{
	struct reader r;
	struct count c;
	struct latency lat;

	fill();
	ck_assert_int_eq(reader_open(&r, scratch_db, 1000, &scratch_err), 0);
	ck_assert_int_eq(count_begin(&r, COUNT_ALL, 0, &scratch_err), 0);
	ck_assert_int_eq(count_next(&r, &c, &scratch_err), 1);
	ck_assert_uint_eq(c.messages, 8);
	ck_assert_uint_eq(c.blocked, 2);
	ck_assert_uint_eq(c.redacted, 1);
	ck_assert_uint_eq(c.flagged, 1);
	ck_assert_uint_eq(c.would, 1);
	ck_assert_int_eq(
	    count_latency(&r, 0, c.messages, &lat, &scratch_err), 0);
	ck_assert_uint_eq(lat.p50, 40); /* of 10, 20 to 80 */
	ck_assert_uint_eq(lat.p90, 80);
	ck_assert_uint_eq(lat.p99, 80);
	ck_assert_uint_eq(lat.max, 80);
	ck_assert_int_eq(count_begin(&r, COUNT_TOOL, 0, &scratch_err), 0);
	ck_assert_int_eq(count_next(&r, &c, &scratch_err), 1);
	ck_assert(slice_is(c.name, "read"));
	ck_assert_uint_eq(c.messages, 4);
	ck_assert_int_eq(count_next(&r, &c, &scratch_err), 1);
	ck_assert(slice_is(c.name, "write"));
	ck_assert_uint_eq(c.blocked, 1);
	ck_assert_int_eq(
	    count_begin(&r, COUNT_RULE, NOW + 6000000, &scratch_err), 0);
	ck_assert_int_eq(count_next(&r, &c, &scratch_err), 1);
	ck_assert(slice_is(c.name, "path/roots"));
	ck_assert_uint_eq(c.messages, 3);
	ck_assert_int_eq(count_next(&r, &c, &scratch_err), 0);
	/* Nothing to count is no trouble. */
	ck_assert_int_eq(
	    count_begin(&r, COUNT_ALL, INT64_MAX, &scratch_err), 0);
	ck_assert_int_eq(count_next(&r, &c, &scratch_err), 1);
	ck_assert_uint_eq(c.messages, 0);
	ck_assert_int_eq(
	    count_latency(&r, INT64_MAX, 0, &lat, &scratch_err), 0);
	reader_close(&r);
}
END_TEST

START_TEST(existence)
{
	struct journal *j;

	ck_assert_int_eq(query_exists(scratch_db, &scratch_err), 0);
	j = scratch_journal();
	ck_assert_int_eq(query_exists(scratch_db, &scratch_err), 1);
	journal_close(j);
	(void)scratch_fold();
	ck_assert_int_eq(query_exists(scratch_db, &scratch_err), 1);
	ck_assert_int_eq(query_exists("/dev/null/x", &scratch_err), -1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("query");

	tcase_add_loop_test(tc, since, 0, (int)nitems(times));
	tcase_add_loop_test(tc, event_names, 0, (int)nitems(events));
	tcase_add_loop_test(tc, filters, 0, (int)nitems(queries));
	tcase_add_test(tc, counting);
	tcase_add_test(tc, existence);
	return scratch_run(tc, "query");
}
