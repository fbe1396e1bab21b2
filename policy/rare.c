/*
 * Which part of a literal a text holds least often: by how rarely one letter
 * follows another, counted in documentation, program text, HTML and JSON, and
 * by a list of what is frequent all the same.  A bad guess costs time only.
 */
#include "policy/rare.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* The most frequent four letters in words of documentation and program text:
   no good anchors. */
/* clang-format off */
static const char frequent[] =
	    "freq uent tion code lass clas titl lice icen cens ense "
	    "html atio href ight this ions righ ment sion stri with "
	    "trib ctio cont soft ware name able file vers copy ther "
	    "ersi port pack comp item rsio tyle styl rite inte util "
	    "form that kage ages pair tils nter dist ring nder ontr "
	    "istr unde text http rant late type eral ding ecti thon "
	    "pyth from ptio trin othe tati tter ubli func clud bute "
	    "comm tern tran ntri ents gene arra part ener self publ "
	    "colo olor incl ilit unct prov free inde icat iles lity "
	    "ttps init over ncti orma blic urce sour thou hout oper "
	    "opti cati erna valu tial rovi ific such tera iter here "
	    "sing alue spec ermi ered emen pres warr tent have ould "
	    "ever ence been were will they when what your more some "
	    "than them into only also each make want need know data "
	    "user mail down ound ough ance ssio essa mess sage ssag "
	    "read writ call list tool test must note ease plea fore "
	    "befo lway alwa rese send syst yste stem resp aram para "
	    "retu etur turn ";
/* clang-format on */

static unsigned
slot(const unsigned char *s)
{
	uint32_t v = (uint32_t)s[0] | (uint32_t)s[1] << 8 |
		     (uint32_t)s[2] << 16 | (uint32_t)s[3] << 24;

	return v * 0x9e3779b1U >> (32 - RARE_LOG);
}

/*
 * How rare a byte of one class is behind one of another, and at the beginning
 * (the last row): minus the binary logarithm of its share, in hex digits.
 */
/* clang-format off */
static const char follows[RARE_CLASSES + 1][RARE_CLASSES + 1] = {
	"b546a84b4c7433c6c44377997b4c9",
	"5a89395b47d2984ad3483be44b6b9",
	"5a5837c46a549a28a4535bbb8b5c8",
	"59a52a9a49a79a5ad76669ab8f2c6",
	"5863658a7cc644979345a7848d3d7",
	"3b9955bc3ef6b934d4845cfe7f2b7",
	"664939744fe68466e4266cafbb3b8",
	"3cab2cbe4fa9a948f4837cbf9f398",
	"5444655ead936347c643b4f8d77e9",
	"2a972d6a49788737a839478cdc6b9",
	"29992a684a86866898475c899a387",
	"49a6298b3ea4b858fa4449ba6c4c7",
	"36792a9d5d946933fc5b6bbbbe5b7",
	"365447495a779859da3368cd6a3c8",
	"8754947a7a853365f3653669aa4ea",
	"2d584ab75fa38945d3655db85f5b8",
	"caaababc7bc4a4baca780baccc6e8",
	"4a56286b4f785547d655488c6c378",
	"7b6837964d948a53b5436a9c8c3b7",
	"4a8638933e865856b4556c695b387",
	"7556387d6da45396d433dcb9cc57a",
	"3cac1eae3fe9895af887aceacf699",
	"2b894b8329e7a549d56a9b5eed4a8",
	"2a6a58c77fcb5c95fb23dcc98f589",
	"79997aab7fd47735b4549c8a971f7",
	"59df3ce85fe69f89ef9b9c8a897f5",
	"4656657659966656b65477698b276",
	"bbabaaffdeeffefafde6bdfaf6646",
	"4657577669b68686c6555986cb276",
	"465546765a856556b554678779367",
};
/* clang-format on */

static unsigned
class_of(unsigned char c)
{
	c |= 0x20;
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c == ' ' || c == ('\n' | 0x20) || c == ('\t' | 0x20))
		return 26;
	return c >= '0' && c <= '9' ? 27 : 28;
}

void
rare_init(struct rare *r)
{
	static_assert(sizeof(frequent) % 5 == 1, "four letters and a space");
	memset(r, 0, sizeof(*r));
	for (unsigned c = 0; c < 256; c++)
		r->class_of[c] = (unsigned char)class_of((unsigned char)c);
	for (unsigned i = 0; i <= RARE_CLASSES; i++)
		for (unsigned k = 0; k < RARE_CLASSES; k++)
			r->cost[i][k] =
			    (unsigned char)(follows[i][k] <= '9'
						? follows[i][k] - '0'
						: follows[i][k] - 'a' + 10);
	for (const char *f = frequent; *f != '\0'; f += 5)
		r->frequent[slot((const unsigned char *)f)] = true;
}

static unsigned
rarity(const struct rare *r, const unsigned char *s)
{
	unsigned sum = r->frequent[slot(s)] ? 0 : 8, last = RARE_CLASSES;

	for (unsigned i = 0; i < 4; i++) {
		unsigned now = r->class_of[s[i]];

		sum += r->cost[last][now];
		last = now;
	}
	return sum;
}

size_t
rare_four(const struct rare *r, const unsigned char *s, size_t len, size_t from)
{
	unsigned best = 0;
	size_t ret = from;

	for (size_t i = from; i + 4 <= len; i += 2) {
		unsigned sum = rarity(r, s + i);

		if (sum > best) {
			best = sum;
			ret = i;
		}
	}
	return ret;
}
