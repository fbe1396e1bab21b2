#ifndef POLICY_PATHNAME_PARTS_H
#define POLICY_PATHNAME_PARTS_H

/*
 * What the files that read paths share and nobody else needs.
 */

#include "policy/fold.h"
#include "policy/pathname.h"

static inline bool
pathname_is_name(char c)
{
	return (fold_ascii((unsigned char)c) >= 'a' &&
		   fold_ascii((unsigned char)c) <= 'z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static inline bool
pathname_is_sep(char c, bool lenient)
{
	return c == '/' || (lenient && c == '\\');
}

/* Does s begin so, ASCII letters of any case being equal? */
static inline bool
slice_begins(struct slice s, const char *prefix)
{
	size_t n = 0;

	while (n < s.len && prefix[n] != '\0' &&
	       fold_ascii((unsigned char)s.at[n]) ==
		   fold_ascii((unsigned char)prefix[n]))
		n++;
	return prefix[n] == '\0';
}

static inline struct slice
slice_after(struct slice s, size_t len)
{
	return (struct slice){ s.at + len, s.len - len };
}

/* Adds a name, or a clean directory; -1 if that would be too long. */
int pathname_push(struct pathname *pn, struct slice name);
int pathname_push_dir(struct pathname *pn, const char *dir);
int pathname_push_here(struct pathname *pn); /* the working directory */

/*
 * Takes ~, ~user and variables off the start of *s, as often as they stand
 * there, and adds what a shell puts for them.  0, or -1: too long.
 */
int pathname_expand(struct pathname *pn, struct slice *s);

/* "C:\" or "C:/" at the start. */
bool pathname_has_drive(struct slice s);

/*
 * Takes pathname_scheme() off, as often as it stands there, and its host unless
 * kept; sets pn->hosted.
 */
struct slice pathname_unwrap(struct pathname *pn, struct slice s, bool host);

#endif
