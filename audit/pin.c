/*
 * Pins as a proxy uses them: a listing is compared with what is in the
 * database, and only where something is new does a second look, under the
 * write lock, write it; so two proxies that see a tool first at once agree on
 * its pin.
 */
#include "audit/pin.h"

#include <stdlib.h>

#include "audit/pin_judge.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

struct pins {
	char *path, *server, *session; /* owned */
	bool deny;
	struct pin_seen seen; /* of the current listing */
	bool begun; /* a listing is under way */
	bool first; /* the server was not known when it began */
};

/* A page that is being compared. */
struct page {
	struct pins *p;
	const struct canon *tools;
	const bool *twice; /* for each tool: its name was there before */
	bool starts, last; /* of its listing */
};

struct pins *
pins_new(const struct pins_options *opt)
{
	struct pins *p = xcalloc(1, sizeof(*p));

	p->path = xstrdup(opt->path);
	p->server = xstrdup(opt->server);
	p->session = xstrdup(opt->session != NULL ? opt->session : "");
	p->deny = opt->deny;
	return p;
}

void
pins_free(struct pins *p)
{
	if (p == NULL)
		return;
	pin_seen_clear(&p->seen);
	free(p->path);
	free(p->server);
	free(p->session);
	free(p);
}

void
pin_report_release(struct pin_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].changes);
		free(r->v[i].was);
		free(r->v[i].elsewhere);
	}
	for (size_t i = 0; i < r->nvanished; i++)
		free(r->vanished[i]);
	free(r->v);
	free(r->vanished);
	*r = (struct pin_report){ .v = NULL };
}

static int
count(struct pin_look *l, enum pin_stmt stmt, int64_t *ret, struct error *err)
{
	(void)pin_table_ask(l->t, stmt, l->server, (struct slice){ NULL, 0 });
	return pin_table_run(l->t, stmt, ret, err);
}

/* Within a transaction. */
static int
judge_page(struct pin_look *l, const struct page *page, struct error *err)
{
	const struct canon *tools = page->tools;
	int64_t known = 0;

	if (count(l, PIN_SQL_KNOWN, &known, err) == -1 ||
	    count(l, PIN_SQL_COUNT, &l->tools, err) == -1 ||
	    (l->write && count(l, PIN_SQL_BYTES, &l->bytes, err) == -1))
		return -1;
	if (page->starts)
		page->p->first = known == 0;
	l->first = l->out->first = page->p->first;
	l->out->v = xcalloc(tools->n + 1, sizeof(*l->out->v));
	l->out->n = tools->n;
	for (size_t i = 0; i < tools->n; i++) {
		if (page->twice[i])
			l->out->v[i].status = PIN_DUPLICATE;
		if (pin_judge(l, &tools->v[i], &l->out->v[i], err) == -1)
			return -1;
	}
	return page->last && l->seen->whole ? pin_judge_missing(l, err) : 0;
}

/* One look, in a transaction of its own; sets how much is new. */
static int
look(const struct page *page, struct pin_table *t, bool write,
    struct pin_report *out, size_t *ret_new, struct error *err)
{
	struct pins *p = page->p;
	struct pin_look l = { .t = t,
		.seen = &p->seen,
		.server = slice_of(p->server),
		.session = slice_of(p->session),
		.deny = p->deny,
		.write = write,
		.out = out,
		.now_us = pin_table_now() };

	if (pin_table_begin(t, write, err) == -1)
		return -1;
	if (judge_page(&l, page, err) == -1 || pin_table_commit(t, err) == -1) {
		pin_table_rollback(t);
		return -1;
	}
	*ret_new = l.nnew;
	return 0;
}

/* Begins a listing if this is its first page; true if it is. */
static bool
begin_page(struct pins *p, unsigned page)
{
	bool starts = (page & PIN_PAGE_FIRST) != 0 || !p->begun;

	if (starts) {
		pin_seen_clear(&p->seen);
		p->seen.whole = (page & PIN_PAGE_FIRST) != 0;
	}
	p->begun = (page & PIN_PAGE_LAST) == 0;
	p->seen.page++;
	return starts;
}

/* Opens to write, or only to read where that cannot be, and *why not. */
static int
open_table(const struct pins *p, struct pin_table *t, bool *ret_writable,
    struct error *why, struct error *err)
{
	*ret_writable =
	    pin_table_open(t, p->path, true, PINS_BUSY_MS, why) == 0;
	if (!*ret_writable) {
		pin_table_close(t);
		if (pin_table_open(t, p->path, false, PINS_BUSY_MS, NULL) != 0)
			return error_set(err, "%s", why->msg);
	}
	/* Folding the journals does that; here somebody waits for a list. */
	(void)sqlite3_db_config(
	    t->store.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
	return 0;
}

/* The second look, after a first one that is in *report.  0, or 1. */
static int
record(const struct page *page, struct pin_table *t, struct pin_report *report,
    struct error *err)
{
	struct pin_report again = { .v = NULL };
	bool first = page->p->first;
	size_t nnew;

	if (look(page, t, true, &again, &nnew, err) == -1) {
		page->p->first = first;
		pin_report_release(&again);
		return 1;
	}
	pin_report_release(report);
	*report = again;
	report->recorded = true;
	return 0;
}

static int
compare(const struct page *page, struct pin_report *ret, struct error *err)
{
	struct pin_table t = { .st = { NULL } };
	struct error why = { "" };
	bool writable;
	size_t nnew;
	int rc = -1;

	if (open_table(page->p, &t, &writable, &why, err) == -1 ||
	    look(page, &t, false, ret, &nnew, err) == -1)
		goto out;
	rc = 0;
	ret->recorded = nnew == 0;
	if (nnew > 0 && writable) {
		rc = record(page, &t, ret, err);
	} else if (nnew > 0) {
		error_set(err, "%s", why.msg);
		rc = 1;
	}
out:
	pin_table_close(&t);
	return rc;
}

int
pins_listing(struct pins *p, const struct canon *tools, unsigned page,
    struct pin_report *ret, struct error *err)
{
	struct pin_report report = { .v = NULL };
	bool *twice = xcalloc(tools->n + 1, sizeof(*twice));
	struct page pg = { .p = p,
		.tools = tools,
		.twice = twice,
		.starts = begin_page(p, page),
		.last = (page & PIN_PAGE_LAST) != 0 };
	int rc;

	for (size_t i = 0; i < tools->n; i++)
		twice[i] =
		    pin_seen_add(&p->seen, tools->v[i].field[CANON_NAME]);
	rc = compare(&pg, &report, err);
	if (rc == -1)
		pin_report_release(&report);
	else
		*ret = report;
	free(twice);
	return rc;
}

int
pins_known(struct pins *p, struct slice tool, struct error *err)
{
	struct pin_table t = { .st = { NULL } };
	struct error why = { "" };
	struct pin_row row;
	bool writable;
	int rc = -1;

	if (open_table(p, &t, &writable, &why, err) == 0) {
		(void)pin_table_ask(&t, PIN_SQL_GET, slice_of(p->server), tool);
		rc = pin_table_next(&t, PIN_SQL_GET, &row, err);
	}
	pin_table_close(&t);
	return rc;
}
