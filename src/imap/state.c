/* SPDX-License-Identifier: MIT
 *
 * The states of a session after login (RFC 9051 section 3):
 *
 *   imap_enter()
 *        │
 *        ▼          state_select()
 *   AUTHENTICATED ─────────────────► SELECTED
 *        │        ◄─────────────────    │
 *        │          state_unselect()    │
 *        │                              │
 *        └───────────► LOGOUT ◄─────────┘
 *                         state_logout()
 *
 * AUTHENTICATED  s->view is empty, s->saved too, nothing is watched.
 * SELECTED       s->view holds a mailbox; during IDLE it is watched.
 * LOGOUT         as AUTHENTICATED; no command runs any more, what is queued is
 *                sent and the connection closed.
 */
#include "imap/state.h"

#include <assert.h>

#include "base/mem.h"

static bool
may_follow(enum imap_state now, enum imap_state next)
{
	static const unsigned after[] = {
		[IMAP_AUTHENTICATED] = 1u << IMAP_SELECTED | 1u << IMAP_LOGOUT,
		[IMAP_SELECTED] = 1u << IMAP_AUTHENTICATED | 1u << IMAP_LOGOUT,
		[IMAP_LOGOUT] = 0,
	};

	return (after[now] & 1u << next) != 0;
}

static void
enter_state(struct imap_session *s, enum imap_state next)
{
	assert(may_follow((enum imap_state)s->state, next));
	s->state = (uint8_t)next;
}

/* Give up all that belongs to SELECTED. */
static void
let_go(struct imap_session *s)
{
	if (s->watched)
		mailbox_unwatch(s->view.mailbox, &s->watch);
	s->watched = false;
	view_end(&s->view);
	s->view = (struct view){ 0 };
	uid_list_fini(&s->saved);
	s->saved = (struct uid_list){ 0 };
	s->read_only = false;
}

enum rc
state_select(struct imap_session *s, struct mailbox *b, bool read_only)
{
	enum rc rc = view_begin(b, !read_only, &s->view);

	if (rc != RC_OK)
		return rc;
	s->read_only = read_only;
	enter_state(s, IMAP_SELECTED);
	return RC_OK;
}

void
state_unselect(struct imap_session *s)
{
	enter_state(s, IMAP_AUTHENTICATED);
	let_go(s);
}

void
state_logout(struct imap_session *s, const char *reason)
{
	bool selected = s->state == IMAP_SELECTED;

	if (s->end_reason == NULL)
		s->end_reason = reason;
	if (s->state == IMAP_LOGOUT)
		return;
	enter_state(s, IMAP_LOGOUT);
	if (selected)
		let_go(s);
}
