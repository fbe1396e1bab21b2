/*
 * Credentials: each rule finds its samples and leaves its counterexamples;
 * what a machine made is told from what people write; cards, tokens by shape,
 * the values of our environment; texts made to be slow.
 */
#include "policy/secret.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "policy/policy.h"
#include "policy/rules.h"
#include "policy/text.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

struct sought {
	const struct rule *rule;
	bool found, gave_up;
};

static bool
note_rule(void *ctx, const struct rule_hit *hit)
{
	struct sought *s = ctx;

	s->found = s->found || hit->rule == s->rule;
	s->gave_up = s->gave_up || hit->gave_up;
	return true;
}

static bool
rule_finds(struct ruleset *rs, const struct rule *rule, const char *text)
{
	struct sought s = { .rule = rule };

	ruleset_scan(rs, slice_of(text), 0, 0, note_rule, &s);
	ck_assert_msg(!s.gave_up, "%s: gave up: %s", rule->id, text);
	return s.found;
}

START_TEST(samples)
{
	struct ruleset *rs = ruleset_new(rules_secrets, nrules_secrets);

	ck_assert_uint_ge(nrules_secrets, 150);
	for (size_t i = 0; i < nrules_secrets; i++) {
		const struct rule *r = &rules_secrets[i];

		ck_assert_msg(r->hits != NULL, "%s: no sample", r->id);
		for (const char *const *s = r->hits; *s != NULL; s++)
			ck_assert_msg(
			    rule_finds(rs, r, *s), "%s misses %s", r->id, *s);
		for (const char *const *s = r->misses; s != NULL && *s != NULL;
		     s++)
			ck_assert_msg(
			    !rule_finds(rs, r, *s), "%s takes %s", r->id, *s);
	}
	ruleset_free(rs);
}
END_TEST

START_TEST(ids)
{
	for (size_t i = 0; i < nrules_secrets; i++) {
		const char *id = rules_secrets[i].id;

		ck_assert_uint_eq(
		    strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-"),
		    strlen(id));
		ck_assert_uint_lt(
		    strlen("arguments.secrets/") + strlen(id), RULE_MAX);
		for (size_t j = 0; j < i; j++)
			ck_assert_str_ne(id, rules_secrets[j].id);
	}
}
END_TEST

/* kind: of the first hit; NULL: none. */
static const struct {
	const char *text, *kind;
	enum secret_depth depth;
} texts[] = {
	/* clang-format off */
	/* Form alone, in any surroundings */
	{ "AKIA" "QYLPMN5HFIQR7XYA", "aws-access-key", SECRET_BY_FORM },
	{ "{\"k\":\"AKIA" "QYLPMN5HFIQR7XYA\"}", "aws-access-key",
	    SECRET_BY_FORM },
	{ "x_AKIA" "QYLPMN5HFIQR7XYA", "aws-access-key", SECRET_BY_FORM },
	{ "xAKIA" "QYLPMN5HFIQR7XYA", NULL, SECRET_ALL },
	{ "ghp_" "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17", "github-token",
	    SECRET_BY_FORM },
	{ "https://x.example/?a=ghp_" "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17&b",
	    "github-token", SECRET_BY_FORM },
	{ "ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL, SECRET_ALL },
	/* Names, and what depth makes of them */
	{ "password: hX9!fcd814", "named-password", SECRET_ALL },
	{ "password: hX9!fcd814", NULL, SECRET_BY_NAME },
	{ "api_key=9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c", "named-key",
	    SECRET_BY_NAME },
	{ "api_key=9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c", NULL, SECRET_BY_FORM },
	{ "{\\\"api_key\\\": \\\"9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c\\\"}",
	    "named-key", SECRET_ALL },
	{ "curl -H 'Authorization: Bearer fK39sLq0Zx81mVbT72nYcR5w' x",
	    "authorization-header", SECRET_ALL },
	/* Names that speak of something else */
	{ "nextPageToken=fK39sLq0Zx81mVbT72nYcR5w", NULL, SECRET_ALL },
	{ "page_token: fK39sLq0Zx81mVbT72nYcR5w", NULL, SECRET_ALL },
	{ "csrf_token=fK39sLq0Zx81mVbT72nYcR5w", NULL, SECRET_ALL },
	{ "max_tokens: 4096, tokenizer: cl100k_base_v2", NULL, SECRET_ALL },
	{ "commit 9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c5d6e7f80", NULL,
	    SECRET_ALL },
	{ "integrity sha512-9f8a7b6c5dKq3f2a1b0c9d8e7f6a5b4c5d6e7f80==", NULL,
	    SECRET_ALL },
	{ "secretKeyRef: {name: app-secrets-v2, key: token-2024-production}",
	    NULL, SECRET_ALL },
	{ "password = getpass.getpass(prompt='Password 1: ')", NULL,
	    SECRET_ALL },
	{ "token = os.environ['GITHUB_TOKEN_2']", NULL, SECRET_ALL },
	{ "apiKey: process.env.OPENAI_API_KEY_V2,", NULL, SECRET_ALL },
	{ "The password must have 8 letters, 1 digit.", NULL, SECRET_ALL },
	/* URLs */
	{ "redis://:hX9fcd814@10.0.0.5:6379/0", "url-password",
	    SECRET_BY_NAME },
	{ "https://example.org/a:b@c", NULL, SECRET_ALL },
	{ "https://user:pass@example.org/", NULL, SECRET_ALL },
	{ "https://user:${PASSWORD1}@example.org/", NULL, SECRET_ALL },
	{ "git@github.com:a/b.git ssh://git@host:22/x", NULL, SECRET_ALL },
	/* Cards */
	{ "4539 1488 0343 6467", "payment-card", SECRET_BY_FORM },
	{ "card 4539-1488-0343-6467.", "payment-card", SECRET_BY_FORM },
	{ "card_number=4539148803436467&x", "payment-card", SECRET_BY_FORM },
	{ "Visa: 4539148803436467", "payment-card", SECRET_BY_NAME },
	{ "4539148803436467", "payment-card", SECRET_ALL },
	/* One number in ten has Luhn's sum. */
	{ "4539148803436467", NULL, SECRET_BY_NAME },
	{ "n=4539148803436467&x", NULL, SECRET_ALL },
	{ "taken: 174 bytes, sum 6253530000000005", NULL, SECRET_BY_NAME },
	{ "3782 822463 10005", "payment-card", SECRET_BY_FORM },
	{ "12 4539 1488 0343 6467", "payment-card", SECRET_BY_FORM },
	{ "4539 1488 0343 6468", NULL, SECRET_ALL },
	{ "4539 1488-0343 6467", NULL, SECRET_ALL },
	{ "45391488 03436467", NULL, SECRET_ALL },
	{ "14539148803436467", NULL, SECRET_ALL },
	{ "0.4539148803436467", NULL, SECRET_ALL },
	{ "a4539148803436467", NULL, SECRET_ALL },
	{ "id/4539148803436467/x", NULL, SECRET_ALL },
	{ "0000 0000 0000 0000", NULL, SECRET_ALL },
	{ "1111 4539 1488 0343 6467 2222", NULL, SECRET_ALL },
	/* By shape */
	{ "MTk4NjIyNDgzNDcxOTI1MjQ4" ".Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
	    "discord-bot-token", SECRET_BY_FORM },
	{ "XTk4NjIyNDgzNDcxOTI1MjQ4" ".Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
	    NULL, SECRET_ALL },
	{ "MTk4NjIyNDgzNDcxOTI1MjQ4" ".Cl2FMQ.ZnCjm1XVW7vRze4b7C", NULL,
	    SECRET_ALL },
	{ "patAbCd1234EfGh56." "0123456789abcdef0123456789abcdef"
	  "0123456789abcdef0123456789abcdef", "airtable-personal-token",
	    SECRET_BY_FORM },
	/* clang-format on */
};

START_TEST(finds)
{
	struct ruleset *rs = ruleset_new(rules_secrets, nrules_secrets);
	struct secret_hit hit = { 0 };

	if (secret_first(
		rs, NULL, slice_of(texts[_i].text), texts[_i].depth, &hit))
		ck_assert_msg(!hit.gave_up, "%s: gave up", texts[_i].text);
	ck_assert_msg(hit.kind == NULL
			  ? texts[_i].kind == NULL
			  : texts[_i].kind != NULL &&
				strcmp(hit.kind, texts[_i].kind) == 0,
	    "%s: %s", texts[_i].text, hit.kind != NULL ? hit.kind : "nothing");
	ruleset_free(rs);
}
END_TEST

static const struct {
	bool (*fn)(struct slice);
	const char *text;
	bool want;
} verified[] = {
	/* clang-format off */
	{ secret_random, "fK39sLq0Zx81mVbT72nYcR5w", true },
	{ secret_random, "9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c", true },
	{ secret_random, "743b294a-cd03-41ec-9d64-0242ac120002", true },
	{ secret_random, "my-app-v2-production-cluster-01", false },
	{ secret_random, "getUserAccessTokenFromRequestHeader2", false },
	{ secret_random, "2024-01-01T00:00:00.000Z", false },
	{ secret_random, "path/to/the/file-2024.json", false },
	{ secret_random, "00000000-0000-0000-0000-000000000000", false },
	{ secret_random, "12345678901234567890", false },
	{ secret_random, "aaaaaaaaaaaaaaaaaaaaaaaa1", false },
	{ secret_random, "", false },
	/* A right sum makes a token of what has no variety. */
	{ secret_github, "ghp_" "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17", true },
	{ secret_github, "ghp_" "0000000000000000000000000000000000XX", false },
	{ secret_github, "ghp_" "0000000000000000000000000000002C8GjS", true },
	{ secret_npm, "npm_" "0000000000000000000000000000002C8GjS", true },
	{ secret_npm, "npm_" "0000000000000000000000000000002iUFWn", false },
	{ secret_jwt, "eyJhbGciOiJIUzI1NiJ9.x", true },
	{ secret_jwt, "eyJmb28iOiJiYXIifQ.x", false },
	{ secret_basic, "dXNlcjpoWDlfZmNkODE0cQ==", true },
	{ secret_basic, "dXNlcjpwYXNzd29yZA==", false }, /* user:password */
	{ secret_basic, "aGVsbG8gd29ybGQ=", false }, /* no colon */
	{ secret_basic, "AAECAwQFBgcICQ==", false }, /* no text */
	{ secret_password, "Tr0ub4dor&3", true },
	{ secret_password, "password", false },
	{ secret_password, "config.db_2", false },
	{ secret_password, "$DB_PASS1", false },
	{ secret_password, "{{pass1}}", false },
	{ secret_userpass, "admin:hX9fcd814q", true },
	{ secret_userpass, "username:password", false },
	{ secret_url, "amqp://u1:hX9fcd814q@h", true },
	{ secret_url, "amqp://guest:guest@h", false },
	/* clang-format on */
};

static bool
keep_shape(void *ctx, const struct secret_hit *hit)
{
	*(struct secret_hit *)ctx = *hit;
	return false;
}

/* Wherever it stands in a text: none is stepped over. */
START_TEST(anywhere)
{
	static const char *const shaped[] = { "4539 1488 0343 6467",
		"3782 822463 10005", "3056 930902 5904",
		"MTk4NjIyNDgzNDcxOTI1MjQ4"
		".Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
		"patQ7mX2kLp9vR4sT"
		".0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7"
		"e8f9" };
	char text[200];

	for (size_t i = 0; i < nitems(shaped); i++)
		for (size_t k = 0; k < 2 * 48; k++) {
			size_t before = k / 2, len = strlen(shaped[i]);
			size_t behind = k % 2 == 0 ? 0 : 20;
			struct secret_hit hit = { 0 };

			memset(text, 'a', sizeof(text));
			if (before > 0)
				text[before - 1] = '=';
			memcpy(text + before, shaped[i], len);
			text[before + len] = ',';
			(void)secret_shapes(
			    (struct slice){ text, before + len + behind },
			    SECRET_BY_FORM, keep_shape, &hit);
			ck_assert_msg(hit.kind != NULL && hit.first == before &&
					  hit.end == before + len,
			    "%s behind %zu bytes", shaped[i], before);
		}
}
END_TEST

START_TEST(verifies)
{
	ck_assert_msg(
	    verified[_i].fn(slice_of(verified[_i].text)) == verified[_i].want,
	    "%s", verified[_i].text);
}
END_TEST

/* --- The values of our environment. --- */

/* A variable, which execve(2) wants writable. */
#define VARIABLE(text)                                                         \
	(char[])                                                               \
	{                                                                      \
		text                                                           \
	}

static char *const environment[] = {
	/* clang-format off */
	VARIABLE("GITHUB_TOKEN=kw8-Lm2_qPz71xVt"),
	VARIABLE("DATABASE_URL=postgres://app:Vq83mzLp@db/x"),
	VARIABLE("HOME_URL=https://example.org/start/page1"),
	VARIABLE("SSH_AUTH_SOCK=/tmp/a.17"),
	VARIABLE("TLS_KEY_FILE=relative/key-17.pem"),
	VARIABLE("API_KEY=/etc/keys/a-17"),
	VARIABLE("MY_TOKEN=production"),
	VARIABLE("PORT_TOKEN=12345678901"),
	VARIABLE("A_SECRET=short1"),
	VARIABLE("PLAIN=zzTop-9912-plain"),
	VARIABLE("BAD_TOKEN"),
	VARIABLE("=x"),
	VARIABLE("DB_PASSWORD=aaaaaaaa1"),
	VARIABLE("OTHER_SECRET=kw8-Lm2_qPz71xVtX"),
	NULL,
	/* clang-format on */
};

static const struct {
	const char *text;
	bool want;
} valued[] = {
	{ "kw8-Lm2_qPz71xVt", true },
	{ "xkw8-Lm2_qPz71xVt", true },
	{ "xxkw8-Lm2_qPz71xVty", true },
	{ "see xxxkw8-Lm2_qPz71xVt behind", true },
	{ "KW8-Lm2_qPz71xVt", false },
	{ "kw8-Lm2_qPz71xV", false },
	{ "postgres://app:Vq83mzLp@db/x", true },
	{ "only Vq83mzLp", true },
	{ "https://example.org/start/page1", false },
	{ "/tmp/a.17 relative/key-17.pem /etc/keys/a-17", false },
	{ "production 12345678901 short1 aaaaaaaa1", false },
	{ "zzTop-9912-plain", false },
	{ "", false },
};

START_TEST(values)
{
	struct secret_values *sv = secret_values_new(environment);
	struct slice text = slice_of(valued[_i].text);
	size_t first = 0, end = 0;

	ck_assert_msg(
	    secret_values_find(sv, text, &first, &end) == valued[_i].want, "%s",
	    valued[_i].text);
	ck_assert(end <= text.len && first <= end);
	secret_values_free(sv);
}
END_TEST

START_TEST(no_values)
{
	size_t first, end;

	ck_assert(!secret_values_find(NULL, slice_of("x"), &first, &end));
	secret_values_free(secret_values_new(NULL));
	secret_values_free(NULL);
}
END_TEST

/* --- The stage. --- */

#define TOKEN                                                                  \
	"ghp_"                                                                 \
	"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"

static const struct {
	const char *finding, *name, *text;
	enum action want;
	const char *kind; /* NULL: no objection */
} judged[] = {
	/* clang-format off */
	{ "deny", NULL, "hello", ACTION_ALLOW, NULL },
	{ "deny", NULL, "a " TOKEN, ACTION_DENY, "github-token" },
	{ "log", NULL, "a " TOKEN, ACTION_FLAG, "github-token" },
	{ "off", NULL, "a " TOKEN, ACTION_ALLOW, NULL },
	{ "redact", NULL, "a " TOKEN, ACTION_REDACT, "github-token" },
	/* In a reading that was decoded, there is nothing to be cut out. */
	{ "deny", NULL, "https://x.example/?q=ghp%5FzQWBuTSOoRi4A9spHcVY5ncnsDk"
	  "xkJ0mLq17", ACTION_DENY, "github-token" },
	{ "redact", NULL, "ghp%5FzQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17",
	    ACTION_DENY, "github-token" },
	{ "deny", NULL, "ghp_zQWBuTSO\xe2\x80\x8boRi4A9spHcVY5ncnsDkxkJ0mLq17",
	    ACTION_DENY, "github-token" },
	/* Base64 of "key AKIA..." */
	{ "deny", NULL, "a2V5IEFLSUFRWUxQTU41SEZJUVI3WFlBIGVuZA==", ACTION_DENY,
	    "aws-access-key" },
	{ "deny", NULL, "password=Tr0ub4dor&3", ACTION_DENY, "named-password" },
	{ "deny", NULL, "api_key=fK39sLq0Zx81mVbT72nYcR5w", ACTION_DENY,
	    "named-key" },
	{ "deny", NULL, "api_key%3DfK39sLq0Zx81mVbT72nYcR5w", ACTION_ALLOW,
	    NULL },
	{ "deny", NULL, "password%3DTr0ub4dor%263", ACTION_ALLOW, NULL },
	/* By the member's name: what a person types there is what it is for */
	{ "deny", "password", "Tr0ub4dor&3", ACTION_ALLOW, NULL },
	{ "deny", "token", "fK39sLq0Zx81mVbT72nYcR5w", ACTION_DENY,
	    "value-under-secret-name" },
	{ "redact", "token", "fK39sLq0Zx81mVbT72nYcR5w", ACTION_DENY,
	    "value-under-secret-name" },
	{ "deny", "title", "fK39sLq0Zx81mVbT72nYcR5w", ACTION_ALLOW, NULL },
	{ "deny", NULL, "send kw8-Lm2_qPz71xVt there", ACTION_DENY,
	    "value-of-own-environment" },
	/* clang-format on */
};

START_TEST(judges)
{
	struct scan *scan = scan_new(environment);
	struct text_env env = { .scan = scan };
	struct text t = { .views = &scan->views, .name = judged[_i].name };
	struct verdict v = { 0 };
	struct policy *policy = NULL;
	struct error err = { "" };
	char yaml[128], rule[RULE_MAX];
	enum action action;

	snprintf(yaml, sizeof(yaml), "version: 1\narguments: {secrets: %s}\n",
	    judged[_i].finding);
	ck_assert_msg(policy_load_text("t", "t.yaml", yaml, strlen(yaml),
			  &policy, &err) == 0,
	    "%s", err.msg);
	env.policy = policy;
	views_make(&scan->views, slice_of(judged[_i].text));
	action = text_check_secret(&env, &t, &v);
	ck_assert_msg(action == judged[_i].want, "%s: %s", judged[_i].text,
	    action_name(action));
	if (judged[_i].kind != NULL) {
		snprintf(rule, sizeof(rule), "arguments.secrets/%s",
		    judged[_i].kind);
		ck_assert_str_eq(v.rule, rule);
		ck_assert_ptr_null(strstr(v.reason, "zQWB"));
	}
	policy_free(policy);
	scan_free(scan);
}
END_TEST

/* --- Redaction. --- */

static const struct {
	const char *text, *want;
	size_t n;
} redacted[] = {
	/* clang-format off */
	{ "nothing here", "nothing here", 0 },
	{ "", "", 0 },
	{ "a AKIA" "QYLPMN5HFIQR7XYA b", "a AKIA[mcpshield: redacted aws-access-key] b",
	    1 },
	{ "pw: AKIA" "QYLPMN5HFIQR7XYA,ghp_"
	  "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17",
	    "pw: AKIA[mcpshield: redacted aws-access-key],ghp_[mcpshield: redacted github-token]",
	    2 },
	{ "password=Tr0ub4dor&3",
	    "password=[mcpshield: redacted named-password]", 1 },
	{ "my own kw8-Lm2_qPz71xVt.",
	    "my own [mcpshield: redacted value-of-own-environment].", 1 },
	{ "-----BEGIN RSA " "PRIVATE KEY-----\nMIIEpAIBAAKCAQEAkq3hF\n"
	  "-----END RSA PRIVATE KEY-----\nrest",
	    "----[mcpshield: redacted private-key]\nrest", 1 },
	/* clang-format on */
};

START_TEST(redacts)
{
	struct ruleset *rs = ruleset_new(rules_secrets, nrules_secrets);
	struct secret_values *sv = secret_values_new(environment);
	struct buf out;
	size_t n;

	buf_init(&out, 4096);
	n = secret_redact(rs, sv, slice_of(redacted[_i].text), &out);
	ck_assert_msg(slice_is(buf_slice(&out), redacted[_i].want), "%.*s",
	    (int)out.len, out.at);
	ck_assert_uint_eq(n, redacted[_i].n);
	buf_release(&out);
	secret_values_free(sv);
	ruleset_free(rs);
}
END_TEST

START_TEST(redacts_all_where_room_ends)
{
	struct ruleset *rs = ruleset_new(rules_secrets, nrules_secrets);
	struct buf out;

	buf_init(&out, 48);
	ck_assert_uint_eq(secret_redact(rs, NULL,
			      slice_of("some words before it: AKIA"
				       "QYLPMN5HFIQR7XYA and behind"),
			      &out),
	    1);
	ck_assert(slice_is(
	    buf_slice(&out), "[mcpshield: redacted a text full of secrets]"));
	buf_release(&out);
	ruleset_free(rs);
}
END_TEST

/* --- Texts made to be slow. --- */

static const char *const slow[] = { "a", "A", "1", " ", "=", "\"", ".", "-",
	"eyJ", "eyJhbGciOiJIUzI1NiJ9.", "sk-", "AKIA", "password=", "password ",
	"token=", "token=\"", "secret:", "api_key=", "://", "://a:", "a://b:c@",
	"4111 ", "1 ", "4-", "-us1", ":aa", "twilio ", "curl -u ", "curl ",
	"-----BEGIN RSA PRIVATE KEY-----\n", "PRIVATE KEY",
	"sig=", "sv=1&sig=", "AAAAAAAAAAAAAAAAAAAAAA", "$6$",
	"machine a login b password ", "MNO1.abcdef.", "pat",
	"Authorization: Bearer ", "xoxb-1",
	"user=x;password=", "user=x password=", "mnemonic: word ",
	"LS0tLS1CRUdJTi", "\"kty\"\"d\":\"", "hubspot", "key", "0q~", "00D" };

static bool
count_hit(void *ctx, const struct secret_hit *hit)
{
	(void)hit;
	++*(size_t *)ctx;
	return true;
}

static double
seconds(struct ruleset *rs, struct slice text)
{
	struct timespec from, to;
	size_t hits = 0;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	secret_scan(rs, NULL, text, SECRET_ALL, count_hit, &hits);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	return (double)(to.tv_sec - from.tv_sec) +
	       (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* Some 0.1 s at worst for 64 KB; sanitizers and valgrind get fifty times it. */
START_TEST(stays_linear)
{
	struct ruleset *rs = ruleset_new(rules_secrets, nrules_secrets);
	size_t unit = strlen(slow[_i]), n = (64U << 10) / unit;
	char *text = xmalloc(n * unit);
	double took;

	for (size_t i = 0; i < n; i++)
		memcpy(text + i * unit, slow[_i], unit);
	took = seconds(rs, (struct slice){ text, n * unit });
	ck_assert_msg(took < 5, "'%s' again and again: %.1f s", slow[_i], took);
	free(text);
	ruleset_free(rs);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("secret");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, samples);
	tcase_add_test(tc, ids);
	tcase_add_loop_test(tc, finds, 0, (int)nitems(texts));
	tcase_add_test(tc, anywhere);
	tcase_add_loop_test(tc, verifies, 0, (int)nitems(verified));
	tcase_add_loop_test(tc, values, 0, (int)nitems(valued));
	tcase_add_test(tc, no_values);
	tcase_add_loop_test(tc, judges, 0, (int)nitems(judged));
	tcase_add_loop_test(tc, redacts, 0, (int)nitems(redacted));
	tcase_add_test(tc, redacts_all_where_room_ends);
	tcase_add_loop_test(tc, stays_linear, 0, (int)nitems(slow));
	return unit_run(tc, "secret");
}
