/*
 * Processes of the benchmark.  Whoever calls child_adopt() is the parent of
 * every orphan below it, so after child_rest() or child_kill() nothing that
 * was started is still there.
 */
#include "test/bench/lib/child.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "proxy/base/error.h"
#include "proxy/base/fd.h"

/* Milliseconds between two looks at processes that are about to end. */
#define LOOK_MS 2
/* Rounds of killing: each reaches the children of those killed before. */
#define KILL_ROUNDS 100

int
child_adopt(struct error *err)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1UL) == -1)
		return error_sys(err, "cannot become a subreaper");
	return 0;
}

static _Noreturn void
run(char *argv[], int in, int out)
{
	if (setpgid(0, 0) != -1 && dup2(in, STDIN_FILENO) != -1 &&
	    dup2(out, STDOUT_FILENO) != -1 &&
	    signal(SIGPIPE, SIG_DFL) != SIG_ERR)
		execvp(argv[0], argv);
	fprintf(stderr, "cannot run '%s': %s\n", argv[0], strerror(errno));
	_exit(127);
}

int
child_start(struct child *c, char *argv[], struct error *err)
{
	int to[2] = { -1, -1 }, from[2] = { -1, -1 }, rc = -1;

	*c = (struct child){ .pid = -1, .in = -1, .out = -1 };
	if (fd_pipe(to, err) == -1 || fd_pipe(from, err) == -1)
		goto out;
	if ((c->pid = fork()) == -1) {
		error_sys(err, "fork");
		goto out;
	}
	if (c->pid == 0)
		run(argv, to[0], from[1]);
	/* Also here, so that the group is there whoever comes first. */
	(void)setpgid(c->pid, c->pid);
	c->in = to[1];
	c->out = from[0];
	to[1] = from[0] = -1; /* now the caller's */
	rc = 0;
out:
	for (int i = 0; i < 2; i++) {
		fd_close(&to[i]);
		fd_close(&from[i]);
	}
	return rc;
}

int
child_wait(struct child *c, struct error *err)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(c->pid, &status, 0)) == -1 && errno == EINTR)
		;
	if (pid == -1)
		return error_sys(err, "waitpid");
	c->pid = -1;
	if (WIFSIGNALED(status))
		return error_set(err, "ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return error_set(
		    err, "ended with status %d", WEXITSTATUS(status));
	return 0;
}

/* The parent of a process, or -1 when that process is gone. */
static pid_t
parent_of(const char *pid)
{
	char path[64], line[512];
	const char *end;
	size_t n;
	FILE *fp;

	(void)snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	if ((fp = fopen(path, "re")) == NULL)
		return -1;
	n = fread(line, 1, sizeof(line) - 1, fp);
	fclose(fp);
	line[n] = '\0';
	/* The name before it is in parentheses and may hold any byte. */
	if ((end = strrchr(line, ')')) == NULL || strlen(end) < 4)
		return -1;
	return (pid_t)strtol(end + 4, NULL, 10);
}

static void
kill_children(void)
{
	struct dirent *d;
	DIR *dir = opendir("/proc");

	if (dir == NULL)
		return;
	while ((d = readdir(dir)) != NULL)
		if (isdigit((unsigned char)d->d_name[0]) &&
		    parent_of(d->d_name) == getpid())
			(void)kill((pid_t)strtol(d->d_name, NULL, 10), SIGKILL);
	closedir(dir);
}

/* Reaps what has ended.  True if no child is left. */
static int
all_gone(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	return pid == -1 && errno == ECHILD;
}

static void
nap(void)
{
	struct timespec ts = { .tv_nsec = LOOK_MS * 1000000L };

	(void)nanosleep(&ts, NULL);
}

int
child_rest(int grace_ms, struct error *err)
{
	for (int ms = 0; ms < grace_ms; ms += LOOK_MS) {
		if (all_gone())
			return 0;
		nap();
	}
	for (int i = 0; i < KILL_ROUNDS && !all_gone(); i++) {
		kill_children();
		nap();
	}
	return error_set(err, "left processes behind");
}

void
child_kill(struct child *c)
{
	fd_close(&c->in);
	fd_close(&c->out);
	if (c->pid > 0)
		(void)kill(-c->pid, SIGKILL);
	for (int i = 0; i < KILL_ROUNDS && !all_gone(); i++) {
		kill_children();
		nap();
	}
	c->pid = -1;
}

int
child_memory(
    const struct child *c, const char *key, size_t *ret_kb, struct error *err)
{
	char path[64], line[256];
	size_t len = strlen(key);
	int rc = -1;
	FILE *fp;

	(void)snprintf(path, sizeof(path), "/proc/%ld/status", (long)c->pid);
	if ((fp = fopen(path, "re")) == NULL)
		return error_sys(err, "cannot read '%s'", path);
	error_set(err, "no %s in '%s'", key, path);
	while (rc == -1 && fgets(line, sizeof(line), fp) != NULL)
		if (strncmp(line, key, len) == 0 && line[len] == ':') {
			*ret_kb = strtoul(line + len + 1, NULL, 10);
			rc = 0;
		}
	fclose(fp);
	if (rc == 0)
		err->msg[0] = '\0';
	return rc;
}
