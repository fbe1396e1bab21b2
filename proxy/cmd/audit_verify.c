/*
 * audit verify: proves the chain, and says what was proven.
 */
#include <inttypes.h>
#include <string.h>

#include "audit/verify.h"
#include "proxy/base/error.h"
#include "proxy/cmd/audit.h"
#include "proxy/cmd/cmd.h"

static int
read_head(const char *text, uint8_t ret[AUDIT_HASH], struct error *err)
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(text) != HEX_MAX - 1 ||
	    strspn(text, "0123456789abcdefABCDEF") != HEX_MAX - 1)
		return error_set(err, "--head wants 64 hex digits");
	for (size_t i = 0; i < AUDIT_HASH; i++) {
		const char *hi = strchr(digits, text[2 * i] | 0x20);
		const char *lo = strchr(digits, text[2 * i + 1] | 0x20);

		ret[i] = (uint8_t)((hi - digits) << 4 | (lo - digits));
	}
	return 0;
}

static void
print_text(const struct verify *v)
{
	char hex[HEX_MAX];

	if (v->whole)
		(void)printf("whole: %" PRIu64 " rows", v->rows);
	else
		(void)printf("BROKEN: %s\n%" PRIu64 " rows before that proven",
		    v->finding, v->rows);
	if (v->rows > 0)
		(void)printf(", %" PRIu64 " to %" PRIu64, v->first, v->last);
	(void)printf("\nhead: %s\nkey: %s\n", audit_hex(v->head, hex),
	    v->keyed ? "yes"
		     : "none (whoever can write the file can make it anew; "
		       "note the head elsewhere)");
	if (v->anchor > 0)
		(void)printf("removed by retention: rows up to %" PRIu64 "\n",
		    v->anchor);
	(void)printf("sessions: %" PRIu64 ", running: %" PRIu64
		     ", ended without an end record: %" PRIu64 "%s%s%s\n",
	    v->sessions, v->running, v->cut, v->cut > 0 ? " (" : "",
	    v->cut_names, v->cut > 0 ? ")" : "");
}

static void
print_json(const struct verify *v)
{
	char hex[HEX_MAX];
	json_t *out = json_pack("{s:b, s:s?, s:I, s:I, s:I, s:I, s:s, s:b, "
				"s:I, s:I, s:I}",
	    "whole", v->whole, "finding", v->whole ? NULL : v->finding, "rows",
	    (json_int_t)v->rows, "first", (json_int_t)v->first, "last",
	    (json_int_t)v->last, "anchor", (json_int_t)v->anchor, "head",
	    audit_hex(v->head, hex), "keyed", v->keyed, "sessions",
	    (json_int_t)v->sessions, "running", (json_int_t)v->running,
	    "unended", (json_int_t)v->cut);

	audit_json_print(stdout, out);
	json_decref(out);
}

int
audit_verify(struct audit_args *args, struct error *err)
{
	struct audit_options opt;
	uint8_t head[AUDIT_HASH];
	struct verify v;
	int rc;

	if (args->head != NULL && read_head(args->head, head, err) == -1)
		return EXIT_TROUBLE;
	if ((rc = audit_begin(args, err)) == 0)
		error_set(err, "no audit database at '%s'", args->path);
	if (rc != 1)
		return EXIT_TROUBLE;
	opt = audit_fold_options(args);
	if (verify_run(&opt, args->head != NULL ? head : NULL, AUDIT_BUSY_MS,
		&v, err) == -1)
		return EXIT_TROUBLE;
	if (args->json)
		print_json(&v);
	else
		print_text(&v);
	if (audit_flush(stdout, err) == -1)
		return EXIT_TROUBLE;
	return v.whole ? EXIT_YES : EXIT_NO;
}
