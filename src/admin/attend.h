/* SPDX-License-Identifier: MIT
 *
 * The end of a channel where operations are done, when that is no server's.
 */
#ifndef AVOCET_ADMIN_ATTEND_H
#define AVOCET_ADMIN_ATTEND_H

#include "admin/channel.h"

/* Do what is asked, one operation after another, until the other side is
 * gone. */
void attend(struct mail *m, struct channel *ch);

#endif
