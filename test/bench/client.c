/*
 * Times one piece of work against one MCP server, bare or behind something:
 *
 *	client [OPTION...] WORK -- COMMAND [ARG...]
 *
 * prints one JSON object.  Every answer is compared with what the server
 * (echo.c) sends, byte by byte and in order; one that is missing, wrong, or
 * too many ends the program with status 1 and no number.
 */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/base/xalloc.h"
#include "test/bench/lib/child.h"
#include "test/bench/lib/peer.h"
#include "test/bench/lib/wire.h"

/* Calls before the clock starts: caches fill, tables grow to their size. */
#define WARM_CALLS 200U
/* Milliseconds that the children of the server may outlive it. */
#define REST_MS 5000

struct run {
	size_t calls, size, window; /* options */
	unsigned seconds; /* all must be over by then */
	struct child child;
	struct wire wire;
	struct buf body; /* what a large answer holds behind its id */
	uint64_t id; /* of the last request */
	double begin; /* seconds: when the first timed call was sent */
	json_t *out; /* the numbers */
};

struct work {
	const char *name;
	int (*fn)(struct run *, struct error *);
	enum peer_tool tool;
	bool echo; /* needs our own server */
};

static pid_t group = -1; /* for the alarm: what to end */

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
put(struct run *r, const char *key, double value)
{
	json_object_set_new(r->out, key, json_real(value));
}

static int
memory(struct run *r, const char *key, const char *name, struct error *err)
{
	size_t kb;

	if (child_memory(&r->child, key, &kb, err) == -1)
		return -1;
	put(r, name, (double)kb);
	return 0;
}

/* Is it the answer to initialize, from whatever server? */
static int
greeted(const struct run *r, struct slice line, struct error *err)
{
	json_error_t why;
	json_t *doc = json_loadb(line.at, line.len, 0, &why);
	const char *text = json_string_value(
	    json_object_get(json_object_get(doc, "result"), "protocolVersion"));
	json_t *id = json_object_get(doc, "id");
	int rc = 0; /* a notification: not yet */

	if (doc == NULL)
		rc = error_set(err, "first answer: %s", why.text);
	else if (id != NULL && text != NULL && json_is_integer(id) &&
		 json_integer_value(id) == (json_int_t)r->id &&
		 strcmp(text, PEER_REVISION) == 0)
		rc = 1;
	else if (id != NULL || json_object_get(doc, "method") == NULL)
		rc = wire_wrong(line, "the answer to initialize", err);
	json_decref(doc);
	return rc;
}

/* From before the server starts to the end of the handshake. */
static int
handshake(struct run *r, char *argv[], bool echo, struct error *err)
{
	double begin = now();
	struct slice line;
	int rc = 0;

	if (child_start(&r->child, argv, err) == -1)
		return -1;
	group = r->child.pid;
	wire_open(&r->wire, r->child.in, r->child.out);
	peer_initialize(&r->wire.out, ++r->id);
	if (wire_send(&r->wire, err) == -1)
		return -1;
	while (rc == 0) {
		if (wire_line(&r->wire, &line, err) == -1)
			return -1;
		if (json_object_get(r->out, "start_ms") == NULL)
			put(r, "start_ms", (now() - begin) * 1e3);
		if ((rc = greeted(r, line, err)) == -1)
			return -1;
	}
	buf_add_str(&r->wire.out, PEER_INITIALIZED);
	if (wire_send(&r->wire, err) == -1 || !echo)
		return echo ? -1 : 0;
	peer_list(&r->wire.out, ++r->id);
	if (wire_send(&r->wire, err) == -1)
		return -1;
	return wire_expect(&r->wire, r->id, slice_of(peer_tools), err);
}

/* Sends one small call; what its answer must hold is kept for it. */
static int
ask(struct run *r, struct error *err)
{
	r->id++;
	peer_call(&r->wire.out, PEER_NOP, r->id, 0);
	wire_promise(&r->wire, r->id);
	return wire_send(&r->wire, err);
}

static int
warm(struct run *r, struct error *err)
{
	for (size_t i = 0; i < WARM_CALLS; i++)
		if (ask(r, err) == -1 || wire_kept(&r->wire, err) == -1)
			return -1;
	return 0;
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int
round_trips(struct run *r, struct error *err)
{
	static const struct {
		const char *name;
		double share;
	} points[] = { { "p50_us", 0.5 }, { "p90_us", 0.9 },
		{ "p99_us", 0.99 } };
	double *us = xcalloc(r->calls, sizeof(*us));
	double t;
	struct slice line;
	int rc = -1;

	if (warm(r, err) == -1)
		goto out;
	r->begin = now();
	for (size_t i = 0; i < r->calls; i++) {
		t = now();
		if (ask(r, err) == -1 || wire_line(&r->wire, &line, err) == -1)
			goto out;
		us[i] = (now() - t) * 1e6;
		if (wire_keeps(&r->wire, line, err) == -1)
			goto out;
	}
	put(r, "rate", (double)r->calls / (now() - r->begin));
	qsort(us, r->calls, sizeof(*us), by_size);
	for (size_t i = 0; i < nitems(points); i++)
		put(r, points[i].name,
		    us[(size_t)(points[i].share * (double)(r->calls - 1))]);
	rc = memory(r, "VmRSS", "rss_kb", err);
out:
	free(us);
	return rc;
}

static int
in_flight(struct run *r, struct error *err)
{
	size_t asked = 0, done = 0;

	if (warm(r, err) == -1)
		return -1;
	r->begin = now();
	for (; asked < r->window && asked < r->calls; asked++)
		if (ask(r, err) == -1)
			return -1;
	while (done < r->calls) {
		if (wire_kept(&r->wire, err) == -1)
			return error_wrap(
			    err, "after %zu of %zu answers", done, r->calls);
		done++;
		if (done == r->calls / 10 &&
		    memory(r, "VmRSS", "rss_tenth_kb", err) == -1)
			return -1;
		if (asked < r->calls && ask(r, err) == -1)
			return -1;
		asked += asked < r->calls;
	}
	put(r, "rate", (double)r->calls / (now() - r->begin));
	if (memory(r, "VmRSS", "rss_kb", err) == -1)
		return -1;
	return 0;
}

static int
large(struct run *r, enum peer_tool tool, struct error *err)
{
	double seconds = 0, sent;

	peer_result(&r->body, tool, r->size);
	if (warm(r, err) == -1 || memory(r, "VmRSS", "rss_kb", err) == -1)
		return -1;
	/* Not timed: the first one, for which the server makes its text. */
	for (size_t i = 0; i <= r->calls; i++) {
		peer_call(&r->wire.out, tool, ++r->id, r->size);
		sent = now();
		if (i == 1)
			r->begin = sent;
		if (wire_send(&r->wire, err) == -1 ||
		    wire_expect(&r->wire, r->id, buf_slice(&r->body), err) ==
			-1)
			return -1;
		if (i > 0)
			seconds += now() - sent;
	}
	put(r, "frame_bytes", (double)r->body.len);
	put(r, "mb_s", (double)(r->body.len * r->calls) / 1e6 / seconds);
	return 0;
}

static int
large_text(struct run *r, struct error *err)
{
	return large(r, PEER_TEXT, err);
}

static int
large_rows(struct run *r, struct error *err)
{
	return large(r, PEER_ROWS, err);
}

static int
start_only(struct run *r, struct error *err)
{
	(void)err;
	r->begin = now();
	return 0;
}

static const struct work works[] = {
	{ "round", round_trips, PEER_NOP, true },
	{ "flight", in_flight, PEER_NOP, true },
	{ "text", large_text, PEER_TEXT, true },
	{ "rows", large_rows, PEER_ROWS, true },
	{ "start", start_only, PEER_NOP, false },
};

/* From the end of our input until nothing that was started is left. */
static int
finish(struct run *r, struct error *err)
{
	struct rusage ru;
	double eof;

	if (memory(r, "VmHWM", "hwm_kb", err) == -1)
		return -1;
	eof = now();
	fd_close(&r->child.in);
	if (wire_end(&r->wire, err) == -1 || child_wait(&r->child, err) == -1)
		return -1;
	/* All that were asked for, in order: anything else has failed above. */
	put(r, "warm", WARM_CALLS);
	put(r, "answers", (double)r->wire.kept);
	put(r, "exit_ms", (now() - eof) * 1e3);
	put(r, "total_ms", (now() - r->begin) * 1e3);
	if (child_rest(REST_MS, err) == -1)
		return -1;
	put(r, "rest_ms", (now() - eof) * 1e3);
	if (getrusage(RUSAGE_CHILDREN, &ru) == -1)
		return error_sys(err, "getrusage");
	put(r, "cpu_ms",
	    (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1e3 +
		(double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e3);
	return 0;
}

static void
on_alarm(int sig)
{
	static const char text[] = "client: no answer within the time limit\n";

	(void)sig;
	if (group > 0)
		(void)kill(-group, SIGKILL);
	if (write(STDERR_FILENO, text, sizeof(text) - 1) == -1)
		_exit(1);
	_exit(1);
}

static int
run(struct run *r, const struct work *work, char *argv[], struct error *err)
{
	int rc = -1;

	r->out = json_pack("{s:s, s:i, s:i, s:i}", "work", work->name, "calls",
	    (int)r->calls, "size", (int)r->size, "window", (int)r->window);
	r->child = (struct child){ .pid = -1, .in = -1, .out = -1 };
	buf_init(&r->body, WIRE_MAX);
	wire_init(&r->wire);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGALRM, on_alarm);
	(void)alarm(r->seconds);
	if (child_adopt(err) == 0 && handshake(r, argv, work->echo, err) == 0 &&
	    work->fn(r, err) == 0 && finish(r, err) == 0)
		rc = 0;
	(void)alarm(0);
	child_kill(&r->child);
	if (rc == 0 && (json_dumpf(r->out, stdout,
			    JSON_COMPACT | JSON_REAL_PRECISION(9)) == -1 ||
			   printf("\n") < 0 || fflush(stdout) == EOF))
		rc = error_sys(err, "cannot write the numbers");
	json_decref(r->out);
	buf_release(&r->body);
	wire_release(&r->wire);
	return rc;
}

static int
usage(void)
{
	fprintf(stderr,
	    "usage: client [-n calls] [-s size] [-w window] [-t seconds] "
	    "round|flight|text|rows|start -- COMMAND [ARG...]\n");
	return 2;
}

int
main(int argc, char *argv[])
{
	struct run r = {
		.calls = 1000, .size = 1, .window = 64, .seconds = 60
	};
	const struct work *work = NULL;
	struct error err = { .msg = "" };
	int c;

	while ((c = getopt(argc, argv, "+n:s:w:t:")) != -1) {
		size_t n = optarg != NULL ? strtoul(optarg, NULL, 10) : 0;

		if (c == '?' || n == 0 || n > INT32_MAX ||
		    (c == 'w' && n > WIRE_OWED))
			return usage();
		*(c == 'n'     ? &r.calls
		    : c == 's' ? &r.size
			       : &r.window) = c == 't' ? r.window : n;
		if (c == 't')
			r.seconds = (unsigned)n;
	}
	for (size_t i = 0; optind < argc && i < nitems(works); i++)
		if (strcmp(argv[optind], works[i].name) == 0)
			work = &works[i];
	if (work == NULL || argc < optind + 3 ||
	    strcmp(argv[optind + 1], "--") != 0)
		return usage();
	if (run(&r, work, argv + optind + 2, &err) == 0)
		return 0;
	fprintf(stderr, "client: %s: %s\n", work->name, err.msg);
	return 1;
}
