#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proxy/base/buf.h"
#include "proxy/base/json.h"

struct error;
struct scan;

#define POLICY_DEFAULT "default" /* for who names none */

/* Where in which file something was written, for messages. */
struct origin {
	const char *file; /* borrowed from the policy that owns the list */
	unsigned line, column; /* from 1; 0 for a built-in default */
};

struct policy_text {
	char *text; /* owned */
	struct origin at;
};

struct policy_list {
	struct policy_text *v; /* owned */
	size_t n;
	bool set; /* the key was there, perhaps with an empty list */
	struct origin at; /* of the key */
};

/* A compiled PCRE2 pattern in UTF: regex.h. */
struct policy_regex {
	char *text; /* owned: as written */
	struct pcre2_real_code_8 *code; /* owned */
	struct pcre2_real_code_8 *search; /* owned: a match, wherever it begins;
	    NULL: it cannot be put so */
	struct origin at;
};

struct policy_regexes {
	struct policy_regex *v; /* owned */
	size_t n;
	bool set;
	struct origin at;
};

enum policy_mode { MODE_ENFORCE, MODE_MONITOR };
enum policy_deny_as { DENY_AS_ERROR, DENY_AS_RESULT };
enum policy_payload {
	PAYLOAD_FULL,
	PAYLOAD_REDACTED,
	PAYLOAD_HASH,
	PAYLOAD_NONE
};
enum policy_failure { FAILURE_DENY, FAILURE_ALLOW };
enum policy_schema { SCHEMA_ENFORCE, SCHEMA_LOG, SCHEMA_OFF };
enum policy_links { LINKS_CHECK, LINKS_ALLOW, LINKS_DENY };
/* What is done about a finding in a text. */
enum policy_pins { PINS_LOG, PINS_DENY, PINS_OFF };
enum policy_finding { FINDING_DENY, FINDING_LOG, FINDING_OFF, FINDING_REDACT };

/* What a matcher of a rule compares an argument with. */
enum match_kind {
	MATCH_EQUALS, /* texts: any of them equals; numbers as written */
	MATCH_IN, /* the same, as a list */
	MATCH_GLOB, /* texts: any of them matches whole */
	MATCH_REGEX, /* regexes: any of them is found */
	MATCH_UNDER, /* texts: directories, absolute */
	MATCH_HOST, /* texts: host names, or globs of them */
	MATCH_MIN, /* number */
	MATCH_MAX, /* number */
	MATCH_MAX_LENGTH, /* number: bytes of a string, items of an array */
};

struct policy_match {
	enum match_kind kind;
	struct policy_list texts;
	struct policy_regexes regexes;
	double number;
	struct origin at;
};

/* One argument and the matchers that must all hold for it. */
struct policy_where {
	char *path; /* owned: member names joined by dots */
	struct policy_match *v; /* owned */
	size_t n;
	struct origin at;
};

enum rule_action { RULE_ALLOW, RULE_DENY, RULE_REDACT, RULE_LOG };

struct policy_rule {
	char *id; /* owned */
	struct policy_list tools; /* names or globs; not set: every tool */
	struct policy_where *where; /* owned; all must hold */
	size_t nwhere;
	enum rule_action action;
	char *reason; /* owned; NULL if none was given */
	struct origin at;
};

/* Loaded once and immutable from then on. */
struct policy {
	char *name; /* owned: as in answers and in the audit log */
	char *path; /* owned: of the file, or "builtin:NAME" */
	char **files; /* owned: every file that was read; origins point here */
	size_t nfiles;
	char digest[65]; /* SHA-256 of the effective policy, hex */
	int64_t version;
	enum policy_mode mode;
	enum policy_deny_as deny_as;
	struct {
		size_t max_bytes;
		uint32_t max_depth, max_tokens;
	} frames;
	struct {
		struct policy_list allow; /* not set: all that it lists */
		struct policy_list deny; /* globs, case-sensitive */
		struct policy_list deny_parts; /* short form: any case */
	} tools;
	struct policy_list methods_deny; /* globs */
	struct policy_rule *rules; /* owned; the first that matches decides */
	size_t nrules;
	struct {
		size_t max_bytes; /* of params.arguments as sent */
		struct policy_list patterns; /* literals, any case */
		struct policy_regexes regexes;
		struct matcher *literals; /* owned: made from patterns, and
		    from their folded forms behind them */
		size_t *folded; /* owned: the patterns of those forms */
		enum policy_schema schema;
		enum policy_finding secrets, commands;
	} arguments;
	struct {
		struct policy_list roots; /* absolute; not set: no bounds */
		struct policy_list deny; /* absolute, '*' and "**" in them */
		enum policy_links links; /* follow_symlinks */
		bool climb; /* a relative path may leave where it starts */
	} paths;
	struct {
		struct policy_list allow; /* not empty: these alone */
		struct policy_list deny; /* globs, addresses, ADDRESS/BITS */
		bool private_ok, metadata_ok;
	} hosts;
	struct {
		bool sampling, elicitation, roots; /* false: deny */
		int64_t sampling_max_tokens; /* 0: no limit */
		int64_t sampling_per_session; /* 0: no limit */
	} server_requests;
	struct {
		enum policy_finding injection, hidden_text, secrets;
		size_t max_bytes; /* of a message whose texts are looked at */
	} responses;
	struct {
		enum policy_pins mode;
		char *file; /* owned; NULL: in the audit database */
	} pins;
	struct origin server_requests_at; /* of the last that says deny */
	struct {
		enum policy_payload payload;
		enum policy_failure on_failure;
		char *key_file; /* owned; NULL: the chain has no key */
		int64_t keep_days; /* 0: for ever */
		int64_t max_mb; /* 0: no limit */
	} audit;
	struct origin *key_origins; /* owned: one per key; policy_origin() */
};

/*
 * Finds and loads a policy: NAME is looked up as policy_find() says; a path
 * (with a '/') is read as it is.  A file in the working directory is no NAME,
 * for who chooses that directory would choose the policy.  NULL is "default".
 * Returns 0 with *ret (owned by the caller, policy_free()), or -1 with *err
 * set to file:line:column and the cause.
 */
int policy_load(const char *name, struct policy **ret, struct error *err);

/* The same from a path, with a '/' or without. */
int policy_load_file(const char *path, struct policy **ret, struct error *err);

/*
 * The same from a text in memory; name and file are for messages.  It reads no
 * file: the text can extend only the policies that are compiled in.
 */
int policy_load_text(const char *name, const char *file, const char *text,
    size_t len, struct policy **ret, struct error *err);

void policy_free(struct policy *p);

/*
 * Where a policy of that name is: the first of a path, the user's, the
 * system's and the installed directory, or "builtin:NAME".  Returns an owned
 * string, or NULL with *err set.
 */
char *policy_find(const char *name, struct error *err);

/*
 * Where the key of that name ("server_requests.sampling") was set, or
 * line 0 for a default.  Borrowed, never NULL.
 */
const struct origin *policy_origin(const struct policy *p, const char *key);

/*
 * Appends the effective policy as YAML that loads again to the same digest.
 * With comments each value is followed by where it was set, and keys that are
 * not enforced yet are listed.  Without, the SHA-256 of the text is p->digest.
 */
void policy_show(const struct policy *p, bool comments, struct buf *out);

/*
 * Judges a call that the policy must refuse and one that it must let through.
 * Returns 0, or -1 with *err set when either comes out wrong: the policy then
 * protects nothing and must not be used.  scan is work space, or NULL.
 */
int policy_selftest(
    const struct policy *p, struct scan *scan, struct error *err);

/* The limits that json_read() is to keep for frames of one direction. */
struct json_limits policy_limits(const struct policy *p, bool from_server);

#endif
