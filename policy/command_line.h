#ifndef POLICY_COMMAND_LINE_H
#define POLICY_COMMAND_LINE_H

#include <stdbool.h>

#include "proxy/base/buf.h"
#include "proxy/base/json.h"

/* {"command": "rm", "args": ["-rf", "/"]}: a command in pieces is one. */
struct command_line {
	struct buf spaced; /* the command first, blanks between the pieces */
	struct buf glued; /* the same without them */
	/* Only what is a command or an argument by the name of its member; not
	   also what stands beside a command of one word. */
	bool certain;
};

/*
 * Puts the members of an object together.  Returns false if they are no
 * command, or one in a single piece; else the caller releases *ret.  Member by
 * member scratch is overwritten.
 */
bool command_line_of(const struct json *doc, json_at object,
    struct buf *scratch, struct command_line *ret);
void command_line_release(struct command_line *line);

#endif
