/* SPDX-License-Identifier: MIT
 *
 * Files of one message each: one, or all in a folder whose names end with
 * ".eml", in order of their names.  A message's date is its file's time; it is
 * known by its octets and by how many such came before.
 */
#include <fcntl.h>
#include <unistd.h>

#include "admin/import_source.h"
#include "admin/seen.h"
#include "admin/source.h"
#include "foreign/line_end.h"

struct import {
	struct bring *bring;
	struct seen *seen;
	struct buf piece;
	struct line_end_in line_end;
};

static enum rc
on_bytes(void *arg, struct str bytes)
{
	struct import *m = arg;

	buf_clear(&m->piece);
	line_end_in(&m->line_end, bytes, &m->piece);
	return bring_piece(m->bring, buf_str(&m->piece)) ? RC_OK : RC_CLOSED;
}

/* False: nothing more can come in. */
static bool
bring_file(struct import *m, int folder, const char *name)
{
	char digest[TALLY_DIGEST_BYTES];
	struct item item = { 0 };
	int fd;
	enum rc rc = source_open_file(folder, name, &fd, &item.date, NULL);

	if (rc == RC_OK) {
		m->line_end = (struct line_end_in){ 0 };
		rc = source_read(fd, on_bytes, m);
		(void)close(fd);
	}
	if (rc == RC_CLOSED)
		return false;
	if (rc != RC_OK) {
		bring_take_back(m->bring);
		bring_problem(
		    m->bring, "%s: left out: %s", name, source_why(rc));
		return true;
	}
	bring_digest(m->bring, digest);
	seen_mark(m->seen, digest, 0, item.digest);
	bring_progress(m->bring, 1);
	return bring_message(m->bring, &item, str_of(name));
}

static void
bring_folder(struct import *m, int folder)
{
	struct source_entries entries = { 0 };
	bool good = true;
	enum rc rc = source_list(folder, ".", false, &entries);

	if (rc != RC_OK)
		bring_problem(m->bring, "the folder: %s", source_why(rc));
	bring_total(m->bring, entries.all.n);
	for (size_t i = 0; i < entries.all.n && good; i++)
		if (str_ends(str_of(entries.all.v[i].name), STR(".eml")))
			good = bring_file(m, folder, entries.all.v[i].name);
	source_entries_fini(&entries);
}

void
import_eml(struct bring *b, const char *path)
{
	struct import m = { .bring = b };
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (bring_mailbox(b, STR("INBOX"), 0, BRING_KEEP)) {
		m.seen = seen_new();
		buf_init(&m.piece, 256 * 1024);
		if (folder >= 0)
			bring_folder(&m, folder);
		else
			(void)bring_file(&m, AT_FDCWD, path);
		bring_mailbox_end(b, 0);
		buf_fini(&m.piece);
		seen_free(m.seen);
	}
	if (folder >= 0)
		(void)close(folder);
}
