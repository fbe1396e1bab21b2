/*
 * The stats subcommand: counts decisions and judging times.
 */
#include <inttypes.h>
#include <string.h>

#include "audit/count.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/cmd/audit.h"
#include "proxy/cmd/cmd.h"
#include "proxy/cmd/opt.h"

#define AT(field) offsetof(struct audit_args, field)
/* Groups that are listed for people; a peer can make many. */
#define GROUPS_SHOWN 20

/* clang-format off */
const struct opt stats_options[] = {
	{ "audit", 'a', OPT_TEXT, AT(path), "FILE",
	    "the database (default: in XDG_STATE_HOME)" },
	{ "since", 0, OPT_TEXT, AT(since), "TIME",
	    "2026-01-02, 2026-01-02T03:04:05Z, 10m, 2h, 7d" },
	{ "json", 0, OPT_FLAG, AT(json), NULL, "one JSON object" },
	{ "key", 0, OPT_TEXT, AT(key), "FILE", "the key of the chain" },
	{ .name = NULL },
};
/* clang-format on */

static double
rate(const struct count *c)
{
	return c->messages > 0 ? (double)c->blocked / (double)c->messages : 0;
}

static int
totals(struct reader *r, int64_t since_us, struct count *all,
    struct latency *lat, struct error *err)
{
	if (count_begin(r, COUNT_ALL, since_us, err) == -1 ||
	    count_next(r, all, err) == -1)
		return -1;
	return count_latency(r, since_us, all->messages, lat, err);
}

static json_t *
group_json(const struct count *c)
{
	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I}", "name",
	    audit_json_text(c->name), "messages", (json_int_t)c->messages,
	    "blocked", (json_int_t)c->blocked, "redacted",
	    (json_int_t)c->redacted, "flagged", (json_int_t)c->flagged, "would",
	    (json_int_t)c->would);
}

static int
print_json(struct reader *r, int64_t since_us, struct error *err)
{
	struct count c;
	struct latency lat;
	json_t *out;
	int rc = totals(r, since_us, &c, &lat, err);

	if (rc == -1)
		return -1;
	out = group_json(&c);
	(void)json_object_del(out, "name");
	(void)json_object_set_new(out, "block_rate", json_real(rate(&c)));
	(void)json_object_set_new(out, "judged_us",
	    json_pack("{s:I, s:I, s:I, s:I}", "p50", (json_int_t)lat.p50, "p90",
		(json_int_t)lat.p90, "p99", (json_int_t)lat.p99, "max",
		(json_int_t)lat.max));
	for (enum count_by by = COUNT_DECISION; by < COUNT_COUNT; by++) {
		json_t *groups = json_array();

		(void)json_object_set_new(out, count_name(by), groups);
		rc = count_begin(r, by, since_us, err);
		while (rc != -1 && (rc = count_next(r, &c, err)) == 1)
			(void)json_array_append_new(groups, group_json(&c));
		if (rc == -1)
			break;
	}
	if (rc != -1)
		audit_json_print(stdout, out);
	json_decref(out);
	return rc;
}

static int
print_group(
    struct reader *r, enum count_by by, int64_t since_us, struct error *err)
{
	char name[44];
	struct count c;
	uint64_t more = 0;
	int rc = count_begin(r, by, since_us, err);

	for (uint64_t n = 0; rc != -1; n++) {
		if ((rc = count_next(r, &c, err)) != 1)
			break;
		if (n == 0)
			(void)printf("\n%-44s%9s%9s%9s%9s%9s\n", count_name(by),
			    "messages", "blocked", "redacted", "flagged",
			    "would");
		if (n >= GROUPS_SHOWN)
			more++;
		else
			(void)printf("%-44s%9" PRIu64 "%9" PRIu64 "%9" PRIu64
				     "%9" PRIu64 "%9" PRIu64 "\n",
			    quote(name, sizeof(name), c.name), c.messages,
			    c.blocked, c.redacted, c.flagged, c.would);
	}
	if (more > 0)
		(void)printf("and %" PRIu64 " more\n", more);
	return rc;
}

static int
print_text(struct reader *r, int64_t since_us, struct error *err)
{
	struct count c;
	struct latency lat;

	if (totals(r, since_us, &c, &lat, err) == -1)
		return -1;
	(void)printf("messages  %" PRIu64 "\nblocked   %" PRIu64
		     " (%.2f %%)\nredacted  %" PRIu64 "\nflagged   %" PRIu64
		     "\nwould     %" PRIu64 "\n",
	    c.messages, c.blocked, 100 * rate(&c), c.redacted, c.flagged,
	    c.would);
	(void)printf("judging   p50 %" PRIu64 " us, p90 %" PRIu64
		     " us, p99 %" PRIu64 " us, max %" PRIu64 " us\n",
	    lat.p50, lat.p90, lat.p99, lat.max);
	for (enum count_by by = COUNT_DECISION; by < COUNT_COUNT; by++)
		if (print_group(r, by, since_us, err) == -1)
			return -1;
	return 0;
}

int
cmd_stats(int argc, char *argv[], struct error *err)
{
	struct audit_args args = { .newest = -1 };
	struct reader r = { .st = NULL };
	bool help = false;
	int rc, status = EXIT_TROUBLE;
	int at =
	    opt_read_any(stats_options, "stats", argc, argv, &args, &help, err);

	if (at == -1)
		return EXIT_TROUBLE;
	if (help)
		return EXIT_YES;
	if (at < argc) {
		error_set(err, "stats: '%.64s' is one word too many", argv[at]);
		return EXIT_TROUBLE;
	}
	if ((rc = audit_begin(&args, err)) != 1)
		status = audit_none(&args, rc);
	else if (reader_open(&r, args.path, AUDIT_BUSY_MS, err) == 0 &&
		 (args.json ? print_json : print_text)(
		     &r, args.query.since_us, err) != -1 &&
		 audit_flush(stdout, err) == 0)
		status = EXIT_YES;
	reader_close(&r);
	audit_args_release(&args);
	return status;
}
