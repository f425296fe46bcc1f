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

/* What a listener serves.  Must outlive its sessions. */
struct imap_service {
	struct mail *mail;
	struct watch *watch;	     /* who looks on; NULL: nobody */
	capability_set capabilities; /* from capability_all() */
	bool lenient;  /* take what is not quite IMAP but known of clients */
	bool synonyms; /* the names of synonym.h mean what has their use */
	uint64_t progress_ms;  /* a command that waits for the disk tells its
				* client each time that this is over; 0: at
				* once, then each PROGRESS_MS */
	uint64_t keepalive_ms; /* IDLE tells its client as often; 0: never */

	/* The rest is imap_service_init()'s. */
	char *capabilities_before_login; /* as struct login_service wants it */
	struct imap_frame_limits frame_limits;
	struct group sessions;
};

/* Who has logged in; strings are good during the call. */
struct imap_user {
	uint64_t account;
	capability_set capabilities; /* imap_service_capabilities() */
	struct str name;
	struct str client; /* what it said of itself; may be empty */
};

/* After the other members are set. */
void imap_service_init(struct imap_service *s);

/* What the service offers to an account: all but what the user has switched
 * off.  Reads the disk, once a login: what is announced is what holds. */
capability_set
imap_service_capabilities(const struct imap_service *s, uint64_t account);

/* Append the names for CAPABILITY after login, with a space between. */
void imap_service_write_capabilities(
    const struct imap_service *s, capability_set set, struct buf *to);

/* Take over a connection that has logged in, within its run: unread input and
 * unsent output may be in it.  Returns what a poll_run_fn returns. */
unsigned imap_enter(
    struct imap_service *s, struct conn *c, const struct imap_user *user);

/* Tell every session to end.  Does not wait; the listeners must be closed. */
void imap_service_stop(struct imap_service *s);

/* Free what is left, after the pool has stopped. */
void imap_service_fini(struct imap_service *s);

#endif
