/* SPDX-License-Identifier: MIT
 *
 * A file of users, kept as a table that is made anew when the file changes.
 */
#include "auth/passwd_file.h"

#include <string.h>

#include "auth/scheme.h"
#include "auth/watched.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"

#define EVENT "passwd-file"

/* A user; the strings are behind it. */
struct entry {
	struct str folded;
	struct str name;
	struct str credentials; /* packed; may be empty */
	char bytes[];
};

struct passwd_file {
	char *path;
	struct watched watched;
	struct lock lock;
	struct map users; /* struct entry by folded name; under the lock */
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
	log_begin(&line, LOG_WARN, EVENT);
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

/* Make the table of ${text} and put it in the old one's place. */
static void
take_over(struct passwd_file *f, struct str text)
{
	struct reading r = { .file = f };
	struct map old;
	struct log_line line;

	map_init(&r.users);
	take_lines(&r, text);
	lock_take(&f->lock);
	old = f->users;
	f->users = r.users;
	lock_release(&f->lock);
	free_users(&old);
	log_begin(&line, LOG_INFO, EVENT);
	log_text(&line, "file", f->path);
	log_number(&line, "users", r.users.count);
	log_number(&line, "mistakes", r.mistakes);
	log_end(&line);
	watched_warn_of_mode(&f->watched);
}

/* Read it if it is new. */
static enum rc
look(struct passwd_file *f)
{
	struct buf text;
	enum rc rc;

	buf_init(&text, PASSWD_FILE_BYTES_MAX);
	rc = watched_read(&f->watched, &text);
	if (rc == RC_OK) {
		take_over(f, buf_str(&text));
		watched_done(&f->watched);
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
	watched_init(&f->watched, f->path, EVENT);
	lock_init(&f->lock);
	map_init(&f->users);
	rc = look(f);
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
	watched_fini(&f->watched);
	mem_free(f->path);
	mem_free(f);
}

enum rc
passwd_file_find(struct passwd_file *f, struct str name, struct arena *a,
    struct str *ret_name, struct str *ret_credentials)
{
	const struct entry *e;
	struct str found = { 0 }, credentials = { 0 };
	struct buf folded;
	enum rc rc = RC_NOTFOUND;

	(void)!look(f); /* what was known stays, and it was logged */
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
