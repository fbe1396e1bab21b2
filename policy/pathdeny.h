#ifndef POLICY_PATHDENY_H
#define POLICY_PATHDENY_H

#include "policy/pathname.h"

struct policy_list;

/*
 * The list paths.deny, made ready: most paths hold no name that any entry asks
 * for, and are told apart by a look at each of their names.
 */
struct pathdeny;

struct pathdeny *pathdeny_new(const struct policy_list *list); /* copied */
void pathdeny_free(struct pathdeny *pd); /* accepts NULL */

/*
 * The index of the first entry that covers the path, as pathglob_covers() has
 * it, or -1.  *pd is its work space as well.
 */
long pathdeny_find(struct pathdeny *pd, const struct pathname *pn);

#endif
