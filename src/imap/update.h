/* SPDX-License-Identifier: MIT
 *
 * Telling a client what has changed in its selected mailbox (RFC 9051 section
 * 7, RFC 7162): EXPUNGE or VANISHED, EXISTS, RECENT, FLAGS, FETCH.
 *
 * dispatch() does this before the tagged answer of every command that allows
 * it, and IDLE whenever the session is woken.
 */
#ifndef AVOCET_IMAP_UPDATE_H
#define AVOCET_IMAP_UPDATE_H

#include "imap/session.h"

/* Queue what has changed since the last time, expunged messages only if
 * ${may_expunge}; nothing when no mailbox is selected.  A mailbox that is gone
 * is told with [CLOSED] and unselected.  When the disk fails nothing is told,
 * and all the next time; when the client could not be told, the session is in
 * LOGOUT afterwards.  May read the disk and wait for room in the output
 * queue. */
void update_send(struct imap_session *s, bool may_expunge);

/* Queue FLAGS and PERMANENTFLAGS of the selected mailbox as they are now. */
enum rc update_flags(struct imap_session *s) MUST_CHECK;

/* Queue RECENT, unless the client has enabled IMAP4rev2.  May read the disk. */
enum rc update_recent(struct imap_session *s) MUST_CHECK;

/* Append "(\Seen $Forwarded)": flags and keywords of a message as this session
 * is told of them, \Recent where IMAP4rev1 wants it.  ${keywords} are the
 * mailbox's names. */
void update_write_flags(const struct imap_session *s, const struct message *m,
    const struct str *keywords, unsigned keyword_count, struct buf *to);

/* Queue the untagged FETCH that tells them, with the UID, and MODSEQ for a
 * client that knows of it. */
void update_tell_flags(struct imap_session *s, const struct message *m,
    const struct str *keywords, unsigned keyword_count);

/* The same without the flags, which the client knows. */
void update_tell_modseq(struct imap_session *s, const struct message *m);

/* Queue "* ${word}" and the UIDs, in lines that are not too long for any
 * client.  Waits for room; fails as respond_room() does. */
enum rc update_tell_vanished(struct imap_session *s, const char *word,
    const struct uid_list *uids) MUST_CHECK;

#endif
