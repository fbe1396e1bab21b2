/*
 * Policy files on disk: where they are looked for, and whether they can be
 * trusted.  Whoever can write to a policy, or to a directory or link on the way
 * to it, decides what is protected; so nobody but us and root may.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/load.h"
#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"

/* Links followed on the way to one file, as many as Linux follows. */
#define LINKS_MAX 40
/* What a step of the walk, or the walk, comes to; -1 is an error. */
enum { WALK_ON, WALK_THERE, WALK_NOTHING };

/* A walk from the root to the file, link by link. */
struct walk {
	const char *shown; /* the path, for messages */
	struct error *err;
	int dir; /* owned: where it stands */
	char rest[PATH_MAX]; /* what is still to go */
	unsigned links;
	bool at_link; /* the file itself is a link */
};

static int
fail(struct walk *w, const char *why)
{
	return error_set(w->err, "%s: %s", w->shown, why);
}

/* Is this one safe from everybody else? */
static int
check_owner(struct walk *w, const struct stat *st)
{
	const char *what = S_ISDIR(st->st_mode)   ? "a directory on its way"
			   : S_ISLNK(st->st_mode) ? "a link on its way"
						  : "it";

	if (st->st_uid != 0 && st->st_uid != geteuid())
		return error_set(w->err,
		    "%s: refused: %s belongs to user %u, neither us nor root",
		    w->shown, what, st->st_uid);
	/* In a sticky directory others can't touch what is not theirs. */
	if (!S_ISLNK(st->st_mode) && (st->st_mode & S_IWOTH) != 0 &&
	    !(S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0))
		return error_set(w->err,
		    "%s: refused: every user may write to %s", w->shown, what);
	return 0;
}

/* Puts what a link says before the rest of the way. */
static int
follow(struct walk *w, int link)
{
	char whole[PATH_MAX];
	size_t tail = strlen(w->rest);
	ssize_t len = readlinkat(link, "", whole, sizeof(whole));

	if (len <= 0 || ++w->links > LINKS_MAX ||
	    (size_t)len + tail + 2 > sizeof(whole))
		return fail(w, "too many links, or too long ones");
	w->at_link = w->at_link || tail == 0;
	whole[len] = '/';
	memcpy(whole + len + 1, w->rest, tail + 1);
	memcpy(w->rest, whole, (size_t)len + tail + 2);
	if (whole[0] != '/')
		return WALK_ON;
	fd_close(&w->dir);
	if ((w->dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1)
		return error_sys(w->err, "%s", w->shown);
	return WALK_ON;
}

/* Opens the last name of the way for reading, and looks at what it got. */
static int
arrive(struct walk *w, const char *name, int *ret_fd)
{
	struct stat st;
	int fd = openat(
	    w->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd == -1)
		return error_sys(w->err, "%s: cannot open", w->shown);
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
		fd_close(&fd);
		return fail(w, "is no regular file");
	}
	if (check_owner(w, &st) == -1) {
		fd_close(&fd);
		return -1;
	}
	*ret_fd = fd;
	return WALK_THERE;
}

/* Takes the first name off the rest of the way. */
static int
take_name(struct walk *w, char name[NAME_MAX + 1])
{
	char *p = w->rest + strspn(w->rest, "/");
	size_t len = strcspn(p, "/");

	if (len == 0)
		return fail(w, "is a directory");
	if (len > NAME_MAX)
		return fail(w, "too long a name");
	memcpy(name, p, len);
	name[len] = '\0';
	p += len;
	p += strspn(p, "/");
	memmove(w->rest, p, strlen(p) + 1);
	return 0;
}

/* Goes one name further; WALK_THERE comes with *ret_fd. */
static int
step(struct walk *w, int *ret_fd)
{
	char name[NAME_MAX + 1];
	struct stat st;
	int fd, rc = -1;

	if (take_name(w, name) == -1)
		return -1;
	fd = openat(w->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return w->at_link ? fail(w, "is a link that leads nowhere")
				  : WALK_NOTHING;
	if (fd == -1 || fstat(fd, &st) == -1)
		(void)error_sys(w->err, "%s", w->shown);
	else if (check_owner(w, &st) == -1)
		rc = -1;
	else if (S_ISLNK(st.st_mode))
		rc = follow(w, fd);
	else if (w->rest[0] == '\0')
		rc = S_ISREG(st.st_mode) ? arrive(w, name, ret_fd)
					 : fail(w, "is no regular file");
	else {
		fd_close(&w->dir);
		w->dir = fd;
		return WALK_ON;
	}
	fd_close(&fd);
	return rc;
}

/* Returns 0 with *ret_fd open for reading, 1 if there is none, or -1. */
static int
walk_to(const char *path, const char *shown, int *ret_fd, struct error *err)
{
	struct walk w = { .shown = shown, .err = err };
	char here[PATH_MAX] = "";
	struct stat st;
	int rc, n;

	if (path[0] != '/' && getcwd(here, sizeof(here)) == NULL)
		return error_sys(err, "%s", shown);
	n = snprintf(w.rest, sizeof(w.rest), "%s/%s", here, path);
	if (n < 0 || (size_t)n >= sizeof(w.rest))
		return fail(&w, "too long a path");
	w.dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w.dir == -1 || fstat(w.dir, &st) == -1)
		rc = error_sys(err, "%s", shown);
	else
		rc = check_owner(&w, &st);
	while (rc == WALK_ON)
		rc = step(&w, ret_fd);
	fd_close(&w.dir);
	return rc == WALK_THERE ? 0 : rc == WALK_NOTHING ? 1 : -1;
}

static char *
shown_path(const char *path)
{
	char text[PATH_MAX];

	return xstrdup(quote_utf8(text, sizeof(text), slice_of(path)));
}

static int
read_all(int fd, const char *shown, struct buf *ret, struct error *err)
{
	ssize_t n;

	/* Twice as much, so that all that was allocated may be filled. */
	buf_init(ret, 2 * POLICY_FILE_MAX);
	do {
		if (ret->len > POLICY_FILE_MAX)
			return error_set(err, "%s:1:1: larger than %lu bytes",
			    shown, POLICY_FILE_MAX);
		(void)buf_reserve(ret, 1); /* far below the maximum */
		n = read(fd, ret->at + ret->len, ret->cap - ret->len);
		if (n == -1 && errno != EINTR)
			return error_sys(err, "%s: cannot read", shown);
		ret->len += n > 0 ? (size_t)n : 0;
	} while (n != 0);
	return 0;
}

int
file_read(const char *path, struct buf *ret, struct file_id *ret_id,
    struct error *err)
{
	char *shown = shown_path(path);
	struct stat st;
	int fd = -1, rc;

	buf_init(ret, 0);
	rc = walk_to(path, shown, &fd, err);
	if (rc == 0 && fstat(fd, &st) == -1)
		rc = error_sys(err, "%s", shown);
	if (rc == 0) {
		*ret_id =
		    (struct file_id){ .dev = st.st_dev, .ino = st.st_ino };
		rc = read_all(fd, shown, ret, err);
	}
	fd_close(&fd);
	free(shown);
	return rc;
}

int
file_trusted(const char *path, struct error *err)
{
	char *shown = shown_path(path);
	int fd = -1, rc;

	rc = walk_to(path, shown, &fd, err);
	fd_close(&fd);
	free(shown);
	return rc;
}
