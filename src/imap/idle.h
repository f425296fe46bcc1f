/* SPDX-License-Identifier: MIT
 *
 * IDLE (RFC 9051 section 6.3.13, RFC 2177): the session waits for a line from
 * the client, and is woken by changes of the selected mailbox meanwhile.
 */
#ifndef AVOCET_IMAP_IDLE_H
#define AVOCET_IMAP_IDLE_H

#include "imap/session.h"

/* The running command is an IDLE: from here on changes wake the session.
 * Queues what has changed so far and "+ idling". */
void idle_begin(struct imap_session *s);

/* Tell what has changed; look for the line that ends IDLE.  False: there was
 * none.  May read the disk and wait for room in the output queue. */
bool idle_step(struct imap_session *s);

/* Leave IDLE without an answer, because the session ends; fine if there is
 * none. */
void idle_drop(struct imap_session *s);

#endif
