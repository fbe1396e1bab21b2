/*
 * Proves the chain.
 *
 * What is compared: each row with its hash, each hash with the next row, each
 * row's link with the row before it in its session, the numbers of rows and
 * of records with each other, and the ends of all that with what the tables
 * chain, session and sqlite_sequence remember.  Without a key somebody who can
 * write the file can compute all of it anew; then only a hash that was noted
 * elsewhere (head) tells.
 */
#include "audit/verify.h"

#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/prove.h"
#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/base/xalloc.h"

/* The end of the chain. */
static int
check_tail(struct prove *r, struct error *err)
{
	uint8_t seal[AUDIT_HASH];
	int64_t given;

	if (store_number(&r->store,
		"SELECT coalesce((SELECT seq FROM sqlite_sequence"
		" WHERE name = 'event'), 0)",
		&given, err) == -1)
		return -1;
	store_seal(&r->chain, &r->head, seal);
	if (memcmp(seal, r->head.seal, AUDIT_HASH) != 0)
		return prove_found(r, "head record changed");
	if (r->last < r->head.last)
		return prove_found(r,
		    "row %" PRIu64 ": row missing at the end (%" PRIu64
		    " rows were cut off)",
		    r->last + 1, r->head.last - r->last);
	if (r->last > r->head.last)
		return prove_found(r, "row %" PRIu64 ": row added at the end",
		    r->head.last + 1);
	if (memcmp(r->prev, r->head.last_hash, AUDIT_HASH) != 0)
		return prove_found(r, "head record changed: last hash differs");
	if ((uint64_t)given > r->last)
		return prove_found(r,
		    "row %" PRIu64 ": row missing at the end (numbers up to "
		    "%" PRId64 " were given)",
		    r->last + 1, given);
	if ((uint64_t)given != r->last)
		return prove_found(r, "table sqlite_sequence changed");
	return 0;
}

/* Compares a session with its rows. */
static void
check_session(struct prove *r, const struct store_session *ses)
{
	struct seen key = { .seq = 0 }, **at;

	memcpy(key.name, ses->name, sizeof(key.name));
	at = tfind(&key, &r->sessions, prove_compare);
	if (at == NULL) {
		if (ses->event > r->out->anchor)
			prove_found(
			    r, "session %s: its rows are missing", ses->name);
		return;
	}
	(*at)->known = true;
	if ((*at)->event == 0 || (*at)->loose)
		return; /* its journal was broken: a row says so */
	if ((*at)->seq < ses->seq)
		prove_found(r,
		    "session %s: row missing at its end (%" PRIu64
		    " of %" PRIu64 ")",
		    ses->name, (*at)->seq + 1, ses->seq);
	else if ((*at)->seq > ses->seq ||
		 memcmp((*at)->link, ses->link, AUDIT_HASH) != 0)
		prove_found(r, "session %s: rows added at its end", ses->name);
}

static int
check_sessions(struct prove *r, struct error *err)
{
	sqlite3_stmt *st = store_prepare(&r->store,
	    "SELECT name, nonce, part, offset, seq, link, event, state"
	    " FROM session",
	    err);
	struct store_session ses;
	int rc = -1, got;

	if (st == NULL)
		return -1;
	while ((got = sqlite3_step(st)) == SQLITE_ROW) {
		if (store_session_read(&r->store, st, &ses, NULL) == -1)
			prove_found(r, "table of sessions changed");
		else
			check_session(r, &ses);
	}
	if (got == SQLITE_DONE)
		rc = 0;
	else
		store_error(&r->store, err);
	sqlite3_finalize(st);
	return rc;
}

/* Has the session a journal, so that it may still be running? */
static bool
has_journal(const struct prove *r, const char *session)
{
	sqlite3_stmt *st = store_prepare(
	    &r->store, "SELECT part FROM session WHERE name = ?1", NULL);
	char name[PART_NAME_MAX];
	bool yes = false;

	if (st != NULL &&
	    sqlite3_bind_text(st, 1, session, -1, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW && r->dir_fd != -1)
		for (int64_t i = 0; i < 2 && !yes; i++) {
			(void)snprintf(name, sizeof(name),
			    "%.8s.%" PRId64 PART_SUFFIX, session,
			    (int64_t)sqlite3_column_int64(st, 0) + i);
			yes = faccessat(r->dir_fd, name, F_OK, 0) == 0;
		}
	sqlite3_finalize(st);
	return yes;
}

static void
each_session(const void *node, VISIT visit, void *arg)
{
	const struct seen *seen = *(struct seen *const *)node;
	struct prove *r = arg;
	char *names = r->out->cut_names;
	size_t len = strlen(names);

	if (visit != postorder && visit != leaf)
		return;
	if (!seen->known && seen->event > 0)
		prove_found(r, "session %s: its record is missing", seen->name);
	if (seen->ended || seen->event == 0)
		return;
	if (has_journal(r, seen->name)) {
		r->out->running++;
		return;
	}
	r->out->cut++;
	if (len + PART_SESSION + 2 < sizeof(r->out->cut_names))
		(void)snprintf(names + len, sizeof(r->out->cut_names) - len,
		    "%s%s", len > 0 ? " " : "", seen->name);
}

/* Without a head there never was a row. */
static int
check_unused(struct prove *r, struct error *err)
{
	int64_t n;

	if (store_number(&r->store,
		"SELECT (SELECT count(*) FROM event) +"
		" (SELECT count(*) FROM session) +"
		" (SELECT count(*) FROM sqlite_sequence)",
		&n, err) == -1)
		return -1;
	return n > 0 ? prove_found(r, "head record missing") : 0;
}

static int
check_end(struct prove *r, struct error *err)
{
	if (check_tail(r, err) == -1 || check_sessions(r, err) == -1)
		return -1;
	twalk_r(r->sessions, each_session, r);
	if (r->out->broken > 0)
		prove_found(r,
		    "%" PRIu64 " journals were broken when they were folded; "
		    "see audit --decision broken",
		    r->out->broken);
	return 0;
}

/* Everything, within one read transaction. */
static int
check_all(struct prove *r, struct error *err)
{
	static const uint8_t none[CHAIN_ID];
	int rc = store_head_get(&r->store, &r->head, err);

	if (rc == -1)
		return -1;
	if (rc == 1 && memcmp(r->head.key, none, CHAIN_ID) != 0 &&
	    !r->chain.keyed)
		return error_set(err,
		    "audit database '%s' has a key; name it with --key",
		    r->store.path);
	if (rc == 1 && memcmp(r->head.key, r->chain.id, CHAIN_ID) != 0)
		return prove_found(r, "the chain was not made with this key");
	r->out->keyed = r->chain.keyed;
	r->last = r->out->anchor = r->head.anchor;
	memcpy(r->prev, r->head.anchor_hash, AUDIT_HASH);
	r->met = r->want != NULL && r->last > 0 &&
		 memcmp(r->prev, r->want, AUDIT_HASH) == 0;
	if (prove_rows(r, err) == -1)
		return -1;
	memcpy(r->out->head, r->prev, AUDIT_HASH);
	if (!r->out->whole)
		return 0;
	if ((rc == 1 ? check_end(r, err) : check_unused(r, err)) == -1)
		return -1;
	if (r->want != NULL && !r->met)
		prove_found(r,
		    "the hash given with --head is not in the chain: rows "
		    "were replaced or cut off since, or retention removed it");
	return 0;
}

int
verify_run(const struct audit_options *opt, const uint8_t *head, int busy_ms,
    struct verify *ret, struct error *err)
{
	struct prove *r = xcalloc(1, sizeof(*r));
	int rc = -1;

	*ret = (struct verify){ .whole = true };
	r->dir_fd = -1;
	r->out = ret;
	r->want = head;
	if (chain_init(&r->chain, opt->key_file, err) == -1 ||
	    store_open(&r->store, opt->path, false, busy_ms, err) == -1)
		goto out;
	(void)part_dir(opt->path, false, &r->dir_fd, NULL);
	if (sqlite3_exec(r->store.db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		store_error(&r->store, err);
	else
		rc = check_all(r, err);
out:
	tdestroy(r->sessions, free);
	fd_close(&r->dir_fd);
	store_close(&r->store);
	chain_release(&r->chain);
	free(r);
	return rc;
}
