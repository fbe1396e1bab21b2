/*
 * Where a policy of some name is.  A directory that cannot be read, or a file
 * that others may change, ends the search with an error: whoever put a policy
 * there meant it to be used, and a laxer one behind it must not take its place.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/builtin.h"
#include "policy/load.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/quote.h"
#include "proxy/base/xalloc.h"
#include "proxy/base/xdg.h"

/* Bytes of the name of a policy. */
#define NAME_LEN_MAX 64

const struct builtin *
builtin_find(const char *name)
{
	for (const struct builtin *b = builtins; b->name != NULL; b++)
		if (strcmp(b->name, name) == 0)
			return b;
	return NULL;
}

/* The name without ".yaml"; it can't leave the directory it is put behind. */
static int
check_name(const char *name, char bare[NAME_LEN_MAX + 1], struct error *err)
{
	size_t len = strlen(name);
	char shown[NAME_LEN_MAX * 2];

	if (len > 5 && strcmp(name + len - 5, ".yaml") == 0)
		len -= 5;
	for (size_t i = 0; i < len; i++)
		if (isalnum((unsigned char)name[i]) == 0 &&
		    strchr("._-", name[i]) == NULL)
			len = 0;
	if (len == 0 || len > NAME_LEN_MAX || name[0] == '.')
		return error_set(err,
		    "'%s' is no name of a policy (letters, digits, '._-') and "
		    "no path (which has a '/')",
		    quote(shown, sizeof(shown), slice_of(name)));
	memcpy(bare, name, len);
	bare[len] = '\0';
	return 0;
}

/* The n-th place of a name; NULL where this user has none. */
static char *
place(size_t n, const char *bare)
{
	char *tail = xasprintf("mcpshield/policies/%s.yaml", bare), *path;

	switch (n) {
	case 0: /* without HOME there is no such directory */
		path = xdg_path(XDG_CONFIG, tail, NULL);
		break;
	case 1:
		path = xasprintf("/etc/%s", tail);
		break;
	default:
		path = xasprintf("%s/policies/%s.yaml", DATADIR, bare);
		break;
	}
	free(tail);
	return path;
}

static int
not_found(const char *name, const char *bare, struct error *err)
{
	char list[256] = "";

	for (const struct builtin *b = builtins; b->name != NULL; b++)
		(void)snprintf(list + strlen(list), sizeof(list) - strlen(list),
		    "%s%s", b == builtins ? "" : ", ", b->name);
	if (access(name, F_OK) == 0)
		return error_set(err,
		    "there is no policy '%s' (compiled in: %s); for the file "
		    "in this directory write './%s'",
		    bare, list, name);
	return error_set(
	    err, "there is no policy '%s' (compiled in: %s)", bare, list);
}

char *
policy_find(const char *name, struct error *err)
{
	static const char prefix[] = BUILTIN_PREFIX;
	char bare[NAME_LEN_MAX + 1];
	bool compiled = strncmp(name, prefix, sizeof(prefix) - 1) == 0;

	if (strchr(name, '/') != NULL)
		return text_home(name, err);
	if (check_name(
		compiled ? name + sizeof(prefix) - 1 : name, bare, err) == -1)
		return NULL;
	for (size_t i = 0; i < 3 && !compiled; i++) {
		char *path = place(i, bare);
		int rc = path != NULL ? file_trusted(path, err) : 1;

		if (rc == 0)
			return path;
		free(path);
		if (rc == -1)
			return NULL;
	}
	if (builtin_find(bare) != NULL)
		return xasprintf("%s%s", prefix, bare);
	not_found(name, bare, err);
	return NULL;
}
