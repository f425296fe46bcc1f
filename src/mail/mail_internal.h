/* SPDX-License-Identifier: MIT
 *
 * What the files of mail/ share.
 *
 * A change runs in a committer: change_begin(), then records and chunks, then
 * change_end().  All that belongs together changes in one change: messages,
 * the counters of their mailbox, the account's totals, one modseq for all.
 * The function of a change may be run more than once; what it gives back it
 * resets first.
 */
#ifndef AVOCET_MAIL_MAIL_INTERNAL_H
#define AVOCET_MAIL_MAIL_INTERNAL_H

#include <stdatomic.h>

#include "base/lock.h"
#include "base/vec.h"
#include "mail/care.h"
#include "mail/keys.h"
#include "mail/mail.h"
#include "store/store.h"

struct account_info;
struct opens;

struct readers;

/* Names of domains, folded; NULL for one that is too long to be anybody's. */
struct domains {
	char **v;
	size_t n;
};

/* Does not change after mail_open() but as it says; opens, care and readers
 * lock themselves. */
struct mail {
	struct store *store;
	bool for_repair;
	_Atomic uint64_t retention_seconds;
	_Atomic uint64_t message_bytes_max;
	struct lock domains_lock;
	struct domains domains; /* under the lock */
	struct opens *opens;
	struct care *care;
	struct readers *readers;
};

/* -- incoming.c: what reads messages that come in, kept between them ------- */

struct readers *readers_new(void);
void readers_free(struct readers *r);

/* -- change.c: one change of an account --------------------------------- */

struct change {
	struct store_txn *txn;
	int64_t now; /* seconds; at least 1 */
	struct account_record account;
	uint64_t modseq;   /* 0: none was needed so far */
	bool dirty;	   /* the account's record must be put */
	bool freed_loaded; /* these three are mailbox_freed.c's */
	bool freed_dirty;
	uint32_t freed[FREED_SLOTS];
};

/* Begin.  ${now} is the wall clock as of when the change was asked for.
 * RC_NOTFOUND: there is no such account (any more); RC_CORRUPT, RC_IO. */
enum rc change_begin(
    struct store_txn *t, int64_t now, struct change *ret_change) MUST_CHECK;

/* Write back what belongs to the account. */
void change_end(struct change *c);

/* The number of this change: above all that came before; the same for the
 * whole change. */
uint64_t change_modseq(struct change *c);

/* The next numbers of their kind.  RC_LIMIT when there are no more. */
enum rc change_mailbox_id(struct change *c, uint32_t *ret_id) MUST_CHECK;
enum rc
change_uidvalidity(struct change *c, uint32_t *ret_uidvalidity) MUST_CHECK;
uint64_t change_email_id(struct change *c);

/* UIDVALIDITYs begin at the time in seconds, so that they are as good as any
 * other server's would be; no matter what the clock says, many are left. */
uint32_t uidvalidity_of_time(int64_t now);

/* Write the record back. */
void change_put_mailbox(struct change *c, const struct mailbox_record *m);

/* Bring counters of mailbox and account up to date with one message: a live
 * one came; a live one was expunged (now); the flags of a live one changed.
 * Each also moves the mailbox's highestmodseq to the change's.  Follow with
 * change_put_mailbox(). */
void change_added(struct change *c, struct mailbox_record *m,
    const struct chunk_fixed *fixed, unsigned flags);
void change_expunged(struct change *c, struct mailbox_record *m,
    const struct chunk_fixed *fixed, unsigned flags);
void change_reflagged(struct change *c, struct mailbox_record *m,
    const struct chunk_fixed *fixed, unsigned old, unsigned flags);

/* The same counters alone, as of live messages one by one; for check. */
void mailbox_record_count(struct mailbox_record *m,
    const struct chunk_fixed *fixed, unsigned flags, bool add);

/* One message more shares the email; one fewer, and with the last one the
 * email and its bytes go.  RC_CORRUPT, RC_IO, RC_LIMIT. */
enum rc change_email_ref(struct change *c, uint64_t email) MUST_CHECK;
enum rc change_email_unref(struct change *c, uint64_t email) MUST_CHECK;

/* Put the records of a new email (not its bytes).  RC_LIMIT: they are too
 * large; then the change must fail. */
struct email;
enum rc email_put(struct store_txn *t, const struct email *e) MUST_CHECK;

/* Delete the records of an email. */
void email_delete(struct store_txn *t, uint64_t id);

/* -- record.c: reading records ------------------------------------------- */

/* How many keys begin with ${prefix}. */
enum rc record_count(
    struct store_txn *t, struct str prefix, size_t *ret_count) MUST_CHECK;

/* Each of these outside a change, record_x(), and within one as it has left
 * the record, change_x().  All may also return RC_CORRUPT or RC_IO; text in a
 * record is a view of the store's. */

/* RC_NOTFOUND, also when the account is on its way out. */
enum rc record_account(
    struct store_read *r, struct account_record *ret_account) MUST_CHECK;
enum rc change_account(
    struct store_txn *t, struct account_record *ret_account) MUST_CHECK;

/* The mailbox ${id}.  RC_NOTFOUND, also for a deleted one. */
enum rc record_mailbox(struct store_read *r, uint32_t id,
    struct mailbox_record *ret_mailbox) MUST_CHECK;
enum rc change_mailbox(struct change *c, uint32_t id,
    struct mailbox_record *ret_mailbox) MUST_CHECK;

/* The same whether it is deleted or not. */
enum rc record_any_mailbox(struct store_read *r, uint32_t id,
    struct mailbox_record *ret_mailbox) MUST_CHECK;
enum rc change_any_mailbox(struct change *c, uint32_t id,
    struct mailbox_record *ret_mailbox) MUST_CHECK;

/* Append the ids of all mailboxes, deleted ones too, for which ${wanted} is true
 * with ${moment}, in ascending order.  Free with vec_fini(&ids->v). */
struct mailbox_ids {
	VEC(uint32_t) v;
};
enum rc record_mailbox_ids(struct store_read *r,
    bool (*wanted)(const struct mailbox_record *m, int64_t moment),
    int64_t moment, struct mailbox_ids *ids) MUST_CHECK;

/* The id of the mailbox called ${name}.  RC_NOTFOUND. */
enum rc
record_name(struct store_read *r, struct str name, uint32_t *ret_id) MUST_CHECK;
enum rc
change_name(struct change *c, struct str name, uint32_t *ret_id) MUST_CHECK;

/* How many messages share the email: 1 without a record. */
enum rc record_references(
    struct store_read *r, uint64_t email, uint32_t *ret_references) MUST_CHECK;
enum rc change_references(
    struct change *c, uint64_t email, uint32_t *ret_references) MUST_CHECK;

/* Who logs in as ${folded}, in a read of SYSTEM_ACCOUNT.  RC_NOTFOUND. */
enum rc record_login(struct store_read *r, struct str folded,
    struct login_record *ret_login) MUST_CHECK;

/* -- account*.c ----------------------------------------------------------- */

struct account_ids {
	VEC(uint64_t) v;
};

/* ${name} as it is compared; false, with nothing appended, for one that is
 * not valid. */
bool account_name_fold(struct str name, struct buf *to);

/* The account whose name folds to ${folded}.  RC_NOTFOUND, RC_CORRUPT, RC_IO;
 * RC_LIMIT: ${a} is full. */
enum rc account_find_folded(struct store_read *r, struct str folded,
    struct arena *a, struct account_info *ret_info) MUST_CHECK;

/* Call ${fn} for every entry under SYSTEM_ACCOUNT of a kind, until it does
 * not return RC_OK. */
enum rc account_walk(struct mail *m, enum key_kind kind,
    enum rc (*fn)(void *arg, struct str key, struct str value),
    void *arg) MUST_CHECK;

/* The ids of all accounts that have a name; of all that have none (with
 * ${folded}, only those that had this name).  Free with vec_fini(&ids->v). */
enum rc account_all_ids(struct mail *m, struct account_ids *ids) MUST_CHECK;
enum rc account_nameless_ids(struct mail *m, const struct str *folded,
    struct account_ids *ids) MUST_CHECK;

/* See to it that the nameless account never gets a name, that it changes no
 * more, and that accounts made from now on get greater UIDVALIDITYs.
 * RC_NOTFOUND: it is gone, or it got its name. */
enum rc account_bury(struct mail *m, uint64_t account) MUST_CHECK;
/* Remove all that is kept of a buried account, in slices.  RC_SHUTDOWN when
 * ${care} has been told to stop; it may be NULL. */
enum rc
account_empty(struct mail *m, uint64_t account, struct care *care) MUST_CHECK;

/* -- alias.c -------------------------------------------------------------- */

/* An alias's address as it is compared: as an account's name, or "@" and a
 * domain.  False, with nothing appended, for one that is not valid. */
bool alias_fold(struct str address, struct buf *to);

/* Take the account out of all aliases, in a change of SYSTEM_ACCOUNT; those
 * that led to it alone go.  RC_CORRUPT, RC_IO. */
enum rc alias_forget_account(struct store_txn *t, struct str folded) MUST_CHECK;

/* -- password.c ----------------------------------------------------------- */

/* Take away all of an account's applications' passwords, in a change of
 * SYSTEM_ACCOUNT.  RC_CORRUPT, RC_IO. */
enum rc
password_forget_account(struct store_txn *t, uint64_t account) MUST_CHECK;

/* -- purge.c --------------------------------------------------------------- */

/* mail_purge() that ends with RC_SHUTDOWN when ${care} (may be NULL) has been
 * told to stop. */
enum rc purge_all(struct mail *m, int64_t before, struct care *care) MUST_CHECK;

/* -- mailbox_name.c: names ----------------------------------------------- */

/* The name in its one form: NFC, INBOX (alone or as the first level) in upper
 * case.  False, with nothing appended, when it is not UTF-8 or too long. */
bool mailbox_name_normal(struct str name, struct buf *to);

/* -- mailbox_freed.c: promise that UIDs of a name are never reused ------- */

/* ${name} no longer belongs to the mailbox with this UIDVALIDITY.  RC_CORRUPT,
 * RC_IO. */
enum rc mailbox_freed_note(
    struct change *c, struct str name, uint32_t uidvalidity) MUST_CHECK;
/* Can a mailbox with this UIDVALIDITY take ${name}?  If not, it needs a new
 * one. */
enum rc mailbox_freed_allows(struct change *c, struct str name,
    uint32_t uidvalidity, bool *ret_allows) MUST_CHECK;
/* Forget which names were given up: from now on, each had the greatest
 * UIDVALIDITY that was given out so far. */
void mailbox_freed_forget(struct change *c);
/* Write back what was noted; change_end() calls it. */
void mailbox_freed_end(struct change *c);

/* -- mailbox_create.c ---------------------------------------------------- */

/* Make the mailbox ${name} (valid, normal) inside a change, without superior
 * ones.  RC_EXISTS, RC_LIMIT, RC_CONFLICT (special use). */
enum rc mailbox_make(struct change *c, struct str name, enum special_use use,
    struct mailbox_record *ret_mailbox) MUST_CHECK;
/* Make those superior mailboxes of ${name} that are missing. */
enum rc mailbox_make_superiors(struct change *c, struct str name) MUST_CHECK;

/* -- mailbox_subscribe.c ------------------------------------------------- */

/* Subscribe to a name (or end it) inside a change.  RC_LIMIT. */
enum rc mailbox_set_subscribed(
    struct change *c, struct str name, bool subscribed) MUST_CHECK;

/* -- chunk_append.c: messages into a mailbox, inside a change ------------ */

/* Adds messages at the end of a mailbox: fills the last chunk, then new ones.
 * Between begin and end nobody else may touch that chunk or ${mailbox}. */
struct chunk_append {
	struct change *change;
	struct mailbox_record *mailbox;
	uint32_t first; /* of the chunk being filled */
	unsigned count;
	struct chunk_fixed fixed[CHUNK_MESSAGES_MAX];
	struct chunk_changing changing[CHUNK_MESSAGES_MAX];
};
/* RC_CORRUPT, RC_IO. */
enum rc chunk_append_begin(struct chunk_append *a, struct change *c,
    struct mailbox_record *m) MUST_CHECK;
/* Give ${fixed}.uid the mailbox's next UID and add the message as a live one
 * with the change's modseq; counters are kept.  The reference of the email is
 * the caller's to count.  RC_LIMIT: no UIDs are left. */
enum rc chunk_append_add(struct chunk_append *a, struct chunk_fixed *fixed,
    unsigned flags, uint64_t keywords) MUST_CHECK;
/* Leave out UIDs, so that the next message gets ${uid}.  RC_CONFLICT: it is
 * below the mailbox's UIDNEXT; RC_LIMIT: beyond UID_MAX. */
enum rc chunk_append_skip(struct chunk_append *a, uint32_t uid) MUST_CHECK;
/* Write the last chunk; the mailbox's record is still the caller's to put. */
void chunk_append_end(struct chunk_append *a);

/* -- keyword.c ------------------------------------------------------------ */

/* Keyword bits of one mailbox as bits of another. */
struct keyword_map {
	struct change *change;
	uint32_t from;
	uint32_t to;
	uint64_t known;	 /* bits of ${from} whose place is known */
	uint8_t bit[64]; /* their places in ${to} */
};
void keyword_map_init(
    struct keyword_map *k, struct change *c, uint32_t from, uint32_t to);
/* Names that ${to} lacks are added to it.  RC_LIMIT: it has no room; RC_CORRUPT,
 * RC_IO. */
enum rc keyword_map_bits(
    struct keyword_map *k, uint64_t bits, uint64_t *ret_bits) MUST_CHECK;

/* -- message_move.c -------------------------------------------------------- */

/* Move all live messages of ${from} to the end of ${to}, in this change.  The
 * records are changed, and the caller's to put.  RC_LIMIT, RC_CORRUPT, RC_IO. */
enum rc message_move_all(struct change *c, struct mailbox_record *from,
    struct mailbox_record *to) MUST_CHECK;

/* -- open.c: the directory of open mailboxes ------------------------------ */

struct opens *opens_new(struct mail *m);
/* Nothing may be open any more.  NULL is fine. */
void opens_free(struct opens *o);

/* The committer tells of a put (or delete: value.p == NULL) of a mailbox
 * record, a keyword list or a part of a chunk; then with key.p == NULL of the
 * change's end.  Must not wait. */
void opens_changed(struct opens *o, uint64_t account, struct str key,
    struct str value, uint64_t seq);

/* What was expunged after this modseq is still in a session's view, and must
 * not be purged; UINT64_MAX when no session has the mailbox open.  A view
 * that begins later stands at a modseq of now. */
uint64_t
opens_least_modseq(struct opens *o, uint64_t account, uint32_t mailbox);

/* Sessions have been told of everything below this UID, though the store may
 * not know so far; 0 when no session has the mailbox open. */
uint32_t opens_recent_uid(struct opens *o, uint64_t account, uint32_t mailbox);

/* -- recent.c -------------------------------------------------------------- */

/* How many messages of ${mailbox} of ${account}, as ${r} shows it, no session
 * has been told of (RFC 3501 section 6.3.10, RECENT).  RC_CORRUPT, RC_IO. */
enum rc recent_count(struct mail *m, uint64_t account, struct store_read *r,
    const struct mailbox_record *mailbox, uint32_t *ret_count) MUST_CHECK;

#endif
