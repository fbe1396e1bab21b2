/*
 * Runs a fuzz target over the files of some directories, without a fuzzer:
 * every seed, and every crash that once was, stays a test.  With
 * REPLAY_VERBOSE in the environment it names each file first.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy/base/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC), rc = -1;
	uint8_t *data = NULL;
	struct stat sb;
	size_t done = 0;
	ssize_t got = 1;

	if (fd == -1 || fstat(fd, &sb) == -1)
		goto out;
	data = xmalloc((size_t)sb.st_size);
	while (done < (size_t)sb.st_size && got > 0) {
		got = read(fd, data + done, (size_t)sb.st_size - done);
		done += got > 0 ? (size_t)got : 0;
	}
	if (done < (size_t)sb.st_size)
		goto out;
	(void)LLVMFuzzerTestOneInput(data, done);
	rc = 0;
out:
	free(data);
	if (fd != -1)
		close(fd);
	return rc;
}

/* The number of files, or -1. */
static int
replay_dir(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int n = 0;

	while (dir != NULL && n != -1 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		/* Said before: a crash is the file's that was named last. */
		if (getenv("REPLAY_VERBOSE") != NULL)
			fprintf(stderr, "%s/%s\n", path, entry->d_name);
		n = replay_file(dirfd(dir), entry->d_name) == -1 ? -1 : n + 1;
	}
	if (dir == NULL || closedir(dir) == -1)
		return -1;
	return n;
}

int
main(int argc, char *argv[])
{
	int total = 0;

	if (argc < 2) {
		fprintf(stderr, "usage: %s directory ...\n", argv[0]);
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		int n = replay_dir(argv[i]);

		if (n <= 0) {
			fprintf(stderr, "%s: %s\n", argv[0],
			    n == 0 ? "no files" : "cannot read");
			return 2;
		}
		total += n;
	}
	printf("%s: %d files\n", argv[0], total);
	return 0;
}
