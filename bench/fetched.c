/* SPDX-License-Identifier: MIT
 *
 * BODYSTRUCTURE is read as far as the seeded messages go: a text part, or a
 * multipart/alternative of two.  Extension data is read as a list of whatever
 * it is.
 */
#include "fetched.h"

#include "bench.h"
#include "message.h"
#include "proto/imap/flag.h"
#include "proto/imap/string.h"

/* -- ENVELOPE            RFC 9051 section 7.5.2 --------------------------- */

/* env-from etc. with one address; the name may be NIL. */
static bool
take_address(struct parser *p, struct str *ret_name, struct str *ret_mailbox)
{
	struct str route, host;

	return take_byte(p, '(') && take_byte(p, '(') &&
	       parse_nstring(p, ret_name) && take_sp(p) &&
	       parse_nstring(p, &route) && route.p == NULL && take_sp(p) &&
	       parse_nstring(p, ret_mailbox) && take_sp(p) &&
	       parse_nstring(p, &host) && str_eq(host, STR(MESSAGE_HOST)) &&
	       take_byte(p, ')') && take_byte(p, ')');
}

static bool
take_envelope(struct parser *p, struct fetched *f)
{
	struct str name, mailbox, nothing;
	bool good = take_byte(p, '(') && parse_nstring(p, &f->envelope.date) &&
		    take_sp(p) && parse_nstring(p, &f->envelope.subject);

	good =
	    good && take_sp(p) &&
	    take_address(p, &f->envelope.from_name, &f->envelope.from_mailbox);
	/* Sender and Reply-To are From's when they are missing. */
	for (int i = 0; good && i < 2; i++)
		good = take_sp(p) && take_address(p, &name, &mailbox) &&
		       str_eq(name, f->envelope.from_name) &&
		       str_eq(mailbox, f->envelope.from_mailbox);
	good = good && take_sp(p) &&
	       take_address(p, &name, &f->envelope.to_mailbox) &&
	       name.p == NULL;
	/* Cc, Bcc, In-Reply-To. */
	for (int i = 0; good && i < 3; i++)
		good = take_sp(p) && parse_nstring(p, &nothing) &&
		       nothing.p == NULL;
	return good && take_sp(p) &&
	       parse_nstring(p, &f->envelope.message_id) && take_byte(p, ')');
}

/* -- BODYSTRUCTURE       RFC 9051 section 7.5.2 --------------------------- */

/* body-extension = nstring / number / "(" body-extension ... ")" */
static bool
take_extension(struct parser *p)
{
	struct str s;
	uint64_t number;

	if (parse_nstring(p, &s) || parse_number64(p, &number))
		return true;
	if (!take_byte(p, '('))
		return false;
	do
		if (!take_extension(p))
			return false;
	while (take_sp(p));
	return take_byte(p, ')');
}

static bool
take_extensions(struct parser *p)
{
	while (take_sp(p))
		if (!take_extension(p))
			return false;
	return true;
}

/* body-type-text without its parentheses */
static bool
take_text_part(struct parser *p, const char *want_subtype, struct fetched *f)
{
	struct str type, subtype, id, description, encoding;
	uint32_t octets, lines;

	if (!(parse_string(p, &type) && str_eq_nocase(type, STR("text")) &&
		take_sp(p) && parse_string(p, &subtype) &&
		str_eq_nocase(subtype, str_of(want_subtype)) && take_sp(p) &&
		take_extension(p) && take_sp(p) && parse_nstring(p, &id) &&
		take_sp(p) && parse_nstring(p, &description) && take_sp(p) &&
		parse_string(p, &encoding) &&
		str_eq_nocase(encoding, STR("7bit")) && take_sp(p) &&
		parse_number(p, &octets) && take_sp(p) &&
		parse_number(p, &lines)))
		return false;
	f->structure.octets += octets;
	f->structure.lines += lines;
	return take_extensions(p);
}

static bool
take_structure(struct parser *p, struct fetched *f)
{
	struct str subtype;

	if (!take_byte(p, '('))
		return false;
	f->structure.is_alternative = take_byte(p, '(');
	if (!f->structure.is_alternative)
		return take_text_part(p, "plain", f) && take_byte(p, ')');
	return take_text_part(p, "plain", f) && take_byte(p, ')') &&
	       take_byte(p, '(') && take_text_part(p, "html", f) &&
	       take_byte(p, ')') && take_sp(p) && parse_string(p, &subtype) &&
	       str_eq_nocase(subtype, STR("alternative")) &&
	       take_extensions(p) && take_byte(p, ')');
}

/* -- msg-att             RFC 9051 section 9 ------------------------------- */

/* The names of header fields as the server repeats them. */
static bool
take_field_names(struct parser *p)
{
	struct str name;

	if (!take_byte(p, '('))
		return false;
	do
		if (!parse_astring(p, &name))
			return false;
	while (take_sp(p));
	return take_byte(p, ')');
}

static bool
take_body(struct parser *p, struct fetched *f)
{
	if (take_byte(p, ']')) {
		f->got |= GOT_BODY;
		return take_sp(p) && parse_nstring(p, &f->body);
	}
	f->got |= GOT_HEADER;
	return take_word(p, "HEADER.FIELDS") && take_sp(p) &&
	       take_field_names(p) && take_byte(p, ']') && take_sp(p) &&
	       parse_nstring(p, &f->header);
}

static bool
take_item(struct parser *p, struct fetched *f)
{
	struct flag_list flags;
	uint64_t modseq;

	if (take_word(p, "UID")) {
		f->got |= GOT_UID;
		return take_sp(p) && parse_nz_number(p, &f->uid);
	}
	if (take_word(p, "FLAGS")) {
		f->got |= GOT_FLAGS;
		if (!take_sp(p) || !parse_flag_list(p, &flags))
			return false;
		f->flags = flags.system;
		return true;
	}
	if (take_word(p, "RFC822.SIZE")) {
		f->got |= GOT_SIZE;
		return take_sp(p) && parse_number(p, &f->size);
	}
	if (take_word(p, "ENVELOPE")) {
		f->got |= GOT_ENVELOPE;
		return take_sp(p) && take_envelope(p, f);
	}
	if (take_word(p, "BODYSTRUCTURE")) {
		f->got |= GOT_BODYSTRUCTURE;
		return take_sp(p) && take_structure(p, f);
	}
	if (take_word(p, "MODSEQ"))
		return take_sp(p) && take_byte(p, '(') &&
		       parse_number64(p, &modseq) && take_byte(p, ')');
	/* "[" may stand in an atom: take_word() would not end before it. */
	return take_byte(p, 'B') && take_byte(p, 'O') && take_byte(p, 'D') &&
	       take_byte(p, 'Y') && take_byte(p, '[') && take_body(p, f);
}

bool
fetched_parse(struct answer *a, struct fetched *ret)
{
	struct parser *p = &a->p;

	*ret = (struct fetched){ 0 };
	if (!(take_byte(p, '*') && take_sp(p) &&
		parse_nz_number(p, &ret->sequence) && take_sp(p) &&
		take_word(p, "FETCH")))
		return false;
	if (!take_sp(p) || !take_byte(p, '('))
		answer_wrong(a, "no list");
	do
		if (!take_item(p, ret))
			answer_wrong(a, "not an item");
	while (take_sp(p));
	if (!take_byte(p, ')') || !parser_is_at_end(p))
		answer_wrong(a, "no end of the list");
	return true;
}

/* -- comparing ----------------------------------------------------------- */

static void
same(const struct answer *a, struct str got, const char *want, const char *what)
{
	if (!str_eq(got, str_of(want)))
		answer_wrong(a, what);
}

static void
check_envelope(const struct answer *a, const struct fetched *f,
    const struct message_fields *want)
{
	same(a, f->envelope.date, want->date, "date");
	same(a, f->envelope.subject, want->subject, "subject");
	same(a, f->envelope.from_name, want->from_name, "from");
	same(a, f->envelope.from_mailbox, want->from_mailbox, "from");
	same(a, f->envelope.to_mailbox, want->to_mailbox, "to");
	same(a, f->envelope.message_id, want->message_id, "message-id");
}

static void
check_header(const struct answer *a, const struct fetched *f,
    const struct message_fields *want)
{
	char text[8 * MESSAGE_TEXT_MAX];

	snprintf(text, sizeof(text),
	    "From: %s <%s@" MESSAGE_HOST ">\r\nTo: %s@" MESSAGE_HOST "\r\n"
	    "Subject: %s\r\nDate: %s\r\nMessage-ID: %s\r\n\r\n",
	    want->from_name, want->from_mailbox, want->to_mailbox,
	    want->subject, want->date, want->message_id);
	same(a, f->header, text, "header fields");
}

static void
count_text(struct str text, struct fetched *want)
{
	want->structure.octets += (uint32_t)text.n;
	for (size_t i = 0; i < text.n; i++)
		want->structure.lines += text.p[i] == '\n';
}

/* Cut off ${text} up to the next ${mark} and that too; what was before it, or
 * all when there is none. */
static struct str
cut(struct str *text, const char *mark)
{
	const char *at = memmem(text->p, text->n, mark, strlen(mark));
	struct str before = *text;

	if (at != NULL)
		before.n = (size_t)(at - text->p);
	*text = str_skip(*text, before.n + strlen(mark));
	return before;
}

static void
structure_of(struct str message, bool is_alternative, struct fetched *want)
{
	static const char blank[] = "\r\n\r\n", boundary[] = "\r\n--=_part";

	cut(&message, blank);
	if (!is_alternative) {
		count_text(message, want);
		return;
	}
	for (int i = 0; i < 2; i++) {
		cut(&message, blank);
		count_text(cut(&message, boundary), want);
	}
}

static void
check_text(const struct answer *a, const struct fetched *f, struct str message,
    bool is_alternative)
{
	struct fetched want = { 0 };

	if ((f->got & GOT_BODY) != 0 && !str_eq(f->body, message))
		answer_wrong(a, "body");
	if ((f->got & GOT_BODYSTRUCTURE) == 0)
		return;
	structure_of(message, is_alternative, &want);
	if (f->structure.is_alternative != is_alternative ||
	    f->structure.octets != want.structure.octets ||
	    f->structure.lines != want.structure.lines)
		answer_wrong(a, "structure");
}

void
fetched_check(const struct answer *a, const struct fetched *f, uint64_t seed,
    uint32_t number, size_t size)
{
	struct message_fields want;

	message_fields(seed, number, &want);
	if ((f->got & GOT_SIZE) != 0 && f->size != size)
		answer_wrong(a, "size");
	if ((f->got & GOT_ENVELOPE) != 0)
		check_envelope(a, f, &want);
	if ((f->got & GOT_HEADER) != 0)
		check_header(a, f, &want);
	if ((f->got & (GOT_BODY | GOT_BODYSTRUCTURE)) != 0) {
		struct buf message;

		buf_init(&message, 2 * size);
		message_make(&message, seed, number, size);
		check_text(a, f, buf_str(&message), want.is_alternative);
		buf_fini(&message);
	}
}
