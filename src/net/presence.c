/* SPDX-License-Identifier: MIT
 *
 * Looking at the sessions of a group from outside, and ending them.
 */
#include "net/presence.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

void
presence_begin(struct presence *p, const struct conn *c)
{
	static _Atomic uint64_t next_id = 1;

	p->id = atomic_fetch_add(&next_id, 1);
	p->since = (uint64_t)clock_wall();
	p->tls = conn_is_tls(c);
}

static void
add_printable(struct buf *to, struct str value)
{
	value = str_head(value, PRESENCE_CLIENT_BYTES);
	for (size_t i = 0; i < value.n; i++)
		buf_add_byte(to,
		    value.p[i] >= ' ' && value.p[i] < 0x7f ? value.p[i] : '?');
}

char *
presence_client_text(struct str name, struct str version)
{
	struct buf text;
	char *copy;

	if (name.n == 0)
		return NULL;
	buf_init(&text, 2 * PRESENCE_CLIENT_BYTES + 2);
	add_printable(&text, name);
	if (version.n > 0)
		buf_add_byte(&text, ' ');
	add_printable(&text, version);
	buf_add_byte(&text, '\0');
	copy = mem_copy(text.p, text.n);
	buf_fini(&text);
	return copy;
}

void
presence_set_client(struct group *g, struct presence *p, const char *client)
{
	lock_take(&g->lock);
	p->client = client;
	lock_release(&g->lock);
}

void
presence_turn(struct presence *p)
{
	atomic_store(&p->doing, PRESENCE_COMMAND);
}

void
presence_rest(struct presence *p, const struct conn *c,
    enum presence_doing doing, uint32_t mailbox)
{
	atomic_store(&p->mailbox, mailbox);
	atomic_store(&p->bytes_in, conn_bytes_in(c));
	atomic_store(&p->bytes_out, conn_bytes_out(c));
	atomic_store(&p->doing, (uint8_t)doing);
}

void
presence_watch(struct presence *p, struct watch *w, struct conn *c)
{
	unsigned version = w != NULL ? atomic_load(&w->version) : 0;
	bool wanted;

	if (version == p->watched)
		return;
	p->watched = version;
	wanted = w->wanted(w, p->account);
	if (wanted != conn_is_tapped(c))
		conn_tap(c, wanted ? w->open(w, p, c) : NULL);
}

/* -- from outside ------------------------------------------------------- */

static struct presence_seen
look(const struct group_member *m)
{
	const struct presence *p = m->presence;

	return (struct presence_seen){
		.id = p->id,
		.since = p->since,
		.account = p->account,
		.user = p->user,
		.client = p->client != NULL ? p->client : "",
		.peer = conn_peer(m->conn),
		.tls = p->tls,
		.doing = (enum presence_doing)atomic_load(&p->doing),
		.mailbox = atomic_load(&p->mailbox),
		.bytes_in = atomic_load(&p->bytes_in),
		.bytes_out = atomic_load(&p->bytes_out),
	};
}

struct each {
	void (*fn)(void *arg, const struct presence_seen *seen);
	void *arg;
};

static void
tell(void *arg, struct group_member *m)
{
	const struct each *each = arg;
	struct presence_seen seen;

	if (m->presence == NULL)
		return;
	seen = look(m);
	each->fn(each->arg, &seen);
}

void
presence_each(struct group *g,
    void (*fn)(void *arg, const struct presence_seen *seen), void *arg)
{
	struct each each = { fn, arg };

	group_each(g, tell, &each);
}

struct kick {
	uint64_t account;
	uint64_t id;
	unsigned count;
};

static void
kick(void *arg, struct group_member *m)
{
	const struct presence *p = m->presence;
	struct kick *k = arg;

	if (p == NULL || (k->account != 0 && p->account != k->account) ||
	    (k->id != 0 && p->id != k->id))
		return;
	group_end(m);
	k->count++;
}

unsigned
presence_kick(struct group *g, uint64_t account, uint64_t id)
{
	struct kick k = { account, id, 0 };

	group_each(g, kick, &k);
	return k.count;
}
