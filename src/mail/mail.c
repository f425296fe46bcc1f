/* SPDX-License-Identifier: MIT
 *
 * The whole system: opening and closing it, and passing on what the store
 * tells of commits.
 */
#include "mail/mail.h"

#include "base/limits.h"
#include "base/mem.h"
#include "mail/mail_internal.h"

/* Sizes of messages, with what was put before them, are 32 bits. */
#define MESSAGE_BYTES_TOP (UINT32_MAX - STORE_PREFIX_BYTES_MAX)

/* From a committer: what is in mailboxes matters to those who have them
 * open. */
static void
watch(
    void *arg, uint64_t account, struct str key, struct str value, uint64_t seq)
{
	struct mail *m = arg;
	struct key_parts parts;

	if (account <= SYSTEM_ACCOUNT)
		return;
	if (key.p != NULL &&
	    (!key_parse(key, &parts) ||
		(parts.kind != KEY_MAILBOX && parts.kind != KEY_KEYWORDS &&
		    parts.kind != KEY_CHUNK_FIXED &&
		    parts.kind != KEY_CHUNK_CHANGING)))
		return;
	opens_changed(m->opens, account, key, value, seq);
}

enum rc
mail_open(
    struct store *s, const struct mail_options *options, struct mail **ret_mail)
{
	struct mail *m = mem_alloc(sizeof(*m));

	m->store = s;
	m->options = *options;
	if (m->options.retention_seconds < RETENTION_SECONDS_MIN)
		m->options.retention_seconds = RETENTION_SECONDS_MIN;
	if (m->options.message_bytes_max == 0)
		m->options.message_bytes_max = MESSAGE_BYTES_MAX;
	if (m->options.message_bytes_max > MESSAGE_BYTES_TOP)
		m->options.message_bytes_max = MESSAGE_BYTES_TOP;
	m->readers = readers_new();
	m->opens = opens_new(m);
	store_watch(s, watch, m);
	if (!m->options.repair)
		m->care = care_start(m);
	*ret_mail = m;
	return RC_OK;
}

void
mail_close(struct mail *m)
{
	if (m == NULL)
		return;
	care_stop(m->care);
	store_close(m->store); /* its committers still call watch() */
	opens_free(m->opens);
	readers_free(m->readers);
	mem_free(m);
}

struct store *
mail_store(struct mail *m)
{
	return m->store;
}

uint64_t
mail_message_bytes_max(const struct mail *m)
{
	return m->options.message_bytes_max;
}

enum rc
mail_purge(struct mail *m, int64_t before)
{
	return purge_all(m, before, NULL);
}

bool
mail_is_for_repair(const struct mail *m)
{
	return m->options.repair;
}
