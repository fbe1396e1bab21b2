/*
 * The shipped policies: each loads, proves itself, and shows as YAML that loads
 * to the same digest.  And the man page names every key of the table.
 */
#include <stdio.h>
#include <string.h>

#include <nettle/sha2.h>

#include "policy/builtin.h"
#include "policy/load.h"
#include "policy/match.h"
#include "policy/policy.h"
#include "proxy/base/error.h"
#include "test/unit/unit.h"

#define MAN_PAGE "man/mcpshield-policy.5"

static struct policy *
load_builtin(const struct builtin *b)
{
	struct error err = { "" };
	struct policy *p = NULL;

	ck_assert_msg(policy_load_text(b->name, b->name, (const char *)b->at,
			  b->len, &p, &err) == 0,
	    "%s", err.msg);
	return p;
}

START_TEST(load_and_prove_themselves)
{
	struct error err = { "" };
	size_t n = 0;

	for (const struct builtin *b = builtins; b->name != NULL; b++, n++) {
		struct policy *p = load_builtin(b);

		ck_assert_msg(
		    policy_selftest(p, NULL, &err) == 0, "%s", err.msg);
		policy_free(p);
	}
	ck_assert_uint_ge(n, 3);
}
END_TEST

/* What is compiled in is what lies in policies/. */
START_TEST(are_embedded_byte_for_byte)
{
	for (const struct builtin *b = builtins; b->name != NULL; b++) {
		char path[64], *text = calloc(1, b->len + 2);
		FILE *fp;

		(void)snprintf(path, sizeof(path), "policies/%s.yaml", b->name);
		fp = fopen(path, "re");
		ck_assert_msg(fp != NULL, "%s: run this from the top", path);
		ck_assert_uint_eq(fread(text, 1, b->len + 1, fp), b->len);
		ck_assert_int_eq(memcmp(text, b->at, b->len), 0);
		(void)fclose(fp);
		free(text);
	}
}
END_TEST

static void
check_round_trip(const struct policy *p, bool comments)
{
	struct error err = { "" };
	struct policy *again = NULL;
	struct buf text, second;

	buf_init(&text, POLICY_SHOWN_MAX);
	buf_init(&second, POLICY_SHOWN_MAX);
	policy_show(p, comments, &text);
	ck_assert_msg(policy_load_text("again", "again", text.at, text.len,
			  &again, &err) == 0,
	    "%s:\n%.*s", err.msg, (int)text.len, text.at);
	ck_assert_str_eq(again->digest, p->digest);
	policy_show(again, false, &second);
	buf_clear(&text, SIZE_MAX);
	policy_show(p, false, &text);
	ck_assert(slice_eq(buf_slice(&text), buf_slice(&second)));
	buf_release(&text);
	buf_release(&second);
	policy_free(again);
}

static const char all[] =
    "version: 1\nextends: builtin:strict\nmode: monitor\ndeny_as: result\n"
    "tools: {allow: [\"a\\u00e9\\u2028\", '\\\"'], deny: [d], deny_parts: [p]}\n"
    "rules:\n"
    "- id: one\n  tool: [a, 'b*']\n  reason: \"it's \\\"so\\\": # $${X}\"\n"
    "  action: redact\n"
    "  where:\n"
    "    \"a.b: ${X}\":\n"
    "      {equals: ['', 1, true, \"\\t\\n\\x7f\\U0010ffff\"], in: [null],\n"
    "       glob: '*', regex: ['\\$${A}\"', \"\\\\\\\\\"], under: [/a b/c],\n"
    "       host: ['[::1]', 'A.B.'], min: -0.1, max: 1.5e300,\n"
    "       max_length: 2147483647}\n"
    "- {id: two, action: deny}\n"
    "arguments: {patterns: [\"\\r\\n\", '$${jndi:', '#', ' a '],\n"
    "  regexes: ['(?i)x{1,2}[^\"]']}\n"
    "audit: {key_file: '/k \"1\"', keep_days: 7, max_mb: 9}\n";

START_TEST(show_what_loads_again)
{
	struct error err = { "" };
	struct policy *p = NULL;

	for (const struct builtin *b = builtins; b->name != NULL; b++) {
		p = load_builtin(b);
		check_round_trip(p, true);
		check_round_trip(p, false);
		policy_free(p);
	}
	ck_assert_msg(policy_load_text(
			  "all", "a # b", all, sizeof(all) - 1, &p, &err) == 0,
	    "%s", err.msg);
	check_round_trip(p, true);
	check_round_trip(p, false);
	policy_free(p);
}
END_TEST

/* Anybody can check it: policy show --plain NAME | sha256sum. */
START_TEST(digest_is_of_the_plain_text)
{
	struct policy *p = load_builtin(&builtins[0]);
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;
	char hex[2 * SHA256_DIGEST_SIZE + 1];
	struct buf text;

	buf_init(&text, POLICY_SHOWN_MAX);
	policy_show(p, false, &text);
	sha256_init(&ctx);
	sha256_update(&ctx, text.len, (const uint8_t *)text.at);
	sha256_digest(&ctx, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	ck_assert_str_eq(p->digest, hex);
	buf_release(&text);
	policy_free(p);
}
END_TEST

/* Each key once, with where it was set, or that it protects nothing yet. */
START_TEST(show_every_key)
{
	struct policy *p = load_builtin(&builtins[0]);
	struct buf text;

	buf_init(&text, POLICY_SHOWN_MAX);
	policy_show(p, true, &text);
	ck_assert_int_eq(buf_add_byte(&text, '\0'), 0);
	for (size_t i = 0; i < key_count(); i++) {
		const struct key *key = key_at(i);
		bool later = (key->flags & KEY_LATER) != 0;
		const char *leaf = strrchr(key->path, '.'), *line;
		char want[64];

		if (key->kind->load == NULL ||
		    (!later && (key->flags & KEY_SHORT) != 0))
			continue;
		(void)snprintf(want, sizeof(want),
		    "%s:", leaf != NULL ? leaf + 1 : key->path);
		for (line = text.at; (line = strstr(line, want)) != NULL;
		     line++) {
			size_t len = strcspn(line, "\n");
			bool says = memmem(line, len, "not enforced by this",
					20) != NULL;

			if (says == later)
				break;
		}
		ck_assert_msg(line != NULL, "%s", key->path);
	}
	buf_release(&text);
	policy_free(p);
}
END_TEST

/* What nobody writes by accident is refused; what people write is not. */
START_TEST(default_refuses_keys_not_prose)
{
	static const struct {
		const char *text;
		bool hit;
	} texts[] = {
		{ "/etc/shadow", true },
		{ "../../../ETC/Shadow", true },
		{ "/home/me/.ssh/id_ed25519", true },
		{ "http://169.254.169.254/latest/meta-data/", true },
		{ "http://metadata.google.internal/", true },
		{ "~/.aws/credentials", true },
		{ "/proc/self/environ", true },
		{ "Store passwords hashed, as the shadow file does.", false },
		{ "/home/me/project/src/shadow.c", false },
		{ "Generate a key with ssh-keygen and copy the .pub file",
		    false },
		{ "/etc/hosts", false },
		{ "/etc/passwd", false },
		{ "the metadata of google", false },
		{ "/proc/cpuinfo", false },
		{ "192.168.1.1", false },
		{ "1169.254.169.25", false },
	};
	struct policy *p = NULL;
	struct error err = { "" };

	ck_assert_int_eq(policy_load("builtin:default", &p, &err), 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(
		    (matcher_find(p->arguments.literals,
			 slice_of(texts[i].text)) >= 0) == texts[i].hit,
		    "%s", texts[i].text);
	policy_free(p);
}
END_TEST

START_TEST(are_what_they_say)
{
	struct policy *dflt = NULL, *strict = NULL, *monitor = NULL;
	struct error err = { "" };

	ck_assert_int_eq(policy_load("builtin:default", &dflt, &err), 0);
	ck_assert_int_eq(policy_load("builtin:strict", &strict, &err), 0);
	ck_assert_int_eq(policy_load("builtin:monitor", &monitor, &err), 0);
	ck_assert_int_eq(dflt->mode, MODE_ENFORCE);
	ck_assert(!dflt->tools.allow.set);
	ck_assert_uint_eq(dflt->tools.deny.n + dflt->methods_deny.n, 0);
	ck_assert(dflt->server_requests.sampling);
	ck_assert_int_eq(dflt->audit.payload, PAYLOAD_REDACTED);
	ck_assert_int_eq(dflt->audit.on_failure, FAILURE_DENY);
	ck_assert_uint_eq(dflt->frames.max_bytes, 64 << 20);
	ck_assert_int_eq(dflt->arguments.schema, SCHEMA_LOG);
	ck_assert_int_eq(dflt->arguments.secrets, FINDING_DENY);
	ck_assert_int_eq(dflt->arguments.commands, FINDING_DENY);
	ck_assert(!dflt->hosts.private_ok && !dflt->hosts.metadata_ok);
	ck_assert(!dflt->paths.roots.set && dflt->paths.deny.n > 0);
	ck_assert_int_eq(dflt->responses.injection, FINDING_REDACT);
	ck_assert_int_eq(dflt->pins.mode, PINS_LOG);
	ck_assert_int_eq(strict->mode, MODE_ENFORCE);
	ck_assert(strict->tools.allow.set);
	ck_assert_uint_eq(strict->tools.allow.n, 0);
	ck_assert(!strict->server_requests.sampling);
	ck_assert_int_eq(strict->arguments.schema, SCHEMA_ENFORCE);
	ck_assert(strict->paths.roots.set);
	ck_assert_uint_eq(strict->paths.roots.n, 0);
	ck_assert_uint_ge(strict->paths.deny.n, dflt->paths.deny.n);
	ck_assert(!strict->hosts.private_ok && !strict->hosts.metadata_ok);
	ck_assert_int_eq(strict->responses.injection, FINDING_DENY);
	ck_assert_int_eq(strict->pins.mode, PINS_DENY);
	ck_assert_uint_gt(
	    strict->arguments.patterns.n, dflt->arguments.patterns.n);
	ck_assert_int_eq(monitor->mode, MODE_MONITOR);
	ck_assert_uint_eq(
	    monitor->arguments.patterns.n, dflt->arguments.patterns.n);
	policy_free(dflt);
	policy_free(strict);
	policy_free(monitor);
}
END_TEST

START_TEST(limits_follow_the_policy)
{
	static const char text[] =
	    "version: 1\nframes: {max_bytes: 4096, max_depth: 8, max_tokens: "
	    "256}\n";
	struct error err = { "" };
	struct policy *p = NULL;
	struct json_limits l;

	ck_assert_int_eq(
	    policy_load_text("t", "t", text, sizeof(text) - 1, &p, &err), 0);
	l = policy_limits(p, true);
	ck_assert_uint_eq(l.max_bytes, 4096);
	ck_assert_uint_eq(l.max_depth, 8);
	ck_assert_uint_eq(l.max_tokens, 256);
	ck_assert(l.lone_surrogates);
	ck_assert(!policy_limits(p, false).lone_surrogates);
	policy_free(p);
}
END_TEST

/* The item says the default that the table has. */
static void
check_default(const struct key *key, const char *item)
{
	char want[64], *line = strndup(item, strcspn(item, "\n"));

	if (key->kind->load == load_int)
		(void)snprintf(want, sizeof(want), "default %lld",
		    (long long)key->fallback);
	else
		(void)snprintf(want, sizeof(want), "default Cm %s",
		    key->words[key->fallback]);
	ck_assert_msg(
	    strstr(line, want) != NULL, "%s: no '%s'", key->path, want);
	free(line);
}

/* Every row of the table is an item of the page, in the same order. */
START_TEST(man_page_has_every_key)
{
	char *page = calloc(1, 1 << 20);
	const char *at = page;
	FILE *fp = fopen(MAN_PAGE, "re");

	ck_assert_msg(fp != NULL, MAN_PAGE ": run this from the top");
	ck_assert_uint_gt(fread(page, 1, (1 << 20) - 1, fp), 0);
	(void)fclose(fp);
	for (size_t i = 0; i < key_count(); i++) {
		char want[128];

		(void)snprintf(
		    want, sizeof(want), "\n.It Ic %s ", key_at(i)->path);
		at = strstr(at, want);
		ck_assert_msg(at != NULL, "no item '%s', or not in order",
		    key_at(i)->path);
		ck_assert_msg(
		    (memmem(at, strcspn(at + 5, "\n") + 5, "not enforced",
			 12) != NULL) == ((key_at(i)->flags & KEY_LATER) != 0),
		    "%s: is it enforced or not?", key_at(i)->path);
		if ((key_at(i)->flags & KEY_LATER) == 0 && i > 0 &&
		    (key_at(i)->kind->load == load_int ||
			key_at(i)->words != NULL))
			check_default(key_at(i), at + 1);
	}
	free(page);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("files");

	tcase_add_test(tc, load_and_prove_themselves);
	tcase_add_test(tc, are_embedded_byte_for_byte);
	tcase_add_test(tc, show_what_loads_again);
	tcase_add_test(tc, digest_is_of_the_plain_text);
	tcase_add_test(tc, show_every_key);
	tcase_add_test(tc, default_refuses_keys_not_prose);
	tcase_add_test(tc, are_what_they_say);
	tcase_add_test(tc, limits_follow_the_policy);
	tcase_add_test(tc, man_page_has_every_key);
	return unit_run(tc, "policy_files");
}
