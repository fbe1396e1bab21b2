#ifndef POLICY_SPAN_H
#define POLICY_SPAN_H

#include <stddef.h>

/* A part of a text that is to be replaced, and why. */
struct span {
	size_t first, end; /* bytes */
	const char *rule; /* a constant: "hidden.ansi" */
	const char *put; /* a constant that takes its place; "" removes it */
};

struct spans {
	struct span *v; /* owned; in order, without overlap */
	size_t n, cap;
};

void spans_init(struct spans *s);
void spans_release(struct spans *s);

/* Behind what is there: first must not lie before the last one's end. */
void spans_add(struct spans *s, struct span span);

#endif
