#ifndef POLICY_PATHSHAPE_H
#define POLICY_PATHSHAPE_H

#include <stdbool.h>

#include "policy/text.h"

/* Without white space around it; is there any within it? */
struct slice pathshape_stripped(struct slice s);
bool pathshape_spaced(struct slice s);

/* A wrapper of PHP's and others, which reads what it is given, or runs it. */
bool pathshape_wrapper(struct slice s);

/* Does it begin as only paths do? */
bool pathshape_begins(struct slice s);

/*
 * Is it nothing but a path, whatever it stands for?  A text that begins with a
 * backslash or a '%' may well be another thing.
 */
bool pathshape_sure(struct slice s);

/* Is all of a string, or of a reading of it, one path? */
bool pathshape_whole(const struct text *t, struct slice s);

/*
 * Is the first name of an absolute path ("/a/b", or "" for the root) a
 * directory of this machine, or one that many machines have?
 */
bool pathshape_known(const char *path);

/* May a command name it wherever its roots are: programs, /dev/null ...? */
bool pathshape_common(const char *path);

#endif
