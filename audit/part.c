/*
 * The files of a journal: their directory, their names, their frames.
 *
 * A file is a row of frames: the length of the body, the same inverted, the
 * body, and a hash over it.  The inverted length tells a length that was
 * altered from one whose body is not there yet, so that only what a killed
 * write(2) leaves, a true prefix of a frame, counts as torn.
 */
#include "audit/part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/base/xalloc.h"

/* How a head begins; the digit is the format. */
static const uint8_t magic[8] = { 'm', 'c', 'p', 'j', 'r', 'n', 'l', '1' };
#define HEAD_KEY 36 /* offset of the key's id in a head */

/* Makes the directories above the last '/' of path that are missing. */
static int
make_above(const char *path, struct error *err)
{
	char *copy = xstrdup(path), *slash = copy;
	int rc = 0;

	while (rc == 0 && (slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		if (mkdir(copy, 0700) == -1 && errno != EEXIST)
			rc = error_sys(err, "cannot make directory '%s'", copy);
		*slash = '/';
	}
	free(copy);
	return rc;
}

int
part_dir(const char *path, bool create, int *ret_fd, struct error *err)
{
	char *dir = xasprintf("%s.journals", path);
	struct stat sb;
	int fd = -1, saved, rc = -1;

	if (create && make_above(dir, err) == -1)
		goto out;
	if (create && mkdir(dir, 0700) == -1 && errno != EEXIST) {
		error_sys(err, "cannot make directory '%s'", dir);
		goto out;
	}
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &sb) == -1) {
		error_sys(err, "cannot open directory '%s'", dir);
		goto out;
	}
	if (sb.st_uid != geteuid() || (sb.st_mode & 022) != 0) {
		errno = EPERM;
		error_set(err,
		    "directory '%s' belongs to somebody else or is writable "
		    "by others",
		    dir);
		goto out;
	}
	*ret_fd = fd;
	fd = -1;
	rc = 0;
out:
	saved = errno;
	fd_close(&fd);
	free(dir);
	errno = saved;
	return rc;
}

bool
part_name(
    const char *name, char ret_session[PART_SESSION + 1], uint32_t *ret_number)
{
	const char *digits = name + PART_SESSION + 1;
	unsigned long long n;
	char *end;

	if (strspn(name, "0123456789abcdef") != PART_SESSION ||
	    name[PART_SESSION] != '.' || digits[0] < '1' || digits[0] > '9')
		return false;
	errno = 0;
	n = strtoull(digits, &end, 10);
	if (strcmp(end, PART_SUFFIX) != 0 || errno != 0 || n > UINT32_MAX)
		return false;
	memcpy(ret_session, name, PART_SESSION);
	ret_session[PART_SESSION] = '\0';
	*ret_number = (uint32_t)n;
	return true;
}

void
frame_begin(uint8_t dst[FRAME_BEFORE], uint32_t len)
{
	put32(dst, len);
	put32(dst + 4, ~len);
}

size_t
part_head_encode(struct chain *c, const struct part_head *head,
    uint8_t dst[FRAME_BEFORE + HEAD_MAX + FRAME_AFTER])
{
	static const uint8_t zero[AUDIT_HASH];
	uint8_t *body = dst + FRAME_BEFORE, *p = body;
	size_t len = head->server.len;

	memcpy(p, magic, sizeof(magic));
	for (size_t i = 0; i < PART_SESSION; i++)
		p[8 + i] = (uint8_t)head->session[i];
	put32(p + 16, head->part);
	put64(p + 20, head->first);
	memcpy(p + 28, head->nonce, PART_NONCE);
	memcpy(p + HEAD_KEY, head->key, CHAIN_ID);
	memcpy(p + 44, head->link, AUDIT_HASH);
	put32(p + 76, (uint32_t)len);
	if (len > 0)
		memcpy(p + HEAD_FIXED, head->server.at, len);
	len += HEAD_FIXED;
	frame_begin(dst, (uint32_t)len);
	chain_hash(c, CHAIN_FILE, zero, chain_bytes(body, len),
	    (struct slice){ 0 }, body + len);
	return FRAME_BEFORE + len + FRAME_AFTER;
}

static int
head_decode(struct slice body, struct part *p)
{
	const uint8_t *at = (const uint8_t *)body.at;
	struct part_head *head = &p->head;
	size_t len;

	if (body.len < HEAD_FIXED || memcmp(at, magic, sizeof(magic)) != 0)
		return -1;
	len = get32(at + 76);
	if (len != body.len - HEAD_FIXED || len > sizeof(p->server))
		return -1;
	memcpy(head->session, at + 8, PART_SESSION);
	head->part = get32(at + 16);
	head->first = get64(at + 20);
	memcpy(head->nonce, at + 28, PART_NONCE);
	memcpy(head->key, at + HEAD_KEY, CHAIN_ID);
	memcpy(head->link, at + 44, AUDIT_HASH);
	memcpy(p->server, at + HEAD_FIXED, len);
	head->server = (struct slice){ .at = p->server, .len = len };
	if (head->first == 0 || head->part != p->number ||
	    strcmp(head->session, p->session) != 0)
		return -1;
	return 0;
}

/* Is the hash over a head right, if its key were ours? */
static bool
head_proven(struct chain *c, struct slice body, const uint8_t *hash)
{
	static const uint8_t zero[AUDIT_HASH];
	uint8_t ours[HEAD_MAX], want[AUDIT_HASH];

	memcpy(ours, body.at, body.len);
	memcpy(ours + HEAD_KEY, c->id, CHAIN_ID);
	chain_hash(c, CHAIN_FILE, zero, chain_bytes(ours, body.len),
	    (struct slice){ 0 }, want);
	return memcmp(want, hash, AUDIT_HASH) == 0;
}

static enum part_got
head_read(struct part *p, struct chain *c, struct error *err)
{
	const uint8_t *hash = NULL;
	struct slice body;
	enum part_got got = part_next(p, &body, &hash, err);
	bool same, proven;

	if (got != PART_FRAME)
		return got;
	p->records = p->at;
	if (head_decode(body, p) == -1) {
		error_set(err, "its head is not ours");
		return PART_BROKEN;
	}
	same = memcmp(p->head.key, c->id, CHAIN_ID) == 0;
	proven = head_proven(c, body, hash);
	if (same == proven) /* another key: our caller looks at that */
		return PART_FRAME;
	error_set(err, "its head was altered");
	return PART_BROKEN;
}

enum part_got
part_open(struct part *p, int dir_fd, const char *name, struct chain *c,
    uint8_t *buf, struct error *err)
{
	struct stat sb;

	*p = (struct part){ .fd = -1, .buf = buf };
	if (!part_name(name, p->session, &p->number)) {
		error_set(err, "'%s' is no journal", name);
		return PART_TROUBLE;
	}
	(void)snprintf(p->name, sizeof(p->name), "%s", name);
	p->fd = openat(
	    dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (p->fd == -1 && errno == ENOENT)
		return PART_END; /* another process has just removed it */
	if (p->fd == -1 || fstat(p->fd, &sb) == -1) {
		error_sys(err, "cannot open journal '%s'", name);
		return PART_TROUBLE;
	}
	if (!S_ISREG(sb.st_mode)) {
		error_set(err, "journal '%s' is no regular file", name);
		return PART_TROUBLE;
	}
	/* Before the first read: what is dead now gets no more records. */
	p->dead = flock(p->fd, LOCK_EX | LOCK_NB) == 0;
	return head_read(p, c, err);
}

void
part_close(struct part *p)
{
	fd_close(&p->fd);
}

void
part_seek(struct part *p, uint64_t at)
{
	p->at = at;
	p->buf_len = 0; /* what follows may have been written since */
}

/* Makes len bytes from p->at on readable.  1, 0 if they are not there. */
static int
fill(struct part *p, size_t len, const uint8_t **ret, struct error *err)
{
	size_t from = (size_t)(p->at - p->buf_at);
	ssize_t n;

	if (p->at < p->buf_at || from > p->buf_len || p->buf_len - from < len) {
		p->buf_at = p->at;
		p->buf_len = from = 0;
		do {
			n = pread(p->fd, p->buf + p->buf_len,
			    PART_BUFFER - p->buf_len,
			    (off_t)(p->at + p->buf_len));
			if (n == -1) {
				error_sys(
				    err, "cannot read journal '%s'", p->name);
				return -1;
			}
			p->buf_len += (size_t)n;
		} while (n > 0 && p->buf_len < len);
	}
	*ret = p->buf + from;
	return p->buf_len - from >= len;
}

enum part_got
part_next(struct part *p, struct slice *ret_body, const uint8_t **ret_hash,
    struct error *err)
{
	const uint8_t *at = NULL;
	uint32_t len;
	int rc;

	rc = fill(p, FRAME_BEFORE, &at, err);
	if (rc != 1)
		return rc == 0 ? PART_END : PART_TROUBLE;
	len = get32(at);
	if (get32(at + 4) != (uint32_t)~len || len > RECORD_MAX) {
		error_set(err, "no record begins there");
		return PART_BROKEN;
	}
	rc = fill(p, FRAME_BEFORE + len + FRAME_AFTER, &at, err);
	if (rc != 1)
		return rc == 0 ? PART_END : PART_TROUBLE;
	*ret_body = chain_bytes(at + FRAME_BEFORE, len);
	*ret_hash = at + FRAME_BEFORE + len;
	p->at += FRAME_BEFORE + len + FRAME_AFTER;
	return PART_FRAME;
}

bool
part_present(const struct part *p, int dir_fd)
{
	struct stat named, open_file;

	return fstat(p->fd, &open_file) == 0 &&
	       fstatat(dir_fd, p->name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       named.st_ino == open_file.st_ino &&
	       named.st_dev == open_file.st_dev;
}
