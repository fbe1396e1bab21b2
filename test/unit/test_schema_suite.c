/*
 * JSON-Schema-Test-Suite, its required tests: every schema that needs nothing
 * from outside must give every verdict as it is written there, and the others
 * must be refused when they are listed.  The numbers are exact, so that neither
 * a wrong verdict nor a schema that is refused too much goes unnoticed.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "policy/schema.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/json.h"
#include "proxy/base/xalloc.h"
#include "test/unit/unit.h"

static char dir_path[1024];

static const struct dialect {
	const char *dir;
	const char *uri; /* put into schemas that do not say */
	unsigned right, refused;
} dialects[] = {
	{ "draft7", "http://json-schema.org/draft-07/schema#", 900, 27 },
	{ "draft2019-09", "https://json-schema.org/draft/2019-09/schema", 1219,
	    40 },
	{ "draft2020-12", "https://json-schema.org/draft/2020-12/schema", 1246,
	    53 },
};

struct tally {
	unsigned right, wrong, refused;
};

static const struct json_limits limits = {
	.max_bytes = 1UL << 26,
	.max_depth = 512,
	.max_tokens = 1U << 22,
	.lone_surrogates = true,
};

static void
read_file(const char *path, struct buf *ret)
{
	FILE *fp = fopen(path, "re");
	char part[4096];
	size_t n;

	ck_assert_msg(fp != NULL, "%s", path);
	ret->len = 0;
	while ((n = fread(part, 1, sizeof(part), fp)) > 0)
		buf_must(buf_add(ret, part, n));
	(void)fclose(fp);
}

/* The schema of a group, with its dialect. */
static void
take_schema(const struct json *doc, json_at at, const char *uri,
    struct buf *text, struct json *ret)
{
	struct slice raw = json_raw(doc, at);
	struct error err = { "" };

	text->len = 0;
	if (raw.at[0] == '{' && json_get(doc, at, "$schema") == JSON_NONE) {
		buf_must(buf_addf(text, "{\"$schema\":\"%s\"%s", uri,
		    json_first(doc, at) != JSON_NONE ? "," : ""));
		raw.at++;
		raw.len--;
	}
	buf_must(buf_add_slice(text, raw));
	ck_assert_msg(
	    json_read(ret, buf_slice(text), &limits, &err) == 0, "%s", err.msg);
}

static void
run_group(const struct json *doc, json_at group, const char *uri,
    const char *path, struct tally *tally)
{
	json_at tests = json_get(doc, group, "tests"), data;
	struct error err = { "" };
	struct schema *s = NULL;
	struct json own;
	struct buf text;
	bool want;
	int rc;

	json_init(&own);
	buf_init(&text, SIZE_MAX / 2);
	take_schema(doc, json_get(doc, group, "schema"), uri, &text, &own);
	(void)schema_new(&own, JSON_ROOT, &s, &err);
	for (json_at at = json_first(doc, tests); at != JSON_NONE;
	     at = json_sibling(doc, tests, at)) {
		if (s == NULL) {
			tally->refused++;
			continue;
		}
		data = json_get(doc, at, "data");
		want = json_is(doc, json_get(doc, at, "valid"), JSON_TRUE);
		rc = schema_check(s, doc, data, &err);
		tally->right += rc == want;
		tally->wrong += rc != want;
		if (rc != want)
			printf("%s: %.*s: %d\n", path,
			    (int)json_raw(doc, at).len, json_raw(doc, at).at,
			    rc);
	}
	schema_free(s);
	buf_release(&text);
	json_release(&own);
}

static void
run_file(const char *path, const char *uri, struct tally *tally)
{
	struct error err = { "" };
	struct json doc;
	struct buf text;

	json_init(&doc);
	buf_init(&text, limits.max_bytes);
	read_file(path, &text);
	ck_assert_msg(json_read(&doc, buf_slice(&text), &limits, &err) == 0,
	    "%s: %s", path, err.msg);
	for (json_at at = json_first(&doc, JSON_ROOT); at != JSON_NONE;
	     at = json_sibling(&doc, JSON_ROOT, at))
		run_group(&doc, at, uri, path, tally);
	buf_release(&text);
	json_release(&doc);
}

START_TEST(suite)
{
	const struct dialect *d = &dialects[_i];
	struct tally tally = { 0, 0, 0 };
	char *path = xasprintf("%s/%s", dir_path, d->dir), *file;
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t len;

	ck_assert_msg(dir != NULL, "%s", path);
	while ((entry = readdir(dir)) != NULL) {
		len = strlen(entry->d_name);
		if (len < 5 || strcmp(entry->d_name + len - 5, ".json") != 0)
			continue; /* "optional" is a directory */
		file = xasprintf("%s/%s", path, entry->d_name);
		run_file(file, d->uri, &tally);
		free(file);
	}
	(void)closedir(dir);
	free(path);
	ck_assert_uint_eq(tally.wrong, 0);
	ck_assert_uint_eq(tally.right, d->right);
	ck_assert_uint_eq(tally.refused, d->refused);
}
END_TEST

int
main(void)
{
	const char *corpora = getenv("MCPSHIELD_CORPORA");
	TCase *tc = tcase_create("schema_suite");
	struct stat sb;

	(void)snprintf(dir_path, sizeof(dir_path),
	    "%s/suites/json-schema-test-suite/tests",
	    corpora != NULL ? corpora : "../shared/corpora");
	tcase_set_timeout(tc, 60);
	if (stat(dir_path, &sb) == -1)
		printf("SKIP schema suite: %s is absent\n", dir_path);
	else
		tcase_add_loop_test(tc, suite, 0, (int)nitems(dialects));
	return unit_run(tc, "schema_suite");
}
