/*
 * Between fork and exec: the server gets its descriptors, a process group of
 * its own, the signal mask and dispositions that we were started with, and
 * nothing else of ours.
 */
#include "proxy/spawn.h"

#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "proxy/signals.h"

/* No stdio, no exit(3), no return. */
_Noreturn void
spawn_exec(const struct spawn *sp, int report_fd)
{
	int e;

	if (setpgid(0, 0) != -1 &&
	    dup2(sp->in, STDIN_FILENO) != -1 && /* the copy is not CLOEXEC */
	    dup2(sp->out, STDOUT_FILENO) != -1 &&
	    prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL) != -1 &&
	    sigaction(SIGCHLD, &sp->signals->old_chld, NULL) != -1 &&
	    sigaction(SIGPIPE, &sp->signals->old_pipe, NULL) != -1 &&
	    sigaction(SIGXFSZ, &sp->signals->old_xfsz, NULL) != -1 &&
	    close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC) != -1 &&
	    sigprocmask(SIG_SETMASK, &sp->signals->old, NULL) != -1)
		execvp(sp->argv[0], sp->argv);
	e = errno;
	_exit(write(report_fd, &e, sizeof(e)) == -1 ? 126 : 127);
}
