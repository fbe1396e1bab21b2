/*
 * Pins as a person changes them: what waits is accepted, what was accepted is
 * forgotten.
 */
#include <stdlib.h>

#include "audit/pin.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

/* Names of tools that are to be changed. */
struct names {
	struct name {
		char *at; /* owned; may hold any byte */
		size_t len;
	} * v; /* owned */
	size_t n;
};

static void
names_add(struct names *names, struct slice tool)
{
	size_t n = names->n;

	if (n > 0 &&
	    slice_eq((struct slice){ names->v[n - 1].at, names->v[n - 1].len },
		tool))
		return;
	if ((n & (n - 1)) == 0)
		names->v = xreallocarray(
		    names->v, n == 0 ? 1 : 2 * n, sizeof(*names->v));
	names->v[names->n++] =
	    (struct name){ xmemdup0(tool.at, tool.len), tool.len };
}

static void
names_release(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->v[i].at);
	free(names->v);
}

struct change {
	struct pin_table *t;
	struct slice server;
	const char *tool; /* NULL: all */
	bool accept; /* or reset */
	pin_each *each;
	void *arg;
};

static int
collect(const struct change *c, struct names *names, struct error *err)
{
	struct slice tool = slice_of(c->tool);
	enum pin_stmt stmt = c->tool != NULL ? PIN_SQL_GET : PIN_SQL_LIST;
	struct pin_row row;
	int rc;

	(void)pin_table_ask(c->t, stmt, c->server, tool);
	while ((rc = pin_table_next(c->t, stmt, &row, err)) == 1) {
		if (c->accept ? row.state != PIN_WAITING
			      : row.state == PIN_AWAITED && c->tool != NULL)
			continue;
		if (c->each != NULL && c->each(c->arg, &row, err) == -1)
			return -1;
		names_add(names, row.tool);
	}
	return rc;
}

static int
accept_one(const struct change *c, struct slice tool, struct error *err)
{
	sqlite3_stmt *st;

	if (pin_table_drop(c->t, c->server, tool, PIN_ACCEPTED, err) == -1)
		return -1;
	st = pin_table_ask(c->t, PIN_SQL_ACCEPT, c->server, tool);
	if (st != NULL)
		(void)sqlite3_bind_int64(st, 3, pin_table_now());
	return pin_table_run(c->t, PIN_SQL_ACCEPT, NULL, err);
}

/*
 * A tool that is reset by itself leaves a mark: the server is still known, and
 * its next definition would be a new one.
 */
static int
reset_one(const struct change *c, struct slice tool, struct error *err)
{
	struct pin_row row = { .server = c->server,
		.tool = tool,
		.state = PIN_AWAITED,
		.first_us = pin_table_now(),
		.session = { "", 0 },
		.text = { "", 0 } };

	if (pin_table_drop(c->t, c->server, tool, PIN_ACCEPTED, err) == -1 ||
	    pin_table_drop(c->t, c->server, tool, PIN_WAITING, err) == -1)
		return -1;
	if (c->tool == NULL)
		return pin_table_drop(c->t, c->server, tool, PIN_AWAITED, err);
	return pin_table_put(c->t, &row, err);
}

static int
change(const struct change *c, struct error *err)
{
	struct names names = { NULL, 0 };
	int rc = -1;

	if (pin_table_begin(c->t, true, err) == -1)
		return -1;
	if (collect(c, &names, err) == -1)
		goto out;
	for (size_t i = 0; i < names.n; i++) {
		struct slice tool = { names.v[i].at, names.v[i].len };

		if ((c->accept ? accept_one : reset_one)(c, tool, err) == -1)
			goto out;
	}
	if (pin_table_commit(c->t, err) == 0)
		rc = (int)names.n;
out:
	if (rc == -1)
		pin_table_rollback(c->t);
	names_release(&names);
	return rc;
}

int
pins_accept(struct pin_table *t, const char *server, const char *tool,
    pin_each *each, void *arg, struct error *err)
{
	struct change c = { t, slice_of(server), tool, true, each, arg };

	return change(&c, err);
}

int
pins_reset(struct pin_table *t, const char *server, const char *tool,
    pin_each *each, void *arg, struct error *err)
{
	struct change c = { t, slice_of(server), tool, false, each, arg };

	return change(&c, err);
}
