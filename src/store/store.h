/* SPDX-License-Identifier: MIT
 *
 * The store: keys and values under an account, and blobs (message bytes),
 * durable when an update returns.  README.md in this folder has the format
 * and the invariants.  Nothing above this header knows which engine is below.
 *
 *  - An account lives whole in one shard.  Account 0 is the store's own.  A key
 *    has 1..STORE_KEY_BYTES_MAX bytes, the first of them above 0x01; a value has
 *    at most STORE_VALUE_BYTES_MAX.
 *  - Reading: store_read_begin() pins a consistent view of one account;
 *    everything read through it is as of that moment.  Readers take no lock
 *    while they read and never wait for a writer.
 *  - Writing: a change is a function of (txn, argument) which the account's
 *    committer runs, alone in its shard, possibly more than once.  It must
 *    not wait, must not touch anything but ${txn} and ${argument}, and must
 *    begin by resetting what it returns in ${argument}.
 */
#ifndef AVOCET_STORE_STORE_H
#define AVOCET_STORE_STORE_H

#include "base/buf.h"

#define STORE_KEY_BYTES_MAX   480
#define STORE_VALUE_BYTES_MAX (4 * 1024 * 1024)

struct store;
struct store_read;
struct store_txn;
struct stage;

/* -- life cycle --------------------------------------------------------- */

struct store_options {
	const char *folder;	   /* made with mode 0700 if it is missing */
	unsigned shards;	   /* for a new store; 0: 4 */
	uint64_t segment_bytes;	   /* 0: 64 MB, less on a small disk */
	uint64_t checkpoint_bytes; /* of log between checkpoints; 0: 64 MB */
	/* of memory that what is pending takes, a shard; 0: 2 MB */
	uint64_t checkpoint_memory;
	bool zero_ahead; /* write segments with zeros before use */
	bool read_only;	 /* for check: nothing is written */
	bool lossy;	 /* for repair: open though store_lost_any() */
};

/* Open (or make) the store, replay what the index lacks, start committers.
 * Waits for the disk.  On failure *ret_why says what and where:  RC_INUSE
 * (another process has it), RC_VERSION, RC_CORRUPT (also when records are lost
 * and ${options->lossy} does not allow that), RC_IO, RC_NOSPACE. */
enum rc store_open(const struct store_options *options,
    struct store **ret_store, const char **ret_why) MUST_CHECK;

/* Finish what is queued, write a last checkpoint, free.  NULL is fine. */
void store_close(struct store *s);

unsigned store_shards(const struct store *s);
/* The shard that holds ${account}: 0 .. store_shards() - 1. */
unsigned store_shard_of(const struct store *s, uint64_t account);

/* -- reading ------------------------------------------------------------ */

/* Pin the account's present state.  Counts as a held lock (base/lock.h): end
 * it before any wait for a client or a commit. */
enum rc store_read_begin(
    struct store *s, uint64_t account, struct store_read **ret_read) MUST_CHECK;
void store_read_end(struct store_read *r);

/* The value under ${key}; good until store_read_end().  RC_NOTFOUND,
 * RC_CORRUPT (its checksum is wrong), RC_IO. */
enum rc store_get(
    struct store_read *r, struct str key, struct str *ret_value) MUST_CHECK;

/* Walk the keys that begin with ${prefix}, from ${from} on, in byte order.
 * Keys and values are good until the next step. */
struct store_iter;
enum rc store_iter_begin(struct store_read *r, struct str prefix,
    struct str from, struct store_iter **ret_iter) MUST_CHECK;
/* RC_OK, RC_NOTFOUND at the end, RC_CORRUPT (*ret_key has no good value; the
 * walk may go on), RC_IO.  *ret_seq (may be NULL) gets the number of the commit
 * that put the value. */
enum rc store_iter_next(struct store_iter *it, struct str *ret_key,
    struct str *ret_value, uint64_t *ret_seq) MUST_CHECK;
void store_iter_end(struct store_iter *it);

/* -- writing ------------------------------------------------------------ */

typedef enum rc store_update_fn(struct store_txn *t, void *arg);

struct store_change {
	uint64_t account;
	store_update_fn *fn;
	void *arg;
	enum rc result; /* set by store_update_all */
};

/* Run a change; returns when it is durable and visible (RC_OK), or what the
 * function returned (nothing was changed), or RC_IO, RC_NOSPACE, RC_SHUTDOWN.
 * Waits for the disk. */
enum rc store_update(struct store *s, uint64_t account, store_update_fn *fn,
    void *arg) MUST_CHECK;

/* While this thread waits for changes, ${fn} is called when ${due_ms}
 * (clock_ms()) is over, to say so to whoever waits for the thread; it sets the
 * next moment, and must use nothing of the store.  ${p} stays in place; NULL:
 * nobody wants to know. */
struct store_patience {
	uint64_t due_ms;
	void (*fn)(struct store_patience *p);
};
void store_patience_set(struct store_patience *p);

/* Run several, each on its own, sharing the wait and, within a shard, the
 * bytes of stages that more than one of them puts; results in each. */
void
store_update_all(struct store *s, struct store_change *changes, size_t count);

/* Queue a change whose durability nobody waits for; ${arg} is mem_free()d
 * afterwards.  For hints such as what is recent. */
void
store_post(struct store *s, uint64_t account, store_update_fn *fn, void *arg);

/* Inside a change.  Views are good until the function returns. */
enum rc store_txn_get(
    struct store_txn *t, struct str key, struct str *ret_value) MUST_CHECK;
enum rc store_txn_iter(struct store_txn *t, struct str prefix, struct str from,
    struct store_iter **ret_iter) MUST_CHECK;
void store_txn_put(struct store_txn *t, struct str key, struct str value);
void store_txn_delete(struct store_txn *t, struct str key);
uint64_t store_txn_account(const struct store_txn *t);
/* The change makes room, or is a step to it, and writes little: on a full disk
 * it may use what is kept back for such ones. */
void store_txn_relieve(struct store_txn *t);

/* Make the staged bytes, preceded by ${prefix} (at most
 * STORE_PREFIX_BYTES_MAX, may be empty), the blob ${id} of this account;
 * several accounts of one shard may put the same stage and share its bytes.
 * RC_IO when the stage does not fit the account (stage_fits). */
#define STORE_PREFIX_BYTES_MAX 2048
enum rc store_txn_blob_put(struct store_txn *t, uint64_t id,
    struct stage *stage, struct str prefix) MUST_CHECK;
void store_txn_blob_delete(struct store_txn *t, uint64_t id);

/* -- blobs -------------------------------------------------------------- */

/* Bytes on their way in.  Up to STAGE_MEMORY_BYTES_MAX are kept in memory and
 * written with the commit; more go to a file of their own at once. */
struct stage *stage_new(struct store *s, uint64_t account);
/* May wait for the disk.  RC_NOSPACE, RC_IO. */
enum rc stage_write(struct stage *g, struct str bytes) MUST_CHECK;
/* No more bytes; makes a file of its own durable. */
enum rc stage_finish(struct stage *g) MUST_CHECK;
uint64_t stage_size(const struct stage *g);
/* Can store_txn_blob_put() put the finished stage for ${account}?  Always when
 * it is in memory; when it has a file, for accounts of that file's shard. */
bool stage_fits(const struct stage *g, uint64_t account);
/* A finished stage with the same bytes that fits ${account}.  Waits for the
 * disk.  RC_NOSPACE, RC_IO, RC_CORRUPT. */
enum rc stage_copy(const struct stage *g, uint64_t account,
    struct stage **ret_stage) MUST_CHECK;
/* Free; what no commit has put is dropped.  NULL is fine. */
void stage_free(struct stage *g);

/* An open blob keeps its bytes readable whatever happens to the record. */
struct blob;
enum rc store_blob_open(
    struct store_read *r, uint64_t id, struct blob **ret_blob) MUST_CHECK;
uint64_t blob_size(const struct blob *b);
/* Up to ${size} bytes from ${offset}, verified; fewer at the end.  Waits for
 * the disk.  RC_CORRUPT, RC_IO. */
enum rc blob_read(struct blob *b, uint64_t offset, void *to, size_t size,
    size_t *ret_count) MUST_CHECK;
void blob_close(struct blob *b);

/* -- watching ----------------------------------------------------------- */

/* Called by a committer after a commit is visible and before its callers are
 * released, once for each put (value) and delete (value.p == NULL), then once
 * with key.p == NULL at the end of the change.  Must not wait. */
typedef void store_watch_fn(void *arg, uint64_t account, struct str key,
    struct str value, uint64_t seq);

/* One watcher; set before the first update. */
void store_watch(struct store *s, store_watch_fn *fn, void *arg);

/* -- care --------------------------------------------------------------- */

/* Is space wanting?  True from the first refusal (RC_NOSPACE) until there is
 * enough again. */
bool store_is_short(const struct store *s);

/* Write a checkpoint now; collect garbage now, as far as it pays.  Wait. */
enum rc store_checkpoint(struct store *s) MUST_CHECK;
enum rc store_collect(struct store *s) MUST_CHECK;

/* Prove checksums, live counts and references; call ${report} with a line for
 * each fault.  RC_OK when there is none, RC_CORRUPT when there are. */
typedef void store_report_fn(void *arg, const char *line);
enum rc
store_check(struct store *s, store_report_fn *report, void *arg) MUST_CHECK;

/* Rebuild the index in ${options->folder} from the segments alone, keeping
 * what is damaged beside it (never deleting).  The store must not be open.
 * Records that cannot be read are left out, and it is noted durably of which
 * accounts they may have been.  Waits for the disk. */
enum rc store_rebuild(const struct store_options *options,
    store_report_fn *report, void *arg) MUST_CHECK;

/* Was a record of ${account} perhaps left out?  Then everything of it may be
 * as it was earlier, and what it gave out since may be given out again. */
bool store_lost(const struct store *s, uint64_t account);
/* Was one of any account? */
bool store_lost_any(const struct store *s);
/* All that was lost has been made up for, durably: forget it.  One thread
 * only.  Waits for the disk.  RC_IO. */
enum rc store_settle_loss(struct store *s) MUST_CHECK;

#endif
