/*
 * The stage `path`: the roots.  What a path names, as it is spelt and where its
 * links lead, has to be below one of them.
 */
#include <dirent.h>
#include <stdio.h>

#include "policy/beneath.h"
#include "policy/check_path_parts.h"
#include "policy/pathglob.h"
#include "policy/pathshape.h"
#include "policy/policy.h"
#include "proxy/base/array.h"

#define OUTSIDE "is outside the allowed roots"

enum action
look_refuse_outside(struct look *l)
{
	return look_refuse(l, RULE_ROOTS, &l->p->paths.roots.at, OUTSIDE);
}

/* The root that holds an absolute reading, by its letters, or NULL. */
static const char *
root_of(const struct policy *p, const char *path)
{
	char real[PATH_MAX];
	unsigned links;

	for (size_t i = 0; i < p->paths.roots.n; i++)
		if (beneath_below(path, p->paths.roots.v[i].text))
			return p->paths.roots.v[i].text;
	for (size_t i = 0; i < p->paths.roots.n; i++)
		if (beneath_resolve(p->paths.roots.v[i].text, real, &links) ==
			0 &&
		    links > 0 && beneath_below(path, real))
			return p->paths.roots.v[i].text;
	return NULL;
}

/* Where a path below a root leads to, as it is spelt. */
static enum action
judge_links(struct look *l, const char *root, const char *path)
{
	if (l->p->paths.links == LINKS_ALLOW)
		return ACTION_ALLOW;
	switch (beneath_judge(root, path)) {
	case BENEATH_OUT:
		return look_refuse_outside(l);
	case BENEATH_LINK:
		if (l->p->paths.links == LINKS_DENY)
			return look_refuse(l, RULE_LINKS,
			    policy_origin(l->p, RULE_LINKS),
			    "leads through a symbolic link");
		break;
	case BENEATH_IN:
		break;
	}
	return ACTION_ALLOW;
}

/* A directory on the way, and the names that are to follow. */
struct wild {
	struct look *l;
	const char *root;
	char path[PATH_MAX];
};

/* What is there of a name that is no pattern, or of each that a pattern is. */
static enum action judge_wild(struct wild *w, size_t len, const char *rest);

static enum action
judge_entry(
    struct wild *w, size_t len, const char *name, size_t n, const char *rest)
{
	enum action action = ACTION_ALLOW;

	if (len + n + 2 > sizeof(w->path))
		return ACTION_ALLOW;
	w->path[len] = '/';
	memcpy(w->path + len + 1, name, n);
	w->path[len + 1 + n] = '\0';
	if (beneath_exists(w->path)) {
		action = judge_links(w->l, w->root, w->path);
		if (action == ACTION_ALLOW && *rest != '\0')
			action = judge_wild(w, len + 1 + n, rest);
	}
	w->path[len] = '\0';
	return action;
}

static enum action
judge_wild(struct wild *w, size_t len, const char *rest)
{
	struct slice name = { rest + 1, strcspn(rest + 1, "/") };
	enum action action = ACTION_ALLOW;
	struct dirent *entry;
	DIR *dir;

	rest += 1 + name.len;
	if (!pathglob_is_wild(name))
		return judge_entry(w, len, name.at, name.len, rest);
	if ((dir = opendir(w->path)) == NULL)
		return ACTION_ALLOW;
	while (action == ACTION_ALLOW && (entry = readdir(dir)) != NULL) {
		struct slice there = slice_of(entry->d_name);

		if (!pathscan_step(w->l->scan))
			action = look_refuse_outside(w->l);
		else if (!slice_is(there, ".") && !slice_is(there, "..") &&
			 pathglob_meet(there, name, true, false))
			action = judge_entry(w, len, there.at, there.len, rest);
	}
	(void)closedir(dir);
	return action;
}

/* Does a pattern below a root match a link that leads out of it? */
static enum action
judge_pattern(struct look *l, const char *root, const char *below)
{
	struct wild w = { .l = l, .root = root };
	size_t len = strlen(root);

	if (*below == '\0' || len >= sizeof(w.path) ||
	    l->p->paths.links == LINKS_ALLOW)
		return ACTION_ALLOW;
	memcpy(w.path, root, len + 1);
	return judge_wild(&w, strcmp(root, "/") == 0 ? 0 : len, below);
}

static enum action
look_wild(struct look *l, const char *below)
{
	for (size_t i = 0; i < l->p->paths.roots.n; i++)
		if (judge_pattern(l, l->p->paths.roots.v[i].text, below) !=
		    ACTION_ALLOW)
			return ACTION_DENY;
	return ACTION_ALLOW;
}

/* A variable that leads away from where a command stands. */
static bool
is_odd(const struct pathname *pn)
{
	static const char *const odd[] = { "/$OLDPWD", "/${OLDPWD", "/${PWD" };

	for (size_t i = 0; i < nitems(odd); i++)
		if (strncmp(pn->text, odd[i], strlen(odd[i])) == 0)
			return true;
	return false;
}

/* A relative name: below every root, or nowhere that is none. */
static enum action
judge_relative(struct look *l, const struct pathname *pn)
{
	const char *here = pathscan_here(l->scan);
	char full[2 * PATH_MAX];
	bool found = false;

	for (size_t i = 0; i < l->p->paths.roots.n; i++) {
		const char *root = l->p->paths.roots.v[i].text;

		(void)snprintf(full, sizeof(full), "%s%s", root, pn->text);
		if (!beneath_exists(full))
			continue;
		found = true;
		if (judge_links(l, root, full) != ACTION_ALLOW)
			return ACTION_DENY;
	}
	if (pn->wild && look_wild(l, pn->text) != ACTION_ALLOW)
		return ACTION_DENY;
	if (pn->variable && !found && (l->role == ROLE_PATH || is_odd(pn)))
		return look_refuse_outside(l);
	if (l->role != ROLE_PATH || pn->names == 0 || pn->wild)
		return ACTION_ALLOW;
	if (here == NULL)
		return look_refuse_outside(l);
	(void)snprintf(full, sizeof(full), "%s%s",
	    strcmp(here, "/") == 0 ? "" : here, pn->text);
	if (root_of(l->p, full) == NULL && !found && beneath_exists(full))
		return look_refuse_outside(l);
	return ACTION_ALLOW;
}

enum action
look_roots(struct look *l, struct pathname *pn)
{
	const char *root, *here = pathscan_here(l->scan);

	if (!l->p->paths.roots.set || l->role == ROLE_PROSE)
		return ACTION_ALLOW;
	if (pn->hosted && l->role != ROLE_PATH)
		return ACTION_ALLOW;
	if (pn->variable && pn->absolute)
		return look_refuse_outside(l);
	if (!pn->absolute && pn->above > 0) {
		if (here == NULL || pathname_join(pn, here) == -1)
			return look_refuse_outside(l);
	} else if (!pn->absolute) {
		return judge_relative(l, pn);
	}
	if (l->role != ROLE_PATH && !pn->home && !pn->foreign &&
	    !pathshape_known(pn->text))
		return ACTION_ALLOW;
	root = root_of(l->p, pn->text);
	if (root == NULL)
		return look_refuse_outside(l);
	if (pn->wild && beneath_below(pn->text, root) &&
	    judge_pattern(l, root, pn->text + strlen(root)) != ACTION_ALLOW)
		return ACTION_DENY;
	return judge_links(l, root, pn->text);
}

enum action
look_word_roots(struct look *l, struct pathname *pn, struct slice word)
{
	const char *root;

	/* Two dots are no word of a command's alone. */
	if ((slice_is(word, "..") && l->role != ROLE_CODE) ||
	    (pn->absolute && pn->names == 0))
		return ACTION_ALLOW;
	if (!pn->absolute) {
		pn->above += pn->above > 0 ? l->above : 0;
		return pn->names > 0 || pn->above > 0 ? look_roots(l, pn)
						      : ACTION_ALLOW;
	}
	if (pathshape_common(pn->text))
		return ACTION_ALLOW;
	root = root_of(l->p, pn->text);
	return root == NULL && !pn->home && !pn->foreign &&
		       !pathshape_known(pn->text)
		   ? ACTION_ALLOW
		   : look_roots(l, pn);
}
