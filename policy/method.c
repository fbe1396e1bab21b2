/*
 * What the revisions of MCP define: methods, who sends them, and the names in
 * their parameters.  A method that is not here is judged like any other, by
 * the checks that look at every string.
 * Source: the schemas of revisions 2024-11-05 to 2026-07-28, and the tasks
 * extension (io.modelcontextprotocol/tasks).
 */
#include "policy/method.h"

#include "proxy/base/array.h"

#define REV_FROM_0326 (REV_ALL & ~REV_2024_11_05)
#define REV_FROM_0618 (REV_FROM_0326 & ~REV_2025_03_26)
#define REV_TASKS (REV_2025_11_25 | REV_2026_07_28)

/* A name and its length: methods are looked up for every message. */
#define NAME(text) text, sizeof(text) - 1

/* clang-format off */
static const struct method methods[] = {
	/* Opening and housekeeping */
	{ NAME("initialize"), METHOD_INITIALIZE, SENT_BY_CLIENT, REV_LEGACY, false,
	    true, "protocolVersion capabilities clientInfo", NULL, FIELD_MESSAGE },
	{ NAME("server/discover"), METHOD_DISCOVER, SENT_BY_CLIENT, REV_2026_07_28,
	    false, true, "", NULL, FIELD_MESSAGE },
	{ NAME("notifications/initialized"), METHOD_INITIALIZED, SENT_BY_CLIENT,
	    REV_LEGACY, true, true, "", NULL, FIELD_DESCRIPTION },
	{ NAME("ping"), METHOD_PING, SENT_BY_BOTH, REV_LEGACY, false, false, "",
	    NULL, FIELD_MESSAGE },
	{ NAME("notifications/cancelled"), METHOD_CANCELLED, SENT_BY_BOTH, REV_ALL,
	    true, false, "requestId reason", NULL, FIELD_DESCRIPTION },
	{ NAME("notifications/progress"), METHOD_PROGRESS, SENT_BY_BOTH, REV_ALL,
	    true, false, "progressToken progress total message", NULL, FIELD_DESCRIPTION },
	/* Tools */
	{ NAME("tools/call"), METHOD_TOOLS_CALL, SENT_BY_CLIENT, REV_ALL, false,
	    false, "name arguments task inputResponses requestState", NULL, FIELD_TEXT },
	{ NAME("tools/list"), METHOD_TOOLS_LIST, SENT_BY_CLIENT, REV_ALL, false,
	    false, "cursor", NULL, FIELD_DESCRIPTION },
	{ NAME("notifications/tools/list_changed"), METHOD_TOOLS_CHANGED,
	    SENT_BY_SERVER, REV_ALL, true, false, "", NULL, FIELD_DESCRIPTION },
	/* Resources */
	{ NAME("resources/list"), METHOD_OTHER, SENT_BY_CLIENT, REV_ALL, false,
	    false, "cursor", NULL, FIELD_DESCRIPTION },
	{ NAME("resources/templates/list"), METHOD_OTHER, SENT_BY_CLIENT, REV_ALL,
	    false, false, "cursor", NULL, FIELD_DESCRIPTION },
	{ NAME("resources/read"), METHOD_OTHER, SENT_BY_CLIENT, REV_ALL, false,
	    false, "uri inputResponses requestState", NULL, FIELD_TEXT },
	{ NAME("resources/subscribe"), METHOD_OTHER, SENT_BY_CLIENT, REV_LEGACY,
	    false, false, "uri", NULL, FIELD_MESSAGE },
	{ NAME("resources/unsubscribe"), METHOD_OTHER, SENT_BY_CLIENT, REV_LEGACY,
	    false, false, "uri", NULL, FIELD_MESSAGE },
	{ NAME("subscriptions/listen"), METHOD_LISTEN, SENT_BY_CLIENT,
	    REV_2026_07_28, false, false, "notifications", NULL, FIELD_MESSAGE },
	{ NAME("notifications/resources/list_changed"), METHOD_OTHER,
	    SENT_BY_SERVER, REV_ALL, true, false, "", NULL, FIELD_DESCRIPTION },
	{ NAME("notifications/resources/updated"), METHOD_OTHER, SENT_BY_SERVER,
	    REV_ALL, true, false, "uri title", NULL, FIELD_DESCRIPTION },
	{ NAME("notifications/subscriptions/acknowledged"), METHOD_OTHER,
	    SENT_BY_SERVER, REV_2026_07_28, true, false, "notifications",
	    NULL, FIELD_DESCRIPTION },
	/* Prompts and completion */
	{ NAME("prompts/list"), METHOD_OTHER, SENT_BY_CLIENT, REV_ALL, false, false,
	    "cursor", NULL, FIELD_DESCRIPTION },
	{ NAME("prompts/get"), METHOD_OTHER, SENT_BY_CLIENT, REV_ALL, false, false,
	    "name arguments inputResponses requestState", NULL, FIELD_TEXT },
	{ NAME("notifications/prompts/list_changed"), METHOD_OTHER, SENT_BY_SERVER,
	    REV_ALL, true, false, "", NULL, FIELD_DESCRIPTION },
	{ NAME("completion/complete"), METHOD_OTHER, SENT_BY_CLIENT, REV_ALL, false,
	    false, "ref argument context", NULL, FIELD_TEXT },
	/* Logging */
	{ NAME("logging/setLevel"), METHOD_OTHER, SENT_BY_CLIENT, REV_LEGACY, false,
	    false, "level", NULL, FIELD_MESSAGE },
	{ NAME("notifications/message"), METHOD_OTHER, SENT_BY_SERVER, REV_ALL, true,
	    false, "level logger data", NULL, FIELD_DESCRIPTION },
	/* What a server asks of its client */
	{ NAME("sampling/createMessage"), METHOD_SAMPLING, SENT_BY_SERVER,
	    REV_LEGACY, false, false,
	    "messages modelPreferences systemPrompt includeContext temperature "
	    "maxTokens stopSequences metadata tools toolChoice task",
	    "sampling", FIELD_MESSAGE },
	{ NAME("elicitation/create"), METHOD_ELICITATION, SENT_BY_SERVER,
	    REV_FROM_0618 & REV_LEGACY, false, false,
	    "mode message requestedSchema url elicitationId task",
	    "elicitation", FIELD_MESSAGE },
	{ NAME("notifications/elicitation/complete"), METHOD_OTHER, SENT_BY_SERVER,
	    REV_2025_11_25, true, false, "elicitationId", NULL, FIELD_DESCRIPTION },
	{ NAME("roots/list"), METHOD_ROOTS, SENT_BY_SERVER, REV_LEGACY, false, false,
	    "", "roots", FIELD_MESSAGE },
	{ NAME("notifications/roots/list_changed"), METHOD_OTHER, SENT_BY_CLIENT,
	    REV_LEGACY, true, false, "", NULL, FIELD_DESCRIPTION },
	/* Tasks */
	{ NAME("tasks/get"), METHOD_OTHER, SENT_BY_BOTH, REV_TASKS, false, false,
	    "taskId", NULL, FIELD_MESSAGE },
	{ NAME("tasks/result"), METHOD_OTHER, SENT_BY_BOTH, REV_2025_11_25, false,
	    false, "taskId", NULL, FIELD_TEXT },
	{ NAME("tasks/list"), METHOD_OTHER, SENT_BY_BOTH, REV_2025_11_25, false,
	    false, "cursor", NULL, FIELD_MESSAGE },
	{ NAME("tasks/cancel"), METHOD_OTHER, SENT_BY_BOTH, REV_TASKS, false, false,
	    "taskId", NULL, FIELD_MESSAGE },
	{ NAME("tasks/update"), METHOD_OTHER, SENT_BY_CLIENT, REV_2026_07_28, false,
	    false, "taskId inputResponses", NULL, FIELD_MESSAGE },
	{ NAME("notifications/tasks/status"), METHOD_OTHER, SENT_BY_BOTH,
	    REV_2025_11_25, true, false,
	    "taskId status statusMessage createdAt lastUpdatedAt ttl "
	    "pollInterval", NULL, FIELD_DESCRIPTION },
	{ NAME("notifications/tasks"), METHOD_OTHER, SENT_BY_SERVER, REV_2026_07_28,
	    true, false,
	    "taskId status statusMessage createdAt lastUpdatedAt ttlMs "
	    "pollIntervalMs result error inputRequests", NULL, FIELD_DESCRIPTION },
};

static const struct method unknown = {
	NAME(""), METHOD_UNKNOWN, SENT_BY_BOTH, 0, false, false, "", NULL,
	FIELD_MESSAGE,
};

static const struct {
	const char *name;
	unsigned bit;
} revisions[] = {
	{ "2024-10-07", REV_2024_11_05 }, /* an older name of the same */
	{ "2024-11-05", REV_2024_11_05 },
	{ "2025-03-26", REV_2025_03_26 },
	{ "2025-06-18", REV_2025_06_18 },
	{ "2025-11-25", REV_2025_11_25 },
	{ "2026-07-28", REV_2026_07_28 },
};
/* clang-format on */

const struct method *
method_find(struct slice name)
{
	for (size_t i = 0; i < nitems(methods); i++)
		if (name.len == methods[i].len &&
		    memcmp(name.at, methods[i].name, name.len) == 0)
			return &methods[i];
	return &unknown;
}

const struct method *
method_at(size_t n)
{
	return n < nitems(methods) ? &methods[n] : NULL;
}

unsigned
revision_find(struct slice version)
{
	for (size_t i = 0; i < nitems(revisions); i++)
		if (slice_is(version, revisions[i].name))
			return revisions[i].bit;
	return 0;
}
