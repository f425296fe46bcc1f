/* SPDX-License-Identifier: MIT
 *
 * A Maildir tree, with what Dovecot notes in it.
 *
 * A message is known by the base of its file's name, which stays the same when
 * flags change and when it goes from new to cur, and which no other message
 * gets.  Its date is the time of the file, unless that is later than the name
 * says the message came: then the file was copied without its time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/import_source.h"
#include "admin/maildir_tree.h"
#include "admin/source.h"
#include "admin/subscriptions.h"
#include "base/limits.h"
#include "foreign/dovecot.h"
#include "foreign/flags.h"
#include "foreign/line_end.h"
#include "foreign/lines.h"
#include "foreign/maildir_name.h"
#include "mail/import.h"

#define COPIED_SECONDS 3600
#define PATH_BYTES_MAX 8192

struct entry {
	char *file;		  /* below the folder: "cur/..." */
	struct maildir_name name; /* views of it */
	uint32_t uid;		  /* 0: not known */
};

struct known_uid {
	char *base;
	uint32_t uid;
};

struct folder {
	const char *path;
	const char *mailbox;
	struct dovecot_uidlist uidlist; /* all 0: there is none */
	char *keywords[MAILDIR_KEYWORDS_MAX];
	VEC(struct entry) entries;
	VEC(struct known_uid) uids;
	unsigned looks; /* that were taken since */
};

struct import {
	struct bring *bring;
	struct maildir_tree tree;
	struct subscriptions subscriptions;
	struct buf piece;
	struct line_end_in line_end;
};

static void
on_problem(void *arg, const char *path, const char *why)
{
	struct import *m = arg;

	bring_problem(m->bring, "%s: left out: %s", path, why);
}

/* -- Dovecot's files ---------------------------------------------------------- */

/* Begin with the lines of a file of the folder, if it is there. */
static bool
open_lines(struct import *m, const char *folder, const char *file,
    struct lines *ret_lines)
{
	char path[PATH_BYTES_MAX];
	int fd;
	enum rc rc;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, file);
	rc = source_open_file(m->tree.fd, path, &fd, NULL, NULL);
	if (rc != RC_OK) {
		if (rc != RC_NOTFOUND)
			on_problem(m, path, source_why(rc));
		return false;
	}
	lines_init(ret_lines, fd);
	return true;
}

static void
end_lines(struct import *m, const char *folder, const char *file,
    struct lines *l, enum rc rc)
{
	if (rc == RC_IO || l->too_long > 0)
		bring_problem(
		    m->bring, "%s/%s cannot be read to its end", folder, file);
	lines_fini(l);
}

static int
compare_bases(const void *a, const void *b)
{
	const struct known_uid *x = a, *y = b;

	return strcmp(x->base, y->base);
}

static void
read_uidlist(struct import *m, struct folder *f)
{
	struct str line, base;
	struct lines l;
	uint32_t uid;
	enum rc rc;

	if (!open_lines(m, f->path, "dovecot-uidlist", &l))
		return;
	rc = lines_next(&l, &line);
	if (rc == RC_OK && !dovecot_uidlist_parse(line, &f->uidlist))
		bring_problem(m->bring,
		    "%s/dovecot-uidlist is of an unknown kind: messages get "
		    "new UIDs",
		    f->path);
	while (f->uidlist.uidvalidity != 0 &&
	       (rc = lines_next(&l, &line)) == RC_OK)
		if (dovecot_uid_parse(line, &uid, &base) && uid <= UID_MAX)
			vec_push(&f->uids,
			    (struct known_uid){ mem_text(base), uid });
	end_lines(m, f->path, "dovecot-uidlist", &l, rc);
	if (f->uids.n > 0)
		qsort(f->uids.v, f->uids.n, sizeof(*f->uids.v), compare_bases);
}

static void
read_keywords(struct import *m, struct folder *f)
{
	struct str line, name;
	struct lines l;
	unsigned place;
	enum rc rc;

	if (!open_lines(m, f->path, "dovecot-keywords", &l))
		return;
	while ((rc = lines_next(&l, &line)) == RC_OK)
		if (dovecot_keyword_parse(line, &place, &name) &&
		    f->keywords[place] == NULL)
			f->keywords[place] = mem_text(name);
	end_lines(m, f->path, "dovecot-keywords", &l, rc);
}

/* -- the messages of a folder --------------------------------------------------- */

static uint32_t
find_uid(const struct folder *f, struct str base)
{
	size_t low = 0, high = f->uids.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(str_of(f->uids.v[middle].base), base);

		if (order == 0)
			return f->uids.v[middle].uid;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

static void
add_entries(struct import *m, struct folder *f, const char *part)
{
	struct source_entries names = { 0 };
	char path[PATH_BYTES_MAX];
	enum rc rc;

	(void)snprintf(path, sizeof(path), "%s/%s", f->path, part);
	rc = source_list(m->tree.fd, path, false, &names);
	if (rc != RC_OK)
		on_problem(m, path, source_why(rc));
	for (size_t i = 0; i < names.all.n; i++) {
		struct entry e = { 0 };
		size_t size = strlen(names.all.v[i].name) + 5;

		if (names.all.v[i].name[0] == '.')
			continue;
		e.file = mem_alloc(size);
		(void)snprintf(
		    e.file, size, "%s/%s", part, names.all.v[i].name);
		maildir_name_parse(str_of(e.file + 4), &e.name);
		e.uid = find_uid(f, e.name.base);
		vec_push(&f->entries, e);
	}
	source_entries_fini(&names);
}

/* By UID, those without last; then by time and name. */
static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->uid != y->uid)
		return x->uid - 1 < y->uid - 1 ? -1 : 1;
	if (x->name.seconds != y->name.seconds)
		return x->name.seconds < y->name.seconds ? -1 : 1;
	return str_cmp(x->name.base, y->name.base);
}

static void
read_folder(struct import *m, struct folder *f)
{
	read_uidlist(m, f);
	read_keywords(m, f);
	add_entries(m, f, "new");
	add_entries(m, f, "cur");
	if (f->entries.n > 0)
		qsort(f->entries.v, f->entries.n, sizeof(*f->entries.v),
		    compare_entries);
}

static void
folder_fini(struct folder *f)
{
	for (size_t i = 0; i < f->entries.n; i++)
		mem_free(f->entries.v[i].file);
	for (size_t i = 0; i < f->uids.n; i++)
		mem_free(f->uids.v[i].base);
	for (size_t i = 0; i < MAILDIR_KEYWORDS_MAX; i++)
		mem_free(f->keywords[i]);
	vec_fini(&f->entries);
	vec_fini(&f->uids);
}

/* -- one message ------------------------------------------------------------------ */

static enum rc
on_piece(void *arg, struct str bytes)
{
	struct import *m = arg;

	buf_clear(&m->piece);
	line_end_in(&m->line_end, bytes, &m->piece);
	return bring_piece(m->bring, buf_str(&m->piece)) ? RC_OK : RC_CLOSED;
}

static int
compare_names(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return str_cmp(x->name.base, y->name.base);
}

/* A file is not there any more: its flags changed, or it went from new to cur,
 * or it is gone.  Where that happened to one it did to others, so look at them
 * all. */
static void
look_again(struct import *m, struct folder *f)
{
	struct folder now = { .path = f->path };
	struct entry *found;

	add_entries(m, &now, "new");
	add_entries(m, &now, "cur");
	if (now.entries.n > 0)
		qsort(now.entries.v, now.entries.n, sizeof(*now.entries.v),
		    compare_names);
	for (size_t i = 0; i < f->entries.n; i++) {
		struct entry *e = &f->entries.v[i];

		found = now.entries.n == 0
			    ? NULL
			    : bsearch(e, now.entries.v, now.entries.n,
				  sizeof(*e), compare_names);
		if (found == NULL || found->file == NULL)
			continue;
		mem_free(e->file);
		e->file = found->file;
		e->name = found->name;
		found->file = NULL;
	}
	folder_fini(&now);
}

static enum rc
open_entry(struct import *m, struct folder *f, struct entry *e, int *ret_fd,
    int64_t *ret_mtime)
{
	char path[PATH_BYTES_MAX];
	enum rc rc = RC_NOTFOUND;

	for (int i = 0; i < 3 && rc == RC_NOTFOUND; i++) {
		/* A list made while names change may lack some: so twice. */
		if (i > 0 && f->looks++ < IMPORT_LOOKS_MAX)
			look_again(m, f);
		(void)snprintf(path, sizeof(path), "%s/%s", f->path, e->file);
		rc =
		    source_open_file(m->tree.fd, path, ret_fd, ret_mtime, NULL);
	}
	if (rc != RC_OK)
		on_problem(m, path, source_why(rc));
	return rc;
}

static int64_t
date_of(const struct entry *e, int64_t mtime)
{
	return e->name.seconds != INT64_MIN &&
		       mtime > e->name.seconds + COPIED_SECONDS
		   ? e->name.seconds
		   : mtime;
}

static bool
tell_message(struct import *m, const struct folder *f, const struct entry *e,
    int64_t mtime)
{
	struct str keywords[MAILDIR_KEYWORDS_MAX + 1];
	struct item item = { .uid = e->uid,
		.flags = e->name.flags & FLAG_ALL,
		.date = date_of(e, mtime),
		.keywords = keywords };

	if ((e->name.flags & FOREIGN_FORWARDED) != 0)
		keywords[item.keyword_count++] = STR("$Forwarded");
	for (unsigned i = 0; i < MAILDIR_KEYWORDS_MAX; i++)
		if ((e->name.keywords >> i & 1) != 0 && f->keywords[i] != NULL)
			keywords[item.keyword_count++] = str_of(f->keywords[i]);
	digest_of(e->name.base, item.digest);
	return bring_message(m->bring, &item, str_of(e->file));
}

/* False: nothing more can come into the mailbox. */
static bool
bring_entry(struct import *m, struct folder *f, struct entry *e)
{
	int64_t mtime;
	enum rc rc;
	int fd;

	if (open_entry(m, f, e, &fd, &mtime) != RC_OK)
		return true;
	m->line_end = (struct line_end_in){ 0 };
	rc = source_read(fd, on_piece, m);
	(void)close(fd);
	if (rc == RC_IO) {
		bring_take_back(m->bring);
		on_problem(m, e->file, source_why(rc));
		return true;
	}
	return rc == RC_OK && tell_message(m, f, e, mtime);
}

/* -- all ------------------------------------------------------------------------------ */

static void
bring_entries(struct import *m, struct folder *f)
{
	size_t count = f->entries.n;
	char(*marks)[IMPORT_MARK_BYTES] = mem_array(count, sizeof(*marks));
	bool *known = mem_array(count, sizeof(*known));
	bool good = true;

	for (size_t i = 0; i < count; i++)
		digest_of(f->entries.v[i].name.base, marks[i]);
	if (count > 0)
		good = bring_known(m->bring, marks[0], count, known);
	for (size_t i = 0; i < count && good; i++) {
		if (known[i])
			bring_passed(m->bring, 1);
		else
			good = bring_entry(m, f, &f->entries.v[i]);
		bring_progress(m->bring, 1);
	}
	mem_free(marks);
	mem_free(known);
}

static void
bring_folder(struct import *m, const struct maildir_folder *of)
{
	struct folder f = { .path = of->path, .mailbox = of->mailbox };
	uint32_t uidnext;

	read_folder(m, &f);
	uidnext = f.uidlist.uidnext;
	if (bring_mailbox(m->bring, str_of(f.mailbox), f.uidlist.uidvalidity,
		subscriptions_of(&m->subscriptions, f.mailbox))) {
		bring_entries(m, &f);
		bring_mailbox_end(
		    m->bring, uidnext <= UID_MAX + 1 ? uidnext : 0);
	}
	folder_fini(&f);
}

/* How many files there are, for the time that is left. */
static void
count_files(struct import *m)
{
	static const char *const parts[] = { "new", "cur" };
	uint64_t total = 0;

	for (size_t i = 0; i < 2 * m->tree.folders.n; i++) {
		struct source_entries names = { 0 };
		char path[PATH_BYTES_MAX];

		(void)snprintf(path, sizeof(path), "%s/%s",
		    m->tree.folders.v[i / 2].path, parts[i % 2]);
		if (source_list(m->tree.fd, path, false, &names) == RC_OK)
			total += names.all.n;
		source_entries_fini(&names);
	}
	bring_total(m->bring, total);
}

static void
bring_all(struct import *m)
{
	count_files(m);
	subscriptions_read(&m->subscriptions, m->bring, m->tree.fd,
	    "subscriptions", m->tree.plain ? '/' : '.');
	for (size_t i = 0; i < m->tree.folders.n; i++)
		bring_name(
		    m->bring, str_of(m->tree.folders.v[i].mailbox), NULL);
	for (size_t i = 0; i < m->tree.folders.n; i++)
		if (!bring_failed(m->bring))
			bring_folder(m, &m->tree.folders.v[i]);
	subscriptions_bring_rest(&m->subscriptions, m->bring);
}

void
import_maildir(struct bring *b, const char *path)
{
	struct import m = { .bring = b };
	enum rc rc = maildir_tree_open(&m.tree, path, on_problem, &m);

	if (rc != RC_OK) {
		bring_problem(b,
		    "%s is no Maildir: there is no folder with "
		    "cur in it that can be read",
		    path);
		return;
	}
	buf_init(&m.piece, 256 * 1024);
	bring_all(&m);
	buf_fini(&m.piece);
	subscriptions_fini(&m.subscriptions);
	maildir_tree_fini(&m.tree);
}
