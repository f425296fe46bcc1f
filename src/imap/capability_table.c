/* SPDX-License-Identifier: MIT
 *
 * The table of capabilities, in the order in which they are announced.
 */
#include "imap/capability_table.h"

#define ALWAYS (OFFERED_BEFORE_LOGIN | OFFERED_AFTER_LOGIN)
#define AFTER  OFFERED_AFTER_LOGIN
#define BEFORE OFFERED_BEFORE_LOGIN

/* What login/ rests on whatever the configuration says is fixed. */
const struct capability_row capability_table[CAPABILITY_COUNT] = {
	[CAPABILITY_NONE] = { "", 0, 0, true },
	[CAPABILITY_IMAP4REV1] = { "IMAP4rev1", 3501, ALWAYS, true },
	[CAPABILITY_IMAP4REV2] = { "IMAP4rev2", 9051, ALWAYS, false },
	[CAPABILITY_LITERAL_PLUS] = { "LITERAL+", 7888, ALWAYS, true },
	[CAPABILITY_SASL_IR] = { "SASL-IR", 4959, BEFORE, true },
	[CAPABILITY_ENABLE] = { "ENABLE", 5161, ALWAYS, false },
	[CAPABILITY_ID] = { "ID", 2971, ALWAYS, true },
	[CAPABILITY_NAMESPACE] = { "NAMESPACE", 2342, AFTER, false },
	[CAPABILITY_CHILDREN] = { "CHILDREN", 3348, AFTER, false },
	[CAPABILITY_UNSELECT] = { "UNSELECT", 3691, AFTER, false },
	[CAPABILITY_IDLE] = { "IDLE", 2177, AFTER, false },
	[CAPABILITY_UIDPLUS] = { "UIDPLUS", 4315, AFTER, false },
	[CAPABILITY_MOVE] = { "MOVE", 6851, AFTER, false },
	[CAPABILITY_SPECIAL_USE] = { "SPECIAL-USE", 6154, AFTER, false },
	[CAPABILITY_CREATE_SPECIAL_USE] = { "CREATE-SPECIAL-USE", 6154, AFTER,
	    false },
	[CAPABILITY_LIST_EXTENDED] = { "LIST-EXTENDED", 5258, AFTER, false },
	[CAPABILITY_LIST_STATUS] = { "LIST-STATUS", 5819, AFTER, false },
	[CAPABILITY_STATUS_SIZE] = { "STATUS=SIZE", 8438, AFTER, false },
	[CAPABILITY_ESEARCH] = { "ESEARCH", 4731, AFTER, false },
	[CAPABILITY_SEARCHRES] = { "SEARCHRES", 5182, AFTER, false },
	[CAPABILITY_BINARY] = { "BINARY", 3516, AFTER, false },
	[CAPABILITY_UTF8_ACCEPT] = { "UTF8=ACCEPT", 9755, AFTER, false },
	[CAPABILITY_APPENDLIMIT] = { "APPENDLIMIT=", 7889, AFTER, false },
	[CAPABILITY_WITHIN] = { "WITHIN", 5032, AFTER, false },
	[CAPABILITY_MULTIAPPEND] = { "MULTIAPPEND", 3502, AFTER, false },
	[CAPABILITY_CONDSTORE] = { "CONDSTORE", 7162, AFTER, false },
	[CAPABILITY_QRESYNC] = { "QRESYNC", 7162, AFTER, false },
	[CAPABILITY_COMPRESS_DEFLATE] = { "COMPRESS=DEFLATE", 4978, AFTER,
	    false },
	[CAPABILITY_REPLACE] = { "REPLACE", 8508, AFTER, false },
	[CAPABILITY_SAVEDATE] = { "SAVEDATE", 8514, AFTER, false },
	[CAPABILITY_OBJECTID] = { "OBJECTID", 8474, AFTER, false },
	[CAPABILITY_PREVIEW] = { "PREVIEW", 8970, AFTER, false },
	[CAPABILITY_INPROGRESS] = { "INPROGRESS", 9585, AFTER, false },
};

bool
capability_has(capability_set set, enum capability c)
{
	return (set & (capability_set)1 << c) != 0;
}

capability_set
capability_all(void)
{
	return ((capability_set)1 << CAPABILITY_COUNT) - 1;
}

/* The name without what stands behind "=" if the table says that this
 * changes: an administrator writes APPENDLIMIT. */
static struct str
plain_name(const struct capability_row *row)
{
	struct str name = str_of(row->name);

	if (str_ends(name, STR("=")))
		name.n--;
	return name;
}

bool
capability_switch_off(capability_set *set, struct str name)
{
	for (int i = CAPABILITY_NONE + 1; i < CAPABILITY_COUNT; i++) {
		const struct capability_row *row = &capability_table[i];

		if (row->fixed || !str_eq_nocase(plain_name(row), name))
			continue;
		*set &= ~((capability_set)1 << i);
		return true;
	}
	return false;
}

void
capability_write(
    capability_set set, unsigned offered, uint64_t append_limit, struct buf *to)
{
	bool first = true;

	for (int i = CAPABILITY_NONE + 1; i < CAPABILITY_COUNT; i++) {
		const struct capability_row *row = &capability_table[i];

		if (!capability_has(set, (enum capability)i) ||
		    !(row->offered & offered))
			continue;
		if (!first)
			buf_add_byte(to, ' ');
		first = false;
		buf_add_text(to, row->name);
		if (i == CAPABILITY_APPENDLIMIT)
			buf_add_number(to, append_limit);
	}
}
