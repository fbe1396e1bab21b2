/*
 * Signals are events of the poll loop: no handler runs between a test and a
 * wait.
 */
#include "proxy/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/fd.h"

static const int watched[] = { SIGCHLD, SIGHUP, SIGINT, SIGTERM };

int
signals_init(struct signals *s, struct error *err)
{
	const struct sigaction plain = { .sa_handler = SIG_DFL };
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	sigset_t set;

	s->fd = -1;
	sigemptyset(&set);
	for (size_t i = 0; i < nitems(watched); i++)
		sigaddset(&set, watched[i]);
	/* SIG_IGN, inherited from whoever ran us, would blind waitpid(2). */
	if (sigaction(SIGCHLD, &plain, &s->old_chld) == -1 ||
	    sigaction(SIGPIPE, &ignored, &s->old_pipe) == -1 ||
	    sigaction(SIGXFSZ, &ignored, &s->old_xfsz) == -1 ||
	    sigprocmask(SIG_BLOCK, &set, &s->old) == -1)
		return error_sys(err, "cannot block signals");
	s->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->fd == -1)
		return error_sys(err, "signalfd");
	return 0;
}

void
signals_release(struct signals *s)
{
	fd_close(&s->fd);
}

int
signals_next(struct signals *s, bool *ret_by_kernel)
{
	struct signalfd_siginfo info;

	if (read(s->fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	*ret_by_kernel = info.ssi_code == SI_KERNEL;
	return (int)info.ssi_signo;
}
