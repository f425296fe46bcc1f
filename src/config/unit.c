/* SPDX-License-Identifier: MIT
 *
 * Numbers with a unit letter.
 */
#include "config/unit.h"

struct unit {
	char letter;
	uint64_t factor;
};

static bool
parse(struct str s, const struct unit *units, size_t count, uint64_t *ret)
{
	uint64_t number;

	for (size_t i = 0; i < count && s.n > 0; i++) {
		if (s.p[s.n - 1] != units[i].letter)
			continue;
		if (!str_number(str_head(s, s.n - 1),
			UINT64_MAX / units[i].factor, &number))
			return false;
		*ret = number * units[i].factor;
		return true;
	}
	return false;
}

bool
unit_parse_size(struct str s, uint64_t *ret_bytes)
{
	static const struct unit units[] = { { 'K', 1024 },
		{ 'M', 1024 * 1024 }, { 'G', 1024 * 1024 * 1024 } };

	return parse(s, units, sizeof(units) / sizeof(units[0]), ret_bytes) ||
	       str_number(s, UINT64_MAX, ret_bytes);
}

bool
unit_parse_duration(struct str s, uint64_t *ret_seconds)
{
	static const struct unit units[] = { { 's', 1 }, { 'm', 60 },
		{ 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };

	return parse(s, units, sizeof(units) / sizeof(units[0]), ret_seconds);
}

const char *
unit_example(bool is_size, bool is_duration)
{
	if (is_size)
		return "a size such as \"128M\" (K, M, G, or bytes)";
	if (is_duration)
		return "a duration such as \"14d\" (s, m, h, d, w)";
	return "a number";
}
