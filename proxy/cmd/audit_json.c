/*
 * Rows as JSON.  Everything is printed in ASCII: no byte of a peer's text can
 * act on a terminal or end a line.
 */
#include <stdlib.h>

#include "proxy/base/buf.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"
#include "proxy/cmd/audit.h"

json_t *
audit_json_text(struct slice text)
{
	json_t *value = json_stringn(text.len > 0 ? text.at : "", text.len);
	char *quoted;
	size_t size;

	if (value != NULL)
		return value;
	size = 4 * text.len + 8;
	quoted = xmalloc(size);
	value = json_string(quote_utf8(quoted, size, text));
	free(quoted);
	return value;
}

void
audit_json_print(FILE *out, const json_t *value)
{
	(void)json_dumpf(value, out,
	    JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(6));
	(void)putc('\n', out);
}

static void
add_hash(json_t *row, const char *name, const uint8_t hash[AUDIT_HASH])
{
	char hex[HEX_MAX];

	(void)json_object_set_new(row, name, json_string(audit_hex(hash, hex)));
}

static void
add_number(json_t *row, const char *name, uint64_t n)
{
	(void)json_object_set_new(row, name, json_integer((json_int_t)n));
}

json_t *
audit_json_row(const struct store_row *row)
{
	const struct audit_record *rec = &row->rec;
	char event[EVENT_MAX], when[TIME_MAX];
	json_t *out = json_object();

	(void)json_object_set_new(
	    out, "event", json_string(audit_event_name(row, event)));
	add_number(out, "row", row->event);
	(void)json_object_set_new(
	    out, "time", json_string(audit_time(rec->when_us, when)));
	add_number(out, "seq", rec->seq);
	for (enum record_text i = 0; i < TEXT_COUNT; i++)
		(void)json_object_set_new(out, record_columns[i].name,
		    i == TEXT_PAYLOAD && !rec->payload_kept
			? json_null()
			: audit_json_text(record_get(rec, i)));
	add_number(out, "payload_bytes", rec->payload_len);
	add_hash(out, "payload_sha256", rec->payload_hash);
	add_number(out, "judged_us", rec->judged_us);
	add_hash(out, "link", row->link);
	add_hash(out, "prev", row->prev);
	add_hash(out, "hash", row->hash);
	return out;
}
