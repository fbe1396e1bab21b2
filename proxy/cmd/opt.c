/*
 * Option tables over getopt_long(3).  A table is all that a subcommand says of
 * its options; reading them, the help and the error messages are made here.
 */
#include "proxy/cmd/opt.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/base/array.h"
#include "proxy/base/error.h"
#include "proxy/base/nearest.h"
#include "proxy/cmd/cmd.h"

/* Options of one subcommand, --help and the end included. */
#define OPT_MAX 24
/* Values of getopt_long(3) for options without a letter begin here. */
#define OPT_LONG 256

static int
unknown(const struct opt *table, const char *command, const char *word,
    struct error *err)
{
	const char *name = word + strspn(word, "-"), *nearest = "help";
	char bare[32] = "";
	size_t least;

	strncat(bare, name,
	    strcspn(name, "=") < sizeof(bare) ? strcspn(name, "=")
					      : sizeof(bare) - 1);
	least = nearest_distance(bare, nearest);
	for (; table->name != NULL; table++)
		if (nearest_distance(bare, table->name) < least) {
			least = nearest_distance(bare, table->name);
			nearest = table->name;
		}
	if (strncmp(word, "--", 2) == 0)
		return error_set(err,
		    "%s: unknown option '--%s'; the nearest is '--%s'", command,
		    bare, nearest);
	return error_set(err, "%s: unknown option '%s'; try '%s --help'",
	    command, word, command);
}

static int
store(const struct opt *o, const char *text, void *base, struct error *err)
{
	char *dst = (char *)base + o->offset, *end;
	long long n;

	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)(void *)dst = true;
		return 0;
	case OPT_TEXT:
		memcpy(dst, &text, sizeof(text));
		return 0;
	case OPT_NUMBER:
		errno = 0;
		n = strtoll(text, &end, 10);
		if (text[0] < '0' || text[0] > '9' || *end != '\0' ||
		    errno != 0)
			return error_set(err, "--%s: '%s' is no whole number",
			    o->name, text);
		memcpy(dst, &(int64_t){ n }, sizeof(int64_t));
		return 0;
	}
	return -1;
}

static size_t
long_options(const struct opt *table, struct option longs[OPT_MAX],
    char letters[2 * OPT_MAX + 3], bool permute)
{
	size_t n = 0, k = 0;

	if (!permute)
		letters[k++] = '+';
	letters[k++] = ':';
	for (; n < OPT_MAX - 2 && table[n].name != NULL; n++) {
		longs[n] = (struct option){ .name = table[n].name,
			.has_arg = table[n].kind != OPT_FLAG,
			.val = OPT_LONG + (int)n };
		if (table[n].letter == '\0')
			continue;
		letters[k++] = table[n].letter;
		if (table[n].kind != OPT_FLAG)
			letters[k++] = ':';
	}
	longs[n] = (struct option){ .name = "help", .val = 'h' };
	letters[k++] = 'h';
	letters[k] = '\0';
	longs[n + 1] = (struct option){ .name = NULL };
	return n;
}

static const struct opt *
option_of(const struct opt *table, size_t n, int c)
{
	if (c >= OPT_LONG)
		return &table[c - OPT_LONG];
	for (size_t i = 0; i < n; i++)
		if (table[i].letter == c)
			return &table[i];
	return NULL;
}

static int
read_options(const struct opt *table, const char *command, int argc,
    char *argv[], void *base, bool *ret_help, bool permute, struct error *err)
{
	struct option longs[OPT_MAX];
	char letters[2 * OPT_MAX + 3];
	const struct opt *o;
	size_t n = long_options(table, longs, letters, permute);
	int c, at;

	opterr = 0;
	optind = 0; /* glibc: begin anew */
	for (;;) {
		at = optind == 0 ? 1 : optind;
		c = getopt_long(argc, argv, letters, longs, NULL);
		if (c == -1)
			return optind;
		if (c == 'h') {
			usage(stdout, command_find(command));
			*ret_help = true;
			return optind;
		}
		if (c == '?')
			return unknown(table, command,
			    argv[optind > at ? optind - 1 : at], err);
		if (c == ':')
			return error_set(err, "%s: option '%s' wants a value",
			    command, argv[optind - 1]);
		o = option_of(table, n, c);
		if (o != NULL && store(o, optarg, base, err) == -1)
			return error_wrap(err, "%s", command);
	}
}

int
opt_read(const struct opt *table, const char *command, int argc, char *argv[],
    void *base, bool *ret_help, struct error *err)
{
	return read_options(
	    table, command, argc, argv, base, ret_help, false, err);
}

int
opt_read_any(const struct opt *table, const char *command, int argc,
    char *argv[], void *base, bool *ret_help, struct error *err)
{
	return read_options(
	    table, command, argc, argv, base, ret_help, true, err);
}
