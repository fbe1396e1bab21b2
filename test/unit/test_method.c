/*
 * The table of methods against the schemas of all revisions: every method is
 * there with its revisions, its sender, its kind and the names of its
 * parameters, and no more than those.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "policy/method.h"
#include "proxy/base/array.h"
#include "test/unit/unit.h"

static char spec_path[4096];

static const struct {
	const char *name;
	unsigned bit;
	size_t methods; /* that its unions name, at least */
} revisions[] = {
	{ "2024-11-05", REV_2024_11_05, 25 },
	{ "2025-03-26", REV_2025_03_26, 25 },
	{ "2025-06-18", REV_2025_06_18, 26 },
	{ "2025-11-25", REV_2025_11_25, 32 },
	{ "2026-07-28", REV_2026_07_28, 18 },
};

static const struct {
	const char *name;
	unsigned dir;
	bool notification;
} unions[] = {
	{ "ClientRequest", SENT_BY_CLIENT, false },
	{ "ServerRequest", SENT_BY_SERVER, false },
	{ "ClientNotification", SENT_BY_CLIENT, true },
	{ "ServerNotification", SENT_BY_SERVER, true },
};

/* Follows "#/$defs/X" and "#/definitions/X"; anything else is itself. */
static const json_t *
resolve(const json_t *root, const json_t *value)
{
	const char *ref = json_string_value(json_object_get(value, "$ref"));
	const json_t *defs = json_object_get(root, "$defs");

	if (defs == NULL)
		defs = json_object_get(root, "definitions");
	if (ref == NULL)
		return value;
	value = json_object_get(defs, strrchr(ref, '/') + 1);
	ck_assert_msg(value != NULL, "%s leads nowhere", ref);
	return resolve(root, value);
}

/* Is word one of a list's, which spaces separate? */
static bool
lists(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; *list != '\0'; list += strspn(list, " ")) {
		size_t n = strcspn(list, " ");

		if (n == len && strncmp(list, word, n) == 0)
			return true;
		list += n;
	}
	return false;
}

/* The names in params, wherever the schema has put them. */
static void
check_params(const json_t *root, const json_t *params, const char *where,
    const struct method *m)
{
	static const char *const parts[] = { "anyOf", "allOf", "oneOf" };
	const char *key;
	json_t *value;
	size_t i;

	params = resolve(root, params);
	json_object_foreach(json_object_get(params, "properties"), key, value)
	{
		(void)value;
		ck_assert_msg(
		    strcmp(key, "_meta") == 0 || lists(m->params, key),
		    "%s: '%s' of %s is not in the table", where, key, m->name);
	}
	for (size_t p = 0; p < nitems(parts); p++)
		json_array_foreach(json_object_get(params, parts[p]), i, value)
		    check_params(root, value, where, m);
}

/* One message of the schema. */
static void
check_method(const json_t *root, const json_t *def, size_t rev, size_t u)
{
	const char *where = revisions[rev].name;
	const json_t *properties = json_object_get(def, "properties");
	const char *name = json_string_value(json_object_get(
	    resolve(root, json_object_get(properties, "method")), "const"));
	const struct method *m;

	ck_assert_msg(name != NULL, "%s: a method without a name", where);
	m = method_find(slice_of(name));
	ck_assert_msg(m->code != METHOD_UNKNOWN, "%s: no %s", where, name);
	ck_assert_msg((m->revisions & revisions[rev].bit) != 0,
	    "%s has %s, the table says not", where, name);
	ck_assert_msg((m->dirs & unions[u].dir) != 0,
	    "%s: %s is in %s, the table says not", where, name, unions[u].name);
	ck_assert_msg(m->notification == unions[u].notification,
	    "%s: %s is in %s", where, name, unions[u].name);
	check_params(root, json_object_get(properties, "params"), where, m);
}

static json_t *
load(const char *path)
{
	json_error_t err;
	json_t *value = json_load_file(path, 0, &err);

	ck_assert_msg(value != NULL, "%s:%d: %s", path, err.line, err.text);
	return value;
}

START_TEST(knows_the_schema)
{
	const json_t *defs, *box, *def;
	size_t n = 0, i;
	char path[4200];
	json_t *root, *item;

	(void)snprintf(path, sizeof(path), "%s/schema/%s/schema.json",
	    spec_path, revisions[_i].name);
	root = load(path);
	ck_assert_uint_eq(
	    revision_find(slice_of(revisions[_i].name)), revisions[_i].bit);
	defs = json_object_get(root, "$defs");
	if (defs == NULL)
		defs = json_object_get(root, "definitions");
	for (size_t u = 0; u < nitems(unions); u++) {
		box = json_object_get(defs, unions[u].name);
		json_array_foreach(json_object_get(box, "anyOf"), i, item)
		{
			def = resolve(root, item);
			check_method(root, def, (size_t)_i, u);
			n++;
		}
		/* A union of one is that one. */
		if (json_object_get(box, "properties") != NULL) {
			check_method(root, box, (size_t)_i, u);
			n++;
		}
	}
	ck_assert_uint_ge(n, revisions[_i].methods);
	json_decref(root);
}
END_TEST

/* A bit of the table without a definition in that revision's schema. */
START_TEST(claims_no_more_than_the_schema)
{
	/* Extensions, which the schemas leave out. */
	static const char *const extensions[] = { "tasks/get", "tasks/cancel",
		"tasks/update", "notifications/tasks" };
	const struct method *m;
	const char *key;
	char path[4200];
	json_t *root, *defs, *def;

	(void)snprintf(path, sizeof(path), "%s/schema/%s/schema.json",
	    spec_path, revisions[_i].name);
	root = load(path);
	defs = json_object_get(root, "$defs");
	if (defs == NULL)
		defs = json_object_get(root, "definitions");
	for (size_t i = 0; (m = method_at(i)) != NULL; i++) {
		bool found = (m->revisions & revisions[_i].bit) == 0;

		json_object_foreach(defs, key, def)
		{
			const char *name = json_string_value(json_object_get(
			    json_object_get(
				json_object_get(def, "properties"), "method"),
			    "const"));

			found |= name != NULL && strcmp(name, m->name) == 0;
		}
		for (size_t k = 0; k < nitems(extensions); k++)
			found |= revisions[_i].bit == REV_2026_07_28 &&
				 strcmp(extensions[k], m->name) == 0;
		ck_assert_msg(
		    found, "%s has no %s", revisions[_i].name, m->name);
	}
	json_decref(root);
}
END_TEST

static const struct {
	const char *version;
	unsigned bit;
} versions[] = {
	{ "2024-10-07", REV_2024_11_05 },
	{ "2024-11-05", REV_2024_11_05 },
	{ "2026-07-28", REV_2026_07_28 },
	{ "2025-06-1", 0 },
	{ "2025-06-180", 0 },
	{ "", 0 },
};

START_TEST(finds_revisions)
{
	ck_assert_uint_eq(
	    revision_find(slice_of(versions[_i].version)), versions[_i].bit);
}
END_TEST

/* Names are compared whole and as they are spelt. */
START_TEST(finds_methods)
{
	static const char *const odd[] = { "", "Ping", "ping ", "pin",
		"tools/callx", "tools\0call" };
	const struct method *m;

	for (size_t i = 0; (m = method_at(i)) != NULL; i++) {
		ck_assert_ptr_eq(method_find(slice_of(m->name)), m);
		ck_assert_uint_ne(m->dirs, 0);
		ck_assert_uint_ne(m->revisions, 0);
		ck_assert_int_eq(m->notification,
		    strncmp(m->name, "notifications/", 14) == 0);
		ck_assert_int_eq(m->always, m->code == METHOD_INITIALIZE ||
						m->code == METHOD_DISCOVER ||
						m->code == METHOD_INITIALIZED);
	}
	for (size_t i = 0; i < nitems(odd); i++)
		ck_assert_int_eq(
		    method_find(slice_of(odd[i]))->code, METHOD_UNKNOWN);
}
END_TEST

int
main(void)
{
	const char *corpora = getenv("MCPSHIELD_CORPORA");
	TCase *tc = tcase_create("method");
	struct stat sb;

	(void)snprintf(spec_path, sizeof(spec_path), "%s/suites/mcp-spec",
	    corpora != NULL ? corpora : "../shared/corpora");
	tcase_add_test(tc, finds_methods);
	tcase_add_loop_test(tc, finds_revisions, 0, (int)nitems(versions));
	if (stat(spec_path, &sb) == -1) {
		printf("SKIP method schemas: %s is absent\n", spec_path);
	} else {
		tcase_add_loop_test(
		    tc, knows_the_schema, 0, (int)nitems(revisions));
		tcase_add_loop_test(tc, claims_no_more_than_the_schema, 0,
		    (int)nitems(revisions));
	}
	return unit_run(tc, "method");
}
