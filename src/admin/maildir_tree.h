/* SPDX-License-Identifier: MIT
 *
 * The folders of a Maildir tree: Maildir++ (".Lists.C" beside cur and new) and
 * plain folders ("Lists/C"), each with cur and new in it.
 */
#ifndef AVOCET_ADMIN_MAILDIR_TREE_H
#define AVOCET_ADMIN_MAILDIR_TREE_H

#include "base/rc.h"
#include "base/str.h"
#include "base/vec.h"

struct maildir_folder {
	char *path;    /* below the tree; "." for its root */
	char *mailbox; /* UTF-8; INBOX for the root */
};

struct maildir_tree {
	int fd;
	VEC(struct maildir_folder) folders;
	bool plain; /* it has plain folders below it */
	void (*problem)(void *arg, const char *path, const char *why);
	void *arg;
};

/* Find all folders.  What is left out is told to ${problem}.  RC_NOTFOUND: there
 * is no Maildir; RC_REFUSED, RC_INVALID, RC_IO: ${path} cannot be read. */
enum rc maildir_tree_open(struct maildir_tree *t, const char *path,
    void (*problem)(void *arg, const char *path, const char *why),
    void *arg) MUST_CHECK;
void maildir_tree_fini(struct maildir_tree *t);

#endif
