/*
 * The works and their rounds.  A round takes each leg (the server bare, behind
 * the pump, behind the proxy) after the other, in turned order, so that a
 * machine that drifts moves all of them.  A leg is one run of client.c, which
 * does the timing and checks every answer; one that fails ends it all.
 */
#include "test/bench/lib/rounds.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "proxy/base/array.h"
#include "proxy/base/buf.h"
#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/base/xalloc.h"
#include "test/bench/lib/child.h"

enum leg { LEG_BARE, LEG_PUMP, LEG_PROXY };
static const char *const legs[] = { "bare", "pump", "proxy" };
#define BARE (1U << LEG_BARE)
#define PUMP (1U << LEG_PUMP)
#define PROXY (1U << LEG_PROXY)

/* Calls and rounds make each leg long enough to be told from noise and the
   whole last about a minute and a half. */
static const struct work {
	const char *name, *kind; /* kind: as client.c calls it */
	unsigned legs, rounds, seconds; /* seconds: the limit of one leg */
	const char *calls, *size, *window;
	bool real; /* behind it is a server from npm */
	bool long_run; /* only when asked for */
} works[] = {
	/* clang-format off */
	{ "round", "round", PUMP | PROXY, 11, 30, "10000", "1", "1", false, false },
	{ "flight", "flight", PUMP | PROXY, 7, 60, "100000", "1", "64", false, false },
	{ "text-1", "text", PUMP | PROXY, 7, 30, "60", "1000000", "1", false, false },
	{ "text-16", "text", PUMP | PROXY, 7, 30, "4", "16000000", "1", false, false },
	{ "rows-1", "rows", PUMP | PROXY, 7, 30, "40", "1000000", "1", false, false },
	{ "rows-16", "rows", PUMP | PROXY, 7, 30, "4", "16000000", "1", false, false },
	{ "start", "start", BARE | PUMP | PROXY, 41, 10, "1", "1", "1", false, false },
	{ "start-fs", "start", BARE | PROXY, 15, 20, "1", "1", "1", true, false },
	{ "million", "flight", PUMP | PROXY, 1, 600, "1000000", "1", "64", false, true },
	/* clang-format on */
};

/* Rounds that are run even where the time is up, or the spread says nothing. */
#define ROUNDS_LEAST 5U
/* Seconds: what a client may be over its limit, which it keeps itself. */
#define ALARM_MORE 30U
/* Words of a client's command line. */
#define ARGV_MAX 32
/* Bytes of what one client prints. */
#define OUTPUT_MAX (64UL << 10)

static volatile sig_atomic_t stop;

static void
on_stop(int sig)
{
	stop = sig;
}

double
rounds_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int
unlink_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	(void)remove(path);
	return 0;
}

void
rounds_remove(const char *dir)
{
	(void)nftw(dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
}

void
rounds_signals(void)
{
	static const int stops[] = { SIGINT, SIGTERM, SIGHUP, SIGALRM };
	/* Without SA_RESTART: read(2) ends. */
	struct sigaction sa = { .sa_handler = on_stop };

	for (size_t i = 0; i < nitems(stops); i++)
		(void)sigaction(stops[i], &sa, NULL);
}

/* What the clients and servers say, shown only when one fails. */
static void
show_log(const char *path)
{
	char text[4096];
	FILE *fp = fopen(path, "re");
	size_t n;

	if (fp == NULL)
		return;
	if (fseek(fp, -(long)sizeof(text), SEEK_END) == -1)
		rewind(fp);
	n = fread(text, 1, sizeof(text), fp);
	(void)fwrite(text, 1, n, stderr);
	fclose(fp);
}

/* Reads to the end.  0, or -1 with *err set. */
static int
slurp(int fd, struct buf *dst, struct error *err)
{
	ssize_t n;

	for (;;) {
		if (stop != 0)
			return error_set(err, "signal %d", (int)stop);
		if (buf_reserve(dst, 4096) == -1)
			return error_set(err, "prints too much");
		n = read(fd, dst->at + dst->len, 4096);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_sys(err, "cannot read its numbers");
		if (n == 0)
			return 0;
		dst->len += (size_t)n;
	}
}

/*
 * Runs a program to its end, with its stdout in dst (cleared first) and its
 * stderr in the log.  Returns 0 if it ended with status 0, else -1.
 */
static int
run(char *argv[], unsigned seconds, const char *log, struct buf *dst,
    struct error *err)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3), rc = -1;
	struct child c = { .pid = -1, .in = -1, .out = -1 };

	buf_clear(dst, OUTPUT_MAX);
	if (fd == -1 || saved == -1 || dup2(fd, STDERR_FILENO) == -1) {
		error_sys(err, "cannot write '%s'", log);
		goto out;
	}
	(void)alarm(seconds + ALARM_MORE);
	rc = child_start(&c, argv, err);
	(void)dup2(saved, STDERR_FILENO);
	if (rc == 0 &&
	    (slurp(c.out, dst, err) == -1 || child_wait(&c, err) == -1))
		rc = -1;
	(void)alarm(0);
out:
	child_kill(&c);
	if (rc == -1)
		show_log(log);
	fd_close(&fd);
	fd_close(&saved);
	return rc;
}

struct words { /* a command line */
	char *v[ARGV_MAX]; /* owned; NULL behind the last */
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void
word(struct words *w, const char *fmt, ...)
{
	va_list ap;

	assert(w->n + 1 < nitems(w->v));
	va_start(ap, fmt);
	if (vasprintf(&w->v[w->n], fmt, ap) == -1)
		abort();
	va_end(ap);
	w->n++;
}

/* The client's command line for one leg. */
static void
command(const struct bench *b, const struct work *w, enum leg leg,
    struct words *words)
{
	const char *const client[] = { "-n", w->calls, "-s", w->size, "-w",
		w->window, w->kind, "--" };

	word(words, "%s/bench/client", b->build);
	word(words, "-t%u", w->seconds);
	for (size_t i = 0; i < nitems(client); i++)
		word(words, "%s", client[i]);
	if (leg == LEG_PUMP)
		word(words, "%s/bench/pump", b->build);
	if (leg == LEG_PROXY) {
		word(words, "%s", b->proxy);
		word(words, "-p%s", b->policy);
		word(words, "-a%s/%s/audit.db", b->dir, w->name);
	}
	if (leg != LEG_BARE)
		word(words, "--");
	if (w->real) {
		word(words, "node");
		word(words, "%s", b->real);
		word(words, "%s", b->dir);
	} else {
		word(words, "%s/bench/echo", b->build);
	}
}

static int
words_run(struct words *words, const struct bench *b, const struct work *w,
    struct buf *dst, struct error *err)
{
	char *log = xasprintf("%s/log", b->dir);
	int rc = run(words->v, w->seconds, log, dst, err);

	for (size_t i = 0; i < words->n; i++)
		free(words->v[i]);
	free(log);
	return rc;
}

/* One leg of one round; its numbers, or NULL with *err set. */
static json_t *
leg_run(const struct bench *b, const struct work *w, enum leg leg,
    struct error *err)
{
	struct words words = { .n = 0 };
	struct buf out;
	json_error_t why;
	json_t *got = NULL;

	buf_init(&out, OUTPUT_MAX);
	command(b, w, leg, &words);
	if (words_run(&words, b, w, &out, err) == 0 &&
	    (got = json_loadb(out.at, out.len, 0, &why)) == NULL)
		error_set(err, "numbers: %s", why.text);
	if (got == NULL)
		error_wrap(err, "%s, %s", w->name, legs[leg]);
	buf_release(&out);
	return got;
}

/* The log that the proxies left must be whole, or their numbers are void. */
static int
verify(const struct bench *b, const struct work *w, struct error *err)
{
	struct words words = { .n = 0 };
	struct buf out;
	int rc;

	buf_init(&out, OUTPUT_MAX);
	word(&words, "%s", b->proxy);
	word(&words, "audit");
	word(&words, "verify");
	word(&words, "-a%s/%s/audit.db", b->dir, w->name);
	rc = words_run(&words, b, w, &out, err);
	buf_release(&out);
	return rc == 0 ? 0 : error_wrap(err, "%s, audit verify", w->name);
}

/* Each leg once.  The numbers are kept if mine is not NULL.  0 or -1. */
static int
round_run(const struct bench *b, const struct work *w, unsigned r, json_t *mine,
    struct error *err)
{
	json_t *got;

	for (size_t i = 0; i < nitems(legs); i++) {
		/* There and back: neither leg is always the later. */
		size_t leg = r % 2 == 0 ? i : nitems(legs) - 1 - i;

		if ((w->legs & 1U << leg) == 0)
			continue;
		if ((got = leg_run(b, w, (enum leg)leg, err)) == NULL)
			return -1;
		if (mine == NULL)
			json_decref(got);
		else
			json_array_append_new(
			    json_object_get(mine, legs[leg]), got);
	}
	return 0;
}

/* All rounds of a work.  0, or -1 with *err set. */
static int
work_run(const struct bench *b, const struct work *w, struct error *err)
{
	unsigned rounds = b->rounds > 0 && !w->long_run ? b->rounds : w->rounds;
	char *dir = xasprintf("%s/%s", b->dir, w->name);
	json_t *mine = json_object();
	int rc = 0;

	json_object_set_new(b->runs, w->name, mine);
	for (size_t leg = 0; leg < nitems(legs); leg++)
		if ((w->legs & 1U << leg) != 0)
			json_object_set_new(mine, legs[leg], json_array());
	if (mkdir(dir, 0700) == -1)
		rc = error_sys(err, "cannot make '%s'", dir);
	/* The first start of all reads the programs from the disk. */
	if (rc == 0 && strcmp(w->kind, "start") == 0)
		rc = round_run(b, w, 0, NULL, err);
	for (unsigned r = 0; r < rounds && rc == 0; r++) {
		if (r >= ROUNDS_LEAST && rounds_clock() - b->begin > b->seconds)
			break;
		rc = round_run(b, w, r, mine, err);
	}
	if (rc == 0)
		rc = verify(b, w, err);
	rounds_remove(dir);
	free(dir);
	return rc;
}

int
rounds_run(struct bench *b, struct error *err)
{
	double begin;
	bool any = false;

	for (size_t i = 0; i < nitems(works); i++) {
		const struct work *w = &works[i];

		if ((w->long_run && !b->long_run) ||
		    (w->real && b->real == NULL) ||
		    (b->only != NULL && strcmp(b->only, w->name) != 0))
			continue;
		begin = rounds_clock();
		fprintf(stderr, "bench: %s ...", w->name);
		if (work_run(b, w, err) == -1) {
			fprintf(stderr, " failed\n");
			return -1;
		}
		fprintf(stderr, " %.1f s\n", rounds_clock() - begin);
		any = true;
	}
	return any ? 0 : error_set(err, "nothing to measure");
}
