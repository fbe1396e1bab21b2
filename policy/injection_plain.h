#ifndef POLICY_INJECTION_PLAIN_H
#define POLICY_INJECTION_PLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "policy/unifold.h"
#include "proxy/base/buf.h"

/*
 * A text as a model reads it, whatever it is dressed in: folded (unifold.h),
 * without Markdown emphasis and HTML tags, character references and backslash
 * escapes decoded, every run of white space as one space, or one line feed
 * where a line ends that was not broken in the middle of a sentence.
 */
struct plain {
	struct slice raw; /* borrowed */
	struct slice folded; /* raw, or fold's */
	struct slice text; /* folded, or out's: never longer than folded */
	struct buf fold, out;
	struct fold_map map; /* from folded to raw, where these differ */
	/* Places in out and folded where a piece begins: what is between two
	   of them is counted through when it is asked for. */
	struct plain_mark {
		uint32_t out, in;
	} * mark; /* owned */
	size_t n, cap;
};

void plain_init(struct plain *p);
void plain_release(struct plain *p);

/* raw is borrowed until the next call; shorter than 1 GiB.  Linear. */
void plain_make(struct plain *p, struct slice raw);

/* Where in folded the byte `at` of text begins, and where the one before it
   ends.  From there to raw with plain_raw_...(). */
size_t plain_first(const struct plain *p, size_t at);
size_t plain_end(const struct plain *p, size_t at);

size_t plain_raw_first(const struct plain *p, size_t folded);
size_t plain_raw_end(const struct plain *p, size_t folded);

#endif
