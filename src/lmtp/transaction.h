/* SPDX-License-Identifier: MIT
 *
 * One LMTP transaction: a sender, recipients, a message, and what became of it
 * for each recipient.  Knows no connection.
 *
 * Before the message as it came, each recipient gets two header fields:
 * Return-Path with the sender (RFC 5321 section 4.4) and Delivered-To with the
 * recipient.  No Received field is added: the mail server that hands the
 * message over has written one, and this is the last step on the same system.
 */
#ifndef AVOCET_LMTP_TRANSACTION_H
#define AVOCET_LMTP_TRANSACTION_H

#include "base/vec.h"
#include "mail/message.h"
#include "proto/lmtp/command.h"
#include "proto/lmtp/trace.h"

struct lmtp_recipient {
	struct str text; /* as given */
	struct str mailbox;
	size_t first; /* of its accounts, in the transaction's list */
	size_t count;
};

struct lmtp_transaction {
	bool open;    /* MAIL was accepted */
	bool chunked; /* BDAT has begun */
	bool smtputf8;
	struct str from;
	VEC(struct lmtp_recipient) recipients;
	VEC(uint64_t) accounts;	  /* of all recipients */
	struct arena *arena;	  /* of the strings; NULL when not open */
	struct incoming *message; /* NULL before the first octet */
	enum rc failure;	  /* the first of the message, RC_OK: none */
	struct lmtp_trace trace;
};

/* Zeroed memory is a transaction that is not open. */

/* MAIL: begin.  The transaction must not be open. */
void lmtp_transaction_begin(
    struct lmtp_transaction *t, const struct lmtp_command *mail);

/* Forget everything: RSET, LHLO, the end. */
void lmtp_transaction_reset(struct lmtp_transaction *t);

/* RCPT: to whom the address leads, see mail/alias.h; what follows "+" in the
 * local part names a mailbox, which need not exist.  RC_NOTFOUND: no such user; RC_LIMIT: enough
 * recipients; else the store's trouble.  May wait for the disk. */
enum rc lmtp_transaction_add(struct lmtp_transaction *t, struct mail *m,
    const struct lmtp_path *path) MUST_CHECK;

/* The next octets of the message; there are recipients.  Trouble is kept for
 * the replies: RC_LIMIT too big, RC_CONFLICT a loop, RC_NOSPACE, others.  May
 * wait for the disk. */
void lmtp_transaction_write(
    struct lmtp_transaction *t, struct mail *m, struct str bytes);

/* The message is whole: store it durably for all recipients and append one
 * reply for each, in order (RFC 2033 section 4.2), to ${replies}; then forget
 * everything.  Waits for the disk. */
void lmtp_transaction_deliver(
    struct lmtp_transaction *t, struct mail *m, struct buf *replies);

/* The reply for the message's own trouble, without CRLF. */
const char *lmtp_transaction_failure(const struct lmtp_transaction *t);

#endif
