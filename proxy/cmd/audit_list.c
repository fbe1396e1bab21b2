/*
 * audit: lists rows, newest last, and goes on with new ones.  Text of a peer
 * is quoted wherever it is shown.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"
#include "proxy/cmd/audit.h"
#include "proxy/cmd/cmd.h"

#define NEWEST_DEFAULT 50
/* How often new rows are looked for. */
#define FOLLOW_NS 250000000L
/* Columns of a terminal that does not tell. */
#define COLUMNS_DEFAULT 120
/* Bytes of one shown text: its columns are 1,024 bytes at most. */
#define SHOWN_MAX (4 * LIMIT_AUDIT_TEXT + 8)

struct output {
	const struct audit_args *args;
	bool terminal, colour;
	int columns;
};

/* SGR parameters for decisions that somebody should see. */
static const struct {
	const char *decision, *sgr;
} colours[] = {
	{ "block", "31" },
	{ "drop", "31" },
	{ "broken", "31;1" },
	{ "redact", "33" },
	{ "flag", "33" },
	{ "would-block", "35" },
	{ "would-redact", "35" },
	{ "would-drop", "35" },
};

/* The columns of the table; the reason takes what is left of the line. */
static const struct {
	const char *title;
	int width;
} table[] = {
	{ "TIME (UTC)", 19 },
	{ "EVENT", 14 },
	{ "SERVER", 14 },
	{ "FROM", 7 }, /* quote() wants room for eight bytes */
	{ "WHAT", 30 },
	{ "DECISION", 12 },
};
enum { AT_TIME, AT_EVENT, AT_SERVER, AT_FROM, AT_WHAT, AT_DECISION };

static void
table_head(const struct output *out)
{
	if (!out->terminal)
		return;
	for (size_t i = 0; i < nitems(table); i++)
		(void)printf("%-*s ", table[i].width, table[i].title);
	(void)puts("WHY");
}

/* One cell: its width in ASCII, but the name of an event stays whole. */
static void
cell(size_t column, struct slice text)
{
	char shown[4 * EVENT_MAX];
	int width = table[column].width;
	size_t size = column == AT_EVENT ? sizeof(shown) : (size_t)width + 1;

	(void)printf("%-*s ", width, quote(shown, size, text));
}

static void
why(const struct output *out, const struct audit_record *rec)
{
	char stage[64], rule[128], reason[SHOWN_MAX], line[2 * SHOWN_MAX];
	int room = out->columns;

	for (size_t i = 0; i < nitems(table); i++)
		room -= table[i].width + 1;
	if (rec->stage.len == 0 && rec->reason.len == 0)
		return;
	(void)snprintf(line, sizeof(line), "%s%s%s: %s",
	    quote(stage, sizeof(stage), rec->stage),
	    rec->rule.len > 0 ? " " : "", quote(rule, sizeof(rule), rec->rule),
	    quote(reason, sizeof(reason), rec->reason));
	(void)printf("%.*s", room < 20 ? 20 : room, line);
}

static const char *
colour_of(const struct output *out, struct slice decision)
{
	if (out->colour)
		for (size_t i = 0; i < nitems(colours); i++)
			if (slice_is(decision, colours[i].decision))
				return colours[i].sgr;
	return NULL;
}

static void
print_table(const struct output *out, const struct store_row *row)
{
	const struct audit_record *rec = &row->rec;
	char event[EVENT_MAX], when[TIME_MAX], what[256];
	const char *sgr = colour_of(out, rec->decision);
	bool request = slice_is(rec->kind, "request");

	(void)audit_time(rec->when_us, when);
	when[10] = ' ';
	when[19] = '\0';
	(void)snprintf(what, sizeof(what), "%.*s%s%.*s%s%.*s",
	    request ? 0 : (int)rec->kind.len, rec->kind.at,
	    request || rec->method.len == 0 ? "" : " ",
	    (int)(rec->method.len < 80 ? rec->method.len : 80), rec->method.at,
	    rec->tool.len > 0 ? " " : "",
	    (int)(rec->tool.len < 80 ? rec->tool.len : 80), rec->tool.at);
	cell(AT_TIME, slice_of(when));
	cell(AT_EVENT, slice_of(audit_event_name(row, event)));
	cell(AT_SERVER, rec->server);
	cell(AT_FROM, rec->direction);
	cell(AT_WHAT, slice_of(what));
	if (sgr != NULL)
		(void)printf("\033[%sm", sgr);
	cell(AT_DECISION, rec->decision);
	if (sgr != NULL)
		(void)fputs("\033[0m", stdout);
	why(out, rec);
	(void)putchar('\n');
}

/* A word for programs: no space, never empty. */
static void
print_word(struct slice text)
{
	char shown[SHOWN_MAX];

	if (text.len == 0)
		(void)putchar('-');
	for (const char *p = quote(shown, sizeof(shown), text); *p != '\0'; p++)
		if (*p == ' ')
			(void)fputs("\\x20", stdout);
		else
			(void)putchar(*p);
	(void)putchar(' ');
}

static void
print_plain(const struct store_row *row)
{
	static const enum record_text words[] = { TEXT_SERVER, TEXT_DIRECTION,
		TEXT_KIND, TEXT_METHOD, TEXT_TOOL, TEXT_ID, TEXT_DECISION,
		TEXT_STAGE, TEXT_RULE };
	char event[EVENT_MAX], when[TIME_MAX], reason[SHOWN_MAX];

	print_word(slice_of(audit_time(row->rec.when_us, when)));
	print_word(slice_of(audit_event_name(row, event)));
	for (size_t i = 0; i < nitems(words); i++)
		print_word(record_get(&row->rec, words[i]));
	(void)puts(row->rec.reason.len > 0
		       ? quote(reason, sizeof(reason), row->rec.reason)
		       : "-");
}

static void
print_hash(const char *name, const uint8_t hash[AUDIT_HASH])
{
	char hex[HEX_MAX];

	(void)printf("%-15s%s\n", name, audit_hex(hash, hex));
}

/* All columns, one a line. */
static void
print_whole(const struct store_row *row)
{
	const struct audit_record *rec = &row->rec;
	char event[EVENT_MAX], when[TIME_MAX];
	size_t size = 4 * LIMIT_PAYLOAD + 8;
	char *shown = xmalloc(size);

	(void)printf("%-15s%s\n", "event", audit_event_name(row, event));
	(void)printf("%-15s%llu\n", "row", (unsigned long long)row->event);
	(void)printf("%-15s%s\n", "time", audit_time(rec->when_us, when));
	(void)printf("%-15s%llu\n", "seq", (unsigned long long)rec->seq);
	for (enum record_text i = 0; i < TEXT_COUNT; i++)
		(void)printf("%-15s%s\n", record_columns[i].name,
		    i == TEXT_PAYLOAD && !rec->payload_kept
			? "(not kept)"
			: quote_utf8(shown, size, record_get(rec, i)));
	(void)printf("%-15s%llu\n", "payload_bytes",
	    (unsigned long long)rec->payload_len);
	print_hash("payload_sha256", rec->payload_hash);
	(void)printf("%-15s%u\n", "judged_us", rec->judged_us);
	print_hash("link", row->link);
	print_hash("prev", row->prev);
	print_hash("hash", row->hash);
	free(shown);
}

static void
print_row(const struct output *out, const struct store_row *row)
{
	json_t *value;

	if (out->args->json) {
		value = audit_json_row(row);
		audit_json_print(stdout, value);
		json_decref(value);
	} else if (out->args->event != NULL) {
		print_whole(row);
	} else if (out->terminal) {
		print_table(out, row);
	} else {
		print_plain(row);
	}
}

/* Prints what the query yields and moves it behind that. */
static int
print_rows(const struct output *out, struct reader *r, struct query *q,
    uint64_t *ret_n, struct error *err)
{
	struct store_row row;
	int rc;

	if (reader_begin(r, q, err) == -1)
		return -1;
	while ((rc = reader_next(r, &row, err)) == 1) {
		print_row(out, &row);
		if (row.event > q->after)
			q->after = row.event;
		(*ret_n)++;
	}
	q->newest = 0;
	return rc;
}

static struct output
output_of(const struct audit_args *args)
{
	struct output out = { .args = args, .columns = COLUMNS_DEFAULT };
	const char *no = getenv("NO_COLOR");
	struct winsize ws;

	out.terminal =
	    !args->json && args->event == NULL && isatty(STDOUT_FILENO) == 1;
	out.colour = out.terminal && (no == NULL || no[0] == '\0');
	if (out.terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 &&
	    ws.ws_col > 0)
		out.columns = ws.ws_col;
	return out;
}

/* Goes on until a signal or until nobody reads.  Returns 0 or -1. */
static int
follow(const struct output *out, struct reader *r, struct audit_args *args,
    struct error *err)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	static const struct timespec nap = { .tv_nsec = FOLLOW_NS };
	struct audit_options opt = audit_fold_options(args);
	uint64_t n = 0;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < nitems(ends); i++)
		sigaddset(&set, ends[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return error_sys(err, "cannot block signals");
	while (fflush(stdout) == 0 && !ferror(stdout)) {
		if (sigtimedwait(&set, NULL, &nap) != -1)
			return 0;
		(void)audit_fold(&opt, AUDIT_BUSY_MS, NULL, NULL);
		if (print_rows(out, r, &args->query, &n, err) == -1)
			return -1;
	}
	return 0;
}

/* What --follow must not show again: all rows there are. */
static int
mark(struct reader *r, uint64_t *ret, struct error *err)
{
	int64_t last;

	if (store_number(&r->store, "SELECT coalesce(max(event), 0) FROM event",
		&last, err) == -1)
		return -1;
	*ret = (uint64_t)last;
	return 0;
}

int
audit_list(struct audit_args *args, struct error *err)
{
	struct output out = output_of(args);
	struct reader r = { .st = NULL };
	struct query *q = &args->query;
	uint64_t n = 0, last = 0;
	int rc, status = EXIT_TROUBLE;

	if ((rc = audit_begin(args, err)) != 1)
		return audit_none(args, rc);
	q->newest = args->newest == -1 ? NEWEST_DEFAULT : args->newest;
	if (reader_open(&r, args->path, AUDIT_BUSY_MS, err) == -1 ||
	    mark(&r, &last, err) == -1)
		goto out;
	table_head(&out);
	if (args->newest != 0 && print_rows(&out, &r, q, &n, err) == -1)
		goto out;
	if (q->after < last)
		q->after = last;
	if (args->follow && follow(&out, &r, args, err) == -1)
		goto out;
	if (audit_flush(stdout, err) == -1)
		goto out;
	status = EXIT_YES;
	if (n == 0 && args->event != NULL && !args->follow) {
		error_set(err, "there is no event '%.64s' in '%s'", args->event,
		    args->path);
		status = EXIT_NO;
	}
out:
	reader_close(&r);
	return status;
}
