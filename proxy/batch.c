/*
 * Batches: an array of messages in one line, which revision 2025-03-26 has and
 * no other.  Each member is judged by itself.  What goes on is the array that
 * came, without the members that do not; our answers to those are kept until
 * the peer has answered the others, and join the array of its answers.
 */
#include "proxy/batch.h"

#include <stdint.h>
#include <stdlib.h>

#include "policy/check.h"
#include "policy/method.h"
#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"
#include "proxy/chan.h"
#include "proxy/decide.h"
#include "proxy/emit.h"
#include "proxy/hold.h"
#include "proxy/pipeline.h"

void
batch_answered(struct pending_entry *e)
{
	if (e->batch != NULL && e->batch->open > 0)
		e->batch->open--;
}

/* Sends the gathered answers of one batch as an array of its own. */
static void
send_replies(struct pipeline *p, const struct batch *b)
{
	struct buf line;

	hold_flush(p);
	buf_init(&line, SIZE_MAX / 4);
	buf_must(buf_add_byte(&line, '['));
	buf_must(buf_add_slice(&line, buf_slice(&b->replies)));
	buf_must(buf_add_byte(&line, ']'));
	chan_queue(back_to(p, b->dir), buf_slice(&line), true);
	buf_release(&line);
}

void
batch_gather(struct pipeline *p, struct batch *b, struct slice reply)
{
	if (b->replies.len > 0 &&
	    b->replies.len + reply.len > LIMIT_FRAME_BYTES) {
		send_replies(p, b);
		buf_clear(&b->replies, 0);
	}
	if (b->replies.len > 0)
		buf_must(buf_add_byte(&b->replies, ','));
	buf_must(buf_add_slice(&b->replies, reply));
}

static struct batch *
take_done(struct pipeline *p, enum msg_dir dir, bool any_dir)
{
	for (struct batch **at = &p->batches; *at != NULL; at = &(*at)->next)
		if ((*at)->open == 0 && (any_dir || (*at)->dir == dir)) {
			struct batch *b = *at;

			*at = b->next;
			return b;
		}
	return NULL;
}

static void
batch_free(struct batch *b)
{
	buf_release(&b->replies);
	free(b);
}

void
batch_finish(struct pipeline *p)
{
	struct batch *b;

	while ((b = take_done(p, DIR_CLIENT, true)) != NULL) {
		if (b->replies.len > 0)
			send_replies(p, b);
		batch_free(b);
	}
}

/* Our answers to a batch join the array that completes the others'. */
static bool
join_replies(struct pipeline *p, enum msg_dir dir, bool empty)
{
	size_t end = p->doc.tok[JSON_ROOT].end - 1;
	enum msg_dir asker = dir == DIR_CLIENT ? DIR_SERVER : DIR_CLIENT;
	struct buf text;
	struct batch *b;
	bool joined;

	buf_init(&text, SIZE_MAX / 4);
	while ((b = take_done(p, asker, false)) != NULL) {
		if (b->replies.len > 0) {
			if (!empty)
				buf_must(buf_add_byte(&text, ','));
			buf_must(buf_add_slice(&text, buf_slice(&b->replies)));
			empty = false;
		}
		batch_free(b);
	}
	if (text.len > 0)
		json_replace(&p->edits, end, end, buf_slice(&text));
	joined = text.len > 0;
	buf_release(&text);
	return joined;
}

/* Decides on one member; true if it stays in the array. */
static bool
judge_member(struct pipeline *p, enum msg_dir dir, json_at at, struct batch *b)
{
	struct decision d;
	bool stays;

	decide(p, dir, at, json_raw(&p->doc, at), &d);
	stays = d.outcome == OUTCOME_PASS || d.outcome == OUTCOME_REWRITE;
	if (stays && d.msg.kind == MSG_REQUEST && d.entry != NULL) {
		d.entry->batch = b;
		b->open++;
	}
	if (d.outcome == OUTCOME_REFUSE)
		answer(p, &d, b);
	remember(p, &d);
	decision_release(&d);
	return stays;
}

/* Refuses the whole array where no revision allows one. */
static void
refuse_batch(
    struct pipeline *p, enum msg_dir dir, struct slice line, const char *reason)
{
	struct verdict v = { .action = ACTION_DENY, .stage = STAGE_FRAME };
	struct decision d;

	verdict_at(&v, "frame.batch", NULL, reason);
	json_skim_init(&p->skim); /* an array has no id */
	decide_unread(p, dir, &v, stage_code(STAGE_FRAME), line, line.len, &d);
	if (d.outcome == OUTCOME_PASS) { /* monitor */
		chan_forward(towards(p, dir), line);
	} else if (d.outcome == OUTCOME_REFUSE) {
		answer(p, &d, NULL);
	}
	decision_release(&d);
}

static size_t
count_members(const struct json *doc)
{
	size_t n = 0;

	for (json_at at = json_first(doc, JSON_ROOT); at != JSON_NONE;
	     at = json_sibling(doc, JSON_ROOT, at))
		n++;
	return n;
}

static void
judge_members(struct pipeline *p, enum msg_dir dir, struct slice line, size_t n)
{
	json_at *drop = xreallocarray(NULL, n, sizeof(*drop));
	struct batch *b = xcalloc(1, sizeof(*b));
	size_t ndrop = 0;

	b->dir = dir;
	p->in_batch = true;
	buf_init(&b->replies, SIZE_MAX / 4);
	for (json_at at = json_first(&p->doc, JSON_ROOT); at != JSON_NONE;
	     at = json_sibling(&p->doc, JSON_ROOT, at))
		if (!judge_member(p, dir, at, b))
			drop[ndrop++] = at;
	p->in_batch = false;
	b->next = p->batches;
	p->batches = b;
	if (ndrop > 0)
		json_remove(&p->edits, &p->doc, JSON_ROOT, drop, ndrop);
	if (join_replies(p, dir, ndrop == n) || ndrop < n) {
		if (!pipeline_watches(p))
			json_lines(&p->edits, &p->doc);
		forward(p, dir, line, NULL);
	}
	batch_finish(p);
	free(drop);
}

void
pipeline_batch(struct pipeline *p, enum msg_dir dir, struct slice line)
{
	size_t n = count_members(&p->doc);

	if (p->track.revision != REV_2025_03_26)
		refuse_batch(
		    p, dir, line, "batches exist in revision 2025-03-26 alone");
	else if (n == 0)
		refuse_batch(p, dir, line, "the batch is empty");
	else if (n > LIMIT_BATCH)
		refuse_batch(p, dir, line, "the batch has too many members");
	else
		judge_members(p, dir, line, n);
}
