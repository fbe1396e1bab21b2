#ifndef POLICY_PATHNAME_H
#define POLICY_PATHNAME_H

#include <limits.h>
#include <stdbool.h>

#include "proxy/base/buf.h"

/*
 * A text may name several files, as its reader takes it.  Whoever judges a path
 * judges every reading that there is.
 */
enum pathname_reading {
	/* As the kindest reader: every encoding undone, both slashes, ~ and
	   $HOME, file: URIs and those of schemes that nobody knows, drives,
	   what Windows drops from a name; control characters left out. */
	PATHNAME_LENIENT,
	/* The same, but the text ends at its first NUL; that of a URI also at
	   '?' or '#'. */
	PATHNAME_CUT,
	/* The same, with the host of a URI as a directory. */
	PATHNAME_HOST_KEPT,
	/* As the kernel: '/' separates, every other byte is part of a name. */
	PATHNAME_LITERAL,
	PATHNAME_READINGS
};

/* One reading, without "." and ".." and empty names. */
struct pathname {
	/* "/a/b", NUL-terminated, or "" for the root or where it starts. */
	char text[PATH_MAX];
	size_t len;
	bool absolute; /* else it starts wherever its reader stands */
	bool foreign; /* spelt for Windows or macOS: letters have no case */
	bool home; /* began with ~ or a variable */
	bool variable; /* starts at one whose value nobody here knows */
	bool hosted; /* of a server's own URI, which names a host as well */
	bool wild; /* some name may be a shell's pattern */
	bool nul; /* holds a NUL, which ends it for some */
	bool masked; /* more ".." than one sees: encoded or disguised */
	unsigned dotted; /* names of three dots and more, in places of ".." */
	unsigned above; /* times that ".." led out of where it starts */
	unsigned names; /* in text */
};

/*
 * Reads text.  Returns 1 with *pn filled in; 0 if there is no such reading, or
 * an earlier one has the same bytes; -1 if the path is longer than PATH_MAX.
 * Looks up nothing but the environment, and the working directory for
 * /proc/self/cwd.  Linear.
 */
int pathname_read(
    struct pathname *pn, struct slice text, enum pathname_reading how);

/*
 * Bytes of the scheme and the colon of a URI that a server may read as a path:
 * "file:", or "x://" of a scheme that is nobody's but the server's, or of a
 * known one without a host.  Else 0.
 */
size_t pathname_scheme(struct slice text);

/* Has a text no reading but PATHNAME_LENIENT?  A quick no may be wrong. */
bool pathname_one_reading(struct slice text);

/*
 * Puts a directory ("/" or "/a/b", clean) before a relative reading, after so
 * many steps up as the reading begins with: 0, or -1, too long.
 */
int pathname_join(struct pathname *pn, const char *dir);

/* Room for every encoded form of a path: twelve bytes each and some. */
#define PATHNAME_DECODE_MAX (4UL * PATH_MAX)

/*
 * Undoes percent, %u, overlong and 0x forms of any nesting, and turns
 * characters that look like a dot or a slash into these.  text has at most
 * PATHNAME_DECODE_MAX bytes.  Returns the length of out.
 */
size_t pathname_decode(struct slice text, char out[PATHNAME_DECODE_MAX]);

/* Can pathname_decode() change anything? */
bool pathname_coded(struct slice text);

#endif
