/* SPDX-License-Identifier: MIT
 *
 * The mailbox that APPEND, COPY and MOVE put messages into.
 */
#ifndef AVOCET_IMAP_DESTINATION_H
#define AVOCET_IMAP_DESTINATION_H

#include "imap/session.h"
#include "proto/imap/mailbox.h"

/* Find it.  ANSWER_PROCEED, or the refusal: with TRYCREATE unless no mailbox of
 * this name can be made (RFC 9051 section 6.3.12).  May read the disk. */
struct answer destination_find(
    struct imap_session *s, const struct mailbox_name *name, uint32_t *ret_id);

#endif
