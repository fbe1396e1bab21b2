#ifndef UNIT_PIPE_H
#define UNIT_PIPE_H

/*
 * A pipeline between two pipes, driven by a script: what came out of each side
 * as text, and the rows that the audit log got.  In scripts, rows and wants an
 * apostrophe stands for a quotation mark.
 */
#include <signal.h>
#include <sys/resource.h>

#include "policy/policy.h"
#include "policy/text.h"
#include "proxy/base/array.h"
#include "proxy/base/buf.h"
#include "proxy/base/fd.h"
#include "proxy/base/limits.h"
#include "proxy/base/xalloc.h"
#include "proxy/chan.h"
#include "proxy/diag.h"
#include "proxy/pipeline.h"
#include "test/unit/scratch.h"

/* Bytes of a transcript. */
#define PIPE_TEXT 262144

struct pipe_test {
	struct chan up, down; /* client to server, server to client */
	struct pipeline pipe;
	bool gather; /* lines of one side in a row are recorded together */
	int up_fd, down_fd; /* owned: read what the channels write */
	char session[16];
	char out[PIPE_TEXT]; /* ">..." reached the server, "<..." the client */
	size_t len;
};

/* No file may grow above so many bytes from here on, as on a full disk. */
static inline void
pipe_disk_full(rlim_t bytes)
{
	struct rlimit lim;

	if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR ||
	    getrlimit(RLIMIT_FSIZE, &lim) == -1)
		ck_abort();
	lim.rlim_cur = bytes;
	if (setrlimit(RLIMIT_FSIZE, &lim) == -1)
		ck_abort();
}

static inline void
pipe_disk_free(void)
{
	struct rlimit lim = { .rlim_cur = 0 };

	(void)getrlimit(RLIMIT_FSIZE, &lim);
	lim.rlim_cur = lim.rlim_max;
	(void)setrlimit(RLIMIT_FSIZE, &lim);
}

/* Each ck_assert() writes to a file, which a full disk must not see. */
static inline void
pipe_must(bool ok, const char *what)
{
	if (ok)
		return;
	pipe_disk_free();
	ck_abort_msg("%s", what);
}

static inline struct policy *
pipe_policy(const char *yaml)
{
	struct policy *p = NULL;

	ck_assert_msg(policy_load_text("test", "test.yaml", yaml, strlen(yaml),
			  &p, &scratch_err) == 0,
	    "%s", scratch_err.msg);
	return p;
}

static inline int
pipe_side(struct chan *c, size_t max)
{
	int fd[2];

	chan_init(c, max);
	ck_assert_int_eq(fd_pipe(fd, &scratch_err), 0);
	ck_assert_int_eq(fd_nonblock(fd[0], &scratch_err), 0);
	ck_assert_int_eq(chan_set_out(c, fd[1], false, &scratch_err), 0);
	return fd[0];
}

static inline void
pipe_begin(struct pipe_test *t, const char *yaml)
{
	struct policy *policy = pipe_policy(yaml);
	struct journal *j = scratch_journal();

	*t = (struct pipe_test){ .gather = false };
	diag_verbosity(0);
	t->up_fd = pipe_side(&t->up, policy->frames.max_bytes);
	t->down_fd = pipe_side(&t->down, policy->frames.max_bytes);
	(void)snprintf(
	    t->session, sizeof(t->session), "%s", journal_session(j));
	pipeline_init(&t->pipe, policy, j, &t->up, &t->down);
	t->pipe.scan = scan_new(NULL);
}

static inline void
pipe_end(struct pipe_test *t)
{
	chan_release(&t->up);
	chan_release(&t->down);
	pipeline_release(&t->pipe);
	fd_close(&t->up_fd);
	fd_close(&t->down_fd);
}

/* Adds what a side received since it was looked at last. */
static inline void
pipe_look(struct pipe_test *t, struct chan *c, int fd, char mark)
{
	char piece[4096];
	bool fresh = true;
	ssize_t n;

	do {
		chan_flush(c);
		n = read(fd, piece, sizeof(piece));
		for (ssize_t i = 0; i < n; i++) {
			pipe_must(t->len + 2 < sizeof(t->out), "too much left");
			if (fresh)
				t->out[t->len++] = mark;
			fresh = piece[i] == '\n';
			t->out[t->len++] = piece[i];
		}
	} while (n > 0 || chan_pending(c) > 0);
	pipe_must(fresh, "what left does not end in LF");
	t->out[t->len] = '\0';
}

static inline void
pipe_look_both(struct pipe_test *t)
{
	pipe_look(t, &t->up, t->up_fd, '>');
	pipe_look(t, &t->down, t->down_fd, '<');
}

/* Judges every whole line that a side has sent. */
static inline void
pipe_pump(struct pipe_test *t, enum msg_dir dir)
{
	struct chan *c = dir == DIR_CLIENT ? &t->up : &t->down;
	struct slice line;
	int rc;

	if (t->gather)
		pipeline_gather(&t->pipe);
	while ((rc = frame_next(&c->frame, &line)) != 0)
		if (rc == 1)
			pipeline_line(&t->pipe, dir, line);
		else
			pipeline_too_long(
			    &t->pipe, dir, &c->frame.skim, c->frame.skipped);
	if (t->gather)
		pipeline_settle(&t->pipe);
	pipe_look_both(t);
}

static inline void
pipe_feed(struct pipe_test *t, enum msg_dir dir, struct slice bytes)
{
	struct frame *fr = dir == DIR_CLIENT ? &t->up.frame : &t->down.frame;
	size_t room;
	char *at;

	for (size_t done = 0; done < bytes.len; done += room) {
		frame_space(fr, &at, &room);
		if (room > bytes.len - done)
			room = bytes.len - done;
		memcpy(at, bytes.at + done, room);
		frame_fed(fr, room);
	}
}

/* Apostrophes become quotation marks; owned. */
static inline char *
pipe_quotes(const char *text)
{
	char *copy = xstrdup(text);

	for (char *p = copy; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return copy;
}

/*
 * Lines, each behind '>' (the client sends it) or '<' (the server does); "!"
 * is the server's end.  What comes of lines of one side in a row is looked at
 * behind the last of them: first what the server got.
 */
static inline void
pipe_script(struct pipe_test *t, const char *script)
{
	char *text = pipe_quotes(script), *next;

	for (char *p = text; *p != '\0'; p = next) {
		enum msg_dir dir = *p == '>' ? DIR_CLIENT : DIR_SERVER;

		next = p + strcspn(p, "\n");
		next += *next == '\n' ? 1 : 0;
		if (*p == '!') {
			pipeline_server_gone(&t->pipe);
			pipe_look_both(t);
			continue;
		}
		pipe_must(*p == '>' || *p == '<', p);
		pipe_feed(
		    t, dir, (struct slice){ p + 1, (size_t)(next - p) - 1 });
		if (*next != *p)
			pipe_pump(t, dir);
	}
	free(text);
}

/* What left, with our session's name as S. */
static inline void
pipe_want(struct pipe_test *t, const char *label, const char *want)
{
	char *text = pipe_quotes(want), *at = t->out;
	size_t len = strlen(t->session);

	while ((at = strstr(at, t->session)) != NULL) {
		*at = 'S';
		memmove(at + 1, at + len, strlen(at + len) + 1);
	}
	ck_assert_msg(strcmp(t->out, text) == 0,
	    "%s%s:\n--- got\n%s--- wanted\n%s", label,
	    t->gather ? " (gathered)" : "", t->out, text);
	free(text);
}

/* Rows as "decision stage rule", one a line; after pipe_end(). */
static inline void
pipe_rows(const char *label, const char *want)
{
	static const char query[] =
	    "SELECT trim(decision || ' ' || stage || ' ' || rule) FROM event "
	    "ORDER BY event";
	char got[PIPE_TEXT] = "";
	sqlite3 *db = NULL;
	sqlite3_stmt *st = NULL;
	size_t n = 0;

	(void)scratch_fold();
	scratch_whole();
	ck_assert_int_eq(sqlite3_open(scratch_db, &db), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_prepare_v2(db, query, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s\n",
		    (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	(void)sqlite3_close(db);
	ck_assert_msg(strcmp(got, want) == 0,
	    "%s: rows:\n--- got\n%s--- wanted\n%s", label, got, want);
}

#endif
