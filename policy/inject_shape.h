#ifndef POLICY_INJECT_SHAPE_H
#define POLICY_INJECT_SHAPE_H

#include <stdbool.h>

#include "proxy/base/buf.h"

/* What a text is read as, which tells how much a shape must show. */
enum shape_place {
	SHAPE_VALUE, /* a value: no room for commands */
	SHAPE_URL, /* "&name" and ";name" join parameters */
	SHAPE_PROSE, /* sentences, perhaps with code in them */
};

/*
 * Finds injections that have no literal to look for: a separator of a shell
 * with a command behind it, a substitution of a command's output, a comparison
 * of two constants behind OR, a quote that is closed and followed by a comment.
 * Returns the id of what was found (a constant), or NULL.  Linear; a text
 * without any separator costs one look at its bytes.
 */
const char *inject_shape(struct slice text, enum shape_place place);

/* The same for SQL, for templates and LDAP filters; inject_shape() asks them.
 */
const char *inject_sql(struct slice text, enum shape_place place);
const char *inject_template(struct slice text);

/* Does text begin with a command, as the argument of system() does? */
bool inject_begins_command(struct slice text);

#endif
