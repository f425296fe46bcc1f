/* SPDX-License-Identifier: MIT
 *
 * From recipients and octets to deliveries.
 */
#include "lmtp/transaction.h"

#include <assert.h>

#include "base/log.h"
#include "base/utf8.h"
#include "mail/alias.h"

#define REPLY_BYTES_MAX 512 /* RFC 5321 section 4.5.3.1.5, with CRLF */

void
lmtp_transaction_begin(
    struct lmtp_transaction *t, const struct lmtp_command *mail)
{
	assert(!t->open);
	t->open = true;
	t->smtputf8 = mail->smtputf8;
	t->arena = arena_new(LMTP_TRANSACTION_BYTES_MAX);
	t->from = arena_str(t->arena, mail->path.text);
	lmtp_trace_init(&t->trace);
}

void
lmtp_transaction_reset(struct lmtp_transaction *t)
{
	incoming_free(t->message);
	vec_fini(&t->recipients);
	vec_fini(&t->accounts);
	arena_free(t->arena);
	*t = (struct lmtp_transaction){ 0 };
}

/* The mailbox that the detail of an address names. */
static struct str
mailbox_of(struct lmtp_transaction *t, struct str detail)
{
	struct str name = STR("INBOX");
	struct buf nfc;

	buf_init(&nfc, MAILBOX_NAME_BYTES_MAX);
	if (detail.n > 0 && !str_eq_nocase(detail, name) &&
	    utf8_nfc(detail, &nfc))
		name = arena_str(t->arena, buf_str(&nfc));
	buf_fini(&nfc);
	return name;
}

enum rc
lmtp_transaction_add(
    struct lmtp_transaction *t, struct mail *m, const struct lmtp_path *path)
{
	struct str local = { .p = path->local, .n = path->local_size };
	size_t plus = str_find(local, '+');
	struct alias_accounts accounts;
	struct lmtp_recipient r;
	enum rc rc =
	    alias_recipients(m, str_head(local, plus), path->domain, &accounts);

	if (rc != RC_OK)
		return rc;
	if (t->accounts.n + accounts.n > LMTP_RECIPIENTS_MAX)
		return RC_LIMIT;
	r.text = arena_str(t->arena, path->text);
	r.mailbox = mailbox_of(t, str_skip(local, plus + 1));
	r.first = t->accounts.n;
	r.count = accounts.n;
	if (r.text.p == NULL || r.mailbox.p == NULL)
		return RC_LIMIT;
	for (size_t i = 0; i < accounts.n; i++)
		vec_push(&t->accounts, accounts.v[i]);
	vec_push(&t->recipients, r);
	return RC_OK;
}

void
lmtp_transaction_write(
    struct lmtp_transaction *t, struct mail *m, struct str bytes)
{
	if (t->failure != RC_OK)
		return;
	if (t->message == NULL)
		t->message = incoming_new(m, t->accounts.v[0]);
	lmtp_trace_add(&t->trace, bytes);
	if (t->trace.count > LMTP_RECEIVED_MAX)
		t->failure = RC_CONFLICT;
	else
		t->failure = incoming_write(t->message, bytes);
}

/* What to tell about a message or a delivery (codes: RFC 3463). */
static const char *
reply_for(enum rc rc, bool whole_message)
{
	switch (rc) {
	case RC_OK:
		return "250 2.1.5 Delivered";
	case RC_NOTFOUND:
		return "550 5.1.1 No such user any more";
	case RC_NOSPACE:
		return "452 4.3.1 No space left, try again later";
	case RC_CONFLICT:
		return "554 5.4.6 Too many trace fields: a mail loop";
	case RC_LIMIT:
		return whole_message
			   ? "552 5.3.4 Message is too big"
			   : "452 4.2.2 Mailbox is full, try again later";
	default:
		return "451 4.3.0 Cannot store the message now, try again "
		       "later";
	}
}

const char *
lmtp_transaction_failure(const struct lmtp_transaction *t)
{
	return reply_for(t->failure, true);
}

static struct str
prefix_for(const struct lmtp_transaction *t, const struct lmtp_recipient *r)
{
	struct buf text;
	struct str prefix;

	buf_init(&text, 2 * LMTP_PATH_BYTES_MAX + 64);
	buf_add_text(&text, "Return-Path: <");
	buf_add_str(&text, t->from);
	buf_add_text(&text, ">\r\nDelivered-To: <");
	buf_add_str(&text, r->text);
	buf_add_text(&text, ">\r\n");
	prefix = arena_str(t->arena, buf_str(&text));
	buf_fini(&text);
	return prefix;
}

/* Deliver the finished message; false when the transaction's memory does not
 * suffice. */
static bool
deliver_all(struct lmtp_transaction *t, struct mail *m, struct delivery *d)
{
	for (size_t i = 0; i < t->recipients.n; i++) {
		const struct lmtp_recipient *r = &t->recipients.v[i];
		struct str prefix = prefix_for(t, r);

		if (prefix.p == NULL)
			return false;
		for (size_t k = r->first; k < r->first + r->count; k++) {
			d[k].account = t->accounts.v[k];
			d[k].mailbox = r->mailbox;
			d[k].item.message = t->message;
			d[k].item.prefix = prefix;
			d[k].item.internal_date = INT64_MIN;
		}
	}
	message_deliver(m, d, t->accounts.n);
	return true;
}

/* What came of a recipient's deliveries.  While one of them failed for now the
 * message has to come again: others then get it twice, which is better than
 * not at all.  Accounts that are gone do not count beside those that are not. */
static enum rc
result_of(const struct lmtp_recipient *r, const struct delivery *d)
{
	enum rc rc = RC_NOTFOUND;

	for (size_t k = r->first; k < r->first + r->count; k++) {
		if (d[k].result != RC_OK && d[k].result != RC_NOTFOUND)
			return d[k].result;
		if (d[k].result == RC_OK)
			rc = RC_OK;
	}
	return rc;
}

/* An address that a line has no room for is left out. */
static void
add_reply(struct buf *replies, const char *text, struct str recipient)
{
	struct str line = str_of(text);

	if (line.n + STR(" <>\r\n").n + recipient.n > REPLY_BYTES_MAX)
		recipient = STR("...");
	buf_add_str(replies, line);
	buf_add_text(replies, " <");
	buf_add_str(replies, recipient);
	buf_add_text(replies, ">\r\n");
}

static void
log_delivery(const struct lmtp_transaction *t, const struct delivery *d)
{
	for (size_t i = 0; i < t->recipients.n; i++) {
		const struct lmtp_recipient *r = &t->recipients.v[i];
		enum rc rc = t->failure != RC_OK ? t->failure : result_of(r, d);
		bool fine = rc == RC_OK;
		struct log_line line;

		log_begin(&line, fine ? LOG_INFO : LOG_WARN,
		    fine ? "delivered" : "not-delivered");
		log_str(&line, "from", t->from);
		log_str(&line, "to", r->text);
		if (t->message != NULL)
			log_number(&line, "bytes", incoming_size(t->message));
		if (!fine)
			log_text(&line, "why", rc_text(rc));
		log_end(&line);
	}
}

void
lmtp_transaction_deliver(
    struct lmtp_transaction *t, struct mail *m, struct buf *replies)
{
	struct delivery *d = arena_array(t->arena, t->accounts.n, sizeof(*d));

	/* A message without an octet is a message, too. */
	lmtp_transaction_write(t, m, STR(""));
	if (t->failure == RC_OK)
		t->failure = incoming_finish(t->message);
	if (t->failure == RC_OK && (d == NULL || !deliver_all(t, m, d)))
		t->failure = RC_IO;
	log_delivery(t, d);
	for (size_t i = 0; i < t->recipients.n; i++) {
		const struct lmtp_recipient *r = &t->recipients.v[i];

		add_reply(replies,
		    t->failure != RC_OK ? lmtp_transaction_failure(t)
					: reply_for(result_of(r, d), false),
		    r->text);
	}
	lmtp_transaction_reset(t);
}
