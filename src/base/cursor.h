/* SPDX-License-Identifier: MIT
 *
 * Taking single bytes, as parsers do at every step.
 */
#ifndef AVOCET_BASE_CURSOR_H
#define AVOCET_BASE_CURSOR_H

#include "base/str.h"

/* Is ${byte} next? */
static inline bool
cursor_sees(const struct cursor *c, char byte)
{
	return c->at < c->end && *c->at == byte;
}

/* Take ${byte}, if it is next. */
static inline bool
cursor_takes(struct cursor *c, char byte)
{
	if (!cursor_sees(c, byte))
		return false;
	c->at++;
	return true;
}

#endif
