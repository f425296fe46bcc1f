/* SPDX-License-Identifier: MIT
 *
 * Segment files and their table.  A file's name is its kind and number:
 * log-00000001 or blob-00000002.  It gets that name only once its header is
 * durable; before that it is new-00000002, which a crash leaves to be deleted
 * at the next start.  "next" is zeros for the next log segment to take over.
 */
#include "store/segment.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/vec.h"

#define IDLE_OPEN_MAX 64
#define ZERO_BYTES    (1024 * 1024)
#define PATH_BYTES    4096

struct segments {
	struct lock lock; /* guards everything below */
	char *folder;
	int folder_fd;
	uint32_t shard;
	uint64_t next_number;
	uint64_t damaged_log; /* since loading it does not change */
	unsigned idle_open;
	VEC(struct segment *) table; /* ascending numbers */
	VEC(struct segment *) logs;  /* of these, the logs */
	VEC(uint64_t) gone;	     /* removed since take_changes */
	VEC(struct segment_wanting) wanting;
};

static void
make_path(const struct segments *s, const struct segment_header *h,
    char path[PATH_BYTES])
{
	(void)snprintf(path, PATH_BYTES, "%s/%s-%08llu", s->folder,
	    h->kind == SEGMENT_LOG ? "log" : "blob",
	    (unsigned long long)h->number);
}

/* -- the table ---------------------------------------------------------- */

/* Where ${number} stands among ${count} segments, or would. */
static size_t
place_of(struct segment *const *row, size_t count, uint64_t number)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (row[middle]->header.number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct segment *
find(const struct segments *s, uint64_t number)
{
	size_t place = place_of(s->table.v, s->table.n, number);

	if (place == s->table.n || s->table.v[place]->header.number != number)
		return NULL;
	return s->table.v[place];
}

static void
shift_in(struct segment **row, size_t count, struct segment *g)
{
	size_t place = place_of(row, count, g->header.number);

	memmove(row + place + 1, row + place, (count - place) * sizeof(*row));
	row[place] = g;
}

static void
insert(struct segments *s, struct segment *g)
{
	vec_push(&s->table, NULL);
	shift_in(s->table.v, s->table.n - 1, g);
	if (g->header.kind == SEGMENT_LOG) {
		vec_push(&s->logs, NULL);
		shift_in(s->logs.v, s->logs.n - 1, g);
	}
	if (s->next_number <= g->header.number)
		s->next_number = g->header.number + 1;
}

static void
shift_out(struct segment **row, size_t count, const struct segment *g)
{
	size_t place = place_of(row, count, g->header.number);

	assert(row[place] == g);
	memmove(
	    row + place, row + place + 1, (count - 1 - place) * sizeof(*row));
}

static void
take_out(struct segments *s, const struct segment *g)
{
	shift_out(s->table.v, s->table.n--, g);
	if (g->header.kind == SEGMENT_LOG)
		shift_out(s->logs.v, s->logs.n--, g);
}

static void
segment_free(struct segment *g)
{
	if (g->fd >= 0)
		(void)close(g->fd);
	mem_free(g);
}

/* -- loading ------------------------------------------------------------ */

/* The header of the file that ${want} names. */
static enum rc
read_header(
    const char *path, const struct segment_header *want, struct segment *g)
{
	char space[SEGMENT_HEADER_BYTES];
	bool damaged = false;
	struct stat facts;
	enum rc rc;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return segment_failed(path);
	rc = fstat(fd, &facts) == 0 ? RC_OK : segment_failed(path);
	if (rc == RC_OK)
		rc = segment_read(fd, 0, space, sizeof(space));
	(void)close(fd);
	if (rc == RC_OK)
		rc = segment_header_unpack(space, &g->header, &damaged);
	if (rc == RC_OK &&
	    (g->header.number != want->number || g->header.kind != want->kind ||
		g->header.shard != want->shard))
		rc = RC_CORRUPT;
	if (rc == RC_OK && damaged)
		log_event(LOG_WARN, "segment-header-damaged",
		    "file=%s use=copy", path);
	if (rc == RC_OK)
		g->total = (uint64_t)facts.st_size;
	return rc;
}

static enum rc
load_one(struct segments *s, const struct segment_header *want, size_t *damaged)
{
	struct segment *g = mem_alloc(sizeof(*g));
	char path[PATH_BYTES];
	enum rc rc;

	g->fd = -1;
	make_path(s, want, path);
	if (s->next_number <= want->number)
		s->next_number = want->number + 1;
	rc = read_header(path, want, g);
	if (rc == RC_OK) {
		insert(s, g);
		return RC_OK;
	}
	mem_free(g);
	if (rc != RC_CORRUPT && rc != RC_EOF)
		return rc;
	log_event(LOG_ERROR, "segment-damaged", "file=%s", path);
	++*damaged;
	if (want->kind == SEGMENT_LOG && want->number > s->damaged_log)
		s->damaged_log = want->number;
	return RC_OK;
}

/* Is it the name of a segment?  Then ${h} is told. */
static bool
parse_name(const char *name, struct segment_header *h)
{
	struct str s = str_of(name);

	if (str_begins(s, STR("log-"))) {
		h->kind = SEGMENT_LOG;
		return str_number(str_skip(s, 4), UINT64_MAX / 2, &h->number);
	}
	if (str_begins(s, STR("blob-"))) {
		h->kind = SEGMENT_BLOB;
		return str_number(str_skip(s, 5), UINT64_MAX / 2, &h->number);
	}
	return false;
}

static enum rc
load_all(struct segments *s, size_t *damaged)
{
	DIR *folder = opendir(s->folder);
	struct dirent *entry;
	enum rc rc = RC_OK;

	if (folder == NULL)
		return segment_failed(s->folder);
	for (errno = 0; (entry = readdir(folder)) != NULL; errno = 0) {
		struct segment_header want = { .shard = s->shard };

		if (parse_name(entry->d_name, &want))
			rc = load_one(s, &want, damaged);
		if (rc != RC_OK)
			break;
	}
	/* A folder that could not be read to its end is not a shorter one. */
	if (entry == NULL && errno != 0)
		rc = segment_failed(s->folder);
	(void)closedir(folder);
	return rc;
}

enum rc
segments_load(const char *folder, uint32_t shard,
    struct segments **ret_segments, size_t *ret_damaged)
{
	struct segments *s = mem_alloc(sizeof(*s));
	size_t damaged = 0;
	enum rc rc;

	lock_init(&s->lock);
	s->folder = mem_strdup(folder);
	s->shard = shard;
	s->next_number = 1;
	s->folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = s->folder_fd < 0 ? segment_failed(folder) : load_all(s, &damaged);
	if (rc != RC_OK) {
		segments_free(s);
		return rc;
	}
	*ret_segments = s;
	*ret_damaged = damaged;
	return RC_OK;
}

void
segments_free(struct segments *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->table.n; i++)
		segment_free(s->table.v[i]);
	vec_fini(&s->table);
	vec_fini(&s->logs);
	vec_fini(&s->gone);
	vec_fini(&s->wanting);
	if (s->folder_fd >= 0)
		(void)close(s->folder_fd);
	mem_free(s->folder);
	lock_fini(&s->lock);
	mem_free(s);
}

uint64_t
segments_damaged_log(const struct segments *s)
{
	return s->damaged_log;
}

/* -- making ------------------------------------------------------------- */

static void
path_in(const struct segments *s, const char *name, char path[PATH_BYTES])
{
	(void)snprintf(path, PATH_BYTES, "%s/%s", s->folder, name);
}

static void
path_while_new(const struct segments *s, uint64_t number, char path[PATH_BYTES])
{
	(void)snprintf(path, PATH_BYTES, "%s/new-%08llu", s->folder,
	    (unsigned long long)number);
}

/* A file under its first name; takes over the zeros written ahead. */
static int
open_new(const struct segments *s, enum segment_kind kind, const char *path)
{
	char next[PATH_BYTES];

	path_in(s, "next", next);
	if (kind == SEGMENT_LOG && rename(next, path) == 0)
		return open(path, O_RDWR | O_CLOEXEC);
	return open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

/* Make the header durable, then give the file its name. */
static enum rc
write_new(const struct segments *s, struct segment *g, const char *path)
{
	char space[SEGMENT_HEADER_BYTES], final[PATH_BYTES];
	enum rc rc;

	segment_header_pack(&g->header, space);
	rc = segment_write(g->fd, 0, space, sizeof(space));
	if (rc == RC_OK)
		rc = segment_sync(g->fd);
	if (rc != RC_OK)
		return rc;
	make_path(s, &g->header, final);
	if (rename(path, final) != 0)
		return segment_failed(final);
	if (fsync(s->folder_fd) == 0)
		return RC_OK;
	rc = segment_failed(s->folder);
	(void)unlink(final);
	return rc;
}

static enum rc
make_file(const struct segments *s, struct segment *g)
{
	char path[PATH_BYTES];
	enum rc rc;

	path_while_new(s, g->header.number, path);
	g->fd = open_new(s, g->header.kind, path);
	if (g->fd < 0)
		return segment_failed(path);
	rc = write_new(s, g, path);
	if (rc != RC_OK)
		(void)unlink(path);
	return rc;
}

enum rc
segments_create(struct segments *s, enum segment_kind kind, uint64_t first_seq,
    struct segment **ret_segment)
{
	struct segment *g = mem_alloc(sizeof(*g));
	enum rc rc;

	lock_take(&s->lock);
	g->header.number = s->next_number++;
	lock_release(&s->lock);
	g->header.kind = kind;
	g->header.shard = s->shard;
	g->header.first_seq = first_seq;
	g->header.salt = rand_u64();
	g->total = SEGMENT_HEADER_BYTES;
	g->users = 1;
	g->changed = true;
	rc = make_file(s, g);
	if (rc != RC_OK) {
		segment_free(g);
		return rc;
	}
	lock_take(&s->lock);
	insert(s, g);
	lock_release(&s->lock);
	*ret_segment = g;
	return RC_OK;
}

static enum rc
write_zeros(int fd, uint64_t bytes)
{
	char *zeros = mem_alloc(ZERO_BYTES);
	enum rc rc = RC_OK;

	for (uint64_t at = 0; at < bytes && rc == RC_OK; at += ZERO_BYTES)
		rc = segment_write(fd, at, zeros,
		    bytes - at < ZERO_BYTES ? (size_t)(bytes - at)
					    : ZERO_BYTES);
	if (rc == RC_OK && fsync(fd) != 0)
		rc = segment_failed("sync");
	mem_free(zeros);
	return rc;
}

enum rc
segments_prepare(struct segments *s, uint64_t bytes)
{
	char next[PATH_BYTES], making[PATH_BYTES];
	enum rc rc;
	int fd;

	path_in(s, "next", next);
	path_in(s, "new-next", making);
	if (access(next, F_OK) == 0)
		return RC_OK;
	fd = open(making, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return segment_failed(making);
	rc = write_zeros(fd, bytes);
	(void)close(fd);
	if (rc == RC_OK && rename(making, next) != 0)
		rc = segment_failed(next);
	if (rc != RC_OK)
		(void)unlink(making);
	return rc;
}

/* -- using -------------------------------------------------------------- */

static enum rc
open_for_use(struct segments *s, struct segment *g)
{
	char path[PATH_BYTES];

	if (g->fd >= 0) {
		if (g->users == 0)
			s->idle_open--;
		return RC_OK;
	}
	make_path(s, &g->header, path);
	g->fd = open(path, O_RDWR | O_CLOEXEC);
	return g->fd >= 0 ? RC_OK : segment_failed(path);
}

enum rc
segments_use(struct segments *s, uint64_t number, struct segment **ret_segment)
{
	struct segment *g;
	enum rc rc = RC_NOTFOUND;

	lock_take(&s->lock);
	g = find(s, number);
	if (g != NULL && !g->removed)
		rc = open_for_use(s, g);
	if (rc == RC_OK) {
		g->users++;
		*ret_segment = g;
	}
	lock_release(&s->lock);
	return rc;
}

/* The table's part of it.  True: ${g} is nobody's any more.  Otherwise
 * *ret_close is a descriptor to close, or -1. */
static bool
end_use(struct segments *s, struct segment *g, int *ret_close)
{
	*ret_close = -1;
	assert(g->users > 0);
	if (--g->users > 0)
		return false;
	if (g->removed) {
		take_out(s, g);
		return true;
	}
	if (s->idle_open < IDLE_OPEN_MAX) {
		s->idle_open++;
	} else {
		*ret_close = g->fd;
		g->fd = -1;
	}
	return false;
}

void
segments_done(struct segments *s, struct segment *g)
{
	bool last;
	int to_close;

	if (g == NULL)
		return;
	lock_take(&s->lock);
	last = end_use(s, g, &to_close);
	lock_release(&s->lock);
	/* To close a file without a name is to delete it, which takes its
	 * time. */
	if (last)
		segment_free(g);
	else if (to_close >= 0)
		(void)close(to_close);
}

void
segments_remove(struct segments *s, uint64_t number)
{
	char path[PATH_BYTES];
	struct segment *g;

	lock_take(&s->lock);
	g = find(s, number);
	if (g == NULL || g->removed) {
		lock_release(&s->lock);
		return;
	}
	make_path(s, &g->header, path);
	g->removed = true;
	vec_push(&s->gone, number);
	if (g->users == 0) {
		if (g->fd >= 0)
			s->idle_open--;
		take_out(s, g);
		segment_free(g);
	}
	lock_release(&s->lock);
	/* The file goes outside the lock: a large one takes its time. */
	if (unlink(path) != 0 && errno != ENOENT)
		log_errno(LOG_WARN, "segment-failed", path);
}

void
segments_settle(struct segments *s)
{
	if (fsync(s->folder_fd) != 0)
		log_errno(LOG_WARN, "segment-failed", s->folder);
}

/* -- counting ----------------------------------------------------------- */

void
segments_add_live(struct segments *s, uint64_t number, int64_t bytes)
{
	struct segment *g;

	lock_take(&s->lock);
	g = find(s, number);
	if (g != NULL) {
		g->live += bytes;
		if (bytes > 0)
			g->gross += bytes;
		g->changed = true;
	}
	for (size_t i = 0; g == NULL && i < s->wanting.n; i++) {
		if (s->wanting.v[i].number == number)
			s->wanting.v[i].live += bytes;
	}
	lock_release(&s->lock);
}

void
segments_add_tombs(struct segments *s, uint64_t number, int64_t bytes)
{
	struct segment *g;

	lock_take(&s->lock);
	g = find(s, number);
	if (g != NULL) {
		g->tombs += bytes;
		g->changed = true;
	}
	lock_release(&s->lock);
}

void
segments_set_total(struct segments *s, uint64_t number, uint64_t bytes)
{
	struct segment *g;

	lock_take(&s->lock);
	g = find(s, number);
	if (g != NULL && g->total != bytes) {
		g->total = bytes;
		g->changed = true;
	}
	lock_release(&s->lock);
}

bool
segments_is_log(struct segments *s, uint64_t number)
{
	const struct segment *g;
	bool is_log;

	lock_take(&s->lock);
	g = find(s, number);
	is_log = g != NULL && g->header.kind == SEGMENT_LOG;
	lock_release(&s->lock);
	return is_log;
}

bool
segments_wanting(
    struct segments *s, size_t i, struct segment_wanting *ret_wanting)
{
	bool found;

	lock_take(&s->lock);
	found = i < s->wanting.n;
	if (found)
		*ret_wanting = s->wanting.v[i];
	lock_release(&s->lock);
	return found;
}

static void
note_wanting(
    struct segments *s, const struct segment *g, const struct segment_use *use)
{
	struct segment_wanting w = { .number = use->number,
		.gone = g == NULL,
		.live = use->live,
		.had = g != NULL ? g->total : 0,
		.wants = use->total };

	if (use->live > 0 && w.had < w.wants)
		vec_push(&s->wanting, w);
}

void
segments_restore(struct segments *s, const struct segment_use *use)
{
	struct segment *g;

	lock_take(&s->lock);
	g = find(s, use->number);
	note_wanting(s, g, use);
	if (g != NULL) {
		g->total = use->total;
		g->gross = use->gross;
		g->live = use->live;
		g->tombs = use->tombs;
	} else {
		/* Its stored counts are to be forgotten as well. */
		vec_push(&s->gone, use->number);
	}
	lock_release(&s->lock);
}

uint64_t
segments_of_seq(struct segments *s, uint64_t seq)
{
	size_t low = 0, high;
	uint64_t number;

	lock_take(&s->lock);
	high = s->logs.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->logs.v[middle]->header.first_seq <= seq)
			low = middle + 1;
		else
			high = middle;
	}
	number = low > 0 ? s->logs.v[low - 1]->header.number : 0;
	lock_release(&s->lock);
	return number;
}

static struct segment_use
use_of(const struct segment *g)
{
	return (struct segment_use){ .number = g->header.number,
		.kind = g->header.kind,
		.first_seq = g->header.first_seq,
		.total = g->total,
		.gross = g->gross,
		.live = g->live,
		.tombs = g->tombs,
		.used = g->users > 0 };
}

struct segment_use *
segments_list(struct segments *s, size_t *ret_count)
{
	struct segment_use *list;
	size_t count = 0;

	lock_take(&s->lock);
	list = mem_array(s->table.n, sizeof(*list));
	for (size_t i = 0; i < s->table.n; i++) {
		if (!s->table.v[i]->removed)
			list[count++] = use_of(s->table.v[i]);
	}
	lock_release(&s->lock);
	*ret_count = count;
	return list;
}

struct segment_use *
segments_take_changes(struct segments *s, size_t *ret_count)
{
	struct segment_use *list;
	size_t count = 0;

	lock_take(&s->lock);
	list = mem_array(s->table.n + s->gone.n, sizeof(*list));
	for (size_t i = 0; i < s->gone.n; i++)
		list[count++] = (struct segment_use){ .number = s->gone.v[i],
			.removed = true };
	s->gone.n = 0;
	for (size_t i = 0; i < s->table.n; i++) {
		struct segment *g = s->table.v[i];

		if (g->changed && !g->removed)
			list[count++] = use_of(g);
		g->changed = false;
	}
	lock_release(&s->lock);
	*ret_count = count;
	return list;
}
