/* SPDX-License-Identifier: MIT
 *
 * A mailbox as one session knows it.
 *
 * A struct view is a cursor: it names the messages the client has been told
 * of without listing them.  A message is in the view when its UID is below
 * ${uidnext} and it is live or was expunged after ${modseq}.  Sequence numbers
 * are places in that order, so they change only when the cursor moves, which
 * only view_sync() does.
 *
 * The open mailbox behind it (struct mailbox) is shared by all sessions that
 * have it open: a directory of chunks in memory, kept up to date by the
 * committer, made anew from the store at will.
 */
#ifndef AVOCET_MAIL_VIEW_H
#define AVOCET_MAIL_VIEW_H

#include "mail/message.h"

struct mailbox;
struct store_read;

/* -- the open mailbox --------------------------------------------------- */

/* Open; shared with whoever has it open already.  RC_NOTFOUND.  May wait for
 * the disk. */
enum rc mailbox_open(struct mail *m, uint64_t account, uint32_t id,
    struct mailbox **ret_mailbox) MUST_CHECK;
/* Let go; clears *mailbox. */
void mailbox_unref(struct mailbox **mailbox);

uint32_t mailbox_id(const struct mailbox *b);
uint64_t mailbox_account(const struct mailbox *b);
/* Has it been deleted since it was opened? */
bool mailbox_is_deleted(struct mailbox *b);

/* How many keywords the mailbox knows, and their names by bit (only ever
 * more); names are copied to ${a}. */
unsigned mailbox_keyword_count(struct mailbox *b);
enum rc mailbox_keywords(struct mailbox *b, struct arena *a,
    struct str **ret_names, unsigned *ret_count) MUST_CHECK;

/* Be called after each change of the mailbox, from a committer: must not
 * wait; usually it wakes the session.  The struct belongs to the caller and
 * stays in place until mailbox_unwatch(), after which no call is under way. */
struct mailbox_watch {
	void (*fn)(void *arg);
	void *arg;
	struct mailbox_watch *next; /* mailbox.c's */
	struct mailbox_watch *prev;
};
void mailbox_watch(struct mailbox *b, struct mailbox_watch *w);
void mailbox_unwatch(struct mailbox *b, struct mailbox_watch *w);

/* -- the cursor --------------------------------------------------------- */

struct view {
	struct mailbox *mailbox; /* a reference of the view's own */
	uint64_t modseq;	 /* expunges told up to here */
	uint64_t flags_modseq;	 /* flag changes told up to here */
	uint32_t flags_uid;	 /* below it, up to flags_ahead; 0: none */
	uint64_t flags_ahead;
	uint32_t uidnext;      /* arrivals told below this */
	uint32_t exists;       /* how many messages are in the view */
	uint32_t recent_first; /* UIDs from here on are \Recent to this
				  * session; 0: none */
	uint32_t recent_last;
	bool claim_recent;	/* what is new is \Recent to no other session */
	unsigned keyword_count; /* keywords told */
	struct view_pin *pin;	/* view.c's: keeps what was expunged */
};

/* Look at the mailbox as it is now; takes a reference.  ${claim_recent}: this
 * session is the first to be told of what is new (SELECT, not EXAMINE). */
enum rc view_begin(
    struct mailbox *b, bool claim_recent, struct view *ret_view) MUST_CHECK;
void view_end(struct view *v);

/* All that changed in the messages of the view up to this modseq, and may
 * have changed above it, has been told: what a client may keep as
 * HIGHESTMODSEQ (RFC 7162 section 6). */
uint64_t view_modseq_told(const struct view *v);

/* One message of the view. */
struct message {
	uint32_t seq;
	uint32_t uid;
	unsigned flags; /* FLAG_ bits */
	bool expunged;	/* gone, but the client has not been told */
	bool recent;
	uint64_t keywords; /* bits by the mailbox's list */
	uint64_t modseq;
	uint64_t email; /* for email.h */
	uint64_t size;
	uint64_t lacking; /* octets of line ends, see mime/line_ends.h */
	int64_t internal_date;
	int64_t save_date;
};

/* Walk messages of the view in ascending order, a slice at a time; nothing is
 * held between two slices.  The cursor must not move during a walk. */
#define VIEW_SLICE 128
struct view_walk {
	struct view *view;
	const struct uid_range *ranges;
	size_t count;
	bool by_uid;
	uint64_t since; /* view_walk_changed()'s */
	size_t at;	/* below: view_walk.c's */
	struct view_index *index;
	size_t chunk;
};

/* Walk the messages whose numbers (UIDs if ${by_uid}) lie in ${ranges}, which
 * are ascending and do not overlap; numbers beyond the view are passed over.
 * The index is allocated in ${a}; RC_LIMIT when that refuses. */
enum rc
view_walk_begin(struct view *v, const struct uid_range *ranges, size_t count,
    bool by_uid, struct arena *a, struct view_walk *ret_walk) MUST_CHECK;

/* After the begin: only messages with a modseq above ${since}.  Chunks without
 * any are not read. */
void view_walk_changed(struct view_walk *w, uint64_t since);

/* The next messages, up to VIEW_SLICE; *ret_count of 0 is the end.  May read
 * the disk. */
enum rc view_walk_next(struct view_walk *w,
    struct message ret_messages[VIEW_SLICE], size_t *ret_count) MUST_CHECK;

/* The UID of message number ${seq} (1..exists); the number of the message
 * ${uid}, 0 when it is not in the view; the greatest UID in the view, 0 when
 * it is empty. */
enum rc view_uid_of(struct view *v, uint32_t seq, uint32_t *ret_uid) MUST_CHECK;
enum rc view_seq_of(struct view *v, uint32_t uid, uint32_t *ret_seq) MUST_CHECK;
enum rc view_last_uid(struct view *v, uint32_t *ret_uid) MUST_CHECK;

/* The first message without \Seen (RFC 3501's UNSEEN); 0: none. */
enum rc view_first_unseen(struct view *v, uint32_t *ret_seq) MUST_CHECK;

/* -- synchronising ------------------------------------------------------ */

struct view_sync {
	bool may_expunge; /* the client can take EXPUNGE now */
	/* In: this session's own changes, whose flags it knows; not ours. */
	struct modseq_list own;
	/* Results.  Expunged messages by number as the client must be told,
	 * one after another: each number is as of the removals before it. */
	uint32_t *expunged_seqs;
	uint32_t *expunged_uids;
	size_t expunged_count;
	/* Messages whose flags changed, ascending; seq is as of after the
	 * expunges. */
	struct message *changed;
	size_t changed_count;
	bool exists_changed;   /* view->exists is what to tell */
	bool keywords_changed; /* view->keyword_count grew: tell FLAGS */
	bool more;	       /* more flags changed: tell, then sync again */
	bool deleted;	       /* the mailbox is gone; nothing else is set */
};

/* Move the cursor to now and say what the client must be told: first the
 * expunges, then EXISTS, then flags, of SYNC_CHANGED_MAX messages at most.
 * Without may_expunge the expunged messages stay in the view.  Lists are in
 * ${a}; RC_LIMIT when it refuses (nothing moved).  May read the disk. */
enum rc
view_sync(struct view *v, struct arena *a, struct view_sync *sync) MUST_CHECK;

/* Is there anything to tell?  Cheap; no disk. */
bool view_is_stale(struct view *v);

/* -- coming back (RFC 7162 section 3.2) --------------------------------- */

/* Is every expunge after ${since} remembered?  After the retention time they
 * are forgotten.  May read the disk. */
enum rc
view_remembers(struct view *v, uint64_t since, bool *ret_remembers) MUST_CHECK;

/* Walk the UIDs of messages that were expunged after ${since}, as of the
 * cursor; from where that is not remembered on, all UIDs below uidnext that no
 * message of the view has.  Nothing is held between two slices. */
struct view_vanished {
	struct view *view;
	uint64_t since;
	const struct uid_range *known;
	size_t count;
	uint64_t from; /* below: view_vanished.c's; UIDs before are done */
	size_t at;
};

/* Only UIDs in ${known}, which is ascending, without overlap, and the
 * caller's. */
void view_vanished_begin(struct view *v, uint64_t since,
    const struct uid_range *known, size_t count,
    struct view_vanished *ret_walk);

/* The next UIDs, a few thousand ranges at most, put into ${uids} instead of
 * what is there; none is the end.  May read the disk. */
enum rc
view_vanished_next(struct view_vanished *w, struct uid_list *uids) MUST_CHECK;

#endif
