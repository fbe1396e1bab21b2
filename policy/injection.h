#ifndef POLICY_INJECTION_H
#define POLICY_INJECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

/* Where a text stands, and so how strictly it is judged. */
enum injection_field {
	FIELD_DESCRIPTION, /* of a tool, prompt, argument; instructions: strict
			    */
	FIELD_MESSAGE, /* error messages, log, progress, sampling, elicitation
			*/
	FIELD_TEXT, /* what a tool answers: a file, a page, a row: mild */
};

/* A span of the text that is to be taken out, and why. */
struct injection_span {
	size_t first, end; /* bytes of the text as it was given */
	const char *rule; /* id of the rule with the largest share */
	unsigned score;
};

struct injection_report {
	struct injection_span *v; /* owned; in order, without overlap */
	size_t n, cap;
	unsigned score; /* of the strongest span; 0 where there is none */
	bool gave_up; /* the text could not be judged: whole counts as hit */
};

struct spots;
struct injector; /* rules and work space */

struct injector *injector_new(void);
void injector_free(struct injector *in); /* accepts NULL */

void injection_report_init(struct injection_report *r);
void injection_report_release(struct injection_report *r);

/*
 * Finds text that tries to steer the model that reads it.  Judges the text in
 * its folded reading (unifold.h), with HTML and Markdown dress taken off, and
 * what base64 in it decodes to; spans are of the text as given.  r is cleared
 * first.  Linear.
 */
void injection_find(struct injector *in, struct slice text,
    enum injection_field field, struct injection_report *r);

/*
 * Marks where in a frame injection_find() may find something in a string that
 * spots_dress() marks nowhere.
 */
void injection_spots(struct injector *in, struct slice raw,
    enum injection_field field, struct spots *spots);

#endif
