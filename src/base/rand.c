/* SPDX-License-Identifier: MIT
 *
 * getrandom(2) in a loop.
 */
#include "base/rand.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void
rand_bytes(void *to, size_t size)
{
	unsigned char *at = to;

	while (size > 0) {
		ssize_t got = getrandom(at, size, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		at += got;
		size -= (size_t)got;
	}
}

uint64_t
rand_u64(void)
{
	uint64_t number;

	rand_bytes(&number, sizeof(number));
	return number;
}
