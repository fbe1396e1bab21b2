/*
 * Every key of a policy: a value that loads, one that does not with the exact
 * message and position, and, where it is not enforced yet, one that asks for
 * protection and is refused.  A key without a row fails the test.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/load.h"
#include "policy/policy.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "test/unit/unit.h"

#define INT_RANGE(lo, hi) "wants a whole number from " lo " to " hi
#define TO_MAX "2147483647"
#define TRUE_FALSE "wants true or false"
#define NUMBER "wants a number"
#define A_LIST "wants a list, not one value"
#define A_MAP "wants a map, not a list"
#define EMPTY ": an empty text"
#define NO_PATH ": wants a path that begins with '/' or '~/'"
#define LEVEL "wants one of 'deny' 'log' 'off' 'redact'"

static const struct {
	const char *key, *good, *bad;
	const char *message; /* for bad, behind the key's name */
	unsigned shift; /* where in bad the error is */
	const char *on; /* asks for what is not enforced yet */
} keys[] = {
	{ "version", "1", "2", INT_RANGE("1", "1"), 0, NULL },
	{ "extends", "default", "[a]",
	    "wants the name of a policy or a path, not a list", 0, NULL },
	{ "mode", "monitor", "watch", "wants one of 'enforce' 'monitor'", 0,
	    NULL },
	{ "deny_as", "result", "no", "wants one of 'error' 'result'", 0, NULL },
	{ "frames.max_bytes", "4096", "4095", INT_RANGE("4096", "1073741824"),
	    0, NULL },
	{ "frames.max_depth", "1024", "1025", INT_RANGE("8", "1024"), 0, NULL },
	{ "frames.max_tokens", "256", "0x1000", INT_RANGE("256", "134217728"),
	    0, NULL },
	{ "tools.allow", "[]", "read", A_LIST, 0, NULL },
	{ "tools.deny", "[a, 'b*']", "[a, 1]",
	    "wants a text, and this is a number; put it in quotes", 4, NULL },
	{ "tools.deny_parts", "[ab]", "['']", EMPTY, 1, NULL },
	{ "methods.deny", "['logging/*']", "[initialize]",
	    ": this method is never blocked", 1, NULL },
	{ "rules", "[{id: a, action: deny}]", "{}",
	    "wants a list of rules, not a map", 0, NULL },
	{ "arguments.schema", "log", "strict",
	    "wants one of 'enforce' 'log' 'off'", 0, NULL },
	{ "arguments.max_bytes", "1000", "'1000'", INT_RANGE("2", "1073741824"),
	    0, NULL },
	{ "arguments.patterns", "['file://']", "[{a: b}]",
	    "wants a text, not a map", 1, NULL },
	{ "arguments.regexes", "['a+']", "['a(b']",
	    ": missing closing parenthesis at byte 3 of the expression", 5,
	    NULL },
	{ "arguments.paths.roots", "[/work]", "[work]", NO_PATH, 1, NULL },
	{ "arguments.paths.deny", "[/a, '/b/*', '**/.ssh', '**/x/.']",
	    "[/a/../b]", ": a path may not hold '.' or '..'", 1, NULL },
	{ "arguments.paths.traversal", "allow", "true",
	    "wants one of 'deny' 'allow'", 0, NULL },
	{ "arguments.paths.follow_symlinks", "allow", "off",
	    "wants one of 'check' 'allow' 'deny'", 0, NULL },
	{ "arguments.hosts.allow", "[a.example, '*.b', 10.0.0.0/8]",
	    "['http://a']",
	    ": wants the name of a host, without scheme, user and path", 1,
	    NULL },
	{ "arguments.hosts.deny", "['fd00::/8', '::1']", "['a:80']",
	    ": wants a host without a port, an IPv6 address in '[' and ']'", 1,
	    NULL },
	{ "arguments.hosts.private", "allow", "false",
	    "wants one of 'deny' 'allow'", 0, NULL },
	{ "arguments.hosts.metadata", "allow", "[]", "wants a word, not a list",
	    0, NULL },
	{ "arguments.secrets", "redact", "none", LEVEL, 0, NULL },
	{ "arguments.commands", "log", "redact",
	    "wants one of 'deny' 'log' 'off'", 0, NULL },
	{ "code.tools", "{}", "[]", "wants a map, not a list", 0,
	    "{run: {field: code, language: python}}" },
	{ "code.fields", "[]", "[a b]",
	    ": wants letters, digits and '._-/:@' only", 1, "[code]" },
	{ "code.python.profile", "off", "on",
	    "wants one of 'off' 'deny-list' 'allow-list'", 0, "deny-list" },
	{ "code.python.deny_modules", "[]", "os", A_LIST, 0, "[os]" },
	{ "code.python.allow_modules", "[]", "os", A_LIST, 0, "[json]" },
	{ "responses.injection", "off", "clean", LEVEL, 0, NULL },
	{ "responses.hidden_text", "log", "clean", LEVEL, 0, NULL },
	{ "responses.secrets", "deny", "clean", LEVEL, 0, NULL },
	{ "responses.max_bytes", "4096", "-1", INT_RANGE("4096", "1073741824"),
	    0, NULL },
	{ "server_requests.sampling", "deny", "ask",
	    "wants one of 'deny' 'allow'", 0, NULL },
	{ "server_requests.sampling_max_tokens", "0", "many",
	    INT_RANGE("0", TO_MAX), 0, NULL },
	{ "server_requests.sampling_per_session", "0", "1.5",
	    INT_RANGE("0", TO_MAX), 0, NULL },
	{ "server_requests.elicitation", "deny", "off",
	    "wants one of 'deny' 'allow'", 0, NULL },
	{ "server_requests.roots", "allow", "true",
	    "wants one of 'deny' 'allow'", 0, NULL },
	{ "pins.mode", "deny", "on", "wants one of 'log' 'deny' 'off'", 0,
	    NULL },
	{ "pins.file", "/var/pins", "pins", NO_PATH, 0, NULL },
	{ "session.rate", "[]", "{}", "wants a list of rates, not a map", 0,
	    "[{tool: '*', calls: 120, seconds: 60}]" },
	{ "session.sequences", "[]", "a", "wants a list, not one value", 0,
	    "[{}]" },
	{ "identity", "{}", "[]", A_MAP, 0, "{a: b}" },
	{ "sandbox.execute_code.tools", "[]", "[on, true]",
	    "wants a text, and this is a boolean; put it in quotes", 5,
	    "[execute_code]" },
	{ "sandbox.execute_code.languages", "{}", "{python: []}",
	    "wants a command and its arguments", 9,
	    "{python: [python3, -I, '-']}" },
	{ "sandbox.execute_code.memory_mb", "0", "128M", INT_RANGE("0", TO_MAX),
	    0, "128" },
	{ "sandbox.execute_code.timeout_ms", "0", "2s", INT_RANGE("0", TO_MAX),
	    0, "2000" },
	{ "sandbox.execute_code.cpus", "0", "one", NUMBER, 0, "0.5" },
	{ "sandbox.execute_code.pids", "0", "010", INT_RANGE("0", TO_MAX), 0,
	    "64" },
	{ "sandbox.execute_code.tmp_mb", "0", "2147483648",
	    INT_RANGE("0", TO_MAX), 0, "16" },
	{ "sandbox.execute_code.output_bytes", "0", "+1",
	    INT_RANGE("0", TO_MAX), 0, "1048576" },
	{ "sandbox.execute_code.advertise", "false", "off",
	    "wants true or false; 'off' is no boolean in YAML 1.2", 0, "true" },
	{ "sandbox.server.confine", "off", "true", "wants one of 'off' 'on'", 0,
	    "on" },
	{ "sandbox.server.network", "host", "off", "wants one of 'host' 'none'",
	    0, "none" },
	{ "sandbox.server.memory_mb", "0", "''", INT_RANGE("0", TO_MAX), 0,
	    "256" },
	{ "sandbox.server.cpus", "0.0", "-0.5",
	    "wants a number that is not negative", 0, "0.5" },
	{ "sandbox.server.pids", "0", "99999999999999999999",
	    INT_RANGE("0", TO_MAX), 0, "64" },
	{ "sandbox.server.read_only", "False", "'true'", TRUE_FALSE, 0,
	    "true" },
	{ "sandbox.server.write", "[]", "[~]",
	    "wants a text, and this is null; put it in quotes", 1, "[/tmp]" },
	{ "sandbox.server.tmp_mb", "0", "[]",
	    "wants a whole number, not a list", 0, "64" },
	{ "audit.payload", "none", "off",
	    "wants one of 'full' 'redacted' 'hash' 'none'", 0, NULL },
	{ "audit.on_failure", "allow", "ignore", "wants one of 'deny' 'allow'",
	    0, NULL },
	{ "audit.key_file", "/etc/key", "key", NO_PATH, 0, NULL },
	{ "audit.keep_days", "30", "36501", INT_RANGE("0", "36500"), 0, NULL },
	{ "audit.max_mb", "100", "1e3", INT_RANGE("0", TO_MAX), 0, NULL },
	{ "allowed_tools", "[a]", "null", A_LIST, 0, NULL },
	{ "blocked_tool_patterns", "[rm]", "rm", A_LIST, 0, NULL },
	{ "blocked_arg_patterns", "[rm]", "[[]]", "wants a text, not a list", 1,
	    NULL },
	{ "block_network", "false", "no",
	    "wants true or false; 'no' is no boolean in YAML 1.2", 0, "true" },
	{ "block_env_access", "FALSE", "0", TRUE_FALSE, 0, "TRUE" },
	{ "block_filesystem_write", "false", "Yes",
	    "wants true or false; 'Yes' is no boolean in YAML 1.2", 0, "True" },
	{ "block_filesystem_read", "false", "tRue", TRUE_FALSE, 0, "true" },
	{ "max_memory_mb", "0", "256MB", INT_RANGE("0", TO_MAX), 0, "256" },
	{ "execution_timeout_seconds", "0", ".nan", NUMBER, 0, "2.5" },
};

/* A file whose line 2 holds the key alone; where it and its value begin. */
static char *
file_with(
    const char *key, const char *value, unsigned *ret_key, unsigned *ret_value)
{
	static char text[1024];
	bool is_short =
	    key_find(key) != NULL && (key_find(key)->flags & KEY_SHORT) != 0;
	bool is_version = strcmp(key, "version") == 0;
	size_t line, n, depth = 0;

	n = (size_t)snprintf(text, sizeof(text), "%s\n",
	    is_short || is_version ? "# no version" : "version: 1");
	line = n;
	for (const char *dot; (dot = strchr(key, '.')) != NULL; key = dot + 1) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s: {",
		    (int)(dot - key), key);
		depth++;
	}
	*ret_key = (unsigned)(n - line) + 1;
	n += (size_t)snprintf(text + n, sizeof(text) - n, "%s: ", key);
	*ret_value = (unsigned)(n - line) + 1;
	n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", value);
	while (depth-- > 0)
		text[n++] = '}';
	text[n++] = '\n';
	text[n] = '\0';
	return text;
}

static int
load(const char *text, struct policy **ret, struct error *err)
{
	*ret = NULL;
	*err = (struct error){ "" };
	return policy_load_text("t", "t.yaml", text, strlen(text), ret, err);
}

START_TEST(table_is_whole)
{
	ck_assert_uint_eq(nitems(keys), key_count());
	for (size_t i = 0; i < nitems(keys); i++)
		ck_assert_str_eq(keys[i].key, key_at(i)->path);
}
END_TEST

START_TEST(takes_good_values)
{
	unsigned key, value;
	struct policy *p;
	struct error err;

	if (keys[_i].good == NULL)
		return; /* no value asks for nothing */
	ck_assert_msg(load(file_with(keys[_i].key, keys[_i].good, &key, &value),
			  &p, &err) == 0,
	    "%s: %s", keys[_i].key, err.msg);
	policy_free(p);
}
END_TEST

START_TEST(refuses_bad_values)
{
	const char *message = keys[_i].message;
	unsigned key, value;
	struct policy *p;
	struct error err;
	char want[512];
	int rc =
	    load(file_with(keys[_i].key, keys[_i].bad, &key, &value), &p, &err);

	(void)snprintf(want, sizeof(want), "t.yaml:2:%u: '%s'%s%s",
	    value + keys[_i].shift, keys[_i].key, message[0] == ':' ? "" : " ",
	    message);
	ck_assert_int_eq(rc, -1);
	ck_assert_str_eq(err.msg, want);
	ck_assert_ptr_null(p);
}
END_TEST

START_TEST(refuses_what_is_not_enforced)
{
	bool later = (key_at((size_t)_i)->flags & KEY_LATER) != 0;
	unsigned key, value;
	struct policy *p;
	struct error err;
	char want[512];

	ck_assert_msg(later == (keys[_i].on != NULL), "%s", keys[_i].key);
	if (!later)
		return;
	ck_assert_int_eq(
	    load(file_with(keys[_i].key, keys[_i].on, &key, &value), &p, &err),
	    -1);
	(void)snprintf(want, sizeof(want),
	    "t.yaml:2:%u: '%s' is not enforced by this version yet; remove it "
	    "(nothing is silently unprotected)",
	    key, keys[_i].key);
	ck_assert_str_eq(err.msg, want);
}
END_TEST

/* A key without a value is a mistake, never a default. */
START_TEST(refuses_nothing)
{
	unsigned key, value;
	struct policy *p;
	struct error err;
	static const char want[] = "t.yaml:2:";

	ck_assert_int_eq(
	    load(file_with(keys[_i].key, "", &key, &value), &p, &err), -1);
	ck_assert_msg(strncmp(err.msg, want, strlen(want)) == 0, "%s", err.msg);
	ck_assert_ptr_nonnull(strstr(err.msg, keys[_i].key));
}
END_TEST

START_TEST(refuses_repeated_keys)
{
	unsigned key, value;
	struct policy *p;
	struct error err;
	char text[2048];
	const char *good = keys[_i].good != NULL ? keys[_i].good : keys[_i].on;
	char *one = file_with(keys[_i].key, good, &key, &value);

	if (strchr(keys[_i].key, '.') != NULL || keys[_i].good == NULL)
		return; /* groups: in test_load_form.c */
	(void)snprintf(text, sizeof(text), "%s%s", one, strchr(one, '\n') + 1);
	ck_assert_int_eq(load(text, &p, &err), -1);
	(void)snprintf(text, sizeof(text),
	    "t.yaml:3:1: key '%s' again (first at line 2)", keys[_i].key);
	ck_assert_str_eq(err.msg, text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("keys");
	int n = (int)nitems(keys);

	tcase_add_test(tc, table_is_whole);
	tcase_add_loop_test(tc, takes_good_values, 0, n);
	tcase_add_loop_test(tc, refuses_bad_values, 0, n);
	tcase_add_loop_test(tc, refuses_what_is_not_enforced, 0, n);
	tcase_add_loop_test(tc, refuses_nothing, 0, n);
	tcase_add_loop_test(tc, refuses_repeated_keys, 0, n);
	return unit_run(tc, "load");
}
