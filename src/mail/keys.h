/* SPDX-License-Identifier: MIT
 *
 * Every key and every value that the mail layer keeps under an account, as
 * bytes.  README.md in this folder has them as a table.
 *
 * A key begins with a letter that says its kind; numbers in it are big-endian
 * so that keys sort as numbers do.  A value begins with a format version;
 * numbers in it are little-endian.  Packing appends to a buffer whose maximum
 * is the caller's; unpacking gives views into the value, and false for bytes
 * that no packing made.
 */
#ifndef AVOCET_MAIL_KEYS_H
#define AVOCET_MAIL_KEYS_H

#include "base/buf.h"
#include "base/limits.h"
#include "mail/mailbox.h"

struct email;

/* Accounts by name and their numbers are kept under this account; everybody
 * else's number is greater.  (0 is the store's own.) */
#define SYSTEM_ACCOUNT	   1
#define ACCOUNT_ID_FIRST   2
#define MAIL_KEY_BYTES_MAX (1 + MAILBOX_NAME_BYTES_MAX)

/* -- keys --------------------------------------------------------------- */

enum key_kind {
	KEY_ACCOUNT = 'A',	  /* the account's record */
	KEY_BROUGHT = 'B',	  /* mailbox id, mark of an import */
	KEY_CHUNK_CHANGING = 'C', /* mailbox id, first uid */
	KEY_EMAIL = 'E',	  /* email id */
	KEY_CHUNK_FIXED = 'F',	  /* mailbox id, first uid */
	KEY_COMMON = 'H',	  /* email id */
	KEY_KEYWORDS = 'K',	  /* mailbox id */
	KEY_MAILBOX = 'M',	  /* mailbox id */
	KEY_NAME = 'N',		  /* mailbox name */
	KEY_OFF = 'O',		  /* name of what is switched off */
	KEY_REFERENCES = 'R',	  /* email id */
	KEY_SUBSCRIPTION = 'S',	  /* mailbox name */
	KEY_FREED = 'U',	  /* UIDVALIDITYs of names given up */

	/* Under SYSTEM_ACCOUNT. */
	KEY_SYSTEM = 's',	 /* the system's record */
	KEY_LOGIN = 'l',	 /* folded account name */
	KEY_ALIAS = 'a',	 /* folded address */
	KEY_DELETED_LOGIN = 'd', /* account id */
	KEY_PASSWORD = 'p',	 /* account id, name */
};

/* Where a key is made. */
struct key_space {
	char bytes[MAIL_KEY_BYTES_MAX];
};

/* The key of a thing; a view of ${space}.  Names have at most
 * MAILBOX_NAME_BYTES_MAX bytes. */
struct str key_account(struct key_space *space);
struct str key_mailbox(struct key_space *space, uint32_t mailbox);
struct str key_keywords(struct key_space *space, uint32_t mailbox);
struct str
key_chunk_fixed(struct key_space *space, uint32_t mailbox, uint32_t first);
struct str
key_chunk_changing(struct key_space *space, uint32_t mailbox, uint32_t first);
struct str key_email(struct key_space *space, uint64_t email);
struct str key_common(struct key_space *space, uint64_t email);
struct str key_references(struct key_space *space, uint64_t email);
struct str key_name(struct key_space *space, struct str name);
struct str key_subscription(struct key_space *space, struct str name);
struct str key_off(struct key_space *space, struct str name);
struct str
key_brought(struct key_space *space, uint32_t mailbox, struct str mark);
struct str key_freed(struct key_space *space);
struct str key_system(struct key_space *space);
struct str key_login(struct key_space *space, struct str folded);
struct str key_alias(struct key_space *space, struct str folded);
struct str key_deleted_login(struct key_space *space, uint64_t account);

struct str
key_password(struct key_space *space, uint64_t account, struct str name);

/* What all keys of a kind begin with; those of the chunks, or the marks of
 * imports, of one mailbox. */
struct str key_prefix(struct key_space *space, enum key_kind kind);
struct str
key_chunk_prefix(struct key_space *space, enum key_kind kind, uint32_t mailbox);

/* A key taken apart; members that the kind has not are 0. */
struct key_parts {
	enum key_kind kind;
	uint32_t mailbox;
	uint32_t first;	 /* of a chunk */
	uint64_t number; /* email id, account id */
	struct str name; /* mailbox name, folded account name,
			    folded address, name of a password, mark */
};
bool key_parse(struct str key, struct key_parts *ret_parts);

/* -- the account's records ---------------------------------------------- */

struct account_record {
	uint32_t mailbox_next; /* ids to be given next */
	uint32_t uidvalidity_next;
	uint64_t email_next;
	uint64_t highestmodseq;
	uint64_t messages;  /* live ones in mailboxes that are not deleted */
	uint64_t size;	    /* their octets */
	uint32_t mailboxes; /* that are not deleted */
	uint32_t subscriptions;
	int64_t purge_from; /* nothing was expunged or deleted before; 0:
			     * nothing at all */
	bool deleted;	    /* on its way out: nothing may be changed */
};
#define ACCOUNT_RECORD_BYTES_MAX 64
void account_record_pack(struct buf *to, const struct account_record *r);
bool account_record_unpack(struct str value, struct account_record *ret_record);

/* A mailbox.  A deleted one stays, without its name's entry, until the
 * retention time ends. */
struct mailbox_record {
	uint32_t id;	 /* from the key */
	struct str name; /* view of the value it was read from */
	uint32_t uidvalidity;
	uint32_t uidnext;
	uint64_t highestmodseq;
	uint64_t purged_modseq; /* expunges up to here may be forgotten */
	enum special_use use;
	int64_t created;
	int64_t deleted; /* when; 0: it is not */

	/* Of live messages. */
	uint32_t messages;
	uint32_t unseen;
	uint32_t marked; /* with \Deleted */
	uint32_t recent; /* with a uid of at least recent_uid */
	uint64_t size;
	uint64_t marked_size;

	uint32_t recent_uid;   /* no session was told of what is from here on */
	uint32_t expunged;     /* entries in chunks that are not live */
	int64_t expunged_from; /* none was expunged before; 0: there is none */
};
#define MAILBOX_RECORD_BYTES_MAX (160 + MAILBOX_NAME_BYTES_MAX)
void mailbox_record_pack(struct buf *to, const struct mailbox_record *r);
/* Sets all but the id. */
bool mailbox_record_unpack(struct str value, struct mailbox_record *ret_record);

/* The mailbox id under a name. */
#define NAME_RECORD_BYTES 5
void name_record_pack(struct buf *to, uint32_t mailbox);
bool name_record_unpack(struct str value, uint32_t *ret_mailbox);

/* A subscription is there or not; its value says nothing. */
#define SUBSCRIPTION_RECORD STR("\1")

/* So is what is switched off (mail/account.h). */
#define OFF_RECORD STR("\1")

/* So is the mark of a message that an import has brought (mail/import.h). */
#define BROUGHT_RECORD STR("\1")

/* What is remembered of names that mailboxes gave up (by DELETE or RENAME):
 * the greatest UIDVALIDITY that any name of a slot had.  The slot is the low
 * byte of the name's XXH3; names that share one only make a UIDVALIDITY change
 * that need not. */
#define FREED_SLOTS	   256
#define FREED_RECORD_BYTES (1 + 4 * FREED_SLOTS)
void freed_record_pack(struct buf *to, const uint32_t slots[FREED_SLOTS]);
bool freed_record_unpack(struct str value, uint32_t ret_slots[FREED_SLOTS]);

/* The names of a mailbox's keywords, by bit. */
#define KEYWORDS_RECORD_BYTES_MAX (2 + KEYWORDS_MAX * (1 + KEYWORD_BYTES_MAX))
void
keywords_record_pack(struct buf *to, const struct str *names, unsigned count);
bool keywords_record_unpack(
    struct str value, struct str ret_names[KEYWORDS_MAX], unsigned *ret_count);

/* -- chunks ------------------------------------------------------------- */

/* Messages of a mailbox in ascending order of UID, up to this many a chunk.
 * A chunk's key has the UID that was its first when it was made; its messages
 * have UIDs from there up to the next chunk's, all of them less than
 * CHUNK_MESSAGES_MAX above the key's: so the chunk of a UID is found by a walk
 * from the key of UID - CHUNK_MESSAGES_MAX + 1 on.  A part has a few octets a
 * message and is written as a whole. */
#define CHUNK_MESSAGES_MAX 120

/* Written once. */
struct chunk_fixed {
	uint32_t uid;
	uint32_t size;	  /* RFC822.SIZE */
	uint32_t lacking; /* octets of line ends, see mime/line_ends.h */
	uint64_t email;
	int64_t internal_date;
	int64_t save_date;
};
#define CHUNK_FIXED_BYTES_MAX (2 + CHUNK_MESSAGES_MAX * 60)
void chunk_fixed_pack(
    struct buf *to, const struct chunk_fixed *entries, unsigned count);
/* Proves that UIDs ascend and are none of 0. */
bool chunk_fixed_unpack(struct str value,
    struct chunk_fixed ret_entries[CHUNK_MESSAGES_MAX], unsigned *ret_count);

/* Of the same messages in the same order. */
struct chunk_changing {
	unsigned flags;	   /* FLAG_ bits */
	bool elsewhere;	   /* expunged by MOVE or brought back: what was this
			   * message is under another UID */
	uint64_t keywords; /* bits by the mailbox's list */
	uint64_t modseq;
	int64_t expunged; /* when; 0: live.  ${modseq} is the expunge's. */
};
#define CHUNK_CHANGING_BYTES_MAX (2 + 8 + CHUNK_MESSAGES_MAX * 31)
void chunk_changing_pack(
    struct buf *to, const struct chunk_changing *entries, unsigned count);
bool chunk_changing_unpack(struct str value,
    struct chunk_changing ret_entries[CHUNK_MESSAGES_MAX], unsigned *ret_count);

/* -- emails ------------------------------------------------------------- */

/* All but id and references, which are in the key and in a record of their
 * own. */
#define EMAIL_DIGEST_BYTES     16
#define EMAIL_RECORD_BYTES_MAX (4 * 1024 * 1024)
void email_record_pack(struct buf *to, const struct email *e);
bool email_record_unpack(struct str value, struct email *ret_email);

/* The common fields of an email's header. */
void common_record_pack(struct buf *to, struct str common);
bool common_record_unpack(struct str value, struct str *ret_common);

/* How many messages, live or expunged, share an email.  Most have one; then
 * there is no record. */
#define REFERENCES_RECORD_BYTES 5
void references_record_pack(struct buf *to, uint32_t references);
bool references_record_unpack(struct str value, uint32_t *ret_references);

/* -- the system's records ----------------------------------------------- */

struct system_record {
	uint64_t account_next;	    /* id to be given next */
	uint32_t uidvalidity_floor; /* of accounts that are made: no deleted
				     * account has given more */
};
#define SYSTEM_RECORD_BYTES_MAX 32
void system_record_pack(struct buf *to, const struct system_record *r);
bool system_record_unpack(struct str value, struct system_record *ret_record);

struct login_record {
	uint64_t account;
	int64_t created;
	struct str name; /* as made */
	struct str credentials;
};
#define LOGIN_RECORD_BYTES_MAX 8192
void login_record_pack(struct buf *to, const struct login_record *r);
bool login_record_unpack(struct str value, struct login_record *ret_record);

/* Accounts that get what is sent to an address, by their folded names. */
struct alias_record {
	struct str address; /* as made */
	struct str accounts[ALIAS_ACCOUNTS_MAX];
	size_t count; /* at least 1 */
};
#define ALIAS_RECORD_BYTES_MAX         \
	(4 + USER_NAME_BYTES_MAX + 1 + \
	    ALIAS_ACCOUNTS_MAX * (2 + MAILBOX_NAME_BYTES_MAX))
void alias_record_pack(struct buf *to, const struct alias_record *r);
bool alias_record_unpack(struct str value, struct alias_record *ret_record);

/* A password of an application; its account and name are in the key. */
struct password_record {
	struct str secret;
	unsigned scope;	 /* bits, opaque here, at most 255 */
	int64_t created; /* seconds */
	int64_t expires; /* 0: never */
	int64_t used;	 /* 0: not yet */
};
#define PASSWORD_RECORD_BYTES_MAX (28 + PASSWORD_SECRET_BYTES_MAX)
void password_record_pack(struct buf *to, const struct password_record *r);
bool
password_record_unpack(struct str value, struct password_record *ret_record);

/* An account that has no name: one whose mail is going, or one that is being
 * made.  Whoever means to empty it seals it first; one that is sealed never
 * gets a name. */
struct deleted_login_record {
	bool sealed;
	struct str folded; /* the name that it had; "" for none */
};
#define DELETED_LOGIN_RECORD_BYTES_MAX (4 + MAILBOX_NAME_BYTES_MAX)
void
deleted_login_record_pack(struct buf *to, const struct deleted_login_record *r);
bool deleted_login_record_unpack(
    struct str value, struct deleted_login_record *ret_record);

#endif
