/* SPDX-License-Identifier: MIT
 *
 * Names that are almost right.
 */
#include "config/near.h"

#include <stdint.h>
#include <string.h>

#define NAME_BYTES_MAX 64 /* longer ones resemble none */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters have to be put in, left out or changed to make one of the
 * other (Levenshtein's distance); SIZE_MAX if either is too long. */
static size_t
distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	size_t row[NAME_BYTES_MAX + 1]; /* to each beginning of b */

	if (na > NAME_BYTES_MAX || nb > NAME_BYTES_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t before = row[0]; /* of the row above, one to the left */

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t above = row[j];
			size_t changed = before + (a[i - 1] != b[j - 1]);

			row[j] = least(changed, least(above, row[j - 1]) + 1);
			before = above;
		}
	}
	return row[nb];
}

bool
near_enough(const char *wrong, const char *right, size_t *best)
{
	size_t n = strlen(wrong);
	size_t d = distance(wrong, right);

	if (n >= 3 && strncmp(wrong, right, n) == 0)
		d = 1; /* the rest was left out */
	if (d > n / 3 || d >= *best)
		return false;
	*best = d;
	return true;
}
