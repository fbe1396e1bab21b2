#ifndef POLICY_SECRET_FORM_H
#define POLICY_SECRET_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "proxy/base/buf.h"

/* What a text is made of. */
struct form {
	size_t len, lower, upper, digit, other; /* bytes of each class */
	size_t distinct; /* different bytes */
	size_t most; /* occurrences of the most frequent one */
	size_t turns; /* changes of class; a capital before a small letter is
	    how a word begins, and no change; joining signs are left out */
	bool hex; /* hexadecimal digits and '-' alone, of one case */
	double entropy; /* bits a byte: Shannon's, of the single bytes */
};

enum form_class { FORM_LOWER, FORM_UPPER, FORM_DIGIT, FORM_OTHER };

enum form_class form_class_of(char c);
bool form_hex_digit(char c);

/* Of the first 512 bytes of s. */
struct form form_of(struct slice s);

/* Not one byte again and again, and more than a few different ones. */
bool form_varied(const struct form *f);

/* Finds an ASCII text, in small letters, without regard to case. */
bool form_holds(struct slice s, const char *what);

/* Is there something that people write where a secret belongs? */
bool form_placeholder(struct slice s);

#endif
