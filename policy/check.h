#ifndef POLICY_CHECK_H
#define POLICY_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

struct json_edits;
struct method;
struct msg;
struct origin;
struct pinner;
struct policy;
struct scan;
struct track;

/* Strictest first: the verdict is the minimum, and zeroed memory denies. */
enum action { ACTION_DENY, ACTION_REDACT, ACTION_FLAG, ACTION_ALLOW };

/* The stages of a judgement, in the order they run; names are in stage.c. */
enum stage {
	STAGE_NONE, /* no objection */
	STAGE_FRAME,
	STAGE_HMAC,
	STAGE_SEQUENCE,
	STAGE_ATTESTATION,
	STAGE_NAMESPACE,
	STAGE_SCHEMA,
	STAGE_RULES,
	STAGE_PATH,
	STAGE_HOST,
	STAGE_SECRET,
	STAGE_PATTERN,
	STAGE_CODE,
	STAGE_RESPONSE,
	STAGE_SANDBOX,
	STAGE_AUDIT,
	STAGE_SERVER,
	STAGE_COUNT
};

#define REASON_MAX 256 /* bytes, NUL included */
#define RULE_MAX 96 /* bytes, NUL included */

struct verdict {
	enum action action;
	enum stage stage;
	char rule[RULE_MAX]; /* key of the policy, or id of a rule */
	char reason[REASON_MAX]; /* for people; repeats nothing of the peer's */
	const char *file; /* that decided; borrowed from the policy, or NULL */
	unsigned line; /* in file */
	bool settled; /* a rule allowed it: the checks of strings are over */
};

struct check_env {
	const struct policy *policy;
	struct json_edits *edits; /* what ACTION_REDACT replaces */
	struct scan *scan; /* work space of the checks of strings */
	struct track *track; /* what they remember */
	struct pinner *pinner; /* remembers tools across sessions; or NULL */
};

/*
 * ACTION_ALLOW means no objection; anything else also fills the verdict's
 * rule and reason.  A check does no I/O but for looking up paths.
 */
typedef enum action check_fn(
    const struct check_env *env, const struct msg *msg, struct verdict *v);

check_fn check_namespace, check_asks, check_capabilities, check_listing,
    check_rules, check_size, check_schema, check_text, check_response;

/*
 * Runs the stages over one message and returns the strictest verdict; the
 * first refusal ends it.  What the verdict replaces is added to env->edits.
 */
struct verdict policy_judge(const struct check_env *env, const struct msg *msg);

/* "namespace" and the like; the code of a refusal (-32601 ...). */
const char *stage_name(enum stage stage);
int stage_code(enum stage stage);
const char *action_name(enum action action);

/* Fills in what decided; at is where the policy says so, or NULL. */
void verdict_at(struct verdict *v, const char *rule, const struct origin *at,
    const char *reason);

/* Is this tool within the lock?  One answer for tools/call and tools/list. */
enum action namespace_tool(
    const struct policy *p, struct slice tool, struct verdict *v);

/* May a server ask this of its client?  If not, v says why. */
bool namespace_asks(
    const struct policy *p, const struct method *method, struct verdict *v);

#endif
