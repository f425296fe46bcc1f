/* SPDX-License-Identifier: MIT
 *
 * A file of users, kept as a table that is made anew when the file changes.
 */
#include "auth/passwd_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/scheme.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"

/* A user; the strings are behind it. */
struct entry {
	struct str folded;
	struct str name;
	struct str credentials; /* packed; may be empty */
	char bytes[];
};

/* What of a file shows that it has changed. */
struct stamp {
	struct timespec changed;
	off_t size;
	ino_t inode;
	dev_t device;
};

struct passwd_file {
	char *path;
	struct lock lock;
	/* Under the lock: */
	struct map users; /* struct entry by folded name */
	struct stamp stamp;
	uint64_t looked_ms;
	bool reading; /* somebody reads it anew */
};

/* -- lines ---------------------------------------------------------------- */

static struct str
next_field(struct str *left)
{
	size_t end = str_find(*left, ':');
	struct str field = str_head(*left, end);

	*left = str_skip(*left, end + 1);
	return field;
}

/* Fields that say something of who may log in, or with what. */
static const char *
wrong_extra(struct str extra)
{
	static const char *const refused[] = { "nologin", "nopassword",
		"allow_nets", "allow_real_nets", "allow_weak", "proxy",
		"proxy_maybe", "host", "master", "user", "login_user",
		"nodelay", "pass" };

	while (extra.n > 0) {
		size_t end = str_find(extra, ' ');
		struct str field = str_head(extra, end);
		struct str name = str_head(field, str_find(field, '='));

		for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]);
		     i++)
			if (str_eq_nocase(name, str_of(refused[i])))
				return "an extra field that is not followed "
				       "here: nobody can log in";
		extra = str_skip(extra, end + 1);
	}
	return NULL;
}

const char *
passwd_file_parse_line(
    struct str line, struct str *ret_name, struct str *ret_hash)
{
	struct str left = str_trim(line);

	*ret_name = STR("");
	*ret_hash = STR("");
	if (left.n == 0 || left.p[0] == '#')
		return NULL;
	*ret_name = next_field(&left);
	if (ret_name->n == 0 || ret_name->n > USER_NAME_BYTES_MAX ||
	    memchr(ret_name->p, '\0', ret_name->n) != NULL ||
	    !utf8_valid(*ret_name)) {
		*ret_name = STR("");
		return "the name is not one that a user can have";
	}
	*ret_hash = next_field(&left);
	for (int i = 0; i < 5; i++) /* uid to shell */
		(void)next_field(&left);
	return wrong_extra(left);
}

/* -- tables --------------------------------------------------------------- */

struct reading {
	struct passwd_file *file;
	struct map users;
	unsigned line;
	unsigned mistakes;
};

static void
complain(struct reading *r, const char *what, struct str user)
{
	struct log_line line;

	if (++r->mistakes > PASSWD_FILE_LOGGED_MAX)
		return;
	log_begin(&line, LOG_WARN, "passwd-file");
	log_text(&line, "file", r->file->path);
	log_number(&line, "line", r->line);
	log_text(&line, "what", what);
	log_str(&line, "user", user);
	log_end(&line);
}

static void
free_users(struct map *users)
{
	size_t at = 0;
	struct entry *e;

	while ((e = map_next(users, &at)) != NULL) {
		if (e->credentials.n > 0)
			mem_wipe((char *)e->credentials.p, e->credentials.n);
		mem_free(e);
	}
	map_fini(users);
}

static void
copy(struct str *to, char **at, struct str from)
{
	*to = (struct str){ .p = *at, .n = from.n };
	if (from.n > 0)
		memcpy(*at, from.p, from.n);
	*at += from.n;
}

static void
add_entry(struct reading *r, struct str name, struct str credentials)
{
	struct entry *e;
	struct buf folded;
	char *at;

	buf_init(&folded, 32 * USER_NAME_BYTES_MAX);
	utf8_fold(name, &folded);
	e = mem_alloc(sizeof(*e) + folded.n + name.n + credentials.n);
	at = e->bytes;
	copy(&e->folded, &at, buf_str(&folded));
	copy(&e->name, &at, name);
	copy(&e->credentials, &at, credentials);
	buf_fini(&folded);
	if (map_get(&r->users, e->folded) == NULL) {
		(void)map_put(&r->users, e->folded, e);
	} else {
		complain(r, "the user is in the file already", name);
		mem_free(e);
	}
}

static void
take_line(struct reading *r, struct str text)
{
	struct credentials c;
	char reason[SCHEME_WHY_BYTES];
	struct str name, hash;
	const char *why = passwd_file_parse_line(text, &name, &hash);
	struct buf packed;

	if (why == NULL && hash.n > 0 && scheme_read(hash, &c, reason) != RC_OK)
		why = reason;
	if (why != NULL)
		complain(r, why, name);
	if (name.n == 0)
		return;
	buf_init(&packed, CREDENTIALS_PACKED_BYTES_MAX);
	if (why == NULL && hash.n > 0) {
		credentials_pack(&c, &packed);
		credentials_wipe(&c);
	}
	add_entry(r, name, buf_str(&packed));
	if (packed.n > 0)
		mem_wipe(packed.p, packed.n);
	buf_fini(&packed);
}

static void
take_lines(struct reading *r, struct str text)
{
	while (text.n > 0) {
		size_t end = str_find(text, '\n');

		r->line++;
		take_line(r, str_head(text, end));
		text = str_skip(text, end + 1);
	}
}

/* -- the file ------------------------------------------------------------- */

static struct stamp
stamp_of(const struct stat *st)
{
	return (struct stamp){ .changed = st->st_mtim,
		.size = st->st_size,
		.inode = st->st_ino,
		.device = st->st_dev };
}

static bool
stamp_same(const struct stamp *a, const struct stamp *b)
{
	return a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec && a->size == b->size &&
	       a->inode == b->inode && a->device == b->device;
}

static void
warn_of_mode(const struct passwd_file *f, mode_t mode)
{
	struct log_line line;

	if ((mode & (S_IROTH | S_IWOTH)) == 0)
		return;
	log_begin(&line, LOG_WARN, "passwd-file");
	log_text(&line, "file", f->path);
	log_text(&line, "what", "everybody can read or write it: chmod o= it");
	log_end(&line);
}

static enum rc
read_all(int fd, struct buf *to)
{
	ssize_t count = 1;
	char *room;

	while (count > 0 && (room = buf_reserve(to, 64 * 1024)) != NULL) {
		count = read(fd, room, 64 * 1024);
		if (count > 0)
			buf_added(to, (size_t)count);
	}
	if (count < 0)
		return RC_IO;
	return buf_check(to);
}

/* Open and read it whole; errno says why not. */
static enum rc
read_file(struct passwd_file *f, struct buf *text, struct stamp *ret_stamp)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	enum rc rc = RC_IO;

	if (fd < 0)
		return RC_IO;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		rc = read_all(fd, text);
		*ret_stamp = stamp_of(&st);
		warn_of_mode(f, st.st_mode);
	} else {
		errno = EINVAL;
	}
	(void)close(fd);
	return rc;
}

/* Make the table of what the file has now. */
static enum rc
load(struct passwd_file *f, struct map *ret_users, struct stamp *ret_stamp)
{
	struct reading r = { .file = f };
	struct log_line line;
	struct buf text;
	enum rc rc;

	buf_init(&text, PASSWD_FILE_BYTES_MAX);
	rc = read_file(f, &text, ret_stamp);
	if (rc == RC_OK) {
		map_init(&r.users);
		take_lines(&r, buf_str(&text));
		*ret_users = r.users;
		log_begin(&line, LOG_INFO, "passwd-file");
		log_text(&line, "file", f->path);
		log_number(&line, "users", r.users.count);
		log_number(&line, "mistakes", r.mistakes);
		log_end(&line);
	} else if (rc == RC_IO) {
		log_errno(LOG_ERROR, "passwd-file", f->path);
	} else {
		log_event(LOG_ERROR, "passwd-file", "what=too-large");
	}
	if (text.n > 0)
		mem_wipe(text.p, text.n);
	buf_fini(&text);
	return rc;
}

enum rc
passwd_file_open(const char *path, struct passwd_file **ret_file)
{
	struct passwd_file *f = mem_alloc(sizeof(*f));
	enum rc rc;

	f->path = mem_strdup(path);
	lock_init(&f->lock);
	map_init(&f->users);
	f->looked_ms = clock_ms();
	rc = load(f, &f->users, &f->stamp);
	if (rc == RC_OK)
		*ret_file = f;
	else
		passwd_file_close(f);
	return rc;
}

void
passwd_file_close(struct passwd_file *f)
{
	if (f == NULL)
		return;
	free_users(&f->users);
	lock_fini(&f->lock);
	mem_free(f->path);
	mem_free(f);
}

/* Is it time to look at the file, and nobody's business yet? */
static bool
begin_look(struct passwd_file *f)
{
	uint64_t now = clock_ms();
	bool due;

	lock_take(&f->lock);
	due = !f->reading && now - f->looked_ms >= PASSWD_FILE_REST_MS;
	if (due) {
		f->reading = true;
		f->looked_ms = now;
	}
	lock_release(&f->lock);
	return due;
}

/* Take over the table, if there is one. */
static void
end_look(struct passwd_file *f, struct map *users, const struct stamp *stamp)
{
	struct map old = { 0 };

	lock_take(&f->lock);
	if (users != NULL) {
		old = f->users;
		f->users = *users;
	}
	f->stamp = *stamp;
	f->reading = false;
	lock_release(&f->lock);
	free_users(&old);
}

/* Read it anew if it has changed.  One that cannot be read is told of once,
 * each time that it changes. */
static void
look(struct passwd_file *f)
{
	struct stamp stamp = { 0 };
	struct map users;
	struct stat st;

	if (!begin_look(f))
		return;
	wait_begin();
	if (stat(f->path, &st) == 0)
		stamp = stamp_of(&st);
	/* Only this thread changes the stamp while it is reading. */
	if (stamp_same(&stamp, &f->stamp))
		end_look(f, NULL, &stamp);
	else if (load(f, &users, &stamp) == RC_OK)
		end_look(f, &users, &stamp);
	else
		end_look(f, NULL, &stamp);
	wait_end();
}

enum rc
passwd_file_find(struct passwd_file *f, struct str name, struct arena *a,
    struct str *ret_name, struct str *ret_credentials)
{
	const struct entry *e;
	struct str found = { 0 }, credentials = { 0 };
	struct buf folded;
	enum rc rc = RC_NOTFOUND;

	look(f);
	buf_init(&folded, 32 * USER_NAME_BYTES_MAX);
	utf8_fold(name, &folded);
	lock_take(&f->lock);
	e = map_get(&f->users, buf_str(&folded));
	if (e != NULL) {
		found = arena_str(a, e->name);
		credentials = arena_str(a, e->credentials);
		rc =
		    found.p == NULL || credentials.p == NULL ? RC_LIMIT : RC_OK;
	}
	lock_release(&f->lock);
	buf_fini(&folded);
	if (rc == RC_OK) {
		*ret_name = found;
		*ret_credentials = credentials;
	}
	return rc;
}
