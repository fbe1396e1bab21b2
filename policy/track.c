/*
 * Made empty, and released: what is remembered is the checks' matter.
 */
#include "policy/track.h"

#include "policy/toolbook.h"

void
track_init(struct track *t)
{
	*t = (struct track){ .tools = toolbook_new() };
}

void
track_release(struct track *t)
{
	toolbook_free(t->tools);
	t->tools = NULL;
}
