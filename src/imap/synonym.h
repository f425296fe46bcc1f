/* SPDX-License-Identifier: MIT
 *
 * Names that programs give to their folder for sent mail, drafts, junk, trash
 * or the archive when they know of none with that use (RFC 6154).
 */
#ifndef AVOCET_IMAP_SYNONYM_H
#define AVOCET_IMAP_SYNONYM_H

#include "mail/mailbox.h"

/* The use that a mailbox of this name, UTF-8 in normal form C, is made for;
 * SPECIAL_NONE: none that we know.  The case of ASCII letters does not count. */
enum special_use synonym_use(struct str name);

#endif
