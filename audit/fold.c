/*
 * One journal file into the database.
 *
 * How far a session has been folded is a row of the database and changes in
 * the transaction that inserts the rows, under the write lock; so whoever
 * folds, and whoever is killed, each record is there once.  A file is removed
 * only by a process that held its lock before reading it to the end and
 * committed that.  A file that somebody else has removed in the meantime is
 * recognised under the write lock, before its rows could be inserted again.
 */
#include "audit/fold.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Rows of one transaction: other writers wait for some 50 ms at most. */
#define BATCH_ROWS 8192

enum outcome {
	FOLD_MORE, /* the batch was full */
	FOLD_DONE, /* all that is there is in the database */
	FOLD_BROKEN, /* what is left is of no use */
	FOLD_LATER, /* it does not fit yet: look again */
	FOLD_TROUBLE, /* the database failed: *err is set */
};

static void
skip(struct fold *f, const struct error *why)
{
	if (f->skipped.msg[0] == '\0')
		f->skipped = *why;
}

int
fold_head(struct fold *f, struct store_head *ret, struct error *err)
{
	static const uint8_t none[CHAIN_ID];
	int rc = store_head_get(&f->store, ret, err);

	if (rc == 0)
		memcpy(ret->key, f->chain.id, CHAIN_ID);
	if (rc != 1 || memcmp(ret->key, f->chain.id, CHAIN_ID) == 0)
		return rc == -1 ? -1 : 0;
	if (!f->chain.keyed)
		return error_set(err,
		    "audit database '%s' has a key; name its key file",
		    f->store.path);
	if (memcmp(ret->key, none, CHAIN_ID) == 0)
		return error_set(err,
		    "audit database '%s' was begun without a key; a key needs "
		    "a new one",
		    f->store.path);
	return error_set(err, "audit database '%s' has another key than '%s'",
	    f->store.path, f->opt->key_file);
}

/* A row that tells of a journal which is of no use from here on. */
static int
add_broken(struct fold *f, const struct part *p, struct store_head *head,
    uint64_t seq, const struct error *why, struct error *err)
{
	static const uint8_t zero[AUDIT_HASH];
	char reason[LIMIT_AUDIT_TEXT];
	uint8_t body[RECORD_MAX];
	struct timespec now;
	struct audit_record rec = { .session = slice_of(p->session),
		.server = p->head.server,
		.direction = slice_of("proxy"),
		.kind = slice_of("journal"),
		.decision = slice_of("broken"),
		.stage = slice_of("audit"),
		.rule = slice_of("journal") };
	size_t len;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	rec.when_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	(void)snprintf(reason, sizeof(reason),
	    "journal '%s' is broken after record %" PRIu64 ": %.200s", p->name,
	    seq, why->msg);
	rec.reason = slice_of(reason);
	len = record_encode(&rec, body);
	return store_add(&f->store, &f->chain, head, &rec,
	    chain_bytes(body, len), zero, err);
}

/* Sets *ses to where this file's first unfolded record is. */
static enum outcome
place(const struct fold *f, const struct part *p, bool found,
    struct store_session *ses, struct error *why)
{
	bool same = found && memcmp(ses->nonce, p->head.nonce, PART_NONCE) == 0;
	bool follows =
	    same ? p->number > ses->part && p->head.first == ses->seq + 1 &&
		       memcmp(p->head.link, ses->link, AUDIT_HASH) == 0
		 : p->number == 1 && p->head.first == 1;
	uint64_t had = same ? ses->seq : 0;
	bool told = same && ses->state == SESSION_BROKEN;

	if (same && p->number < ses->part)
		return FOLD_DONE; /* a later part could only follow it */
	if (same && p->number == ses->part)
		return told ? FOLD_BROKEN : FOLD_MORE;
	if (!follows && !told && !f->last_pass)
		return FOLD_LATER;
	*ses = (struct store_session){ .part = p->number,
		.offset = p->records,
		.seq = p->head.first - 1,
		.event = ses->event };
	memcpy(ses->name, p->session, sizeof(ses->name));
	memcpy(ses->nonce, p->head.nonce, PART_NONCE);
	memcpy(ses->link, p->head.link, AUDIT_HASH);
	if (!follows && !told)
		error_set(why, "records %" PRIu64 " to %" PRIu64 " are missing",
		    had + 1, p->head.first - 1);
	return FOLD_MORE;
}

static int
check_record(struct fold *f, const struct store_session *ses, struct slice body,
    const uint8_t *link, struct audit_record *ret, struct error *why)
{
	uint8_t want[AUDIT_HASH];

	chain_hash(
	    &f->chain, CHAIN_LINK, ses->link, body, (struct slice){ 0 }, want);
	if (memcmp(want, link, AUDIT_HASH) != 0)
		return error_set(why, "its chain does not hold");
	if (record_decode(body, ret) == -1)
		return error_set(why, "a record cannot be read");
	if (ret->seq != ses->seq + 1 || !slice_is(ret->session, ses->name))
		return error_set(why, "a record is not where it belongs");
	return 0;
}

/* Inserts the records from ses->offset on. */
static enum outcome
copy(struct fold *f, struct part *p, struct store_head *head,
    struct store_session *ses, struct error *why, struct error *err)
{
	part_seek(p, ses->offset);
	for (int i = 0; i < BATCH_ROWS; i++) {
		struct audit_record rec;
		struct slice body;
		const uint8_t *link;
		enum part_got got = part_next(p, &body, &link, why);

		if (got == PART_END)
			return FOLD_DONE;
		if (got == PART_TROUBLE) {
			skip(f, why);
			return FOLD_LATER;
		}
		if (got == PART_BROKEN ||
		    check_record(f, ses, body, link, &rec, why) == -1)
			return FOLD_BROKEN;
		if (store_add(&f->store, &f->chain, head, &rec, body, link,
			err) == -1)
			return FOLD_TROUBLE;
		ses->seq = rec.seq;
		memcpy(ses->link, link, AUDIT_HASH);
		ses->offset = p->at;
		ses->event = head->last;
		if (slice_is(rec.kind, "session") &&
		    slice_is(rec.decision, "end"))
			ses->state = SESSION_ENDED;
	}
	return FOLD_MORE;
}

/* Within a transaction: everything but its end. */
static enum outcome
batch(struct fold *f, struct part *p, struct store_head *head,
    struct store_session *ses, struct error *err)
{
	struct error gap = { "" }, why = { "" };
	enum outcome out;
	struct stat sb;
	int found = store_session_get(&f->store, p->session, ses, err);

	if (found == -1)
		return FOLD_TROUBLE;
	if (fstat(p->fd, &sb) == -1) {
		error_sys(err, "cannot examine journal '%s'", p->name);
		return FOLD_TROUBLE;
	}
	out = place(f, p, found == 1, ses, &gap);
	if (out != FOLD_MORE)
		return out;
	if (gap.msg[0] != '\0' &&
	    add_broken(f, p, head, p->head.first - 1, &gap, err) == -1)
		return FOLD_TROUBLE;
	if (ses->offset > (uint64_t)sb.st_size) {
		error_set(&why, "it was cut short");
		out = FOLD_BROKEN;
	} else {
		out = copy(f, p, head, ses, &why, err);
	}
	if (out == FOLD_BROKEN && !f->last_pass && !p->dead) {
		/* A record that was refused may just be giving way. */
		out = FOLD_LATER;
	} else if (out == FOLD_BROKEN) {
		ses->state = SESSION_BROKEN;
		if (add_broken(f, p, head, ses->seq, &why, err) == -1)
			out = FOLD_TROUBLE;
	}
	return out;
}

/* One transaction. */
static enum outcome
transaction(struct fold *f, struct part *p, struct error *err)
{
	struct store_head head;
	struct store_session ses = { .seq = 0 };
	enum outcome out = FOLD_TROUBLE;
	uint64_t before;

	if (store_run(&f->store, STMT_BEGIN, err) == -1)
		return FOLD_TROUBLE;
	if (fold_head(f, &head, err) == -1)
		goto out;
	before = head.last;
	out = part_present(p, f->dir_fd) ? batch(f, p, &head, &ses, err)
					 : FOLD_LATER;
	if (out != FOLD_TROUBLE && head.last > before &&
	    (store_head_put(&f->store, &f->chain, &head, err) == -1 ||
		store_session_put(&f->store, &ses, err) == -1 ||
		store_run(&f->store, STMT_COMMIT, err) == -1))
		out = FOLD_TROUBLE;
	if (out != FOLD_TROUBLE)
		f->rows += head.last - before;
out:
	if (sqlite3_get_autocommit(f->store.db) == 0)
		(void)store_run(&f->store, STMT_ROLLBACK, NULL);
	return out;
}

/* Keeps a file that is of no use, out of the way. */
static void
set_aside(const struct fold *f, const struct part *p)
{
	char name[PART_NAME_MAX + 16];

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "%s.broken", p->name);
		if (i > 0)
			(void)snprintf(
			    name, sizeof(name), "%s.broken-%d", p->name, i);
		if (renameat2(f->dir_fd, p->name, f->dir_fd, name,
			RENAME_NOREPLACE) == 0 ||
		    errno != EEXIST)
			return;
	}
}

/* A file whose head is no good says nothing about its session. */
static int
fold_headless(
    struct fold *f, struct part *p, const struct error *why, struct error *err)
{
	struct store_head head;
	int rc = -1;

	if (!f->last_pass && !p->dead) {
		f->again = true;
		return 0;
	}
	if (store_run(&f->store, STMT_BEGIN, err) == -1)
		return -1;
	if (fold_head(f, &head, err) == -1)
		goto out;
	rc = 0;
	if (!part_present(p, f->dir_fd))
		goto out;
	if (add_broken(f, p, &head, 0, why, err) == -1 ||
	    store_head_put(&f->store, &f->chain, &head, err) == -1 ||
	    store_run(&f->store, STMT_COMMIT, err) == -1)
		rc = -1;
	else
		f->rows++;
out:
	if (sqlite3_get_autocommit(f->store.db) == 0)
		(void)store_run(&f->store, STMT_ROLLBACK, NULL);
	else if (rc == 0)
		set_aside(f, p);
	return rc;
}

/* Is there nothing to be had?  Then no write lock is taken for it. */
static bool
idle(struct fold *f, const struct part *p)
{
	struct store_session ses;
	struct stat sb;

	return !p->dead && fstat(p->fd, &sb) == 0 &&
	       store_session_get(&f->store, p->session, &ses, NULL) == 1 &&
	       memcmp(ses.nonce, p->head.nonce, PART_NONCE) == 0 &&
	       ses.part == p->number &&
	       (ses.offset == (uint64_t)sb.st_size ||
		   ses.state == SESSION_BROKEN);
}

static int
fold_records(struct fold *f, struct part *p, struct error *err)
{
	enum outcome out;

	if (memcmp(p->head.key, f->chain.id, CHAIN_ID) != 0) {
		error_set(
		    err, "journal '%s' was made with another key", p->name);
		skip(f, err);
		err->msg[0] = '\0';
		return 0;
	}
	if (idle(f, p))
		return 0;
	do
		out = transaction(f, p, err);
	while (out == FOLD_MORE && !fold_late(f));
	if (out == FOLD_TROUBLE)
		return -1;
	if (out == FOLD_LATER)
		f->again = true;
	if (out == FOLD_DONE && p->dead && part_present(p, f->dir_fd))
		(void)unlinkat(f->dir_fd, p->name, 0);
	if (out == FOLD_BROKEN && p->dead)
		set_aside(f, p);
	return 0;
}

/* Has a file that has no head now had records before? */
static bool
was_begun(struct fold *f, const struct part *p, struct error *why)
{
	struct store_session ses;

	if (store_session_get(&f->store, p->session, &ses, NULL) != 1 ||
	    p->fd == -1 || ses.part != p->number || ses.offset == 0)
		return false;
	error_set(why, "it was cut short");
	return true;
}

int
fold_part(struct fold *f, const char *name, struct error *err)
{
	struct error why = { "" };
	enum part_got got;
	struct part p;
	int rc = 0;

	got = part_open(&p, f->dir_fd, name, &f->chain, f->buf, &why);
	if (got == PART_END && was_begun(f, &p, &why))
		got = PART_BROKEN;
	switch (got) {
	case PART_FRAME:
		rc = fold_records(f, &p, err);
		break;
	case PART_END: /* not begun, or killed before it was */
		if (p.dead && part_present(&p, f->dir_fd))
			(void)unlinkat(f->dir_fd, name, 0);
		break;
	case PART_BROKEN:
		rc = fold_headless(f, &p, &why, err);
		break;
	case PART_TROUBLE:
		skip(f, &why);
		break;
	}
	part_close(&p);
	return rc;
}
