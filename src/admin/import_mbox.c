/* SPDX-License-Identifier: MIT
 *
 * An mbox file, or a folder of them: "Lists/C" or "Lists.sbd/C", with or
 * without ".mbox" at the end.
 *
 * A message has no name there, so it is known by its octets and date and by
 * how many such came before.  All are sent; what is here already is passed over
 * where the store is.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/import_source.h"
#include "admin/seen.h"
#include "admin/source.h"
#include "admin/subscriptions.h"
#include "base/limits.h"
#include "foreign/line_end.h"
#include "foreign/maildir_name.h"
#include "foreign/mbox.h"

#define PATH_BYTES_MAX 4096

struct file {
	char *path;
	char *mailbox;
	uint64_t size;
};

struct import {
	struct bring *bring;
	int fd; /* the folder */
	VEC(struct file) files;
	struct subscriptions subscriptions;

	/* The file under way. */
	struct mbox *mbox;
	struct seen *seen;
	struct buf piece;
	struct line_end_in line_end;
	uint64_t number; /* of the message */
};

static void
problem(struct import *m, const char *path, const char *why)
{
	bring_problem(m->bring, "%s: left out: %s", path, why);
}

/* -- one file --------------------------------------------------------------- */

static enum rc
on_begin(void *arg)
{
	struct import *m = arg;

	m->line_end = (struct line_end_in){ 0 };
	m->number++;
	return RC_OK;
}

static enum rc
on_piece(void *arg, struct str piece)
{
	struct import *m = arg;

	buf_clear(&m->piece);
	line_end_in(&m->line_end, piece, &m->piece);
	return bring_piece(m->bring, buf_str(&m->piece)) ? RC_OK : RC_CLOSED;
}

static enum rc
on_end(void *arg, const struct mbox_message *message)
{
	struct import *m = arg;
	struct item item = { .flags = message->flags & FLAG_ALL,
		.date = message->seconds,
		.keywords = message->keywords,
		.keyword_count = message->keyword_count };
	char digest[TALLY_DIGEST_BYTES], label[64];

	bring_digest(m->bring, digest);
	seen_mark(m->seen, digest, message->seconds, item.digest);
	(void)snprintf(label, sizeof(label), "message %llu",
	    (unsigned long long)m->number);
	return bring_message(m->bring, &item, str_of(label)) ? RC_OK
							     : RC_CLOSED;
}

static enum rc
on_bytes(void *arg, struct str bytes)
{
	struct import *m = arg;

	bring_progress(m->bring, bytes.n);
	return mbox_read(m->mbox, bytes);
}

static void
read_file(struct import *m, int fd, const char *path)
{
	const struct mbox_events events = {
		.begin = on_begin, .piece = on_piece, .end = on_end, .arg = m
	};
	enum rc rc;

	m->mbox = mbox_new(&events);
	m->seen = seen_new();
	m->number = 0;
	rc = source_read(fd, on_bytes, m);
	if (rc == RC_OK)
		rc = mbox_read_end(m->mbox);
	/* RC_CLOSED was told of where it happened. */
	if (rc == RC_SYNTAX)
		problem(m, path, "it does not begin as an mbox file does");
	else if (rc != RC_OK && rc != RC_CLOSED)
		problem(m, path, source_why(rc));
	if (rc != RC_OK)
		bring_take_back(m->bring);
	seen_free(m->seen);
	mbox_free(m->mbox);
}

static void
bring_file(struct import *m, const struct file *f)
{
	int fd;
	enum rc rc = source_open_file(m->fd, f->path, &fd, NULL, NULL);

	if (rc != RC_OK) {
		problem(m, f->path, source_why(rc));
		return;
	}
	if (bring_mailbox(m->bring, str_of(f->mailbox), 0,
		subscriptions_of(&m->subscriptions, f->mailbox))) {
		read_file(m, fd, f->path);
		bring_mailbox_end(m->bring, 0);
	}
	(void)close(fd);
}

/* -- a folder --------------------------------------------------------------- */

/* The mailbox's name: endings of files and folders are not part of it. */
static bool
name_of(struct str path, struct buf *to)
{
	bool good = true;

	for (;;) {
		size_t end = str_find(path, '/');
		struct str level = str_head(path, end);
		bool last = end == path.n;
		struct str ending = last ? STR(".mbox") : STR(".sbd");

		if (level.n > ending.n && str_ends(level, ending))
			level.n -= ending.n;
		/* A "/" is none within. */
		good = good && maildir_name_to_mailbox(level, '/', to);
		if (last)
			return good && buf_check(to) == RC_OK;
		buf_add_byte(to, '/');
		path = str_skip(path, end + 1);
	}
}

static void
add_file(struct import *m, const char *path, const char *mailbox)
{
	struct file f = { .path = mem_strdup(path),
		.mailbox = mem_strdup(mailbox) };
	int fd;

	if (source_open_file(m->fd, path, &fd, NULL, &f.size) == RC_OK)
		(void)close(fd);
	vec_push(&m->files, f);
}

static void
take_file(struct import *m, const char *path)
{
	struct buf name;

	/* An index of a mail program, which stands beside each file. */
	if (str_ends(str_of(path), STR(".msf")))
		return;
	buf_init(&name, 8 * MAILBOX_NAME_BYTES_MAX);
	if (name_of(str_of(path), &name)) {
		buf_add_byte(&name, '\0');
		add_file(m, path, name.p);
	} else {
		problem(m, path, "its name is neither UTF-7 nor UTF-8");
	}
	buf_fini(&name);
}

static void
walk(struct import *m, const char *path, unsigned depth)
{
	struct source_entries entries = { 0 };
	enum rc rc = source_list(m->fd, path, true, &entries);

	if (rc != RC_OK)
		problem(m, path, source_why(rc));
	for (size_t i = 0; i < entries.all.n; i++) {
		const struct source_entry *e = &entries.all.v[i];
		char below[PATH_BYTES_MAX];
		int size = snprintf(below, sizeof(below), "%s%s%s",
		    depth == 0 ? "" : path, depth == 0 ? "" : "/", e->name);

		if (e->name[0] == '.')
			continue; /* servers' own */
		if (size >= (int)sizeof(below) || depth >= MAILBOX_LEVELS_MAX)
			problem(m, path, "it lies too deep");
		else if (e->kind == SOURCE_FOLDER)
			walk(m, below, depth + 1);
		else if (e->kind == SOURCE_FILE)
			take_file(m, below);
		else
			problem(m, below, source_why(RC_INVALID));
	}
	source_entries_fini(&entries);
}

/* -- all -------------------------------------------------------------------- */

static void
bring_all(struct import *m)
{
	uint64_t total = 0;

	for (size_t i = 0; i < m->files.n; i++) {
		total += m->files.v[i].size;
		bring_name(m->bring, str_of(m->files.v[i].mailbox), NULL);
	}
	bring_total(m->bring, total);
	buf_init(&m->piece, 256 * 1024);
	for (size_t i = 0; i < m->files.n; i++)
		if (!bring_failed(m->bring))
			bring_file(m, &m->files.v[i]);
	buf_fini(&m->piece);
	subscriptions_bring_rest(&m->subscriptions, m->bring);
}

static void
import_fini(struct import *m)
{
	for (size_t i = 0; i < m->files.n; i++) {
		mem_free(m->files.v[i].path);
		mem_free(m->files.v[i].mailbox);
	}
	vec_fini(&m->files);
	subscriptions_fini(&m->subscriptions);
	if (m->fd >= 0)
		(void)close(m->fd);
}

void
import_mbox(struct bring *b, const char *path)
{
	struct import m = { .bring = b };
	struct stat s;

	m.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m.fd >= 0) {
		walk(&m, ".", 0);
		subscriptions_read(
		    &m.subscriptions, b, m.fd, ".subscriptions", '/');
	} else if (stat(path, &s) == 0) {
		m.fd = AT_FDCWD;
		add_file(&m, path, "INBOX");
	} else {
		bring_problem(b, "%s cannot be opened", path);
	}
	if (m.files.n > 0)
		bring_all(&m);
	import_fini(&m);
}
