#ifndef POLICY_BENEATH_H
#define POLICY_BENEATH_H

#include <limits.h>
#include <stdbool.h>

/*
 * Where an absolute path leads: its links followed as far as it exists, at most
 * 40, dangling ones too; ".." behind a link is the parent of its target; what
 * does not exist is taken by its letters.  Looking up is a race with whoever
 * can change links: it tells what is there now.  Returns 0 with ret_path ("/a"
 * or "" for the root) and *ret_links, the number of links that were met; -1 if
 * that cannot be told (too many, too long).
 */
int beneath_resolve(
    const char *path, char ret_path[PATH_MAX], unsigned *ret_links);

/* Is path ("" or "/a/b") a directory's, or below it, by its letters? */
bool beneath_below(const char *path, const char *dir);

/* What there is of a path below a directory. */
enum beneath {
	BENEATH_IN, /* it and all of its links lead to what is below */
	BENEATH_LINK, /* the same, through a link */
	BENEATH_OUT, /* it leads out, or that cannot be told */
};

/* Judges an absolute path, as it is spelt, against an absolute directory. */
enum beneath beneath_judge(const char *dir, const char *path);

/* Is there anything under that name, be it a link to nothing? */
bool beneath_exists(const char *path);

/* Is an absolute path free of links, as far as it exists?  One system call. */
bool beneath_is_straight(const char *path);

#endif
