/* SPDX-License-Identifier: MIT
 *
 * The care-taker: a thread that removes what is past retention, ends the
 * deletion of accounts and has the store collect its garbage.
 */
#ifndef AVOCET_MAIL_CARE_H
#define AVOCET_MAIL_CARE_H

#include "mail/mail.h"

struct care;

/* Start the thread; it goes round once at once, then every CARE_MS. */
struct care *care_start(struct mail *m);

/* Wait for the end of what is under way, and free.  NULL is fine. */
void care_stop(struct care *c);

/* Go round now, and wait for the end of that round. */
void care_go_round(struct care *c);

/* Has the thread been told to stop?  For long work done in it; false for
 * NULL. */
bool care_stopping(struct care *c);

#endif
