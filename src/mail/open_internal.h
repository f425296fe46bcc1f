/* SPDX-License-Identifier: MIT
 *
 * The open mailbox: what open.c keeps up to date and view*.c read.
 *
 * Lock order: the opens' lock, then a mailbox's lock or its watch lock, then
 * what a watcher's function takes (the poll's).
 */
#ifndef AVOCET_MAIL_OPEN_INTERNAL_H
#define AVOCET_MAIL_OPEN_INTERNAL_H

#include "base/lock.h"
#include "base/map.h"
#include "base/vec.h"
#include "mail/mail_internal.h"
#include "mail/view.h"

/* A chunk, as the commit ${seq} left it. */
struct directory_entry {
	uint32_t first; /* of the chunk's key; ascending */
	uint8_t live;
	uint8_t unseen;
	bool gone;	 /* deleted while the directory was being made */
	bool read;	 /* from the store: the last word of commit ${seq} */
	uint64_t modseq; /* the highest of its messages */
	uint64_t seq;
};

struct directory {
	VEC(struct directory_entry) entries;
};

/* The mailbox as of one commit: what its record says. */
struct moment {
	uint64_t seq; /* of the commit; 0: not known so far */
	uint64_t modseq;
	uint32_t uidnext;
	uint32_t messages;
	uint32_t unseen;
	uint32_t recent_uid;
	bool deleted;
};

/* What a view stands on; see opens_least_modseq(). */
struct view_pin {
	uint64_t modseq; /* the mailbox's lock */
	struct view_pin *next;
	struct view_pin *prev;
};

enum open_state { OPEN_BUILDING, OPEN_READY, OPEN_FAILED };

struct mailbox {
	struct mail *mail; /* these three never change */
	uint64_t account;
	uint32_t id;

	struct mailbox *next; /* of the account; the opens' lock guards these */
	unsigned references;
	enum open_state state;
	enum rc failure;

	struct lock lock; /* guards down to pins */
	struct moment now;
	struct moment coming; /* of the change that is being told of */
	unsigned keyword_count;
	uint32_t recent_uid; /* no session was told of what is from here on */
	struct directory directory;
	struct view_pin *pins;

	struct lock watch_lock; /* guards the next, and is held while they
				 * are called */
	struct mailbox_watch *watches;
};

/* -- open.c -------------------------------------------------------------- */

/* One more reference for who has one. */
void mailbox_ref(struct mailbox *b);

/* -- open_build.c -------------------------------------------------------- */

/* Read the mailbox, slice by slice, until nothing is left.  RC_NOTFOUND, also
 * for a deleted one; RC_CORRUPT, RC_IO. */
enum rc mailbox_build(struct mailbox *b) MUST_CHECK;

/* What the record says, as commit ${seq} left it. */
struct moment moment_of_record(const struct mailbox_record *m, uint64_t seq);

/* Make ${m} the moment unless it is older; the mailbox's lock is held. */
void mailbox_take_moment(struct mailbox *b, const struct moment *m);

/* How many names a list of keywords has; 0 when it cannot be read. */
unsigned keywords_count(struct str value);

/* -- directory.c --------------------------------------------------------- */

/* Where ${first} is, or would be. */
size_t directory_find(const struct directory *d, uint32_t first);

enum directory_source {
	DIRECTORY_TOLD,		 /* the committer tells of it */
	DIRECTORY_TOLD_BUILDING, /* the same: remember deletions */
	DIRECTORY_READ,		 /* found in the store */
};

/* A chunk was put (deleted: value.p == NULL) by commit ${seq}; what is older
 * than what is known is passed over. */
void directory_change(struct directory *d, uint32_t first, struct str value,
    uint64_t seq, enum directory_source source);

/* The directory is complete: forget the deletions. */
void directory_built(struct directory *d);
void directory_fini(struct directory *d);

/* -- recent.c ------------------------------------------------------------ */

/* Tell the store, some time, that sessions know of everything below ${uid}. */
void recent_post(struct mailbox *b, uint32_t uid);

#endif
