/*
 * What a string of a request is for, as its member's name tells.  Names are
 * compared without regard to case and to the signs that join words: filePath,
 * file_path and FILE-PATH are one.
 */
#include "policy/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/clean.h"
#include "policy/fold.h"
#include "policy/pathscan.h"
#include "policy/policy.h"
#include "policy/rules.h"
#include "policy/ruleset.h"
#include "policy/secret.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"

#define KNOWN_MAX 40 /* bytes of a name that may be a known one */

/* Sorted by name, joining signs left out: text_role() searches by halves. */
static const struct known {
	const char *name; /* as it is shown */
	enum text_role role;
} known[] = {
	/* clang-format off */
	{ "absolute_path", ROLE_PATH },
	{ "addr", ROLE_HOST },
	{ "address", ROLE_HOST },
	{ "addresses", ROLE_HOST },
	{ "answer", ROLE_PROSE },
	{ "api_key", ROLE_VALUE },
	{ "api_url", ROLE_HOST },
	{ "args", ROLE_CODE },
	{ "argv", ROLE_CODE },
	{ "attachments", ROLE_PATH },
	{ "base_path", ROLE_PATH },
	{ "base_url", ROLE_HOST },
	{ "bash", ROLE_CODE },
	{ "body", ROLE_PROSE },
	{ "branch", ROLE_VALUE },
	{ "callback", ROLE_HOST },
	{ "callback_url", ROLE_HOST },
	{ "caption", ROLE_PROSE },
	{ "changelog", ROLE_PROSE },
	{ "cmd", ROLE_CODE },
	{ "code", ROLE_CODE },
	{ "command", ROLE_CODE },
	{ "commands", ROLE_CODE },
	{ "comment", ROLE_PROSE },
	{ "comments", ROLE_PROSE },
	{ "config_file", ROLE_PATH },
	{ "config_path", ROLE_PATH },
	{ "content", ROLE_PROSE },
	{ "contents", ROLE_PROSE },
	{ "cwd", ROLE_PATH },
	{ "data", ROLE_VALUE },
	{ "db_path", ROLE_PATH },
	{ "description", ROLE_PROSE },
	{ "dest", ROLE_PATH },
	{ "destination", ROLE_PATH },
	{ "destination_path", ROLE_PATH },
	{ "details", ROLE_PROSE },
	{ "diff", ROLE_PROSE },
	{ "dir", ROLE_PATH },
	{ "directories", ROLE_PATH },
	{ "directory", ROLE_PATH },
	{ "dirs", ROLE_PATH },
	{ "document", ROLE_PROSE },
	{ "documents", ROLE_PROSE },
	{ "domain", ROLE_HOST },
	{ "domains", ROLE_HOST },
	{ "dst", ROLE_PATH },
	{ "email", ROLE_VALUE },
	{ "endpoint", ROLE_HOST },
	{ "endpoints", ROLE_HOST },
	{ "entity_name", ROLE_VALUE },
	{ "expression", ROLE_CODE },
	{ "feed", ROLE_HOST },
	{ "feed_url", ROLE_HOST },
	{ "file", ROLE_PATH },
	{ "filename", ROLE_PATH },
	{ "filenames", ROLE_PATH },
	{ "file_path", ROLE_PATH },
	{ "file_paths", ROLE_PATH },
	{ "files", ROLE_PATH },
	{ "folder", ROLE_PATH },
	{ "folders", ROLE_PATH },
	{ "format", ROLE_VALUE },
	{ "function", ROLE_CODE },
	{ "headers", ROLE_VALUE },
	{ "host", ROLE_HOST },
	{ "hostname", ROLE_HOST },
	{ "hosts", ROLE_HOST },
	{ "href", ROLE_HOST },
	{ "html", ROLE_PROSE },
	{ "id", ROLE_VALUE },
	{ "image_path", ROLE_PATH },
	{ "image_url", ROLE_HOST },
	{ "input", ROLE_VALUE },
	{ "input_dir", ROLE_PATH },
	{ "input_file", ROLE_PATH },
	{ "input_path", ROLE_PATH },
	{ "instructions", ROLE_PROSE },
	{ "ip", ROLE_HOST },
	{ "ip_address", ROLE_HOST },
	{ "ips", ROLE_HOST },
	{ "javascript", ROLE_CODE },
	{ "key", ROLE_VALUE },
	{ "key_id", ROLE_VALUE },
	{ "language", ROLE_VALUE },
	{ "link", ROLE_HOST },
	{ "links", ROLE_HOST },
	{ "local_path", ROLE_PATH },
	{ "location", ROLE_PATH },
	{ "markdown", ROLE_PROSE },
	{ "message", ROLE_PROSE },
	{ "messages", ROLE_PROSE },
	{ "name", ROLE_VALUE },
	{ "names", ROLE_VALUE },
	{ "new_path", ROLE_PATH },
	{ "new_str", ROLE_PROSE },
	{ "new_string", ROLE_PROSE },
	{ "new_text", ROLE_PROSE },
	{ "note", ROLE_PROSE },
	{ "notes", ROLE_PROSE },
	{ "observation", ROLE_PROSE },
	{ "observations", ROLE_PROSE },
	{ "old_path", ROLE_PATH },
	{ "old_str", ROLE_PROSE },
	{ "old_string", ROLE_PROSE },
	{ "old_text", ROLE_PROSE },
	{ "options", ROLE_VALUE },
	{ "origin", ROLE_HOST },
	{ "output_dir", ROLE_PATH },
	{ "output_file", ROLE_PATH },
	{ "output_path", ROLE_PATH },
	{ "owner", ROLE_VALUE },
	{ "page_url", ROLE_HOST },
	{ "password", ROLE_VALUE },
	{ "patch", ROLE_PROSE },
	{ "path", ROLE_PATH },
	{ "paths", ROLE_PATH },
	{ "pattern", ROLE_VALUE },
	{ "program", ROLE_CODE },
	{ "project_dir", ROLE_PATH },
	{ "project_path", ROLE_PATH },
	{ "prompt", ROLE_PROSE },
	{ "proxy", ROLE_HOST },
	{ "python_code", ROLE_CODE },
	{ "query", ROLE_CODE },
	{ "question", ROLE_PROSE },
	{ "readme", ROLE_PROSE },
	{ "redirect", ROLE_HOST },
	{ "redirect_uri", ROLE_HOST },
	{ "redirect_url", ROLE_HOST },
	{ "ref", ROLE_VALUE },
	{ "regex", ROLE_VALUE },
	{ "relative_path", ROLE_PATH },
	{ "remote", ROLE_HOST },
	{ "replacement", ROLE_PROSE },
	{ "reply", ROLE_PROSE },
	{ "repo", ROLE_VALUE },
	{ "repo_path", ROLE_PATH },
	{ "review", ROLE_PROSE },
	{ "root", ROLE_PATH },
	{ "roots", ROLE_PATH },
	{ "save_path", ROLE_PATH },
	{ "script", ROLE_CODE },
	{ "secret", ROLE_VALUE },
	{ "server", ROLE_HOST },
	{ "servers", ROLE_HOST },
	{ "shell", ROLE_CODE },
	{ "site", ROLE_HOST },
	{ "snippet", ROLE_PROSE },
	{ "source", ROLE_PATH },
	{ "source_code", ROLE_CODE },
	{ "source_path", ROLE_PATH },
	{ "sql", ROLE_CODE },
	{ "src", ROLE_PATH },
	{ "statement", ROLE_CODE },
	{ "subject", ROLE_PROSE },
	{ "summary", ROLE_PROSE },
	{ "table", ROLE_VALUE },
	{ "tag", ROLE_VALUE },
	{ "tags", ROLE_VALUE },
	{ "target", ROLE_HOST },
	{ "target_path", ROLE_PATH },
	{ "targets", ROLE_HOST },
	{ "template", ROLE_PROSE },
	{ "text", ROLE_PROSE },
	{ "texts", ROLE_PROSE },
	{ "thought", ROLE_PROSE },
	{ "thoughts", ROLE_PROSE },
	{ "timezone", ROLE_VALUE },
	{ "title", ROLE_PROSE },
	{ "to", ROLE_VALUE },
	{ "token", ROLE_VALUE },
	{ "transcript", ROLE_PROSE },
	{ "type", ROLE_VALUE },
	{ "uri", ROLE_HOST },
	{ "uris", ROLE_HOST },
	{ "url", ROLE_HOST },
	{ "urls", ROLE_HOST },
	{ "user", ROLE_VALUE },
	{ "value", ROLE_VALUE },
	{ "webhook", ROLE_HOST },
	{ "webhooks", ROLE_HOST },
	{ "webhook_url", ROLE_HOST },
	{ "website", ROLE_HOST },
	{ "websites", ROLE_HOST },
	{ "work_dir", ROLE_PATH },
	{ "working_directory", ROLE_PATH },
	{ "workspace", ROLE_PATH },
	/* clang-format on */
};

/* Ends of longer names: backup_directory, imageUrl. */
#define END(text) text, sizeof(text) - 1

static const struct {
	enum text_role role;
	const char *end;
	size_t len;
} ends[] = {
	{ ROLE_PATH, END("path") },
	{ ROLE_PATH, END("paths") },
	{ ROLE_PATH, END("file") },
	{ ROLE_PATH, END("filename") },
	{ ROLE_PATH, END("dir") },
	{ ROLE_PATH, END("directory") },
	{ ROLE_PATH, END("folder") },
	{ ROLE_HOST, END("url") },
	{ ROLE_HOST, END("uri") },
	{ ROLE_HOST, END("host") },
	{ ROLE_HOST, END("hostname") },
	{ ROLE_HOST, END("endpoint") },
	{ ROLE_HOST, END("urls") },
	{ ROLE_HOST, END("uris") },
	{ ROLE_HOST, END("hosts") },
	{ ROLE_HOST, END("hostnames") },
	{ ROLE_HOST, END("endpoints") },
	{ ROLE_HOST, END("addr") },
	{ ROLE_CODE, END("command") },
	{ ROLE_CODE, END("script") },
};

static bool
joins(char c)
{
	return c == '_' || c == '-' || c == ' ' || c == '.';
}

/* Writes name in lower case without what joins its words; its length. */
static size_t
plain_name(struct slice name, char out[KNOWN_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < name.len; i++)
		if (!joins(name.at[i]))
			out[len++] =
			    (char)fold_ascii((unsigned char)name.at[i]);
	return len;
}

/* Orders a plain name against a row's. */
static int
compare(const char *plain, size_t len, const char *name)
{
	size_t i = 0;

	for (; *name != '\0'; name++) {
		if (joins(*name))
			continue;
		if (i == len || plain[i] != *name)
			return i == len ? -1 : plain[i] - *name;
		i++;
	}
	return i < len ? 1 : 0;
}

enum text_role
text_role(struct slice name, const char **ret_name)
{
	char plain[KNOWN_MAX];
	size_t len, lo = 0, hi = nitems(known);

	*ret_name = NULL;
	if (name.len == 0 || name.len > sizeof(plain))
		return ROLE_VALUE;
	len = plain_name(name, plain);
	if (len == 0)
		return ROLE_VALUE;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = plain[0] - known[mid].name[0];

		if (order == 0)
			order = compare(plain, len, known[mid].name);
		if (order == 0) {
			*ret_name = known[mid].name;
			return known[mid].role;
		}
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	for (size_t i = 0; i < nitems(ends); i++) {
		size_t n = ends[i].len;

		if (len > n && plain[len - 1] == ends[i].end[n - 1] &&
		    memcmp(plain + len - n, ends[i].end, n) == 0)
			return ends[i].role;
	}
	return ROLE_VALUE;
}

void
text_verdict(struct verdict *v, const char *rule, const struct origin *at,
    const struct text *t, enum view_kind view, const char *predicate)
{
	const char *how = view_name(view);
	char who[KNOWN_MAX + 16] = "an argument";

	if (t->role == ROLE_NAME)
		(void)snprintf(who, sizeof(who), "the name of an argument");
	else if (t->name != NULL)
		(void)snprintf(who, sizeof(who), "argument '%s'", t->name);
	verdict_at(v, rule, at, "");
	(void)snprintf(v->reason, sizeof(v->reason), "%s %s%s%s%s", who,
	    predicate, how[0] != '\0' ? " (" : "", how,
	    how[0] != '\0' ? ")" : "");
}

struct scan *
scan_new(char *const *envp)
{
	struct scan *scan = xcalloc(1, sizeof(*scan));

	views_init(&scan->views);
	scan->secrets = ruleset_new(rules_secrets, nrules_secrets);
	scan->commands = ruleset_new(rules_commands, nrules_commands);
	scan->cleaner = cleaner_new();
	scan->paths = pathscan_new();
	scan->values = secret_values_new(envp);
	return scan;
}

void
scan_free(struct scan *scan)
{
	if (scan == NULL)
		return;
	pathscan_free(scan->paths);
	cleaner_free(scan->cleaner);
	secret_values_free(scan->values);
	ruleset_free(scan->commands);
	ruleset_free(scan->secrets);
	views_release(&scan->views);
	free(scan);
}
