/*
 * The matcher `under` of rules, over the readings that the stage `path` judges
 * by as well.  Looking up links is a race with whoever can change them: it
 * finds what is there now, and the server is confined, if it must be, by other
 * means.
 */
#include "policy/path.h"

#include <stdio.h>
#include <unistd.h>

#include "policy/beneath.h"
#include "policy/pathname.h"

/* What is known of a path and a directory so far. */
struct under {
	const char *dir;
	char real_dir[PATH_MAX]; /* its links followed */
	bool any, all; /* of the readings */
};

static void
count(struct under *u, const char *path)
{
	bool in =
	    beneath_below(path, u->dir) || beneath_below(path, u->real_dir);

	u->any = u->any || in;
	u->all = u->all && in;
}

/* Nobody can tell: whatever protects. */
static void
doubt_it(struct under *u)
{
	u->any = true;
	u->all = false;
}

static void
count_real(struct under *u, const char *path)
{
	char real[PATH_MAX];
	unsigned links;

	if (beneath_resolve(path, real, &links) == -1)
		doubt_it(u);
	else
		count(u, real);
}

/* A reading, by its letters and by where it leads. */
static void
count_reading(struct under *u, struct pathname *pn, const char *here)
{
	if (!pn->absolute && pathname_join(pn, here) == -1) {
		doubt_it(u);
		return;
	}
	count(u, pn->text);
	count_real(u, pn->text);
}

/* The text as the kernel would take it: ".." behind a link is its target's. */
static void
count_text(struct under *u, struct slice text, const char *here)
{
	char full[2 * PATH_MAX];
	struct pathname pn;
	int rc = pathname_read(&pn, text, PATHNAME_LITERAL);

	if (rc == 0) /* the same as the kindest reading */
		rc = pathname_read(&pn, text, PATHNAME_LENIENT);
	if (rc == -1) {
		doubt_it(u);
		return;
	}
	(void)snprintf(full, sizeof(full), "%s/%.*s",
	    text.at[0] == '/' ? "" : here, (int)text.len, text.at);
	if (!pn.absolute && pathname_join(&pn, here) == -1) {
		doubt_it(u);
		return;
	}
	count(u, pn.text);
	count_real(u, full);
}

/* May nobody read it in another way? */
static bool
is_plain(struct slice path)
{
	return path.at[0] != '~' && path.at[0] != '$' &&
	       memchr(path.at, '%', path.len) == NULL &&
	       memchr(path.at, '\\', path.len) == NULL &&
	       (path.len < 5 || memcmp(path.at, "file:", 5) != 0) &&
	       (unsigned char)path.at[0] > ' ' &&
	       (unsigned char)path.at[path.len - 1] > ' ';
}

bool
path_under(struct slice text, const char *dir, enum path_doubt doubt)
{
	struct under u = { .dir = dir, .all = true };
	char here[PATH_MAX];
	unsigned links;

	if (text.len == 0 || text.len >= PATH_MAX ||
	    memchr(text.at, '\0', text.len) != NULL)
		return doubt == PATH_DOUBT_INSIDE && text.len > 0;
	if (beneath_resolve(dir, u.real_dir, &links) == -1 ||
	    getcwd(here, sizeof(here)) == NULL || here[0] != '/')
		return doubt == PATH_DOUBT_INSIDE;
	count_text(&u, text, here);
	if (doubt == PATH_DOUBT_OUTSIDE)
		return u.all && is_plain(text);
	/* The home of somebody whom only a shell would look up. */
	if (text.at[0] == '~' && text.len > 1 && text.at[1] != '/')
		return true;
	for (int how = 0; how < PATHNAME_LITERAL && !u.any; how++) {
		struct pathname pn;
		int rc = pathname_read(&pn, text, (enum pathname_reading)how);

		if (rc == -1)
			return true;
		if (rc == 1)
			count_reading(&u, &pn, here);
	}
	return u.any;
}
