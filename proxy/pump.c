/*
 * From a channel's frames to the pipeline.  A slow reader slows its writer:
 * what goes on has to find room, and so have our answers to what does not.
 */
#include "proxy/pump.h"

#include "proxy/chan.h"
#include "proxy/emit.h"
#include "proxy/pipeline.h"

bool
pump_is_done(struct pipeline *p, enum msg_dir dir)
{
	return (dir == DIR_SERVER || !p->lister.waiting) &&
	       chan_room(towards(p, dir)) && back_to(p, dir)->own < PUMP_OWN;
}

void
pump_frames(struct pipeline *p, enum msg_dir dir)
{
	struct frame *fr = &towards(p, dir)->frame;
	struct slice line;
	int rc;

	pipeline_gather(p);
	/* First what has waited until the server had said what it takes. */
	if (dir == DIR_CLIENT && lister_ready(p, &line)) {
		pipeline_line(p, dir, line);
		pipeline_settle(p);
		lister_done(p);
		pipeline_gather(p);
	}
	while (pump_is_done(p, dir) && (rc = frame_next(fr, &line)) != 0) {
		if (rc == 1)
			pipeline_line(p, dir, line);
		else
			pipeline_too_long(p, dir, &fr->skim, fr->skipped);
	}
	pipeline_settle(p);
}

void
pump_rest(struct pipeline *p, enum msg_dir dir)
{
	struct frame *fr = &towards(p, dir)->frame;
	struct slice rest;
	int rc = frame_last(fr, &rest);

	if (rc == 1 && rest.len > 0)
		pipeline_fragment(p, dir, rest);
	else if (rc == -1)
		pipeline_too_long(p, dir, &fr->skim, fr->skipped);
}

void
pump_held(struct pipeline *p, int64_t now_ms)
{
	struct slice line;

	if (lister_due(p, now_ms) == 0)
		lister_give_up(p);
	if (lister_ready(p, &line))
		pump_frames(p, DIR_CLIENT);
}
