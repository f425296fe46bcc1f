/* SPDX-License-Identifier: MIT
 *
 * The states of a session after login, and the only functions that change
 * them.  See state.c for the diagram.
 */
#ifndef AVOCET_IMAP_STATE_H
#define AVOCET_IMAP_STATE_H

#include "imap/session.h"

/* Select: look at ${b} as it is now; takes a reference.  No mailbox is selected
 * before.  May read the disk; on failure none is selected. */
enum rc state_select(
    struct imap_session *s, struct mailbox *b, bool read_only) MUST_CHECK;

/* Let go of the selected mailbox. */
void state_unselect(struct imap_session *s);

/* The session ends for ${reason} (static, for the log) as soon as all that is
 * queued is sent. */
void state_logout(struct imap_session *s, const char *reason);

#endif
