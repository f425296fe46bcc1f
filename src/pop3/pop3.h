/* SPDX-License-Identifier: MIT
 *
 * POP3 after login, its TRANSACTION and UPDATE states (RFC 1939, with CAPA and
 * response codes of RFC 2449 and 3206), as the server sees it.  What comes
 * before is login/, which knows nothing of this; the server connects the two.
 *
 * A session looks at INBOX as it was at login, see maildrop.h.  It never holds a
 * worker while it waits for its client: messages are queued as ranges that are
 * read when their turn comes, and lists of any length are written a part at a
 * time.
 */
#ifndef AVOCET_POP3_POP3_H
#define AVOCET_POP3_POP3_H

#include "base/str.h"
#include "net/group.h"

struct mail;
struct watch;

/* What is served.  Must outlive its sessions. */
struct pop3_service {
	struct mail *mail;
	struct watch *watch; /* who looks on; NULL: nobody */
	bool utf8;     /* offer UTF8, and refuse what needs it without it */
	bool hide_nul; /* send 0x80 for NUL */

	struct group sessions; /* pop3_service_init()'s */
};

/* Who has logged in; strings are good during the call. */
struct pop3_user {
	uint64_t account;
	struct str name;
	struct str offered; /* SASL mechanisms, a space before each name */
	bool cleartext; /* passwords may go over its connection as they are */
	bool utf8;	/* it has asked for UTF8 */
};

/* After the other members are set. */
void pop3_service_init(struct pop3_service *s);

/* Take over a connection that has logged in, within its run, and answer it:
 * unread input may be in it.  May read the disk.  Returns what a poll_run_fn
 * returns. */
unsigned pop3_enter(
    struct pop3_service *s, struct conn *c, const struct pop3_user *user);

/* Tell every session to end, without UPDATE.  Does not wait; the listeners must
 * be closed. */
void pop3_service_stop(struct pop3_service *s);

/* Free what is left, after the pool has stopped. */
void pop3_service_fini(struct pop3_service *s);

#endif
