/*
 * What the stage path keeps: the list of what is denied, made ready, and where
 * we stand.  A policy may be loaded anew, at the place of the one before even:
 * its digest, which covers the list, tells whether it is still the same.
 */
#include "policy/pathscan.h"

#include <stdlib.h>
#include <unistd.h>

#include "policy/policy.h"
#include "proxy/base/xalloc.h"

/* For one message: some 50 ms. */
#define STEPS_MAX 65536U

struct pathscan *
pathscan_new(void)
{
	struct pathscan *ps = xcalloc(1, sizeof(*ps));

	pathscan_begin(ps);
	return ps;
}

void
pathscan_begin(struct pathscan *ps)
{
	ps->steps = STEPS_MAX;
}

bool
pathscan_step(struct pathscan *ps)
{
	ps->steps -= ps->steps > 0;
	return ps->steps > 0;
}

void
pathscan_free(struct pathscan *ps)
{
	if (ps == NULL)
		return;
	pathdeny_free(ps->denied);
	free(ps);
}

const char *
pathscan_here(struct pathscan *ps)
{
	if (ps->here[0] == '\0' &&
	    (getcwd(ps->here, sizeof(ps->here)) == NULL || ps->here[0] != '/'))
		ps->here[0] = '\0';
	return ps->here[0] != '\0' ? ps->here : NULL;
}

struct pathdeny *
pathscan_denied(struct pathscan *ps, const struct policy *p)
{
	static_assert(sizeof(ps->digest) == sizeof(p->digest),
	    "a digest is copied whole");
	if (ps->denied == NULL ||
	    memcmp(ps->digest, p->digest, sizeof(ps->digest)) != 0) {
		pathdeny_free(ps->denied);
		ps->denied = pathdeny_new(&p->paths.deny);
		memcpy(ps->digest, p->digest, sizeof(ps->digest));
	}
	return ps->denied;
}
