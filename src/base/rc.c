/* SPDX-License-Identifier: MIT
 *
 * Names and texts of result codes, from the one list in rc.h.
 */
#include "base/rc.h"

#include <stddef.h>

static const struct {
	const char *name;
	const char *text;
} codes[] = {
#define RC_ROW(name, text) { #name, text },
	RC_MAP(RC_ROW)
#undef RC_ROW
};

const char *
rc_text(enum rc code)
{
	size_t index = (size_t)code;

	if (index >= sizeof(codes) / sizeof(codes[0]))
		return "unknown result";
	return codes[index].text;
}

const char *
rc_name(enum rc code)
{
	size_t index = (size_t)code;

	if (index >= sizeof(codes) / sizeof(codes[0]))
		return "UNKNOWN";
	return codes[index].name;
}
