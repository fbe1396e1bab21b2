/*
 * A client validates structuredContent against the tool's outputSchema, and
 * throws the whole answer away where it does not fit.  So what the cleaning
 * would break is told apart before it is sent.
 */
#include "policy/output.h"

#include "policy/msg.h"
#include "policy/policy.h"
#include "policy/toolbook.h"
#include "policy/track.h"
#include "proxy/base/error.h"
#include "proxy/base/json.h"

static bool
is_edited(const struct json_edits *e, const struct json *doc, json_at at)
{
	const struct json_token *tok = &doc->tok[at];

	for (size_t i = 0; i < e->n; i++)
		if (e->v[i].first >= tok->first && e->v[i].end <= tok->end)
			return true;
	return false;
}

/* Is structuredContent valid in the text as it would be sent? */
static bool
fits(const struct check_env *env, const struct toolbook_entry *e,
    struct slice text)
{
	struct json_limits limits = policy_limits(env->policy, true);
	struct error why = { "" };
	struct json doc;
	json_at result;
	bool ok = false;

	/* What takes the place of a span may be longer than the span. */
	limits.max_bytes = text.len;
	json_init(&doc);
	if (json_read(&doc, text, &limits, &why) == 0) {
		result = json_get(&doc, JSON_ROOT, "result");
		result = json_get(&doc, result, "structuredContent");
		ok = toolbook_check_output(
			 env->track->tools, e, &doc, result, &why) != 0;
	}
	json_release(&doc);
	return ok;
}

bool
output_breaks(const struct check_env *env, const struct msg *msg)
{
	json_at content = json_get(msg->doc, msg->result, "structuredContent");
	const struct toolbook_entry *e;
	struct buf text;
	bool breaks;

	if (msg->method->code != METHOD_TOOLS_CALL || content == JSON_NONE ||
	    msg->root != JSON_ROOT ||
	    !is_edited(env->edits, msg->doc, content) ||
	    (e = toolbook_find(env->track->tools, msg->tool)) == NULL ||
	    e->output == NULL)
		return false;
	buf_init(&text, SIZE_MAX / 4);
	breaks = json_apply(env->edits, msg->doc->text, &text) == -1 ||
		 !fits(env, e, buf_slice(&text));
	buf_release(&text);
	return breaks;
}
