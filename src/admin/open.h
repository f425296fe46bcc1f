/* SPDX-License-Identifier: MIT
 *
 * Opening the store and the mail in it, as the configuration says.
 */
#ifndef AVOCET_ADMIN_OPEN_H
#define AVOCET_ADMIN_OPEN_H

#include "config/config.h"
#include "mail/mail.h"
#include "store/store.h"

/* The store's options in ${c}. */
struct store_options open_store_options(const struct config *c);

/* The options of mail in ${c}; they live as long as that. */
struct mail_options open_mail_options(const struct config *c);

/* Open both; close with mail_close().  With ${repair}, also when records were
 * lost, and nothing is done but what is asked for.  On failure *ret_why is a
 * reason, static or good until the next call.  RC_INUSE: another process has
 * the store.  Waits for the disk. */
enum rc open_mail(const struct config *c, bool repair, struct mail **ret_mail,
    const char **ret_why) MUST_CHECK;

#endif
