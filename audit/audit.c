/*
 * Folding the journals into the database: what the proxy does when it is idle
 * and at its end, and every reader before it reads.
 */
#include "audit/audit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "audit/fold.h"
#include "proxy/base/fd.h"
#include "proxy/base/xalloc.h"
#include "proxy/base/xdg.h"

char *
audit_default_path(struct error *err)
{
	return xdg_path(XDG_STATE, "mcpshield/audit.db", err);
}

struct names {
	char (*v)[PART_NAME_MAX]; /* owned */
	size_t n, cap;
};

/* By session, then by number: parts are folded in order. */
static int
compare(const void *a, const void *b)
{
	char session[PART_SESSION + 1];
	uint32_t na = 0, nb = 0;
	int rc = memcmp(a, b, PART_SESSION);

	if (rc != 0)
		return rc;
	(void)part_name(a, session, &na);
	(void)part_name(b, session, &nb);
	return (na > nb) - (na < nb);
}

static int
list(int dir_fd, struct names *ret, struct error *err)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd == -1 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	ret->n = 0;
	if (dir == NULL) {
		error_sys(err, "cannot read the directory of journals");
		fd_close(&fd);
		return -1;
	}
	while ((entry = readdir(dir)) != NULL) {
		char session[PART_SESSION + 1];
		uint32_t number;

		if (!part_name(entry->d_name, session, &number))
			continue;
		if (ret->n == ret->cap) {
			ret->cap = ret->cap * 2 + 16;
			ret->v =
			    xreallocarray(ret->v, ret->cap, sizeof(*ret->v));
		}
		memcpy(
		    ret->v[ret->n++], entry->d_name, strlen(entry->d_name) + 1);
	}
	(void)closedir(dir);
	if (ret->n > 0)
		qsort(ret->v, ret->n, sizeof(*ret->v), compare);
	return 0;
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool
fold_late(const struct fold *f)
{
	return f->until_ms != 0 && now_ms() >= f->until_ms;
}

/*
 * Folds all files, twice if something did not fit: a part may come to be, and
 * a refused record may go, while we look.
 */
static int
fold_all(struct fold *f, struct error *err)
{
	static const struct timespec nap = { .tv_nsec = 2000000 };
	struct names names = { NULL, 0, 0 };
	int rc = 0;

	for (int pass = 0; pass < 2 && rc == 0; pass++) {
		f->last_pass = pass > 0;
		f->again = false;
		rc = list(f->dir_fd, &names, err);
		for (size_t i = 0; i < names.n && rc == 0 && !fold_late(f); i++)
			rc = fold_part(f, names.v[i], err);
		if (!f->again || fold_late(f))
			break;
		if (pass == 0)
			(void)nanosleep(&nap, NULL);
	}
	free(names.v);
	return rc;
}

int
audit_fold(const struct audit_options *opt, int busy_ms, uint64_t *ret_rows,
    struct error *err)
{
	struct fold f = { .opt = opt, .dir_fd = -1 };
	struct store_head head;
	int rc = -1;

	if (opt->fold_ms != 0)
		f.until_ms = now_ms() + opt->fold_ms;
	if (chain_init(&f.chain, opt->key_file, err) == -1 ||
	    part_dir(opt->path, true, &f.dir_fd, err) == -1 ||
	    store_open(&f.store, opt->path, true, busy_ms, err) == -1 ||
	    fold_head(&f, &head, err) == -1)
		goto out;
	f.buf = xmalloc(PART_BUFFER);
	if (fold_all(&f, err) == -1 || fold_retain(&f, err) == -1)
		goto out;
	if (f.skipped.msg[0] != '\0') {
		error_set(err, "%s", f.skipped.msg);
		goto out;
	}
	if (ret_rows != NULL)
		*ret_rows = f.rows;
	rc = 0;
out:
	free(f.buf);
	store_close(&f.store);
	fd_close(&f.dir_fd);
	chain_release(&f.chain);
	return rc;
}
