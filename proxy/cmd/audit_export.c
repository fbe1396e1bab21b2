/*
 * audit export: all rows, for other programs.
 */
#include <stdlib.h>
#include <string.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"
#include "proxy/cmd/audit.h"
#include "proxy/cmd/cmd.h"

static int
export_jsonl(struct reader *r, const struct audit_args *args, struct error *err)
{
	struct store_row row;
	int rc;

	if (reader_begin(r, &args->query, err) == -1)
		return -1;
	while ((rc = reader_next(r, &row, err)) == 1) {
		json_t *value = audit_json_row(&row);

		audit_json_print(stdout, value);
		json_decref(value);
		if (ferror(stdout))
			return 0;
	}
	return rc;
}

/*
 * A cell of RFC 4180.  Spreadsheets run cells that begin like a formula, and
 * peers choose what is in them: such a cell gets an apostrophe before it.
 */
static void
csv_text(struct slice text, char *room, size_t size)
{
	const char *p = quote_utf8(room, size, text);

	(void)putchar('"');
	if (strchr("=+-@", p[0]) != NULL && p[0] != '\0')
		(void)putchar('\'');
	for (; *p != '\0'; p++) {
		if (*p == '"')
			(void)putchar('"');
		(void)putchar(*p);
	}
	(void)putchar('"');
}

static void
csv_row(const struct store_row *row, char *room, size_t size)
{
	const struct audit_record *rec = &row->rec;
	const uint8_t *const hashes[] = { rec->payload_hash, row->link,
		row->prev, row->hash };
	char event[EVENT_MAX], when[TIME_MAX], hex[HEX_MAX];

	(void)printf("%s,%llu,%s,%llu", audit_event_name(row, event),
	    (unsigned long long)row->event, audit_time(rec->when_us, when),
	    (unsigned long long)rec->seq);
	for (enum record_text i = 0; i < TEXT_COUNT; i++) {
		(void)putchar(',');
		if (i != TEXT_PAYLOAD || rec->payload_kept)
			csv_text(record_get(rec, i), room, size);
	}
	(void)printf(
	    ",%llu,%u", (unsigned long long)rec->payload_len, rec->judged_us);
	for (size_t i = 0; i < nitems(hashes); i++)
		(void)printf(",%s", audit_hex(hashes[i], hex));
	(void)fputs("\r\n", stdout);
}

static int
export_csv(struct reader *r, const struct audit_args *args, struct error *err)
{
	size_t size = 4 * LIMIT_PAYLOAD + 8;
	char *room = xmalloc(size);
	struct store_row row;
	int rc = reader_begin(r, &args->query, err);

	if (rc == -1)
		goto out;
	(void)fputs("event,row,time,seq", stdout);
	for (enum record_text i = 0; i < TEXT_COUNT; i++)
		(void)printf(",%s", record_columns[i].name);
	(void)fputs(",payload_bytes,judged_us,payload_sha256,link,prev,hash"
		    "\r\n",
	    stdout);
	while ((rc = reader_next(r, &row, err)) == 1 && !ferror(stdout))
		csv_row(&row, room, size);
out:
	free(room);
	return rc == 1 ? 0 : rc;
}

static const struct {
	const char *name;
	int (*fn)(
	    struct reader *r, const struct audit_args *args, struct error *err);
} formats[] = {
	{ "jsonl", export_jsonl },
	{ "csv", export_csv },
	{ "sarif", audit_sarif },
};

int
audit_export(struct audit_args *args, struct error *err)
{
	const char *name = args->format != NULL ? args->format : "jsonl";
	struct reader r = { .st = NULL };
	size_t i = 0;
	int rc, status = EXIT_TROUBLE;

	while (i < nitems(formats) && strcmp(formats[i].name, name) != 0)
		i++;
	if (i == nitems(formats)) {
		error_set(err,
		    "--format '%.32s' is none of jsonl, csv and sarif", name);
		return EXIT_TROUBLE;
	}
	if ((rc = audit_begin(args, err)) != 1)
		return audit_none(args, rc);
	args->query.newest = args->newest == -1 ? 0 : args->newest;
	if (reader_open(&r, args->path, AUDIT_BUSY_MS, err) == 0 &&
	    formats[i].fn(&r, args, err) == 0 && audit_flush(stdout, err) == 0)
		status = EXIT_YES;
	reader_close(&r);
	return status;
}
