/* SPDX-License-Identifier: MIT
 *
 * The table of capabilities: the only authority on what is announced, when,
 * and by which RFC.  A capability that the administrator has switched off is
 * not announced and unlocks nothing: commands and arguments that belong to it
 * are refused as unknown.
 */
#ifndef AVOCET_IMAP_CAPABILITY_TABLE_H
#define AVOCET_IMAP_CAPABILITY_TABLE_H

#include "base/buf.h"

enum capability {
	CAPABILITY_NONE, /* needs none */
	CAPABILITY_IMAP4REV1,
	CAPABILITY_IMAP4REV2,
	CAPABILITY_LITERAL_PLUS,
	CAPABILITY_SASL_IR,
	CAPABILITY_ENABLE,
	CAPABILITY_ID,
	CAPABILITY_NAMESPACE,
	CAPABILITY_CHILDREN,
	CAPABILITY_UNSELECT,
	CAPABILITY_IDLE,
	CAPABILITY_UIDPLUS,
	CAPABILITY_MOVE,
	CAPABILITY_SPECIAL_USE,
	CAPABILITY_CREATE_SPECIAL_USE,
	CAPABILITY_LIST_EXTENDED,
	CAPABILITY_LIST_STATUS,
	CAPABILITY_STATUS_SIZE,
	CAPABILITY_ESEARCH,
	CAPABILITY_SEARCHRES,
	CAPABILITY_BINARY,
	CAPABILITY_UTF8_ACCEPT,
	CAPABILITY_APPENDLIMIT,
	CAPABILITY_WITHIN,
	CAPABILITY_MULTIAPPEND,
	CAPABILITY_CONDSTORE,
	CAPABILITY_QRESYNC,
	CAPABILITY_COMPRESS_DEFLATE,
	CAPABILITY_REPLACE,
	CAPABILITY_SAVEDATE,
	CAPABILITY_OBJECTID,
	CAPABILITY_PREVIEW,
	CAPABILITY_INPROGRESS,
	CAPABILITY_COUNT,
};

/* When it is announced; bits. */
enum { OFFERED_BEFORE_LOGIN = 1, OFFERED_AFTER_LOGIN = 2 };

struct capability_row {
	const char *name; /* "APPENDLIMIT=" is followed by the limit */
	unsigned rfc;
	unsigned offered;
	bool fixed; /* cannot be switched off */
};

extern const struct capability_row capability_table[CAPABILITY_COUNT];

/* Which capabilities are on, a bit each. */
typedef uint64_t capability_set;
bool capability_has(capability_set set, enum capability c);

/* All. */
capability_set capability_all(void);

/* Take the one called ${name} (in any case) out.  False when there is none of
 * this name, or it cannot be switched off. */
bool capability_switch_off(capability_set *set, struct str name);

/* Append the names of those that are on and offered at this time, with a space
 * between; ${append_limit} is the number of APPENDLIMIT. */
void capability_write(capability_set set, unsigned offered,
    uint64_t append_limit, struct buf *to);

#endif
