#ifndef FUZZ_PIPELINE_H
#define FUZZ_PIPELINE_H

/*
 * What a process that fuzzes pipelines needs once: policies, a journal in
 * memory, a pipe that takes nothing, and a place for our own words.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "audit/journal.h"
#include "policy/policy.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/diag.h"

/* Records after which a new journal is begun. */
#define JOURNAL_ROWS 20000U
/* Records that a new one begins with: crashes must be written when it is full,
   and files may grow as far as it. */
#define JOURNAL_FIRST 200U

static const char *const policies[] = {
	"version: 1\nextends: builtin:default\n",
	"version: 1\nextends: builtin:strict\ntools: {allow: [a, 'b*']}\n"
	"frames: {max_bytes: 4096, max_depth: 8, max_tokens: 1024}\n"
	/* A request of our own has an id that is never the same twice. */
	"arguments: {schema: log}\npins: {mode: log}\n",
	"version: 1\nextends: builtin:monitor\n"
	"tools: {deny: [bad]}\nmethods: {deny: ['no/*']}\n",
	"version: 1\ndeny_as: result\ntools: {deny: [bad]}\n"
	"methods: {deny: ['no/*']}\narguments: {patterns: [evil]}\n"
	"server_requests: {sampling: deny, elicitation: deny, roots: deny}\n"
	"rules: [{id: r, tool: red, action: redact, where: {q: {regex: "
	"s3cret}}}, {id: l, tool: log, action: log}, {id: a, tool: ok, "
	"action: allow, where: {p: {equals: [x]}}}]\n",
	"version: 1\ntools: {deny: [bad]}\n"
	"audit: {payload: full, on_failure: allow}\n",
};

static struct policy *loaded[nitems(policies)];
static struct journal *journal;
static char scratch[] = "/dev/shm/mcpshield-fuzz-XXXXXX", path[64];
static int clogged[2];

/* In place of diag.c: what we say is one line without control characters. */
static void say(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0)));

static void
must(bool ok)
{
	struct rlimit lim;

	if (ok)
		return;
	(void)getrlimit(RLIMIT_FSIZE, &lim);
	lim.rlim_cur = lim.rlim_max;
	(void)setrlimit(RLIMIT_FSIZE, &lim);
	abort();
}

static void
say(const char *fmt, va_list ap)
{
	char text[4096];
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	must(n >= 0 && (size_t)n < sizeof(text));
	for (int i = 0; i < n; i++)
		must((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
}

void
diag(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void
diag_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void
diag_verbosity(int level)
{
	(void)level;
}

/* Removes all journals, and at the end their directories. */
static void
sweep(void)
{
	char name[80];
	const struct dirent *entry;
	DIR *d;

	(void)snprintf(name, sizeof(name), "%s.journals", path);
	if ((d = opendir(name)) == NULL)
		return;
	while ((entry = readdir(d)) != NULL)
		(void)unlinkat(dirfd(d), entry->d_name, 0); /* not "." */
	(void)closedir(d);
	(void)rmdir(name);
}

static void
end_process(void)
{
	journal_close(journal);
	for (size_t i = 0; i < nitems(loaded); i++)
		policy_free(loaded[i]);
	sweep();
	(void)rmdir(scratch);
}

static void
fresh_journal(void)
{
	struct audit_options opt = { .path = path };
	struct audit_record rec = { .decision = slice_of("start") };

	journal_close(journal);
	journal = NULL;
	sweep();
	must(journal_open(&opt, "fuzz", &journal, NULL) == 0);
	for (unsigned i = 0; i < JOURNAL_FIRST; i++)
		must(journal_append(journal, &rec, NULL) == 0);
}

static void
begin_process(void)
{
	struct error err = { "" };
	char fill[4096] = "";

	if (journal != NULL)
		return;
	must(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	if (access("/dev/shm", W_OK) == -1)
		(void)snprintf(
		    scratch, sizeof(scratch), "/tmp/mcpshield-fuzz-XXXXXX");
	must(mkdtemp(scratch) != NULL);
	(void)snprintf(path, sizeof(path), "%s/a.db", scratch);
	for (size_t i = 0; i < nitems(policies); i++)
		must(policy_load_text("fuzz", "fuzz.yaml", policies[i],
			 strlen(policies[i]), &loaded[i], &err) == 0);
	must(pipe2(clogged, O_CLOEXEC | O_NONBLOCK) == 0);
	/* As large as a channel would make it. */
	(void)fcntl(clogged[1], F_SETPIPE_SZ, 1 << 20);
	while (write(clogged[1], fill, sizeof(fill)) > 0)
		continue;
	must(atexit(end_process) == 0);
	fresh_journal();
}

#endif
