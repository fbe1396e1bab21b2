#ifndef CMD_LOOK_H
#define CMD_LOOK_H

#include <stdbool.h>

#include "policy/check.h"
#include "policy/msg.h"
#include "policy/track.h"
#include "proxy/base/buf.h"
#include "proxy/base/json.h"

struct policy;

/* Judges single lines as a fresh session would, without a server. */
struct look {
	const struct policy *policy; /* borrowed */
	struct json doc;
	struct json_edits edits;
	struct scan *scan; /* owned */
	struct track track; /* of a session in which nothing was said */
	struct buf text; /* owned: the line as it would pass */
	struct verdict verdict; /* of the last line */
	int code; /* of the answer, if it is refused */
	bool rewritten; /* text differs from the line */
};

void look_init(struct look *l, const struct policy *policy);
void look_release(struct look *l);

/* Judges a line, without its LF; the outcome is in l. */
void look_line(struct look *l, enum msg_dir dir, struct slice line);

/*
 * Writes a request with the given params (JSON) into dst, which is cleared
 * first, and judges it.
 */
void look_request(
    struct look *l, const char *method, struct slice params, struct buf *dst);

/*
 * The same for the result (JSON) with which a server answers a request of that
 * method.
 */
void look_result(
    struct look *l, const char *method, struct slice result, struct buf *dst);

/* Judges a JSON Schema as the arguments of a listed tool have it. */
void look_schema(struct look *l, struct slice text);

/* Appends a separator and a member of an object whose value is a text. */
void look_member(struct buf *dst, const char *separator, const char *name,
    struct slice value);

/*
 * Appends the members decision, stage, rule and reason of the last verdict,
 * and text where the line would be rewritten, each behind a comma.
 */
void look_verdict(struct buf *dst, const struct look *l);

#endif
