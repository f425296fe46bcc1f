/* SPDX-License-Identifier: MIT
 *
 * An import, as the tool does it: mailbox after mailbox, messages in batches,
 * each of them one change of the store.  The source is read by others
 * (admin/import_*.c); this knows where it goes, what of it came in, and what
 * there is to report.
 *
 * UIDs are those of the source when its UIDVALIDITY is the mailbox's too, or
 * when the mailbox never had a message.  Where they were to be kept and cannot,
 * nothing more comes into the mailbox unless fresh ones are asked for: a client
 * that knows the messages by the source's would take one for another.
 */
#ifndef AVOCET_ADMIN_BRING_H
#define AVOCET_ADMIN_BRING_H

#include "admin/item.h"
#include "admin/progress.h"
#include "config/config.h"

struct bring;

struct bring_options {
	const char *user;
	const char *into; /* a mailbox; all comes in below it; NULL: no */
	bool fresh_uids;
};

/* ADMIN_OK, or an exit code after printing why.  The options stay. */
int bring_begin(const struct config *c, const struct bring_options *options,
    struct bring **ret_bring);
/* Print what came in at all; an exit code. */
int bring_end(struct bring *b);

/* How much there is, in whatever bring_progress() counts. */
void bring_total(struct bring *b, uint64_t total);
void bring_progress(struct bring *b, uint64_t done);

/* Names of all the mailboxes that will come, with the special use that the
 * source says they have ("\\Sent"; NULL: it does not say).  Where it says of
 * none, the names tell. */
void bring_name(struct bring *b, struct str mailbox, const char *use);

/* Print a problem; the import goes on, and ends with ADMIN_REFUSED. */
void bring_problem(struct bring *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

enum bring_subscribe { BRING_KEEP, BRING_SUBSCRIBE, BRING_UNSUBSCRIBE };

/* Begin with a mailbox.  False: nothing can come into it (it was printed), or
 * all is over: bring_failed(). */
bool bring_mailbox(struct bring *b, struct str name, uint32_t uidvalidity,
    enum bring_subscribe subscribe);
/* End it, and print what came in; when all of it did and UIDs were kept, UIDNEXT
 * is at least ${uidnext}. */
void bring_mailbox_end(struct bring *b, uint32_t uidnext);
/* Are UIDs kept in this mailbox?  Then messages come in their order. */
bool bring_is_exact(const struct bring *b);
/* Subscribe to a name. */
void bring_subscribe(struct bring *b, struct str name);

/* Nothing works any more: the server, or the process with the store, is gone,
 * or has no space left. */
bool bring_failed(const struct bring *b);

/* The source is slow: store what came so far, unless it is half a message. */
void bring_rest(struct bring *b);

/* Which marks the mailbox has already. */
bool
bring_known(struct bring *b, const char *marks, size_t count, bool *ret_known);
/* So many were, and are not sent. */
void bring_passed(struct bring *b, size_t count);

/* One message: its octets as they shall be, in pieces, then what it is; or it
 * is taken back.  ${label} is for people.  Item: uid, flags, date, keywords; the
 * digest is the mark.  False: nothing more can come into this mailbox. */
bool bring_piece(struct bring *b, struct str piece);
bool bring_message(struct bring *b, const struct item *item, struct str label);
void bring_take_back(struct bring *b);
/* Before that, the digest of the pieces so far; no more may follow. */
void bring_digest(struct bring *b, char ret_digest[TALLY_DIGEST_BYTES]);

#endif
