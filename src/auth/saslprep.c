/* SPDX-License-Identifier: MIT
 *
 * SASLprep by GNU Libidn, which has the tables of Unicode 3.2.
 */
#include "auth/saslprep.h"

#include <string.h>
#include <stringprep.h>

#include "base/mem.h"
#include "base/utf8.h"

/* The library works in place; no character of compatibility is written out in
 * more than 18 times its octets. */
#define ROOM_TIMES 18
#define ROOM_MORE  64

char *
saslprep_query(struct str text, size_t bytes_max)
{
	size_t room = ROOM_TIMES * text.n + ROOM_MORE;
	char *prepared;

	if (text.n == 0 || text.n > bytes_max ||
	    memchr(text.p, '\0', text.n) != NULL || !utf8_valid(text))
		return NULL;
	prepared = mem_alloc(room);
	memcpy(prepared, text.p, text.n);
	if (stringprep(prepared, room, 0, stringprep_saslprep) ==
		STRINGPREP_OK &&
	    *prepared != '\0')
		return prepared;
	mem_wipe(prepared, room);
	mem_free(prepared);
	return NULL;
}

bool
saslprep_has_new(const char *prepared)
{
	size_t room = ROOM_TIMES * strlen(prepared) + ROOM_MORE;
	char *work = mem_alloc(room);
	bool has;

	memcpy(work, prepared, strlen(prepared));
	has = stringprep(work, room, STRINGPREP_NO_UNASSIGNED,
		  stringprep_saslprep) != STRINGPREP_OK;
	mem_wipe(work, room);
	mem_free(work);
	return has;
}

void
saslprep_free(char *prepared)
{
	if (prepared == NULL)
		return;
	mem_wipe(prepared, strlen(prepared));
	mem_free(prepared);
}
