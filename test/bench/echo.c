/*
 * An MCP server that costs next to nothing, so that what is measured in front
 * of it is what stands in front of it.  It trusts its peer, the benchmark's
 * client: members of a request stand where peer.c puts them.  Each message is
 * one write(2), as real servers do.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proxy/base/array.h"
#include "proxy/base/buf.h"
#include "proxy/base/fd.h"
#include "test/bench/lib/peer.h"

/* Bytes of one read(2): what a pipe holds. */
#define READ_SIZE (64U << 10)
/* Bytes: no request of the client and no answer of ours is longer. */
#define MESSAGE_MAX (1UL << 30)
/* Bytes kept free before a large result for the part that holds the id. */
#define HEAD_ROOM 256U

struct echo {
	struct buf in, out;
	struct buf large; /* the last large answer, behind HEAD_ROOM bytes */
	enum peer_tool large_tool;
	size_t large_size; /* as asked for; 0: none yet */
};

/* What stands behind a key, up to one of the bytes in stop. */
static struct slice
value(struct slice line, const char *key, const char *stop)
{
	struct slice v = { .at = NULL };
	const char *end = line.at + line.len;

	v.at = memmem(line.at, line.len, key, strlen(key));
	if (v.at == NULL)
		return (struct slice){ .at = NULL };
	v.at += strlen(key);
	while (v.at + v.len < end && strchr(stop, v.at[v.len]) == NULL)
		v.len++;
	return v;
}

static int
send_all(const char *at, size_t len)
{
	return fd_write_all(STDOUT_FILENO, at, len);
}

static int
answer(struct echo *e, struct slice id, const char *result)
{
	peer_answer(&e->out, id);
	if (buf_add_str(&e->out, result) == -1 ||
	    buf_add_str(&e->out, "}\n") == -1)
		return -1;
	return send_all(e->out.at, e->out.len);
}

static int
answer_error(struct echo *e, struct slice id, int code, const char *message)
{
	if (buf_addf(&e->out,
		"{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"error\":{\"code\":%d,"
		"\"message\":\"%s\"}}\n",
		(int)id.len, id.at, code, message) == -1)
		return -1;
	return send_all(e->out.at, e->out.len);
}

/* A result is made once and sent many times, each time under another id. */
static int
answer_large(struct echo *e, struct slice id, enum peer_tool tool, size_t size)
{
	char *first;

	if (e->large_size != size || e->large_tool != tool) {
		buf_clear(&e->large, MESSAGE_MAX);
		if (buf_reserve(&e->large, HEAD_ROOM) == -1)
			return -1;
		e->large.len = HEAD_ROOM;
		peer_result(&e->large, tool, size);
		if (buf_add_str(&e->large, "}\n") == -1)
			return -1;
		e->large_size = size;
		e->large_tool = tool;
	}
	peer_answer(&e->out, id);
	if (e->out.len > HEAD_ROOM)
		return answer_error(e, id, -32600, "id too long");
	first = e->large.at + HEAD_ROOM - e->out.len;
	memcpy(first, e->out.at, e->out.len);
	return send_all(first, e->out.len + e->large.len - HEAD_ROOM);
}

static int
call(struct echo *e, struct slice id, struct slice line)
{
	struct slice name = value(line, "\"name\":\"", "\"");
	struct slice size = value(line, "\"size\":", ",}");
	size_t i, n;

	if (slice_is(name, peer_tool_name(PEER_NOP))) {
		peer_answer(&e->out, id);
		peer_nop(&e->out, line);
		if (buf_add_str(&e->out, "}\n") == -1)
			return -1;
		return send_all(e->out.at, e->out.len);
	}
	n = size.at != NULL ? strtoul(size.at, NULL, 10) : 0;
	for (i = PEER_TEXT; i < PEER_TOOL_COUNT; i++)
		if (slice_is(name, peer_tool_name((enum peer_tool)i)) && n > 0)
			return answer_large(e, id, (enum peer_tool)i, n);
	return answer_error(e, id, -32602, "unknown tool or size");
}

static int
serve(struct echo *e, struct slice line)
{
	static const struct {
		const char *method, *result;
	} fixed[] = {
		{ "initialize", peer_server },
		{ "tools/list", peer_tools },
		{ "ping", "{}" },
	};
	struct slice id = value(line, "\"id\":", ",}");
	struct slice method = value(line, "\"method\":\"", "\"");

	buf_clear(&e->out, MESSAGE_MAX);
	if (id.at == NULL || method.at == NULL)
		return 0; /* a notification, or an answer: nothing to say */
	if (slice_is(method, "tools/call"))
		return call(e, id, line);
	for (size_t i = 0; i < nitems(fixed); i++)
		if (slice_is(method, fixed[i].method))
			return answer(e, id, fixed[i].result);
	return answer_error(e, id, -32601, "unknown method");
}

/* Serves the complete lines in e->in and keeps the rest. */
static int
serve_all(struct echo *e)
{
	const char *lf;
	size_t at = 0;

	while ((lf = memchr(e->in.at + at, '\n', e->in.len - at)) != NULL) {
		struct slice line = { .at = e->in.at + at };

		line.len = (size_t)(lf - line.at);
		at += line.len + 1;
		if (serve(e, line) == -1)
			return -1;
	}
	buf_drop(&e->in, at);
	return 0;
}

int
main(void)
{
	struct echo e = { .large_size = 0 };
	ssize_t n;
	int rc = 0;

	buf_init(&e.in, MESSAGE_MAX);
	buf_init(&e.out, MESSAGE_MAX);
	buf_init(&e.large, MESSAGE_MAX);
	while (rc == 0) {
		/* A byte more, so that strtoul(3) meets an end. */
		if (buf_reserve(&e.in, READ_SIZE + 1) == -1)
			break;
		n = read(STDIN_FILENO, e.in.at + e.in.len, READ_SIZE);
		if (n == 0)
			break;
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			rc = -1;
			break;
		}
		e.in.len += (size_t)n;
		e.in.at[e.in.len] = '\0';
		rc = serve_all(&e);
	}
	if (rc == -1)
		perror("echo");
	buf_release(&e.in);
	buf_release(&e.out);
	buf_release(&e.large);
	return rc == 0 ? 0 : 1;
}
