/* SPDX-License-Identifier: MIT
 *
 * Addresses: who gets what is sent to one, and who may log in under it.
 *
 * An alias is an address that leads to one account or several.  It is named
 * "local@domain", or "local" for that local part at every domain of ours, or
 * "@domain": a catch-all, which gets what nobody else at that domain does.
 * Names are compared as those of accounts are.  An account and an alias never
 * have the same name, and an alias leads to accounts only, so nothing goes in
 * circles.
 *
 * An address is looked for in this order: an account or alias called
 * "local@domain"; one called "local", if the domain is ours; the catch-all of
 * the domain.  Domains of ours are those in mail_options; when there are none,
 * every domain that mail comes for.
 */
#ifndef AVOCET_MAIL_ALIAS_H
#define AVOCET_MAIL_ALIAS_H

#include "base/limits.h"
#include "mail/account.h"

struct alias_info {
	struct str address;   /* as made */
	struct str *accounts; /* their names as made */
	size_t count;
};

struct alias_accounts {
	uint64_t v[ALIAS_ACCOUNTS_MAX];
	size_t n;
};

bool alias_address_valid(struct str address);

/* Let the alias, which is made if it is not there, lead to the account called
 * ${account} too.  RC_INVALID (not an address), RC_NOTFOUND (no such account),
 * RC_CONFLICT (an account has that name), RC_EXISTS (it does already),
 * RC_LIMIT.  Waits for the disk, like all that change. */
enum rc
alias_add(struct mail *m, struct str address, struct str account) MUST_CHECK;

/* Let it lead to the account no more; to nobody when ${account} is empty.  The
 * last account takes the alias with it.  RC_NOTFOUND. */
enum rc
alias_remove(struct mail *m, struct str address, struct str account) MUST_CHECK;

/* All aliases, by address; strings are copied to ${a}.  An account that is not
 * there is given as what its name folds to.  RC_LIMIT. */
enum rc alias_list(struct mail *m, struct arena *a,
    struct alias_info **ret_infos, size_t *ret_count) MUST_CHECK;

/* The accounts that get mail for ${local} (without detail) at ${domain}, which
 * may be empty.  Any bytes.  RC_NOTFOUND: nobody; RC_CORRUPT, RC_IO. */
enum rc alias_recipients(struct mail *m, struct str local, struct str domain,
    struct alias_accounts *ret_accounts) MUST_CHECK;

/* Is it one of the domains in mail_options?  May mail for it, or for no domain,
 * go to names without one? */
bool alias_domain_ours(struct mail *m, struct str domain);
bool alias_domain_named(struct mail *m, struct str domain);

/* The account that may log in as ${name}: an account's name, that of an alias
 * that leads to it alone, or either at a domain that mail_options names.  A
 * catch-all lets nobody in.  RC_NOTFOUND, RC_CORRUPT, RC_IO, RC_LIMIT. */
enum rc alias_login(struct mail *m, struct str name, struct arena *a,
    struct account_info *ret_info) MUST_CHECK;

#endif
