/*
 * Writes the table of policy/unifold.c as C, on stdout; runs when the program
 * is built and is no part of it.  Everything comes from ICU's copy of the
 * Unicode Character Database, whose confusables are those of UTS #39: Debian's
 * unicode-data has no confusables.txt.
 *
 * UTS #39 compares skeletons, in which "0" is "O" and "m" is "rn".  We want
 * text that can be read, so ASCII is never touched, and what looks like several
 * ASCII characters becomes the one of its own kind: a digit, a capital, a small
 * letter, a sign.  The result is a fixed point: folding it again changes
 * nothing.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/uversion.h>

#include "policy/gen/unifold_names.h"

#define CODE_POINTS 0x110000
#define BLOCK 64 /* code points of one block; the smallest table */
#define TEXT_MAX 65536 /* bytes: offsets are 16 bits */
#define PIECES 48 /* code points that one may become while we look */
#define DEPTH 8 /* steps to a fixed point */
#define nitems(a) (sizeof(a) / sizeof((a)[0]))

struct text {
	UChar32 c[PIECES];
	size_t n;
	bool bad; /* too long: the character stays */
};

static const UNormalizer2 *nfkd, *nfc;
static USpoofChecker *spoof;
static struct text ascii_skeleton[128];

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "unifold_table: %s: %s\n", what, why);
	exit(1);
}

static void
put(struct text *t, UChar32 c)
{
	if (t->n == PIECES)
		t->bad = true;
	else
		t->c[t->n++] = c;
}

static bool
same(const struct text *a, const struct text *b)
{
	return a->n == b->n && memcmp(a->c, b->c, a->n * sizeof(a->c[0])) == 0;
}

static struct text
from_utf16(const UChar *at, int32_t len)
{
	UErrorCode err = U_ZERO_ERROR;
	struct text t = { .n = 0 };
	int32_t n = 0;

	u_strToUTF32(t.c, PIECES, &n, at, len, &err);
	t.bad = err == U_BUFFER_OVERFLOW_ERROR;
	if (U_FAILURE(err) && !t.bad)
		die("UTF-16", u_errorName(err));
	t.n = t.bad ? 0 : (size_t)n;
	return t;
}

static int32_t
to_utf16(const struct text *t, UChar ret[2 * PIECES])
{
	UErrorCode err = U_ZERO_ERROR;
	int32_t len = 0;

	u_strFromUTF32(ret, 2 * PIECES, &len, t->c, (int32_t)t->n, &err);
	if (U_FAILURE(err))
		die("UTF-32", u_errorName(err));
	return len;
}

static struct text
normal(const UNormalizer2 *form, const struct text *t)
{
	UChar in[2 * PIECES], out[4 * PIECES];
	UErrorCode err = U_ZERO_ERROR;
	int32_t len = unorm2_normalize(
	    form, in, to_utf16(t, in), out, (int32_t)nitems(out), &err);

	if (U_FAILURE(err))
		die("normalize", u_errorName(err));
	return from_utf16(out, len);
}

static struct text
one(UChar32 c)
{
	return (struct text){ .c = { c }, .n = 1 };
}

/* What UTS #39 takes it for, in NFD. */
static struct text
skeleton(UChar32 c)
{
	UChar in[2 * PIECES], out[4 * PIECES];
	UErrorCode err = U_ZERO_ERROR;
	struct text t = one(c);
	int32_t len = uspoof_getSkeleton(
	    spoof, 0, in, to_utf16(&t, in), out, (int32_t)nitems(out), &err);

	if (U_FAILURE(err))
		die("skeleton", u_errorName(err));
	return from_utf16(out, len);
}

/*
 * Marks that may stand on a letter of any script, and those of scripts whose
 * words are read without them.  Vowels of Indic scripts and the voicing marks
 * of kana make other words.
 */
static bool
is_mark(UChar32 c)
{
	UErrorCode err = U_ZERO_ERROR;
	int8_t type = u_charType(c);

	if ((type != U_NON_SPACING_MARK && type != U_ENCLOSING_MARK) ||
	    c == 0x3099 || c == 0x309a)
		return false;
	switch (uscript_getScript(c, &err)) {
	case USCRIPT_INHERITED:
	case USCRIPT_LATIN:
	case USCRIPT_GREEK:
	case USCRIPT_CYRILLIC:
	case USCRIPT_HEBREW:
	case USCRIPT_ARABIC:
	case USCRIPT_SYRIAC:
		return true;
	default:
		return false;
	}
}

static bool
is_invisible(UChar32 c)
{
	int8_t type = u_charType(c);

	return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
	       (type == U_FORMAT_CHAR &&
		   !u_hasBinaryProperty(
		       c, UCHAR_PREPENDED_CONCATENATION_MARK)) ||
	       type == U_CONTROL_CHAR || is_mark(c);
}

/* The value of something that is read as one digit, or -1. */
static int
digit(UChar32 c)
{
	int8_t type = u_charType(c);
	double value;

	if (type == U_DECIMAL_DIGIT_NUMBER)
		return u_charDigitValue(c);
	if (type != U_OTHER_NUMBER)
		return -1;
	value = u_getNumericValue(c);
	for (int i = 0; i <= 9; i++)
		if (!(value < i) && !(value > i))
			return i;
	return -1;
}

/*
 * A skeleton without its marks: of the ASCII characters that share one, the
 * one of c's kind.
 */
static void
settle(struct text *sk, UChar32 c)
{
	int8_t type = u_charType(c);

	if (sk->n == 1 && sk->c[0] == 'l') {
		if (type == U_UPPERCASE_LETTER)
			sk->c[0] = 'I';
		else if (!u_hasBinaryProperty(c, UCHAR_ALPHABETIC))
			sk->c[0] = type == U_LETTER_NUMBER ? '1' : '|';
	} else if (sk->n == 1 && sk->c[0] == 'O') {
		if (type == U_LETTER_NUMBER || type == U_OTHER_NUMBER)
			sk->c[0] = '0';
	} else if (sk->n > 1) {
		for (UChar32 a = '!'; a < 0x7f; a++)
			if (same(&ascii_skeleton[a], sk)) {
				*sk = one(a);
				break;
			}
	}
}

static struct text
without_marks(const struct text *t)
{
	struct text out = { .n = 0 };

	for (size_t i = 0; i < t->n; i++)
		if (!is_mark(t->c[i]))
			put(&out, t->c[i]);
	return out;
}

/* One step from c towards what it is read as; c itself where there is none. */
static struct text
step(UChar32 c)
{
	struct text t = one(c), next;
	const char *to = unifold_override(c);
	int value;

	if (c < 0x80)
		return t;
	if (to != NULL) {
		t.n = 0;
		while (*to != '\0')
			put(&t, *to++);
		return t;
	}
	if (is_invisible(c))
		return (struct text){ .n = 0 };
	if (u_charType(c) == U_SPACE_SEPARATOR)
		return one(' ');
	if ((value = digit(c)) >= 0)
		return one('0' + value);
	if ((next = one(unifold_named(c, false))).c[0] != 0)
		return next;
	if (u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE) !=
	    U_HST_NOT_APPLICABLE)
		return t;
	next = normal(nfkd, &t);
	if (!same(&next, &t))
		return next;
	next = skeleton(c);
	next = without_marks(&next);
	/* A pound is no L. */
	if (next.n > 0 && !same(&next, &t) &&
	    u_charType(c) != U_CURRENCY_SYMBOL) {
		settle(&next, c);
		return next;
	}
	if ((next = one(unifold_named(c, true))).c[0] != 0)
		return next;
	return one(u_foldCase(c, U_FOLD_CASE_DEFAULT));
}

/* Its bytes of UTF-8: how many, and where ret is not NULL, which. */
static size_t
to_utf8(const struct text *t, char ret[4 * PIECES])
{
	UErrorCode err = U_ZERO_ERROR;
	UChar wide[2 * PIECES];
	char buf[4 * PIECES];
	int32_t len = 0;

	u_strToUTF8(ret != NULL ? ret : buf, 4 * PIECES, &len, wide,
	    to_utf16(t, wide), &err);
	if (U_FAILURE(err))
		die("UTF-8", u_errorName(err));
	return (size_t)len;
}

/* What c folds to: the fixed point, or c where there is none within reach. */
static struct text
fold(UChar32 c)
{
	struct text self = one(c), was = self;

	for (int depth = 0; depth < DEPTH; depth++) {
		struct text now = { .n = 0 }, composed;

		for (size_t i = 0; i < was.n; i++) {
			struct text s = step(was.c[i]);

			for (size_t j = 0; j < s.n; j++)
				put(&now, s.c[j]);
		}
		if (now.bad)
			break;
		composed = normal(nfc, &now);
		if (composed.bad)
			break;
		if (same(&composed, &was))
			/* unifold() promises its callers at most this. */
			return to_utf8(&was, NULL) <= 4 * to_utf8(&self, NULL)
				   ? was
				   : self;
		was = composed;
	}
	return self;
}

static unsigned char texts[TEXT_MAX];
static size_t texts_len = 1; /* 0 says that a character stays */
static uint16_t blocks[CODE_POINTS / BLOCK][BLOCK];
static size_t nblocks;

/* Where the bytes of t are among the texts. */
static uint16_t
intern(const struct text *t)
{
	char buf[4 * PIECES];
	size_t len = to_utf8(t, buf), at;

	for (at = 1; at < texts_len; at += texts[at] + 1U)
		if (texts[at] == len && memcmp(texts + at + 1, buf, len) == 0)
			return (uint16_t)at;
	if (texts_len + len + 1 > TEXT_MAX)
		die("texts", "more than 64 KiB");
	texts[at] = (unsigned char)len;
	memcpy(texts + at + 1, buf, len);
	texts_len += len + 1;
	return (uint16_t)at;
}

/* The number of the block that begins at code point first. */
static size_t
block_of(UChar32 first)
{
	uint16_t *b = blocks[nblocks];
	size_t i;

	for (i = 0; i < BLOCK; i++) {
		UChar32 c = first + (UChar32)i;
		struct text was = one(c), now;

		b[i] = 0;
		if (c < 0x80 || u_charType(c) == U_SURROGATE)
			continue;
		now = fold(c);
		if (!same(&now, &was))
			b[i] = intern(&now);
	}
	for (i = 0; i < nblocks; i++)
		if (memcmp(blocks[i], b, sizeof(blocks[i])) == 0)
			return i;
	return nblocks++;
}

static void
print_head(void)
{
	printf("/* Made by policy/gen/unifold_table.c from Unicode %s. */\n"
	       "#include \"policy/unifold_table.h\"\n\n",
	    U_UNICODE_VERSION);
}

int
main(void)
{
	static uint16_t index[CODE_POINTS / BLOCK];
	UErrorCode err = U_ZERO_ERROR;

	nfkd = unorm2_getNFKDInstance(&err);
	nfc = unorm2_getNFCInstance(&err);
	spoof = uspoof_open(&err);
	if (U_FAILURE(err))
		die("open", u_errorName(err));
	for (UChar32 a = 0; a < 0x80; a++)
		ascii_skeleton[a] = skeleton(a);
	for (UChar32 c = 0; c < CODE_POINTS; c += BLOCK)
		index[c / BLOCK] = (uint16_t)block_of(c);
	print_head();
	printf("const uint16_t unifold_index[] = {");
	for (size_t i = 0; i < nitems(index); i++)
		printf("%s%u,", i % 12 == 0 ? "\n\t" : " ", index[i]);
	printf("\n};\n\nconst uint16_t unifold_entry[] = {");
	for (size_t i = 0; i < nblocks * BLOCK; i++)
		printf("%s%u,", i % 12 == 0 ? "\n\t" : " ",
		    blocks[i / BLOCK][i % BLOCK]);
	/* unifold() copies four bytes where it needs fewer. */
	printf("\n};\n\nconst unsigned char unifold_text[] = {");
	for (size_t i = 0; i < texts_len + 4; i++)
		printf("%s%u,", i % 16 == 0 ? "\n\t" : " ",
		    i < texts_len ? texts[i] : 0U);
	printf("\n};\n");
	uspoof_close(spoof);
	return fflush(stdout) == 0 ? 0 : 1;
}
