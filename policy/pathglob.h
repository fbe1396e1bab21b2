#ifndef POLICY_PATHGLOB_H
#define POLICY_PATHGLOB_H

#include "policy/pathname.h"

/*
 * Does an entry of paths.deny cover a path?  An entry is absolute or begins
 * with two stars and a slash; two stars stand for any directories, one for any
 * part of a name, '?' for one byte, "[a-z]" and "[!a-z]" for one of a set.  It
 * covers all that is below it, or with "/." at its end the directory alone.
 *
 * A relative path meets the entries that begin with stars; one that climbs is
 * taken to reach the root.  Names of the path that are patterns themselves are
 * compared as such: may one name match both?
 */
bool pathglob_covers(const char *entry, const struct pathname *pn);

/* Has a name any sign of a pattern? */
bool pathglob_is_wild(struct slice name);

/* May one name match both patterns?  fold: letters have no case. */
bool pathglob_meet(struct slice entry, struct slice name, bool wild, bool fold);

#endif
