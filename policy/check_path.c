/*
 * The stage `path`: what the strings of a request name in the file system.  A
 * string that is a path is judged by the roots, by what is denied, and by
 * whether it climbs; one that contains paths, word by word by what is denied.
 *
 * Which strings are paths: all below a name that says so.  Below another name
 * one without white space that begins as a path does, or has a slash in it;
 * with a slash alone it is as likely a media type, and then only what is there
 * decides.  The first name of an absolute one must be a directory of this
 * machine or a usual one for roots to matter: "/help" is a word of some chat.
 *
 * Only strings that are paths as a whole are looked up in the file system.
 */
#include <stdio.h>

#include "policy/beneath.h"
#include "policy/check_path_parts.h"
#include "policy/pathname.h"
#include "policy/pathshape.h"
#include "policy/pathword.h"
#include "policy/policy.h"

#define DENIED "names a path that the policy denies"
#define CLIMBS "climbs out of its directory"
#define WRAPS "is no path, but makes a server read or run one"

enum action
look_refuse(struct look *l, const char *rule, const struct origin *at,
    const char *predicate)
{
	text_verdict(l->v, rule, at, l->t, l->view, predicate);
	return ACTION_DENY;
}

static enum action
refuse_climb(struct look *l)
{
	return look_refuse(
	    l, RULE_CLIMB, policy_origin(l->p, RULE_CLIMB), CLIMBS);
}

enum action
look_deny(struct look *l, const struct pathname *pn)
{
	long hit = pathdeny_find(pathscan_denied(l->scan, l->p), pn);

	return hit < 0 ? ACTION_ALLOW
		       : look_refuse(
			     l, RULE_DENY, &l->p->paths.deny.v[hit].at, DENIED);
}

/* Does a reading climb where it must not? */
static bool
climbs(const struct look *l, const struct pathname *pn)
{
	if (l->p->paths.climb)
		return false;
	if (pn->masked)
		return true;
	if (l->role == ROLE_PROSE)
		return false;
	/* No name has a NUL: it is there to end it for somebody. */
	if (pn->nul && (pn->absolute || l->role == ROLE_PATH))
		return true;
	/* "/home/me/.../x" is how people leave something out. */
	return pn->above > 0 || pn->dotted > 1 ||
	       (pn->dotted == 1 && strncmp(pn->text, "/...", 4) == 0);
}

/* Follows a path that may lead through links. */
static enum action
judge_resolved(struct look *l, const char *path)
{
	char real[PATH_MAX];
	unsigned links;

	if (beneath_resolve(path, real, &links) == -1 || links == 0 ||
	    pathname_read(l->pn, slice_of(real), PATHNAME_LENIENT) != 1)
		return ACTION_ALLOW;
	return look_deny(l, l->pn);
}

/* What a path that is there leads to may be denied as well. */
static enum action
judge_target(struct look *l, const char *path)
{
	if (l->p->paths.links == LINKS_ALLOW || l->p->paths.deny.n == 0 ||
	    strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0 ||
	    (strstr(path, "..") == NULL && beneath_is_straight(path)))
		return ACTION_ALLOW;
	return judge_resolved(l, path);
}

/* A reading as one path. */
static enum action
judge_reading(struct look *l, enum pathname_reading how)
{
	struct pathname *pn = l->pn;
	bool relative = !pn->absolute;
	const char *here;

	if (climbs(l, pn))
		return refuse_climb(l);
	if (look_deny(l, pn) != ACTION_ALLOW ||
	    look_roots(l, pn) != ACTION_ALLOW)
		return ACTION_DENY;
	/* Where the server stands. */
	if (!pn->absolute && ((here = pathscan_here(l->scan)) == NULL ||
				 pathname_join(pn, here) == -1))
		return ACTION_ALLOW;
	if (relative && look_deny(l, pn) != ACTION_ALLOW)
		return ACTION_DENY;
	if (how == PATHNAME_CUT || l->role == ROLE_PROSE ||
	    (relative && l->role != ROLE_PATH))
		return ACTION_ALLOW;
	return judge_target(l, pn->text);
}

/* ".." behind a link: its letters do not tell. */
static enum action
judge_climbing(struct look *l, struct slice s)
{
	char raw[PATH_MAX];

	if (s.len >= sizeof(raw) || memchr(s.at, '\0', s.len) != NULL)
		return ACTION_ALLOW;
	memcpy(raw, s.at, s.len);
	raw[s.len] = '\0';
	if (l->p->paths.roots.set && l->role == ROLE_PATH &&
	    l->p->paths.links != LINKS_ALLOW) {
		const struct policy_list *roots = &l->p->paths.roots;
		size_t i = 0;

		while (i < roots->n &&
		       beneath_judge(roots->v[i].text, raw) == BENEATH_OUT)
			i++;
		if (i == roots->n)
			return look_refuse_outside(l);
	}
	return judge_target(l, raw);
}

static enum action
judge_whole(struct look *l, struct slice s)
{
	int readings = pathname_one_reading(s) ? 1 : PATHNAME_READINGS;

	for (int how = 0; how < readings; how++) {
		int rc = pathname_read(l->pn, s, (enum pathname_reading)how);

		if (how == PATHNAME_LITERAL && l->view == VIEW_DECODED)
			continue;
		/* Its start may tell, however long it is. */
		if (rc == -1 && climbs(l, l->pn))
			return refuse_climb(l);
		if (rc == -1 && l->role == ROLE_PATH)
			return look_refuse(l, RULE_CLIMB,
			    policy_origin(l->p, RULE_CLIMB),
			    "is longer than a path can be");
		if (rc == 1 && judge_reading(l, (enum pathname_reading)how) !=
				   ACTION_ALLOW)
			return ACTION_DENY;
	}
	if (s.at[0] != '/' || memmem(s.at, s.len, "/..", 3) == NULL)
		return ACTION_ALLOW;
	return judge_climbing(l, s);
}

/* One spelling of a word, without its braces. */
static enum action
judge_spelling(struct look *l, struct slice word, bool rooted)
{
	struct pathname *pn = l->pn;

	for (int how = 0; how <= PATHNAME_CUT; how++) {
		if (pathname_read(pn, word, (enum pathname_reading)how) != 1)
			continue;
		if (pn->names > 0 && look_deny(l, pn) != ACTION_ALLOW)
			return ACTION_DENY;
		if (pn->masked && l->role != ROLE_PROSE && !l->p->paths.climb)
			return refuse_climb(l);
		if (rooted && look_word_roots(l, pn, word) != ACTION_ALLOW)
			return ACTION_DENY;
	}
	return ACTION_ALLOW;
}

/* Are words under the roots?  Not those of a path with white space in it. */
static bool
is_rooted(const struct look *l, struct slice s)
{
	return l->p->paths.roots.set && l->role != ROLE_PROSE &&
	       (l->role != ROLE_PATH || memchr(s.at, '\n', s.len) != NULL);
}

static enum action
judge_words(struct look *l, struct slice s)
{
	bool rooted = is_rooted(l, s), moves = false;
	struct pathwords it = { .text = s, .all = rooted };
	char room[PATHWORD_BRACES];
	struct slice word, spelt;

	l->above = 0;
	while (pathwords_next(&it, &word)) {
		for (unsigned k = 0; pathword_brace(word, k, room, &spelt); k++)
			if (judge_spelling(l, spelt, rooted) != ACTION_ALLOW)
				return ACTION_DENY;
		if (moves && !l->pn->absolute)
			l->above += l->pn->above;
		moves = slice_is(word, "cd") || slice_is(word, "pushd") ||
			slice_is(word, "os.chdir");
	}
	return ACTION_ALLOW;
}

/* A document speaks of paths; a line that is one names it. */
static enum action
judge_lines(struct look *l, struct slice s)
{
	const char *p = s.at, *end = s.at + s.len;

	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		struct slice line;

		lf = lf != NULL ? lf : end;
		line =
		    pathshape_stripped((struct slice){ p, (size_t)(lf - p) });
		if (line.len > 0 && line.len < PATH_MAX &&
		    pathshape_begins(line) && !pathshape_spaced(line) &&
		    judge_spelling(l, line, false) != ACTION_ALLOW)
			return ACTION_DENY;
		p = lf + 1;
	}
	return ACTION_ALLOW;
}

/* One reading of a string, of which something may be a path. */
static enum action
judge_view(struct look *l, struct slice s)
{
	const struct text *t = l->t;
	bool whole;

	/* What is one path and nothing else is meant as one. */
	l->role =
	    t->role == ROLE_PROSE && pathshape_sure(s) ? ROLE_VALUE : t->role;
	if (t->document && l->role == ROLE_PROSE)
		return judge_lines(l, s);
	if (l->role != ROLE_PROSE && l->role != ROLE_CODE &&
	    pathshape_wrapper(s))
		return look_refuse(
		    l, RULE_CLIMB, policy_origin(l->p, RULE_CLIMB), WRAPS);
	whole = pathshape_whole(t, s);
	if (whole && judge_whole(l, s) != ACTION_ALLOW)
		return ACTION_DENY;
	if (whole && pathword_single(s))
		return ACTION_ALLOW;
	return judge_words(l, s);
}

enum action
text_check_path(
    const struct text_env *env, const struct text *t, struct verdict *v)
{
	struct look l = { .p = env->policy,
		.t = t,
		.v = v,
		.scan = env->scan->paths,
		.pn = &env->scan->paths->pn };

	for (size_t i = 0; i < t->views->n; i++) {
		const struct view *view = &t->views->v[i];
		struct slice s;

		/* Only the name of an argument makes a path of such a text. */
		if ((view->bytes & (VIEW_PATH | VIEW_CODED)) == 0 &&
		    t->role != ROLE_PATH &&
		    (!env->policy->paths.roots.set || t->role == ROLE_PROSE))
			continue;
		s = pathshape_stripped(view->text);
		l.view = view->kind;
		if (s.len > 0 && judge_view(&l, s) != ACTION_ALLOW)
			return ACTION_DENY;
	}
	return ACTION_ALLOW;
}
