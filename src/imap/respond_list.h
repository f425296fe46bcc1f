/* SPDX-License-Identifier: MIT
 *
 * LIST, LSUB and STATUS responses (RFC 9051 sections 7.3.1 and 7.3.4).
 */
#ifndef AVOCET_IMAP_RESPOND_LIST_H
#define AVOCET_IMAP_RESPOND_LIST_H

#include "imap/list_tree.h"
#include "imap/session.h"

struct list_line {
	const char *word; /* "LIST", "LSUB" */
	const struct list_name *name;
	const char *not_selectable; /* "\\Noselect" etc.; NULL: is */
	bool tell_subscribed;	    /* \Subscribed, if it is */
	bool child_info;	    /* ("CHILDINFO" ("SUBSCRIBED")) */
	struct str old_name;	    /* ("OLDNAME" (...)); empty: none */
};

/* Queue it; attributes of children and special use are always there (unless
 * they were switched off). */
void respond_list(struct imap_session *s, const struct list_line *l);

/* Queue LIST for the mailbox called ${name}, nothing if there is none;
 * ${old_name} may be empty.  RC_LIMIT (the command's arena), or what mail/
 * says.  May read the disk. */
enum rc respond_list_of(
    struct imap_session *s, struct str name, struct str old_name) MUST_CHECK;

/* The same for a name whose mailbox was just deleted, with \NonExistent. */
enum rc respond_list_deleted(
    struct imap_session *s, struct str name, struct str old_name) MUST_CHECK;

/* Queue "* STATUS name (...)" with ${items}, STATUS_ bits of
 * proto/imap/status.h. */
void respond_status(
    struct imap_session *s, const struct mailbox_info *info, unsigned items);

#endif
