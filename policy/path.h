#ifndef POLICY_PATH_H
#define POLICY_PATH_H

#include <stdbool.h>

#include "proxy/base/buf.h"

/* What a doubtful path counts as. */
enum path_doubt {
	PATH_DOUBT_OUTSIDE, /* for rules that allow: all readings are under */
	PATH_DOUBT_INSIDE, /* for rules that refuse: any reading is under */
};

/*
 * Does text name something in directory dir (absolute) or dir itself?  Judged
 * are the path as it is spelt, with "." ".." "//" resolved, relative ones from
 * the working directory; and the path with its symbolic links followed as far
 * as it exists.  With PATH_DOUBT_INSIDE also as a file: URI, percent-decoded,
 * and with ~ as the home directory.  A path with a NUL byte, or longer than
 * PATH_MAX, is doubtful.
 */
bool path_under(struct slice text, const char *dir, enum path_doubt doubt);

#endif
