/*
 * A request of our own: tools/list, page by page.  It is recorded as every
 * other message, it has an id that nobody can guess, and its answer is judged
 * as if the client had asked, and then dropped.
 *
 * Nothing is asked where schemas are not enforced, of a server that has not
 * said that it has tools, nor of one that did not answer before: then calls go
 * on without a schema, as the client would send them without us.
 */
#include "proxy/lister.h"

#include <inttypes.h>
#include <sys/random.h>

#include "policy/policy.h"
#include "policy/toolbook.h"
#include "proxy/base/limits.h"
#include "proxy/chan.h"
#include "proxy/decide.h"
#include "proxy/event.h"
#include "proxy/pipeline.h"

void
lister_init(struct lister *l)
{
	*l = (struct lister){ .waiting = false };
	buf_init(&l->line, LIMIT_FRAME_BYTES_MAX);
	buf_init(&l->meta, LIMIT_FRAME_BYTES_MAX);
}

void
lister_release(struct lister *l)
{
	buf_release(&l->line);
	buf_release(&l->meta);
}

/* An id that no client has, in words that tell a server nothing. */
static void
write_id(struct lister *l, struct buf *dst)
{
	uint64_t random[2] = { 0, 0 };
	ssize_t got = getrandom(random, sizeof(random), GRND_NONBLOCK);

	(void)got; /* none so early in a machine's life: then it counts */
	buf_must(buf_addf(dst, "\"%016" PRIx64 "%016" PRIx64 "-%" PRIu64 "\"",
	    random[0], random[1], ++l->asked));
}

static void
write_request(struct lister *l, struct slice cursor, struct buf *dst)
{
	bool has_params = cursor.len > 0 || l->meta.len > 0;

	buf_must(buf_add_str(dst, "{\"jsonrpc\":\"2.0\",\"id\":"));
	write_id(l, dst);
	buf_must(buf_add_str(dst, ",\"method\":\"tools/list\""));
	if (has_params)
		buf_must(buf_add_str(dst, ",\"params\":{"));
	if (cursor.len > 0) {
		buf_must(buf_add_str(dst, "\"cursor\":"));
		buf_must(buf_add_slice(dst, cursor));
		if (l->meta.len > 0)
			buf_must(buf_add_byte(dst, ','));
	}
	if (l->meta.len > 0) {
		buf_must(buf_add_str(dst, "\"_meta\":"));
		buf_must(buf_add_slice(dst, buf_slice(&l->meta)));
	}
	buf_must(buf_add_str(dst, has_params ? "}}" : "}"));
}

/* Records our request, remembers it, and sends it; false if it cannot go. */
static bool
send_request(struct pipeline *p, struct slice text)
{
	static const struct json_limits limits = { LIMIT_FRAME_BYTES_MAX,
		LIMIT_DEPTH_MAX, LIMIT_TOKENS_MAX, true };
	struct verdict v = { .action = ACTION_ALLOW, .stage = STAGE_SCHEMA };
	struct pending_entry *e = NULL;
	struct json doc;
	struct msg msg;
	bool sent = false;

	json_init(&doc);
	verdict_at(&v, "arguments.schema",
	    policy_origin(p->policy, "arguments.schema"),
	    "asked by mcpshield itself, for what the tools take");
	if (json_read(&doc, text, &limits, NULL) == 0) {
		if (msg_parse(&msg, DIR_CLIENT, &doc, JSON_ROOT, NULL) == 0 &&
		    event_record(p, &msg, json_raw(&doc, msg.id), text,
			text.len, &v, "allow", 0, NULL) == 0 &&
		    pending_add(&p->by_client, &msg, &e) == PENDING_OK) {
			e->own = true;
			chan_queue(p->up, text, false);
			sent = true;
		}
		msg_release(&msg);
	}
	json_release(&doc);
	return sent;
}

static void
ask(struct pipeline *p, struct slice cursor)
{
	struct lister *l = &p->lister;
	bool defer = p->defer;
	struct buf text;

	buf_init(&text, 2 * LIMIT_FRAME_BYTES_MAX);
	write_request(l, cursor, &text);
	pipeline_settle(p); /* on record before it is sent */
	l->waiting = send_request(p, buf_slice(&text));
	l->gave_up = !l->waiting;
	l->due_ms = clock_us(CLOCK_MONOTONIC) / 1000 + LISTER_WAIT_MS;
	l->pages++;
	p->defer = defer && !p->audit_failing;
	buf_release(&text);
}

/* What a request of the newest revision has to say of its sender. */
static void
copy_meta(struct lister *l, const struct json *doc, json_at params)
{
	static const char version[] = "io.modelcontextprotocol/protocolVersion";
	static const char client[] = "io.modelcontextprotocol/clientInfo";
	json_at meta = json_get(doc, params, "_meta");
	json_at at = json_get(doc, meta, version);

	l->meta.len = 0;
	if (at == JSON_NONE)
		return;
	buf_must(buf_addf(&l->meta, "{\"%s\":", version));
	buf_must(buf_add_slice(&l->meta, json_raw(doc, at)));
	if ((at = json_get(doc, meta, client)) != JSON_NONE) {
		buf_must(buf_addf(&l->meta, ",\"%s\":", client));
		buf_must(buf_add_slice(&l->meta, json_raw(doc, at)));
	}
	buf_must(buf_add_str(
	    &l->meta, ",\"io.modelcontextprotocol/clientCapabilities\":{}}"));
}

/* Would the policy let the message pass, but for the schema? */
static bool
would_pass(struct pipeline *p, const struct msg *msg)
{
	struct check_env env = { .policy = p->policy,
		.edits = &p->edits,
		.scan = p->scan,
		.track = &p->track };
	bool passes;

	passes = policy_judge(&env, msg).action != ACTION_DENY;
	json_edits_clear(&p->edits); /* it is judged again */
	return passes;
}

/*
 * Is the message at a place a call of a tool that we know nothing of?  What is
 * refused in any case is no reason to ask: the server hears nothing of it.
 */
static bool
calls_unknown(struct pipeline *p, json_at root)
{
	struct msg msg;
	bool unknown;

	unknown = msg_parse(&msg, DIR_CLIENT, &p->doc, root, NULL) == 0 &&
		  msg.kind == MSG_REQUEST &&
		  msg.method->code == METHOD_TOOLS_CALL &&
		  (p->track.has_tools || msg.revision == REV_2026_07_28) &&
		  toolbook_find(p->track.tools, msg.tool) == NULL &&
		  would_pass(p, &msg);
	if (unknown)
		copy_meta(&p->lister, &p->doc, msg.params);
	msg_release(&msg);
	return unknown;
}

bool
lister_holds(struct pipeline *p, struct slice line)
{
	struct lister *l = &p->lister;
	bool calls = false;

	if (l->held || l->gave_up || p->track.listed ||
	    (p->policy->arguments.schema != SCHEMA_ENFORCE &&
		p->policy->pins.mode != PINS_DENY) ||
	    pipeline_watches(p))
		return false;
	if (json_is(&p->doc, JSON_ROOT, JSON_ARRAY)) {
		for (json_at at = json_first(&p->doc, JSON_ROOT);
		     at != JSON_NONE && !calls;
		     at = json_sibling(&p->doc, JSON_ROOT, at))
			calls = calls_unknown(p, at);
	} else {
		calls = calls_unknown(p, JSON_ROOT);
	}
	if (!calls)
		return false;
	l->pages = 0;
	ask(p, (struct slice){ NULL, 0 });
	if (!l->waiting)
		return false;
	l->line.len = 0;
	buf_must(buf_add_slice(&l->line, line));
	l->held = true;
	return true;
}

bool
lister_ready(const struct pipeline *p, struct slice *ret_line)
{
	if (!p->lister.held || p->lister.waiting)
		return false;
	*ret_line = buf_slice(&p->lister.line);
	return true;
}

void
lister_done(struct pipeline *p)
{
	p->lister.held = false;
	buf_clear(&p->lister.line, 65536);
}

void
lister_take(struct pipeline *p, struct decision *d)
{
	struct lister *l = &p->lister;
	json_at next = JSON_NONE;

	if (d->entry == NULL || !d->entry->own || !d->answers)
		return;
	if (d->msg.kind == MSG_RESULT && d->outcome != OUTCOME_REFUSE)
		next = json_get(&p->doc, d->msg.result, "nextCursor");
	else
		l->gave_up = true;
	if (l->waiting && json_is(&p->doc, next, JSON_STRING) &&
	    l->pages < LISTER_PAGES) {
		l->waiting = false;
		ask(p, json_raw(&p->doc, next));
	} else {
		l->waiting = false;
		l->gave_up = l->gave_up || next != JSON_NONE;
	}
	d->outcome = OUTCOME_DROP;
}

void
lister_give_up(struct pipeline *p)
{
	if (!p->lister.waiting)
		return;
	p->lister.waiting = false;
	p->lister.gave_up = true;
}

int64_t
lister_due(const struct pipeline *p, int64_t now_ms)
{
	int64_t left = p->lister.due_ms - now_ms;

	if (!p->lister.waiting)
		return -1;
	return left > 0 ? left : 0;
}

void
lister_forget(struct pipeline *p)
{
	toolbook_clear(p->track.tools);
	p->track.listed = false;
	p->lister.gave_up = false;
}
