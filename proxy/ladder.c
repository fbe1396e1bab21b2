/*
 * How a server is made to end, as a table of steps.
 */
#include "proxy/ladder.h"

#include <signal.h>

struct step {
	int64_t after_ms; /* since the ladder was begun */
	int step;
};

#define STEPS_MAX 5

static const struct step ladders[LADDER_COUNT][STEPS_MAX] = {
	[LADDER_NONE] = { { 0, STEP_NONE } },
	/* Its standard input is closed already, as soon as all is written.
	   Source: MCP, Lifecycle, Shutdown. */
	[LADDER_EOF] = {
		{ 1500, SIGTERM },
		{ 2500, SIGKILL },
		{ 3500, STEP_ABANDON },
		{ 0, STEP_NONE },
	},
	/* The signal was passed on, and first may do its work alone.  The most
	   used host sends SIGKILL 500 ms after its SIGINT. */
	[LADDER_SIGNAL] = {
		{ 50, STEP_CLOSE },
		{ 150, SIGTERM },
		{ 350, SIGKILL },
		{ 850, STEP_ABANDON },
		{ 0, STEP_NONE },
	},
};

void
ladder_begin(struct ladder *l, enum ladder_kind kind, int64_t now_ms)
{
	if (l->kind < kind)
		*l = (struct ladder){ .kind = kind, .begun_ms = now_ms };
}

void
ladder_wait(struct ladder *l, int64_t now_ms)
{
	if (l->kind == LADDER_EOF && l->next == 0)
		l->begun_ms = now_ms;
}

int64_t
ladder_due(const struct ladder *l, int64_t now_ms)
{
	const struct step *s = &ladders[l->kind][l->next];
	int64_t left = l->begun_ms + s->after_ms - now_ms;

	if (s->step == STEP_NONE)
		return -1;
	return left > 0 ? left : 0;
}

int
ladder_next(struct ladder *l, int64_t now_ms)
{
	if (ladder_due(l, now_ms) != 0)
		return STEP_NONE;
	return ladders[l->kind][l->next++].step;
}
