/*
 * The guardian.  A parent-death signal reaches only a child, never its
 * children (npx starts sh starts node), and nothing at all when the proxy is
 * killed with SIGKILL.  So a process of ours stays behind: it is the subreaper
 * of all that the server starts, it is in a session of its own so that no
 * signal to the client's process group takes it along, and it ends only when
 * it has no child left.  The proxy is a subreaper too: if the guardian is
 * killed, the server dies by its parent-death signal, and its children become
 * the proxy's, which kills them.
 *
 * The proxy writes one byte for each signal that is to be sent to the server.
 * The guardian writes one int: the server's wait status.  Its closing the
 * socket says that nothing is left.
 */
#include "proxy/guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/fd.h"
#include "proxy/base/quote.h"
#include "proxy/descend.h"
#include "proxy/spawn.h"

/* Byte that asks for the end: no signal has this number. */
#define ASK_END 0
/* Nanoseconds between two looks for the end of the guardian. */
#define ROUND_NS 1000000L
/* Milliseconds that the guardian may take to kill what is left. */
#define END_MS 3000

/* Reaps; tells the proxy when the server itself is among the dead. */
static void
reap(int sock, pid_t *server)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != *server)
			continue;
		*server = -1;
		if (send(sock, &status, sizeof(status), MSG_NOSIGNAL) == -1)
			return; /* the proxy is gone: the loop sees it too */
	}
}

static _Noreturn void
watch(int sock, int sigfd, pid_t server)
{
	pid_t group = server;
	struct signalfd_siginfo info;
	unsigned char ask;
	ssize_t n;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = sock, .events = POLLIN },
			{ .fd = sigfd, .events = POLLIN },
		};

		if (poll(fds, nitems(fds), -1) == -1 && errno != EINTR)
			break;
		while (read(sigfd, &info, sizeof(info)) > 0)
			continue;
		reap(sock, &server);
		n = recv(sock, &ask, 1, MSG_DONTWAIT);
		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n != 1 || ask == ASK_END)
			break;
		/* A group's number is ours while its leader is not reaped. */
		if (server != -1)
			(void)kill(-group, ask);
		else
			(void)descend_signal(NULL, ask);
	}
	descend_kill(NULL);
	_exit(0);
}

/* Closes all descriptors but two. */
static void
close_others(int a, int b)
{
	unsigned low = (unsigned)(a < b ? a : b);
	unsigned high = (unsigned)(a < b ? b : a);

	if (low > 3)
		(void)close_range(3, low - 1, 0);
	if (high > low + 1)
		(void)close_range(low + 1, high - 1, 0);
	(void)close_range(high + 1, UINT_MAX, 0);
}

/* The guardian's process: holds its socket, and nothing of anybody else's. */
static _Noreturn void
guard(const struct spawn *sp, int sock, int report_fd)
{
	sigset_t all;
	int null, sigfd;
	pid_t server;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1UL) == -1 ||
	    (server = fork()) == -1) {
		int e = errno;

		_exit(write(report_fd, &e, sizeof(e)) == -1 ? 1 : 2);
	}
	if (server == 0)
		spawn_exec(sp, report_fd);
	(void)setpgid(server, server); /* whoever comes first */
	(void)setsid();
	sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	sigemptyset(&all);
	sigaddset(&all, SIGCHLD);
	sigfd = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (sigfd == -1 || null == -1)
		_exit(1); /* the server dies by its parent-death signal */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		(void)dup2(null, fd);
	close_others(sock, sigfd);
	if (chdir("/") == -1) /* so as to keep no file system busy */
		_exit(1);
	(void)prctl(PR_SET_NAME, "mcpshield-guard");
	watch(sock, sigfd, server);
}

/* Waits until exec worked (end of file) or its errno is there. */
static int
read_report(int fd, int *ret_errno)
{
	ssize_t n;

	do
		n = read(fd, ret_errno, sizeof(*ret_errno));
	while (n == -1 && errno == EINTR);
	return n == 0 ? 0 : -1;
}

int
guardian_start(struct guardian *g, const struct spawn *sp, int *ret_exit,
    struct error *err)
{
	int socks[2] = { -1, -1 }, report[2] = { -1, -1 };
	int e = 0, rc = -1;
	char name[256];

	*g = (struct guardian){ .pid = -1, .fd = -1 };
	*ret_exit = 125;
	descend_spare(&g->before);
	if (fd_pipe(report, err) == -1)
		goto out;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, socks) ==
		-1 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1UL) == -1) {
		error_sys(err, "cannot prepare the guardian");
		goto out;
	}
	if ((g->pid = fork()) == -1) {
		error_sys(err, "cannot fork");
		goto out;
	}
	if (g->pid == 0)
		guard(sp, socks[1], report[1]);
	fd_close(&report[1]);
	g->fd = socks[0];
	socks[0] = -1;
	if (read_report(report[0], &e) == -1) {
		*ret_exit = e == ENOENT ? 127 : 126;
		errno = e;
		error_sys(err, "cannot run '%s'",
		    quote(name, sizeof(name),
			(struct slice){ sp->argv[0], strlen(sp->argv[0]) }));
		guardian_end(g);
		goto out;
	}
	rc = 0;
out:
	fd_close(&report[0]);
	fd_close(&report[1]);
	fd_close(&socks[0]);
	fd_close(&socks[1]);
	return rc;
}

static void
send_byte(struct guardian *g, unsigned char byte)
{
	if (g->fd != -1)
		(void)send(g->fd, &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void
guardian_signal(struct guardian *g, int signo)
{
	send_byte(g, (unsigned char)signo);
}

void
guardian_read(struct guardian *g)
{
	int status;
	ssize_t n = recv(g->fd, &status, sizeof(status), MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == (ssize_t)sizeof(status)) {
		g->server_done = true;
		g->status = status;
		return;
	}
	/* It was killed; what it held is ours now. */
	fd_close(&g->fd);
	g->lost = true;
	if (!g->server_done)
		g->status = SIGKILL;
	g->server_done = true;
}

void
guardian_abandon(struct guardian *g)
{
	if (g->pid == -1 || g->lost)
		return;
	(void)kill(g->pid, SIGKILL); /* its socket tells us of the rest */
}

/* Waits for the guardian's end, for a time; true if it came. */
static bool
await(struct guardian *g)
{
	const struct timespec pause = { .tv_nsec = ROUND_NS };

	for (int ms = 0; ms < END_MS; ms++) {
		pid_t pid = waitpid(g->pid, NULL, WNOHANG);

		if (pid == g->pid || (pid == -1 && errno == ECHILD))
			return true;
		(void)nanosleep(&pause, NULL);
	}
	return false;
}

void
guardian_end(struct guardian *g)
{
	if (g->pid == -1)
		return;
	send_byte(g, ASK_END);
	fd_close(&g->fd);
	if (!await(g)) { /* somebody has stopped it */
		(void)kill(g->pid, SIGKILL);
		(void)await(g);
		g->lost = true;
	}
	g->pid = -1;
	if (g->lost)
		descend_kill(&g->before);
}

int
guardian_exit(const struct guardian *g)
{
	if (WIFSIGNALED(g->status))
		return 128 + WTERMSIG(g->status);
	return WEXITSTATUS(g->status);
}
