/*
 * inspect: judges one call, or many lines, without a server.
 */
#include "proxy/cmd/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "policy/policy.h"
#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/base/limits.h"
#include "proxy/cmd/cmd.h"
#include "proxy/cmd/look.h"

struct inspect_args {
	const char *policy, *server;
	bool batch, json;
};

const struct opt inspect_options[] = {
	{ "policy", 'p', OPT_TEXT, offsetof(struct inspect_args, policy),
	    "POLICY", "name or file of the policy (default: default)" },
	{ "server", 's', OPT_TEXT, offsetof(struct inspect_args, server),
	    "SERVER", "name of the server that the call is for" },
	{ "json", 0, OPT_FLAG, offsetof(struct inspect_args, json), NULL,
	    "print one JSON object" },
	{ "batch", 0, OPT_FLAG, offsetof(struct inspect_args, batch), NULL,
	    "read JSON Lines on stdin and answer each" },
	{ .name = NULL },
};

/* Reads a whole descriptor, up to the size of a frame. */
static int
read_all(int fd, const char *name, struct buf *ret, struct error *err)
{
	ssize_t n;

	do {
		if (buf_reserve(ret, 65536) == -1)
			return error_set(err, "%s: more than %lu bytes", name,
			    (unsigned long)ret->max);
		n = read(fd, ret->at + ret->len, ret->cap - ret->len);
		if (n > 0)
			ret->len += (size_t)n;
	} while (n > 0 || (n == -1 && errno == EINTR));
	return n == -1 ? error_sys(err, "cannot read '%s'", name) : 0;
}

/* ARGUMENTS: JSON, "@file", or "-" for stdin; nothing is "{}". */
static int
read_arguments(const char *text, struct buf *ret, struct error *err)
{
	int fd, rc;

	if (text == NULL)
		return buf_add_str(ret, "{}");
	if (strcmp(text, "-") == 0)
		return read_all(STDIN_FILENO, "standard input", ret, err);
	if (text[0] != '@')
		return buf_add_str(ret, text) == -1
			   ? error_set(err, "ARGUMENTS are too long")
			   : 0;
	if ((fd = open(text + 1, O_RDONLY | O_CLOEXEC)) == -1)
		return error_sys(err, "cannot open '%s'", text + 1);
	rc = read_all(fd, text + 1, ret, err);
	fd_close(&fd);
	return rc;
}

static void
print_plain(const struct look *l, const char *tool)
{
	const struct verdict *v = &l->verdict;

	if (v->action == ACTION_DENY)
		(void)printf("%s: blocked: %s\n", tool, v->reason);
	else
		(void)printf("%s: allowed%s\n", tool,
		    l->rewritten ? ", with changes" : "");
	if (v->stage != STAGE_NONE)
		(void)printf(
		    "  stage %s, rule %s\n", stage_name(v->stage), v->rule);
	if (v->file != NULL)
		(void)printf("  decided by %s:%u\n", v->file, v->line);
	if (l->rewritten)
		(void)printf(
		    "  would pass as %.*s\n", (int)l->text.len, l->text.at);
}

static void
print_json(const struct look *l, const struct policy *p, const char *tool)
{
	const struct verdict *v = &l->verdict;
	struct buf out;

	buf_init(&out, 8 * LIMIT_FRAME_BYTES_MAX);
	look_member(&out, "{", "tool", slice_of(tool));
	look_verdict(&out, l);
	look_member(&out, ",", "policy", slice_of(p->name));
	if (v->file != NULL) {
		look_member(&out, ",", "file", slice_of(v->file));
		(void)buf_addf(&out, ",\"line\":%u", v->line);
	}
	(void)fwrite(out.at, 1, out.len, stdout);
	(void)puts("}");
	buf_release(&out);
}

static int
inspect_one(const struct inspect_args *args, const struct policy *p,
    const char *tool, const char *arguments, struct error *err)
{
	struct buf text, params, frame;
	struct look look;
	int status = EXIT_TROUBLE;

	buf_init(&text, LIMIT_FRAME_BYTES_MAX / 2);
	buf_init(&params, LIMIT_FRAME_BYTES_MAX);
	buf_init(&frame, 2 * LIMIT_FRAME_BYTES_MAX);
	look_init(&look, p);
	if (read_arguments(arguments, &text, err) == -1)
		goto out;
	if (json_read(&look.doc, buf_slice(&text),
		&(struct json_limits){ LIMIT_FRAME_BYTES_MAX, LIMIT_DEPTH_MAX,
		    LIMIT_TOKENS_MAX, true },
		err) == -1) {
		error_wrap(err, "ARGUMENTS");
		goto out;
	}
	buf_must(buf_add_str(&params, "{\"name\":"));
	if (json_quote(&params, slice_of(tool)) == -1 ||
	    buf_add_str(&params, ",\"arguments\":") == -1 ||
	    buf_add_slice(&params, buf_slice(&text)) == -1 ||
	    buf_add_byte(&params, '}') == -1) {
		error_set(err, "ARGUMENTS are too long");
		goto out;
	}
	/* Lines end at LF; between tokens it is white space. */
	for (size_t i = 0; i < params.len; i++)
		if (params.at[i] == '\n')
			params.at[i] = ' ';
	look_request(&look, "tools/call", buf_slice(&params), &frame);
	if (args->json)
		print_json(&look, p, tool);
	else
		print_plain(&look, tool);
	status = look.verdict.action == ACTION_DENY ? EXIT_NO : EXIT_YES;
out:
	look_release(&look);
	buf_release(&frame);
	buf_release(&params);
	buf_release(&text);
	return status;
}

int
cmd_inspect(int argc, char *argv[], struct error *err)
{
	struct inspect_args args = { NULL, NULL, false, false };
	struct policy *p = NULL;
	bool help = false;
	int at = opt_read_any(
	    inspect_options, "inspect", argc, argv, &args, &help, err);
	int status = EXIT_TROUBLE;

	if (at == -1)
		return EXIT_TROUBLE;
	if (help)
		return EXIT_YES;
	if (args.batch ? argc - at != 0 : argc - at != 1 && argc - at != 2) {
		error_set(err,
		    args.batch ? "inspect: --batch takes no arguments"
			       : "inspect: wants TOOL [ARGUMENTS]; see --help");
		return EXIT_TROUBLE;
	}
	if (policy_load(args.policy, &p, err) == 0 &&
	    policy_selftest(p, NULL, err) == 0)
		status = args.batch
			     ? inspect_batch(p, err)
			     : inspect_one(&args, p, argv[at],
				   argc - at == 2 ? argv[at + 1] : NULL, err);
	policy_free(p);
	return status;
}
