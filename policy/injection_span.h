#ifndef POLICY_INJECTION_SPAN_H
#define POLICY_INJECTION_SPAN_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

struct plain;

/*
 * What is to be taken out of the raw text for signs between first and end of
 * the plain one: the sentences that hold them, or the marked block around them;
 * white space around that stays.
 */
struct slice span_widen(const struct plain *p, size_t first, size_t end);

/* Where quotations are in a text, as far as it was asked; .plain is set. */
struct quotes {
	const struct plain *plain; /* borrowed */
	size_t at; /* of the folded text: fences before it are counted */
	bool fenced; /* is it in a code block? */
};

/*
 * Does what is at `at` of the plain text stand in quotation marks, in a code
 * block that is closed, or in a quoted line?  To be asked in the order of the
 * text.
 */
bool span_quoted(struct quotes *q, size_t at);

#endif
