/*
 * Globs over names.  fnmatch(3) wants terminated strings in the locale's
 * encoding and can backtrack exponentially; names come from peers.
 */
#include "policy/glob.h"

#include "policy/fold.h"
#include "policy/policy.h"

bool
glob_match(const char *glob, struct slice text)
{
	const char *star = NULL;
	size_t at = 0, star_at = 0;

	/* After a mismatch only the last star can take one byte more. */
	while (at < text.len) {
		if (*glob == '*') {
			star = glob++;
			star_at = at;
		} else if (*glob != '\0' &&
			   (*glob == '?' || *glob == text.at[at])) {
			glob++;
			at++;
		} else if (star != NULL) {
			glob = star + 1;
			at = ++star_at;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return *glob == '\0';
}

bool
glob_part(const char *part, struct slice text)
{
	size_t len = strlen(part);

	for (size_t i = 0; i + len <= text.len; i++) {
		size_t n = 0;

		while (n < len && fold_ascii((unsigned char)text.at[i + n]) ==
				      fold_ascii((unsigned char)part[n]))
			n++;
		if (n == len)
			return true;
	}
	return false;
}

long
glob_find(const struct policy_list *list, struct slice text)
{
	for (size_t i = 0; i < list->n; i++)
		if (glob_match(list->v[i].text, text))
			return (long)i;
	return -1;
}
