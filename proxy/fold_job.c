/*
 * The child that folds.  It holds nothing of the session but the path of the
 * database: a descriptor that it kept open would hide from the server, or from
 * the client, that the other side has closed.
 */
#include "proxy/fold_job.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proxy/base/error.h"
#include "proxy/diag.h"

/* Records that may wait while frames go on. */
#define ROWS_BUSY 50000U
/* Milliseconds without a frame after which records are folded, and the least
   time between two jobs that idleness starts. */
#define IDLE_MS 250
#define PAUSE_MS 1000
/* Milliseconds to wait for a database that another process has locked. */
#define BUSY_JOB_MS 10000
#define BUSY_LAST_MS 50
/* Milliseconds at the end of a session: hosts do not wait.  The rest stays in
   the journal until the next session, or a reader, folds it. */
#define LAST_MS 60

void
fold_job_init(struct fold_job *j, const struct audit_options *audit)
{
	*j = (struct fold_job){ .audit = audit, .pid = -1 };
}

int
fold_job_due(
    const struct fold_job *j, uint64_t rows, int64_t now_ms, int64_t idle_ms)
{
	int64_t idle = IDLE_MS - idle_ms;
	int64_t pause = j->since_ms + PAUSE_MS - now_ms;

	if (j->pid != -1 || rows == j->rows)
		return -1;
	if (rows - j->rows >= ROWS_BUSY)
		return 0;
	if (idle < pause)
		idle = pause;
	return idle > 0 ? (int)idle : 0;
}

static _Noreturn void
fold_child(const struct audit_options *audit, pid_t parent)
{
	/* Frames come first where there is one processor for both. */
	const struct sched_param lowest = { .sched_priority = 0 };
	struct error err = { "" };
	sigset_t none;
	int null;

	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)sched_setscheduler(0, SCHED_IDLE, &lowest);
	if (prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL) == -1 ||
	    getppid() != parent)
		_exit(0);
	(void)close_range(3, UINT_MAX, 0);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null == -1 || dup2(null, STDIN_FILENO) == -1 ||
	    dup2(null, STDOUT_FILENO) == -1)
		_exit(0);
	if (audit_fold(audit, BUSY_JOB_MS, NULL, &err) == -1)
		diag("%s; the records stay in the journal", err.msg);
	_exit(0);
}

void
fold_job_start(struct fold_job *j, uint64_t rows, int64_t now_ms)
{
	pid_t parent = getpid();

	j->since_ms = now_ms;
	j->pid = fork();
	if (j->pid == 0)
		fold_child(j->audit, parent);
	if (j->pid != -1)
		j->rows = rows;
}

void
fold_job_reap(struct fold_job *j)
{
	if (j->pid != -1 && waitpid(j->pid, NULL, WNOHANG) != 0)
		j->pid = -1;
}

void
fold_job_stop(struct fold_job *j)
{
	if (j->pid == -1)
		return;
	(void)kill(j->pid, SIGKILL);
	while (waitpid(j->pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	j->pid = -1;
}

void
fold_job_last(struct fold_job *j)
{
	struct audit_options audit = *j->audit;
	struct error err = { "" };

	audit.fold_ms = LAST_MS;
	if (audit_fold(&audit, BUSY_LAST_MS, NULL, &err) == -1)
		diag("%s; the records stay in the journal until the next run",
		    err.msg);
}
