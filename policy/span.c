/*
 * A list of parts of a text that are to be replaced.  Who finds them says why;
 * who rewrites the text takes them from first to last, so they are in order
 * and never overlap.
 */
#include "policy/span.h"

#include <assert.h>
#include <stdlib.h>

#include "proxy/base/xalloc.h"

void
spans_init(struct spans *s)
{
	*s = (struct spans){ .v = NULL };
}

void
spans_release(struct spans *s)
{
	free(s->v);
	spans_init(s);
}

void
spans_add(struct spans *s, struct span span)
{
	assert(span.first <= span.end);
	assert(s->n == 0 || span.first >= s->v[s->n - 1].end);
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 16 : s->cap * 2;
		s->v = xreallocarray(s->v, s->cap, sizeof(s->v[0]));
	}
	s->v[s->n++] = span;
}
