/* SPDX-License-Identifier: MIT
 *
 * What the source of an import says of subscriptions, in a file as Dovecot has
 * it.
 */
#ifndef AVOCET_ADMIN_SUBSCRIPTIONS_H
#define AVOCET_ADMIN_SUBSCRIPTIONS_H

#include "admin/bring.h"
#include "admin/source.h"

struct subscriptions {
	bool is_there; /* the file */
	struct source_entries names;
};

/* Read the file below ${folder}, if it is there.  ${separator} is that of
 * levels in the oldest form of the file. */
void subscriptions_read(struct subscriptions *s, struct bring *b, int folder,
    const char *path, char separator);
void subscriptions_fini(struct subscriptions *s);

/* What to do with a mailbox that comes: it is in the file or not; without a
 * file, all are subscribed to. */
enum bring_subscribe
subscriptions_of(struct subscriptions *s, const char *mailbox);

/* Subscribe to the names in the file that subscriptions_of() was not asked
 * for. */
void subscriptions_bring_rest(struct subscriptions *s, struct bring *b);

#endif
