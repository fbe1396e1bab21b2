/*
 * The visible strings of what servers say: a table of what is not one, and of
 * the places that are judged more strictly or more mildly than their method.
 * Source: MCP, schema of each revision; which fields reach a model was measured
 * with real hosts.
 */
#include "policy/visible.h"

#include <string.h>

#include "policy/method.h"
#include "policy/msg.h"
#include "proxy/base/array.h"

enum injection_field
visible_field(const struct msg *msg)
{
	if (msg->kind == MSG_RESULT)
		return msg->method->says;
	/* Errors, notifications, requests. */
	return FIELD_MESSAGE;
}

/* Members of params or result that are exact, where the protocol has them. */
static const struct {
	const char *name;
	enum msg_kind kind;
	const char *method; /* end of its name; "": any */
} exact[] = {
	{ "nextCursor", MSG_RESULT, "/list" },
	{ "protocolVersion", MSG_RESULT, "initialize" },
	{ "requestState", MSG_RESULT, "" },
	{ "taskId", MSG_RESULT, "" },
	{ "progressToken", MSG_NOTIFICATION, "notifications/progress" },
	{ "requestId", MSG_NOTIFICATION, "notifications/cancelled" },
	{ "level", MSG_NOTIFICATION, "notifications/message" },
	{ "taskId", MSG_NOTIFICATION, "" },
};

static bool
ends_with(const struct method *m, const char *end)
{
	size_t len = strlen(end);

	return m->len >= len && strcmp(m->name + m->len - len, end) == 0;
}

enum visible
visible_member(const struct msg *msg, json_at key, unsigned depth)
{
	if (depth == 0)
		for (size_t i = 0; i < nitems(exact); i++)
			if (msg->kind == exact[i].kind &&
			    ends_with(msg->method, exact[i].method) &&
			    json_equals(msg->doc, key, slice_of(exact[i].name)))
				return VISIBLE_NOT;
	return VISIBLE_TEXT;
}
