/* SPDX-License-Identifier: MIT
 *
 * Flags as mail stores of other programs have them.
 */
#ifndef AVOCET_FOREIGN_FLAGS_H
#define AVOCET_FOREIGN_FLAGS_H

/* Bits, the same as in proto/ and mail/. */
enum {
	FOREIGN_SEEN = 1,
	FOREIGN_ANSWERED = 2,
	FOREIGN_FLAGGED = 4,
	FOREIGN_DELETED = 8,
	FOREIGN_DRAFT = 16,
	FOREIGN_FORWARDED = 32, /* Maildir's P: the keyword $Forwarded */
};

#endif
