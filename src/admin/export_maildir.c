/* SPDX-License-Identifier: MIT
 *
 * A tree of Maildir++ folders, with UIDs, keywords and subscriptions in the
 * files that Dovecot keeps them in.  Each message is written in tmp and renamed
 * when it is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/export.h"
#include "admin/export_writers.h"
#include "admin/output.h"
#include "base/mem.h"
#include "base/limits.h"
#include "foreign/dovecot.h"
#include "foreign/line_end.h"
#include "foreign/maildir_name.h"

#define PATH_BYTES_MAX 8192
#define PIECE_BYTES    (256 * 1024)

struct maildir {
	struct export *export;
	int root;

	/* The mailbox under way. */
	struct export_mailbox mailbox;
	char folder[PATH_BYTES_MAX / 2];
	int uidlist;
	char *keywords[MAILDIR_KEYWORDS_MAX]; /* by letter */
	uint64_t without_keywords; /* messages that have others, too */
	uint64_t changed;	   /* that will not come back as they are */

	/* The message under way. */
	int fd;
	struct item item; /* keywords are not kept */
	uint32_t letters;
	bool as_it_is;
	bool first_line_ended;
	char last;
	uint64_t written;
	struct line_end_out line_end;
	struct buf piece;
};

static enum rc
give_up(struct maildir *m, const char *what)
{
	export_problem(
	    m->export, "%s: %s: %s", m->mailbox.name, what, strerror(errno));
	return RC_IO;
}

/* -- mailboxes -------------------------------------------------------------- */

static enum rc
make_file(struct maildir *m, const char *name, int *ret_fd)
{
	char path[PATH_BYTES_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", m->folder, name);
	return output_make_file(m->root, path, ret_fd) == RC_OK
		   ? RC_OK
		   : give_up(m, name);
}

static enum rc
make_folders(struct maildir *m)
{
	static const char *const parts[] = { "", "cur", "new", "tmp" };
	char path[PATH_BYTES_MAX];

	for (int i = 0; i < 4; i++) {
		(void)snprintf(
		    path, sizeof(path), "%s/%s", m->folder, parts[i]);
		if (output_make_folder(m->root, path) != RC_OK)
			return give_up(m, "its folder cannot be made");
	}
	return RC_OK;
}

static void
set_folder(struct maildir *m)
{
	struct buf name;

	buf_init(&name, sizeof(m->folder));
	if (strcmp(m->mailbox.name, "INBOX") == 0)
		buf_add_byte(&name, '.');
	else
		maildir_name_of_mailbox(str_of(m->mailbox.name), &name);
	(void)snprintf(
	    m->folder, sizeof(m->folder), "%.*s", STR_ARG(buf_str(&name)));
	buf_fini(&name);
}

/* An empty file says that the folder is one within a Maildir. */
static enum rc
make_mark(struct maildir *m)
{
	int fd;
	enum rc rc;

	if (strcmp(m->folder, ".") == 0)
		return RC_OK;
	rc = make_file(m, "maildirfolder", &fd);
	if (rc == RC_OK)
		(void)close(fd);
	return rc;
}

static enum rc
on_mailbox(void *arg, const struct export_mailbox *mailbox)
{
	struct maildir *m = arg;
	struct dovecot_uidlist uidlist = { mailbox->uidvalidity,
		mailbox->uidnext };
	enum rc rc;

	m->mailbox = *mailbox;
	m->without_keywords = 0;
	m->changed = 0;
	set_folder(m);
	rc = make_folders(m);
	if (rc == RC_OK)
		rc = make_mark(m);
	if (rc == RC_OK)
		rc = make_file(m, "dovecot-uidlist", &m->uidlist);
	if (rc != RC_OK)
		return rc;
	buf_clear(&m->piece);
	dovecot_uidlist_add(&m->piece, &uidlist);
	rc = output_write(m->uidlist, &m->piece);
	return rc == RC_OK ? RC_OK : give_up(m, "dovecot-uidlist");
}

static enum rc
write_keywords(struct maildir *m)
{
	int fd;
	enum rc rc;

	if (m->keywords[0] == NULL)
		return RC_OK;
	rc = make_file(m, "dovecot-keywords", &fd);
	if (rc != RC_OK)
		return rc;
	buf_clear(&m->piece);
	for (unsigned i = 0; i < MAILDIR_KEYWORDS_MAX; i++) {
		if (m->keywords[i] != NULL)
			buf_add_format(&m->piece, "%u %s\n", i, m->keywords[i]);
		mem_free(m->keywords[i]);
		m->keywords[i] = NULL;
	}
	rc = output_write(fd, &m->piece);
	(void)close(fd);
	return rc == RC_OK ? RC_OK : give_up(m, "dovecot-keywords");
}

static enum rc
on_mailbox_end(void *arg)
{
	struct maildir *m = arg;
	enum rc rc = write_keywords(m);

	(void)close(m->uidlist);
	if (m->without_keywords > 0)
		export_problem(m->export,
		    "%s: %" PRIu64 " messages have keywords beyond the %d that "
		    "a Maildir can hold",
		    m->mailbox.name, m->without_keywords, MAILDIR_KEYWORDS_MAX);
	if (m->changed > 0)
		export_problem(m->export,
		    "%s: %" PRIu64 " messages have line ends that are not "
		    "CRLF in their first line: read back, they get CRLF",
		    m->mailbox.name, m->changed);
	return rc;
}

/* -- messages --------------------------------------------------------------- */

/* The letter of a keyword; MAILDIR_KEYWORDS_MAX: there is none left. */
static unsigned
letter_of(struct maildir *m, struct str keyword)
{
	unsigned i = 0;

	while (i < MAILDIR_KEYWORDS_MAX && m->keywords[i] != NULL &&
	       !str_eq_nocase(str_of(m->keywords[i]), keyword))
		i++;
	if (i < MAILDIR_KEYWORDS_MAX && m->keywords[i] == NULL)
		m->keywords[i] = mem_text(keyword);
	return i;
}

static void
set_letters(struct maildir *m)
{
	bool lacking = false;

	m->letters = 0;
	for (size_t i = 0; i < m->item.keyword_count; i++) {
		unsigned letter = letter_of(m, m->item.keywords[i]);

		if (letter < MAILDIR_KEYWORDS_MAX)
			m->letters |= UINT32_C(1) << letter;
		else
			lacking = true;
	}
	m->without_keywords += lacking;
}

static void
temporary_path(const struct maildir *m, char path[PATH_BYTES_MAX])
{
	(void)snprintf(
	    path, PATH_BYTES_MAX, "%s/tmp/%" PRIu32, m->folder, m->item.uid);
}

static enum rc
on_begin(void *arg, const struct item *item, bool as_it_is)
{
	struct maildir *m = arg;
	char path[PATH_BYTES_MAX];

	m->item = *item;
	m->as_it_is = as_it_is;
	m->first_line_ended = false;
	m->last = '\0';
	m->written = 0;
	m->line_end = (struct line_end_out){ 0 };
	temporary_path(m, path);
	if (as_it_is) {
		/* It was begun once. */
		(void)close(m->fd);
		(void)unlinkat(m->root, path, 0);
	} else {
		set_letters(m);
	}
	return output_make_file(m->root, path, &m->fd) == RC_OK
		   ? RC_OK
		   : give_up(m, path);
}

/* A first line that ends with LF alone makes a reader put CR everywhere. */
static void
look_at_first_line(struct maildir *m, struct str piece)
{
	for (size_t i = 0; i < piece.n && !m->first_line_ended; i++) {
		if (piece.p[i] == '\n') {
			m->first_line_ended = true;
			m->changed += m->last != '\r';
		}
		m->last = piece.p[i];
	}
}

static enum rc
write_piece(struct maildir *m)
{
	m->written += m->piece.n;
	return output_write(m->fd, &m->piece) == RC_OK
		   ? RC_OK
		   : give_up(m, "a message cannot be written");
}

static enum rc
on_piece(void *arg, struct str piece)
{
	struct maildir *m = arg;

	buf_clear(&m->piece);
	if (m->as_it_is) {
		look_at_first_line(m, piece);
		buf_add_str(&m->piece, piece);
	} else if (!line_end_out(&m->line_end, piece, &m->piece)) {
		return RC_AGAIN;
	}
	return write_piece(m);
}

/* The name says when the message came, and its sizes as Dovecot wants to
 * know them. */
static void
make_name(struct maildir *m, struct buf *name)
{
	buf_add_format(name,
	    "%" PRIu32 ".M0P0V%" PRIu32 "U%" PRIu32 ".avocet,S=%" PRIu64
	    ",W=%" PRIu64,
	    m->item.date > 0 && m->item.date <= UINT32_MAX
		? (uint32_t)m->item.date
		: 0,
	    m->mailbox.uidvalidity, m->item.uid, m->written, m->item.size);
}

static enum rc
name_message(struct maildir *m, const char *from)
{
	char path[PATH_BYTES_MAX];
	struct buf name;
	int result;

	buf_init(&name, 512);
	make_name(m, &name);
	buf_clear(&m->piece);
	buf_add_format(&m->piece, "%" PRIu32 " :%.*s\n", m->item.uid,
	    STR_ARG(buf_str(&name)));
	maildir_name_add_flags(&name, m->item.flags, m->letters);
	(void)snprintf(path, sizeof(path), "%s/cur/%.*s", m->folder,
	    STR_ARG(buf_str(&name)));
	buf_fini(&name);
	result = renameat(m->root, from, m->root, path);
	return result == 0 && output_write(m->uidlist, &m->piece) == RC_OK
		   ? RC_OK
		   : give_up(m, path);
}

static enum rc
on_end(void *arg)
{
	struct maildir *m = arg;
	struct timespec times[2] = { { .tv_sec = m->item.date },
		{ .tv_sec = m->item.date } };
	char path[PATH_BYTES_MAX];
	enum rc rc;

	buf_clear(&m->piece);
	if (!m->as_it_is)
		line_end_out_finish(&m->line_end, &m->piece);
	rc = write_piece(m);
	if (rc == RC_OK && futimens(m->fd, times) < 0)
		rc = give_up(m, "a file's time cannot be set");
	(void)close(m->fd);
	temporary_path(m, path);
	return rc == RC_OK ? name_message(m, path) : rc;
}

/* -- all -------------------------------------------------------------------- */

static enum rc
on_subscriptions(void *arg, char *const *names, size_t count)
{
	struct maildir *m = arg;
	int fd;
	enum rc rc = output_make_file(m->root, "subscriptions", &fd);

	buf_clear(&m->piece);
	dovecot_subscriptions_begin(&m->piece);
	for (size_t i = 0; rc == RC_OK && i < count; i++) {
		dovecot_subscription_add(&m->piece, str_of(names[i]));
		if (m->piece.n > PIECE_BYTES / 2)
			rc = output_write(fd, &m->piece);
	}
	if (rc == RC_OK)
		rc = output_write(fd, &m->piece);
	if (rc == RC_OK)
		(void)close(fd);
	else
		export_problem(m->export, "subscriptions: %s", strerror(errno));
	return rc;
}

int
export_maildir(const struct config *c, const char *user, const char *path)
{
	struct maildir m = { .export = export_new() };
	const struct export_writer writer = { on_mailbox, on_begin, on_piece,
		on_end, on_mailbox_end, on_subscriptions, &m };
	int code = 1;
	enum rc rc = output_make_root(path, &m.root);

	buf_init(&m.piece, PIECE_BYTES);
	if (rc == RC_EXISTS)
		export_problem(m.export, "%s is not empty", path);
	else if (rc != RC_OK)
		export_problem(m.export, "%s: %s", path, strerror(errno));
	else
		code = export_run(m.export, c, user, &writer);
	if (rc == RC_OK) {
		/* What was said to be written is. */
		(void)syncfs(m.root);
		(void)close(m.root);
	}
	buf_fini(&m.piece);
	export_free(m.export);
	return code;
}
