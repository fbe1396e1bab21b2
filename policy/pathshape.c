/*
 * What a string looks like, before anybody reads it as a path.
 */
#include "policy/pathshape.h"

#include <limits.h>
#include <stdio.h>
#include <strings.h>

#include "policy/beneath.h"
#include "policy/pathname.h"
#include "proxy/base/array.h"

bool
pathshape_wrapper(struct slice s)
{
	static const char *const wrappers[] = { "php://", "phar://", "zip://",
		"expect://", "glob://", "compress.", "rar://", "ogg://",
		"zlib:" };

	if (memchr(s.at, ':', s.len) == NULL ||
	    memmem(s.at, s.len, "://", 3) == NULL)
		return false;
	for (size_t i = 0; i < nitems(wrappers); i++)
		if (s.len > strlen(wrappers[i]) &&
		    strncasecmp(s.at, wrappers[i], strlen(wrappers[i])) == 0)
			return true;
	return false;
}

struct slice
pathshape_stripped(struct slice s)
{
	while (s.len > 0 && (unsigned char)s.at[0] <= ' ')
		s = (struct slice){ s.at + 1, s.len - 1 };
	while (s.len > 0 && (unsigned char)s.at[s.len - 1] <= ' ')
		s.len--;
	return s;
}

bool
pathshape_spaced(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] <= ' ' && s.at[i] != '\0')
			return true;
	return false;
}

bool
pathshape_begins(struct slice s)
{
	static const char *const starts[] = { "./", "../", ".\\", "..\\",
		"$HOME", "${", "$env:" };
	char first = s.len > 0 ? s.at[0] : '\0';

	if (first == '/' || first == '\\' || first == '~' || first == '%')
		return true;
	if (pathname_scheme(s) > 0 ||
	    (s.len > 2 && s.at[1] == ':' && s.at[2] == '\\'))
		return true;
	if (first != '.' && first != '$')
		return false;
	for (size_t i = 0; i < nitems(starts); i++)
		if (s.len >= strlen(starts[i]) &&
		    memcmp(s.at, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

bool
pathshape_sure(struct slice s)
{
	static const char *const starts[] = { "/", "~/", "../", "..\\", "./",
		"$HOME", "${" };

	if (s.len >= PATH_MAX || pathshape_spaced(s))
		return false;
	for (size_t i = 0; i < nitems(starts); i++)
		if (s.len >= strlen(starts[i]) &&
		    memcmp(s.at, starts[i], strlen(starts[i])) == 0)
			return true;
	return pathname_scheme(s) > 0 || slice_is(s, "..");
}

bool
pathshape_whole(const struct text *t, struct slice s)
{
	if (memchr(s.at, ':', s.len) != NULL && pathname_scheme(s) == 0 &&
	    memmem(s.at, s.len, "://", 3) != NULL)
		return false;
	switch (t->role) {
	case ROLE_PATH:
		return true;
	case ROLE_CODE:
		return false;
	case ROLE_PROSE:
		return pathshape_begins(s) && !pathshape_spaced(s);
	case ROLE_VALUE:
	case ROLE_NAME:
	case ROLE_HOST:
		break;
	}
	if (s.len > 2 && s.at[1] == ':' && s.at[2] == '\\')
		return true;
	if (pathshape_spaced(s))
		return false;
	return pathshape_begins(s) || pathname_coded(s) ||
	       memchr(s.at, '/', s.len) != NULL ||
	       memchr(s.at, '\\', s.len) != NULL;
}

bool
pathshape_known(const char *path)
{
	static const char tops[] =
	    " bin boot dev etc home lib lib32 lib64 media mnt opt private proc"
	    " root run sbin srv sys tmp usr var Users Volumes Applications"
	    " Library System Windows WINDOWS windows ProgramData ";
	char top[NAME_MAX + 3];
	size_t n = strcspn(path + 1, "/");

	if (n == 0 || n > NAME_MAX)
		return n == 0;
	(void)snprintf(top, sizeof(top), " %.*s ", (int)n, path + 1);
	if (strstr(tops, top) != NULL)
		return true;
	(void)snprintf(top, sizeof(top), "/%.*s", (int)n, path + 1);
	return beneath_exists(top);
}

bool
pathshape_common(const char *path)
{
	static const char *const dirs[] = { "/bin", "/usr/bin",
		"/usr/local/bin", "/sbin", "/usr/sbin", "/dev/null",
		"/dev/zero", "/dev/stdin", "/dev/stdout", "/dev/stderr",
		"/dev/tty", "/dev/urandom", "/dev/random" };

	for (size_t i = 0; i < nitems(dirs); i++)
		if (beneath_below(path, dirs[i]))
			return true;
	return false;
}
