/*
 * Frames that cannot be read, in the words of an answer.
 */
#include "policy/fault.h"

#include <stdio.h>

#include "proxy/base/error.h"

static const struct {
	const char *rule, *reason;
	bool syntax; /* not JSON by anybody's reading */
} faults[] = {
	[JSON_OK] = { "", "", false },
	[JSON_SYNTAX] = { "frame.json", "the line is not JSON", true },
	[JSON_BOM] = { "frame.bom", "the line begins with a byte order mark",
	    true },
	[JSON_NUL] = { "frame.nul", "the line holds a NUL byte", true },
	[JSON_UTF8] = { "frame.utf8", "the line is not UTF-8", true },
	[JSON_SURROGATE] = { "frame.surrogate",
	    "a text holds half of a surrogate pair", false },
	[JSON_DUPLICATE] = { "frame.duplicate",
	    "an object has the same key twice", false },
	[JSON_TOO_DEEP] = { "frames.max_depth",
	    "the message is nested too deeply", false },
	[JSON_TOO_MANY] = { "frames.max_tokens",
	    "the message has too many values", false },
	[JSON_TOO_LONG] = { "frames.max_bytes", "the message is too large",
	    false },
};

struct verdict
fault_verdict(enum json_fault fault, int *ret_code)
{
	struct verdict v = { .action = ACTION_DENY, .stage = STAGE_FRAME };

	verdict_at(&v, faults[fault].rule, NULL, faults[fault].reason);
	*ret_code =
	    faults[fault].syntax ? RPC_PARSE_ERROR : stage_code(STAGE_FRAME);
	return v;
}

struct verdict
fault_envelope(const struct error *err)
{
	struct verdict v = { .action = ACTION_DENY, .stage = STAGE_FRAME };

	verdict_at(&v, "frame.jsonrpc", NULL, err->msg);
	return v;
}
