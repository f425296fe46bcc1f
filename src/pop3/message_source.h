/* SPDX-License-Identifier: MIT
 *
 * A stored message as the lines of a multi-line response, as a source of
 * output: read and given its dots while it is sent, with no more memory than
 * this struct, however long the message and however slow the client.
 */
#ifndef AVOCET_POP3_MESSAGE_SOURCE_H
#define AVOCET_POP3_MESSAGE_SOURCE_H

#include "net/conn.h"
#include "proto/pop3/lines.h"

struct blob;

/* Queue the first ${count} octets that ${b} becomes by ${lines}, which has not
 * begun; there are as many.  Takes over the blob.  While it is in the queue it
 * counts in *${open}, which must outlive that.  Does not wait. */
void message_source_queue(struct blob *b, const struct pop3_lines *lines,
    uint64_t count, unsigned *open, struct conn *c);

#endif
