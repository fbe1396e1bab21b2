/*
 * One tool of a listing against its pins, and the pins that no tool of the
 * listing has.  Judging and writing are one function, so that what is said of
 * a tool is what is written.
 */
#include "audit/pin_judge.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"

/* Names remembered of one listing; of more, none is missed at its end. */
#define SEEN_MAX CANON_TOOLS_MAX

/* A name that this listing has had. */
struct seen {
	uint8_t name[CANON_HASH];
	uint64_t page; /* the last that had it */
};

void
pin_seen_clear(struct pin_seen *s)
{
	tdestroy(s->tree, free);
	s->tree = NULL;
	s->n = 0;
}

static int
compare_seen(const void *a, const void *b)
{
	return memcmp(a, b, CANON_HASH);
}

/* Was a tool of that name in this listing? */
static bool
was_seen(const struct pin_seen *s, const uint8_t name[CANON_HASH])
{
	return tfind(name, &s->tree, compare_seen) != NULL;
}

bool
pin_seen_add(struct pin_seen *s, const uint8_t name[CANON_HASH])
{
	struct seen **had = tfind(name, &s->tree, compare_seen), *one;
	bool twice;

	if (had != NULL) {
		twice = (*had)->page == s->page;
		(*had)->page = s->page;
		return twice;
	}
	if (s->n == SEEN_MAX) {
		s->whole = false;
		return false;
	}
	one = xcalloc(1, sizeof(*one));
	memcpy(one->name, name, CANON_HASH);
	one->page = s->page;
	if (tsearch(one, &s->tree, compare_seen) == NULL) {
		free(one); /* no memory for the node: nothing can be missed */
		s->whole = false;
	} else {
		s->n++;
	}
	return false;
}

static char *
quoted(struct slice text)
{
	char shown[128];

	return xstrdup(quote(shown, sizeof(shown), text));
}

/* Which fields differ, where the texts cannot say it better. */
static void
changed_fields(const struct pin_row *row, const struct canon_tool *tool,
    char dst[PIN_TEXT])
{
	size_t len = 0;

	dst[0] = '\0';
	for (enum canon_field f = 0; f < CANON_FIELDS; f++)
		if (memcmp(row->field[f], tool->field[f], CANON_HASH) != 0)
			len += (size_t)snprintf(dst + len, PIN_TEXT - len,
			    "%s%s", len > 0 ? ", " : "", canon_field_name(f));
}

static char *
changes(const struct pin_row *row, const struct canon_tool *tool)
{
	char text[PIN_TEXT];

	if (row->text.len == 0 || tool->text == NULL)
		changed_fields(row, tool, text);
	else
		canon_changes(text, sizeof(text), row->text,
		    (struct slice){ tool->text, tool->text_len });
	return xstrdup(text);
}

/* What the database has of a tool. */
struct known {
	bool accepted, waiting, awaited;
	bool same; /* as the accepted one */
	bool told; /* as the waiting one */
	int64_t gone_us;
};

static struct slice
name_of(const struct canon_tool *tool)
{
	return (struct slice){ .at = tool->name, .len = tool->name_len };
}

static int
find_known(struct pin_look *l, const struct canon_tool *tool,
    struct pin_finding *f, struct known *ret, struct error *err)
{
	struct pin_row row;
	bool same;
	int rc;

	*ret = (struct known){ .accepted = false };
	(void)pin_table_ask(l->t, PIN_SQL_GET, l->server, name_of(tool));
	while ((rc = pin_table_next(l->t, PIN_SQL_GET, &row, err)) == 1) {
		same = canon_same(row.hash, row.field[CANON_REST], tool->hash,
		    tool->field[CANON_REST]);
		switch (row.state) {
		case PIN_ACCEPTED:
			ret->accepted = true;
			ret->same = same;
			ret->gone_us = row.gone_us;
			if (!same)
				f->changes = changes(&row, tool);
			break;
		case PIN_WAITING:
			ret->waiting = true;
			ret->told = same;
			break;
		case PIN_AWAITED:
			ret->awaited = true;
			break;
		}
	}
	return rc;
}

static int
write_pin(struct pin_look *l, const struct canon_tool *tool,
    enum pin_state state, struct error *err)
{
	struct pin_row row = { .server = l->server,
		.tool = name_of(tool),
		.state = state,
		.first_us = l->now_us,
		.accepted_us = state == PIN_ACCEPTED ? l->now_us : 0,
		.session = l->session,
		.text = { "", 0 } };

	l->nnew++;
	if (!l->write)
		return 0;
	if (tool->text != NULL &&
	    (int64_t)tool->text_len <= PIN_TEXTS_MAX - l->bytes) {
		row.text = (struct slice){ tool->text, tool->text_len };
		l->bytes += (int64_t)tool->text_len;
	}
	memcpy(row.hash, tool->hash, sizeof(row.hash));
	memcpy(row.nameless, tool->nameless, sizeof(row.nameless));
	memcpy(row.field, tool->field, sizeof(row.field));
	return pin_table_put(l->t, &row, err);
}

static int
drop_pin(struct pin_look *l, struct slice tool, enum pin_state state,
    struct error *err)
{
	l->nnew++;
	return l->write ? pin_table_drop(l->t, l->server, tool, state, err) : 0;
}

static int
set_gone(
    struct pin_look *l, struct slice tool, int64_t gone_us, struct error *err)
{
	sqlite3_stmt *st;

	l->nnew++;
	if (!l->write)
		return 0;
	st = pin_table_ask(l->t, PIN_SQL_GONE, l->server, tool);
	if (st != NULL)
		(void)sqlite3_bind_int64(st, 3, gone_us);
	return pin_table_run(l->t, PIN_SQL_GONE, NULL, err);
}

/* Another tool of the server that had this definition and is not listed. */
static int
find_renamed(struct pin_look *l, const struct canon_tool *tool,
    struct pin_finding *f, struct error *err)
{
	struct pin_row row;
	sqlite3_stmt *st =
	    pin_table_ask(l->t, PIN_SQL_LIKE, l->server, name_of(tool));
	int rc;

	if (st != NULL)
		(void)sqlite3_bind_blob(st, 3, tool->nameless,
		    sizeof(tool->nameless), SQLITE_STATIC);
	while ((rc = pin_table_next(l->t, PIN_SQL_LIKE, &row, err)) == 1)
		if (f->was == NULL && !was_seen(l->seen, row.field[CANON_NAME]))
			f->was = quoted(row.tool);
	return rc;
}

static int
find_elsewhere(struct pin_look *l, const struct canon_tool *tool,
    struct pin_finding *f, struct error *err)
{
	struct pin_row row;
	int rc;

	(void)pin_table_ask(l->t, PIN_SQL_ELSEWHERE, l->server, name_of(tool));
	while ((rc = pin_table_next(l->t, PIN_SQL_ELSEWHERE, &row, err)) == 1)
		f->elsewhere = quoted(row.server);
	return rc;
}

/* A tool that was never seen, or was reset. */
static int
judge_unknown(struct pin_look *l, const struct canon_tool *tool,
    const struct known *k, struct pin_finding *f, struct error *err)
{
	bool first = l->first || k->awaited;

	if (!k->awaited && l->tools >= PIN_TOOLS_MAX) {
		f->status = PIN_TOO_MANY;
		return 0;
	}
	l->tools += !k->awaited;
	f->status = first ? PIN_FIRST : PIN_NEW;
	f->waits = !first && l->deny;
	if (!first && find_renamed(l, tool, f, err) == -1)
		return -1;
	if (k->awaited && drop_pin(l, name_of(tool), PIN_AWAITED, err) == -1)
		return -1;
	return write_pin(l, tool, f->waits ? PIN_WAITING : PIN_ACCEPTED, err);
}

static int
judge_known(struct pin_look *l, const struct canon_tool *tool,
    const struct known *k, struct pin_finding *f, struct error *err)
{
	if (!k->accepted) {
		f->status = PIN_NEW;
		f->waits = true;
		f->told = k->told;
		if (find_renamed(l, tool, f, err) == -1)
			return -1;
		return k->told ? 0 : write_pin(l, tool, PIN_WAITING, err);
	}
	if (k->gone_us != 0 && set_gone(l, name_of(tool), 0, err) == -1)
		return -1;
	if (k->same) {
		f->status = PIN_SAME;
		return k->waiting ? drop_pin(l, name_of(tool), PIN_WAITING, err)
				  : 0;
	}
	f->status = PIN_CHANGED;
	f->waits = true;
	f->told = k->told;
	return k->told ? 0 : write_pin(l, tool, PIN_WAITING, err);
}

int
pin_judge(struct pin_look *l, const struct canon_tool *tool,
    struct pin_finding *f, struct error *err)
{
	struct known k;

	if (f->status == PIN_DUPLICATE)
		return 0;
	if (tool->long_name) {
		f->status = PIN_TOO_MANY;
		return 0;
	}
	if (find_known(l, tool, f, &k, err) == -1 ||
	    find_elsewhere(l, tool, f, err) == -1)
		return -1;
	if (k.accepted || k.waiting)
		return judge_known(l, tool, &k, f, err);
	return judge_unknown(l, tool, &k, f, err);
}

/* A row whose tool this listing has not had. */
struct missing {
	char *tool; /* owned */
	size_t len;
	enum pin_state state;
};

static int
find_missing(struct pin_look *l, struct missing **ret_v, size_t *ret_n,
    struct error *err)
{
	struct pin_row row;
	struct missing *v = NULL;
	size_t n = 0;
	int rc;

	(void)pin_table_ask(
	    l->t, PIN_SQL_BARE, l->server, (struct slice){ NULL, 0 });
	while ((rc = pin_table_next(l->t, PIN_SQL_BARE, &row, err)) == 1) {
		if (row.state == PIN_AWAITED || row.gone_us != 0 ||
		    was_seen(l->seen, row.field[CANON_NAME]))
			continue;
		if ((n & (n - 1)) == 0)
			v = xreallocarray(v, n == 0 ? 1 : 2 * n, sizeof(*v));
		v[n++] = (struct missing){ .tool = xmemdup0(
					       row.tool.at, row.tool.len),
			.len = row.tool.len,
			.state = row.state };
	}
	*ret_v = v;
	*ret_n = n;
	return rc;
}

/* What waits is what the server says now; of a tool that is gone, nothing. */
int
pin_judge_missing(struct pin_look *l, struct error *err)
{
	struct missing *v = NULL;
	size_t n = 0;
	int rc = find_missing(l, &v, &n, err);

	if (n > 0)
		l->out->vanished = xcalloc(n, sizeof(*l->out->vanished));
	for (size_t i = 0; i < n; i++) {
		struct slice tool = { v[i].tool, v[i].len };

		if (rc == 0 && v[i].state == PIN_ACCEPTED) {
			l->out->vanished[l->out->nvanished++] = quoted(tool);
			rc = set_gone(l, tool, l->now_us, err);
		} else if (rc == 0) {
			rc = drop_pin(l, tool, v[i].state, err);
		}
		free(v[i].tool);
	}
	free(v);
	return rc;
}
