/*
 * Paths against the file system.  Only names are looked up: nothing is opened
 * for reading, no device is touched, and links of /proc that jump are read as
 * text like any other.
 */
#include "policy/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As the kernel: MAXSYMLINKS. */
#define LINKS_MAX 40U

/* A path on its way: what is resolved, and what is left of it. */
struct way {
	char *out; /* borrowed: PATH_MAX bytes */
	size_t len;
	char rest[2 * PATH_MAX];
	unsigned links;
};

static void
parent(struct way *w)
{
	while (w->len > 0 && w->out[w->len - 1] != '/')
		w->len--;
	if (w->len > 0)
		w->len--;
	w->out[w->len] = '\0';
}

/* Puts a link's target before what is left behind the place `tail`. */
static int
detour(struct way *w, const char *target, size_t len, const char *tail)
{
	char rest[2 * PATH_MAX];
	int n = snprintf(rest, sizeof(rest), "%.*s/%s", (int)len, target, tail);

	if (n < 0 || (size_t)n >= sizeof(rest))
		return -1;
	memcpy(w->rest, rest, (size_t)n + 1);
	if (target[0] == '/')
		w->len = 0;
	else
		parent(w);
	w->out[w->len] = '\0';
	return 0;
}

/* Takes one name; *p is where the rest begins, and changes with it. */
static int
advance(struct way *w, const char *name, size_t n, const char **p)
{
	char target[PATH_MAX];
	ssize_t len;

	if (n == 1 && name[0] == '.')
		return 0;
	if (n == 2 && name[0] == '.' && name[1] == '.') {
		parent(w);
		return 0;
	}
	if (w->len + n + 2 > PATH_MAX)
		return -1;
	w->out[w->len++] = '/';
	memcpy(w->out + w->len, name, n);
	w->len += n;
	w->out[w->len] = '\0';
	len = readlink(w->out, target, sizeof(target));
	if (len == -1 && errno == ELOOP)
		return -1;
	if (len <= 0)
		return 0; /* no link, or not there */
	if ((size_t)len == sizeof(target) || ++w->links > LINKS_MAX)
		return -1;
	if (detour(w, target, (size_t)len, *p) == -1)
		return -1;
	*p = w->rest;
	return 0;
}

int
beneath_resolve(const char *path, char ret_path[PATH_MAX], unsigned *ret_links)
{
	struct way w = { .out = ret_path };
	const char *p = path;

	ret_path[0] = '\0';
	*ret_links = 0;
	while (*p != '\0') {
		const char *name = p + strspn(p, "/");
		size_t n = strcspn(name, "/");

		p = name + n;
		if (n > 0 && advance(&w, name, n, &p) == -1)
			return -1;
	}
	*ret_links = w.links;
	return 0;
}

/* openat2(2) with O_PATH: 0 where it exists and obeys, else -1. */
static int
probe(const char *path, unsigned long long how)
{
	struct open_how oh = { .flags = O_PATH | O_CLOEXEC, .resolve = how };
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &oh, sizeof(oh));

	if (fd == -1)
		return -1;
	(void)close((int)fd);
	return 0;
}

bool
beneath_is_straight(const char *path)
{
	/* A link before the name that is missing would have been ELOOP. */
	return probe(path, RESOLVE_NO_SYMLINKS) == 0 || errno == ENOENT ||
	       errno == ENOTDIR;
}

bool
beneath_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	while (len > 0 && dir[len - 1] == '/')
		len--;
	return strncmp(path, dir, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0');
}

enum beneath
beneath_judge(const char *dir, const char *path)
{
	char real[PATH_MAX], real_dir[PATH_MAX];
	unsigned links, dir_links;

	/* The common case: the kernel vouches for it, in one call. */
	if (strstr(path, "..") == NULL && beneath_below(path, dir) &&
	    beneath_is_straight(path))
		return BENEATH_IN;
	if (beneath_resolve(path, real, &links) == -1 ||
	    beneath_resolve(dir, real_dir, &dir_links) == -1 ||
	    !beneath_below(real, real_dir))
		return BENEATH_OUT;
	/* Links above the directory are its owner's. */
	return links > dir_links ? BENEATH_LINK : BENEATH_IN;
}

bool
beneath_exists(const char *path)
{
	struct stat sb;

	return fstatat(AT_FDCWD, path, &sb, AT_SYMLINK_NOFOLLOW) == 0;
}
