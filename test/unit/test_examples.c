/*
 * The examples that the newest revision of MCP comes with: what has an envelope
 * is a message to us, and its method is in our table.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/msg.h"
#include "proxy/base/error.h"
#include "test/unit/unit.h"

static char examples[4096];

static const struct json_limits limits = { 1 << 20, 64, 1 << 16, true };

/* One file of the specification: if it has an envelope, it is a message. */
static bool
check_example(const char *path)
{
	static char text[1 << 16];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, text, sizeof(text));
	struct error err = { "" };
	struct json doc;
	struct msg msg;
	bool is_message;

	ck_assert_msg(len > 0 && len < (ssize_t)sizeof(text), "%s", path);
	(void)close(fd);
	json_init(&doc);
	ck_assert_int_eq(
	    json_read(&doc, (struct slice){ text, (size_t)len }, &limits, &err),
	    0);
	is_message = json_get(&doc, JSON_ROOT, "jsonrpc") != JSON_NONE;
	if (is_message) {
		ck_assert_msg(
		    msg_parse(&msg, DIR_CLIENT, &doc, JSON_ROOT, &err) == 0,
		    "%s: %s", path, err.msg);
		ck_assert_msg(msg.kind == MSG_RESULT || msg.kind == MSG_ERROR ||
				  msg.method->code != METHOD_UNKNOWN,
		    "%s", path);
		msg_release(&msg);
	}
	json_release(&doc);
	return is_message;
}

START_TEST(takes_the_examples)
{
	const struct dirent *group, *file;
	char path[4096 + 600];
	size_t n = 0;
	DIR *outer, *inner;

	ck_assert_ptr_nonnull(outer = opendir(examples));
	while ((group = readdir(outer)) != NULL) {
		(void)snprintf(
		    path, sizeof(path), "%s/%.250s", examples, group->d_name);
		if (group->d_name[0] == '.' || (inner = opendir(path)) == NULL)
			continue;
		while ((file = readdir(inner)) != NULL) {
			(void)snprintf(path, sizeof(path), "%s/%.250s/%.250s",
			    examples, group->d_name, file->d_name);
			if (file->d_name[0] != '.')
				n += check_example(path);
		}
		(void)closedir(inner);
	}
	(void)closedir(outer);
	ck_assert_uint_ge(n, 30);
}
END_TEST

int
main(void)
{
	const char *corpora = getenv("MCPSHIELD_CORPORA");
	TCase *tc = tcase_create("examples");
	struct stat sb;

	(void)snprintf(examples, sizeof(examples),
	    "%s/suites/mcp-spec/2026-07-28/examples",
	    corpora != NULL ? corpora : "../shared/corpora");
	if (stat(examples, &sb) == -1)
		printf("SKIP examples of messages: %s is absent\n", examples);
	else
		tcase_add_test(tc, takes_the_examples);

	return unit_run(tc, "examples");
}
