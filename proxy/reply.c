/*
 * Our own answers.  jansson writes them; only the id is put in as the bytes
 * that came, because a number must not change on its way through us.  Nothing
 * else that a peer wrote is repeated.
 */
#include "proxy/reply.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"

/* JSON-RPC: what a client answers whose user declined sampling. */
#define RPC_USER_REJECTED (-1)

static void
message_of(const struct reply *r, char *ret, size_t size)
{
	(void)snprintf(
	    ret, size, "blocked by mcpshield: %s", r->verdict->reason);
}

/* The id as it came, but for what some readers take for the end of a line. */
static void
add_id(struct buf *dst, struct slice id)
{
	static const struct {
		const char *raw, *escape;
	} ends[] = {
		{ "\xc2\x85", "\\u0085" },
		{ "\xe2\x80\xa8", "\\u2028" },
		{ "\xe2\x80\xa9", "\\u2029" },
	};
	if (id.len == 0)
		buf_must(buf_add_str(dst, "null"));
	for (size_t i = 0; i < id.len;) {
		size_t k, len = 1;

		for (k = 0; k < nitems(ends); k++) {
			len = strlen(ends[k].raw);
			if (id.len - i >= len &&
			    memcmp(id.at + i, ends[k].raw, len) == 0)
				break;
		}
		if (k < nitems(ends)) {
			buf_must(buf_add_str(dst, ends[k].escape));
			i += len;
		} else {
			buf_must(buf_add_byte(dst, id.at[i++]));
		}
	}
}

/* Puts the envelope around a member that is already JSON. */
static void
envelope(
    struct buf *dst, const struct reply *r, const char *member, json_t *value)
{
	char *text = json_dumps(
	    value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	json_decref(value);
	if (text == NULL) /* only for want of memory: what goes in is ours */
		text = xstrdup("{\"code\":-32603,\"message\":\"blocked\"}");
	buf_must(buf_add_str(dst, "{\"jsonrpc\":\"2.0\",\"id\":"));
	add_id(dst, r->id);
	buf_must(buf_addf(dst, ",\"%s\":", member));
	buf_must(buf_add_str(dst, text));
	buf_must(buf_add_byte(dst, '}'));
	free(text);
}

static json_t *
error_object(const struct reply *r, int code)
{
	char message[REASON_MAX + 32];

	message_of(r, message, sizeof(message));
	return json_pack("{s:i, s:s, s:{s:s, s:s, s:s, s:s}}", "code", code,
	    "message", message, "data", "stage", stage_name(r->verdict->stage),
	    "rule", r->verdict->rule, "policy", r->policy, "event", r->event);
}

void
reply_error(struct buf *dst, const struct reply *r)
{
	envelope(dst, r, "error", error_object(r, r->code));
}

void
reply_result(struct buf *dst, const struct reply *r, bool modern)
{
	char message[REASON_MAX + 32];
	json_t *result;

	message_of(r, message, sizeof(message));
	result = json_pack("{s:[{s:s, s:s}], s:b}", "content", "type", "text",
	    "text", message, "isError", 1);
	if (modern)
		(void)json_object_set_new(
		    result, "resultType", json_string("complete"));
	envelope(dst, r, "result", result);
}

void
reply_server(struct buf *dst, const struct reply *r, enum method_code method)
{
	if (method == METHOD_ELICITATION)
		envelope(
		    dst, r, "result", json_pack("{s:s}", "action", "decline"));
	else
		envelope(dst, r, "error",
		    error_object(r, method == METHOD_SAMPLING
					? RPC_USER_REJECTED
					: r->code));
}
