/*
 * Record, then act, for several frames at once.  Nothing is held across a wait
 * of the poll loop: what one read brought leaves before the next.
 */
#include "proxy/hold.h"

#include <stdint.h>
#include <stdlib.h>

#include "audit/journal.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"
#include "proxy/chan.h"
#include "proxy/decide.h"
#include "proxy/emit.h"
#include "proxy/pipeline.h"
#include "proxy/reply.h"

/* Messages, and bytes of our own, that are held at most. */
#define HELD_MAX 256
#define HELD_BYTES 65536U

struct held {
	struct chan *to; /* borrowed */
	enum msg_dir dir; /* whose message goes on; 0: our answer */
	struct slice came; /* borrowed: its line */
	size_t at, len; /* in bytes, if it is not the line that goes on */
};

struct hold {
	struct held v[HELD_MAX];
	size_t n;
	struct buf bytes; /* owned */
};

struct hold *
hold_new(void)
{
	struct hold *h = xcalloc(1, sizeof(*h));

	buf_init(&h->bytes, SIZE_MAX / 4);
	return h;
}

void
hold_free(struct hold *h)
{
	if (h == NULL)
		return;
	buf_release(&h->bytes);
	free(h);
}

static void
put(struct pipeline *p, struct held item, struct slice copy)
{
	struct hold *h = p->hold;

	if (copy.len > 0) {
		item.at = h->bytes.len;
		item.len = copy.len;
		buf_must(buf_add_slice(&h->bytes, copy));
	}
	h->v[h->n++] = item;
	if (h->n == nitems(h->v) || h->bytes.len > HELD_BYTES)
		hold_flush(p);
}

void
hold_forward(struct pipeline *p, enum msg_dir dir, struct slice came,
    struct slice goes, bool rewritten)
{
	struct held item = { .to = towards(p, dir), .dir = dir, .came = came };

	put(p, item, rewritten ? goes : (struct slice){ NULL, 0 });
}

void
hold_reply(struct pipeline *p, struct chan *to, struct slice reply)
{
	struct held item = { .to = to };

	put(p, item, reply);
}

/* Refuses a message that was to go on: its record is lost. */
static void
refuse(struct pipeline *p, const struct held *item)
{
	struct json_limits limits =
	    policy_limits(p->policy, item->dir == DIR_SERVER);
	struct decision d = { .outcome = OUTCOME_REFUSE };
	struct pending_entry *e;
	struct json doc;
	struct msg *msg = &d.msg;
	bool told;

	json_init(&doc);
	/* It was read before, by the same reader; but who only watches lets
	   pass what cannot be classified: then the skimmer tells of it. */
	buf_must(json_read(&doc, item->came, &limits, NULL));
	if (msg_parse(msg, item->dir, &doc, JSON_ROOT, NULL) == 0) {
		if (msg->id != JSON_NONE)
			d.id = json_raw(&doc, msg->id);
		d.answers = msg->kind == MSG_RESULT || msg->kind == MSG_ERROR;
		told = msg->kind != MSG_NOTIFICATION;
	} else {
		json_skim_init(&p->skim);
		json_skim_feed(&p->skim, item->came);
		told = json_skim_id(&p->skim, &d.id);
		d.answers = p->skim.nmethod == 0;
	}
	unrecorded(&d);
	if (msg->kind == MSG_REQUEST &&
	    (e = pending_find(
		 item->dir == DIR_CLIENT ? &p->by_client : &p->by_server, &doc,
		 msg->id)) != NULL)
		pending_remove(e);
	if (told)
		answer(p, &d, NULL);
	msg_release(msg);
	json_release(&doc);
}

static void
send_item(struct pipeline *p, const struct held *item, bool refused)
{
	struct hold *h = p->hold;

	if (item->dir != 0 && refused)
		refuse(p, item);
	else if (item->len > 0)
		chan_queue(item->to,
		    (struct slice){ h->bytes.at + item->at, item->len },
		    item->dir == 0);
	else
		chan_queue(item->to, item->came, false);
}

void
hold_flush(struct pipeline *p)
{
	struct hold *h = p->hold;
	struct error err = { "" };
	bool refused = false, defer = p->defer;

	if (journal_flush(p->journal, &err) == -1)
		refused = event_failed(p, &err) == -1;
	p->defer = false; /* what is sent from here is not held again */
	for (size_t i = 0; i < h->n; i++)
		send_item(p, &h->v[i], refused);
	h->n = 0;
	buf_clear(&h->bytes, HELD_BYTES);
	p->defer = defer && !p->audit_failing;
}
