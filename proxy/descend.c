/*
 * The processes below us, read from /proc.  It is a race with processes that
 * fork, so killing goes on in rounds until nothing is left: as a subreaper we
 * become the parent of whatever loses its own.
 */
#include "proxy/descend.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"

/* Nanoseconds between two rounds of killing. */
#define ROUND_NS 1000000L

/* Looks that find nothing, after which only spared children are left. */
#define EMPTY_ROUNDS 5

struct process {
	pid_t pid, parent;
};

/* Reads the parent of a process: the second field behind the last ')'. */
static pid_t
parent_of(const char *name)
{
	char path[64], text[512], *p;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%.16s/stat", name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	if ((p = strrchr(text, ')')) == NULL || strlen(p) < 5)
		return -1;
	return (pid_t)strtol(p + 4, NULL, 10);
}

static size_t
list_processes(struct process **ret)
{
	struct process *v = NULL;
	size_t n = 0;
	struct dirent *d;
	DIR *dir = opendir("/proc");

	while (dir != NULL && (d = readdir(dir)) != NULL) {
		pid_t parent;

		if (d->d_name[0] < '1' || d->d_name[0] > '9')
			continue;
		if ((parent = parent_of(d->d_name)) == -1)
			continue;
		if ((n & (n - 1)) == 0)
			v = xreallocarray(v, n == 0 ? 1 : 2 * n, sizeof(*v));
		v[n++] = (struct process){ (pid_t)strtol(d->d_name, NULL, 10),
			parent };
	}
	if (dir != NULL)
		(void)closedir(dir);
	*ret = v;
	return n;
}

static bool
is_spared(const struct descend *g, pid_t pid)
{
	for (size_t i = 0; g != NULL && i < g->nspared; i++)
		if (g->spared[i] == pid)
			return true;
	return false;
}

/*
 * Sends a signal to all that descends from us, but for children that we had
 * before (g may be NULL).  Returns how many there were.
 */
size_t
descend_signal(const struct descend *g, int signo)
{
	struct process *v;
	size_t n = list_processes(&v);
	pid_t self = getpid();
	size_t found = 0;
	bool again = true;

	/* Marks by making us the parent, until a round finds no more. */
	while (again) {
		again = false;
		for (size_t i = 0; i < n; i++)
			for (size_t j = 0; j < n && v[i].parent != self; j++)
				if (v[j].pid == v[i].parent &&
				    v[j].parent == self &&
				    !is_spared(g, v[j].pid)) {
					v[i].parent = self;
					again = true;
				}
	}
	for (size_t i = 0; i < n; i++)
		if (v[i].parent == self && !is_spared(g, v[i].pid)) {
			(void)kill(v[i].pid, signo);
			found++;
		}
	free(v);
	return found;
}

/* Kills and reaps until no child is left but those that we had before. */
void
descend_kill(const struct descend *g)
{
	const struct timespec pause = { .tv_nsec = ROUND_NS };
	pid_t pid;

	/* One look may miss a process that has just been made. */
	for (int empty = 0; empty < EMPTY_ROUNDS;) {
		do
			pid = waitpid(-1, NULL, WNOHANG);
		while (pid > 0);
		if (pid == -1)
			return; /* ECHILD: nothing is left */
		empty = descend_signal(g, SIGKILL) == 0 ? empty + 1 : 0;
		(void)nanosleep(&pause, NULL);
	}
}

/* Remembers the children that we have from before an exec, perhaps. */
void
descend_spare(struct descend *g)
{
	struct process *v = NULL;
	size_t n;

	if (waitpid(-1, NULL, WNOHANG) == -1)
		return; /* the usual case: none */
	n = list_processes(&v);
	for (size_t i = 0; i < n && g->nspared < nitems(g->spared); i++)
		if (v[i].parent == getpid())
			g->spared[g->nspared++] = v[i].pid;
	free(v);
}
