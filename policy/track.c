/*
 * What the checks remember within one session.  Memory is bounded: a listing
 * of more than LIMIT_TOOLS tools is not remembered at all.
 */
#include "policy/track.h"

#include <stdlib.h>

#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"

static void
drop_names(char ***names, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		free((*names)[i]);
	free(*names);
	*names = NULL;
	*n = 0;
}

void
track_init(struct track *t)
{
	*t = (struct track){ .listed = false };
}

void
track_release(struct track *t)
{
	drop_names(&t->tools, &t->ntools);
	drop_names(&t->next, &t->nnext);
}

void
track_page(struct track *t, bool first)
{
	if (!first)
		return;
	drop_names(&t->next, &t->nnext);
	t->listing = true;
}

void
track_tool(struct track *t, struct slice name)
{
	if (!t->listing)
		return;
	if (t->nnext >= LIMIT_TOOLS || memchr(name.at, '\0', name.len)) {
		drop_names(&t->next, &t->nnext);
		t->listing = false;
		t->listed = false;
		return;
	}
	if ((t->nnext & (t->nnext - 1)) == 0) /* grows at powers of two */
		t->next = xreallocarray(t->next,
		    t->nnext == 0 ? 1 : 2 * t->nnext, sizeof(*t->next));
	t->next[t->nnext++] = xmemdup0(name.at, name.len);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
track_page_end(struct track *t, bool last)
{
	if (!t->listing || !last)
		return;
	drop_names(&t->tools, &t->ntools);
	t->tools = t->next;
	t->ntools = t->nnext;
	t->next = NULL;
	t->nnext = 0;
	if (t->ntools > 1)
		qsort(t->tools, t->ntools, sizeof(*t->tools), by_name);
	t->listing = false;
	t->listed = true;
}

void
track_changed(struct track *t)
{
	t->listed = false;
	t->listing = false;
}

bool
track_knows(const struct track *t, struct slice name)
{
	size_t low = 0, high = t->ntools;

	if (!t->listed)
		return true;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		size_t len = strlen(t->tools[mid]);
		int c = memcmp(name.at != NULL ? name.at : "", t->tools[mid],
		    name.len < len ? name.len : len);

		if (c == 0 && name.len == len)
			return true;
		if (c < 0 || (c == 0 && name.len < len))
			high = mid;
		else
			low = mid + 1;
	}
	return false;
}
