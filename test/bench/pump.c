/*
 * The floor of what any proxy costs: pump [--] COMMAND [ARG...] runs a server
 * and moves bytes in both directions with poll(2), read(2) and write(2).
 *
 * Nothing here blocks but poll: a direction whose reader is slow keeps its
 * bytes and asks for POLLOUT, so that the other one goes on, and the two can't
 * wait for each other.  Standard output is opened anew, because O_NONBLOCK on
 * descriptor 1 would reach everybody who shares it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proxy/base/error.h"
#include "proxy/base/fd.h"

/* Bytes of one read(2): what a pipe holds. */
#define PUMP_SIZE (64U << 10)
#define EXIT_OURS 125

struct flow { /* one direction */
	int in, out; /* -1 once closed */
	size_t at, len; /* bytes that wait to be written */
	char bytes[PUMP_SIZE];
};

static _Noreturn void
child(char *argv[], int in, int out)
{
	if (dup2(in, STDIN_FILENO) != -1 && dup2(out, STDOUT_FILENO) != -1 &&
	    signal(SIGPIPE, SIG_DFL) != SIG_ERR)
		execvp(argv[0], argv);
	fprintf(
	    stderr, "pump: cannot run '%s': %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Starts the server; its ends of the pipes are closed here. */
static pid_t
start(char *argv[], int *ret_in, int *ret_out, struct error *err)
{
	int to[2] = { -1, -1 }, from[2] = { -1, -1 };
	pid_t pid = -1;

	if (fd_pipe(to, err) == -1 || fd_pipe(from, err) == -1)
		goto out;
	if (fd_nonblock(to[1], err) == -1)
		goto out;
	if ((pid = fork()) == -1) {
		error_sys(err, "fork");
		goto out;
	}
	if (pid == 0)
		child(argv, to[0], from[1]);
	*ret_in = to[1];
	*ret_out = from[0];
	to[1] = from[0] = -1; /* now the caller's */
out:
	for (int i = 0; i < 2; i++) {
		fd_close(&to[i]);
		fd_close(&from[i]);
	}
	return pid;
}

/* Writes what waits.  A reader that left ends the direction. */
static void
flow_write(struct flow *f)
{
	ssize_t n;

	while (f->at < f->len) {
		n = write(f->out, f->bytes + f->at, f->len - f->at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1) {
			fd_close(&f->in);
			fd_close(&f->out);
			f->len = 0;
			break;
		}
		f->at += (size_t)n;
	}
	f->at = f->len = 0;
	if (f->in == -1)
		fd_close(&f->out);
}

static void
flow_read(struct flow *f)
{
	ssize_t n = read(f->in, f->bytes, sizeof(f->bytes));

	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		fd_close(&f->in);
	else
		f->len = (size_t)n;
	flow_write(f);
}

/* What a direction waits for: room if it holds bytes, else bytes. */
static struct pollfd
flow_interest(const struct flow *f)
{
	if (f->len > 0)
		return (struct pollfd){ .fd = f->out, .events = POLLOUT };
	return (struct pollfd){ .fd = f->in, .events = POLLIN };
}

static int
pump(struct flow *up, struct flow *down, struct error *err)
{
	struct flow *flows[] = { up, down };
	struct pollfd fds[2];

	while (down->out != -1) {
		for (int i = 0; i < 2; i++)
			fds[i] = flow_interest(flows[i]);
		if (poll(fds, 2, -1) == -1 && errno != EINTR)
			return error_sys(err, "poll");
		for (int i = 0; i < 2; i++) {
			if (fds[i].revents == 0)
				continue;
			if (flows[i]->len > 0)
				flow_write(flows[i]);
			else
				flow_read(flows[i]);
		}
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	static struct flow up = { .out = -1 }, down = { .in = -1 };
	struct error err = { .msg = "" };
	int status = 0, skip = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
	pid_t pid;

	if (skip >= argc) {
		fprintf(stderr, "usage: pump [--] COMMAND [ARG...]\n");
		return 2;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	up.in = STDIN_FILENO;
	down.out = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (down.out == -1) {
		fprintf(stderr, "pump: cannot open standard output anew: %s\n",
		    strerror(errno));
		return EXIT_OURS;
	}
	pid = start(argv + skip, &up.out, &down.in, &err);
	if (pid != -1 && dup2(STDERR_FILENO, STDOUT_FILENO) != -1 &&
	    pump(&up, &down, &err) == 0) {
		fd_close(&up.out); /* a server that waits for it ends */
		if (waitpid(pid, &status, 0) == pid)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
						   : WEXITSTATUS(status);
		error_sys(&err, "waitpid");
	}
	fprintf(stderr, "pump: %s\n", err.msg);
	return EXIT_OURS;
}
