/* SPDX-License-Identifier: MIT
 *
 * The messages of OAUTHBEARER (RFC 7628) and of XOAUTH2, which came before it:
 * a client brings a token that says who it is.
 */
#ifndef AVOCET_AUTH_BEARER_H
#define AVOCET_AUTH_BEARER_H

#include "base/buf.h"

enum bearer_kind { BEARER_OAUTHBEARER, BEARER_XOAUTH2 };

/* client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep
 *                                               RFC 7628 section 3.1
 * XOAUTH2: "user=" name kvsep "auth=Bearer " token kvsep kvsep
 *
 * Appends to ${user} the name that the client gives (empty: none); the token is
 * a view.  False for anything else, a kvsep alone too, and for channel binding,
 * which there is not. */
bool bearer_parse(enum bearer_kind kind, struct str message, struct buf *user,
    struct str *ret_token);

/* Append the challenge that says that the token is no good (RFC 7628 section
 * 3.2.2); the client answers it with anything, then the exchange has failed. */
void bearer_write_failure(enum bearer_kind kind, struct buf *to);

#endif
