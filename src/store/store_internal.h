/* SPDX-License-Identifier: MIT
 *
 * What the files of the store share: the shard and its threads.
 *
 * Threads and locks.  Each shard has a committer (runs changes, appends to the
 * log, publishes) and a keeper (checkpoints, collects garbage).  Lock order:
 * queue_lock or shard lock first, then the segment table's or the index
 * pool's; never two shards at once.  Members say who may touch them.
 */
#ifndef AVOCET_STORE_STORE_INTERNAL_H
#define AVOCET_STORE_STORE_INTERNAL_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/lock.h"
#include "base/map.h"
#include "base/vec.h"
#include "store/index.h"
#include "store/pending.h"
#include "store/record.h"
#include "store/segment.h"
#include "store/store.h"

/* Keys of the mail layer begin with a byte above this. */
#define KEY_INTERNAL_LAST 0x01

/* Under account 0. */
#define META_ACCOUNT	  0
#define META_POSITION	  STR("p")
#define META_USE_PREFIX	  STR("u")
#define META_SHARE_PREFIX STR("r")
#define POSITION_BYTES	  24
#define USE_KEY_BYTES	  9
#define USE_VALUE_BYTES	  32

/* A group of commits is closed when it has this many bytes or changes; a
 * single change may be larger, up to the third figure.  The memory of up to
 * the fourth is kept for the next group. */
#define GROUP_BYTES	   (4 * 1024 * 1024)
#define GROUP_CHANGES	   4096
#define GROUP_CHANGES_KEPT 256
#define GROUP_BYTES_MAX	   RECORD_PAYLOAD_BYTES_MAX
#define GROUP_BYTES_KEPT   (1024 * 1024)

/* How far the log goes: the next record goes to ${offset} of ${segment} and
 * has number ${seq}. */
struct position {
	uint64_t segment;
	uint64_t offset;
	uint64_t seq;
};

/* Where a blob's image lies. */
struct location {
	uint64_t segment;
	uint64_t offset;
	uint64_t stored; /* bytes of the image */
	uint64_t raw;	 /* bytes of the message, without the prefix */
	bool shared;	 /* other accounts refer to the same image */
};

/* The pending state of one account. */
struct account_state {
	uint64_t id;
	char key[8];		 /* for the map */
	struct pending *active;	 /* shard lock */
	struct pending *frozen;	 /* shard lock */
	bool touched;		 /* shard lock: the group under way has it */
	struct pending *working; /* committer: active and this group's */
	struct pending *behind;	 /* committer: frozen, for this group */
	struct account_state *next_touched;
};

struct shard;

/* One who waits for changes, which may be in several shards: woken, once, when
 * none of them is left.  A semaphore, since who is woken by a condition finds
 * its lock held still. */
struct caller {
	sem_t done;
	_Atomic size_t left;
};

/* A change in the queue. */
struct waiting {
	struct store_change *change;
	struct waiting *next;
	struct caller *caller; /* NULL: posted; free it with its argument */
};

/* What a change has written so far, in order. */
struct txn_op {
	enum record_op op;
	struct pending_entry *entry;  /* PUT, DELETE and the META kinds */
	uint64_t old_seq;	      /* of the value that this one replaces */
	uint64_t old_bytes;	      /* 0: there was none */
	struct location old_location; /* stored of 0: none */
	/* RECORD_BLOB, which has its entry only when it is serialised */
	uint64_t blob;
	const void *token;
	struct str image;
	struct location location; /* also of a PUT that refers to a blob */
	struct str prefix;
	char *memory; /* of prefix */
};

struct store_txn {
	struct shard *shard;
	uint64_t id; /* of the account */
	struct account_state *account;
	struct account_state *meta;
	uint64_t seq;
	bool quiet;    /* moves what is there: the watcher is not told */
	bool relieves; /* store_txn_relieve() */
	/* A read failed: what was written since may stand on nothing. */
	enum rc failed;
	VEC(struct txn_op) ops;
	/* Where in ${ops} a key was written last, one more: of the account, of
	 * the meta one; made when a key is first written again, and then good
	 * for the first so many.  Without, a change of very many messages
	 * would look at all it did for each of them. */
	struct map places[2];
	size_t placed;
	uint64_t blob_most; /* no greater blob was put here; 0: maybe none */
	/* What was written and then written over: views of it stay good. */
	VEC(struct pending_entry *) dropped;
};

/* Where bytes have been put in the group under way: others that put the same
 * (told by ${token}) refer to them. */
struct placed {
	const void *token;
	struct location at;
};

struct freeze;

struct shard {
	struct store *store;
	uint32_t number;
	char *folder;
	size_t damaged; /* segments that could not be loaded */
	/* loss.c's; once the shard has started, store_settle_loss()'s alone */
	VEC(uint64_t) lost;
	struct index *index;
	struct segments *segments;

	struct lock lock; /* guards down to keeper_done */
	struct map accounts;
	struct position published;
	/* Counts the times that the pending states moved: frozen, or dropped
	 * after a checkpoint.  Readers see by it that they must look again. */
	uint64_t moves;
	uint64_t wanted; /* checkpoints asked for */
	uint64_t served; /* of those, answered */
	enum rc served_rc;
	/* Since the last freeze: bytes of log, and of memory. */
	uint64_t pending_bytes;
	uint64_t pending_memory;
	bool collect_wanted;
	uint64_t releases; /* of the reserve, so far */
	bool keeper_stop;
	bool frozen_full;  /* a freeze is being written */
	unsigned epoch;	   /* which of ${readers} new readers join */
	enum rc keeper_rc; /* of the last checkpoint */
	pthread_cond_t keeper_wake;
	pthread_cond_t keeper_done;
	_Atomic size_t readers[2];

	struct lock queue_lock; /* guards the next four */
	struct waiting *first;
	struct waiting *last;
	bool stopping;
	pthread_cond_t queue_ready;

	/* The committer's alone (recovery's before it starts). */
	struct segment *current;
	struct position next;
	struct index_read *read; /* while a group runs */
	uint64_t read_moves;	 /* what ${moves} was when it began */
	struct buf group;
	VEC(struct placed) placed;
	struct account_state *touched;
	VEC(struct store_txn) replayed; /* recovery: not yet published */
	uint64_t replayed_bytes;
	/* A sync failed: nothing more is accepted.  Others may look. */
	_Atomic bool broken;
	/* The reserve is in use: only what makes room is accepted.  Set with
	 * the shard lock. */
	_Atomic bool tight;
	/* Something was refused for want of space, and nothing accepted since
	 * that was not to make room. */
	_Atomic bool starved;
	_Atomic bool roll_wanted; /* a new segment, though this is not full */

	/* The keeper's alone (its starter's before and after). */
	struct freeze *unwritten; /* to be tried again */
	struct position stored;	  /* what the index stands on */
	VEC(uint64_t) condemned;  /* segments without use, and those that */
	VEC(uint64_t) dying;	  /* wait for earlier readers only */
	VEC(uint64_t) stuck;	  /* could not be collected: left alone */

	pthread_t committer;
	pthread_t keeper;
	bool committer_started; /* queue_lock, once it runs */
	bool keeper_started;
};

struct store {
	struct shard *shards;
	unsigned shard_count;
	uint64_t segment_bytes;
	uint64_t checkpoint_bytes;
	uint64_t checkpoint_memory;
	bool zero_ahead;
	bool read_only;
	bool lossy; /* open though records are lost */
	bool fresh; /* had no format file: nothing is in it yet */
	int lock_fd;
	char *folder;
	store_watch_fn *watch;
	void *watch_arg;
	_Atomic size_t staged_bytes; /* in memory, all stages */
	bool rebuild;		     /* start from an empty index */
	store_report_fn *report;     /* of the rebuilding */
	void *report_arg;
	struct lock zstd_lock; /* guards the next two */
	void *zstd_contexts[4];
	unsigned zstd_count;
};

/* -- store.c ------------------------------------------------------------ */

/* Unless a contract says otherwise, what returns a result may return RC_IO,
 * what reads stored bytes RC_CORRUPT as well, and what writes RC_NOSPACE;
 * what fails on a file is logged where it fails. */

/* A store that is not open yet; copies what it keeps of ${options}.  End it
 * with store_close(), whatever became of it. */
struct store *store_new(const struct store_options *options);
/* Open it but for the threads: lock and format file, the shards' folders, then
 * recovery, or rebuilding when that was asked for.  ${shards} is for a new
 * store, 0 the default.  Waits for the disk as long as the log takes to be
 * replayed.  RC_NOTFOUND, RC_INUSE (another process has it), RC_VERSION,
 * RC_CORRUPT, RC_NOSPACE, RC_IO; *ret_why then says which step failed, in a
 * text of this thread's that stays until its next failure. */
enum rc
store_load(struct store *s, unsigned shards, const char **ret_why) MUST_CHECK;

/* -- format.c ----------------------------------------------------------- */

/* The file that says which version and how many shards a store has. */
struct format {
	uint32_t version;
	uint32_t shards;
};
#define FORMAT_VERSION 1
/* RC_NOTFOUND: there is no such file.  RC_VERSION: it is of a newer version;
 * RC_CORRUPT, RC_IO. */
enum rc format_read(const char *folder, struct format *ret_format) MUST_CHECK;
/* Write it in place of what is there: at any moment there is the old file or
 * the new one.  Waits for the disk; durable, with the folder's own name, when
 * it returns.  RC_NOSPACE, RC_IO. */
enum rc format_write(const char *folder, const struct format *f) MUST_CHECK;
/* Make the store's folder and the names in it durable; waits for the disk.
 * RC_NOSPACE, RC_IO. */
enum rc format_settle(const char *folder) MUST_CHECK;
/* Make the names in the folder durable; waits for the disk.  RC_NOSPACE,
 * RC_IO. */
enum rc format_sync_folder(const char *folder) MUST_CHECK;

/* -- shard.c ------------------------------------------------------------ */

#define SHARD_PATH_BYTES 4096
#define INDEX_NAME	 "index.mdb"
/* The path of the file ${name} of the shard, terminated. */
void shard_path(
    const struct shard *h, const char *name, char path[SHARD_PATH_BYTES]);

/* Whose account it is; of account 0, which every shard has, the first. */
struct shard *shard_of(const struct store *s, uint64_t account);

/* Open what is in the folder of shard ${number} (made when missing), without
 * threads and without having replayed anything.  ${h} is all zeros, and
 * shard_unload() ends it whatever is returned.  RC_VERSION, RC_CORRUPT,
 * RC_NOSPACE, RC_IO. */
enum rc
shard_load(struct shard *h, struct store *s, unsigned number) MUST_CHECK;
/* Fill the reserve and start the threads.  What was started before RC_IO is
 * shard_stop()'s. */
enum rc shard_start(struct shard *h) MUST_CHECK;
/* Take no more changes; shard_stop() finishes those that are queued. */
void shard_refuse(struct shard *h);
/* End the threads and write all that is pending to the index; waits for both.
 * What cannot be written is in the log, and the next start replays it. */
void shard_stop(struct shard *h);
/* Close and free what shard_load() made, but for ${h} itself; the threads have
 * stopped or never ran. */
void shard_unload(struct shard *h);

/* The account's state, made when missing; the shard's.  Shard lock held. */
struct account_state *shard_account(struct shard *h, uint64_t account);
/* Free the state if it holds nothing and no group has it.  Shard lock held. */
void shard_forget_empty(struct shard *h, struct account_state *a);

/* -- recover.c ---------------------------------------------------------- */

/* All of these before the committer starts, in one thread. */

/* Replay the log behind the stored position and be ready to append: a torn end
 * is cut, and what may be in the system's memory alone is made durable (not
 * when read-only).  Waits for the disk.  RC_CORRUPT: what was acknowledged is
 * missing or damaged; RC_NOSPACE, RC_IO. */
enum rc shard_recover(struct shard *h) MUST_CHECK;
/* Take over the stored counts of the segments.  RC_CORRUPT, RC_IO. */
enum rc recover_uses(struct shard *h) MUST_CHECK;
/* The log position that the index stands on.  RC_NOTFOUND: none has been stored
 * yet; RC_CORRUPT, RC_IO. */
enum rc
recover_position(struct index *index, struct position *ret_position) MUST_CHECK;
/* Replay one record of the segment ${h->current}, which ends at the offset
 * ${end} of it, as the next one, whatever its number.  It is shown with the
 * next recover_publish(), which this calls now and then, with a checkpoint, to
 * keep memory bounded.  RC_CORRUPT: it makes no sense, and nothing of it was
 * done; RC_NOSPACE, RC_IO. */
enum rc recover_record(
    struct shard *h, const struct record *r, uint64_t end) MUST_CHECK;
/* Publish what has been replayed since the last time. */
void recover_publish(struct shard *h);

/* -- txn.c -------------------------------------------------------------- */

/* All of these in the committer (in recovery before it starts), while a group
 * has an index read: they read the disk, but wait for nobody. */

/* Begin a change of ${account} with number ${seq}; the roots are those of the
 * group under way.  txn_fini() ends it, done or not. */
void
txn_begin(struct store_txn *t, struct shard *h, uint64_t account, uint64_t seq);
void txn_fini(struct store_txn *t);

/* What ${key} is in the account's state ${a} (or the meta one) as this change
 * and its group have left it, and which commit put it.  The value is a view
 * that stays until the group has run.  RC_NOTFOUND, RC_CORRUPT; RC_IO, which is
 * kept in ${t->failed}, too, whoever looks at the result. */
enum rc txn_lookup(struct store_txn *t, struct account_state *a, struct str key,
    struct str *ret_value, uint64_t *ret_seq) MUST_CHECK;
/* Put or delete, in the account or under META as ${op} says (not RECORD_BLOB);
 * copies the bytes, which are within the store's limits. */
void txn_write(
    struct store_txn *t, enum record_op op, struct str key, struct str value);

/* Put bytes as the blob, or refer to them when they have been placed in this
 * group already.  The views of ${from} live until the group has run; ${prefix}
 * is copied. */
struct blob_source {
	const void *token; /* the same for the same bytes; never followed */
	struct str image;
	uint64_t raw; /* bytes of the message that the image is of */
};
void txn_blob_put(struct store_txn *t, uint64_t blob,
    const struct blob_source *from, struct str prefix);

/* Append the change as a record to the group; gives blobs their locations.
 * The record begins at ${offset} of the current segment, and ${place} changes
 * of its group come before it.  Overflows ${group} when that is full. */
void txn_serialise(
    struct store_txn *t, struct buf *group, uint64_t offset, uint32_t place);

/* Count in the segments what the change uses and no longer uses; once, when it
 * is durable. */
void txn_count(const struct store_txn *t);
/* The bytes that an entry counts for in the segment of its record. */
uint64_t txn_counted(size_t key_bytes, size_t value_bytes);

/* Redo a record, all of it or, when it makes no sense (RC_CORRUPT), nothing. */
enum rc txn_replay(struct store_txn *t, const struct record *r) MUST_CHECK;

/* -- commit.c ----------------------------------------------------------- */

/* All but the first are the committer's (recovery's before it starts). */

/* The thread: runs what is queued until the shard stops and nothing is left. */
void *committer_main(void *shard);
/* Begin and end looking at the index for a group.  Pages that it still needs
 * are not used again meanwhile, so it ends before the disk is waited for. */
enum rc commit_look(struct shard *h) MUST_CHECK;
void commit_look_away(struct shard *h);
/* The account with its working state ready to be changed in this group.  Makes
 * the shard broken when the index cannot be read again. */
struct account_state *commit_touch(struct shard *h, uint64_t account);
/* End the group: make the working states the active ones, and ${h->next} the
 * published position; count what the ${count} changes at ${txns} use, and their
 * ${bytes} of log as pending.  Wakes the keeper when that makes a checkpoint
 * due. */
void commit_publish(struct shard *h, const struct store_txn *txns, size_t count,
    uint64_t bytes);
/* Go on in a new segment, which is durable then; waits for the disk.  On failure
 * the old one is still in use.  RC_NOSPACE, RC_IO. */
enum rc commit_roll(struct shard *h) MUST_CHECK;

/* -- update.c ----------------------------------------------------------- */

/* ${count} changes of the caller are done.  With the last one it is woken and
 * may be gone: neither it nor its changes may be touched any more. */
void update_done(struct caller *c, size_t count);

/* -- keeper.c ----------------------------------------------------------- */

/* The keeper's alone, or its starter's before and after it runs. */

/* The thread: checkpoints and collects, when that is due or wanted, until the
 * shard stops. */
void *keeper_main(void *shard);
/* Free what is the keeper's; what it could not write is dropped. */
void keeper_fini(struct shard *h);
/* Nothing refers to the segment any more: it is to go, once no reader that may
 * have seen it is left. */
void keeper_condemn(struct shard *h, uint64_t segment);
/* Has it been condemned, and is it still there? */
bool keeper_is_condemned(const struct shard *h, uint64_t segment);
/* Condemn files of one message without use, and delete what is condemned as
 * far as readers let it go; the rest waits for the next call. */
void keeper_let_go(struct shard *h);
/* Write what has been published to the index, durably, with the log position
 * that it stands on.  Waits for the disk, with no lock held.  When it fails,
 * nothing is lost: it is tried again by the next one.  RC_NOSPACE also when
 * the reserve did not help; RC_CORRUPT, RC_IO. */
enum rc keeper_checkpoint(struct shard *h) MUST_CHECK;
/* Is so much pending, of log or in memory, that a checkpoint is to be made?
 * Shard lock held. */
bool keeper_is_due(const struct shard *h);

/* -- rebuild.c ---------------------------------------------------------- */

/* A rebuilt index has this name until it takes the old one's place. */
#define INDEX_WHILE_REBUILT "rebuilt.mdb"
/* Delete what an interrupted rebuilding left. */
void rebuild_clear(const struct shard *h);
/* In place of recovery: make a new index from all segments, and note what had to
 * be left out (loss.c); s->report is told of each.  The old index stays as it
 * is.  Waits for the disk.  RC_NOSPACE, RC_IO. */
enum rc rebuild_shard(struct shard *h) MUST_CHECK;

/* -- loss.c ------------------------------------------------------------- */

#define LOSS_NAME "loss"
/* Note in memory that a record of ${account} was left out; of one that nobody
 * knows. */
void loss_note(struct shard *h, uint64_t account);
void loss_note_all(struct shard *h);
/* Add what the file says; no file says nothing.  RC_IO. */
enum rc loss_read(struct shard *h) MUST_CHECK;
/* Write what is noted, if there is something, to the file: it is durable when
 * this returns.  RC_NOSPACE, RC_IO. */
enum rc loss_write(const struct shard *h) MUST_CHECK;

/* -- reserve.c ---------------------------------------------------------- */

/* None of these fails: what the disk says shows in the shard's being tight, and
 * is logged when that begins and ends. */

/* Let the reserve have its size, which ends the shard's being tight, or begins
 * it when the disk has no room for one.  The keeper's, or its starter's before;
 * takes the shard lock, and waits for the disk without it.  A release meanwhile
 * wins: the reserve is empty then. */
void reserve_refill(struct shard *h);
/* Give it up, so that what makes room can be written: from now on the shard is
 * tight, and the keeper is woken to make room and to refill it.  Takes the shard
 * lock, and waits for the disk without it. */
void reserve_release(struct shard *h);
/* Something was refused for want of space.  Any thread; takes no lock. */
void reserve_missed(struct shard *h);
/* Is the shard tight, or was something refused since a change that makes no room
 * was last accepted?  Any thread; takes no lock, so it may be out of date. */
bool reserve_is_short(const struct shard *h);
/* How many bytes may be written again to let a segment go on a full disk: three
 * quarters of what is free and kept back.  0 when the disk cannot be asked. */
uint64_t reserve_room(const struct shard *h);

/* -- collect.c ---------------------------------------------------------- */

/* Move what lives out of segments that hold mostly garbage; ${hard}: out of
 * all that hold a fair amount.  A pass takes some, the emptiest first, and one
 * that cannot be read is left alone from then on.  The keeper's; the moves are
 * changes like any other, so it waits for the committer, and for the disk.
 * RC_NOSPACE, RC_IO: it goes on with the next pass. */
enum rc collect_shard(struct shard *h, bool hard) MUST_CHECK;

/* -- blob.c ------------------------------------------------------------- */

#define BLOB_KEY_BYTES 10
/* The key of the record that says where blob ${id} lies. */
struct str blob_key(uint64_t id, char space[BLOB_KEY_BYTES]);
/* Which blob's key it is; false: none's. */
bool blob_key_id(struct str key, uint64_t *ret_id);
/* Append that record, of BLOB_RECORD_BYTES_MAX at the most; *ret_prefix is a
 * view of ${value}.  False: it is no such record. */
void
blob_record_pack(struct buf *to, const struct location *at, struct str prefix);
bool blob_record_unpack(
    struct str value, struct location *ret_at, struct str *ret_prefix);
#define BLOB_RECORD_BYTES_MAX (33 + STORE_PREFIX_BYTES_MAX)
/* Key, under META, of the fact that blob ${id} of ${account} refers to an
 * image at ${at} that it did not bring. */
#define SHARE_KEY_BYTES 33
struct str share_key(const struct location *at, uint64_t account, uint64_t id,
    char space[SHARE_KEY_BYTES]);
/* Its beginning, which all who share the image have in common. */
#define SHARE_PREFIX_BYTES 17
/* The way back, of ${at} no more than where it is; false: it is no such key. */
bool share_key_unpack(struct str key, struct location *ret_at,
    uint64_t *ret_account, uint64_t *ret_id);

/* Read a whole image and prove it by its checks; for check and the collector.
 * Waits for the disk.  RC_CORRUPT, RC_IO. */
enum rc blob_verify(struct shard *h, const struct location *at) MUST_CHECK;

/* -- stage.c ------------------------------------------------------------ */

/* All of a stage that is finished. */

/* The image, in the stage's memory; n of 0: it has a file. */
struct str stage_image(const struct stage *g);
/* Bytes of the image, wherever it is. */
uint64_t stage_stored(const struct stage *g);
/* The number of the segment that its file is, if this shard's; 0: none. */
uint64_t stage_segment(const struct stage *g, const struct shard *h);
/* A change refers to the file: it stays when the stage is freed.  Any thread. */
void stage_keep(struct stage *g);

/* -- read.c ------------------------------------------------------------- */

struct store_read {
	struct shard *shard;
	uint64_t account;
	struct pending *active;
	struct pending *frozen;
	struct index_read *index;
	unsigned epoch;
};

/* store_read_begin() in a given shard: also of account 0.  Ends with
 * store_read_end(). */
enum rc read_begin(
    struct shard *h, uint64_t account, struct store_read **ret_read) MUST_CHECK;

/* Join (leave) the readers for whom segments are kept; leave with the epoch that
 * joining gave.  Join with the shard lock held. */
unsigned read_join(struct shard *h);
void read_leave(struct shard *h, unsigned epoch);

/* Look a key up: what is active, then what is frozen, then the index.  The value
 * is a view, good as long as the three are held.  RC_NOTFOUND, RC_CORRUPT,
 * RC_IO. */
enum rc read_lookup(const struct pending *active, const struct pending *frozen,
    struct index_read *index, uint64_t account, struct str key,
    struct str *ret_value, uint64_t *ret_seq) MUST_CHECK;

/* Walk the keys that begin with ${prefix}, from ${from} on, over the same three,
 * which live as long as the iterator; store_iter_next() and store_iter_end(). */
enum rc iter_begin(const struct pending *active, const struct pending *frozen,
    struct index_read *index, uint64_t account, struct str prefix,
    struct str from, struct store_iter **ret_iter) MUST_CHECK;

#endif
