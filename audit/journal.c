/*
 * The writer's side of a session's journal.
 *
 * Who may do what, and under which lock:
 *  - The writer holds flock(LOCK_EX) on its newest file from before the first
 *    byte until it closes it or dies.  A file whose lock can be taken is dead:
 *    nothing will ever be appended to it.
 *  - Files are removed by audit_fold() only, and only by a process that took
 *    the lock before it read the file to its end and has committed all of it.
 *    In the moment between creating a file and locking it such a process may
 *    remove it, empty as it is; the writer looks for that once it has the lock
 *    and begins again.
 *  - A file that has grown large is left behind for a new part, which names
 *    the number and link that its records continue.  The old part's lock is
 *    given up only when the new part is complete, so nothing is lost whoever
 *    dies when: a part without a complete head holds no record.  Parts are
 *    folded in order; a part may be left behind before it has been folded.
 *  - A record that could not be written whole is cut off again before anything
 *    else is written.  While that fails the journal takes no records.
 */
#include "audit/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/part.h"
#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/base/xalloc.h"

/* Bytes after which a new part is begun: some 10,000 records. */
#define PART_FULL (4UL << 20)
/* Bytes of one record in the file, at most, and of those that may wait. */
#define FRAME_MAX (FRAME_BEFORE + RECORD_MAX + FRAME_AFTER)
#define FRAMES_MAX (FRAME_MAX + (64U << 10))
/* Microseconds between two looks whether the file is still in its place. */
#define LOOK_US 100000
/* Attempts at a name; one is enough but for odds of one in 2^32. */
#define NAME_TRIES 16

struct journal {
	int dir_fd, fd;
	struct chain chain;
	struct part_head head; /* server is owned; link is the last record's */
	uint8_t
	    written_link[AUDIT_HASH]; /* of the last record that is written */
	uint64_t next, rows;
	int64_t looked_us; /* when its name was last looked up */
	uint64_t nwaiting; /* records in frame that are not written yet */
	size_t len; /* bytes of them */
	uint64_t size; /* bytes of the file that hold complete frames */
	bool ragged; /* bytes of a refused record may be behind size */
	uint8_t frame[FRAMES_MAX];
};
static_assert(HEAD_MAX <= FRAMES_MAX, "a head fits in frame");

/* Creates and locks the file of head.part.  1, 0 if the name is taken. */
static int
create(struct journal *j, int *ret_fd, struct error *err)
{
	char name[PART_NAME_MAX];
	struct stat sb;
	int fd;

	(void)snprintf(name, sizeof(name), "%s.%" PRIu32 PART_SUFFIX,
	    j->head.session, j->head.part);
	for (int i = 0; i < NAME_TRIES; i++) {
		fd = openat(j->dir_fd, name,
		    O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
		if (fd == -1 && errno == EEXIST)
			return 0;
		if (fd == -1)
			return error_sys(err, "cannot make journal '%s'", name);
		if (flock(fd, LOCK_EX) == 0 && fstat(fd, &sb) == 0 &&
		    sb.st_nlink > 0) {
			*ret_fd = fd;
			return 1;
		}
		fd_close(&fd);
	}
	return error_set(err, "cannot lock journal '%s'", name);
}

/* Writes all of it behind size, or leaves the file as it was. */
static int
append(struct journal *j, int fd, uint64_t size, size_t len, struct error *err)
{
	/* A short write is tried once more for its cause. */
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, j->frame + done, len - done);

		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENOSPC;
		error_sys(err, "cannot write journal '%s'", j->head.session);
		j->ragged = ftruncate(fd, (off_t)size) == -1;
		return -1;
	}
	return 0;
}

/* Begins the file of head.part.  1, 0 if the name is taken. */
static int
begin_part(struct journal *j, struct error *err)
{
	char name[PART_NAME_MAX];
	size_t len = part_head_encode(&j->chain, &j->head, j->frame);
	int fd = -1, rc;

	if ((rc = create(j, &fd, err)) != 1)
		return rc;
	if (append(j, fd, 0, len, err) == -1) {
		(void)snprintf(name, sizeof(name), "%s.%" PRIu32 PART_SUFFIX,
		    j->head.session, j->head.part);
		(void)unlinkat(j->dir_fd, name, 0);
		j->ragged = false; /* the part before is in good order */
		fd_close(&fd);
		return -1;
	}
	fd_close(&j->fd);
	j->fd = fd;
	j->size = len;
	return 1;
}

static int
first_part(struct journal *j, struct error *err)
{
	uint8_t random[4 + PART_NONCE];
	int rc = 0;

	for (int i = 0; i < NAME_TRIES && rc == 0; i++) {
		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			return error_sys(err, "cannot choose a session");
		(void)snprintf(j->head.session, sizeof(j->head.session),
		    "%08" PRIx32, get32(random));
		memcpy(j->head.nonce, random + 4, PART_NONCE);
		rc = begin_part(j, err);
	}
	if (rc == 0)
		return error_set(err, "cannot find a name for a session");
	return rc == 1 ? 0 : -1;
}

int
journal_open(const struct audit_options *opt, const char *server,
    struct journal **ret, struct error *err)
{
	struct journal *j = xcalloc(1, sizeof(*j));
	size_t len = strnlen(server, LIMIT_AUDIT_TEXT);

	j->dir_fd = j->fd = -1;
	j->next = 1;
	j->head.part = 1;
	j->head.first = 1;
	j->head.server =
	    (struct slice){ .at = xmemdup0(server, len), .len = len };
	if (chain_init(&j->chain, opt->key_file, err) == -1 ||
	    part_dir(opt->path, true, &j->dir_fd, err) == -1)
		goto fail;
	memcpy(j->head.key, j->chain.id, CHAIN_ID);
	if (first_part(j, err) == -1) {
		error_wrap(err, "audit '%s'", opt->path);
		goto fail;
	}
	*ret = j;
	return 0;
fail:
	journal_close(j);
	return -1;
}

const char *
journal_session(const struct journal *j)
{
	return j->head.session;
}

uint64_t
journal_next(const struct journal *j)
{
	return j->next;
}

uint64_t
journal_rows(const struct journal *j)
{
	return j->rows;
}

/* Does its name still lead to it?  Otherwise nobody would ever fold it. */
static bool
in_place(struct journal *j, const struct stat *sb, int64_t when_us)
{
	char name[PART_NAME_MAX];
	struct stat there;

	if (when_us >= j->looked_us && when_us - j->looked_us < LOOK_US)
		return true;
	j->looked_us = when_us;
	(void)snprintf(name, sizeof(name), "%s.%" PRIu32 PART_SUFFIX,
	    j->head.session, j->head.part);
	return fstatat(j->dir_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	       there.st_ino == sb->st_ino && there.st_dev == sb->st_dev;
}

/* Nobody else writes here; a file that was removed would keep nothing. */
static int
intact(struct journal *j, int64_t when_us, struct error *err)
{
	struct stat sb;

	if (j->ragged && ftruncate(j->fd, (off_t)j->size) == -1)
		return error_sys(
		    err, "cannot repair journal '%s'", j->head.session);
	j->ragged = false;
	if (fstat(j->fd, &sb) == -1)
		return error_sys(
		    err, "cannot examine journal '%s'", j->head.session);
	if (sb.st_nlink == 0 || !in_place(j, &sb, when_us))
		return error_set(
		    err, "journal '%s' was removed", j->head.session);
	if ((uint64_t)sb.st_size != j->size)
		return error_set(err, "journal '%s' was changed by another",
		    j->head.session);
	return 0;
}

/* A new part, when this one is large; without one the old part goes on. */
static void
rotate(struct journal *j)
{
	struct part_head old = j->head;

	if (j->size < PART_FULL || j->head.part == UINT32_MAX)
		return;
	j->head.part++;
	j->head.first = j->next;
	if (begin_part(j, NULL) != 1)
		j->head = old;
}

bool
journal_full(const struct journal *j)
{
	return j->len + FRAME_MAX > sizeof(j->frame);
}

int
journal_add(struct journal *j, struct audit_record *rec, struct error *err)
{
	uint8_t *frame = j->frame + j->len, *body = frame + FRAME_BEFORE;
	uint8_t link[AUDIT_HASH];
	size_t len;

	assert(!journal_full(j));
	if (j->nwaiting == 0) {
		if (intact(j, rec->when_us, err) == -1)
			return -1;
		rotate(j);
		memcpy(j->written_link, j->head.link, AUDIT_HASH);
	}
	rec->seq = j->next;
	rec->session = slice_of(j->head.session);
	rec->server = j->head.server;
	len = record_encode(rec, body);
	frame_begin(frame, (uint32_t)len);
	chain_hash(&j->chain, CHAIN_LINK, j->head.link, chain_bytes(body, len),
	    (struct slice){ 0 }, link);
	memcpy(body + len, link, AUDIT_HASH);
	memcpy(j->head.link, link, AUDIT_HASH);
	j->len += FRAME_BEFORE + len + FRAME_AFTER;
	j->next++;
	j->nwaiting++;
	return 0;
}

int
journal_flush(struct journal *j, struct error *err)
{
	int rc;

	if (j->nwaiting == 0)
		return 0;
	rc = append(j, j->fd, j->size, j->len, err);
	if (rc == 0) {
		j->size += j->len;
		j->rows += j->nwaiting;
	} else {
		j->next -= j->nwaiting;
		memcpy(j->head.link, j->written_link, AUDIT_HASH);
	}
	j->nwaiting = 0;
	j->len = 0;
	return rc;
}

int
journal_append(struct journal *j, struct audit_record *rec, struct error *err)
{
	assert(j->nwaiting == 0);
	return journal_add(j, rec, err) == -1 ? -1 : journal_flush(j, err);
}

void
journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	fd_close(&j->fd);
	fd_close(&j->dir_fd);
	chain_release(&j->chain);
	free((void *)(uintptr_t)j->head.server.at);
	free(j);
}

void
journal_hash(struct slice text, uint8_t ret[AUDIT_HASH])
{
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, text.len, (const uint8_t *)text.at);
	sha256_digest(&sha, AUDIT_HASH, ret);
}
