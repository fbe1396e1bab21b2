/*
 * Puts a command together that a server is given in the members of an object:
 * the program in one, its arguments in others, as strings, arrays or objects.
 * What is around a command, as the directory that it runs in, is left out: it
 * would turn "rm -rf build" in somebody's home into the removal of the home.
 */
#include "policy/command_line.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policy/fold.h"
#include "policy/text.h"
#include "proxy/base/array.h"

/* Levels of arrays and objects within one member: deeper, no server looks for
   arguments; and so each string is part of few lines. */
#define NESTED_MAX 4U
/* Bytes of a string that may be an argument although nothing says so, and of a
   command of one word. */
#define WORD_MAX 256U

enum piece {
	PIECE_COMMAND,
	PIECE_ARGUMENT,
	PIECE_BESIDE, /* an argument if the command is but a word */
	PIECE_AROUND, /* none */
};

static const struct {
	const char *end; /* of a member's name, in any case */
	enum piece piece;
} ends[] = {
	{ "args", PIECE_ARGUMENT },
	{ "argv", PIECE_ARGUMENT },
	{ "arg", PIECE_ARGUMENT },
	{ "argument", PIECE_ARGUMENT },
	{ "arguments", PIECE_ARGUMENT },
	{ "flag", PIECE_ARGUMENT },
	{ "flags", PIECE_ARGUMENT },
	{ "operands", PIECE_ARGUMENT },
	{ "options", PIECE_ARGUMENT },
	{ "opts", PIECE_ARGUMENT },
	{ "parameters", PIECE_ARGUMENT },
	{ "params", PIECE_ARGUMENT },
	{ "switches", PIECE_ARGUMENT },
	{ "cwd", PIECE_AROUND },
	{ "dir", PIECE_AROUND },
	{ "directory", PIECE_AROUND },
	{ "folder", PIECE_AROUND },
	{ "root", PIECE_AROUND },
	{ "workspace", PIECE_AROUND },
	{ "binary", PIECE_COMMAND },
	{ "exec", PIECE_COMMAND },
	{ "executable", PIECE_COMMAND },
};

static enum piece
piece_of(struct slice name)
{
	const char *known;
	enum text_role role;

	for (size_t i = 0; i < nitems(ends); i++) {
		size_t len = strlen(ends[i].end);

		if (name.len >= len && strncasecmp(name.at + name.len - len,
					   ends[i].end, len) == 0)
			return ends[i].piece;
	}
	role = text_role(name, &known);
	if (role == ROLE_CODE)
		return PIECE_COMMAND;
	return role == ROLE_PROSE ? PIECE_AROUND : PIECE_BESIDE;
}

static void
add_piece(struct command_line *line, struct slice piece)
{
	if (line->spaced.len > 0)
		buf_must(buf_add_byte(&line->spaced, ' '));
	buf_must(buf_add_slice(&line->spaced, piece));
	buf_must(buf_add_slice(&line->glued, piece));
}

/* Adds the strings at and below value; returns how many. */
static size_t
add_pieces(const struct json *doc, json_at value, unsigned depth,
    struct buf *scratch, struct command_line *line)
{
	bool object = json_is(doc, value, JSON_OBJECT);
	size_t n = 0;

	if (json_is(doc, value, JSON_STRING)) {
		add_piece(line, json_text(doc, value, scratch));
		return 1;
	}
	if ((!object && !json_is(doc, value, JSON_ARRAY)) ||
	    depth == NESTED_MAX)
		return 0;
	for (json_at at = json_first(doc, value); at != JSON_NONE;
	     at = json_sibling(doc, value, at))
		if (!object ||
		    piece_of(json_text(doc, at, scratch)) != PIECE_AROUND)
			n += add_pieces(doc, object ? at + 1 : at, depth + 1,
			    scratch, line);
	return n;
}

/* A string, or an array of strings, each no longer than a word may be. */
static bool
may_be_argument(const struct json *doc, json_at value)
{
	if (json_is(doc, value, JSON_STRING))
		return json_raw(doc, value).len <= WORD_MAX;
	if (!json_is(doc, value, JSON_ARRAY))
		return false;
	for (json_at at = json_first(doc, value); at != JSON_NONE;
	     at = json_sibling(doc, value, at))
		if (!json_is(doc, at, JSON_STRING) ||
		    json_raw(doc, at).len > WORD_MAX)
			return false;
	return true;
}

static size_t
add_members(const struct json *doc, json_at object, enum piece which,
    struct buf *scratch, struct command_line *line)
{
	size_t n = 0;

	for (json_at key = json_first(doc, object); key != JSON_NONE;
	     key = json_sibling(doc, object, key))
		if (piece_of(json_text(doc, key, scratch)) == which &&
		    /* An object alone is judged as what it is. */
		    (line->spaced.len > 0 ||
			!json_is(doc, key + 1, JSON_OBJECT)) &&
		    (which != PIECE_BESIDE || may_be_argument(doc, key + 1)))
			n += add_pieces(doc, key + 1, 0, scratch, line);
	return n;
}

static bool
is_word(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] == ' ' || s.at[i] == '\t' || s.at[i] == '\n')
			return false;
	return s.len > 0 && s.len <= WORD_MAX;
}

bool
command_line_of(const struct json *doc, json_at object, struct buf *scratch,
    struct command_line *ret)
{
	size_t commands, arguments, beside = 0;

	buf_init(&ret->spaced, 2 * doc->text.len);
	buf_init(&ret->glued, doc->text.len);
	commands = add_members(doc, object, PIECE_COMMAND, scratch, ret);
	/* Before there are arguments: is it the name of a program? */
	if (commands == 1 && is_word(buf_slice(&ret->spaced)))
		beside = add_members(doc, object, PIECE_BESIDE, scratch, ret);
	arguments = add_members(doc, object, PIECE_ARGUMENT, scratch, ret);
	ret->certain = beside == 0;
	/* {"args": ["rm", "-rf", "/"]}: the program may be the first of them.
	 */
	if (commands + arguments + beside > 1)
		return true;
	command_line_release(ret);
	return false;
}

void
command_line_release(struct command_line *line)
{
	buf_release(&line->spaced);
	buf_release(&line->glued);
}
