/* SPDX-License-Identifier: MIT
 *
 * LIST, LSUB and STATUS responses.
 */
#include "imap/respond_list.h"

#include "imap/modseq.h"
#include "imap/objectid.h"
#include "proto/imap/status.h"

/* -- LIST -------------------------------------------------------------- */

static void
write_attributes(
    const struct imap_session *s, const struct list_line *l, struct buf *to)
{
	const struct list_name *n = l->name;
	struct respond_words a = { .to = to };

	if (l->not_selectable != NULL)
		respond_word(&a, str_of(l->not_selectable));
	if (l->tell_subscribed && n->subscribed)
		respond_word(&a, STR("\\Subscribed"));
	if (session_has(s, CAPABILITY_CHILDREN))
		respond_word(&a, n->has_children ? STR("\\HasChildren")
						 : STR("\\HasNoChildren"));
	if (session_has(s, CAPABILITY_SPECIAL_USE) && n->mailbox != NULL &&
	    n->mailbox->use != SPECIAL_NONE)
		respond_word(&a, str_of(special_use_name(n->mailbox->use)));
}

/* mbox-list-extended                              RFC 9051 section 9 */
static void
write_extended(
    const struct imap_session *s, const struct list_line *l, struct buf *to)
{
	struct respond_words e = { .to = to };

	if (!l->child_info && l->old_name.n == 0)
		return;
	buf_add_text(to, " (");
	if (l->child_info)
		respond_word(&e, STR("\"CHILDINFO\" (\"SUBSCRIBED\")"));
	if (l->old_name.n > 0) {
		respond_word(&e, STR("\"OLDNAME\" ("));
		write_mailbox(to, l->old_name, session_utf8(s));
		buf_add_byte(to, ')');
	}
	buf_add_byte(to, ')');
}

/* mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil)
 *                SP mailbox [SP mbox-list-extended]
 *                                                 RFC 9051 section 9 */
void
respond_list(struct imap_session *s, const struct list_line *l)
{
	struct buf *line = respond_begin(s);

	buf_add_format(line, "* %s (", l->word);
	write_attributes(s, l, line);
	buf_add_text(line, ") \"/\" ");
	write_mailbox(line, l->name->name, session_utf8(s));
	write_extended(s, l, line);
	respond_line(s);
}

enum rc
respond_list_of(struct imap_session *s, struct str name, struct str old_name)
{
	struct list_line line = { .word = "LIST", .old_name = old_name };
	struct list_tree tree;
	enum rc rc;

	rc = list_tree_read(s->mail, s->account, s->running->arena, &tree);
	for (size_t i = 0; rc == RC_OK && i < tree.n; i++) {
		line.name = tree.v[i];
		if (line.name->mailbox && str_eq(line.name->name, name))
			respond_list(s, &line);
	}
	return rc;
}

enum rc
respond_list_deleted(
    struct imap_session *s, struct str name, struct str old_name)
{
	struct list_name alone = { .name = name }; /* nothing is below */
	struct list_line line = {
		.word = "LIST",
		.name = &alone,
		.not_selectable = "\\NonExistent",
		.old_name = old_name,
	};
	struct list_tree tree;
	enum rc rc =
	    list_tree_read(s->mail, s->account, s->running->arena, &tree);

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < tree.n; i++)
		if (str_eq(tree.v[i]->name, name))
			line.name = tree.v[i];
	if (line.name->mailbox == NULL) /* else it was made anew */
		respond_list(s, &line);
	return RC_OK;
}

/* -- STATUS ------------------------------------------------------------ */

static uint64_t
value_of(const struct imap_session *s, const struct mailbox_info *info,
    unsigned item)
{
	switch (item) {
	case STATUS_MESSAGES:
		return info->messages;
	case STATUS_RECENT:
		return info->recent;
	case STATUS_UIDNEXT:
		return info->uidnext;
	case STATUS_UIDVALIDITY:
		return info->uidvalidity;
	case STATUS_UNSEEN:
		return info->unseen;
	case STATUS_DELETED:
		return info->deleted;
	case STATUS_SIZE:
		return info->size;
	case STATUS_HIGHESTMODSEQ:
		return info->highestmodseq;
	default: /* STATUS_APPENDLIMIT */
		return mail_message_bytes_max(s->mail);
	}
}

/* mailbox-data =/ "STATUS" SP mailbox SP "(" [status-att-list] ")"
 *                                                 RFC 9051 section 9 */
void
respond_status(
    struct imap_session *s, const struct mailbox_info *info, unsigned items)
{
	struct buf *line;
	struct respond_words values;

	if (items & STATUS_HIGHESTMODSEQ)
		modseq_enable(s);
	line = respond_begin(s);
	values = (struct respond_words){ .to = line };
	buf_add_text(line, "* STATUS ");
	write_mailbox(line, info->name, session_utf8(s));
	buf_add_text(line, " (");
	for (unsigned bit = 1; bit != 0 && bit <= items; bit <<= 1) {
		if (!(items & bit))
			continue;
		respond_word(&values, str_of(status_att_name(bit)));
		buf_add_byte(line, ' ');
		if (bit == STATUS_MAILBOXID)
			objectid_write_mailbox(s, info->id, line);
		else
			buf_add_number(line, value_of(s, info, bit));
	}
	buf_add_byte(line, ')');
	respond_line(s);
}
