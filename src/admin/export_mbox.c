/* SPDX-License-Identifier: MIT
 *
 * An mbox file for each mailbox: "Lists/C.mbox", names in UTF-8, and
 * ".subscriptions".
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/export.h"
#include "admin/export_writers.h"
#include "admin/output.h"
#include "base/mem.h"
#include "foreign/dovecot.h"
#include "foreign/line_end.h"
#include "foreign/mbox.h"

#define PATH_BYTES_MAX 4096
#define PIECE_BYTES    (256 * 1024)

struct mbox_export {
	struct export *export;
	int root;

	/* The mailbox under way. */
	struct export_mailbox mailbox;
	int fd;
	uint64_t begun; /* octets of the file before the message under way */
	uint64_t written;
	uint64_t changed; /* messages that will not come back as they are */

	/* The message under way. */
	struct mbox_message attributes;
	bool as_it_is;
	bool first_line_ended;
	bool alike; /* it comes back as it is */
	char last;
	struct line_end_out line_end;
	struct mbox_quote quote;
	struct buf piece; /* with line ends of the file */
	struct buf out;
};

static enum rc
give_up(struct mbox_export *m)
{
	export_problem(m->export, "%s: %s", m->mailbox.name, strerror(errno));
	return RC_IO;
}

static enum rc
write_out(struct mbox_export *m)
{
	m->written += m->out.n;
	return output_write(m->fd, &m->out) == RC_OK ? RC_OK : give_up(m);
}

/* -- mailboxes -------------------------------------------------------------- */

/* The folders that the file lies in. */
static enum rc
make_folders(struct mbox_export *m)
{
	char path[PATH_BYTES_MAX];

	for (const char *at = strchr(m->mailbox.name, '/'); at != NULL;
	     at = strchr(at + 1, '/')) {
		(void)snprintf(path, sizeof(path), "%.*s",
		    (int)(at - m->mailbox.name), m->mailbox.name);
		if (output_make_folder(m->root, path) != RC_OK)
			return RC_IO;
	}
	return RC_OK;
}

static enum rc
on_mailbox(void *arg, const struct export_mailbox *mailbox)
{
	struct mbox_export *m = arg;
	char path[PATH_BYTES_MAX];
	enum rc rc;

	m->mailbox = *mailbox;
	m->written = 0;
	m->changed = 0;
	(void)snprintf(path, sizeof(path), "%s.mbox", mailbox->name);
	rc = make_folders(m);
	if (rc == RC_OK)
		rc = output_make_file(m->root, path, &m->fd);
	return rc == RC_OK ? RC_OK : give_up(m);
}

static enum rc
on_mailbox_end(void *arg)
{
	struct mbox_export *m = arg;

	(void)close(m->fd);
	if (m->changed > 0)
		export_problem(m->export,
		    "%s: %" PRIu64
		    " messages have no line end at their end, or "
		    "not CRLF in their first line: read back, they get it",
		    m->mailbox.name, m->changed);
	return RC_OK;
}

/* -- messages --------------------------------------------------------------- */

/* Take back what was written of the message. */
static enum rc
rewind_message(struct mbox_export *m)
{
	m->written = m->begun;
	return ftruncate(m->fd, (off_t)m->begun) == 0 &&
		       lseek(m->fd, (off_t)m->begun, SEEK_SET) >= 0
		   ? RC_OK
		   : give_up(m);
}

static enum rc
on_begin(void *arg, const struct item *item, bool as_it_is)
{
	struct mbox_export *m = arg;
	enum rc rc = RC_OK;

	if (as_it_is)
		rc = rewind_message(m);
	if (rc != RC_OK)
		return rc;
	m->begun = m->written;
	m->as_it_is = as_it_is;
	m->first_line_ended = false;
	m->alike = true;
	m->last = '\0';
	m->line_end = (struct line_end_out){ 0 };
	m->quote = (struct mbox_quote){ 0 };
	m->attributes.seconds = item->date;
	m->attributes.flags = item->flags;
	m->attributes.keyword_count = item->keyword_count;
	memcpy(m->attributes.keywords, item->keywords,
	    item->keyword_count * sizeof(*item->keywords));
	buf_clear(&m->out);
	mbox_add_begin(&m->out, &m->attributes, as_it_is);
	return write_out(m);
}

static void
look_at_first_line(struct mbox_export *m, struct str piece)
{
	for (size_t i = 0; i < piece.n && !m->first_line_ended; i++) {
		if (piece.p[i] == '\n') {
			m->first_line_ended = true;
			m->alike = m->last == '\r';
		}
		m->last = piece.p[i];
	}
}

static enum rc
on_piece(void *arg, struct str piece)
{
	struct mbox_export *m = arg;

	buf_clear(&m->piece);
	buf_clear(&m->out);
	if (m->as_it_is) {
		look_at_first_line(m, piece);
		buf_add_str(&m->piece, piece);
	} else if (!line_end_out(&m->line_end, piece, &m->piece)) {
		return RC_AGAIN;
	}
	mbox_quote(&m->quote, buf_str(&m->piece), &m->out);
	return write_out(m);
}

static enum rc
on_end(void *arg)
{
	struct mbox_export *m = arg;

	buf_clear(&m->piece);
	buf_clear(&m->out);
	if (!m->as_it_is)
		line_end_out_finish(&m->line_end, &m->piece);
	mbox_quote(&m->quote, buf_str(&m->piece), &m->out);
	if (mbox_add_end(&m->quote, &m->out))
		m->alike = false;
	m->changed += !m->alike;
	return write_out(m);
}

/* -- all -------------------------------------------------------------------- */

static enum rc
on_subscriptions(void *arg, char *const *names, size_t count)
{
	struct mbox_export *m = arg;
	enum rc rc = output_make_file(m->root, ".subscriptions", &m->fd);

	m->mailbox.name = (char[]){ ".subscriptions" };
	if (rc != RC_OK)
		return give_up(m);
	buf_clear(&m->out);
	dovecot_subscriptions_begin(&m->out);
	for (size_t i = 0; rc == RC_OK && i < count; i++) {
		dovecot_subscription_add(&m->out, str_of(names[i]));
		if (m->out.n > PIECE_BYTES / 2)
			rc = write_out(m);
	}
	if (rc == RC_OK)
		rc = write_out(m);
	(void)close(m->fd);
	return rc;
}

int
export_mbox(const struct config *c, const char *user, const char *path)
{
	struct mbox_export *m = mem_alloc(sizeof(*m));
	const struct export_writer writer = { on_mailbox, on_begin, on_piece,
		on_end, on_mailbox_end, on_subscriptions, m };
	int code = 1;
	enum rc rc = output_make_root(path, &m->root);

	m->export = export_new();
	buf_init(&m->piece, PIECE_BYTES);
	buf_init(&m->out, 8 * PIECE_BYTES);
	if (rc == RC_EXISTS)
		export_problem(m->export, "%s is not empty", path);
	else if (rc != RC_OK)
		export_problem(m->export, "%s: %s", path, strerror(errno));
	else
		code = export_run(m->export, c, user, &writer);
	if (rc == RC_OK) {
		(void)syncfs(m->root);
		(void)close(m->root);
	}
	buf_fini(&m->piece);
	buf_fini(&m->out);
	export_free(m->export);
	mem_free(m);
	return code;
}
