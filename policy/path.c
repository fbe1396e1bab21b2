/*
 * Paths as the kernel would take them.  Looking up links is a race with whoever
 * can change them: it finds what is there now, and the server is confined, if
 * it must be, by other means.
 */
#include "policy/path.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "policy/fold.h"

/* Writes the absolute, lexically clean form of path into out[PATH_MAX]. */
static bool
clean(const char *path, char out[PATH_MAX])
{
	size_t len = 0;

	if (path[0] != '/') {
		if (getcwd(out, PATH_MAX) == NULL || out[0] != '/')
			return false;
		len = strlen(out);
		if (len == 1)
			len = 0; /* the root */
	}
	while (*path != '\0') {
		size_t n;

		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n == 2 && path[0] == '.' && path[1] == '.') {
			while (len > 0 && out[--len] != '/')
				continue;
		} else if (n > 0 && !(n == 1 && path[0] == '.')) {
			if (len + n + 2 > PATH_MAX)
				return false;
			out[len++] = '/';
			memcpy(out + len, path, n);
			len += n;
		}
		path += n;
	}
	if (len == 0)
		out[len++] = '/';
	out[len] = '\0';
	return true;
}

/*
 * Follows the links of an absolute path as far as it exists and appends the
 * rest.  ".." behind a link is the parent of the link's target, as it is for
 * the kernel, so this must not be given a path that was cleaned before.
 */
static bool
resolve(const char *path, char out[PATH_MAX])
{
	char head[PATH_MAX], real[PATH_MAX], joined[PATH_MAX];
	size_t cut = strlen(path);
	int n;

	if (cut >= sizeof(head))
		return false;
	memcpy(head, path, cut + 1);
	while (realpath(head, real) == NULL) {
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			return false;
		while (cut > 0 && head[cut - 1] == '/')
			cut--;
		while (cut > 0 && head[cut - 1] != '/')
			cut--;
		if (cut == 0)
			return false;
		head[cut] = '\0';
	}
	n = snprintf(joined, sizeof(joined), "%s/%s", real, path + cut);
	return n > 0 && (size_t)n < sizeof(joined) && clean(joined, out);
}

static bool
is_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	if (len == 1)
		return true; /* the root holds everything */
	return strncmp(path, dir, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0');
}

/* Judges one spelling; sets *any and *all over its readings. */
static void
judge(const char *path, const char *dir, bool *any, bool *all)
{
	char lexical[PATH_MAX], full[2 * PATH_MAX], real[PATH_MAX];
	char real_dir[PATH_MAX];
	const char *dirs[] = { dir, real_dir };
	bool known = clean(path, lexical), in[2] = { false, false };
	int n;

	if (known && path[0] != '/') {
		char here[PATH_MAX];

		n = getcwd(here, sizeof(here)) == NULL
			? -1
			: snprintf(full, sizeof(full), "%s/%s", here, path);
	} else {
		n = snprintf(full, sizeof(full), "%s", path);
	}
	known =
	    known && n > 0 && (size_t)n < sizeof(full) && resolve(full, real);
	if (!known || !resolve(dir, real_dir)) {
		*any = true; /* doubtful: whatever protects */
		*all = false;
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		in[0] = in[0] || is_below(lexical, dirs[i]);
		in[1] = in[1] || is_below(real, dirs[i]);
	}
	*any = *any || in[0] || in[1];
	*all = *all && in[0] && in[1];
}

/* Percent-decodes in place; true if anything changed. */
static bool
decode(char *s)
{
	char *out = s;
	bool changed = false;

	for (; *s != '\0'; s++) {
		if (s[0] == '%' && fold_hex(s[1]) >= 0 && fold_hex(s[2]) >= 0) {
			*out++ = (char)(fold_hex(s[1]) * 16 + fold_hex(s[2]));
			s += 2;
			changed = true;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
	return changed;
}

/* May nobody read it in another way? */
static bool
is_plain(const char *path)
{
	size_t len = strlen(path);

	return path[0] != '~' && strpbrk(path, "%\\") == NULL &&
	       strncasecmp(path, "file:", 5) != 0 && len > 0 &&
	       (unsigned char)path[0] > ' ' &&
	       (unsigned char)path[len - 1] > ' ';
}

/* The spellings that some servers understand beside the plain one. */
static void
judge_spellings(const char *path, const char *dir, bool *any, bool *all)
{
	const char *home = getenv("HOME");
	char copy[PATH_MAX], joined[2 * PATH_MAX];
	const char *p = copy;

	while (*path != '\0' && (unsigned char)*path <= ' ')
		path++;
	(void)snprintf(copy, sizeof(copy), "%s", path);
	for (size_t len = strlen(copy);
	     len > 0 && (unsigned char)copy[len - 1] <= ' '; len--)
		copy[len - 1] = '\0';
	judge(copy, dir, any, all);
	for (char *s = copy; *s != '\0'; s++)
		if (*s == '\\')
			*s = '/';
	for (int round = 0; round < 3; round++) {
		if (strncasecmp(p, "file:", 5) == 0) {
			p += 5;
			if (strncmp(p, "//", 2) == 0) {
				p += 2;
				p += strcspn(p, "/"); /* a host, or nothing */
			}
		}
		judge(p, dir, any, all);
		if (p[0] == '~' && (p[1] == '/' || p[1] == '\0') &&
		    home != NULL) {
			(void)snprintf(
			    joined, sizeof(joined), "%s%s", home, p + 1);
			judge(joined, dir, any, all);
		}
		if (!decode(copy + (p - copy)))
			break;
	}
}

bool
path_under(struct slice text, const char *dir, enum path_doubt doubt)
{
	char path[PATH_MAX];
	bool any = false, all = true;

	if (text.len == 0 || text.len >= sizeof(path) ||
	    memchr(text.at, '\0', text.len) != NULL)
		return doubt == PATH_DOUBT_INSIDE && text.len > 0;
	memcpy(path, text.at, text.len);
	path[text.len] = '\0';
	judge(path, dir, &any, &all);
	if (doubt == PATH_DOUBT_OUTSIDE)
		return all && is_plain(path);
	/* The home of somebody whom only a shell would look up. */
	if (path[0] == '~' && path[1] != '/' && path[1] != '\0')
		return true;
	judge_spellings(path, dir, &any, &all);
	return any;
}
