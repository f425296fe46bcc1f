/* SPDX-License-Identifier: MIT
 *
 * All names that LIST and LSUB can speak of: mailboxes, subscribed names whose
 * mailbox is gone, and the levels of hierarchy above both.
 */
#ifndef AVOCET_IMAP_LIST_TREE_H
#define AVOCET_IMAP_LIST_TREE_H

#include "mail/mailbox.h"

struct list_name {
	struct str name;
	struct list_name *parent; /* the level above; NULL at the top */
	const struct mailbox_info *mailbox; /* NULL: there is none */
	bool subscribed;
	bool has_children; /* a mailbox is below, at any depth */

	/* For whoever selects among them; all false at first. */
	bool matches;	      /* a pattern */
	bool matches_level;   /* a pattern that takes levels, too */
	bool selected;	      /* meets the selection criteria */
	bool child_selected;  /* one below does */
	bool child_elsewhere; /* one below does that no pattern matches */
};

struct list_tree {
	struct list_name **v; /* INBOX first, then in byte order */
	size_t n;
};

/* What a tree is made of. */
struct list_source {
	const struct mailbox_info *mailboxes;
	size_t mailbox_count;
	const struct str *subscriptions;
	size_t subscription_count;
};

/* A tree of these names, which stay in place; the rest is in ${a}: RC_LIMIT
 * when it refuses. */
enum rc list_tree_make(const struct list_source *from, struct arena *a,
    struct list_tree *ret_tree) MUST_CHECK;

/* A tree of the names of ${account}, all in ${a}.  RC_LIMIT, or what mail/
 * says.  May read the disk. */
enum rc list_tree_read(struct mail *m, uint64_t account, struct arena *a,
    struct list_tree *ret_tree) MUST_CHECK;

#endif
