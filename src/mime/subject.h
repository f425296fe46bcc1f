/* SPDX-License-Identifier: MIT
 *
 * The base subject (RFC 5256 section 2.1): what is left of a subject without
 * "Re:", "Fwd:", "[list]" and the like.
 */
#ifndef AVOCET_MIME_SUBJECT_H
#define AVOCET_MIME_SUBJECT_H

#include "base/buf.h"

/* Append the base subject of ${subject}, which is decoded (UTF-8), and say
 * whether something was taken off that marks a reply or a forward.  Never
 * more than subject.n octets. */
void mime_base_subject(struct str subject, struct buf *to, bool *ret_is_reply);

#endif
