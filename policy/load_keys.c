/*
 * Every key of a policy, in the order of mcpshield-policy(5).  A key that is
 * not enforced yet is a row with KEY_LATER and no place in struct policy; to
 * enforce it is to give the row its place and to take the flag away.
 */
#include <string.h>

#include "policy/load.h"
#include "proxy/base/array.h"
#include "proxy/base/limits.h"

static const struct kind kind_extends = { "a name or a path", NULL, NULL,
	NULL };
static const struct kind kind_bool = { "true or false", "false", load_bool,
	NULL };
static const struct kind kind_int = { "a whole number", "0", load_int,
	show_int };
static const struct kind kind_number = { "a number", "0", load_number, NULL };
static const struct kind kind_word = { "a word", NULL, load_word, show_word };
static const struct kind kind_list = { "a list of texts", "[]", load_list,
	show_list };
static const struct kind kind_regexes = { "a list of expressions", "[]",
	load_regexes, show_regexes };
static const struct kind kind_path = { "a path", NULL, load_path, show_path };
static const struct kind kind_rules = { "a list of rules", "[]", load_rules,
	show_rules };
static const struct kind kind_code_tools = { "a map of tools", "{}",
	load_code_tools, NULL };
static const struct kind kind_languages = { "a map of languages", "{}",
	load_languages, NULL };
static const struct kind kind_rates = { "a list of rates", "[]", load_rates,
	NULL };
static const struct kind kind_any_list = { "a list", "[]", load_any_list,
	NULL };
static const struct kind kind_any_map = { "a map", "{}", load_any_map, NULL };

static const char *const modes[] = {
	[MODE_ENFORCE] = "enforce", [MODE_MONITOR] = "monitor", NULL
};
static const char *const deny_as[] = {
	[DENY_AS_ERROR] = "error", [DENY_AS_RESULT] = "result", NULL
};
static const char *const payloads[] = { [PAYLOAD_FULL] = "full",
	[PAYLOAD_REDACTED] = "redacted",
	[PAYLOAD_HASH] = "hash",
	[PAYLOAD_NONE] = "none",
	NULL };
static const char *const failures[] = {
	[FAILURE_DENY] = "deny", [FAILURE_ALLOW] = "allow", NULL
};
static const char *const access_words[] = {
	[false] = "deny", [true] = "allow", NULL
};
static const char *const schemas[] = { [SCHEMA_ENFORCE] = "enforce",
	[SCHEMA_LOG] = "log",
	[SCHEMA_OFF] = "off",
	NULL };
static const char *const links[] = { [LINKS_CHECK] = "check",
	[LINKS_ALLOW] = "allow",
	[LINKS_DENY] = "deny",
	NULL };
static const char *const findings[] = { [FINDING_DENY] = "deny",
	[FINDING_LOG] = "log",
	[FINDING_OFF] = "off",
	[FINDING_REDACT] = "redact",
	NULL };
/* A command without its verb is still a command: it is not redacted. */
static const char *const verdicts[] = { [FINDING_DENY] = "deny",
	[FINDING_LOG] = "log",
	[FINDING_OFF] = "off",
	NULL };
static const char *const off_profile[] = { "off", "deny-list", "allow-list",
	NULL };
static const char *const pins[] = {
	[PINS_LOG] = "log", [PINS_DENY] = "deny", [PINS_OFF] = "off", NULL
};
static const char *const off_confine[] = { "off", "on", NULL };
static const char *const off_network[] = { "host", "none", NULL };

#define PLACE(field)                                                           \
	.offset = offsetof(struct policy, field),                              \
	.size = sizeof(((struct policy *)NULL)->field)

/* clang-format off */
#define INT(name, field, lo, hi, dflt, f) \
	{ .path = (name), .kind = &kind_int, PLACE(field), .min = (lo), \
	  .max = (hi), .fallback = (dflt), .flags = (f) }
#define WORD(name, field, list, dflt, f) \
	{ .path = (name), .kind = &kind_word, PLACE(field), .words = (list), \
	  .fallback = (dflt), .flags = (f) }
#define LIST(name, field, class, f) \
	{ .path = (name), .kind = &kind_list, PLACE(field), .text = (class), \
	  .flags = (f) }
/* Not enforced yet: the default asks for nothing. */
#define LATER_AS(name, what, f) \
	{ .path = (name), .kind = &(what), .max = INT32_MAX, \
	  .flags = KEY_LATER | (f) }
#define LATER(name, what) LATER_AS(name, what, 0)
#define LATER_WORD(name, list) \
	{ .path = (name), .kind = &kind_word, .words = (list), .flags = KEY_LATER }
#define LATER_LIST(name, class) \
	{ .path = (name), .kind = &kind_list, .text = (class), .flags = KEY_LATER }

static const struct key keys[] = {
	INT("version", version, 1, 1, 1, KEY_BOTH),
	{ .path = "extends", .kind = &kind_extends, .flags = KEY_BOTH },
	WORD("mode", mode, modes, MODE_ENFORCE, KEY_BOTH),
	WORD("deny_as", deny_as, deny_as, DENY_AS_ERROR, 0),
	/* The least that leaves room for an initialize. */
	INT("frames.max_bytes", frames.max_bytes, 4096, LIMIT_FRAME_BYTES_MAX,
	    LIMIT_FRAME_BYTES, 0),
	INT("frames.max_depth", frames.max_depth, 8, LIMIT_DEPTH_MAX,
	    LIMIT_DEPTH, 0),
	INT("frames.max_tokens", frames.max_tokens, 256, LIMIT_TOKENS_MAX,
	    LIMIT_TOKENS, 0),
	LIST("tools.allow", tools.allow, TEXT_GLOB, 0),
	LIST("tools.deny", tools.deny, TEXT_GLOB, KEY_ADDS),
	LIST("tools.deny_parts", tools.deny_parts, TEXT_PART,
	    KEY_ADDS),
	LIST("methods.deny", methods_deny, TEXT_METHOD, KEY_ADDS),
	{ .path = "rules", .kind = &kind_rules, .flags = KEY_ADDS,
	  .offset = offsetof(struct policy, rules), .size = sizeof(void *) },
	WORD("arguments.schema", arguments.schema, schemas, SCHEMA_LOG, 0),
	/* No frame below frames.max_bytes is refused for its size alone. */
	INT("arguments.max_bytes", arguments.max_bytes, 2,
	    LIMIT_FRAME_BYTES_MAX, LIMIT_FRAME_BYTES_MAX, 0),
	LIST("arguments.patterns", arguments.patterns, TEXT_LITERAL,
	    KEY_ADDS),
	{ .path = "arguments.regexes", .kind = &kind_regexes,
	  .flags = KEY_ADDS, PLACE(arguments.regexes) },
	LIST("arguments.paths.roots", paths.roots, TEXT_PATH, 0),
	LIST("arguments.paths.deny", paths.deny, TEXT_PATH_GLOB, KEY_ADDS),
	WORD("arguments.paths.traversal", paths.climb, access_words, false, 0),
	WORD("arguments.paths.follow_symlinks", paths.links, links,
	    LINKS_CHECK, 0),
	LIST("arguments.hosts.allow", hosts.allow, TEXT_NET, 0),
	LIST("arguments.hosts.deny", hosts.deny, TEXT_NET, KEY_ADDS),
	WORD("arguments.hosts.private", hosts.private_ok, access_words, false,
	    0),
	WORD("arguments.hosts.metadata", hosts.metadata_ok, access_words, false,
	    0),
	WORD("arguments.secrets", arguments.secrets, findings, FINDING_DENY, 0),
	WORD("arguments.commands", arguments.commands, verdicts,
	    FINDING_DENY, 0),
	LATER("code.tools", kind_code_tools),
	LATER_LIST("code.fields", TEXT_NAME),
	LATER_WORD("code.python.profile", off_profile),
	LATER_LIST("code.python.deny_modules", TEXT_NAME),
	LATER_LIST("code.python.allow_modules", TEXT_NAME),
	WORD("responses.injection", responses.injection, findings,
	    FINDING_REDACT, 0),
	WORD("responses.hidden_text", responses.hidden_text, findings,
	    FINDING_REDACT, 0),
	WORD("responses.secrets", responses.secrets, findings, FINDING_REDACT,
	    0),
	INT("responses.max_bytes", responses.max_bytes, 4096,
	    LIMIT_FRAME_BYTES_MAX, LIMIT_FRAME_BYTES_MAX, 0),
	WORD("server_requests.sampling", server_requests.sampling,
	    access_words, true, 0),
	INT("server_requests.sampling_max_tokens",
	    server_requests.sampling_max_tokens, 0, INT32_MAX, 4096, 0),
	INT("server_requests.sampling_per_session",
	    server_requests.sampling_per_session, 0, INT32_MAX, 25, 0),
	WORD("server_requests.elicitation", server_requests.elicitation,
	    access_words, true, 0),
	WORD("server_requests.roots", server_requests.roots, access_words,
	    true, 0),
	WORD("pins.mode", pins.mode, pins, PINS_LOG, 0),
	{ .path = "pins.file", .kind = &kind_path, .text = TEXT_PATH,
	  PLACE(pins.file) },
	LATER("session.rate", kind_rates),
	LATER("session.sequences", kind_any_list),
	LATER("identity", kind_any_map),
	LATER_LIST("sandbox.execute_code.tools", TEXT_GLOB),
	LATER("sandbox.execute_code.languages", kind_languages),
	LATER("sandbox.execute_code.memory_mb", kind_int),
	LATER("sandbox.execute_code.timeout_ms", kind_int),
	LATER("sandbox.execute_code.cpus", kind_number),
	LATER("sandbox.execute_code.pids", kind_int),
	LATER("sandbox.execute_code.tmp_mb", kind_int),
	LATER("sandbox.execute_code.output_bytes", kind_int),
	LATER("sandbox.execute_code.advertise", kind_bool),
	LATER_WORD("sandbox.server.confine", off_confine),
	LATER_WORD("sandbox.server.network", off_network),
	LATER("sandbox.server.memory_mb", kind_int),
	LATER("sandbox.server.cpus", kind_number),
	LATER("sandbox.server.pids", kind_int),
	LATER("sandbox.server.read_only", kind_bool),
	LATER_LIST("sandbox.server.write", TEXT_PATH),
	LATER("sandbox.server.tmp_mb", kind_int),
	WORD("audit.payload", audit.payload, payloads, PAYLOAD_REDACTED, 0),
	WORD("audit.on_failure", audit.on_failure, failures, FAILURE_DENY, 0),
	{ .path = "audit.key_file", .kind = &kind_path, .text = TEXT_PATH,
	  PLACE(audit.key_file) },
	INT("audit.keep_days", audit.keep_days, 0, 36500, 0, 0),
	INT("audit.max_mb", audit.max_mb, 0, INT32_MAX, 0, 0),
	LIST("allowed_tools", tools.allow, TEXT_GLOB, KEY_SHORT),
	LIST("blocked_tool_patterns", tools.deny_parts, TEXT_PART,
	    KEY_SHORT | KEY_ADDS),
	LIST("blocked_arg_patterns", arguments.patterns, TEXT_LITERAL,
	    KEY_SHORT | KEY_ADDS),
	LATER_AS("block_network", kind_bool, KEY_SHORT),
	LATER_AS("block_env_access", kind_bool, KEY_SHORT),
	LATER_AS("block_filesystem_write", kind_bool, KEY_SHORT),
	LATER_AS("block_filesystem_read", kind_bool, KEY_SHORT),
	LATER_AS("max_memory_mb", kind_int, KEY_SHORT),
	LATER_AS("execution_timeout_seconds", kind_number, KEY_SHORT),
};
/* clang-format on */

const struct key *
key_at(size_t n)
{
	return n < nitems(keys) ? &keys[n] : NULL;
}

size_t
key_count(void)
{
	return nitems(keys);
}

const struct key *
key_find(const char *path)
{
	for (size_t i = 0; i < nitems(keys); i++)
		if (strcmp(keys[i].path, path) == 0)
			return &keys[i];
	return NULL;
}
