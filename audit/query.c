/*
 * Reads rows for listing and export.  Everything that a user or a peer wrote
 * is bound, never put into a statement's text.
 */
#include "audit/query.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/fd.h"

/* The longest statement that the table below can make. */
#define SQL_MAX 1024

enum filter_kind { FILTER_TEXT, FILTER_NUMBER, FILTER_FLAG };

/* Row i is parameter i + 1; a filter that asks for nothing is left out. */
static const struct filter {
	const char *sql;
	enum filter_kind kind;
	size_t offset;
} filters[] = {
	{ " AND at_us >= ?1", FILTER_NUMBER, offsetof(struct query, since_us) },
	{ " AND decision = ?2", FILTER_TEXT, offsetof(struct query, decision) },
	{ " AND server = ?3", FILTER_TEXT, offsetof(struct query, server) },
	{ " AND tool = ?4", FILTER_TEXT, offsetof(struct query, tool) },
	{ " AND session = ?5", FILTER_TEXT, offsetof(struct query, session) },
	{ " AND stage = ?6", FILTER_TEXT, offsetof(struct query, stage) },
	{ " AND event = ?7", FILTER_NUMBER, offsetof(struct query, event) },
	{ " AND seq = ?8", FILTER_NUMBER, offsetof(struct query, seq) },
	{ " AND event > ?9", FILTER_NUMBER, offsetof(struct query, after) },
	{ " AND decision NOT IN ('allow', 'start', 'end', 'reload')",
	    FILTER_FLAG, offsetof(struct query, findings) },
	{ " ORDER BY event DESC LIMIT ?11", FILTER_NUMBER,
	    offsetof(struct query, newest) },
};

static const char *
text_at(const struct query *q, const struct filter *f)
{
	const char *text;

	memcpy(&text, (const char *)q + f->offset, sizeof(text));
	return text;
}

static int64_t
number_at(const struct query *q, const struct filter *f)
{
	int64_t n;

	memcpy(&n, (const char *)q + f->offset, sizeof(n));
	return n;
}

static bool
asked(const struct query *q, const struct filter *f)
{
	switch (f->kind) {
	case FILTER_TEXT:
		return text_at(q, f) != NULL;
	case FILTER_NUMBER:
		return number_at(q, f) != 0;
	case FILTER_FLAG:
		return *((const char *)q + f->offset) != 0;
	}
	return false;
}

static int
has_journal(const char *path, struct error *err)
{
	char session[PART_SESSION + 1];
	uint32_t number;
	const struct dirent *entry;
	DIR *dir;
	int fd, found = 0;

	if (part_dir(path, false, &fd, err) == -1)
		return errno == ENOENT ? 0 : -1;
	if ((dir = fdopendir(fd)) == NULL) {
		error_sys(err, "cannot read the journals of '%s'", path);
		fd_close(&fd);
		return -1;
	}
	while (found == 0 && (entry = readdir(dir)) != NULL)
		found = part_name(entry->d_name, session, &number);
	(void)closedir(dir);
	return found;
}

int
query_exists(const char *path, struct error *err)
{
	int rc;

	if (access(path, F_OK) == 0)
		return 1;
	if (errno != ENOENT && errno != ENOTDIR)
		return error_sys(err, "cannot reach audit database '%s'", path);
	rc = has_journal(path, err);
	if (rc == 0 && err != NULL)
		err->msg[0] = '\0';
	return rc;
}

static int
number(const char *text, uint64_t *ret)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    n == 0 || n > INT64_MAX)
		return -1;
	*ret = n;
	return 0;
}

int
query_event(const char *text, struct query *q, struct error *err)
{
	if (strspn(text, "0123456789abcdef") == PART_SESSION &&
	    text[PART_SESSION] == '-' &&
	    number(text + PART_SESSION + 1, &q->seq) == 0) {
		memcpy(q->session_text, text, PART_SESSION);
		q->session = q->session_text;
		return 0;
	}
	if (number(text, &q->event) == 0)
		return 0;
	return error_set(err,
	    "'%.64s' is no event: it looks like 5f3a9c2e-17, or is a row's "
	    "number",
	    text);
}

/* "Z", "+hh:mm" or nothing: seconds to take off. */
static int
zone(const char *text, int64_t *ret)
{
	struct tm tm = { .tm_mday = 1 };
	const char *end;
	int64_t minutes;

	*ret = 0;
	if (text[0] == '\0' || strcmp(text, "Z") == 0)
		return 0;
	if ((text[0] != '+' && text[0] != '-') || text[1] < '0' ||
	    text[1] > '1' || (end = strptime(text + 1, "%H:%M", &tm)) == NULL ||
	    *end != '\0')
		return -1;
	minutes = (int64_t)tm.tm_hour * 60 + tm.tm_min;
	*ret = (text[0] == '-' ? -60 : 60) * minutes;
	return 0;
}

static int
date(const char *text, int64_t *ret_us)
{
	static const char *const formats[] = { "%Y-%m-%dT%H:%M:%S",
		"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M",
		"%Y-%m-%d" };
	int64_t off;

	for (size_t i = 0; i < nitems(formats); i++) {
		struct tm tm = { .tm_mday = 1 };
		const char *end = strptime(text, formats[i], &tm);
		int day = tm.tm_mday, month = tm.tm_mon;
		time_t t;

		if (end != NULL && *end == '.' && i < 2)
			end += 1 + strspn(end + 1, "0123456789");
		if (end == NULL || zone(end, &off) == -1)
			continue;
		t = timegm(&tm);
		if (tm.tm_mday != day || tm.tm_mon != month)
			return -1; /* 30 February */
		*ret_us = ((int64_t)t - off) * 1000000;
		return 0;
	}
	return -1;
}

int
query_since(
    const char *text, int64_t now_us, int64_t *ret_us, struct error *err)
{
	static const char units[] = "smhdw";
	static const int64_t seconds[] = { 1, 60, 3600, 86400, 604800 };
	const char *unit;
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	unit = *end != '\0' && end[1] == '\0' ? strchr(units, *end) : NULL;
	if (unit != NULL && text[0] >= '0' && text[0] <= '9' && errno == 0 &&
	    n <= 100LL * 366 * 86400 / seconds[unit - units]) {
		*ret_us = now_us - n * seconds[unit - units] * 1000000;
		return 0;
	}
	if (date(text, ret_us) == 0)
		return 0;
	return error_set(err,
	    "'%.64s' is no time: use 2026-01-02, 2026-01-02T03:04:05Z, or a "
	    "span such as 10m, 2h or 7d",
	    text);
}

int
reader_open(struct reader *r, const char *path, int busy_ms, struct error *err)
{
	r->st = NULL;
	return store_open(&r->store, path, false, busy_ms, err);
}

void
reader_close(struct reader *r)
{
	sqlite3_finalize(r->st);
	r->st = NULL;
	store_close(&r->store);
}

static int
bind(struct reader *r, const struct query *q, struct error *err)
{
	for (size_t i = 0; i < nitems(filters); i++) {
		int rc = SQLITE_OK, at = (int)i + 1;

		if (!asked(q, &filters[i]))
			continue;
		if (filters[i].kind == FILTER_TEXT)
			rc = sqlite3_bind_text(r->st, at,
			    text_at(q, &filters[i]), -1, SQLITE_TRANSIENT);
		else if (filters[i].kind == FILTER_NUMBER)
			rc = sqlite3_bind_int64(
			    r->st, at, number_at(q, &filters[i]));
		if (rc != SQLITE_OK)
			return store_error(&r->store, err);
	}
	return 0;
}

int
reader_begin(struct reader *r, const struct query *q, struct error *err)
{
	char text[SQL_MAX];
	size_t len = 0;

	len += (size_t)snprintf(
	    text, sizeof(text), "SELECT * FROM (SELECT" STORE_ROW "WHERE 1");
	for (size_t i = 0; i < nitems(filters); i++)
		if (asked(q, &filters[i]))
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s", filters[i].sql);
	(void)snprintf(text + len, sizeof(text) - len, ") ORDER BY event");
	sqlite3_finalize(r->st);
	r->st = store_prepare(&r->store, text, err);
	return r->st == NULL ? -1 : bind(r, q, err);
}

int
reader_next(struct reader *r, struct store_row *ret, struct error *err)
{
	switch (sqlite3_step(r->st)) {
	case SQLITE_ROW:
		return store_row_read(&r->store, r->st, ret, err);
	case SQLITE_DONE:
		sqlite3_finalize(r->st);
		r->st = NULL;
		return 0;
	default:
		return store_error(&r->store, err);
	}
}
