/*
 * A schema and a value, as an array of two: none may crash, all must end, and
 * the same schema must judge twice alike, with reasons and without.  A schema
 * {"not": s} must be of the other opinion where s has one.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/schema.h"
#include "proxy/base/error.h"
#include "proxy/base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits limits = {
	.max_bytes = 1UL << 20,
	.max_depth = 200,
	.max_tokens = 1U << 17,
	.lone_surrogates = true,
};

/* What the opposite of a schema says; references would lead elsewhere. */
static int
check_opposite(const struct json *doc, json_at schema, json_at value)
{
	struct slice raw = json_raw(doc, schema);
	struct schema *s = NULL;
	struct json own;
	struct buf text;
	int rc = -1;

	json_init(&own);
	buf_init(&text, limits.max_bytes);
	if (memmem(raw.at, raw.len, "$", 1) == NULL &&
	    memmem(raw.at, raw.len, "\\", 1) == NULL &&
	    buf_addf(&text, "{\"not\":%.*s}", (int)raw.len, raw.at) == 0 &&
	    json_read(&own, buf_slice(&text), &limits, NULL) == 0 &&
	    schema_new(&own, JSON_ROOT, &s, NULL) == 0)
		rc = schema_check(s, doc, value, NULL);
	schema_free(s);
	buf_release(&text);
	json_release(&own);
	return rc;
}

static void
judge(const struct json *doc, json_at schema, json_at value)
{
	struct error why = { "" };
	struct schema *s = NULL;
	int rc, opposite;

	if (schema_new(doc, schema, &s, &why) == -1) {
		if (why.msg[0] != '/')
			abort();
		return;
	}
	rc = schema_check(s, doc, value, &why);
	opposite = check_opposite(doc, schema, value);
	if (schema_check(s, doc, value, NULL) != rc ||
	    (rc != 1) != (why.msg[0] == '/') ||
	    (rc != -1 && opposite != -1 && rc == opposite)) {
		fprintf(stderr, "%d, but %d: %s\n", rc, opposite, why.msg);
		abort();
	}
	schema_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct json doc;
	json_at schema, value;

	json_init(&doc);
	if (json_read(&doc, text, &limits, NULL) == 0 &&
	    json_is(&doc, JSON_ROOT, JSON_ARRAY) &&
	    (schema = json_first(&doc, JSON_ROOT)) != JSON_NONE &&
	    (value = json_sibling(&doc, JSON_ROOT, schema)) != JSON_NONE)
		judge(&doc, schema, value);
	json_release(&doc);
	return 0;
}
