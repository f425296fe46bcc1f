/* SPDX-License-Identifier: MIT
 *
 * IMAP after login (RFC 9051, RFC 3501), as the server sees it.  What comes
 * before is login/, which knows nothing of this; the server connects the two.
 */
#ifndef AVOCET_IMAP_IMAP_H
#define AVOCET_IMAP_IMAP_H

#include "imap/capability_table.h"
#include "net/group.h"
#include "proto/imap/frame.h"

struct mail;
struct watch;

/* What is served.  Must outlive its sessions. */
struct imap_service {
	struct mail *mail;
	struct watch *watch;	     /* who looks on; NULL: nobody */
	capability_set capabilities; /* from capability_all() */

	/* The rest is imap_service_init()'s: names for CAPABILITY, with a
	 * space between, as struct login_service wants them. */
	char *capabilities_before_login;
	char *capabilities_after_login;
	struct imap_frame_limits frame_limits;
	struct group sessions;
};

/* Who has logged in; strings are good during the call. */
struct imap_user {
	uint64_t account;
	struct str name;
	struct str client; /* what it said of itself; may be empty */
};

/* After mail and capabilities are set. */
void imap_service_init(struct imap_service *s);

/* Take over a connection that has logged in, within its run: unread input and
 * unsent output may be in it.  Returns what a poll_run_fn returns. */
unsigned imap_enter(
    struct imap_service *s, struct conn *c, const struct imap_user *user);

/* Tell every session to end.  Does not wait; the listeners must be closed. */
void imap_service_stop(struct imap_service *s);

/* Free what is left, after the pool has stopped. */
void imap_service_fini(struct imap_service *s);

#endif
