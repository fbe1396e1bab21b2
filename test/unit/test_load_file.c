/*
 * Policy files on disk: the order in which a name is looked for, and the files
 * that are refused because somebody else may change them.
 */
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/policy.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "test/unit/unit.h"

#define USER_DIR "config/mcpshield/policies"
#define SOMEBODY 54321 /* a user that is neither us nor root */

static char top[64];

static int
drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void
begin(void)
{
	char config[96];

	(void)umask(022);
	(void)snprintf(top, sizeof(top), "/tmp/fileXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chdir(top), 0);
	(void)snprintf(config, sizeof(config), "%s/config", top);
	ck_assert_int_eq(setenv("XDG_CONFIG_HOME", config, 1), 0);
	ck_assert_int_eq(setenv("HOME", top, 1), 0);
	ck_assert_int_eq(mkdir("config", 0700), 0);
	ck_assert_int_eq(mkdir("config/mcpshield", 0755), 0);
	ck_assert_int_eq(mkdir(USER_DIR, 0755), 0);
}

static void
end(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	(void)nftw(top, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static void
write_file(const char *path)
{
	FILE *fp = fopen(path, "we");

	ck_assert_ptr_nonnull(fp);
	ck_assert_int_ge(fputs("version: 1\n", fp), 0);
	ck_assert_int_eq(fclose(fp), 0);
}

/* Loads it and compares the message; NULL wants no error. */
static void
check_load(const char *name, const char *want)
{
	struct error err = { "" };
	struct policy *p = NULL;
	int rc = policy_load(name, &p, &err);

	if (want == NULL)
		ck_assert_msg(rc == 0, "%s: %s", name, err.msg);
	else
		ck_assert_msg(rc == -1 && strcmp(err.msg, want) == 0,
		    "%s: got '%s', want '%s'", name, err.msg, want);
	policy_free(p);
}

START_TEST(looks_in_order)
{
	struct error err = { "" };
	char want[160], *path;

	path = policy_find("default", &err);
	ck_assert_str_eq(path, "builtin:default");
	free(path);
	write_file(USER_DIR "/default.yaml");
	(void)snprintf(want, sizeof(want), "%s/" USER_DIR "/default.yaml", top);
	path = policy_find("default", &err);
	ck_assert_str_eq(path, want);
	free(path);
	path = policy_find("builtin:default", &err);
	ck_assert_str_eq(path, "builtin:default");
	free(path);
	path = policy_find("./default", &err);
	ck_assert_str_eq(path, "./default");
	free(path);
	path = policy_find("~/default", &err);
	(void)snprintf(want, sizeof(want), "%s/default", top);
	ck_assert_str_eq(path, want);
	free(path);
	/* The working directory is no place of names. */
	write_file("strict");
	write_file("strict.yaml");
	path = policy_find("strict.yaml", &err);
	ck_assert_str_eq(path, "builtin:strict");
	free(path);
	/* Without any home there is still what is compiled in. */
	ck_assert_int_eq(unsetenv("HOME"), 0);
	ck_assert_int_eq(unsetenv("XDG_CONFIG_HOME"), 0);
	check_load(NULL, NULL);
}
END_TEST

static const struct {
	const char *name, *want;
} names[] = {
	{ "", "'' is no name of a policy (letters, digits, '._-') and no path "
	      "(which has a '/')" },
	{ ".yaml", "'.yaml' is no name of a policy (letters, digits, '._-') "
		   "and no path (which has a '/')" },
	{ "..", "'..' is no name of a policy (letters, digits, '._-') and no "
		"path (which has a '/')" },
	{ "a\nb", "'a\\nb' is no name of a policy (letters, digits, '._-') and "
		  "no path (which has a '/')" },
	{ "builtin:..", "'..' is no name of a policy (letters, digits, "
			"'._-') and no path (which has a '/')" },
	{ "builtin:none", "there is no policy 'none' (compiled in: default, "
			  "monitor, strict)" },
	{ "none", "there is no policy 'none' (compiled in: default, monitor, "
		  "strict)" },
	{ "here", "there is no policy 'here' (compiled in: default, monitor, "
		  "strict); for the file in this directory write './here'" },
	{ "./none", "./none: there is no such file" },
	{ "./none/none", "./none/none: there is no such file" },
	{ "./here/none", "./here/none: there is no such file" },
	{ "./config", "./config: is no regular file" },
	{ "/", "/: is a directory" },
	{ "~nobody/a", "only '~' and '~/' are expanded, not '~user'" },
	{ "./here", NULL },
};

START_TEST(names_have_one_meaning)
{
	write_file("here");
	check_load(names[_i].name, names[_i].want);
}
END_TEST

/* Who may write to the file or its directory, beside its owner. */
START_TEST(refuses_what_all_may_write)
{
	write_file("p");
	check_load("./p", NULL);
	ck_assert_int_eq(chmod("p", 0666), 0);
	check_load("./p", "./p: refused: every user may write to it");
	ck_assert_int_eq(chmod("p", 0664), 0);
	check_load("./p", NULL);
	ck_assert_int_eq(mkdir("d", 0700), 0);
	write_file("d/p");
	ck_assert_int_eq(chmod("d", 0777), 0);
	check_load("./d/p", "./d/p: refused: every user may write to a "
			    "directory on its way");
	ck_assert_int_eq(chmod("d", 01777), 0);
	check_load("./d/p", NULL);
	/* By way of a link it is the same file. */
	ck_assert_int_eq(chmod("d", 0777), 0);
	ck_assert_int_eq(symlink("d/p", "l"), 0);
	check_load("./l", "./l: refused: every user may write to a directory "
			  "on its way");
	/* And so is a policy of the user's that is only named. */
	write_file(USER_DIR "/default.yaml");
	ck_assert_int_eq(chmod(USER_DIR "/default.yaml", 0666), 0);
	ck_assert_int_eq(
	    policy_load(NULL, &(struct policy *){ NULL }, NULL), -1);
}
END_TEST

START_TEST(refuses_what_is_somebodys)
{
	if (geteuid() != 0)
		return; /* only root can give a file away */
	write_file("p");
	ck_assert_int_eq(chown("p", SOMEBODY, (gid_t)-1), 0);
	check_load("./p", "./p: refused: it belongs to user 54321, neither us "
			  "nor root");
	ck_assert_int_eq(mkdir("d", 0755), 0);
	write_file("d/p");
	ck_assert_int_eq(chown("d", SOMEBODY, (gid_t)-1), 0);
	check_load("./d/p", "./d/p: refused: a directory on its way belongs to "
			    "user 54321, neither us nor root");
	write_file("q");
	ck_assert_int_eq(symlink("q", "l"), 0);
	check_load("./l", NULL);
	ck_assert_int_eq(lchown("l", SOMEBODY, (gid_t)-1), 0);
	check_load("./l", "./l: refused: a link on its way belongs to user "
			  "54321, neither us nor root");
	/* As that user, it is ours; root's is root's. */
	ck_assert_int_eq(chown(".", SOMEBODY, (gid_t)-1), 0);
	ck_assert_int_eq(seteuid(SOMEBODY), 0);
	check_load("./p", NULL);
	check_load("./q", NULL);
	ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

START_TEST(follows_links_within_bounds)
{
	char path[PATH_MAX];

	ck_assert_int_eq(mkdir("d", 0755), 0);
	write_file("d/p");
	(void)snprintf(path, sizeof(path), "%s/d", top);
	ck_assert_int_eq(symlink(path, "absolute"), 0);
	check_load("./absolute/p", NULL);
	ck_assert_int_eq(symlink("../d/../d/p", "d/up"), 0);
	check_load("./absolute/../d/up", NULL);
	ck_assert_int_eq(symlink("a", "b"), 0);
	ck_assert_int_eq(symlink("b", "a"), 0);
	check_load("./a", "./a: too many links, or too long ones");
	ck_assert_int_eq(symlink("gone", "lost"), 0);
	check_load("./lost", "./lost: is a link that leads nowhere");
}
END_TEST

START_TEST(reads_regular_files_of_some_size)
{
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	check_load("./fifo", "./fifo: is no regular file");
	check_load("/dev", "/dev: is no regular file");
	write_file("p");
	ck_assert_int_eq(truncate("p", (1 << 20) + 1), 0);
	check_load("./p", "./p:1:1: larger than 1048576 bytes");
	ck_assert_int_eq(truncate("p", 12), 0);
	check_load("./p", "./p:2:1: control characters are not allowed");
	ck_assert_int_eq(truncate("p", 0), 0);
	check_load("./p", "./p:1:1: the policy is empty");
}
END_TEST

/* What cannot be read is not passed over for a laxer one. */
START_TEST(refuses_what_it_cannot_read)
{
	struct error err = { "" };

	if (geteuid() == 0)
		ck_assert_int_eq(chown(top, SOMEBODY, (gid_t)-1), 0);
	write_file(USER_DIR "/default.yaml");
	ck_assert_int_eq(chmod(USER_DIR "/default.yaml", 0), 0);
	if (geteuid() == 0) {
		ck_assert_int_eq(chmod("config", 0755), 0);
		ck_assert_int_eq(seteuid(SOMEBODY), 0);
	}
	ck_assert_int_eq(
	    policy_load(NULL, &(struct policy *){ NULL }, &err), -1);
	ck_assert_ptr_nonnull(
	    strstr(err.msg, "default.yaml: cannot open: Permission denied"));
	ck_assert_int_eq(seteuid(getuid()), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("file");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, looks_in_order);
	tcase_add_loop_test(tc, names_have_one_meaning, 0, (int)nitems(names));
	tcase_add_test(tc, refuses_what_all_may_write);
	tcase_add_test(tc, refuses_what_is_somebodys);
	tcase_add_test(tc, follows_links_within_bounds);
	tcase_add_test(tc, reads_regular_files_of_some_size);
	tcase_add_test(tc, refuses_what_it_cannot_read);
	return unit_run(tc, "load_file");
}
