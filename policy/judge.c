/*
 * Runs the stages over one message.  Stages and checks are tables: a new check
 * is a row.
 */
#include <stdio.h>

#include "policy/check.h"
#include "policy/msg.h"
#include "policy/policy.h"
#include "proxy/base/array.h"

/* JSON-RPC's codes; -32000 to -32099 belong to the revisions of MCP. */
#define RPC_INVALID_REQUEST (-32600)
#define RPC_METHOD_NOT_FOUND (-32601)
#define RPC_INVALID_PARAMS (-32602)
#define RPC_INTERNAL (-32603)

static const struct {
	const char *name; /* as in answers and in the audit log */
	int code;
} stages[STAGE_COUNT] = {
	[STAGE_NONE] = { "", 0 },
	[STAGE_FRAME] = { "frame", RPC_INVALID_REQUEST },
	[STAGE_HMAC] = { "hmac", RPC_INTERNAL },
	[STAGE_SEQUENCE] = { "sequence", RPC_INVALID_PARAMS },
	[STAGE_ATTESTATION] = { "attestation", RPC_METHOD_NOT_FOUND },
	[STAGE_NAMESPACE] = { "namespace", RPC_METHOD_NOT_FOUND },
	[STAGE_SCHEMA] = { "schema", RPC_INVALID_PARAMS },
	[STAGE_RULES] = { "rules", RPC_INVALID_PARAMS },
	[STAGE_PATH] = { "path", RPC_INVALID_PARAMS },
	[STAGE_HOST] = { "host", RPC_INVALID_PARAMS },
	[STAGE_SECRET] = { "secret", RPC_INVALID_PARAMS },
	[STAGE_PATTERN] = { "pattern", RPC_INVALID_PARAMS },
	[STAGE_CODE] = { "code", RPC_INVALID_PARAMS },
	[STAGE_RESPONSE] = { "response", RPC_INTERNAL },
	[STAGE_SANDBOX] = { "sandbox", RPC_INTERNAL },
	[STAGE_AUDIT] = { "audit", RPC_INTERNAL },
	[STAGE_SERVER] = { "server", RPC_INTERNAL },
};

/* In the order they run. */
static const struct check {
	enum stage stage;
	unsigned dirs; /* enum msg_dir: whose messages it judges */
	bool of_strings; /* a rule that allows ends these */
	check_fn *fn;
} checks[] = {
	{ STAGE_NAMESPACE, DIR_BOTH, false, check_namespace },
	{ STAGE_NAMESPACE, DIR_BOTH, false, check_asks },
	{ STAGE_NAMESPACE, DIR_CLIENT, false, check_capabilities },
	{ STAGE_NAMESPACE, DIR_SERVER, false, check_listing },
	{ STAGE_SCHEMA, DIR_CLIENT, false, check_schema },
	{ STAGE_RULES, DIR_CLIENT, false, check_size },
	{ STAGE_RULES, DIR_CLIENT, false, check_rules },
	{ STAGE_RESPONSE, DIR_SERVER, false, check_response },
	/* path, host, secret, pattern */
	{ STAGE_PATH, DIR_CLIENT, true, check_text },
};

const char *
stage_name(enum stage stage)
{
	return stages[stage].name;
}

int
stage_code(enum stage stage)
{
	return stages[stage].code;
}

const char *
action_name(enum action action)
{
	static const char *const names[] = {
		[ACTION_DENY] = "block",
		[ACTION_REDACT] = "redact",
		[ACTION_FLAG] = "flag",
		[ACTION_ALLOW] = "allow",
	};

	return names[action];
}

void
verdict_at(struct verdict *v, const char *rule, const struct origin *at,
    const char *reason)
{
	(void)snprintf(v->rule, sizeof(v->rule), "%s", rule);
	(void)snprintf(v->reason, sizeof(v->reason), "%s", reason);
	v->file = at != NULL ? at->file : NULL;
	v->line = at != NULL ? at->line : 0;
}

struct verdict
policy_judge(const struct check_env *env, const struct msg *msg)
{
	struct verdict v = { .action = ACTION_ALLOW, .stage = STAGE_NONE };
	struct verdict
	    got; /* large, and seldom filled: cleared where it counts */

	for (size_t i = 0; i < nitems(checks) && v.action != ACTION_DENY; i++) {
		if ((checks[i].dirs & msg->dir) == 0 ||
		    (checks[i].of_strings && v.settled))
			continue;
		got.stage = checks[i].stage;
		got.rule[0] = got.reason[0] = '\0';
		got.file = NULL;
		got.line = 0;
		got.settled = false;
		got.action = checks[i].fn(env, msg, &got);
		got.settled = got.settled || v.settled;
		if (got.action < v.action ||
		    (got.settled && got.action == v.action))
			v = got;
		v.settled = got.settled;
	}
	return v;
}
