/*
 * The user's base directories.  A relative path in the environment is ignored,
 * as the specification says.
 */
#include "proxy/base/xdg.h"

#include <stdlib.h>

#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"

char *
xdg_path(const char *variable, const char *fallback, const char *tail,
    struct error *err)
{
	const char *base = getenv(variable);
	const char *home = getenv("HOME");

	if (base != NULL && base[0] == '/')
		return xasprintf("%s/%s", base, tail);
	if (home == NULL || home[0] != '/') {
		error_set(
		    err, "neither %s nor HOME is set to a directory", variable);
		return NULL;
	}
	return xasprintf("%s/%s/%s", home, fallback, tail);
}
