/* SPDX-License-Identifier: MIT
 *
 * An export, as the tool does it: it has the store's side say what there is,
 * and hands it to a writer, one function of which there is for each thing that
 * comes.
 */
#ifndef AVOCET_ADMIN_EXPORT_H
#define AVOCET_ADMIN_EXPORT_H

#include "admin/item.h"
#include "config/config.h"

struct export_mailbox {
	uint32_t id;
	uint32_t uidvalidity;
	uint32_t uidnext;
	uint32_t messages;
	char *name;
};

struct export;

/* All of these wait for the disk.  RC_OK, or the mailbox (for begin: all) is
 * given up with RC_IO after the writer told why by export_problem(). */
struct export_writer {
	enum rc (*mailbox)(void *arg, const struct export_mailbox *mailbox);
	/* ${as_it_is}: its line ends must stay. */
	enum rc (*begin)(void *arg, const struct item *item, bool as_it_is);
	/* RC_AGAIN: from its beginning, as it is. */
	enum rc (*piece)(void *arg, struct str piece);
	enum rc (*end)(void *arg);
	enum rc (*mailbox_end)(void *arg);
	enum rc (*subscriptions)(void *arg, char *const *names, size_t count);
	void *arg;
};

/* Export all of a user's mail; an exit code, after printing what was. */
struct export *export_new(void);
int export_run(struct export *e, const struct config *c, const char *user,
    const struct export_writer *writer);
void export_free(struct export *e);

/* Print a problem; the export ends with ADMIN_REFUSED, but goes on. */
void export_problem(struct export *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
