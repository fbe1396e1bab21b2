/*
 * Names that nearly are another one, for error messages.
 */
#include "proxy/base/nearest.h"

#include <stdint.h>
#include <string.h>

#include "proxy/base/array.h"

size_t
nearest_distance(const char *a, const char *b)
{
	size_t row[33], na = strlen(a), nb = strlen(b);

	if (na >= nitems(row) || nb >= nitems(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[nb];
}
