/*
 * inspect --batch: JSON Lines in, one answer a line out.  The kinds are a
 * table; a kind whose stage this version does not have is an error, never an
 * "allow".
 */
#include <errno.h>
#include <nettle/base64.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "policy/policy.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/limits.h"
#include "proxy/cmd/cmd.h"
#include "proxy/cmd/inspect.h"
#include "proxy/cmd/look.h"

/* One item, and the work space that is used from item to item. */
struct item {
	struct json doc;
	struct buf text, scratch, params, frame, answer;
	struct slice id; /* as it was sent; empty if there is none */
};

typedef void judge_fn(struct look *l, struct item *it, const char *key);

static void
judge_frame(struct look *l, struct item *it, const char *key)
{
	look_line(
	    l, key[0] == 'c' ? DIR_CLIENT : DIR_SERVER, buf_slice(&it->text));
}

/* A text under an argument's name, in a request of no particular method. */
static void
judge_text(struct look *l, struct item *it, const char *key)
{

	it->params.len = 0;
	buf_must(buf_addf(&it->params, "{\"arguments\":{\"%s\":", key));
	buf_must(json_quote(&it->params, buf_slice(&it->text)));
	buf_must(buf_add_str(&it->params, "}}"));
	look_request(l, "inspect", buf_slice(&it->params), &it->frame);
}

/* Puts the part of the rewritten frame that the item was in its place. */
static void
take_part(struct look *l, struct item *it, json_at (*find)(const struct json *))
{
	static const struct json_limits limits = { LIMIT_FRAME_BYTES_MAX,
		LIMIT_DEPTH_MAX, LIMIT_TOKENS_MAX, true };
	struct json doc;
	json_at at;

	if (!l->rewritten)
		return;
	json_init(&doc);
	buf_must(json_read(&doc, buf_slice(&l->text), &limits, NULL));
	at = find(&doc);
	it->text.len = 0;
	if (at == JSON_NONE) { /* it was left out */
		l->verdict.action = ACTION_DENY;
		l->rewritten = false;
	} else if (json_kind(&doc, at) == JSON_STRING) {
		buf_must(buf_add_slice(
		    &it->text, json_text(&doc, at, &it->scratch)));
	} else {
		buf_must(buf_add_slice(&it->text, json_raw(&doc, at)));
	}
	json_release(&doc);
	l->text.len = 0;
	buf_must(buf_add_slice(&l->text, buf_slice(&it->text)));
}

static json_at
first_text(const struct json *doc)
{
	json_at result = json_get(doc, JSON_ROOT, "result");

	return json_get(
	    doc, json_first(doc, json_get(doc, result, "content")), "text");
}

static json_at
first_tool(const struct json *doc)
{
	json_at result = json_get(doc, JSON_ROOT, "result");

	return json_first(doc, json_get(doc, result, "tools"));
}

/* The text of what a tool answers. */
static void
judge_response(struct look *l, struct item *it, const char *key)
{
	(void)key;
	it->params.len = 0;
	buf_must(buf_add_str(
	    &it->params, "{\"content\":[{\"type\":\"text\",\"text\":"));
	buf_must(json_quote(&it->params, buf_slice(&it->text)));
	buf_must(buf_add_str(&it->params, "}]}"));
	look_result(l, "tools/call", buf_slice(&it->params), &it->frame);
	take_part(l, it, first_text);
}

/* One tool of a listing. */
static void
judge_tool(struct look *l, struct item *it, const char *key)
{
	(void)key;
	it->params.len = 0;
	buf_must(buf_add_str(&it->params, "{\"tools\":["));
	buf_must(buf_add_slice(&it->params, buf_slice(&it->text)));
	buf_must(buf_add_str(&it->params, "]}"));
	look_result(l, "tools/list", buf_slice(&it->params), &it->frame);
	take_part(l, it, first_tool);
}

/* As a schema in a listing, which is left out if it cannot be used. */
static void
judge_schema(struct look *l, struct item *it, const char *key)
{
	(void)key;
	look_schema(l, buf_slice(&it->text));
}

static const struct kind {
	const char *name;
	judge_fn *judge; /* NULL: no stage of this version judges it */
	const char *key; /* what judge makes of it */
} kinds[] = {
	/* Under a name that says nothing: the strictest place. */
	{ "request_arg", judge_text, "value" },
	{ "path", judge_text, "path" },
	{ "url", judge_text, "url" },
	{ "secret", judge_text, "value" },
	{ "schema", judge_schema, NULL },
	{ "frame_client", judge_frame, "client" },
	{ "frame_server", judge_frame, "server" },
	{ "response_text", judge_response, NULL },
	{ "tool_description", judge_tool, NULL },
	{ "code_python", NULL, NULL },
	{ "code_js", NULL, NULL },
	{ "code_shell", NULL, NULL },
};

static const struct kind *
find_kind(const struct json *doc)
{
	json_at at = json_get(doc, JSON_ROOT, "kind");

	if (!json_is(doc, at, JSON_STRING))
		return NULL;
	for (size_t i = 0; i < nitems(kinds); i++)
		if (json_equals(doc, at, slice_of(kinds[i].name)))
			return &kinds[i];
	return NULL;
}

static int
decode_base64(struct item *it, struct slice coded, struct error *err)
{
	struct base64_decode_ctx ctx;
	size_t len = BASE64_DECODE_LENGTH(coded.len) + 1;

	base64_decode_init(&ctx);
	if (buf_reserve(&it->text, len) == -1)
		return error_set(err, "the text is too long");
	if (!base64_decode_update(
		&ctx, &len, (uint8_t *)it->text.at, coded.len, coded.at) ||
	    !base64_decode_final(&ctx))
		return error_set(err, "the text is no base64");
	it->text.len = len;
	return 0;
}

static int
take_text(struct item *it, struct error *err)
{
	json_at text = json_get(&it->doc, JSON_ROOT, "text");
	json_at enc = json_get(&it->doc, JSON_ROOT, "enc");
	struct slice s;

	it->text.len = 0;
	if (!json_is(&it->doc, text, JSON_STRING))
		return error_set(err, "'text' is missing or no string");
	s = json_text(&it->doc, text, &it->scratch);
	if (enc == JSON_NONE)
		return buf_add_slice(&it->text, s);
	if (!json_is(&it->doc, enc, JSON_STRING) ||
	    !json_equals(&it->doc, enc, slice_of("b64")))
		return error_set(err, "'enc' is not \"b64\"");
	return decode_base64(it, s, err);
}

static void
begin_answer(struct item *it)
{

	it->answer.len = 0;
	buf_must(buf_add_str(&it->answer, "{\"id\":"));
	buf_must(it->id.len > 0 ? buf_add_slice(&it->answer, it->id)
				: buf_add_str(&it->answer, "null"));
}

static int
send_answer(struct item *it, struct error *err)
{
	buf_must(buf_add_str(&it->answer, "}\n"));
	if (fwrite(it->answer.at, 1, it->answer.len, stdout) !=
		it->answer.len ||
	    fflush(stdout) != 0)
		return error_sys(err, "cannot write an answer");
	return 0;
}

static int
answer_verdict(struct item *it, const struct look *l, struct error *err)
{

	begin_answer(it);
	look_verdict(&it->answer, l);
	buf_must(buf_addf(
	    &it->answer, ",\"score\":%d", l->verdict.action <= ACTION_REDACT));
	return send_answer(it, err);
}

static int
answer_trouble(struct item *it, const char *reason, struct error *err)
{
	begin_answer(it);
	look_member(&it->answer, ",", "decision", slice_of("error"));
	look_member(&it->answer, ",", "reason", slice_of(reason));
	return send_answer(it, err);
}

/* One line; 1 if it was judged, 0 if it could not be, -1 with *err set. */
static int
one_line(struct look *l, struct item *it, struct slice line, struct error *err)
{
	static const struct json_limits limits = { LIMIT_FRAME_BYTES_MAX,
		LIMIT_DEPTH_MAX, LIMIT_TOKENS_MAX, true };
	struct error why = { "" };
	const struct kind *kind;
	json_at id;

	it->id = (struct slice){ NULL, 0 };
	if (json_read(&it->doc, line, &limits, &why) == -1)
		return answer_trouble(it, why.msg, err);
	id = json_get(&it->doc, JSON_ROOT, "id");
	if (id != JSON_NONE)
		it->id = json_raw(&it->doc, id);
	if ((kind = find_kind(&it->doc)) == NULL)
		return answer_trouble(it, "'kind' is missing or unknown", err);
	if (kind->judge == NULL)
		return answer_trouble(
		    it, "this kind is not judged by this version yet", err);
	if (take_text(it, &why) == -1)
		return answer_trouble(it, why.msg, err);
	kind->judge(l, it, kind->key);
	return answer_verdict(it, l, err) == -1 ? -1 : 1;
}

int
inspect_batch(const struct policy *policy, struct error *err)
{
	struct look look;
	struct item it = { .id = { NULL, 0 } };
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int rc = 1, status = EXIT_YES;
	struct buf *bufs[] = { &it.text, &it.scratch, &it.params, &it.frame,
		&it.answer };

	look_init(&look, policy);
	json_init(&it.doc);
	for (size_t i = 0; i < nitems(bufs); i++)
		buf_init(bufs[i], 8 * LIMIT_FRAME_BYTES_MAX);
	while (rc != -1 && (len = getline(&line, &cap, stdin)) != -1) {
		while (
		    len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
			len--;
		if (len == 0)
			continue;
		rc = one_line(
		    &look, &it, (struct slice){ line, (size_t)len }, err);
		if (rc != 1)
			status = EXIT_TROUBLE;
	}
	if (rc != -1 && ferror(stdin)) {
		error_sys(err, "cannot read standard input");
		status = EXIT_TROUBLE;
	}
	for (size_t i = 0; i < nitems(bufs); i++)
		buf_release(bufs[i]);
	json_release(&it.doc);
	look_release(&look);
	free(line);
	return status;
}
