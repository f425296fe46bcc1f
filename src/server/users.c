/* SPDX-License-Identifier: MIT
 *
 * Accounts, lines of a file, and names that PAM may know become users.
 */
#include "server/users.h"

#include "auth/pam_users.h"
#include "auth/passwd_file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "mail/alias.h"
#include "mail/password.h"

struct users {
	struct mail *mail;
	struct passwd_file *file; /* NULL: there is none */
	struct pam_users *pam;	  /* NULL: it is not asked; not ours */
};

enum rc
users_open(const struct config *c, struct mail *m, struct pam_users *pam,
    struct users **ret_users)
{
	struct users *u = mem_alloc(sizeof(*u));
	enum rc rc = RC_OK;

	u->mail = m;
	u->pam = pam;
	if (*c->passwd_file != '\0')
		rc = passwd_file_open(c->passwd_file, &u->file);
	if (rc == RC_OK)
		*ret_users = u;
	else
		users_close(u);
	return rc == RC_OK ? RC_OK : RC_IO;
}

void
users_close(struct users *u)
{
	if (u == NULL)
		return;
	passwd_file_close(u->file);
	mem_free(u);
}

/* -- the file ------------------------------------------------------------- */

/* The user of the file called ${name}, if an account can have that name. */
static enum rc
find_in_file(
    struct users *u, struct str name, struct arena *a, struct auth_user *user)
{
	if (u->file == NULL || !account_name_valid(name))
		return RC_NOTFOUND;
	return passwd_file_find(
	    u->file, name, a, &user->name, &user->credentials);
}

/* The same for a name that may have a domain of ours behind it. */
static enum rc
find_login_in_file(
    struct users *u, struct str name, struct arena *a, struct auth_user *user)
{
	size_t at = str_find(name, '@');
	enum rc rc = find_in_file(u, name, a, user);

	if (rc == RC_NOTFOUND && at < name.n &&
	    alias_domain_named(u->mail, str_skip(name, at + 1)))
		rc = find_in_file(u, str_head(name, at), a, user);
	return rc;
}

/* -- PAM -------------------------------------------------------------------- */

/* The name by which PAM is asked: all spellings of an account's name give one,
 * in lower case, so that two users whom PAM tells apart by case cannot get into
 * one account.  Modules make names of files and arguments of it, so that it
 * begins with neither "." nor "-". */
static bool
pam_name(struct str name, struct buf *to)
{
	struct buf folded;
	bool fine;

	if (!account_name_valid(name) || name.p[0] == '.' || name.p[0] == '-')
		return false;
	buf_init(&folded, 32 * USER_NAME_BYTES_MAX);
	utf8_fold(name, &folded);
	fine = buf_check(&folded) == RC_OK && utf8_nfc(buf_str(&folded), to) &&
	       account_name_valid(buf_str(to));
	buf_fini(&folded);
	return fine;
}

/* The user called ${name} (of whom we know nothing else) as PAM may know
 * him. */
static enum rc
guess_in_pam(
    struct users *u, struct str name, struct arena *a, struct auth_user *user)
{
	size_t at = str_find(name, '@');
	struct buf known;
	enum rc rc = RC_NOTFOUND;

	if (u->pam == NULL)
		return RC_NOTFOUND;
	if (at < name.n && alias_domain_named(u->mail, str_skip(name, at + 1)))
		name = str_head(name, at);
	buf_init(&known, USER_NAME_BYTES_MAX);
	if (pam_name(name, &known)) {
		user->name = arena_str(a, buf_str(&known));
		user->elsewhere = true;
		rc = user->name.p != NULL ? RC_OK : RC_LIMIT;
	}
	buf_fini(&known);
	return rc;
}

static enum rc
check(void *arg, struct str name, struct str password, const char *peer)
{
	struct users *u = arg;
	struct buf known;
	enum rc rc = RC_REFUSED;

	buf_init(&known, USER_NAME_BYTES_MAX);
	if (pam_name(name, &known))
		rc = pam_users_check(u->pam, buf_str(&known), password, peer);
	buf_fini(&known);
	return rc;
}

/* -- passwords of applications --------------------------------------------- */

static enum rc
find_extras(struct users *u, struct arena *a, struct auth_user *user)
{
	struct password_info *infos;
	struct auth_extra *extras;
	size_t count;
	enum rc rc;

	if (user->account == 0)
		return RC_OK;
	rc = password_list(u->mail, user->account, a, &infos, &count);
	if (rc != RC_OK)
		return rc;
	extras = arena_array(a, count, sizeof(*extras));
	if (extras == NULL)
		return RC_LIMIT;
	for (size_t i = 0; i < count; i++)
		extras[i] = (struct auth_extra){ .name = infos[i].name,
			.secret = infos[i].secret,
			.scope = infos[i].scope,
			.expires = infos[i].expires };
	user->extras = extras;
	user->extra_count = count;
	return RC_OK;
}

static void
used(void *arg, uint64_t account, struct str extra)
{
	struct users *u = arg;

	password_used(u->mail, account, extra);
}

/* -- logging in ----------------------------------------------------------- */

static enum rc
lookup(void *arg, struct str name, struct arena *a, struct auth_user *ret_user)
{
	struct users *u = arg;
	struct auth_user user = { 0 };
	struct account_info info;
	enum rc rc = alias_login(u->mail, name, a, &info);

	if (rc == RC_NOTFOUND) {
		rc = find_login_in_file(u, name, a, &user);
		if (rc == RC_NOTFOUND)
			rc = guess_in_pam(u, name, a, &user);
		/* An alias may have led elsewhere than the file's name. */
		if (rc == RC_OK &&
		    account_find(u->mail, user.name, a, &info) == RC_OK)
			user.account = info.id;
	} else if (rc == RC_OK) {
		if (info.credentials.n == 0)
			rc = find_in_file(u, info.name, a, &user);
		else
			user.credentials = info.credentials;
		if (rc == RC_NOTFOUND) {
			user.elsewhere = u->pam != NULL;
			rc = RC_OK;
		}
		user.account = info.id;
		user.name = info.name;
	}
	if (rc == RC_OK)
		rc = find_extras(u, a, &user);
	if (rc == RC_OK)
		*ret_user = user;
	return rc;
}

static enum rc
make(void *arg, struct str name, uint64_t *ret_account)
{
	struct users *u = arg;
	struct arena *a = arena_new(LOGIN_ARENA_BYTES_MAX);
	struct account_info info;
	enum rc rc = account_create(u->mail, name, STR(""), ret_account);

	/* Made by another connection meanwhile. */
	if (rc == RC_EXISTS) {
		rc = account_find(u->mail, name, a, &info);
		if (rc == RC_OK)
			*ret_account = info.id;
	}
	arena_free(a);
	return rc;
}

struct auth_users
users_for_auth(struct users *u)
{
	return (struct auth_users){
		.lookup = lookup,
		.check = u->pam != NULL ? check : NULL,
		.make = make,
		.used = used,
		.arg = u,
	};
}

/* -- mail ----------------------------------------------------------------- */

/* The user of the file to whom the address belongs. */
static enum rc
find_address_in_file(struct users *u, struct str local, struct str domain,
    struct arena *a, struct auth_user *user)
{
	struct buf whole;
	enum rc rc = RC_NOTFOUND;

	buf_init(&whole, USER_NAME_BYTES_MAX);
	buf_add_str(&whole, local);
	buf_add_byte(&whole, '@');
	buf_add_str(&whole, domain);
	if (domain.n > 0 && buf_check(&whole) == RC_OK)
		rc = find_in_file(u, buf_str(&whole), a, user);
	buf_fini(&whole);
	if (rc == RC_NOTFOUND && str_find(local, '@') == local.n &&
	    alias_domain_ours(u->mail, domain))
		rc = find_in_file(u, local, a, user);
	return rc;
}

enum rc
users_expect(void *users, struct str local, struct str domain)
{
	struct users *u = users;
	struct arena *a;
	struct auth_user user;
	struct account_info info;
	uint64_t account;
	enum rc rc;

	if (u->file == NULL)
		return RC_OK;
	a = arena_new(LOGIN_ARENA_BYTES_MAX);
	rc = find_address_in_file(u, local, domain, a, &user);
	if (rc == RC_OK)
		rc = account_find(u->mail, user.name, a, &info) == RC_NOTFOUND
			 ? make(u, user.name, &account)
			 : RC_OK;
	else if (rc == RC_NOTFOUND)
		rc = RC_OK;
	arena_free(a);
	return rc;
}
