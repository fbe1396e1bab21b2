#ifndef POLICY_LOAD_H
#define POLICY_LOAD_H

/* Between the files of the loader; everybody else includes policy.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "policy/cursor.h"
#include "policy/policy.h"

struct error;
struct key;

/* Files that one policy may be made of, by extends. */
#define POLICY_CHAIN_MAX 8U
/* Bytes of one text in a policy. */
#define POLICY_TEXT_MAX 4096U
/* Bytes that policy_show() may write: memory alone is the bound, for a text
   that were cut would have the digest of another. */
#define POLICY_SHOWN_MAX (SIZE_MAX / 2)
/* Expressions of one list; each is tried on each text. */
#define POLICY_REGEXES_MAX 1024U
/* Rules of one policy; each is tried on each call. */
#define POLICY_RULES_MAX 1024U

/* One policy being put together. */
struct load {
	struct policy *policy; /* owned until it is whole */
	bool files; /* extends may read files, not only what is compiled in */
};

/* One file on its way into the policy. */
struct source {
	struct load *load;
	const struct source *child; /* the one that extends it, or NULL */
	struct cursor cur;
	char *path; /* owned: of the file, or "builtin:NAME" */
	dev_t dev; /* of the file; 0 for a text in memory */
	ino_t ino;
	bool is_short;
};

/* What a text is for: how it is expanded and what it may hold. */
enum text_class {
	TEXT_GLOB, /* a name, '*' and '?' being wildcards */
	TEXT_METHOD, /* the same, of a method */
	TEXT_PART, /* a part of a name */
	TEXT_LITERAL, /* anything */
	TEXT_VALUE, /* anything, also empty, a number or a boolean */
	TEXT_REGEX,
	TEXT_PATH, /* absolute, once ~ is expanded */
	TEXT_PATH_GLOB, /* the same with wildcards, or anywhere behind two
	    stars and a slash */
	TEXT_HOST, /* a host's name, or a glob of it */
	TEXT_NET, /* the same, or an address, or ADDRESS/BITS */
	TEXT_LINE, /* one line for a person */
	TEXT_NAME, /* letters, digits, ". _ - / : @"; nothing is expanded */
};

/*
 * A kind of value.  load reads the node into dst, or with dst NULL only looks
 * whether it is right; *ret_asks says whether it asks for anything beyond what
 * is so without the key.  show prints the value of a key as YAML.
 */
struct show;
struct kind {
	const char *wants; /* "a whole number" */
	const char *off; /* a value that asks for nothing; NULL: there is none,
	    or it is the first word */
	int (*load)(struct source *src, size_t at, const struct key *key,
	    void *dst, bool *ret_asks, struct error *err);
	void (*show)(struct show *out, const struct key *key, const void *src);
};

enum {
	KEY_LATER = 1, /* read and checked, and refused if it asks */
	KEY_SHORT = 2, /* of the short form */
	KEY_BOTH = 4, /* of either form */
	KEY_ADDS = 8, /* what is inherited stays, behind what is written */
};

/* One key: all that the loader, policy show and the man page test know. */
struct key {
	const char *path; /* groups joined by dots */
	const struct kind *kind;
	unsigned flags;
	size_t offset, size; /* in struct policy; size 0: nowhere */
	int64_t min, max;
	int64_t fallback; /* default: a number, or an index of words */
	const char *const *words; /* ends with NULL */
	enum text_class text;
};

/* The n-th row of the table, or NULL behind the last. */
const struct key *key_at(size_t n);
size_t key_count(void);
const struct key *key_find(const char *path);

/*
 * load.c: a file or "builtin:NAME", with what it extends; at is the key of
 * child that asks for it, or 0.
 */
int load_from(struct load *l, const struct source *child, size_t at,
    const char *where, struct error *err);
/* A text that was read; src->path is the caller's. */
int load_source(struct source *src, struct slice text, struct error *err);

/* load_text.c: one text, expanded and checked; owned. */
int text_take(const struct source *src, size_t at, enum text_class class,
    const char *what, char **ret, struct error *err);
/* Is it what YAML 1.2 takes for null, a boolean or a number? */
const char *text_plain_type(const char *text);
bool text_is_number(const char *text);
/* "~" and "~/..." with the home directory; owned, or NULL with *err set. */
char *text_home(const char *path, struct error *err);

/* load_kind.c */
struct origin origin_of(const struct source *src, size_t at);
int load_bool(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);
int load_int(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);
int load_word(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);
int load_list(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);
int load_regexes(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);
int load_path(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);
int wrong_type(const struct source *src, size_t at, const char *what,
    const char *wants, struct error *err);
int take_int(const struct source *src, size_t at, const char *what, int64_t min,
    int64_t max, int64_t *ret, struct error *err);
int take_word(const struct source *src, size_t at, const char *what,
    const char *const *words, size_t *ret, struct error *err);
int take_number(const struct source *src, size_t at, const char *what,
    double *ret, struct error *err);
/* A list, or one text alone if one_ok; *ret is written on success only. */
int take_texts(const struct source *src, size_t at, const char *what,
    enum text_class class, bool one_ok, struct policy_list *ret,
    struct error *err);
int take_regexes(const struct source *src, size_t at, const char *what,
    bool one_ok, struct policy_regexes *ret, struct error *err);
void int_store(void *dst, size_t size, int64_t value);
int64_t int_fetch(const void *src, size_t size);

/* load_field.c: a map with a fixed set of names; fields end with NULL. */
struct field {
	const char *name;
	/* Reads the value at "at" into base, a struct of the caller's. */
	int (*load)(
	    const struct source *src, size_t at, void *base, struct error *err);
	bool required;
};
int take_fields(const struct source *src, size_t box, const char *what,
    const struct field *fields, void *base, struct error *err);
/* Sets *err for a name that is none of a map's; nearest may be NULL. */
int unknown_key(const struct source *src, size_t at, const char *prefix,
    const char *nearest, struct error *err);
/* If name is more like word than all before, it becomes *nearest. */
void nearest_of(
    const char *word, const char *name, const char **nearest, size_t *least);

/* load_rules.c */
int load_rules(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);
void rule_release(struct policy_rule *rule);
void list_release(struct policy_list *list);
void regexes_release(struct policy_regexes *list);
const char *match_name(enum match_kind kind);
extern const char *const rule_actions[];

/* load_later.c: values of keys that later versions enforce. */
int load_number(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);
int load_code_tools(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);
int load_languages(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);
int load_rates(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);
int load_any_list(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);
int load_any_map(struct source *, size_t, const struct key *, void *, bool *,
    struct error *);

/* load_file.c */
struct file_id {
	dev_t dev;
	ino_t ino;
};
/*
 * Reads a file that nobody but us and root may change, nor any directory or
 * link on the way to it.  Returns 0; 1 if it does not exist; -1 with *err set.
 */
int file_read(const char *path, struct buf *ret, struct file_id *ret_id,
    struct error *err);
/* The same without reading: is there such a file, and may it be trusted? */
int file_trusted(const char *path, struct error *err);

/* load_show.c */
void show_int(struct show *, const struct key *, const void *);
void show_word(struct show *, const struct key *, const void *);
void show_list(struct show *, const struct key *, const void *);
void show_regexes(struct show *, const struct key *, const void *);
void show_path(struct show *, const struct key *, const void *);
void show_rules(struct show *, const struct key *, const void *);
void policy_digest(struct policy *p);

#endif
