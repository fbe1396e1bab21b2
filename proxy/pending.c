/*
 * Requests in flight.  Two hash tables over the same entries; a random seed
 * keeps peers from choosing ids that collide.  Entries that nobody waits for
 * (cancelled, or answered by a task) make way for new ones, oldest first.
 */
#include "proxy/pending.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

#include "proxy/base/json.h"
#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"

#define SLOTS_FIRST 64U
/* Entries kept though nobody waits for them. */
#define IDLE_MAX 1024U

void
pending_init(struct pending *p)
{
	*p = (struct pending){ .nslots = SLOTS_FIRST };
	p->ids = xcalloc(p->nslots, sizeof(struct pending_entry *));
	p->tokens = xcalloc(p->nslots, sizeof(struct pending_entry *));
	if (getrandom(&p->seed, sizeof(p->seed), 0) != sizeof(p->seed))
		p->seed = (uint64_t)(uintptr_t)p->ids; /* as random as ASLR */
}

static void
entry_free(struct pending_entry *e)
{
	free(e->tool);
	free(e->id);
	free(e->key);
	free(e->token);
	free(e);
}

void
pending_release(struct pending *p)
{
	struct pending_entry *e, *next;

	for (e = p->oldest; e != NULL; e = next) {
		next = e->newer;
		entry_free(e);
	}
	free(p->ids);
	free(p->tokens);
	*p = (struct pending){ .nslots = 0 };
}

/* FNV-1a begun at a secret, and mixed (the finaliser of MurmurHash3). */
static size_t
slot_of(const struct pending *p, struct slice key)
{
	uint64_t h = p->seed;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ (unsigned char)key.at[i]) * 0x100000001b3ULL +
		    (p->seed >> 32);
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdULL;
	h ^= h >> 33;
	return (size_t)h & (p->nslots - 1);
}

/* A letter for the type, and the text: strings unescaped. */
static void
key_of(const struct json *doc, json_at at, struct buf *ret)
{
	struct buf scratch;

	buf_init(ret, 2 * LIMIT_ID);
	buf_init(&scratch, 2 * LIMIT_ID);
	/* msg_parse() bounds ids and tokens. */
	buf_must(
	    buf_add_byte(ret, json_kind(doc, at) == JSON_STRING ? 's' : 'n'));
	buf_must(buf_add_slice(ret, json_kind(doc, at) == JSON_STRING
					? json_text(doc, at, &scratch)
					: json_raw(doc, at)));
	buf_release(&scratch);
}

static struct pending_entry *
lookup_id(const struct pending *p, struct slice key)
{
	struct pending_entry *e = p->ids[slot_of(p, key)];

	while (
	    e != NULL && !slice_eq(key, (struct slice){ e->key, e->key_len }))
		e = e->by_id;
	return e;
}

static struct pending_entry *
lookup_token(const struct pending *p, struct slice key)
{
	struct pending_entry *e = p->tokens[slot_of(p, key)];

	/* Two requests may carry one token: it lives as long as either. */
	while (e != NULL &&
	       (e->cancelled ||
		   !slice_eq(key, (struct slice){ e->token, e->token_len })))
		e = e->by_token;
	return e;
}

struct pending_entry *
pending_find(const struct pending *p, const struct json *doc, json_at id)
{
	struct pending_entry *e;
	struct buf key;

	if (id == JSON_NONE || p->n == 0 || json_raw(doc, id).len > LIMIT_ID)
		return NULL;
	key_of(doc, id, &key);
	e = lookup_id(p, buf_slice(&key));
	buf_release(&key);
	return e != NULL && !e->answered ? e : NULL;
}

struct pending_entry *
pending_token(const struct pending *p, const struct json *doc, json_at token)
{
	struct pending_entry *e;
	struct buf key;

	if (token == JSON_NONE || p->n == 0 ||
	    json_raw(doc, token).len > LIMIT_TOKEN_TEXT)
		return NULL;
	key_of(doc, token, &key);
	e = lookup_token(p, buf_slice(&key));
	buf_release(&key);
	return e;
}

struct pending_entry *
pending_find_raw(const struct pending *p, struct slice id)
{
	static const struct json_limits limits = { LIMIT_ID, 0, 1, true };
	struct pending_entry *e = NULL;
	struct json doc;

	json_init(&doc);
	if (json_read(&doc, id, &limits, NULL) == 0)
		e = pending_find(p, &doc, JSON_ROOT);
	json_release(&doc);
	return e;
}

static void
unlink_token(struct pending *p, struct pending_entry *e)
{
	struct pending_entry **at;

	if (e->token == NULL)
		return;
	at = &p->tokens[slot_of(p, (struct slice){ e->token, e->token_len })];
	while (*at != NULL && *at != e)
		at = &(*at)->by_token;
	if (*at == e)
		*at = e->by_token;
}

static void
unlink_id(struct pending *p, struct pending_entry *e)
{
	struct pending_entry **at;

	at = &p->ids[slot_of(p, (struct slice){ e->key, e->key_len })];
	while (*at != NULL && *at != e)
		at = &(*at)->by_id;
	if (*at == e)
		*at = e->by_id;
}

void
pending_remove(struct pending_entry *e)
{
	struct pending *p = e->owner;

	assert((e->older != NULL) == (p->oldest != e));
	assert((e->newer != NULL) == (p->newest != e));
	unlink_id(p, e);
	unlink_token(p, e);
	if (e->older != NULL)
		e->older->newer = e->newer;
	else
		p->oldest = e->newer;
	if (e->newer != NULL)
		e->newer->older = e->older;
	else
		p->newest = e->older;
	p->n--;
	if (e->cancelled || e->answered)
		p->nidle--;
	entry_free(e);
}

static void
drop_idle(struct pending *p)
{
	struct pending_entry *e, *next;

	for (e = p->oldest; e != NULL && p->nidle > IDLE_MAX / 2; e = next) {
		next = e->newer;
		if (e->cancelled || e->answered)
			pending_remove(e);
	}
}

static void
grow(struct pending *p)
{
	struct pending_entry *e;

	p->nslots *= 2;
	free(p->ids);
	free(p->tokens);
	p->ids = xcalloc(p->nslots, sizeof(struct pending_entry *));
	p->tokens = xcalloc(p->nslots, sizeof(struct pending_entry *));
	for (e = p->newest; e != NULL; e = e->older) {
		size_t slot = slot_of(p, (struct slice){ e->key, e->key_len });

		e->by_id = p->ids[slot];
		p->ids[slot] = e;
		if (e->token == NULL)
			continue;
		slot = slot_of(p, (struct slice){ e->token, e->token_len });
		e->by_token = p->tokens[slot];
		p->tokens[slot] = e;
	}
}

static void
insert(struct pending *p, struct pending_entry *e)
{
	size_t slot;

	if (p->n >= p->nslots)
		grow(p);
	slot = slot_of(p, (struct slice){ e->key, e->key_len });
	e->by_id = p->ids[slot];
	p->ids[slot] = e;
	if (e->token != NULL) {
		slot = slot_of(p, (struct slice){ e->token, e->token_len });
		e->by_token = p->tokens[slot];
		p->tokens[slot] = e;
	}
	e->older = p->newest;
	if (p->newest != NULL)
		p->newest->newer = e;
	else
		p->oldest = e;
	p->newest = e;
	p->n++;
}

/* Moves the bytes of b out of it. */
static char *
detach(struct buf *b, size_t *ret_len)
{
	char *at = b->at;

	*ret_len = b->len;
	buf_init(b, b->max);
	return at;
}

enum pending_fault
pending_add(
    struct pending *p, const struct msg *msg, struct pending_entry **ret)
{
	struct pending_entry *e, *same;
	struct buf key, token;
	struct slice id = json_raw(msg->doc, msg->id);
	enum pending_fault fault = PENDING_OK;

	buf_init(&token, 0);
	key_of(msg->doc, msg->id, &key);
	if (msg->token != JSON_NONE)
		key_of(msg->doc, msg->token, &token);
	same = lookup_id(p, buf_slice(&key));
	if (same != NULL && (same->cancelled || same->answered)) {
		pending_remove(same);
		same = NULL;
	}
	if (p->nidle > IDLE_MAX)
		drop_idle(p);
	if (same != NULL)
		fault = PENDING_TWICE;
	else if (p->n >= LIMIT_PENDING)
		fault = PENDING_FULL;
	if (fault == PENDING_OK) {
		e = xcalloc(1, sizeof(*e));
		e->owner = p;
		e->method = msg->method;
		e->first_page =
		    json_get(msg->doc, msg->params, "cursor") == JSON_NONE;
		e->tool_len = msg->tool.len < LIMIT_AUDIT_TEXT
				  ? msg->tool.len
				  : LIMIT_AUDIT_TEXT;
		e->tool = xmemdup0(msg->tool.at, e->tool_len);
		e->id = xmemdup0(id.at, id.len);
		e->id_len = id.len;
		e->key = detach(&key, &e->key_len);
		e->token = detach(&token, &e->token_len);
		insert(p, e);
		*ret = e;
	}
	buf_release(&key);
	buf_release(&token);
	return fault;
}

void
pending_cancel(struct pending_entry *e)
{
	if (!e->cancelled && !e->answered)
		e->owner->nidle++;
	e->cancelled = true;
}

void
pending_linger(struct pending_entry *e)
{
	if (e->token == NULL) {
		pending_remove(e);
		return;
	}
	if (!e->cancelled && !e->answered)
		e->owner->nidle++;
	e->answered = true;
}
