/* SPDX-License-Identifier: MIT
 *
 * Passwords that were found right are remembered for a while, so that the next
 * login of the same account with the same password costs no slow hash.
 *
 * What is kept is a keyed hash over the account, its stored credentials and
 * the password.  The key is random, made anew by each process, and not swapped
 * out.  Changed credentials give another hash, so they end what was known of
 * the account at once.  A wrong password is never remembered, and costs the
 * slow hash however often the right one was given.
 *
 * Memory is fixed: VERIFIED_ENTRIES_MAX, one entry an account; when there is
 * no room the one that was verified longest ago goes.  What goes is wiped.
 */
#ifndef AVOCET_AUTH_VERIFIED_H
#define AVOCET_AUTH_VERIFIED_H

#include "auth/credentials.h"
#include "base/siphash.h"

struct verified;

/* What stands for an account with these credentials and this password. */
struct verified_tag {
	unsigned char bytes[SIPHASH_TAG_BYTES];
};

/* Remember for ${lifetime_ms} after each verification; 0: nothing ever. */
struct verified *verified_new(uint64_t lifetime_ms);

/* NULL is fine. */
void verified_free(struct verified *v);

/* Remember for ${lifetime_ms} from now on, and what is remembered no longer
 * than that.  Does not wait; at any time, by any thread. */
void verified_set_lifetime(struct verified *v, uint64_t lifetime_ms);

/* None of the functions below waits; they may be called from many threads. */

/* Make the tag; ${password} is any bytes, as the client sent them. */
void verified_make_tag(const struct verified *v, uint64_t account,
    const struct credentials *c, struct str password,
    struct verified_tag *ret_tag);

/* Was this found right, and not too long ago?  The tag is compared in constant
 * time. */
bool verified_has(
    struct verified *v, uint64_t account, const struct verified_tag *tag);

/* The password behind ${tag} was checked just now and is right. */
void verified_add(
    struct verified *v, uint64_t account, const struct verified_tag *tag);

/* Wipe what has become too old.  To be called every now and then: until then
 * it is of no use to anybody, but still there. */
void verified_tidy(struct verified *v);

#endif
