/* SPDX-License-Identifier: MIT
 *
 * What untagged responses say: RFC 9051 sections 7.1 to 7.5, RFC 3501 section
 * 7.2.5 (SEARCH), RFC 4731 section 4 (ESEARCH), RFC 5161 section 4 (ENABLED),
 * RFC 7162 section 7 (VANISHED), RFC 2971 section 4 (ID), RFC 2342 section 6
 * (NAMESPACE), RFC 8474 section 7 (MAILBOXID).
 */
#include "proto/imap/response_internal.h"

/* ${name} is in the list of ${count} ${names}. */
static bool
is_among(struct str name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(name, str_of(names[i])))
			return true;
	return false;
}

/* -- mailboxes ----------------------------------------------------------- */

/* mailbox, always as a string */
static bool
mailbox(struct response *r)
{
	return response_string(r);
}

/* mbx-list-flags: those of RFC 9051 section 7.3.1 and RFC 6154 section 2 */
static bool
list_attribute(struct response *r)
{
	static const char *const names[] = { "Noselect", "NonExistent",
		"Noinferiors", "Marked", "Unmarked", "HasChildren",
		"HasNoChildren", "Subscribed", "Remote", "All", "Archive",
		"Drafts", "Flagged", "Junk", "Sent", "Trash" };
	const char *from = r->c.at;
	struct str name;

	if (!response_text(r, "\\") || !response_atom(r, &name))
		return false;
	if (is_among(name, names, sizeof(names) / sizeof(*names)))
		return true;
	r->c.at = from;
	return response_expected(r, "mailbox attribute");
}

/* XLIST, which came before RFC 6154, has "\Inbox", too. */
static bool
xlist_attribute(struct response *r)
{
	const char *from = r->c.at;
	struct str name;

	if (response_takes(r, '\\') && response_atom(r, &name) &&
	    str_eq(name, STR("Inbox")))
		return true;
	r->c.at = from;
	return list_attribute(r);
}

/* DQUOTE QUOTED-CHAR DQUOTE / nil                 RFC 9051 section 9 */
static bool
delimiter(struct response *r)
{
	return response_or_nil(r, response_string);
}

/* mbox-list-extended-item                         RFC 9051 section 9 */
static bool
extended_item(struct response *r)
{
	struct str name;

	if (!response_quoted(r, &name) || !response_sp(r))
		return false;
	if (str_eq(name, STR("CHILDINFO")))
		return response_list(r, response_string);
	if (str_eq(name, STR("OLDNAME")))
		return response_text(r, "(") && mailbox(r) &&
		       response_text(r, ")");
	return response_expected(r, "extended item");
}

/* mailbox-list                                    RFC 9051 section 9 */
static bool
mailbox_list(struct response *r)
{
	if (!response_sp(r) || !response_list_or_empty(r, list_attribute) ||
	    !response_sp(r) || !delimiter(r) || !response_sp(r) || !mailbox(r))
		return false;
	return !response_takes(r, ' ') || response_list(r, extended_item);
}

static bool
xlist(struct response *r)
{
	return response_sp(r) && response_list_or_empty(r, xlist_attribute) &&
	       response_sp(r) && delimiter(r) && response_sp(r) && mailbox(r);
}

/* status-att-val                                  RFC 9051 section 9 */
static bool
status_item(struct response *r)
{
	static const char *const counts[] = { "MESSAGES", "RECENT", "UNSEEN",
		"DELETED" };
	static const char *const ids[] = { "UIDNEXT", "UIDVALIDITY" };
	static const char *const sizes[] = { "SIZE", "HIGHESTMODSEQ",
		"APPENDLIMIT" };
	const char *from = r->c.at;
	struct str name;
	uint32_t n;

	if (!response_name(r, &name) || !response_sp(r))
		return false;
	if (is_among(name, counts, sizeof(counts) / sizeof(*counts)))
		return response_number32(r, 0, &n);
	if (is_among(name, ids, sizeof(ids) / sizeof(*ids)))
		return response_number32(r, 1, &n);
	if (is_among(name, sizes, sizeof(sizes) / sizeof(*sizes)))
		return response_number64(r, 0);
	if (str_eq(name, STR("MAILBOXID")))
		return response_objectid(r);
	r->c.at = from;
	return response_expected(r, "status-att");
}

static bool
status(struct response *r)
{
	return response_sp(r) && mailbox(r) && response_sp(r) &&
	       response_list_or_empty(r, status_item);
}

/* Namespace-Descr: "(" string SP delimiter ")"    RFC 9051 section 9 */
static bool
namespace_descr(struct response *r)
{
	return response_text(r, "(") && response_string(r) && response_sp(r) &&
	       delimiter(r) && response_text(r, ")");
}

/* "(" 1*Namespace-Descr ")": with no space between */
static bool
namespace_descrs(struct response *r)
{
	if (!response_text(r, "("))
		return false;
	do
		if (!namespace_descr(r))
			return false;
	while (response_sees(r, '('));
	return response_text(r, ")");
}

/* Namespace-Response                              RFC 9051 section 9 */
static bool
namespaces(struct response *r)
{
	for (int i = 0; i < 3; i++)
		if (!response_sp(r) || !response_or_nil(r, namespace_descrs))
			return false;
	return true;
}

/* -- the session --------------------------------------------------------------- */

static bool
flags(struct response *r)
{
	return response_sp(r) && response_flags(r);
}

/* enable-data = "ENABLED" *(SP capability)        RFC 9051 section 9 */
static bool
enabled(struct response *r)
{
	while (response_takes(r, ' ')) {
		struct str name;

		if (!response_atom(r, &name))
			return false;
		r->facts->rev2 |= str_eq(name, STR("IMAP4rev2"));
		r->facts->utf8 |= str_eq(name, STR("IMAP4rev2")) ||
				  str_eq(name, STR("UTF8=ACCEPT"));
		r->facts->qresync |= str_eq(name, STR("QRESYNC"));
	}
	return true;
}

/* string SP nstring                               RFC 2971 section 4 */
static bool
id_field(struct response *r)
{
	return response_string(r) && response_sp(r) && response_nstring(r);
}

static bool
id_fields(struct response *r)
{
	return response_list(r, id_field);
}

static bool
id(struct response *r)
{
	return response_sp(r) && response_or_nil(r, id_fields);
}

/* -- results --------------------------------------------------------------------- */

/* search-sort-mod-seq                             RFC 7162 section 7 */
static bool
search_modseq(struct response *r)
{
	return response_text(r, "(MODSEQ ") && response_number64(r, 1) &&
	       response_text(r, ")");
}

/* "SEARCH" *(SP nz-number)                        RFC 3501 section 9
 * In IMAP4rev2 it is ESEARCH that answers. */
static bool
search(struct response *r)
{
	uint32_t before = 0;

	if (r->facts->rev2)
		return response_expected(r, "ESEARCH");
	while (response_takes(r, ' ')) {
		const char *from = r->c.at;
		uint32_t n;

		if (response_sees(r, '('))
			return search_modseq(r);
		if (!response_number32(r, 1, &n))
			return false;
		if (n <= before) {
			r->c.at = from;
			return response_expected(r, "greater number");
		}
		before = n;
	}
	return true;
}

/* search-return-data                              RFC 9051 section 9 */
static bool
search_return(struct response *r)
{
	const char *from = r->c.at;
	struct str name;
	uint64_t count;
	uint32_t n;

	if (!response_name(r, &name) || !response_sp(r))
		return false;
	if (str_eq(name, STR("MIN")) || str_eq(name, STR("MAX")))
		return response_number32(r, 1, &n);
	if (str_eq(name, STR("COUNT")))
		return response_number32(r, 0, &n);
	if (str_eq(name, STR("ALL")))
		return response_set(r, true, &count);
	if (str_eq(name, STR("MODSEQ")))
		return response_number64(r, 1);
	r->c.at = from;
	return response_expected(r, "search-return-data");
}

/* esearch-response = "ESEARCH" [search-correlator] [SP "UID"]
 *                    *(SP search-return-data)     RFC 9051 section 9
 * The tag is a quoted string (RFC 4466 section 2.6.2). */
static bool
esearch(struct response *r)
{
	struct str tag;
	bool first = true;

	if (!response_text(r, " (TAG ") || !response_quoted(r, &tag) ||
	    !response_text(r, ")"))
		return false;
	if (tag.n == 0)
		return response_expected(r, "tag");
	for (; response_takes(r, ' '); first = false)
		if (first && response_sees(r, 'U') ? !response_text(r, "UID")
						   : !search_return(r))
			return false;
	return true;
}

/* -- messages ---------------------------------------------------------------- */

/* So many of those that exist are gone. */
static bool
gone(struct response *r, uint64_t count)
{
	if (count > r->facts->exists)
		return response_expected(r, "no more messages than exist");
	r->facts->exists -= (uint32_t)count;
	return true;
}

/* expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids
 *                                                 RFC 7162 section 7 */
static bool
vanished(struct response *r)
{
	uint64_t count;
	bool earlier;

	if (!r->facts->qresync)
		return response_expected(r, "EXPUNGE");
	if (!response_sp(r))
		return false;
	earlier = response_sees(r, '(');
	if (earlier && !response_text(r, "(EARLIER) "))
		return false;
	if (!response_set(r, true, &count))
		return false;
	return earlier || gone(r, count);
}

/* SP msg-att, of a message that exists */
static bool
fetch(struct response *r, uint32_t seq)
{
	if (seq == 0 || seq > r->facts->exists)
		return response_expected(r, "FETCH of a message that exists");
	return response_sp(r) && response_msg_att(r);
}

static bool
expunge(struct response *r, uint32_t seq)
{
	if (r->facts->qresync)
		return response_expected(r, "VANISHED");
	if (seq == 0 || seq > r->facts->exists)
		return response_expected(r, "EXPUNGE of a message that exists");
	return gone(r, 1);
}

static bool
recent(struct response *r, uint32_t count)
{
	if (r->facts->rev2)
		return response_expected(r, "no RECENT in IMAP4rev2");
	return count <= r->facts->exists ||
	       response_expected(r, "no more messages than exist");
}

/* number SP "EXISTS" / number SP "RECENT"; message-data
 *                                                 RFC 9051 section 9 */
static bool
numbered(struct response *r)
{
	struct str word;
	uint32_t n;

	if (!response_number32(r, 0, &n) || !response_sp(r) ||
	    !response_name(r, &word))
		return false;
	if (str_eq(word, STR("EXISTS"))) {
		r->facts->exists = n;
		return true;
	}
	if (str_eq(word, STR("RECENT")))
		return recent(r, n);
	if (str_eq(word, STR("EXPUNGE")))
		return expunge(r, n);
	if (str_eq(word, STR("FETCH")))
		return fetch(r, n);
	return response_expected(r, "mailbox-data or message-data");
}

/* -- all ----------------------------------------------------------------------- */

static bool
state(struct response *r)
{
	return response_sp(r) && response_resp_text(r);
}

static const struct {
	const char *name;
	response_fn *rest;
	bool greets;
} responses[] = {
	{ "OK", state, true },
	{ "NO", state, false },
	{ "BAD", state, false },
	{ "BYE", state, true },
	{ "PREAUTH", state, true },
	{ "CAPABILITY", response_capabilities, false },
	{ "ENABLED", enabled, false },
	{ "ESEARCH", esearch, false },
	{ "FLAGS", flags, false },
	{ "ID", id, false },
	{ "LIST", mailbox_list, false },
	{ "LSUB", mailbox_list, false },
	{ "NAMESPACE", namespaces, false },
	{ "SEARCH", search, false },
	{ "STATUS", status, false },
	{ "VANISHED", vanished, false },
	{ "XLIST", xlist, false },
};

bool
response_data(struct response *r)
{
	const char *from = r->c.at;
	struct str name;

	if (r->facts->greeted && from < r->c.end && *from >= '0' &&
	    *from <= '9')
		return numbered(r);
	if (!response_name(r, &name))
		return false;
	for (size_t i = 0; i < sizeof(responses) / sizeof(*responses); i++) {
		if (!str_eq(name, str_of(responses[i].name)) ||
		    !(r->facts->greeted || responses[i].greets))
			continue;
		r->facts->greeted = true;
		return responses[i].rest(r);
	}
	r->c.at = from;
	return response_expected(
	    r, r->facts->greeted ? "response-data" : "greeting");
}
