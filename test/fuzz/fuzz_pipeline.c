/*
 * Any lines from both sides through a pipeline, one by one, and then again
 * with those of one side in a row recorded together.
 *
 * The input: a digit for the policy, a byte for how full the disk is, and
 * lines.  A line that begins with '<' is the server's, one that begins with
 * '!' is its end, any other the client's; '#' fills the disk or empties it.
 *
 * What must hold: each message that leaves is one line of JSON for every
 * reader, or, in monitor mode, what came; whoever asks gets at most one of a
 * forwarded and an answered request; both runs say the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/text.h"
#include "proxy/base/limits.h"
#include "proxy/chan.h"
#include "proxy/decide.h"
#include "proxy/pipeline.h"
#include "test/fuzz/pipeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct side {
	struct chan chan; /* its reader never reads */
	size_t seen; /* bytes of what waits there */
	struct buf all; /* every message, without the events' numbers */
	unsigned fresh; /* messages since the last line */
};

struct run {
	struct pipeline pipe;
	struct side up, down;
	bool gather;
	rlim_t slack; /* bytes that a full disk takes */
	bool full, was_full;
};

static void
side_begin(struct side *s, size_t max)
{
	int fd = fcntl(clogged[1], F_DUPFD_CLOEXEC, 3);

	*s = (struct side){ .seen = 0 };
	chan_init(&s->chan, max);
	must(chan_set_out(&s->chan, fd, false, NULL) == 0);
	buf_init(&s->all, SIZE_MAX / 4);
}

static void
side_end(struct side *s)
{
	chan_release(&s->chan);
	buf_release(&s->all);
}

/* Is it one line for every reader? */
static void
check_line(const struct run *r, const struct side *s, struct slice line)
{
	static const char *const ends[] = { "\r", "\xc2\x85", "\xe2\x80\xa8",
		"\xe2\x80\xa9" };
	/* An answer repeats the server's id as it is. */
	struct json_limits limits = { LIMIT_FRAME_BYTES, LIMIT_DEPTH_MAX,
		LIMIT_TOKENS_MAX, s == &r->up };
	struct json doc;

	if (pipeline_watches(&r->pipe))
		return;
	for (size_t i = 0; i < nitems(ends); i++)
		must(memmem(line.at, line.len, ends[i], strlen(ends[i])) ==
		     NULL);
	json_init(&doc);
	must(json_read(&doc, line, &limits, NULL) == 0);
	must(json_kind(&doc, JSON_ROOT) >= JSON_ARRAY);
	json_release(&doc);
}

/* Keeps a message, but for the number of each event of ours. */
static void
keep(struct side *s, struct slice line)
{
	static const char key[] = "\",\"event\":\"";
	const char *at;

	while ((at = memmem(line.at, line.len, key, sizeof(key) - 1)) != NULL) {
		size_t len = (size_t)(at - line.at) + sizeof(key) - 1;

		must(buf_add(&s->all, line.at, len) == 0);
		line.at += len;
		line.len -= len;
		len = strcspn(line.at, "\"\n");
		line.at += len;
		line.len -= len;
	}
	must(buf_add_slice(&s->all, line) == 0);
	must(buf_add_byte(&s->all, '\n') == 0);
}

/* Looks at what a side was sent since it was looked at last. */
static void
look(const struct run *r, struct side *s)
{
	const struct chan *c = &s->chan;

	s->fresh = 0;
	while (s->seen < chan_pending(c)) {
		const char *at = c->out.at + c->out_at + s->seen;
		const char *lf = memchr(at, '\n', chan_pending(c) - s->seen);
		struct slice line;

		must(lf != NULL);
		line = (struct slice){ at, (size_t)(lf - at) };
		check_line(r, s, line);
		keep(s, line);
		s->seen += line.len + 1;
		s->fresh++;
	}
}

/* What may come of one line, where no batch is about. */
static void
check_counts(struct run *r, enum msg_dir dir, struct slice line)
{
	unsigned on = dir == DIR_CLIENT ? r->up.fresh : r->down.fresh;
	unsigned back = dir == DIR_CLIENT ? r->down.fresh : r->up.fresh;
	struct json_limits limits =
	    policy_limits(r->pipe.policy, dir == DIR_SERVER);
	struct json doc;
	struct msg msg;

	must(on + back <= 1);
	json_init(&doc);
	if (json_read(&doc, line, &limits, NULL) == 0 &&
	    json_is(&doc, JSON_ROOT, JSON_OBJECT)) {
		if (msg_parse(&msg, dir, &doc, JSON_ROOT, NULL) == 0) {
			if (msg.kind == MSG_REQUEST)
				must(on + back == 1);
			else
				must(back == 0);
		}
		msg_release(&msg);
	}
	json_release(&doc);
	if (pipeline_watches(&r->pipe) && !r->was_full && line.len > 0 &&
	    strspn(line.at, " \t\r") < line.len)
		must(on == 1 || line.len > r->pipe.policy->frames.max_bytes);
}

static void
fill_disk(struct run *r, bool full)
{
	struct rlimit lim;
	char name[160];
	int fd;

	must(getrlimit(RLIMIT_FSIZE, &lim) == 0);
	lim.rlim_cur = lim.rlim_max;
	if (full) {
		(void)snprintf(name, sizeof(name), "%s.journals/%s.1.journal",
		    path, journal_session(journal));
		fd = open(name, O_RDONLY | O_CLOEXEC);
		must(fd != -1);
		lim.rlim_cur = (rlim_t)lseek(fd, 0, SEEK_END) + r->slack;
		(void)close(fd);
		r->was_full = true;
	}
	must(setrlimit(RLIMIT_FSIZE, &lim) == 0);
	r->full = full;
}

static void
feed(struct frame *fr, struct slice bytes)
{
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

/* Judges all whole lines of a side. */
static void
pump(struct run *r, enum msg_dir dir)
{
	struct side *from = dir == DIR_CLIENT ? &r->up : &r->down;
	struct frame *fr = &from->chan.frame;
	bool batches = r->pipe.batches != NULL;
	struct slice line = { NULL, 0 };
	char *copy = NULL;
	int rc;

	if (r->gather)
		pipeline_gather(&r->pipe);
	while ((rc = frame_next(fr, &line)) != 0) {
		if (rc == -1) {
			pipeline_too_long(
			    &r->pipe, dir, &fr->skim, fr->skipped);
			continue;
		}
		free(copy); /* a large line is moved away */
		copy = line.len > 0 ? strndup(line.at, line.len) : NULL;
		pipeline_line(&r->pipe, dir, line);
	}
	if (r->gather)
		pipeline_settle(&r->pipe);
	look(r, &r->up);
	look(r, &r->down);
	if (!r->gather && copy != NULL && !batches && r->pipe.batches == NULL &&
	    strlen(copy) == line.len && strchr(copy, '[') != copy)
		check_counts(r, dir, (struct slice){ copy, line.len });
	free(copy);
}

static void
run_line(struct run *r, struct slice line, bool more)
{
	enum msg_dir dir = line.at[0] == '<' ? DIR_SERVER : DIR_CLIENT;
	struct side *from = dir == DIR_CLIENT ? &r->up : &r->down;

	if (line.at[0] == '#') {
		fill_disk(r, !r->full);
	} else if (line.at[0] == '!') {
		pipeline_server_gone(&r->pipe);
		look(r, &r->up);
		look(r, &r->down);
	} else {
		feed(&from->chan.frame,
		    (struct slice){ line.at + 1, line.len - 1 });
		feed(&from->chan.frame, (struct slice){ "\n", 1 });
		if (!r->gather || !more)
			pump(r, dir);
	}
}

/* Of which side is the line at the front of text? */
static char
side_of(struct slice text)
{
	if (text.len == 0 || text.at[0] == '\n')
		return '\0';
	return memchr("<!#", text.at[0], 3) != NULL ? text.at[0] : '>';
}

static struct scan *scan; /* owned for good */

static void
run_all(struct run *r, size_t policy, struct slice text, bool gather)
{
	size_t max = loaded[policy]->frames.max_bytes;

	side_begin(&r->up, max);
	side_begin(&r->down, max);
	pipeline_init(
	    &r->pipe, loaded[policy], journal, &r->up.chan, &r->down.chan);
	if (scan == NULL)
		scan = scan_new(NULL);
	r->pipe.scan = scan;
	r->gather = gather;
	while (text.len > 0) {
		const char *lf = memchr(text.at, '\n', text.len);
		struct slice line = { text.at,
			lf != NULL ? (size_t)(lf - text.at) : text.len };
		char side = side_of(text);

		text.at += line.len + (lf != NULL ? 1 : 0);
		text.len -= line.len + (lf != NULL ? 1 : 0);
		if (line.len > 0)
			run_line(r, line, side_of(text) == side);
	}
	if (r->full)
		fill_disk(r, false);
	r->pipe.policy = NULL; /* they are used again */
	r->pipe.journal = NULL;
	r->pipe.scan = NULL; /* kept: its rules are compiled once */
	pipeline_release(&r->pipe);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run one = { .slack = 0 }, many = { .slack = 0 };
	struct slice text = { (const char *)data + 2, size - 2 };
	size_t policy;

	if (size < 2)
		return 0;
	begin_process();
	if (journal_rows(journal) > JOURNAL_ROWS)
		fresh_journal();
	policy = data[0] % 16 % nitems(policies); /* a digit */
	one.slack = many.slack = (rlim_t)data[1] * 16;
	run_all(&one, policy, text, false);
	run_all(&many, policy, text, true);
	if (!one.was_full) {
		must(slice_eq(buf_slice(&one.up.all), buf_slice(&many.up.all)));
		must(slice_eq(
		    buf_slice(&one.down.all), buf_slice(&many.down.all)));
	}
	side_end(&one.up);
	side_end(&one.down);
	side_end(&many.up);
	side_end(&many.down);
	return 0;
}
