/*
 * The kinds of values that keys have: numbers, words, booleans and paths; lists
 * are in load_list.c.  Every function writes its result on success only.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policy/load.h"
#include "proxy/base/array.h"
#include "proxy/base/error.h"

bool
text_is_number(const char *text)
{
	const char *p = text + (*text == '-');
	size_t digits = strspn(p, "0123456789");

	p += digits;
	if (digits > 0 && *p == '.') {
		digits = strspn(++p, "0123456789");
		p += digits;
	}
	if (digits > 0 && (*p == 'e' || *p == 'E')) {
		p++;
		p += *p == '-' || *p == '+';
		digits = strspn(p, "0123456789");
		p += digits;
	}
	return digits > 0 && *p == '\0';
}

const char *
text_plain_type(const char *text)
{
	static const char *const words[][2] = {
		{ "", "nothing" },
		{ "~", "null" },
		{ "null", "null" },
		{ "Null", "null" },
		{ "NULL", "null" },
		{ "true", "a boolean" },
		{ "True", "a boolean" },
		{ "TRUE", "a boolean" },
		{ "false", "a boolean" },
		{ "False", "a boolean" },
		{ "FALSE", "a boolean" },
		{ ".nan", "a number" },
		{ ".inf", "a number" },
		{ "-.inf", "a number" },
	};
	const char *p = text + (*text == '-' || *text == '+');

	for (size_t i = 0; i < nitems(words); i++)
		if (strcmp(text, words[i][0]) == 0)
			return words[i][1];
	if (text_is_number(p) || (*p == '.' && text_is_number(p + 1)) ||
	    (p[0] == '0' && p[1] != '\0' && strchr("xo", p[1]) != NULL &&
		p[2] != '\0' &&
		p[2 + strspn(p + 2, "0123456789abcdefABCDEF")] == '\0'))
		return "a number";
	return NULL;
}

struct origin
origin_of(const struct source *src, size_t at)
{
	const struct node *node = &src->cur.v[at];

	return (struct origin){ .file = src->cur.file,
		.line = node->line,
		.column = node->column };
}

int
wrong_type(const struct source *src, size_t at, const char *what,
    const char *wants, struct error *err)
{
	const struct node *node = &src->cur.v[at];
	static const char *const found[] = { [NODE_SCALAR] = "one value",
		[NODE_LIST] = "a list",
		[NODE_MAP] = "a map" };

	if (node->kind == NODE_SCALAR && node->plain && node->text[0] == '\0')
		return cursor_error(&src->cur, at, err,
		    "'%s' has no value; it wants %s", what, wants);
	return cursor_error(&src->cur, at, err, "'%s' wants %s, not %s", what,
	    wants, found[node->kind]);
}

void
int_store(void *dst, size_t size, int64_t value)
{
	if (size == sizeof(bool))
		memcpy(dst, &(bool){ value != 0 }, size);
	else if (size == sizeof(uint32_t))
		memcpy(dst, &(uint32_t){ (uint32_t)value }, size);
	else
		memcpy(dst, &value, sizeof(value));
}

int64_t
int_fetch(const void *src, size_t size)
{
	uint32_t small;
	int64_t value;
	bool flag;

	if (size == sizeof(bool)) {
		memcpy(&flag, src, size);
		return flag;
	}
	if (size == sizeof(uint32_t)) {
		memcpy(&small, src, size);
		return small;
	}
	memcpy(&value, src, sizeof(value));
	return value;
}

int
take_int(const struct source *src, size_t at, const char *what, int64_t min,
    int64_t max, int64_t *ret, struct error *err)
{
	const struct node *node = &src->cur.v[at];
	long long value;

	if (node->kind != NODE_SCALAR)
		return wrong_type(src, at, what, "a whole number", err);
	errno = 0;
	value = strtoll(node->text, NULL, 10);
	if (!node->plain || node->text[0] == '\0' ||
	    node->text[strspn(node->text, "0123456789")] != '\0' ||
	    (node->text[0] == '0' && node->text[1] != '\0') || errno != 0 ||
	    value < min || value > max)
		return cursor_error(&src->cur, at, err,
		    "'%s' wants a whole number from %lld to %lld", what,
		    (long long)min, (long long)max);
	*ret = value;
	return 0;
}

int
take_number(const struct source *src, size_t at, const char *what, double *ret,
    struct error *err)
{
	const struct node *node = &src->cur.v[at];
	double value;

	if (node->kind != NODE_SCALAR)
		return wrong_type(src, at, what, "a number", err);
	value = strtod(node->text, NULL);
	if (!node->plain || !text_is_number(node->text) || !isfinite(value))
		return cursor_error(
		    &src->cur, at, err, "'%s' wants a number", what);
	*ret = value;
	return 0;
}

int
take_word(const struct source *src, size_t at, const char *what,
    const char *const *words, size_t *ret, struct error *err)
{
	const struct node *node = &src->cur.v[at];
	char list[128] = "";
	size_t n = 0;

	if (node->kind != NODE_SCALAR)
		return wrong_type(src, at, what, "a word", err);
	for (; words[n] != NULL; n++) {
		if (strcmp(words[n], node->text) == 0) {
			*ret = n;
			return 0;
		}
		(void)snprintf(list + strlen(list), sizeof(list) - strlen(list),
		    " '%s'", words[n]);
	}
	return cursor_error(
	    &src->cur, at, err, "'%s' wants one of%s", what, list);
}

int
load_int(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	int64_t value = 0;

	if (take_int(src, at, key->path, key->min, key->max, &value, err) == -1)
		return -1;
	*ret_asks = value != key->fallback;
	if (dst != NULL)
		int_store(dst, key->size, value);
	return 0;
}

int
load_word(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	size_t word = 0;

	if (take_word(src, at, key->path, key->words, &word, err) == -1)
		return -1;
	*ret_asks = (int64_t)word != key->fallback;
	if (dst != NULL)
		int_store(dst, key->size, (int64_t)word);
	return 0;
}

/* YAML 1.1 took more words for booleans, and its readers still disagree. */
int
load_bool(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	static const char *const words[] = { "false", "False", "FALSE", "true",
		"True", "TRUE" };
	static const char *const old[] = { "yes", "no", "on", "off", "y", "n" };
	const struct node *node = &src->cur.v[at];

	if (node->kind != NODE_SCALAR)
		return wrong_type(src, at, key->path, "true or false", err);
	for (size_t i = 0; node->plain && i < nitems(words); i++)
		if (strcmp(node->text, words[i]) == 0) {
			*ret_asks = i >= 3;
			if (dst != NULL)
				int_store(dst, key->size, i >= 3);
			return 0;
		}
	for (size_t i = 0; i < nitems(old); i++)
		if (strcasecmp(node->text, old[i]) == 0)
			return cursor_error(&src->cur, at, err,
			    "'%s' wants true or false; '%s' is no boolean in "
			    "YAML 1.2",
			    key->path, node->text);
	return cursor_error(
	    &src->cur, at, err, "'%s' wants true or false", key->path);
}

int
load_path(struct source *src, size_t at, const struct key *key, void *dst,
    bool *ret_asks, struct error *err)
{
	char *path, *old;

	if (text_take(src, at, TEXT_PATH, key->path, &path, err) == -1)
		return -1;
	*ret_asks = true;
	if (dst != NULL) {
		memcpy(&old, dst, sizeof(old));
		free(old);
		memcpy(dst, &path, sizeof(path));
	} else {
		free(path);
	}
	return 0;
}
