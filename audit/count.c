/*
 * Counts rows for stats.
 */
#include "audit/count.h"

#include "proxy/base/array.h"
#include "proxy/base/error.h"

/* Rows of the proxy's own doings are no messages. */
#define MESSAGES                                                               \
	" FROM event WHERE kind NOT IN ('session', 'journal', 'pin') AND at_us >= ?1"
#define COUNTS                                                                 \
	", count(*), sum(decision IN ('block', 'drop')),"                      \
	" sum(decision = 'redact'), sum(decision = 'flag'),"                   \
	" sum(decision GLOB 'would-*')" MESSAGES
#define MOST_FIRST " GROUP BY 1 ORDER BY 2 DESC, 1"

static const struct {
	const char *name, *sql;
} groups[COUNT_COUNT] = {
	[COUNT_ALL] = { "all", "SELECT ''" COUNTS },
	[COUNT_DECISION] = { "decision", "SELECT decision" COUNTS MOST_FIRST },
	[COUNT_SERVER] = { "server", "SELECT server" COUNTS MOST_FIRST },
	[COUNT_TOOL] = { "tool",
	    "SELECT tool" COUNTS " AND tool <> ''" MOST_FIRST },
	[COUNT_STAGE] = { "stage",
	    "SELECT stage" COUNTS " AND stage <> ''" MOST_FIRST },
	[COUNT_RULE] = { "rule",
	    "SELECT stage || '/' || rule" COUNTS " AND rule <> ''" MOST_FIRST },
};

const char *
count_name(enum count_by by)
{
	return groups[by].name;
}

static int
begin(struct reader *r, const char *sql, int64_t since_us, struct error *err)
{
	sqlite3_finalize(r->st);
	r->st = store_prepare(&r->store, sql, err);
	if (r->st == NULL)
		return -1;
	if (sqlite3_bind_int64(
		r->st, 1, since_us != 0 ? since_us : INT64_MIN) != SQLITE_OK)
		return store_error(&r->store, err);
	return 0;
}

int
count_begin(
    struct reader *r, enum count_by by, int64_t since_us, struct error *err)
{
	return begin(r, groups[by].sql, since_us, err);
}

int
count_next(struct reader *r, struct count *ret, struct error *err)
{
	uint64_t *const into[] = { &ret->messages, &ret->blocked,
		&ret->redacted, &ret->flagged, &ret->would };
	int rc = sqlite3_step(r->st);

	if (rc == SQLITE_DONE)
		return 0;
	if (rc != SQLITE_ROW)
		return store_error(&r->store, err);
	ret->name.at = sqlite3_column_blob(r->st, 0);
	ret->name.len = (size_t)sqlite3_column_bytes(r->st, 0);
	for (size_t i = 0; i < nitems(into); i++)
		*into[i] = (uint64_t)sqlite3_column_int64(r->st, (int)i + 1);
	return 1;
}

/* Is this the group that the p-th percent of all falls into? */
static void
percentile(uint64_t *ret, uint64_t p, uint64_t below, uint64_t here,
    uint64_t all, uint64_t value)
{
	uint64_t rank = (all * p + 99) / 100; /* from 1 */

	if (below < rank && rank <= below + here)
		*ret = value;
}

int
count_latency(struct reader *r, int64_t since_us, uint64_t messages,
    struct latency *ret, struct error *err)
{
	uint64_t below = 0;
	int rc;

	*ret = (struct latency){ 0 };
	if (begin(r,
		"SELECT judged_us, count(*)" MESSAGES " GROUP BY 1 ORDER BY 1",
		since_us, err) == -1)
		return -1;
	while ((rc = sqlite3_step(r->st)) == SQLITE_ROW) {
		uint64_t value = (uint64_t)sqlite3_column_int64(r->st, 0);
		uint64_t here = (uint64_t)sqlite3_column_int64(r->st, 1);

		percentile(&ret->p50, 50, below, here, messages, value);
		percentile(&ret->p90, 90, below, here, messages, value);
		percentile(&ret->p99, 99, below, here, messages, value);
		below += here;
		ret->max = value;
	}
	return rc == SQLITE_DONE ? 0 : store_error(&r->store, err);
}
