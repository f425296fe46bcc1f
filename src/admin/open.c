/* SPDX-License-Identifier: MIT
 *
 * Settings become options.
 */
#include "admin/open.h"

struct store_options
open_store_options(const struct config *c)
{
	return (struct store_options){ .folder = c->data,
		.shards = (unsigned)c->shards,
		.zero_ahead = c->zero_ahead };
}

struct mail_options
open_mail_options(const struct config *c)
{
	return (struct mail_options){ .retention_seconds = c->retention_seconds,
		.message_bytes_max = c->message_bytes_max,
		.domains = c->domains.v,
		.domain_count = c->domains.n };
}

enum rc
open_mail(const struct config *c, bool repair, struct mail **ret_mail,
    const char **ret_why)
{
	struct store_options store_options = open_store_options(c);
	struct mail_options mail_options = open_mail_options(c);
	struct store *store;
	enum rc rc;

	mail_options.repair = repair;
	store_options.lossy = repair;
	rc = store_open(&store_options, &store, ret_why);
	if (rc != RC_OK)
		return rc;
	rc = mail_open(store, &mail_options, ret_mail);
	if (rc != RC_OK) {
		store_close(store);
		*ret_why = rc_text(rc);
	}
	return rc;
}
