/*
 * The audit subcommand: its options, and what listing, verifying, exporting
 * and counting have in common.
 */
#include "proxy/cmd/audit.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/cmd/cmd.h"
#include "proxy/cmd/opt.h"
#include "proxy/diag.h"

#define AT(field) offsetof(struct audit_args, field)

/* clang-format off */
const struct opt audit_options_table[] = {
	{ "audit", 'a', OPT_TEXT, AT(path), "FILE",
	    "the database (default: in XDG_STATE_HOME)" },
	{ "last", 'n', OPT_NUMBER, AT(newest), "N",
	    "only the newest N (list: 50; export: all)" },
	{ "since", 0, OPT_TEXT, AT(since), "TIME",
	    "2026-01-02, 2026-01-02T03:04:05Z, 10m, 2h, 7d" },
	{ "decision", 0, OPT_TEXT, AT(decision), "D", "block, allow, ..." },
	{ "server", 0, OPT_TEXT, AT(server), "S", "of this server" },
	{ "tool", 0, OPT_TEXT, AT(tool), "T", "of this tool" },
	{ "event", 0, OPT_TEXT, AT(event), "E",
	    "all of one event, such as 5f3a9c2e-17" },
	{ "session", 0, OPT_TEXT, AT(session), "ID", "of this session" },
	{ "stage", 0, OPT_TEXT, AT(stage), "S", "decided by this stage" },
	{ "follow", 'f', OPT_FLAG, AT(follow), NULL, "go on with new rows" },
	{ "json", 0, OPT_FLAG, AT(json), NULL, "JSON Lines" },
	{ "format", 0, OPT_TEXT, AT(format), "F",
	    "export: jsonl (default), csv or sarif" },
	{ "key", 0, OPT_TEXT, AT(key), "FILE", "the key of the chain" },
	{ "head", 0, OPT_TEXT, AT(head), "HASH",
	    "verify: a hash that must be in the chain" },
	{ .name = NULL },
};
/* clang-format on */

static const struct {
	const char *name;
	int (*fn)(struct audit_args *args, struct error *err);
} actions[] = {
	{ "list", audit_list },
	{ "verify", audit_verify },
	{ "export", audit_export },
};

struct audit_options
audit_fold_options(const struct audit_args *args)
{
	return (
	    struct audit_options){ .path = args->path, .key_file = args->key };
}

static int
read_filters(struct audit_args *args, struct error *err)
{
	struct query *q = &args->query;
	struct timespec now;

	*q = (struct query){ .decision = args->decision,
		.server = args->server,
		.tool = args->tool,
		.session = args->session,
		.stage = args->stage };
	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (args->since != NULL &&
	    query_since(args->since, (int64_t)now.tv_sec * 1000000,
		&q->since_us, err) == -1)
		return error_wrap(err, "--since");
	if (args->event != NULL && query_event(args->event, q, err) == -1)
		return error_wrap(err, "--event");
	return 0;
}

int
audit_begin(struct audit_args *args, struct error *err)
{
	struct audit_options opt;
	struct error why = { "" };
	int rc;

	if (args->path == NULL) {
		args->path = args->own_path = audit_default_path(err);
		if (args->path == NULL)
			return error_wrap(err,
			    "cannot find the audit database; name it with -a");
	}
	if (read_filters(args, err) == -1)
		return -1;
	if (!args->follow && (rc = query_exists(args->path, err)) != 1)
		return rc;
	opt = audit_fold_options(args);
	if (audit_fold(&opt, AUDIT_BUSY_MS, NULL, &why) == -1)
		diag("%s; what is in journals only is left out", why.msg);
	return 1;
}

int
audit_none(const struct audit_args *args, int rc)
{
	if (rc == -1)
		return EXIT_TROUBLE;
	diag_info("no audit database at '%s' yet", args->path);
	return EXIT_YES;
}

void
audit_args_release(struct audit_args *args)
{
	free(args->own_path);
	args->own_path = NULL;
}

int
audit_flush(FILE *out, struct error *err)
{
	if (fflush(out) == 0 && !ferror(out))
		return 0;
	if (errno == EPIPE)
		return 0;
	return error_sys(err, "cannot write the output");
}

const char *
audit_event_name(const struct store_row *row, char dst[EVENT_MAX])
{
	struct slice session = row->rec.session;
	bool hex = session.len == PART_SESSION;

	/* A database that was meddled with may say anything. */
	for (size_t i = 0; i < session.len && hex; i++)
		hex = isxdigit((unsigned char)session.at[i]);
	if (row->rec.seq == 0 || !hex)
		(void)snprintf(
		    dst, EVENT_MAX, "%llu", (unsigned long long)row->event);
	else
		(void)snprintf(dst, EVENT_MAX, "%.*s-%llu", PART_SESSION,
		    session.at, (unsigned long long)row->rec.seq);
	return dst;
}

const char *
audit_time(int64_t when_us, char dst[TIME_MAX])
{
	int64_t us = when_us % 1000000;
	time_t when = (time_t)(when_us / 1000000);
	struct tm tm;
	size_t len;

	if (us < 0) {
		us += 1000000;
		when--;
	}
	if (gmtime_r(&when, &tm) == NULL ||
	    (len = strftime(dst, TIME_MAX, "%Y-%m-%dT%H:%M:%S", &tm)) == 0)
		len = (size_t)snprintf(dst, TIME_MAX, "%lld", (long long)when);
	(void)snprintf(dst + len, TIME_MAX - len, ".%06dZ", (int)us);
	return dst;
}

const char *
audit_hex(const uint8_t hash[AUDIT_HASH], char dst[HEX_MAX])
{
	for (size_t i = 0; i < AUDIT_HASH; i++)
		(void)snprintf(dst + 2 * i, 3, "%02x", hash[i]);
	return dst;
}

int
cmd_audit(int argc, char *argv[], struct error *err)
{
	struct audit_args args = { .newest = -1 };
	const char *word = "list";
	bool help = false;
	int at, status = EXIT_TROUBLE;

	at = opt_read_any(
	    audit_options_table, "audit", argc, argv, &args, &help, err);
	if (at == -1)
		return EXIT_TROUBLE;
	if (help)
		return EXIT_YES;
	if (at < argc)
		word = argv[at++];
	if (at < argc) {
		error_set(err, "audit: '%.64s' is one word too many", argv[at]);
		return EXIT_TROUBLE;
	}
	for (size_t i = 0; i < nitems(actions); i++)
		if (strcmp(actions[i].name, word) == 0) {
			status = actions[i].fn(&args, err);
			audit_args_release(&args);
			return status;
		}
	error_set(
	    err, "audit: '%.64s' is none of list, verify and export", word);
	return EXIT_TROUBLE;
}
