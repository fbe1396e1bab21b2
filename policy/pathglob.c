/*
 * Paths against one entry of the list of what is denied.  The entry is the
 * user's, the path an attacker's: the path's length alone is bounded here, and
 * the steps are at most the product of both.
 */
#include "policy/pathglob.h"

static struct slice
name_at(const char *p)
{
	size_t n = 0;

	while (p[n] != '/' && p[n] != '\0')
		n++;
	return (struct slice){ p, n };
}

/* The first name of a clean path "/a/b". */
static struct slice
first_name(const char *path)
{
	return name_at(path + 1);
}

static const char *
skip_slashes(const char *p)
{
	while (*p == '/')
		p++;
	return p;
}

static bool
is_star(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] != '*')
			return false;
	return s.len > 0;
}

/*
 * A pattern that stands anywhere must say something of the name it means.
 * Who looks for all text files names no secret, though some end in ".txt":
 * an ending says something to an entry alone that is nothing else.
 */
static bool
is_vague(struct slice name, struct slice entry)
{
	const char *dot = memrchr(name.at, '.', name.len);
	size_t n = 0, end = name.len;

	if (dot != NULL && dot > name.at && entry.at[0] != '*')
		end = (size_t)(dot - name.at);
	for (size_t i = 0; i < end; i++)
		n += name.at[i] != '*' && name.at[i] != '?' &&
		     name.at[i] != '[' && name.at[i] != ']';
	return n < 3 && pathglob_is_wild(name);
}

/*
 * One name of each.  A lone star says nothing but behind a name that is known;
 * loose: the entry's name may be anywhere.
 */
static bool
may_be(struct slice entry, struct slice name, const struct pathname *pn,
    bool sure, bool loose)
{
	if (pn->wild && is_star(name))
		return sure;
	if (is_star(entry))
		return true;
	if (pn->wild && loose && is_vague(name, entry))
		return false;
	return pathglob_meet(entry, name, pn->wild, pn->foreign);
}

/* After a mismatch only "**" can take more. */
bool
pathglob_covers(const char *e, const struct pathname *pn)
{
	const char *path = pn->text, *star = NULL, *star_path = NULL;
	bool sure = false; /* the name before was the same to the letter */

	if (*e == '/' && !pn->absolute && pn->above == 0)
		return false;
	for (;;) {
		struct slice entry, name;

		e = skip_slashes(e);
		entry = name_at(e);
		if (entry.len == 0 ||
		    (*path == '\0' && slice_is(entry, ".") && e[1] == '\0'))
			return true;
		if (slice_is(entry, "**")) {
			star = e += 2;
			star_path = path;
			sure = false;
			continue;
		}
		if (*path == '\0')
			return false;
		name = first_name(path);
		if (may_be(entry, name, pn, sure,
			star != NULL && e == skip_slashes(star))) {
			sure =
			    !pathglob_is_wild(entry) && !pathglob_is_wild(name);
			e += entry.len;
			path += 1 + name.len;
		} else if (star != NULL) {
			star_path += 1 + first_name(star_path).len;
			path = star_path;
			e = star;
			sure = false;
		} else {
			return false;
		}
	}
}
