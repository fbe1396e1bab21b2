#ifndef POLICY_TEXT_H
#define POLICY_TEXT_H

#include <stdbool.h>

#include "policy/check.h"
#include "policy/view.h"
#include "proxy/base/buf.h"
#include "proxy/base/json.h"

struct cleaner;
struct pathscan;
struct origin;
struct ruleset;
struct secret_values;

/*
 * What a string of a request is for, as the member that holds it is named.  An
 * attacker chooses the string, but not the names that a server gives its
 * arguments, so a name may soften a check where what is in a string may not.
 */
enum text_role {
	ROLE_VALUE, /* anything: judged in full */
	ROLE_NAME, /* the name of a member itself */
	ROLE_PATH, /* path, file, dir, source ... */
	ROLE_HOST, /* url, uri, host, endpoint, domain ... */
	ROLE_PROSE, /* content, text, body, message ...: documents are mild */
	ROLE_CODE, /* command, code, script ...: the code stage has it as well
		    */
};

/* One string of what a client sends, with its readings. */
struct text {
	const struct views *views; /* as sent first */
	/* The nearest member's name above it, if it is one of those that we
	   know (a constant of ours, for messages), or NULL. */
	const char *name;
	/* That member's name as the client wrote it, unescaped: to be judged,
	   never to be shown; borrowed.  Empty at the top. */
	struct slice member;
	enum text_role role;
	/* More than a line or two, in a place for prose: a document, which may
	   speak of many things.  Only what is dangerous wherever it stands
	   counts there. */
	bool document;
	bool from_answer; /* the client answers a request of the server's */
};

/* What the checks of strings keep from message to message. */
struct scan {
	struct views views;
	struct ruleset *secrets; /* owned: rules_secrets */
	struct ruleset *commands; /* owned: rules_commands */
	struct secret_values *values; /* owned: of our environment */
	struct cleaner *cleaner; /* owned: for what servers say */
	struct pathscan *paths; /* owned: what is denied, where we stand */
};

/* envp is read, and not kept.  scan_free(). */
struct scan *scan_new(char *const *envp);
void scan_free(struct scan *scan); /* accepts NULL */

struct text_env {
	const struct policy *policy;
	struct scan *scan;
};

/*
 * One stage's judgement of one string: ACTION_ALLOW, or v->rule and v->reason
 * are set, by text_verdict().
 */
typedef enum action text_check_fn(
    const struct text_env *env, const struct text *t, struct verdict *v);

text_check_fn text_check_path, text_check_host, text_check_secret,
    text_check_command, text_check_pattern;

/*
 * Judges the paths that the members of an object make together, by the list of
 * what is denied.  scratch is work space for json_text().
 */
enum action check_join(const struct text_env *env, const struct json *doc,
    json_at object, struct buf *scratch, struct verdict *v);

/*
 * Fills in v: the reason is "argument 'path' " or "an argument ", predicate
 * ("is outside the allowed roots"), and the view if it is not what was sent.
 */
void text_verdict(struct verdict *v, const char *rule, const struct origin *at,
    const struct text *t, enum view_kind view, const char *predicate);

/*
 * The role of a member of that name.  *ret_name is the name as we write it if
 * it is one that we know, capitals and joining signs apart; else NULL.
 */
enum text_role text_role(struct slice name, const char **ret_name);

#endif
