/*
 * The stage `path`: a path in pieces.  {"dir": "/etc", "file": "shadow"} is
 * what it is put together, and so is "cd /etc && cat shadow": every directory
 * that an object names, with every relative name of the same object behind it,
 * is held against the list of what is denied.
 */
#include <stdio.h>

#include "policy/check_path_parts.h"
#include "policy/pathword.h"
#include "proxy/base/array.h"

#define DENIED "names, with the others, a path that the policy denies"

#define STEP_BYTES 128U /* of a path, read in one step */

/* Of one object: names, each ended by a NUL. */
struct join {
	const struct json *doc;
	struct buf *scratch;
	struct buf dirs, names;
};

static bool
is_start(struct slice s)
{
	return s.len > 0 &&
	       (s.at[0] == '/' || s.at[0] == '~' || s.at[0] == '$');
}

static void
add(struct buf *to, struct slice s)
{
	if (s.len == 0 || s.len >= PATH_MAX ||
	    memchr(s.at, '\0', s.len) != NULL)
		return;
	buf_must(buf_add_slice(to, s));
	buf_must(buf_add_byte(to, '\0'));
}

/* Stars alone name nothing in a directory. */
static bool
says_nothing(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (strchr("*?./", s.at[i]) == NULL)
			return false;
	return true;
}

static void
add_words(struct join *j, struct slice line)
{
	struct pathwords it = { .text = line, .all = true };
	struct slice word;
	bool moves = false;

	while (pathwords_next(&it, &word)) {
		if (!is_start(word) && !says_nothing(word))
			add(&j->names, word);
		else if (moves && is_start(word))
			add(&j->dirs, word);
		moves = slice_is(word, "cd") || slice_is(word, "pushd") ||
			slice_is(word, "os.chdir") || slice_is(word, "-C");
	}
}

static void
add_value(struct join *j, json_at value, enum text_role role)
{
	struct slice s;

	if (json_is(j->doc, value, JSON_ARRAY)) {
		for (json_at at = json_first(j->doc, value); at != JSON_NONE;
		     at = json_sibling(j->doc, value, at))
			if (json_is(j->doc, at, JSON_STRING))
				add_value(j, at, role);
		return;
	}
	if (!json_is(j->doc, value, JSON_STRING))
		return;
	s = json_text(j->doc, value, j->scratch);
	if (role == ROLE_CODE)
		add_words(j, s);
	else if (role == ROLE_PATH && is_start(s))
		add(&j->dirs, s);
	else if (!says_nothing(s))
		add(&j->names, s);
}

static enum action
judge_joined(const struct text_env *env, const char *dir, const char *name,
    struct verdict *v)
{
	const struct text t = { .role = ROLE_VALUE };
	const struct policy *p = env->policy;
	struct pathname *pn = &env->scan->paths->pn;
	size_t len = strlen(dir) + 1 + strlen(name);
	char path[PATH_MAX];
	bool left = true;
	long hit;

	if (len >= sizeof(path))
		return ACTION_ALLOW;
	/* A long one costs what it takes to read. */
	for (size_t i = 0; i <= len / STEP_BYTES && left; i++)
		left = pathscan_step(env->scan->paths);
	if (!left) {
		text_verdict(v, RULE_DENY, NULL, &t, VIEW_SENT,
		    "has more names and directories than can be looked at");
		return ACTION_DENY;
	}
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (pathname_read(pn, slice_of(path), PATHNAME_LENIENT) != 1 ||
	    (hit = pathdeny_find(pathscan_denied(env->scan->paths, p), pn)) < 0)
		return ACTION_ALLOW;
	text_verdict(
	    v, RULE_DENY, &p->paths.deny.v[hit].at, &t, VIEW_SENT, DENIED);
	return ACTION_DENY;
}

static enum action
judge_all(const struct text_env *env, const struct join *j, struct verdict *v)
{
	const char *dir = j->dirs.at, *dirs_end = dir + j->dirs.len;

	for (; dir < dirs_end; dir += strlen(dir) + 1) {
		const char *name = j->names.at, *end = name + j->names.len;

		for (; name < end; name += strlen(name) + 1)
			if (judge_joined(env, dir, name, v) != ACTION_ALLOW)
				return ACTION_DENY;
	}
	return ACTION_ALLOW;
}

enum action
check_join(const struct text_env *env, const struct json *doc, json_at object,
    struct buf *scratch, struct verdict *v)
{
	struct join j = { .doc = doc, .scratch = scratch };
	enum action action = ACTION_ALLOW;

	if (env->policy->paths.deny.n == 0)
		return ACTION_ALLOW;
	buf_init(&j.dirs, 2 * doc->text.len + 2);
	buf_init(&j.names, 2 * doc->text.len + 2);
	for (json_at key = json_first(doc, object); key != JSON_NONE;
	     key = json_sibling(doc, object, key)) {
		struct slice member = json_text(doc, key, scratch);
		bool pattern =
		    slice_is(member, "pattern") || slice_is(member, "glob");
		const char *name;
		enum text_role role = text_role(member, &name);

		if (role == ROLE_PATH || role == ROLE_CODE || pattern)
			add_value(&j, key + 1, role);
	}
	if (j.dirs.len > 0 && j.names.len > 0)
		action = judge_all(env, &j, v);
	buf_release(&j.dirs);
	buf_release(&j.names);
	return action;
}
