/*
 * audit export --format sarif: what was not simply allowed, as results.
 * Source: Static Analysis Results Interchange Format (SARIF) 2.1.0, OASIS.
 *
 * The rules come after the results in the text, since they are known once the
 * rows have been read; the order of members is free.
 */
#include <string.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/cmd/audit.h"

#define SARIF_SCHEMA                                                           \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"  \
	"sarif-schema-2.1.0.json"

/* 3.27.10: error, warning, note.  What is not here is a warning. */
static const struct {
	const char *decision, *level;
} levels[] = {
	{ "block", "error" },
	{ "broken", "error" },
	{ "drop", "error" },
	{ "flag", "note" },
};

static const char *
level_of(struct slice decision)
{
	for (size_t i = 0; i < nitems(levels); i++)
		if (slice_is(decision, levels[i].decision))
			return levels[i].level;
	return "warning";
}

/* "path/arguments.paths.roots", a stage alone, or the decision. */
static json_t *
rule_id(const struct audit_record *rec)
{
	char id[2 * LIMIT_AUDIT_TEXT + 2];
	size_t len = rec->stage.len;

	if (len == 0)
		return audit_json_text(rec->decision);
	memcpy(id, rec->stage.at, len);
	if (rec->rule.len > 0) {
		id[len++] = '/';
		memcpy(id + len, rec->rule.at, rec->rule.len);
		len += rec->rule.len;
	}
	return audit_json_text((struct slice){ .at = id, .len = len });
}

static json_t *
place(const struct audit_record *rec)
{
	json_t *where = json_object();

	(void)json_object_set_new(where, "name",
	    audit_json_text(rec->tool.len > 0 ? rec->tool : rec->method));
	(void)json_object_set_new(
	    where, "fullyQualifiedName", audit_json_text(rec->server));
	(void)json_object_set_new(where, "kind", json_string("function"));
	return json_pack("[{s:[o]}]", "logicalLocations", where);
}

/* The rule's index in the table of rules, which it joins if it is new. */
static json_int_t
rule_index(json_t *rules, json_t *seen, const char *id)
{
	json_t *at = json_object_get(seen, id);
	json_int_t index;

	if (at != NULL)
		return json_integer_value(at);
	index = (json_int_t)json_array_size(rules);
	(void)json_object_set_new(seen, id, json_integer(index));
	(void)json_array_append_new(rules, json_pack("{s:s}", "id", id));
	return index;
}

static void
print_result(const struct store_row *row, json_t *rules, json_t *seen)
{
	const struct audit_record *rec = &row->rec;
	char event[EVENT_MAX], when[TIME_MAX];
	json_t *id = rule_id(rec), *out;

	out = json_pack("{s:o, s:I, s:s, s:{s:o}, s:o, s:{s:s}, s:{s:s, s:o, "
			"s:o, s:o, s:o, s:o}}",
	    "ruleId", json_incref(id), "ruleIndex",
	    rule_index(rules, seen, json_string_value(id)), "level",
	    level_of(rec->decision), "message", "text",
	    audit_json_text(rec->reason.len > 0 ? rec->reason : rec->decision),
	    "locations", place(rec), "partialFingerprints", "mcpshieldEvent/v1",
	    audit_event_name(row, event), "properties", "time",
	    audit_time(rec->when_us, when), "decision",
	    audit_json_text(rec->decision), "server",
	    audit_json_text(rec->server), "direction",
	    audit_json_text(rec->direction), "method",
	    audit_json_text(rec->method), "tool", audit_json_text(rec->tool));
	(void)json_dumpf(out, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(out);
	json_decref(id);
}

int
audit_sarif(struct reader *r, const struct audit_args *args, struct error *err)
{
	json_t *rules = json_array(), *seen = json_object();
	struct query q = args->query;
	struct store_row row;
	bool first = true;
	int rc;

	q.findings = true;
	if ((rc = reader_begin(r, &q, err)) == -1)
		goto out;
	(void)printf("{\"$schema\":\"%s\",\"version\":\"2.1.0\",\"runs\":[{"
		     "\"columnKind\":\"utf16CodeUnits\",\"results\":[",
	    SARIF_SCHEMA);
	while ((rc = reader_next(r, &row, err)) == 1 && !ferror(stdout)) {
		(void)fputs(first ? "\n" : ",\n", stdout);
		print_result(&row, rules, seen);
		first = false;
	}
	(void)fputs("],\"tool\":{\"driver\":{\"name\":\"mcpshield-stdio\","
		    "\"version\":\"" VERSION "\",\"rules\":",
	    stdout);
	(void)json_dumpf(rules, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	(void)fputs("}}}]}\n", stdout);
out:
	json_decref(rules);
	json_decref(seen);
	return rc == 1 ? 0 : rc;
}
