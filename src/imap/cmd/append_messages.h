/* SPDX-License-Identifier: MIT
 *
 * The messages of APPEND (RFC 9051 section 6.3.12) and REPLACE (RFC 8508
 * section 3.2), with literal8 (RFC 3516), UTF8 (RFC 9755), the limit of RFC
 * 7889 and APPENDUID (RFC 4315).
 *
 * Octets go to the store's staging area as they come.  What can be refused is
 * refused before the client is invited to send it, and the session drops what
 * a refused command still sends.
 */
#ifndef AVOCET_IMAP_CMD_APPEND_MESSAGES_H
#define AVOCET_IMAP_CMD_APPEND_MESSAGES_H

#include "base/vec.h"
#include "imap/session.h"
#include "proto/imap/append.h"

struct append_messages {
	struct mailbox_name mailbox;
	struct append_message next; /* announced last */
	bool single;		    /* there may be no second one */
	uint32_t to;		    /* the mailbox's id, once checked */
	uint64_t octets;	    /* of all messages */
	VEC(struct append) items;
};

/* May the first message be sent, to that mailbox?  May read the disk. */
struct answer
append_messages_check(struct imap_session *s, struct append_messages *c);

/* Take all up to the end of the command.  Waits for the client as session.h
 * says of literals. */
struct answer
append_messages_take(struct imap_session *s, struct append_messages *c);

/* The response code APPENDUID in the command's arena; "" when it is not
 * offered. */
struct str append_messages_code(
    struct imap_session *s, const struct append_result *result);

void append_messages_fini(struct append_messages *c);

#endif
