/* SPDX-License-Identifier: MIT
 *
 * Names that other programs give to mailboxes, level by level.
 */
#ifndef AVOCET_FOREIGN_LEVELS_H
#define AVOCET_FOREIGN_LEVELS_H

#include "base/buf.h"

/* Append the mailbox that a name elsewhere means: levels that ${separator}
 * parts (NUL: there is one level) are modified UTF-7, or else plain UTF-8;
 * ${escaped}: with "\2e" for a dot and so on, as Dovecot's listescape has it.
 * What cannot stand in a name here becomes "_".  False, with nothing appended:
 * it is neither, or does not fit. */
bool levels_add(struct str name, char separator, bool escaped, struct buf *to);

#endif
