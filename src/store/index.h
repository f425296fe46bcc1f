/* SPDX-License-Identifier: MIT
 *
 * The index of one shard: LMDB behind a narrow door.  The only code that
 * includes lmdb.h.
 *
 * A key is the account, eight bytes big-endian, and the key proper.  A value
 * is a header {seq u64, check u32} and the bytes; the check is over seq, key
 * and bytes.  Account 0 holds the shard's own records: the log position, the
 * use of each segment, references to shared bytes.
 */
#ifndef AVOCET_STORE_INDEX_H
#define AVOCET_STORE_INDEX_H

#include "base/rc.h"
#include "base/str.h"

struct index;
struct index_read;
struct index_write;
struct index_cursor;

/* Everything here may wait for the disk, as long as pages of the file take to be
 * read.  What returns a result may return RC_IO, and RC_NOSPACE if it writes. */

/* The environment in the file ${path} (and ${path}-lock), made when missing
 * unless ${read_only}.  RC_CORRUPT, RC_NOSPACE, RC_IO. */
enum rc index_open(
    const char *path, bool read_only, struct index **ret_index) MUST_CHECK;
/* All that was begun has ended.  NULL is fine. */
void index_close(struct index *x);

/* A read transaction: a moment that stays.  Cheap: they are pooled.  Pages that
 * it sees are not used again until it ends, so it should be short. */
enum rc
index_read_begin(struct index *x, struct index_read **ret_read) MUST_CHECK;
void index_read_end(struct index_read *r);
/* See the present again; what it gave before is no longer good, whatever is
 * returned. */
enum rc index_read_renew(struct index_read *r) MUST_CHECK;

/* The value under the key, a view that is good until ${r} ends or is renewed, and
 * the commit that put it.  RC_NOTFOUND, RC_CORRUPT (its check failed), RC_IO. */
enum rc index_get(struct index_read *r, uint64_t account, struct str key,
    struct str *ret_value, uint64_t *ret_seq) MUST_CHECK;

enum rc index_cursor_begin(
    struct index_read *r, struct index_cursor **ret_cursor) MUST_CHECK;
void index_cursor_end(struct index_cursor *c);
/* The first key of any account at or after (${account}, ${key}), and the next
 * one after that; views as above.  RC_NOTFOUND: there is none; RC_CORRUPT: the
 * key is good, its value is not, and the walk can go on; RC_IO, also for a page
 * or a key that is damaged. */
enum rc index_cursor_seek(struct index_cursor *c, uint64_t account,
    struct str key, uint64_t *ret_account, struct str *ret_key,
    struct str *ret_value, uint64_t *ret_seq) MUST_CHECK;
enum rc index_cursor_next(struct index_cursor *c, uint64_t *ret_account,
    struct str *ret_key, struct str *ret_value, uint64_t *ret_seq) MUST_CHECK;

/* The one write transaction; a second waits for the first to end.  Commit makes
 * it durable, and waits for the disk to do so; after commit or abort it is gone,
 * whatever is returned.  Bytes are copied.  Keys in ascending order are fastest.
 * Deleting what is not there is fine. */
enum rc
index_write_begin(struct index *x, struct index_write **ret_write) MUST_CHECK;
enum rc index_put(struct index_write *w, uint64_t account, struct str key,
    struct str value, uint64_t seq) MUST_CHECK;
enum rc index_delete(
    struct index_write *w, uint64_t account, struct str key) MUST_CHECK;
enum rc index_write_commit(struct index_write *w) MUST_CHECK;
void index_write_abort(struct index_write *w);

#endif
