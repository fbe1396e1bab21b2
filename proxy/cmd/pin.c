/*
 * The pin subcommand: which definitions of tools were accepted, how what a
 * server says now differs from them, and a person's word on it.  Each word is
 * an event of the audit log, written before it takes effect.
 */
#include "proxy/cmd/pin.h"

#include <stdlib.h>
#include <string.h>

#include "audit/journal.h"
#include "audit/pin.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"
#include "proxy/cmd/audit.h"
#include "proxy/cmd/cmd.h"
#include "proxy/cmd/opt.h"
#include "proxy/diag.h"

#define AT(field) offsetof(struct pin_args, field)

/* clang-format off */
const struct opt pin_options[] = {
	{ "audit", 'a', OPT_TEXT, AT(path), "FILE",
	    "the database (default: in XDG_STATE_HOME)" },
	{ "file", 0, OPT_TEXT, AT(file), "FILE",
	    "the pins, where pins.file of the policy names it" },
	{ "server", 's', OPT_TEXT, AT(server), "S", "of this server" },
	{ "json", 0, OPT_FLAG, AT(json), NULL, "list: JSON Lines" },
	{ "key", 0, OPT_TEXT, AT(key), "FILE",
	    "accept, reset: the key of the audit log's chain" },
	{ .name = NULL },
};
/* clang-format on */

int
pin_open(struct pin_args *args, bool write, struct error *err)
{
	const char *path = args->file != NULL ? args->file : args->path;
	int rc = query_exists(path, err);

	if (rc == 1)
		rc = 1 -
		     pin_table_open(&args->t, path, write, AUDIT_BUSY_MS, err);
	if (rc == 2)
		rc = -1;
	if (rc == 0)
		diag_info("no pins at '%s' yet", path);
	return rc;
}

/* What accept and reset write of each row before it changes. */
struct word {
	const struct pin_args *args;
	struct journal *j; /* owned; opened with the first */
	bool accept;
};

static int
append(struct word *w, const char *kind, const char *decision,
    struct slice tool, const char *reason, struct error *err)
{
	struct audit_record rec = { .when_us = pin_table_now(),
		.direction = slice_of("proxy"),
		.kind = slice_of(kind),
		.tool = tool,
		.decision = slice_of(decision),
		.rule = slice_of("pins"),
		.reason = slice_of(reason) };

	return journal_append(w->j, &rec, err);
}

static int
write_word(void *arg, const struct pin_row *row, struct error *err)
{
	struct word *w = arg;
	struct audit_options opt = { .path = w->args->path,
		.key_file = w->args->key };
	char hash[HEX_MAX], tool[128], reason[HEX_MAX + 64];

	if (w->j == NULL &&
	    journal_open(&opt, w->args->argv[0], &w->j, err) == -1)
		return -1;
	(void)snprintf(reason, sizeof(reason), "the %s definition, SHA-256 %s",
	    pin_state_name(row), audit_hex(row->hash, hash));
	if (append(w, "pin", w->accept ? "accept" : "reset", row->tool, reason,
		err) == -1)
		return -1;
	(void)printf("%s %s: %s\n", w->accept ? "accepted" : "forgot",
	    quote(tool, sizeof(tool), row->tool), hash);
	return 0;
}

/* All tools that are named, or all; how many, or -1. */
static int
change(struct word *w, struct pin_args *args, struct error *err)
{
	int (*fn)(struct pin_table * t, const char *server, const char *tool,
	    pin_each *each, void *arg, struct error *error) =
	    w->accept ? pins_accept : pins_reset;
	int total = 0, n;

	if (args->argc == 1)
		return fn(&args->t, args->argv[0], NULL, write_word, w, err);
	for (int i = 1; i < args->argc; i++) {
		n = fn(
		    &args->t, args->argv[0], args->argv[i], write_word, w, err);
		if (n == -1)
			return -1;
		if (n == 0)
			diag("there is nothing to %s for '%.64s'", args->action,
			    args->argv[i]);
		total += n;
	}
	return total;
}

static int
pin_change(struct pin_args *args, struct error *err)
{
	struct word w = { .args = args,
		.accept = strcmp(args->action, "accept") == 0 };
	struct audit_options opt = { .path = args->path,
		.key_file = args->key };
	int rc, n = 0;

	if (args->argc == 0) {
		error_set(err, "pin %s: wants SERVER [TOOL...]", args->action);
		return EXIT_TROUBLE;
	}
	if ((rc = pin_open(args, true, err)) != 1)
		return rc == 0 ? EXIT_NO : EXIT_TROUBLE;
	/* Is the key right?  A journal under another would be of no use. */
	if (audit_fold(&opt, AUDIT_BUSY_MS, NULL, err) == -1)
		return EXIT_TROUBLE;
	n = change(&w, args, err);
	if (w.j != NULL) {
		if (append(&w, "session", "end", slice_of(""), "", NULL) == -1)
			diag("the end could not be recorded");
		journal_close(w.j);
		pin_table_close(&args->t);
		if (audit_fold(
			&opt, AUDIT_BUSY_MS, NULL, n == -1 ? NULL : err) == -1)
			n = -1;
	}
	if (n == 0)
		(void)printf("nothing to %s\n", args->action);
	return n == -1 ? EXIT_TROUBLE : n == 0 ? EXIT_NO : EXIT_YES;
}

static const struct {
	const char *name;
	int (*fn)(struct pin_args *args, struct error *err);
	int most; /* words that may follow */
} actions[] = {
	{ "list", pin_list, 2 },
	{ "diff", pin_differences, 2 },
	{ "accept", pin_change, PIN_TOOLS_MAX },
	{ "reset", pin_change, PIN_TOOLS_MAX },
};

static int
act(struct pin_args *args, struct error *err)
{
	int status = EXIT_TROUBLE;

	for (size_t i = 0; i < nitems(actions); i++) {
		if (strcmp(actions[i].name, args->action) != 0)
			continue;
		if (args->argc > actions[i].most)
			return error_set(err, "pin %s: '%.64s' is too many",
				   args->action, args->argv[actions[i].most]),
			       EXIT_TROUBLE;
		status = actions[i].fn(args, err);
		pin_table_close(&args->t);
		return audit_flush(stdout, err) == -1 ? EXIT_TROUBLE : status;
	}
	error_set(err, "pin: '%.64s' is none of list, diff, accept and reset",
	    args->action);
	return status;
}

int
cmd_pin(int argc, char *argv[], struct error *err)
{
	struct pin_args args = { .action = "list" };
	bool help = false;
	int status, at = opt_read_any(
			pin_options, "pin", argc, argv, &args, &help, err);

	if (at == -1)
		return EXIT_TROUBLE;
	if (help)
		return EXIT_YES;
	if (at < argc)
		args.action = argv[at++];
	args.argc = argc - at;
	args.argv = argv + at;
	if (args.path == NULL) {
		args.path = args.own_path = audit_default_path(err);
		if (args.path == NULL) {
			error_wrap(err, "cannot find the audit database; name "
					"it with -a");
			return EXIT_TROUBLE;
		}
	}
	status = act(&args, err);
	free(args.own_path);
	return status;
}
