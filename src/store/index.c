/* SPDX-License-Identifier: MIT
 *
 * LMDB, with its defaults for durability: no MDB_NOSYNC, no MDB_WRITEMAP.
 */
#include "store/index.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/buf.h"
#include "base/endian.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/guard.h"

/* Address space only; a shard with more metadata than this needs a larger
 * figure here.  The sum over the shards must fit what a thread sanitizer
 * leaves of the address space. */
#define MAP_BYTES	 (128ull << 30)
#define CACHE_LINE_BYTES 64
#define MAP_BYTES_LEAST	 (512ull << 20)
#define READERS_MAX	 1024
#define HEADER_BYTES	 12
#define KEY_BYTES_MAX	 511
#define IDLE_READS_MAX	 64
#define PATH_BYTES	 4096
#define LOCK_FILE_BYTES	 (READERS_MAX * 64 + 4096)

struct index {
	MDB_env *env;
	struct guard *guard;
	_Atomic bool lost; /* the guard was hit, and that was said */
	MDB_dbi dbi;
	struct lock lock;	 /* guards idle */
	struct index_read *idle; /* reset transactions to use again */
	unsigned idle_count;
};

struct index_read {
	struct index *index;
	MDB_txn *txn;
	/* Where the last look-up ended: the next is often on the same page. */
	MDB_cursor *at;
	bool at_is_valid; /* in this transaction */
	/* What was asked for last, and what comes behind it in the index, when
	 * keys are asked for one after another; mv_data is NULL otherwise. */
	char last[KEY_BYTES_MAX];
	size_t last_bytes;
	MDB_val next_key;
	MDB_val next_data;
	struct index_read *next;
};

struct index_cursor {
	struct index *index;
	MDB_cursor *cursor;
};

struct index_write {
	struct index *index;
	MDB_txn *txn;
	char *value; /* room to put a header before a value */
	size_t value_size;
};

static enum rc
code_of(int code, const char *what)
{
	if (code == 0)
		return RC_OK;
	if (code == MDB_NOTFOUND)
		return RC_NOTFOUND;
	log_event(LOG_ERROR, "index-failed", "what=%s error=\"%s\"", what,
	    mdb_strerror(code));
	if (code == ENOSPC || code == MDB_MAP_FULL)
		return RC_NOSPACE;
	if (code == MDB_CORRUPTED || code == MDB_INVALID ||
	    code == MDB_PAGE_NOTFOUND)
		return RC_CORRUPT;
	return RC_IO;
}

/* The result ${rc} of what was read, unless the disk did not give the index:
 * then what was read may have been zeros. */
static enum rc
believed(struct index *x, enum rc rc)
{
	if (!guard_was_hit(x->guard))
		return rc;
	if (!atomic_exchange(&x->lost, true))
		log_event(LOG_ERROR, "index-lost",
		    "why=\"its file was cut or cannot be read\" "
		    "cure=\"stop, then avocet check --repair\"");
	return RC_IO;
}

/* The lock file is mapped, too, and written there: its blocks must not be
 * wanted on a full disk.  LMDB gives a larger file more readers.  Only before
 * LMDB has it open: to close a file gives up the process's locks on it. */
static int
allocate_lock_file(const char *path)
{
	struct buf name;
	int fd, error;

	buf_init(&name, PATH_BYTES);
	buf_add_str(&name, str_of(path));
	buf_add(&name, "-lock", sizeof("-lock"));
	if (buf_check(&name) != RC_OK) {
		buf_fini(&name);
		return ENAMETOOLONG;
	}
	fd = open(name.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	buf_fini(&name);
	if (fd < 0)
		return errno;
	error = posix_fallocate(fd, 0, LOCK_FILE_BYTES);
	(void)close(fd);
	return error;
}

static enum rc
open_database(struct index *x, bool read_only)
{
	MDB_txn *txn;
	int code;

	code = mdb_txn_begin(x->env, NULL, read_only ? MDB_RDONLY : 0, &txn);
	if (code != 0)
		return code_of(code, "begin");
	code = mdb_dbi_open(txn, NULL, 0, &x->dbi);
	if (code != 0) {
		mdb_txn_abort(txn);
		return code_of(code, "open");
	}
	return code_of(mdb_txn_commit(txn), "commit");
}

/* Open with room for ${map_bytes}; on failure there is no environment. */
static int
open_mapped(struct index *x, const char *path, bool read_only, size_t map_bytes)
{
	int code = read_only ? 0 : allocate_lock_file(path);

	if (code == 0)
		code = mdb_env_create(&x->env);
	if (code != 0)
		return code;
	(void)mdb_env_set_mapsize(x->env, map_bytes);
	(void)mdb_env_set_maxreaders(x->env, READERS_MAX);
	code = mdb_env_open(x->env, path,
	    MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD |
		(read_only ? MDB_RDONLY : 0),
	    0600);
	if (code != 0) {
		mdb_env_close(x->env);
		x->env = NULL;
	}
	return code;
}

/* Addresses are all that the map takes, and they may be limited, too: then it
 * is made much smaller, since others need some. */
static enum rc
open_environment(struct index *x, const char *path, bool read_only)
{
	size_t map_bytes = MAP_BYTES;
	int code = open_mapped(x, path, read_only, map_bytes);

	while (
	    (code == ENOMEM || code == EINVAL) && map_bytes > MAP_BYTES_LEAST) {
		map_bytes /= 16;
		code = open_mapped(x, path, read_only, map_bytes);
	}
	if (code == EMFILE || code == ENFILE || code == ENOMEM) {
		(void)code_of(code, "open");
		return RC_LIMIT;
	}
	if (code != 0)
		return code_of(code, "open");
	if (map_bytes < MAP_BYTES)
		log_event(LOG_WARN, "addresses-limited",
		    "index=%s holds_at_most=%zu", path, map_bytes);
	x->guard = guard_take(path);
	if (x->guard == NULL)
		log_event(LOG_WARN, "index-unguarded", "index=%s", path);
	return believed(x, open_database(x, read_only));
}

enum rc
index_open(const char *path, bool read_only, struct index **ret_index)
{
	struct index *x = mem_alloc(sizeof(*x));
	enum rc rc;

	lock_init(&x->lock);
	rc = open_environment(x, path, read_only);
	if (rc != RC_OK) {
		index_close(x);
		return rc;
	}
	*ret_index = x;
	return RC_OK;
}

static void
read_free(struct index_read *r)
{
	if (r->at != NULL)
		mdb_cursor_close(r->at);
	if (r->txn != NULL)
		mdb_txn_abort(r->txn);
	mem_free(r);
}

void
index_close(struct index *x)
{
	if (x == NULL)
		return;
	while (x->idle != NULL) {
		struct index_read *r = x->idle;

		x->idle = r->next;
		read_free(r);
	}
	guard_drop(x->guard);
	if (x->env != NULL)
		mdb_env_close(x->env);
	lock_fini(&x->lock);
	mem_free(x);
}

static void
forget_place(struct index_read *r)
{
	r->at_is_valid = false;
	r->last_bytes = 0;
	r->next_data.mv_data = NULL;
}

static struct index_read *
take_idle(struct index *x)
{
	struct index_read *r;

	lock_take(&x->lock);
	r = x->idle;
	if (r != NULL) {
		x->idle = r->next;
		x->idle_count--;
	}
	lock_release(&x->lock);
	return r;
}

enum rc
index_read_begin(struct index *x, struct index_read **ret_read)
{
	struct index_read *r = take_idle(x);
	int code;

	if (r != NULL) {
		forget_place(r);
		code = mdb_txn_renew(r->txn);
	} else {
		r = mem_alloc(sizeof(*r));
		r->index = x;
		code = mdb_txn_begin(x->env, NULL, MDB_RDONLY, &r->txn);
	}
	if (code != 0) {
		read_free(r);
		return code_of(code, "read");
	}
	if (believed(x, RC_OK) != RC_OK) {
		read_free(r);
		return RC_IO;
	}
	*ret_read = r;
	return RC_OK;
}

void
index_read_end(struct index_read *r)
{
	struct index *x;

	if (r == NULL)
		return;
	x = r->index;
	mdb_txn_reset(r->txn);
	lock_take(&x->lock);
	if (x->idle_count < IDLE_READS_MAX) {
		r->next = x->idle;
		x->idle = r;
		x->idle_count++;
		r = NULL;
	}
	lock_release(&x->lock);
	if (r != NULL)
		read_free(r);
}

enum rc
index_read_renew(struct index_read *r)
{
	forget_place(r);
	mdb_txn_reset(r->txn);
	return believed(r->index, code_of(mdb_txn_renew(r->txn), "renew"));
}

/* The key as LMDB sees it, in ${space}. */
static MDB_val
make_key(uint64_t account, struct str key, char space[KEY_BYTES_MAX])
{
	assert(key.n <= KEY_BYTES_MAX - 8);
	endian_put_be64(space, account);
	if (key.n > 0)
		memcpy(space + 8, key.p, key.n);
	return (MDB_val){ key.n + 8, space };
}

static uint32_t
check_of(const MDB_val *key, uint64_t seq, const char *bytes, size_t count)
{
	uint64_t sum = XXH3_64bits_withSeed(key->mv_data, key->mv_size, seq);

	return (uint32_t)XXH3_64bits_withSeed(bytes, count, sum);
}

static enum rc
open_value(const MDB_val *key, const MDB_val *data, struct str *ret_value,
    uint64_t *ret_seq)
{
	const char *at = data->mv_data;
	uint64_t seq;

	if (data->mv_size < HEADER_BYTES || key->mv_size < 8)
		return RC_CORRUPT;
	seq = endian_get_le64(at);
	if (check_of(key, seq, at + HEADER_BYTES,
		data->mv_size - HEADER_BYTES) != endian_get_le32(at + 8))
		return RC_CORRUPT;
	*ret_value =
	    (struct str){ at + HEADER_BYTES, data->mv_size - HEADER_BYTES };
	*ret_seq = seq;
	return RC_OK;
}

static int
ready_cursor(struct index_read *r)
{
	int code = 0;

	if (r->at_is_valid)
		return 0;
	code = r->at == NULL ? mdb_cursor_open(r->txn, r->index->dbi, &r->at)
			     : mdb_cursor_renew(r->txn, r->at);
	r->at_is_valid = code == 0;
	return code;
}

static bool
same_key(const MDB_val *a, const MDB_val *b)
{
	return a->mv_size == b->mv_size &&
	       memcmp(a->mv_data, b->mv_data, a->mv_size) == 0;
}

static int
find(struct index_read *r, MDB_val *name, MDB_val *ret_data)
{
	int code;

	if (r->next_data.mv_data != NULL && same_key(name, &r->next_key)) {
		*ret_data = r->next_data;
		return 0;
	}
	r->next_data.mv_data = NULL;
	code = ready_cursor(r);
	return code != 0 ? code
			 : mdb_cursor_get(r->at, name, ret_data, MDB_SET);
}

/* Does ${name}, whose last bytes are a number, follow what was asked for
 * last? */
static bool
follows_last(const struct index_read *r, const MDB_val *name)
{
	const size_t number = sizeof(uint64_t);
	size_t before = name->mv_size - number;
	const char *bytes = name->mv_data;

	return name->mv_size == r->last_bytes && name->mv_size >= number &&
	       memcmp(bytes, r->last, before) == 0 &&
	       endian_get_be64(bytes + before) ==
		   endian_get_be64(r->last + before) + 1;
}

/* Who walks through numbered keys gets the value at once, and has the next on
 * its way from memory meanwhile. */
static void
look_ahead(struct index_read *r, const MDB_val *name)
{
	bool walks = follows_last(r, name);

	memcpy(r->last, name->mv_data, name->mv_size);
	r->last_bytes = name->mv_size;
	r->next_data.mv_data = NULL;
	if (!walks ||
	    mdb_cursor_get(r->at, &r->next_key, &r->next_data, MDB_NEXT) != 0) {
		r->next_data.mv_data = NULL;
		return;
	}
	for (size_t i = 0; i < r->next_data.mv_size; i += CACHE_LINE_BYTES)
		__builtin_prefetch((const char *)r->next_data.mv_data + i);
}

enum rc
index_get(struct index_read *r, uint64_t account, struct str key,
    struct str *ret_value, uint64_t *ret_seq)
{
	char space[KEY_BYTES_MAX];
	MDB_val name = make_key(account, key, space), data;
	int code = find(r, &name, &data);

	if (code != 0)
		return believed(r->index, code_of(code, "get"));
	look_ahead(r, &name);
	return believed(r->index, open_value(&name, &data, ret_value, ret_seq));
}

enum rc
index_cursor_begin(struct index_read *r, struct index_cursor **ret_cursor)
{
	struct index_cursor *c = mem_alloc(sizeof(*c));
	int code = mdb_cursor_open(r->txn, r->index->dbi, &c->cursor);

	c->index = r->index;
	if (code != 0) {
		mem_free(c);
		return code_of(code, "cursor");
	}
	*ret_cursor = c;
	return RC_OK;
}

void
index_cursor_end(struct index_cursor *c)
{
	if (c == NULL)
		return;
	mdb_cursor_close(c->cursor);
	mem_free(c);
}

static enum rc
cursor_move(struct index_cursor *c, MDB_val *name, MDB_cursor_op op,
    uint64_t *ret_account, struct str *ret_key, struct str *ret_value,
    uint64_t *ret_seq)
{
	MDB_val data;
	int code = mdb_cursor_get(c->cursor, name, &data, op);

	if (code == 0 && name->mv_size < 8)
		code = MDB_CORRUPTED; /* no key of ours */
	if (code != 0) {
		enum rc rc = code_of(code, "walk");

		/* There is no next key to go on with. */
		return believed(c->index, rc == RC_CORRUPT ? RC_IO : rc);
	}
	*ret_account = endian_get_be64(name->mv_data);
	*ret_key =
	    (struct str){ (const char *)name->mv_data + 8, name->mv_size - 8 };
	return believed(c->index, open_value(name, &data, ret_value, ret_seq));
}

enum rc
index_cursor_seek(struct index_cursor *c, uint64_t account, struct str key,
    uint64_t *ret_account, struct str *ret_key, struct str *ret_value,
    uint64_t *ret_seq)
{
	char space[KEY_BYTES_MAX];
	MDB_val name = make_key(account, key, space);

	return cursor_move(
	    c, &name, MDB_SET_RANGE, ret_account, ret_key, ret_value, ret_seq);
}

enum rc
index_cursor_next(struct index_cursor *c, uint64_t *ret_account,
    struct str *ret_key, struct str *ret_value, uint64_t *ret_seq)
{
	MDB_val name = { 0 };

	return cursor_move(
	    c, &name, MDB_NEXT, ret_account, ret_key, ret_value, ret_seq);
}

enum rc
index_write_begin(struct index *x, struct index_write **ret_write)
{
	struct index_write *w;
	int code;

	if (believed(x, RC_OK) != RC_OK)
		return RC_IO;
	w = mem_alloc(sizeof(*w));
	code = mdb_txn_begin(x->env, NULL, 0, &w->txn);
	if (code != 0) {
		mem_free(w);
		return code_of(code, "write");
	}
	w->index = x;
	*ret_write = w;
	return RC_OK;
}

enum rc
index_put(struct index_write *w, uint64_t account, struct str key,
    struct str value, uint64_t seq)
{
	char space[KEY_BYTES_MAX];
	MDB_val name = make_key(account, key, space), data;

	if (w->value_size < value.n + HEADER_BYTES) {
		w->value_size = value.n + HEADER_BYTES;
		w->value = mem_resize(w->value, w->value_size);
	}
	endian_put_le64(w->value, seq);
	endian_put_le32(w->value + 8,
	    check_of(&name, seq, value.n > 0 ? value.p : "", value.n));
	if (value.n > 0)
		memcpy(w->value + HEADER_BYTES, value.p, value.n);
	data = (MDB_val){ value.n + HEADER_BYTES, w->value };
	return code_of(mdb_put(w->txn, w->index->dbi, &name, &data, 0), "put");
}

enum rc
index_delete(struct index_write *w, uint64_t account, struct str key)
{
	char space[KEY_BYTES_MAX];
	MDB_val name = make_key(account, key, space);
	int code = mdb_del(w->txn, w->index->dbi, &name, NULL);

	return code == MDB_NOTFOUND ? RC_OK : code_of(code, "delete");
}

static void
write_free(struct index_write *w)
{
	mem_free(w->value);
	mem_free(w);
}

enum rc
index_write_commit(struct index_write *w)
{
	enum rc rc = believed(w->index, RC_OK);

	if (rc != RC_OK) {
		index_write_abort(w);
		return rc;
	}
	rc = believed(w->index, code_of(mdb_txn_commit(w->txn), "commit"));
	write_free(w);
	return rc;
}

void
index_write_abort(struct index_write *w)
{
	mdb_txn_abort(w->txn);
	write_free(w);
}
