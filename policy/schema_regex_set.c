/*
 * Sets of characters: what a class of a pattern stands for, as ranges, and how
 * PCRE2 is told of it.  Unicode's properties stay with PCRE2, which has the
 * tables; of them the ranges know what is in ASCII.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/schema_node.h"
#include "policy/schema_regex_ast.h"
#include "proxy/base/array.h"
#include "proxy/base/xalloc.h"

#define CP_MAX 0x10ffffU
#define HALF_FIRST 0xd800U /* surrogates: in no UTF-8 */
#define HALF_LAST 0xdfffU

/* Bytes of the name of a property. */
#define PROPERTY_MAX 48U

void
re_set_add(struct re_set *set, uint32_t first, uint32_t last)
{
	set->v = schema_grow(set->v, set->n, &set->cap, sizeof(*set->v));
	set->v[set->n++] = (struct re_range){ first, last };
}

static const struct re_range digits[] = { { '0', '9' } };
static const struct re_range letters[] = { { '0', '9' }, { 'A', 'Z' },
	{ '_', '_' }, { 'a', 'z' } };
/* Source: ECMA-262, WhiteSpace and LineTerminator. */
static const struct re_range spaces[] = { { 9, 13 }, { ' ', ' ' },
	{ 0xa0, 0xa0 }, { 0x1680, 0x1680 }, { 0x2000, 0x200a },
	{ 0x2028, 0x2029 }, { 0x202f, 0x202f }, { 0x205f, 0x205f },
	{ 0x3000, 0x3000 }, { 0xfeff, 0xfeff } };
static const struct re_range lines[] = { { '\n', '\n' }, { '\r', '\r' },
	{ 0x2028, 0x2029 } };

static const struct {
	char letter;
	bool inverse;
	const struct re_range *v;
	size_t n;
} classes[] = {
	{ 'd', false, digits, nitems(digits) },
	{ 'D', true, digits, nitems(digits) },
	{ 's', false, spaces, nitems(spaces) },
	{ 'S', true, spaces, nitems(spaces) },
	{ 'w', false, letters, nitems(letters) },
	{ 'W', true, letters, nitems(letters) },
	{ '.', true, lines, nitems(lines) },
};

/* The gaps between ranges that are in order. */
static void
add_inverse(struct re_set *set, const struct re_range *v, size_t n)
{
	uint32_t from = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].first > from)
			re_set_add(set, from, v[i].first - 1);
		from = v[i].last + 1;
	}
	if (from <= CP_MAX)
		re_set_add(set, from, CP_MAX);
}

void
re_set_add_class(struct re_set *set, char letter)
{
	for (size_t i = 0; i < nitems(classes); i++) {
		if (classes[i].letter != letter)
			continue;
		if (classes[i].inverse) {
			add_inverse(set, classes[i].v, classes[i].n);
			continue;
		}
		for (size_t k = 0; k < classes[i].n; k++)
			re_set_add(
			    set, classes[i].v[k].first, classes[i].v[k].last);
	}
}

/* Long names of general categories.  Source: Unicode, PropertyValueAliases. */
static const struct {
	const char *name, *code;
} categories[] = {
	/* clang-format off */
	{ "Letter", "L" }, { "Cased_Letter", "L&" }, { "LC", "L&" },
	{ "Uppercase_Letter", "Lu" }, { "Lowercase_Letter", "Ll" },
	{ "Titlecase_Letter", "Lt" }, { "Modifier_Letter", "Lm" },
	{ "Other_Letter", "Lo" }, { "Mark", "M" }, { "Combining_Mark", "M" },
	{ "Nonspacing_Mark", "Mn" }, { "Spacing_Mark", "Mc" },
	{ "Enclosing_Mark", "Me" }, { "Number", "N" },
	{ "Decimal_Number", "Nd" }, { "digit", "Nd" },
	{ "Letter_Number", "Nl" }, { "Other_Number", "No" },
	{ "Punctuation", "P" }, { "punct", "P" },
	{ "Connector_Punctuation", "Pc" }, { "Dash_Punctuation", "Pd" },
	{ "Open_Punctuation", "Ps" }, { "Close_Punctuation", "Pe" },
	{ "Initial_Punctuation", "Pi" }, { "Final_Punctuation", "Pf" },
	{ "Other_Punctuation", "Po" }, { "Symbol", "S" },
	{ "Math_Symbol", "Sm" }, { "Currency_Symbol", "Sc" },
	{ "Modifier_Symbol", "Sk" }, { "Other_Symbol", "So" },
	{ "Separator", "Z" }, { "Space_Separator", "Zs" },
	{ "Line_Separator", "Zl" }, { "Paragraph_Separator", "Zp" },
	{ "Other", "C" }, { "Control", "Cc" }, { "cntrl", "Cc" },
	{ "Format", "Cf" }, { "Surrogate", "Cs" }, { "Private_Use", "Co" },
	{ "Unassigned", "Cn" },
	/* clang-format on */
};

/* What stands before the value of a property, and PCRE2's word for it. */
static const struct {
	const char *name, *prefix;
} keys[] = {
	{ "General_Category=", "" },
	{ "gc=", "" },
	{ "Script=", "sc:" },
	{ "sc=", "sc:" },
	{ "Script_Extensions=", "scx:" },
	{ "scx=", "scx:" },
};

static bool
property_text(struct slice name, bool negated, char *dst, size_t size)
{
	const char *prefix = "", *code = NULL;

	for (size_t i = 0; i < name.len; i++)
		if (strchr("_=", name.at[i]) == NULL &&
		    ((name.at[i] | 0x20) < 'a' || (name.at[i] | 0x20) > 'z') &&
		    (name.at[i] < '0' || name.at[i] > '9'))
			return false;
	for (size_t i = 0; i < nitems(keys); i++) {
		size_t len = strlen(keys[i].name);

		if (name.len > len && memcmp(name.at, keys[i].name, len) == 0) {
			prefix = keys[i].prefix;
			name.at += len;
			name.len -= len;
			break;
		}
	}
	for (size_t i = 0; i < nitems(categories); i++)
		if (slice_is(name, categories[i].name))
			code = categories[i].code;
	if (name.len == 0 || name.len > PROPERTY_MAX)
		return false;
	if (code != NULL)
		name = slice_of(code);
	return snprintf(dst, size, "\\%c{%s%.*s}", negated ? 'P' : 'p', prefix,
		   (int)name.len, name.at) < (int)size;
}

int
re_set_add_property(struct re_set *set, struct slice name, bool negated)
{
	char text[PROPERTY_MAX + 16];
	pcre2_match_data *data;
	pcre2_code *code;
	size_t where;
	int fault;

	if (!property_text(name, negated, text, sizeof(text)))
		return -1;
	code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, PCRE2_UTF,
	    &fault, &where, NULL);
	if (code == NULL)
		return -1;
	data = pcre2_match_data_create(1, NULL);
	for (uint32_t c = 0; c < 0x80 && data != NULL; c++) {
		unsigned char byte = (unsigned char)c;

		if (pcre2_match(code, &byte, 1, 0, 0, data, NULL) > 0)
			re_set_add(set, c, c);
	}
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	buf_must(buf_add_str(&set->text, text));
	return data != NULL ? 0 : -1;
}

static int
range_order(const void *a, const void *b)
{
	const struct re_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

static void
join(struct re_set *set)
{
	uint32_t kept = 0;

	if (set->n > 1)
		qsort(set->v, set->n, sizeof(*set->v), range_order);
	for (uint32_t i = 0; i < set->n; i++) {
		struct re_range *last = kept > 0 ? &set->v[kept - 1] : NULL;

		if (last == NULL || set->v[i].first > last->last + 1)
			set->v[kept++] = set->v[i];
		else if (set->v[i].last > last->last)
			last->last = set->v[i].last;
	}
	set->n = kept;
}

static void
invert(struct re_set *set)
{
	struct re_set other = { .v = NULL };

	add_inverse(&other, set->v, set->n);
	free(set->v);
	set->v = other.v;
	set->n = other.n;
	set->cap = other.cap;
}

/* Ranges between brackets, without what no UTF-8 can hold. */
static void
write_ranges(const struct re_set *set, struct buf *dst)
{
	for (uint32_t i = 0; i < set->n; i++) {
		uint32_t first = set->v[i].first, last = set->v[i].last;

		if (first < HALF_FIRST && last >= HALF_FIRST) {
			buf_must(buf_addf(
			    dst, "\\x{%x}-\\x{d7ff}", (unsigned)first));
			first = HALF_FIRST;
		}
		if (first >= HALF_FIRST && first <= HALF_LAST)
			first = HALF_LAST + 1;
		if (first > last)
			continue;
		buf_must(buf_addf(dst, "\\x{%x}", (unsigned)first));
		if (last > first)
			buf_must(buf_addf(dst, "-\\x{%x}", (unsigned)last));
	}
}

void
re_set_finish(struct re_set *set, bool negated)
{
	struct buf whole;

	join(set);
	if (set->text.len > 0) {
		buf_init(&whole, SIZE_MAX / 2);
		buf_must(buf_add_str(&whole, negated ? "[^" : "["));
		write_ranges(set, &whole);
		buf_must(buf_add_slice(&whole, buf_slice(&set->text)));
		buf_must(buf_add_byte(&whole, ']'));
		buf_release(&set->text);
		set->text = whole;
	}
	if (negated)
		invert(set);
	if (set->text.len > 0) {
		re_set_add(set, 0x80, CP_MAX);
		join(set);
	}
}

bool
re_set_has(const struct re_set *set, uint32_t cp)
{
	uint32_t low = 0, high = set->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (cp > set->v[mid].last)
			low = mid + 1;
		else if (cp < set->v[mid].first)
			high = mid;
		else
			return true;
	}
	return false;
}

void
re_set_write(const struct re_set *set, struct buf *dst)
{
	if (set->text.len > 0) {
		buf_must(buf_add_slice(dst, buf_slice(&set->text)));
		return;
	}
	buf_must(buf_add_byte(dst, '['));
	write_ranges(set, dst);
	buf_must(buf_add_byte(dst, ']'));
}
