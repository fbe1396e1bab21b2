/*
 * What there is of pins, for people and for programs: lists and differences.
 * All that a peer chose is quoted, or escaped as JSON.
 */
#include <stdio.h>
#include <string.h>

#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/cmd/audit.h"
#include "proxy/cmd/cmd.h"
#include "proxy/cmd/pin.h"

/* Bytes of a definition over several lines, at most: see pin_pretty(). */
#define PRETTY_MAX (64UL << 20)

/* Begins to read the rows that are asked for. */
static enum pin_stmt
ask(struct pin_args *args, const char *server, const char *tool)
{
	enum pin_stmt stmt = server == NULL ? PIN_SQL_ALL
			     : tool == NULL ? PIN_SQL_LIST
					    : PIN_SQL_GET;

	(void)pin_table_ask(&args->t, stmt, slice_of(server), slice_of(tool));
	return stmt;
}

const char *
pin_state_name(const struct pin_row *row)
{
	switch (row->state) {
	case PIN_ACCEPTED:
		return row->gone_us != 0 ? "vanished" : "accepted";
	case PIN_WAITING:
		return "pending";
	case PIN_AWAITED:
		return "reset";
	}
	return "";
}

static json_t *
time_json(int64_t when_us)
{
	char text[TIME_MAX];

	return when_us != 0 ? json_string(audit_time(when_us, text))
			    : json_null();
}

static void
print_json(const struct pin_row *row)
{
	char hash[HEX_MAX];
	json_t *out = json_pack("{s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o}",
	    "server", audit_json_text(row->server), "tool",
	    audit_json_text(row->tool), "state", pin_state_name(row), "sha256",
	    audit_hex(row->hash, hash), "first_seen", time_json(row->first_us),
	    "accepted", time_json(row->accepted_us), "vanished",
	    time_json(row->gone_us), "session", audit_json_text(row->session));

	(void)json_object_set_new(out, "definition",
	    row->text.len > 0 ? audit_json_text(row->text) : json_null());
	audit_json_print(stdout, out);
	json_decref(out);
}

static void
print_row(const struct pin_row *row)
{
	char server[64], tool[128], hash[HEX_MAX], when[TIME_MAX];

	(void)printf("%-8s  %.12s  %.19sZ  %s  %s\n", pin_state_name(row),
	    audit_hex(row->hash, hash), audit_time(row->first_us, when),
	    quote(server, sizeof(server), row->server),
	    quote(tool, sizeof(tool), row->tool));
}

int
pin_list(struct pin_args *args, struct error *err)
{
	const char *server = args->argc > 0 ? args->argv[0] : args->server;
	struct pin_row row;
	enum pin_stmt stmt;
	int rc = pin_open(args, false, err);

	if (rc != 1)
		return rc == 0 ? EXIT_YES : EXIT_TROUBLE;
	stmt = ask(args, server, args->argc > 1 ? args->argv[1] : NULL);
	while ((rc = pin_table_next(&args->t, stmt, &row, err)) == 1)
		(args->json ? print_json : print_row)(&row);
	return rc == -1 ? EXIT_TROUBLE : EXIT_YES;
}

static void
print_texts(struct slice before, struct slice after)
{
	struct buf a, b;

	buf_init(&a, PRETTY_MAX);
	buf_init(&b, PRETTY_MAX);
	if (before.len > 0)
		pin_pretty(&a, before);
	if (after.len > 0)
		pin_pretty(&b, after);
	pin_diff(stdout, buf_slice(&a), buf_slice(&b));
	buf_release(&a);
	buf_release(&b);
}

/* The accepted row of the tool whose waiting row comes next. */
struct accepted {
	struct buf name, text; /* owned: the server's name too */
	uint8_t field[CANON_FIELDS][CANON_HASH];
	bool there;
};

static void
keep_name(struct accepted *had, const struct pin_row *row)
{
	had->name.len = had->text.len = 0;
	buf_must(buf_add_slice(&had->name, row->server));
	buf_must(buf_add_byte(&had->name, '\0'));
	buf_must(buf_add_slice(&had->name, row->tool));
	buf_must(buf_add_slice(&had->text, row->text));
	memcpy(had->field, row->field, sizeof(had->field));
	had->there = true;
}

static bool
is_of(const struct accepted *had, const struct pin_row *row)
{
	struct slice name = buf_slice(&had->name);
	size_t n = row->server.len;

	return had->there && name.len == n + 1 + row->tool.len &&
	       memcmp(name.at, row->server.at, n) == 0 &&
	       memcmp(name.at + n + 1, row->tool.at, row->tool.len) == 0;
}

/* Was it kept?  A longer one is none of ours. */
static bool
is_shown(struct slice text)
{
	return text.len > 0 && text.len <= CANON_TEXT_MAX;
}

/* One tool: which hashes differ, and how the texts do. */
static void
print_difference(struct accepted *had, const struct pin_row *row)
{
	char server[64], tool[128], hash[HEX_MAX], when[TIME_MAX];
	bool old = is_of(had, row);

	(void)printf("%s %s: %s, pending since %.19sZ, SHA-256 %s\n",
	    quote(server, sizeof(server), row->server),
	    quote(tool, sizeof(tool), row->tool), old ? "changed" : "new",
	    audit_time(row->first_us, when), audit_hex(row->hash, hash));
	for (enum canon_field f = 0; f < CANON_FIELDS && old; f++)
		if (memcmp(had->field[f], row->field[f], CANON_HASH) != 0)
			(void)printf("  %s\n", canon_field_name(f));
	if (!is_shown(row->text) || (old && !is_shown(buf_slice(&had->text))))
		(void)printf("  (too long to be kept as text)\n");
	else
		print_texts(
		    old ? buf_slice(&had->text) : (struct slice){ NULL, 0 },
		    row->text);
}

int
pin_differences(struct pin_args *args, struct error *err)
{
	struct accepted had = { .there = false };
	const char *server = args->argc > 0 ? args->argv[0] : args->server;
	struct pin_row row;
	enum pin_stmt stmt;
	bool any = false;
	int rc = pin_open(args, false, err);

	if (rc != 1)
		return rc == 0 ? EXIT_YES : EXIT_TROUBLE;
	buf_init(&had.name, SIZE_MAX / 2);
	buf_init(&had.text, SIZE_MAX / 2);
	stmt = ask(args, server, args->argc > 1 ? args->argv[1] : NULL);
	while ((rc = pin_table_next(&args->t, stmt, &row, err)) == 1) {
		if (row.state == PIN_ACCEPTED)
			keep_name(&had, &row);
		if (row.state != PIN_WAITING)
			continue;
		print_difference(&had, &row);
		any = true;
	}
	buf_release(&had.name);
	buf_release(&had.text);
	return rc == -1 ? EXIT_TROUBLE : any ? EXIT_NO : EXIT_YES;
}
