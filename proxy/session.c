/*
 * One server from start to reaped: the states and the poll loop.  Everything
 * that happens is an event of the loop; nothing waits elsewhere.
 */
#include "proxy/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "audit/journal.h"
#include "policy/policy.h"
#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/chan.h"
#include "proxy/decide.h"
#include "proxy/desk.h"
#include "proxy/diag.h"
#include "proxy/fold_job.h"
#include "proxy/guardian.h"
#include "proxy/ladder.h"
#include "proxy/pipeline.h"
#include "proxy/pump.h"
#include "proxy/signals.h"
#include "proxy/spawn.h"

/* Milliseconds that the output of a server that has ended is waited for, and
   the bytes that its pipe can have held. */
#define DRAIN_MS 200
#define DRAIN_BYTES (2U << 20)
/* Milliseconds after a signal when a client that does not read is left. */
#define LEAVE_MS 450

enum state {
	STATE_STARTING,
	STATE_RUNNING,
	STATE_DRAINING, /* one side is closed; buffers empty out */
	STATE_REAPING, /* the server has ended and said all */
	STATE_DONE,
};

struct session {
	const struct session_spec *spec;
	enum state state;
	struct chan up, down; /* client to server, server to client */
	struct pipeline pipe;
	struct guardian guard;
	struct signals signals;
	struct fold_job fold;
	struct ladder ladder; /* towards the server's end */
	int64_t signal_ms; /* when we were told to end; 0: never */
	int64_t gone_ms; /* when the server's process ended; 0: not yet */
	int64_t drain_ms; /* since then: when its pipe last held something */
	size_t drained; /* and the bytes that were read from it */
	int64_t frame_ms; /* when the last bytes came */
	int64_t now_ms;
	bool answered; /* what was open has been answered */
};

static int64_t
now_ms(void)
{
	return clock_us(CLOCK_MONOTONIC) / 1000;
}

/* Does what the ladder says is due. */
static void
climb(struct session *s)
{
	int step;

	while (!s->guard.server_done &&
	       (step = ladder_next(&s->ladder, s->now_ms)) != STEP_NONE) {
		if (step == STEP_CLOSE)
			chan_close_out(&s->up);
		else if (step == STEP_ABANDON)
			guardian_abandon(&s->guard);
		else
			guardian_signal(&s->guard, step);
	}
}

static void
reload(struct session *s)
{
	struct error err = { "" };
	struct policy *fresh;

	if (policy_load(s->spec->policy_name, &fresh, &err) == -1 ||
	    policy_selftest(fresh, s->pipe.scan, &err) == -1) {
		diag("%s; keeping the policy as it was", err.msg);
		pipeline_note(&s->pipe, "reload", "failed: the policy is kept");
		return;
	}
	policy_free(s->pipe.policy);
	s->pipe.policy = fresh;
	lister_forget(&s->pipe);
	desk_free(s->pipe.desk);
	s->pipe.desk = desk_new(fresh, s->spec->audit.path, s->spec->server,
	    journal_session(s->pipe.journal));
	s->up.frame.max = fresh->frames.max_bytes;
	s->down.frame.max = fresh->frames.max_bytes;
	pipeline_note(&s->pipe, "reload", "the policy was read again");
	diag_info("policy '%s' was read again", fresh->name);
}

static void
serve_signals(struct session *s)
{
	bool by_kernel;
	int signo;

	while ((signo = signals_next(&s->signals, &by_kernel)) != 0) {
		if (signo == SIGCHLD) {
			fold_job_reap(&s->fold);
			continue;
		}
		if (signo == SIGHUP && !by_kernel) {
			reload(s);
			continue;
		}
		/* SIGHUP of a terminal that was closed ends us too. */
		guardian_signal(&s->guard, signo);
		s->up.in_eof = true; /* nothing new is begun */
		if (s->signal_ms == 0)
			s->signal_ms = s->now_ms;
		ladder_begin(&s->ladder, LADDER_SIGNAL, s->now_ms);
	}
}

/* The client has closed its end, or reads no more: the server is told. */
static void
serve_client_end(struct session *s)
{
	if (s->down.out_broken && !s->answered)
		s->up.in_eof = true; /* nobody is there to ask */
	if (!s->up.in_eof && !s->up.in_hung)
		return;
	ladder_begin(&s->ladder, LADDER_EOF, s->now_ms);
	if (!s->up.in_eof)
		return; /* a server that reads gets what is there to be read */
	if (!pump_is_done(&s->pipe, DIR_CLIENT))
		return;
	pump_rest(&s->pipe, DIR_CLIENT);
	/* What it sent before comes first; after a signal the steps close. */
	if (s->signal_ms == 0 &&
	    (chan_pending(&s->up) == 0 || s->up.out_broken))
		chan_close_out(&s->up);
}

/*
 * Is all read that a server has left in its pipe?  Somebody who inherited the
 * other end may keep it open, or go on writing.
 */
static bool
drained(const struct session *s)
{
	return s->gone_ms != 0 && (s->now_ms - s->drain_ms >= DRAIN_MS ||
				      s->drained > DRAIN_BYTES);
}

/* The server has closed its output, or its process has ended. */
static void
serve_server_end(struct session *s)
{
	bool ended = s->down.in_eof || drained(s);

	if (s->up.out_broken && s->up.out_fd != -1)
		ladder_begin(&s->ladder, LADDER_EOF, s->now_ms);
	if (!ended || !pump_is_done(&s->pipe, DIR_SERVER) || s->answered)
		return;
	s->down.in_eof = true;
	pump_rest(&s->pipe, DIR_SERVER);
	lister_give_up(&s->pipe);
	pump_held(&s->pipe, s->now_ms);
	pipeline_server_gone(&s->pipe);
	s->answered = true;
	s->state = STATE_DRAINING;
	chan_close_out(&s->up);
	ladder_begin(&s->ladder, LADDER_EOF, s->now_ms);
}

/* Moves on through the states; the one place that changes them. */
static void
advance(struct session *s)
{
	/* A client that neither reads nor leaves has had its time. */
	bool left = s->signal_ms != 0 && s->guard.server_done &&
		    s->now_ms - s->signal_ms >= LEAVE_MS;
	bool said_all;

	if (s->guard.server_done && s->gone_ms == 0)
		s->gone_ms = s->drain_ms = s->now_ms > 0 ? s->now_ms : 1;
	if (!pump_is_done(&s->pipe, DIR_SERVER))
		s->drain_ms = s->now_ms; /* its reader is slow */
	serve_client_end(s);
	serve_server_end(s);
	if (s->state == STATE_RUNNING && s->ladder.kind != LADDER_NONE)
		s->state = STATE_DRAINING;
	said_all =
	    s->answered && (chan_pending(&s->down) == 0 || s->down.out_broken);
	if (said_all && s->down.out_fd != -1)
		chan_close_out(&s->down); /* the client sees the end */
	if (left || (said_all && s->guard.server_done))
		s->state = STATE_REAPING;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	if (b < 0)
		b = 0;
	return a == -1 || b < a ? b : a;
}

/* Milliseconds until something has to be done without an event; -1: never. */
static int
timeout(const struct session *s)
{
	int64_t t = fold_job_due(
	    &s->fold, s->pipe.rows, s->now_ms, s->now_ms - s->frame_ms);

	if (s->pipe.lister.waiting)
		t = sooner(t, lister_due(&s->pipe, s->now_ms));
	if (!s->guard.server_done && ladder_due(&s->ladder, s->now_ms) != -1)
		t = sooner(t, ladder_due(&s->ladder, s->now_ms));
	if (s->gone_ms != 0 && !s->answered)
		t = sooner(t, s->drain_ms + DRAIN_MS - s->now_ms);
	if (s->signal_ms != 0 && s->guard.server_done)
		t = sooner(t, s->signal_ms + LEAVE_MS - s->now_ms);
	return (int)t;
}

static void
serve_out(struct chan *c, const struct pollfd *out)
{
	if (out->revents & POLLOUT)
		chan_flush(c);
	else if (out->revents & (POLLERR | POLLHUP | POLLNVAL))
		c->out_broken = true;
}

/* Bytes have come. */
static void
came(struct session *s, const struct chan *c, size_t before)
{
	s->frame_ms = s->now_ms;
	if (c == &s->down && s->gone_ms != 0) {
		s->drain_ms = s->now_ms;
		s->drained += c->frame.in.len - before;
	}
}

static void
serve_in(struct session *s, struct chan *c, const struct pollfd *in)
{
	size_t before = c->frame.in.len;

	if (in->revents != 0 && (in->events & POLLIN) == 0)
		c->in_hung = true;
	else if (in->revents != 0 && chan_read(c) == 1)
		came(s, c, before);
}

static int
turn(struct session *s, struct error *err)
{
	enum { SIG, GUARD, UP_IN, UP_OUT, DOWN_IN, DOWN_OUT, COUNT };
	struct pollfd fds[COUNT];
	size_t waiting;

	s->now_ms = now_ms();
	fds[SIG] = (struct pollfd){ .fd = s->signals.fd, .events = POLLIN };
	fds[GUARD] = (struct pollfd){ .fd = s->guard.fd, .events = POLLIN };
	chan_interest(&s->up, s->down.own >= PUMP_OWN || s->pipe.lister.waiting,
	    &fds[UP_IN], &fds[UP_OUT]);
	chan_interest(
	    &s->down, s->up.own >= PUMP_OWN, &fds[DOWN_IN], &fds[DOWN_OUT]);
	if (poll(fds, COUNT, timeout(s)) == -1 && errno != EINTR)
		return error_sys(err, "poll");
	s->now_ms = now_ms();
	if (fds[SIG].revents != 0)
		serve_signals(s);
	if (fds[GUARD].revents != 0)
		guardian_read(&s->guard);
	waiting = chan_pending(&s->up);
	serve_out(&s->up, &fds[UP_OUT]);
	if (chan_pending(&s->up) < waiting)
		ladder_wait(&s->ladder, s->now_ms);
	serve_out(&s->down, &fds[DOWN_OUT]);
	serve_in(s, &s->up, &fds[UP_IN]);
	pump_frames(&s->pipe, DIR_CLIENT);
	serve_in(s, &s->down, &fds[DOWN_IN]);
	pump_frames(&s->pipe, DIR_SERVER);
	pump_held(&s->pipe, s->now_ms);
	advance(s);
	climb(s);
	if (fold_job_due(&s->fold, s->pipe.rows, s->now_ms,
		s->now_ms - s->frame_ms) == 0)
		fold_job_start(&s->fold, s->pipe.rows, s->now_ms);
	return 0;
}

static int
start(struct session *s, int *ret_exit, struct error *err)
{
	int to_server[2] = { -1, -1 }, from_server[2] = { -1, -1 }, rc = -1;
	char text[256];
	struct spawn sp = { .argv = s->spec->argv, .signals = &s->signals };

	*ret_exit = 125;
	/* The server has our user: it must not reach into us by ptrace(2) or
	   /proc/PID/fd.  The guardian inherits it; exec undoes it. */
	if (prctl(PR_SET_DUMPABLE, 0UL) == -1) {
		error_sys(err, "cannot protect our memory");
		goto out;
	}
	if (signals_init(&s->signals, err) == -1 ||
	    fd_pipe(to_server, err) == -1 || fd_pipe(from_server, err) == -1)
		goto out;
	(void)snprintf(text, sizeof(text), "policy %s, %s",
	    s->pipe.policy->path,
	    pipeline_watches(&s->pipe) ? "watching" : "enforced");
	pipeline_note(&s->pipe, "start", text);
	if (s->pipe.audit_failing &&
	    s->pipe.policy->audit.on_failure == FAILURE_DENY) {
		error_set(err, "the start cannot be recorded");
		goto out;
	}
	sp.in = to_server[0];
	sp.out = from_server[1];
	if (guardian_start(&s->guard, &sp, ret_exit, err) == -1)
		goto out;
	if (chan_set_in(&s->up, s->spec->in, true, err) == -1 ||
	    chan_set_out(&s->down, s->spec->out, true, err) == -1 ||
	    chan_set_out(&s->up, to_server[1], false, err) == -1)
		goto out;
	to_server[1] = -1;
	if (chan_set_in(&s->down, from_server[0], false, err) == -1)
		goto out;
	from_server[0] = -1;
	rc = 0;
out:
	fd_close(&to_server[0]);
	fd_close(&to_server[1]);
	fd_close(&from_server[0]);
	fd_close(&from_server[1]);
	return rc;
}

/* Nothing of the server is left, and all that was decided is on record. */
static void
finish(struct session *s, int status)
{
	char text[64];

	guardian_end(&s->guard);
	(void)snprintf(text, sizeof(text), "exit status %d", status);
	pipeline_note(&s->pipe, "end", text);
}

int
session_run(const struct session_spec *spec, struct error *err)
{
	struct session s = { .spec = spec,
		.state = STATE_STARTING,
		.guard = { .pid = -1, .fd = -1 },
		.signals = { .fd = -1 } };
	int status = 125;

	chan_init(&s.up, spec->policy->frames.max_bytes);
	chan_init(&s.down, spec->policy->frames.max_bytes);
	pipeline_init(&s.pipe, spec->policy, spec->journal, &s.up, &s.down);
	s.pipe.monitor = spec->monitor;
	s.pipe.scan = spec->scan;
	s.pipe.desk = desk_new(spec->policy, spec->audit.path, spec->server,
	    journal_session(spec->journal));
	fold_job_init(&s.fold, &spec->audit);
	s.now_ms = s.frame_ms = now_ms();
	if (start(&s, &status, err) == 0) {
		status = 125;
		s.state = STATE_RUNNING;
		while (s.state != STATE_REAPING && turn(&s, err) == 0)
			continue;
		if (s.state == STATE_REAPING)
			status = guardian_exit(&s.guard);
	}
	fold_job_stop(&s.fold);
	finish(&s, status);
	s.state = STATE_DONE;
	chan_release(&s.up);
	chan_release(&s.down);
	signals_release(&s.signals);
	pipeline_release(&s.pipe);
	fold_job_last(&s.fold);
	return status;
}
