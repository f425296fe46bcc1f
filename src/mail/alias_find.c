/* SPDX-License-Identifier: MIT
 *
 * Who an address leads to.  All is looked for in one read, so that an account
 * and an alias are seen as of one moment.
 */
#include "base/utf8.h"
#include "mail/alias.h"
#include "mail/mail_internal.h"

bool
alias_domain_named(struct mail *m, struct str domain)
{
	struct buf folded;
	bool found = false;

	buf_init(&folded, MAILBOX_NAME_BYTES_MAX);
	utf8_fold(domain, &folded);
	lock_take(&m->domains_lock);
	for (size_t i = 0; i < m->domains.n && !found; i++)
		found = !folded.overflowed && m->domains.v[i] != NULL &&
			str_eq(buf_str(&folded), str_of(m->domains.v[i]));
	lock_release(&m->domains_lock);
	buf_fini(&folded);
	return found;
}

bool
alias_domain_ours(struct mail *m, struct str domain)
{
	bool any;

	lock_take(&m->domains_lock);
	any = m->domains.n == 0;
	lock_release(&m->domains_lock);
	return domain.n == 0 || any || alias_domain_named(m, domain);
}

/* -- one name -------------------------------------------------------------- */

static enum rc
add_account(
    struct store_read *r, struct str folded, struct alias_accounts *accounts)
{
	struct login_record login;
	enum rc rc = record_login(r, folded, &login);

	if (rc == RC_OK)
		accounts->v[accounts->n++] = login.account;
	return rc;
}

/* The alias called ${folded}.  Views of the read. */
static enum rc
get_alias(
    struct store_read *r, struct str folded, struct alias_record *ret_alias)
{
	struct key_space space;
	struct str value;
	enum rc rc = store_get(r, key_alias(&space, folded), &value);

	if (rc != RC_OK)
		return rc;
	return alias_record_unpack(value, ret_alias) ? RC_OK : RC_CORRUPT;
}

/* The accounts behind one name, as an account's or an alias's. */
static enum rc
find_name(struct store_read *r, struct str name, struct alias_accounts *to)
{
	struct alias_record alias;
	struct buf folded;
	enum rc rc = RC_NOTFOUND;

	buf_init(&folded, MAILBOX_NAME_BYTES_MAX);
	if (alias_fold(name, &folded)) {
		rc = add_account(r, buf_str(&folded), to);
		if (rc == RC_NOTFOUND &&
		    (rc = get_alias(r, buf_str(&folded), &alias)) == RC_OK)
			for (size_t i = 0; i < alias.count && rc == RC_OK; i++)
				rc = add_account(r, alias.accounts[i], to);
	}
	buf_fini(&folded);
	return rc;
}

/* The same for ${local}@${domain}; ${local} may be empty. */
static enum rc
find_address(struct store_read *r, struct str local, struct str domain,
    struct alias_accounts *to)
{
	struct buf whole;
	enum rc rc = RC_NOTFOUND;

	buf_init(&whole, USER_NAME_BYTES_MAX + 1);
	buf_add_str(&whole, local);
	buf_add_byte(&whole, '@');
	buf_add_str(&whole, domain);
	if (buf_check(&whole) == RC_OK)
		rc = find_name(r, buf_str(&whole), to);
	buf_fini(&whole);
	return rc;
}

/* -- mail ------------------------------------------------------------------ */

static enum rc
find_recipients(struct mail *m, struct store_read *r, struct str local,
    struct str domain, struct alias_accounts *to)
{
	enum rc rc = RC_NOTFOUND;

	if (domain.n > 0)
		rc = find_address(r, local, domain, to);
	if (rc == RC_NOTFOUND && alias_domain_ours(m, domain))
		rc = find_name(r, local, to);
	if (rc == RC_NOTFOUND && domain.n > 0)
		rc = find_address(r, STR(""), domain, to);
	return rc;
}

enum rc
alias_recipients(struct mail *m, struct str local, struct str domain,
    struct alias_accounts *ret_accounts)
{
	struct alias_accounts accounts = { 0 };
	struct store_read *r;
	enum rc rc;

	/* A quoted local part might have one; as a name of its own it would
	 * lead to another domain. */
	if (local.n == 0 || str_find(local, '@') < local.n)
		return RC_NOTFOUND;
	rc = store_read_begin(m->store, SYSTEM_ACCOUNT, &r);
	if (rc != RC_OK)
		return rc;
	rc = find_recipients(m, r, local, domain, &accounts);
	store_read_end(r);
	if (rc == RC_OK)
		*ret_accounts = accounts;
	return rc;
}

/* -- logging in ------------------------------------------------------------ */

static enum rc
find_login(struct store_read *r, struct str name, struct arena *a,
    struct account_info *ret_info)
{
	struct alias_record alias;
	struct buf folded;
	enum rc rc = RC_NOTFOUND;

	buf_init(&folded, MAILBOX_NAME_BYTES_MAX);
	if (account_name_fold(name, &folded)) {
		rc = account_find_folded(r, buf_str(&folded), a, ret_info);
		if (rc == RC_NOTFOUND &&
		    (rc = get_alias(r, buf_str(&folded), &alias)) == RC_OK)
			rc = alias.count == 1
				 ? account_find_folded(
				       r, alias.accounts[0], a, ret_info)
				 : RC_NOTFOUND;
	}
	buf_fini(&folded);
	return rc;
}

enum rc
alias_login(struct mail *m, struct str name, struct arena *a,
    struct account_info *ret_info)
{
	size_t at = str_find(name, '@');
	struct store_read *r;
	enum rc rc = store_read_begin(m->store, SYSTEM_ACCOUNT, &r);

	if (rc != RC_OK)
		return rc;
	rc = find_login(r, name, a, ret_info);
	if (rc == RC_NOTFOUND && account_name_valid(name) && at < name.n &&
	    alias_domain_named(m, str_skip(name, at + 1)))
		rc = find_login(r, str_head(name, at), a, ret_info);
	store_read_end(r);
	return rc;
}
