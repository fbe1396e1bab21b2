/*
 * From measurements to the table of numbers.  Rounds of two legs are compared
 * pair by pair, since they ran one after the other and what the machine did
 * meanwhile reached both; what is shown is the median of the pairs, with the
 * least and the greatest.
 */
#include "test/bench/lib/report.h"

#include <stdlib.h>
#include <string.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

enum how { /* what a row makes of a number */
	OF_PROXY, /* as it is */
	PER_PUMP, /* proxy divided by pump */
	PUMP_PER, /* pump divided by proxy: the rate where the number is time */
	OVER_BARE, /* proxy less bare */
	FRAMES, /* peak memory over that of small frames, in frames */
	GROWTH, /* memory at the end over that after a tenth */
	LOST, /* calls without an answer in its turn */
};

enum goal { INFO, AT_MOST, AT_LEAST };

static const char *const how_unit[] = {
	[OF_PROXY] = "",
	[PER_PUMP] = " x",
	[PUMP_PER] = " x",
	[OVER_BARE] = " ms",
	[FRAMES] = " x",
	[GROWTH] = " KiB",
	[LOST] = "",
};

static const struct row {
	const char *what, *work, *key;
	enum how how;
	double scale; /* of the two columns "proxy" and "beside" */
	const char *unit; /* of the same */
	enum goal goal;
	double reach;
} rows[] = {
	/* clang-format off */
{ "round trip of a 200-byte call, p50", "round", "p50_us", PER_PUMP, 1, "us", AT_MOST, 2 },
{ "  the same, p99", "round", "p99_us", PER_PUMP, 1, "us", INFO, 0 },
{ "64 calls in flight, calls a second", "flight", "rate", PER_PUMP, 1e-3, "k/s", AT_LEAST, 0.5 },
{ "  the same, until the proxy has exited", "flight", "total_ms", PUMP_PER, 1, "ms", INFO, 0 },
{ "  processor time of all but the client", "flight", "cpu_ms", PER_PUMP, 1, "ms", INFO, 0 },
{ "1 MB text results, MB/s", "text-1", "mb_s", OF_PROXY, 1, "MB/s", AT_LEAST, 250 },
{ "  the same, to the pump's", "text-1", "mb_s", PER_PUMP, 1, "MB/s", INFO, 0 },
{ "  memory, in frames", "text-1", "hwm_kb", FRAMES, 1. / 1024, "MiB", AT_MOST, 3 },
{ "16 MB text results, MB/s", "text-16", "mb_s", OF_PROXY, 1, "MB/s", AT_LEAST, 250 },
{ "  the same, to the pump's", "text-16", "mb_s", PER_PUMP, 1, "MB/s", INFO, 0 },
{ "  memory, in frames", "text-16", "hwm_kb", FRAMES, 1. / 1024, "MiB", AT_MOST, 3 },
{ "1 MB structured results, MB/s", "rows-1", "mb_s", OF_PROXY, 1, "MB/s", AT_LEAST, 150 },
{ "  the same, to the pump's", "rows-1", "mb_s", PER_PUMP, 1, "MB/s", INFO, 0 },
{ "  memory, in frames", "rows-1", "hwm_kb", FRAMES, 1. / 1024, "MiB", AT_MOST, 6 },
{ "16 MB structured results, MB/s", "rows-16", "mb_s", OF_PROXY, 1, "MB/s", AT_LEAST, 150 },
{ "  the same, to the pump's", "rows-16", "mb_s", PER_PUMP, 1, "MB/s", INFO, 0 },
{ "  memory, in frames", "rows-16", "hwm_kb", FRAMES, 1. / 1024, "MiB", AT_MOST, 6 },
{ "start to first answer, echo server", "start", "start_ms", OVER_BARE, 1, "ms", AT_MOST, 5 },
{ "start to first answer, filesystem server", "start-fs", "start_ms", OVER_BARE, 1, "ms", AT_MOST, 5 },
{ "resident memory, small frames, MiB", "round", "rss_kb", OF_PROXY, 1. / 1024, "MiB", AT_MOST, 12 },
{ "a million calls, lost or out of order", "million", "answers", LOST, 1, "", AT_MOST, 0 },
{ "  memory, from the 100,000th call on", "million", "rss_kb", GROWTH, 1. / 1024, "MiB", AT_MOST, 1024 },
{ "  until the proxy has exited, seconds", "million", "total_ms", OF_PROXY, 1e-3, "s", INFO, 0 },
	/* clang-format on */
};

struct spread {
	double median, least, most;
};

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static struct spread
spread_of(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_size);
	return (struct spread){ .median = (v[(n - 1) / 2] + v[n / 2]) / 2,
		.least = v[0],
		.most = v[n - 1] };
}

/* A number of one round.  0, or -1 with *err set: it was not measured. */
static int
number(const json_t *runs, const struct row *row, const char *leg,
    const char *key, size_t round, double *ret, struct error *err)
{
	const json_t *work = json_object_get(runs, row->work);
	const json_t *at = json_object_get(
	    json_array_get(json_object_get(work, leg), round), key);

	if (!json_is_number(at))
		return error_set(err, "no number '%s' of '%s', %s, round %zu",
		    key, row->work, leg, round + 1);
	*ret = json_number_value(at);
	return 0;
}

/* The leg that a row compares the proxy with, or NULL. */
static const char *
beside(const struct row *row)
{
	switch (row->how) {
	case PER_PUMP:
	case PUMP_PER:
		return "pump";
	case OVER_BARE:
		return "bare";
	case OF_PROXY:
	case FRAMES:
	case GROWTH:
	case LOST:
		break;
	}
	return NULL;
}

/* Which other number of the same run a row needs, or NULL. */
static const char *
other_key(enum how how, size_t i)
{
	static const char *const keys[][2] = {
		[FRAMES] = { "rss_kb", "frame_bytes" },
		[GROWTH] = { "rss_tenth_kb", NULL },
		[LOST] = { "calls", "warm" },
	};

	return how < FRAMES ? NULL : keys[how][i];
}

/* One round's value of a row.  x is the proxy's number, y what it is beside. */
static int
value(const json_t *runs, const struct row *row, size_t round, double *x,
    double *y, double *ret, struct error *err)
{
	double other[2] = { 0, 0 };
	const char *key;

	if (number(runs, row, "proxy", row->key, round, x, err) == -1)
		return -1;
	if (beside(row) != NULL &&
	    number(runs, row, beside(row), row->key, round, y, err) == -1)
		return -1;
	for (size_t i = 0; i < 2; i++)
		if ((key = other_key(row->how, i)) != NULL &&
		    number(runs, row, "proxy", key, round, &other[i], err) ==
			-1)
			return -1;
	switch (row->how) {
	case OF_PROXY:
		*ret = *x * row->scale;
		break;
	case PER_PUMP:
		*ret = *x / *y;
		break;
	case PUMP_PER:
		*ret = *y / *x;
		break;
	case OVER_BARE:
		*ret = *x - *y;
		break;
	case FRAMES:
		*ret = (*x - other[0]) * 1024 / other[1];
		break;
	case GROWTH:
		*ret = *x - other[0];
		break;
	case LOST:
		*ret = other[0] + other[1] - *x;
		break;
	}
	return 0;
}

static bool
reached(const struct row *row, double got)
{
	switch (row->goal) {
	case AT_MOST:
		return got <= row->reach;
	case AT_LEAST:
		return got >= row->reach;
	case INFO:
		break;
	}
	return true;
}

/* Three digits or more, never an exponent: people compare these. */
static void
show(char dst[32], double value, const char *unit)
{
	double size = value < 0 ? -value : value;
	int places = size >= 100 || size < 1e-6 ? 0 : size >= 10 ? 1 : 2;

	(void)snprintf(dst, 32, "%.*f%s%s", places, value,
	    unit[0] != '\0' && unit[0] != ' ' ? " " : "", unit);
}

static void
print_row(const struct row *row, struct spread s, double x, double y, FILE *out)
{
	const char *unit = how_unit[row->how];
	char proxy[32], by[32] = "", got[32], least[32], most[32];
	char range[72], goal[32] = "";

	show(proxy, x * row->scale, row->unit);
	if (beside(row) != NULL)
		show(by, y * row->scale, row->unit);
	show(got, s.median, unit);
	show(least, s.least, "");
	show(most, s.most, "");
	(void)snprintf(range, sizeof(range), "%s .. %s", least, most);
	if (row->goal != INFO)
		(void)snprintf(goal, sizeof(goal), "%s %g%s",
		    row->goal == AT_MOST ? "<=" : ">=", row->reach, unit);
	fprintf(out, "%-41s %11s %11s %10s %16s %10s  %s\n", row->what, proxy,
	    by, got, range, goal,
	    row->goal == INFO        ? ""
	    : reached(row, s.median) ? "ok"
				     : "MISSED");
}

static json_t *
json_row(const struct row *row, struct spread s, size_t rounds)
{
	const char *what = row->what + strspn(row->what, " ");
	json_t *o = json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:I}", "what",
	    what, "work", row->work, "number", row->key, "measured", s.median,
	    "least", s.least, "most", s.most, "rounds", (json_int_t)rounds);

	if (row->goal == INFO)
		return o;
	json_object_set_new(o, row->goal == AT_MOST ? "at_most" : "at_least",
	    json_real(row->reach));
	json_object_set_new(o, "ok", json_boolean(reached(row, s.median)));
	return o;
}

/* One row over its rounds.  0, or -1 with *err set. */
static int
row_report(const json_t *runs, const struct row *row, FILE *out,
    json_t *ret_rows, unsigned *missed, struct error *err)
{
	const json_t *work = json_object_get(runs, row->work);
	size_t n = json_array_size(json_object_get(work, "proxy"));
	double *x, *y, *got;
	struct spread s;
	int rc = -1;

	if (n == 0) {
		fprintf(out, "%-41s not measured\n", row->what);
		return 0;
	}
	x = xcalloc(n, sizeof(*x));
	y = xcalloc(n, sizeof(*y));
	got = xcalloc(n, sizeof(*got));
	for (size_t i = 0; i < n; i++)
		if (value(runs, row, i, &x[i], &y[i], &got[i], err) == -1)
			goto out;
	s = spread_of(got, n);
	print_row(row, s, spread_of(x, n).median, spread_of(y, n).median, out);
	json_array_append_new(ret_rows, json_row(row, s, n));
	*missed += !reached(row, s.median);
	rc = 0;
out:
	free(x);
	free(y);
	free(got);
	return rc;
}

json_t *
report(const json_t *runs, FILE *out, unsigned *ret_missed, struct error *err)
{
	json_t *all = json_array();
	unsigned missed = 0;

	fprintf(out, "%-41s %11s %11s %10s %16s %10s\n", "", "proxy",
	    "pump/bare", "measured", "rounds", "to reach");
	for (size_t i = 0; i < nitems(rows); i++)
		if (row_report(runs, &rows[i], out, all, &missed, err) == -1) {
			json_decref(all);
			return NULL;
		}
	*ret_missed = missed;
	return all;
}
