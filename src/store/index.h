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

/* The environment in the file ${path} (and ${path}-lock). */
enum rc index_open(
    const char *path, bool read_only, struct index **ret_index) MUST_CHECK;
void index_close(struct index *x);

/* A read transaction: a moment that stays.  Cheap: they are pooled. */
enum rc
index_read_begin(struct index *x, struct index_read **ret_read) MUST_CHECK;
void index_read_end(struct index_read *r);
/* See the present again. */
enum rc index_read_renew(struct index_read *r) MUST_CHECK;

/* RC_OK, RC_NOTFOUND, RC_CORRUPT (check failed), RC_IO. */
enum rc index_get(struct index_read *r, uint64_t account, struct str key,
    struct str *ret_value, uint64_t *ret_seq) MUST_CHECK;

enum rc index_cursor_begin(
    struct index_read *r, struct index_cursor **ret_cursor) MUST_CHECK;
void index_cursor_end(struct index_cursor *c);
/* The first key of any account at or after (${account}, ${key}). */
enum rc index_cursor_seek(struct index_cursor *c, uint64_t account,
    struct str key, uint64_t *ret_account, struct str *ret_key,
    struct str *ret_value, uint64_t *ret_seq) MUST_CHECK;
enum rc index_cursor_next(struct index_cursor *c, uint64_t *ret_account,
    struct str *ret_key, struct str *ret_value, uint64_t *ret_seq) MUST_CHECK;

/* The one write transaction; commit makes it durable.  Keys in ascending
 * order are fastest.  Deleting what is not there is fine. */
enum rc
index_write_begin(struct index *x, struct index_write **ret_write) MUST_CHECK;
enum rc index_put(struct index_write *w, uint64_t account, struct str key,
    struct str value, uint64_t seq) MUST_CHECK;
enum rc index_delete(
    struct index_write *w, uint64_t account, struct str key) MUST_CHECK;
enum rc index_write_commit(struct index_write *w) MUST_CHECK;
void index_write_abort(struct index_write *w);

#endif
