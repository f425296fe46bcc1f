/* SPDX-License-Identifier: MIT
 *
 * The whole system: opening and closing it, and passing on what the store
 * tells of commits.
 */
#include "mail/mail.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
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

/* -- options -------------------------------------------------------------- */

static void
domains_free(struct domains *d)
{
	for (size_t i = 0; i < d->n; i++)
		mem_free(d->v[i]);
	mem_free(d->v);
}

static struct domains
domains_of(const struct mail_options *options)
{
	struct domains d = {
		.v = mem_array(options->domain_count, sizeof(char *)),
		.n = options->domain_count,
	};
	struct buf name;

	for (size_t i = 0; i < options->domain_count; i++) {
		buf_init(&name, MAILBOX_NAME_BYTES_MAX);
		utf8_fold(options->domains[i], &name);
		buf_add_byte(&name, '\0');
		if (buf_check(&name) == RC_OK)
			d.v[i] = mem_strdup(name.p);
		buf_fini(&name);
	}
	return d;
}

void
mail_set_options(struct mail *m, const struct mail_options *options)
{
	uint64_t retention = options->retention_seconds;
	uint64_t bytes = options->message_bytes_max;
	struct domains fresh = domains_of(options), old;

	if (retention < RETENTION_SECONDS_MIN)
		retention = RETENTION_SECONDS_MIN;
	if (bytes == 0)
		bytes = MESSAGE_BYTES_MAX;
	if (bytes > MESSAGE_BYTES_TOP)
		bytes = MESSAGE_BYTES_TOP;
	atomic_store(&m->retention_seconds, retention);
	atomic_store(&m->message_bytes_max, bytes);
	lock_take(&m->domains_lock);
	old = m->domains;
	m->domains = fresh;
	lock_release(&m->domains_lock);
	domains_free(&old);
}

/* -- life ----------------------------------------------------------------- */

enum rc
mail_open(
    struct store *s, const struct mail_options *options, struct mail **ret_mail)
{
	struct mail *m = mem_alloc(sizeof(*m));

	m->store = s;
	m->for_repair = options->repair;
	lock_init(&m->domains_lock);
	mail_set_options(m, options);
	m->readers = readers_new();
	m->opens = opens_new(m);
	store_watch(s, watch, m);
	if (!m->for_repair)
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
	domains_free(&m->domains);
	lock_fini(&m->domains_lock);
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
	return atomic_load(&m->message_bytes_max);
}

enum rc
mail_purge(struct mail *m, int64_t before)
{
	return purge_all(m, before, NULL);
}

bool
mail_is_for_repair(const struct mail *m)
{
	return m->for_repair;
}
