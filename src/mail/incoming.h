/* SPDX-License-Identifier: MIT
 *
 * Inside of mail/: what a change takes from a message that has come in.
 */
#ifndef AVOCET_MAIL_INCOMING_H
#define AVOCET_MAIL_INCOMING_H

#include "mail/email.h"
#include "mail/message.h"

/* The finished message as an email with ${prefix} octets put before it; views
 * are the message's. */
struct email incoming_email(const struct incoming *in, size_t prefix);

/* What it lacks of line ends (mime/line_ends.h). */
uint32_t incoming_lacking(const struct incoming *in);

/* Its staged bytes. */
struct stage *incoming_stage(const struct incoming *in);

#endif
