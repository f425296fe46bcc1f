/* SPDX-License-Identifier: MIT
 *
 * STORE (RFC 9051 section 6.4.6).
 */
#ifndef AVOCET_PROTO_IMAP_STORE_H
#define AVOCET_PROTO_IMAP_STORE_H

#include "proto/imap/flag.h"
#include "proto/imap/modifier.h"
#include "proto/imap/set.h"

enum store_sign { STORE_FLAGS, STORE_PLUS_FLAGS, STORE_MINUS_FLAGS };

struct store_args {
	struct seq_set set;
	enum store_sign sign;
	bool silent;
	struct flag_list flags;
	struct modifier_list modifiers; /* as written: see resync.h */
};

/* SP sequence-set [store-modifiers] SP store-att-flags
 *                              RFC 9051 section 9, RFC 4466 section 3
 * to the end; behind "STORE". */
bool parse_store(struct parser *p, struct store_args *ret_args);

void write_store(struct buf *to, const struct store_args *args);

#endif
