/*
 * What either side learns of the other: tools outside the lock are left out of
 * tools/list, page by page; capabilities of the client that the policy lets no
 * server use are left out of what the client offers, so that a good server
 * never asks.
 */
#include <stdio.h>
#include <stdlib.h>

#include "policy/check.h"
#include "policy/fold.h"
#include "policy/msg.h"
#include "policy/policy.h"
#include "proxy/base/json.h"
#include "proxy/base/xalloc.h"

/* Places to take out of one container; grows at powers of two. */
struct drops {
	json_at *v; /* owned */
	size_t n;
};

static void
drops_add(struct drops *d, json_at at)
{
	if ((d->n & (d->n - 1)) == 0)
		d->v = xreallocarray(
		    d->v, d->n == 0 ? 1 : 2 * d->n, sizeof(*d->v));
	d->v[d->n++] = at;
}

static void
strip(const struct check_env *env, const struct msg *msg, json_at box,
    struct drops *drops, struct verdict *v)
{
	const struct method *m;
	struct verdict why = { .stage = STAGE_NAMESPACE };

	if (!json_is(msg->doc, box, JSON_OBJECT))
		return;
	for (json_at key = json_first(msg->doc, box); key != JSON_NONE;
	     key = json_sibling(msg->doc, box, key))
		for (size_t i = 0; (m = method_at(i)) != NULL; i++)
			if (m->capability != NULL &&
			    json_equals(
				msg->doc, key, slice_of(m->capability)) &&
			    !namespace_asks(env->policy, m, &why)) {
				drops_add(drops, key);
				*v = why;
				break;
			}
	if (drops->n > 0)
		json_remove(env->edits, msg->doc, box, drops->v, drops->n);
}

enum action
check_capabilities(
    const struct check_env *env, const struct msg *msg, struct verdict *v)
{
	struct drops drops = { NULL, 0 };
	json_at box;
	size_t n;

	if (msg->kind != MSG_REQUEST)
		return ACTION_ALLOW;
	if (msg->method->code == METHOD_INITIALIZE)
		box = json_get(msg->doc, msg->params, "capabilities");
	else if (msg->revision == REV_2026_07_28)
		box =
		    json_get(msg->doc, json_get(msg->doc, msg->params, "_meta"),
			"io.modelcontextprotocol/clientCapabilities");
	else
		return ACTION_ALLOW;
	strip(env, msg, box, &drops, v);
	n = drops.n;
	free(drops.v);
	if (n == 0)
		return ACTION_ALLOW;
	(void)snprintf(v->reason, sizeof(v->reason),
	    "a capability of the client that no server may use is left out");
	return ACTION_REDACT;
}

/* Members that a lenient client would take for the listing. */
static bool
is_misspelt(const struct json *doc, json_at object, const char *names,
    struct buf *scratch)
{
	for (json_at key = json_first(doc, object); key != JSON_NONE;
	     key = json_sibling(doc, object, key))
		if (fold_collides_any(json_text(doc, key, scratch), names))
			return true;
	return false;
}

/* Judges one entry; a tool without a readable name has no place in the lock. */
static bool
keeps(const struct check_env *env, const struct json *doc, json_at tool,
    struct buf *scratch, struct verdict *v)
{
	json_at name = json_get(doc, tool, "name");

	if (!json_is(doc, name, JSON_STRING) ||
	    is_misspelt(doc, tool, "name", scratch)) {
		verdict_at(v, "tools", NULL,
		    "a listed tool without a readable name is left out");
		return false;
	}
	return namespace_tool(env->policy, json_text(doc, name, scratch), v) ==
	       ACTION_ALLOW;
}

static bool
has_name(const struct json *doc, json_at tool)
{
	return json_get(doc, tool, "name") != JSON_NONE;
}

enum action
check_listing(
    const struct check_env *env, const struct msg *msg, struct verdict *v)
{
	const struct json *doc = msg->doc;
	struct drops drops = { NULL, 0 };
	bool listing = msg->method->code == METHOD_TOOLS_LIST;
	struct buf scratch;
	json_at tools;
	size_t n;

	if (msg->kind != MSG_RESULT)
		return ACTION_ALLOW;
	tools = json_get(doc, msg->result, "tools");
	/* A list of tools is one by its shape, whatever it answers. */
	if (!listing && !json_is(doc, tools, JSON_ARRAY))
		return ACTION_ALLOW;
	buf_init(&scratch, doc->text.len);
	if ((tools != JSON_NONE && !json_is(doc, tools, JSON_ARRAY)) ||
	    is_misspelt(doc, msg->result, "tools nextCursor", &scratch)) {
		buf_release(&scratch);
		v->stage = STAGE_RESPONSE;
		verdict_at(v, "tools", NULL,
		    "the server's list of tools cannot be read");
		return ACTION_DENY;
	}
	if (json_is(doc, tools, JSON_ARRAY)) {
		for (json_at tool = json_first(doc, tools); tool != JSON_NONE;
		     tool = json_sibling(doc, tools, tool))
			if ((listing || has_name(doc, tool)) &&
			    !keeps(env, doc, tool, &scratch, v))
				drops_add(&drops, tool);
		if (drops.n > 0)
			json_remove(env->edits, doc, tools, drops.v, drops.n);
	}
	n = drops.n;
	free(drops.v);
	buf_release(&scratch);
	if (n == 0)
		return ACTION_ALLOW;
	(void)snprintf(v->reason, sizeof(v->reason),
	    "%zu tools outside the lock are left out of the list", n);
	return ACTION_REDACT;
}
