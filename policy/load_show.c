/*
 * The effective policy as YAML that loads again, and its digest.  One walk over
 * the table of keys writes both: what people see is what was hashed, without
 * the comments.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "policy/load.h"
#include "proxy/base/buf.h"

struct show {
	const struct policy *policy;
	struct buf *out;
	bool comments;
	unsigned indent; /* groups that are open */
	char open[96]; /* their path */
};

static void
put(struct show *s, const char *text)
{
	/* Has no bound that could be met: see POLICY_SHOWN_MAX. */
	(void)buf_add_str(s->out, text);
}

static void
put_indent(struct show *s, unsigned more)
{
	for (unsigned i = 0; i < s->indent + more; i++)
		put(s, "  ");
}

/* The end of a line: where its value was set. */
static void
end_line(struct show *s, const struct origin *at)
{
	if (!s->comments)
		put(s, "\n");
	else if (at == NULL || at->line == 0)
		put(s, "  # default\n");
	else
		(void)buf_addf(s->out, "  # %s:%u\n", at->file, at->line);
}

/* The code point of a well-formed sequence; *ret_len is what it takes. */
static unsigned long
decode(const char *text, size_t *ret_len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	unsigned long cp = p[0] & (0x7fU >> len);

	for (size_t i = 1; i < len; i++)
		cp = cp << 6 | (p[i] & 0x3fU);
	*ret_len = len;
	return cp;
}

/*
 * In double quotes, as YAML and, if it expands, text_take() read it back.
 * ASCII alone, so that no terminal and no YAML reader sees it differently.
 */
static void
put_text(struct show *s, const char *text, bool expands)
{
	size_t len = 1;

	put(s, "\"");
	for (; *text != '\0'; text += len) {
		unsigned char c = (unsigned char)*text;

		len = 1;
		if (expands && text[0] == '$' && text[1] == '{')
			put(s, "$");
		if (c == '"' || c == '\\')
			(void)buf_addf(s->out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			(void)buf_addf(s->out, "\\x%02x", c);
		else if (c >= 0x80)
			(void)buf_addf(s->out, "\\U%08lx", decode(text, &len));
		else
			(void)buf_add_byte(s->out, (char)c);
	}
	put(s, "\"");
}

static const char *
leaf(const struct key *key)
{
	const char *dot = strrchr(key->path, '.');

	return dot != NULL ? dot + 1 : key->path;
}

static const struct origin *
origin_of_key(const struct show *s, const struct key *key)
{
	return &s->policy->key_origins[key - key_at(0)];
}

void
show_int(struct show *s, const struct key *key, const void *src)
{
	put_indent(s, 0);
	(void)buf_addf(s->out, "%s: %lld", leaf(key),
	    (long long)int_fetch(src, key->size));
	end_line(s, origin_of_key(s, key));
}

void
show_word(struct show *s, const struct key *key, const void *src)
{
	put_indent(s, 0);
	(void)buf_addf(
	    s->out, "%s: %s", leaf(key), key->words[int_fetch(src, key->size)]);
	end_line(s, origin_of_key(s, key));
}

/* A key without a value, which only a comment can show. */
static void
show_unset(struct show *s, const char *name, const char *meaning)
{
	if (!s->comments)
		return;
	put_indent(s, 0);
	(void)buf_addf(s->out, "# %s: not set (%s)\n", name, meaning);
}

void
show_path(struct show *s, const struct key *key, const void *src)
{
	char *path;

	memcpy(&path, src, sizeof(path));
	if (path == NULL) {
		show_unset(s, leaf(key), "none");
		return;
	}
	put_indent(s, 0);
	(void)buf_addf(s->out, "%s: ", leaf(key));
	put_text(s, path, true);
	end_line(s, origin_of_key(s, key));
}

/* The items of a list, below its name. */
static void
put_list(struct show *s, const char *name, const struct policy_list *list)
{
	put_indent(s, 0);
	(void)buf_addf(s->out, "%s:%s", name, list->n == 0 ? " []" : "");
	end_line(s, &list->at);
	for (size_t i = 0; i < list->n; i++) {
		put_indent(s, 0);
		put(s, "- ");
		put_text(s, list->v[i].text, true);
		end_line(s, &list->v[i].at);
	}
}

static void
put_regexes(struct show *s, const char *name, const struct policy_regexes *list)
{
	put_indent(s, 0);
	(void)buf_addf(s->out, "%s:%s", name, list->n == 0 ? " []" : "");
	end_line(s, &list->at);
	for (size_t i = 0; i < list->n; i++) {
		put_indent(s, 0);
		put(s, "- ");
		put_text(s, list->v[i].text, true);
		end_line(s, &list->v[i].at);
	}
}

void
show_list(struct show *s, const struct key *key, const void *src)
{
	const struct policy_list *list = src;

	if (!list->set && (key->flags & KEY_ADDS) == 0)
		show_unset(s, leaf(key), "every tool that the server lists");
	else
		put_list(s, leaf(key), list);
}

void
show_regexes(struct show *s, const struct key *key, const void *src)
{
	put_regexes(s, leaf(key), src);
}

static void
put_match(struct show *s, const struct policy_match *m)
{
	const char *name = match_name(m->kind);

	if (m->texts.set) {
		put_list(s, name, &m->texts);
	} else if (m->regexes.set) {
		put_regexes(s, name, &m->regexes);
	} else {
		/* 17 digits bring any double back. */
		put_indent(s, 0);
		(void)buf_addf(s->out, "%s: %.*g", name,
		    fabs(m->number) < 1e15 && m->number == floor(m->number)
			? 15
			: 17,
		    m->number);
		end_line(s, &m->at);
	}
}

static void
put_where(struct show *s, const struct policy_rule *rule)
{
	if (rule->nwhere == 0)
		return;
	put_indent(s, 0);
	put(s, "where:\n");
	s->indent++;
	for (size_t i = 0; i < rule->nwhere; i++) {
		const struct policy_where *where = &rule->where[i];

		put_indent(s, 0);
		put_text(s, where->path, false);
		put(s, ":");
		end_line(s, &where->at);
		s->indent++;
		for (size_t k = 0; k < where->n; k++)
			put_match(s, &where->v[k]);
		s->indent--;
	}
	s->indent--;
}

static void
put_rule(struct show *s, const struct policy_rule *rule)
{
	put(s, "- id: ");
	put_text(s, rule->id, false);
	end_line(s, &rule->at);
	s->indent++;
	if (rule->tools.set)
		put_list(s, "tool", &rule->tools);
	put_where(s, rule);
	put_indent(s, 0);
	(void)buf_addf(s->out, "action: %s\n", rule_actions[rule->action]);
	if (rule->reason != NULL) {
		put_indent(s, 0);
		put(s, "reason: ");
		put_text(s, rule->reason, true);
		put(s, "\n");
	}
	s->indent--;
}

void
show_rules(struct show *s, const struct key *key, const void *src)
{
	const struct policy *p = s->policy;

	(void)src;
	(void)buf_addf(
	    s->out, "%s:%s\n", key->path, p->nrules == 0 ? " []" : "");
	for (size_t i = 0; i < p->nrules; i++)
		put_rule(s, &p->rules[i]);
}

/* Closes and opens groups, so that the key's own name can follow. */
static void
open_groups(struct show *s, const struct key *key)
{
	size_t group = (size_t)(leaf(key) - key->path), same = 0;

	/* Whole groups that the path shares with the ones that are open. */
	for (size_t i = 0; i < group && s->open[i] == key->path[i]; i++)
		if (key->path[i] == '.')
			same = i + 1;
	s->indent = 0;
	for (size_t i = 0; i < same; i++)
		s->indent += key->path[i] == '.';
	for (size_t at = same; at < group;) {
		size_t len = strcspn(key->path + at, ".");

		put_indent(s, 0);
		(void)buf_addf(s->out, "%.*s:\n", (int)len, key->path + at);
		s->indent++;
		at += len + 1;
	}
	(void)snprintf(s->open, sizeof(s->open), "%.*s", (int)group, key->path);
}

/* What a key says, in this version, whatever the file. */
static void
show_later(struct show *s, const struct key *key)
{
	const char *off = key->kind->off;

	if (key->words != NULL)
		off = key->words[key->fallback];
	put_indent(s, 0);
	(void)buf_addf(s->out, "%s%s: %s  # not enforced by this version\n",
	    off == NULL || (key->flags & KEY_SHORT) != 0 ? "# " : "", leaf(key),
	    off != NULL ? off : "off");
}

static void
show_all(struct show *s)
{
	for (size_t i = 0; i < key_count(); i++) {
		const struct key *key = key_at(i);
		bool later = (key->flags & KEY_LATER) != 0;

		if (key->kind->load == NULL || (later && !s->comments) ||
		    (!later && (key->flags & KEY_SHORT) != 0))
			continue;
		open_groups(s, key);
		if (later)
			show_later(s, key);
		else
			key->kind->show(
			    s, key, (const char *)s->policy + key->offset);
	}
}

void
policy_show(const struct policy *p, bool comments, struct buf *out)
{
	struct show s = { .policy = p, .out = out, .comments = comments };

	show_all(&s);
}

void
policy_digest(struct policy *p)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;
	struct buf text;

	buf_init(&text, POLICY_SHOWN_MAX);
	policy_show(p, false, &text);
	sha256_init(&ctx);
	sha256_update(&ctx, text.len, (const uint8_t *)text.at);
	sha256_digest(&ctx, sizeof(digest), digest);
	buf_release(&text);
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(p->digest + 2 * i, 3, "%02x", digest[i]);
}
