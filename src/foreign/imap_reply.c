/* SPDX-License-Identifier: MIT
 *
 * Responses of an IMAP server (RFC 3501 section 9, RFC 9051 section 9).  All
 * take_ functions go on from where the reader stands and return false when
 * that cannot be; the reason is kept, and nothing more is read.
 */
#include "foreign/imap_reply.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"
#include "foreign/flags.h"
#include "proto/imap/date.h"

#define WHY_BYTES	160
#define WORD_BYTES_MAX	1024
#define NAMESPACES_MAX	100
#define ARENA_BYTES_MAX (4 * IMPORT_REPLY_BYTES_MAX)

struct imap_reader {
	struct imap_reader_source source;
	struct cursor c; /* what came and was not read */
	enum rc rc;
	char why[WHY_BYTES];
	struct arena *arena; /* of one response */
	size_t octets;	     /* of it, without messages */
	unsigned nesting;
	struct buf text; /* of what is under way */
	VEC(struct str) words;
};

struct imap_reader *
imap_reader_new(const struct imap_reader_source *source)
{
	struct imap_reader *r = mem_alloc(sizeof(*r));

	r->source = *source;
	r->arena = arena_new(ARENA_BYTES_MAX);
	buf_init(&r->text, IMPORT_REPLY_BYTES_MAX);
	return r;
}

void
imap_reader_free(struct imap_reader *r)
{
	if (r == NULL)
		return;
	arena_free(r->arena);
	buf_fini(&r->text);
	vec_fini(&r->words);
	mem_free(r);
}

void
imap_reader_drop(struct imap_reader *r)
{
	r->c = (struct cursor){ 0 };
}

const char *
imap_reader_why(const struct imap_reader *r)
{
	return r->why;
}

/* -- bytes ------------------------------------------------------------------ */

static bool
fail(struct imap_reader *r, enum rc rc, const char *why)
{
	if (r->rc == RC_OK) {
		r->rc = rc;
		(void)snprintf(r->why, sizeof(r->why), "%s", why);
	}
	return false;
}

/* Something else was expected. */
static bool
expected(struct imap_reader *r, const char *what)
{
	unsigned byte = r->c.at < r->c.end ? (unsigned char)*r->c.at : 0;
	char why[WHY_BYTES];

	(void)snprintf(why, sizeof(why),
	    byte > ' ' && byte < 0x7f ? "where %s should be is '%c'"
				      : "where %s should be is octet %u",
	    what, byte);
	return fail(r, RC_SYNTAX, why);
}

/* Is there a byte ahead, after waiting for it? */
static bool
fill(struct imap_reader *r)
{
	struct str bytes = { 0 };

	while (r->rc == RC_OK && r->c.at == r->c.end) {
		r->rc = r->source.read(r->source.arg, &bytes);
		if (r->rc == RC_OK)
			r->c = str_cursor(bytes);
	}
	return r->rc == RC_OK;
}

/* The byte ahead; 0 if there is none. */
static char
peek(struct imap_reader *r)
{
	return fill(r) ? *r->c.at : '\0';
}

static bool
pass(struct imap_reader *r)
{
	r->c.at++;
	return ++r->octets <= IMPORT_REPLY_BYTES_MAX ||
	       fail(r, RC_LIMIT, "a response has no end");
}

static bool
take(struct imap_reader *r, char want, const char *what)
{
	if (peek(r) != want)
		return r->rc == RC_OK && expected(r, what);
	return pass(r);
}

static bool
take_spaces(struct imap_reader *r)
{
	while (peek(r) == ' ')
		if (!pass(r))
			return false;
	return r->rc == RC_OK;
}

static bool
is_end(char byte)
{
	return byte == '\r' || byte == '\n';
}

static bool
take_line_end(struct imap_reader *r)
{
	if (!take_spaces(r) || (peek(r) == '\r' && !pass(r)))
		return false;
	return take(r, '\n', "the end of a line");
}

/* Read up to any of ${stops}, a space or the end of the line into the text;
 * the first ${most} octets. */
static bool
take_until(struct imap_reader *r, const char *stops, size_t most)
{
	buf_clear(&r->text);
	for (;;) {
		char byte = peek(r);

		if (r->rc != RC_OK)
			return false;
		if (byte == ' ' || is_end(byte) ||
		    (byte != '\0' && strchr(stops, byte) != NULL))
			return true;
		if (r->text.n == most)
			return fail(r, RC_LIMIT, "a word is too long");
		buf_add_byte(&r->text, byte);
		if (!pass(r))
			return false;
	}
}

static bool
take_token(struct imap_reader *r, const char *stops)
{
	return take_until(r, stops, WORD_BYTES_MAX) &&
	       (r->text.n > 0 || expected(r, "a word"));
}

/* A copy of the text that lasts as long as the response. */
static bool
keep(struct imap_reader *r, struct str *ret_text)
{
	*ret_text = arena_str(r->arena, buf_str(&r->text));
	return ret_text->p != NULL ||
	       fail(r, RC_LIMIT, "a response is too long");
}

static bool
is_word(const struct imap_reader *r, const char *word)
{
	return str_eq_nocase(buf_str(&r->text), str_of(word));
}

/* -- strings ------------------------------------------------------------------ */

typedef bool sink_fn(struct imap_reader *r, struct str piece);

static bool
to_text(struct imap_reader *r, struct str piece)
{
	r->octets += piece.n;
	buf_add_str(&r->text, piece);
	return (r->octets <= IMPORT_REPLY_BYTES_MAX &&
		   buf_check(&r->text) == RC_OK) ||
	       fail(r, RC_LIMIT, "a string is too long");
}

static bool
to_nothing(struct imap_reader *r, struct str piece)
{
	r->octets += piece.n;
	return r->octets <= IMPORT_REPLY_BYTES_MAX ||
	       fail(r, RC_LIMIT, "a response has no end");
}

static bool
to_message(struct imap_reader *r, struct str piece)
{
	if (r->rc == RC_OK && piece.n > 0)
		r->rc = r->source.piece(r->source.arg, piece);
	return r->rc == RC_OK;
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE             RFC 9051 section 9
 * Octets above 0x7f are taken as they are. */
static bool
take_quoted(struct imap_reader *r, sink_fn *sink)
{
	if (!take(r, '"', "a string"))
		return false;
	while (peek(r) != '"') {
		char byte;

		if (peek(r) == '\\' && !pass(r))
			return false;
		byte = peek(r);
		if (r->rc != RC_OK || is_end(byte))
			return r->rc == RC_OK &&
			       expected(r, "the end of a string");
		/* The sink counts it. */
		r->c.at++;
		if (!sink(r, (struct str){ &byte, 1 }))
			return false;
	}
	return pass(r);
}

/* literal = "{" number64 ["+"] "}" CRLF *CHAR8    RFC 9051 section 9
 * The octets of a literal8 look the same behind "~". */
static bool
take_literal(struct imap_reader *r, sink_fn *sink)
{
	uint64_t left;

	if (!take(r, '{', "a literal") || !take_until(r, "+}", 20))
		return false;
	if (!str_number(buf_str(&r->text), UINT64_MAX, &left))
		return fail(r, RC_SYNTAX, "a literal has no size");
	if (left > IMPORT_LITERAL_BYTES_MAX)
		return fail(r, RC_LIMIT, "a literal is too large");
	if (peek(r) == '+' && !pass(r))
		return false;
	if (!take(r, '}', "the end of a literal's size") || !take_line_end(r))
		return false;
	buf_clear(&r->text);
	while (left > 0) {
		struct str piece;

		if (!fill(r))
			return false;
		piece = str_head(
		    (struct str){ r->c.at, (size_t)(r->c.end - r->c.at) },
		    left < SIZE_MAX ? (size_t)left : SIZE_MAX);
		r->c.at += piece.n;
		left -= piece.n;
		if (!sink(r, piece))
			return false;
	}
	return true;
}

/* string = quoted / literal                       RFC 9051 section 9 */
static bool
take_string(struct imap_reader *r, sink_fn *sink)
{
	buf_clear(&r->text);
	return peek(r) == '"' ? take_quoted(r, sink) : take_literal(r, sink);
}

static bool
is_string_ahead(struct imap_reader *r)
{
	return peek(r) == '"' || peek(r) == '{';
}

/* astring, as servers write it: an atom ends at a space, ")" or the end of the
 * line. */
static bool
take_astring(struct imap_reader *r, struct str *ret_text)
{
	return (is_string_ahead(r) ? take_string(r, to_text)
				   : take_token(r, ")")) &&
	       keep(r, ret_text);
}

/* Pass over any value: a string, an atom, or a list of values. */
static bool
pass_value(struct imap_reader *r)
{
	bool good;

	if (peek(r) == '~' && !pass(r))
		return false;
	if (is_string_ahead(r))
		return take_string(r, to_nothing);
	if (peek(r) != '(')
		return take_until(r, "()\"{", IMPORT_REPLY_BYTES_MAX) &&
		       (r->text.n > 0 || expected(r, "a value"));
	if (r->nesting == NESTING_MAX)
		return fail(r, RC_LIMIT, "lists are nested too deep");
	r->nesting++;
	good = pass(r) && take_spaces(r);
	while (good && peek(r) != ')' && r->rc == RC_OK)
		good = pass_value(r) && take_spaces(r);
	r->nesting--;
	return good && take(r, ')', "the end of a list");
}

/* Pass over the rest of a response, with the literals in it. */
static bool
pass_rest(struct imap_reader *r)
{
	while (take_spaces(r) && !is_end(peek(r)) && r->rc == RC_OK) {
		/* Not all that servers say is made of values. */
		bool good = peek(r) == ')' ? pass(r) : pass_value(r);

		if (!good)
			return false;
	}
	return take_line_end(r);
}

/* -- states ---------------------------------------------------------------------- */

static const char *const states[] = {
	[IMAP_OK] = "OK",
	[IMAP_NO] = "NO",
	[IMAP_BAD] = "BAD",
	[IMAP_BYE] = "BYE",
	[IMAP_PREAUTH] = "PREAUTH",
};

static bool
find_state(struct imap_reader *r, enum imap_state *ret_state)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (is_word(r, states[i])) {
			*ret_state = (enum imap_state)i;
			return true;
		}
	}
	return false;
}

/* The rest of the line, whatever it is. */
static bool
take_rest(struct imap_reader *r, struct str *ret_text)
{
	buf_clear(&r->text);
	while (!is_end(peek(r))) {
		if (r->rc != RC_OK)
			return false;
		buf_add_byte(&r->text, *r->c.at);
		if (!pass(r))
			return false;
	}
	return keep(r, ret_text) && take_line_end(r);
}

/* resp-text = ["[" resp-text-code "]" SP] text    RFC 9051 section 9 */
static bool
take_resp_text(struct imap_reader *r, struct imap_reply *reply)
{
	struct str all;
	size_t end;

	if (!take_spaces(r) || !take_rest(r, &all))
		return false;
	end = str_find(all, ']');
	reply->text = all;
	if (all.n > 0 && all.p[0] == '[' && end < all.n) {
		reply->code = str_skip(str_head(all, end), 1);
		reply->text = str_trim(str_skip(all, end + 1));
	}
	return true;
}

static bool
take_tagged(struct imap_reader *r, struct imap_reply *reply)
{
	reply->kind = IMAP_REPLY_STATE;
	if (!keep(r, &reply->tag) || !take_spaces(r) || !take_token(r, ""))
		return false;
	if (!find_state(r, &reply->state))
		return fail(r, RC_SYNTAX,
		    "a line begins with neither * nor +, nor answers it a "
		    "command: is this an IMAP server?");
	return take_resp_text(r, reply);
}

/* -- mailboxes ---------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned bit;
} attributes[] = {
	{ "\\Noselect", IMAP_NOSELECT },
	{ "\\NonExistent", IMAP_NOSELECT },
	{ "\\Subscribed", IMAP_SUBSCRIBED },
	{ "\\Archive", IMAP_ARCHIVE },
	{ "\\Drafts", IMAP_DRAFTS },
	{ "\\Junk", IMAP_JUNK },
	{ "\\Sent", IMAP_SENT },
	{ "\\Trash", IMAP_TRASH },
};

static bool
take_attributes(struct imap_reader *r, unsigned *attribute_bits)
{
	if (!take(r, '(', "a list of attributes") || !take_spaces(r))
		return false;
	while (peek(r) != ')') {
		if (!take_token(r, ")"))
			return false;
		for (size_t i = 0;
		     i < sizeof(attributes) / sizeof(attributes[0]); i++)
			if (is_word(r, attributes[i].name))
				*attribute_bits |= attributes[i].bit;
		if (!take_spaces(r))
			return false;
	}
	return pass(r);
}

/* (DQUOTE QUOTED-CHAR DQUOTE / nil)               RFC 9051 section 9 */
static bool
take_delimiter(struct imap_reader *r, char *ret_delimiter)
{
	if (peek(r) != '"') {
		if (!take_token(r, ")"))
			return false;
		*ret_delimiter = '\0';
		return is_word(r, "NIL") ||
		       fail(r, RC_SYNTAX, "a delimiter is none");
	}
	buf_clear(&r->text);
	if (!take_quoted(r, to_text))
		return false;
	*ret_delimiter = r->text.n == 1 ? r->text.p[0] : '\0';
	return r->text.n <= 1 || fail(r, RC_SYNTAX, "a delimiter is none");
}

/* mailbox-list = "(" [mbx-list-flags] ")" SP
 *                (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox
 *                [SP mbox-list-extended]          RFC 9051 section 9 */
static bool
take_list(struct imap_reader *r, struct imap_reply *reply)
{
	reply->kind = IMAP_REPLY_LIST;
	return take_attributes(r, &reply->attributes) && take_spaces(r) &&
	       take_delimiter(r, &reply->delimiter) && take_spaces(r) &&
	       take_astring(r, &reply->name) && pass_rest(r);
}

static bool
take_number(struct imap_reader *r, uint64_t max, uint64_t *ret_number)
{
	return take_token(r, ")") &&
	       (str_number(buf_str(&r->text), max, ret_number) ||
		   fail(r, RC_SYNTAX, "a number is none, or too large"));
}

/* mailbox SP "(" [status-att-list] ")"            RFC 9051 section 9 */
static bool
take_status(struct imap_reader *r, struct imap_reply *reply)
{
	uint64_t number;

	reply->kind = IMAP_REPLY_STATUS;
	if (!take_astring(r, &reply->name) || !take_spaces(r) ||
	    !take(r, '(', "a list of attributes") || !take_spaces(r))
		return false;
	while (peek(r) != ')') {
		bool messages;

		if (!take_token(r, ")") || !take_spaces(r))
			return false;
		messages = is_word(r, "MESSAGES");
		if (!messages && !pass_value(r))
			return false;
		if (messages && !take_number(r, UINT32_MAX, &number))
			return false;
		if (messages)
			reply->number = (uint32_t)number;
		if (!take_spaces(r))
			return false;
	}
	return pass_rest(r);
}

/* "(" string SP (DQUOTE QUOTED-CHAR DQUOTE / nil)
 * [Namespace-Response-Extensions] ")"             RFC 9051 section 9 */
static bool
take_namespace_descr(struct imap_reader *r, struct imap_namespace *ret)
{
	if (!take(r, '(', "a namespace") || !take_astring(r, &ret->prefix) ||
	    !take_spaces(r) || !take_delimiter(r, &ret->delimiter) ||
	    !take_spaces(r))
		return false;
	while (peek(r) != ')')
		if (!pass_value(r) || !take_spaces(r))
			return false;
	return pass(r);
}

/* Namespace = nil / "(" 1*Namespace-Descr ")"     RFC 9051 section 9 */
static bool
take_namespace(struct imap_reader *r, struct imap_reply *reply, bool personal)
{
	struct imap_namespace *all = (struct imap_namespace *)reply->namespaces;

	if (!take_spaces(r))
		return false;
	if (peek(r) != '(')
		return take_token(r, "") &&
		       (is_word(r, "NIL") ||
			   fail(r, RC_SYNTAX, "a namespace is none"));
	if (!pass(r) || !take_spaces(r))
		return false;
	while (peek(r) != ')') {
		struct imap_namespace one = { .personal = personal };

		if (reply->namespace_count == NAMESPACES_MAX)
			return fail(
			    r, RC_LIMIT, "there are too many namespaces");
		if (!take_namespace_descr(r, &one) || !take_spaces(r))
			return false;
		all[reply->namespace_count++] = one;
	}
	return pass(r);
}

static bool
take_namespaces(struct imap_reader *r, struct imap_reply *reply)
{
	reply->kind = IMAP_REPLY_NAMESPACE;
	reply->namespaces = arena_array(
	    r->arena, NAMESPACES_MAX, sizeof(struct imap_namespace));
	if (reply->namespaces == NULL)
		return fail(r, RC_LIMIT, "a response is too long");
	return take_namespace(r, reply, true) &&
	       take_namespace(r, reply, false) &&
	       take_namespace(r, reply, false) && pass_rest(r);
}

/* -- messages ------------------------------------------------------------------ */

static const struct {
	const char *name;
	unsigned bit;
} flags[] = {
	{ "\\Seen", FOREIGN_SEEN },
	{ "\\Answered", FOREIGN_ANSWERED },
	{ "\\Flagged", FOREIGN_FLAGGED },
	{ "\\Deleted", FOREIGN_DELETED },
	{ "\\Draft", FOREIGN_DRAFT },
};

/* A keyword, or a flag; one that means nothing here is left out. */
static bool
add_flag(struct imap_reader *r, struct imap_message *m)
{
	struct str keyword;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (is_word(r, flags[i].name))
			m->flags |= flags[i].bit;
	if (r->text.p[0] == '\\' || r->text.n > KEYWORD_BYTES_MAX)
		return true;
	if (r->words.n == FLAGS_MAX)
		return fail(r, RC_LIMIT, "a message has too many keywords");
	if (!keep(r, &keyword))
		return false;
	vec_push(&r->words, keyword);
	return true;
}

/* flag-list = "(" [flag *(SP flag)] ")"           RFC 9051 section 9 */
static bool
take_flags(struct imap_reader *r, struct imap_message *m)
{
	struct str *keywords;

	r->words.n = 0;
	m->has_flags = true;
	m->flags = 0;
	if (!take(r, '(', "a list of flags") || !take_spaces(r))
		return false;
	while (peek(r) != ')')
		if (!take_token(r, ")") || !add_flag(r, m) || !take_spaces(r))
			return false;
	keywords = arena_array(r->arena, r->words.n, sizeof(*keywords));
	if (keywords == NULL)
		return fail(r, RC_LIMIT, "a response is too long");
	if (r->words.n > 0)
		memcpy(keywords, r->words.v, r->words.n * sizeof(*keywords));
	m->keywords = keywords;
	m->keyword_count = r->words.n;
	return pass(r);
}

/* date-time; one that is none is not said         RFC 9051 section 9 */
static bool
take_date(struct imap_reader *r, struct imap_message *m)
{
	struct parser p;
	struct buf quoted;

	if (!is_string_ahead(r))
		return pass_value(r);
	if (!take_string(r, to_text))
		return false;
	buf_init(&quoted, 64);
	buf_add_byte(&quoted, '"');
	buf_add_str(&quoted, str_head(buf_str(&r->text), 40));
	buf_add_byte(&quoted, '"');
	parser_init(
	    &p, buf_str(&quoted), r->arena, (struct parse_options){ 0 });
	if (!parse_date_time(&p, &m->date) || !parser_is_at_end(&p))
		m->date = INT64_MIN;
	buf_fini(&quoted);
	return true;
}

static bool
take_body(struct imap_reader *r, struct imap_message *m)
{
	if (m->body != IMAP_BODY_NONE)
		return fail(r, RC_SYNTAX, "a message comes twice");
	if (!is_string_ahead(r)) {
		m->body = IMAP_BODY_NIL;
		return pass_value(r);
	}
	m->body = IMAP_BODY_CAME;
	return take_string(r, to_message);
}

/* The name of an item, with a section between brackets if it has one. */
static bool
take_item_name(struct imap_reader *r)
{
	bool inside = false;

	buf_clear(&r->text);
	for (;;) {
		char byte = peek(r);

		if (r->rc != RC_OK)
			return false;
		if (is_end(byte) ||
		    (!inside && (byte == ' ' || byte == '(' || byte == ')')))
			break;
		if (byte == '[' || byte == ']')
			inside = byte == '[';
		if (r->text.n == WORD_BYTES_MAX)
			return fail(r, RC_LIMIT, "a word is too long");
		buf_add_byte(&r->text, byte);
		if (!pass(r))
			return false;
	}
	return r->text.n > 0 || expected(r, "an item");
}

static bool
take_item(struct imap_reader *r, struct imap_message *m)
{
	uint64_t uid;

	if (!take_item_name(r) || !take_spaces(r))
		return false;
	if (is_word(r, "FLAGS"))
		return take_flags(r, m);
	if (is_word(r, "INTERNALDATE"))
		return take_date(r, m);
	if (is_word(r, "BODY[]"))
		return take_body(r, m);
	if (!is_word(r, "UID"))
		return pass_value(r);
	if (!take_number(r, UINT32_MAX, &uid))
		return false;
	m->uid = (uint32_t)uid;
	return true;
}

/* msg-att = "(" (msg-att-dynamic / msg-att-static) *(SP ...) ")"
 *                                                 RFC 9051 section 9 */
static bool
take_fetch(struct imap_reader *r, struct imap_reply *reply)
{
	struct imap_message *m = &reply->message;

	reply->kind = IMAP_REPLY_FETCH;
	m->date = INT64_MIN;
	if (!take(r, '(', "what a message is") || !take_spaces(r))
		return false;
	while (peek(r) != ')')
		if (!take_item(r, m) || !take_spaces(r))
			return false;
	return pass(r) && take_line_end(r);
}

/* -- responses ----------------------------------------------------------------- */

static bool
take_numbered(struct imap_reader *r, uint64_t number, struct imap_reply *reply)
{
	reply->number = (uint32_t)number;
	if (!take_spaces(r) || !take_token(r, ""))
		return false;
	if (is_word(r, "FETCH"))
		return take_spaces(r) && take_fetch(r, reply);
	if (is_word(r, "EXISTS"))
		reply->kind = IMAP_REPLY_EXISTS;
	return pass_rest(r);
}

static bool
take_untagged(struct imap_reader *r, struct imap_reply *reply)
{
	uint64_t number;

	if (!take_spaces(r) || !take_token(r, ""))
		return false;
	if (str_number(buf_str(&r->text), UINT32_MAX, &number))
		return take_numbered(r, number, reply);
	if (find_state(r, &reply->state)) {
		reply->kind = IMAP_REPLY_STATE;
		return take_resp_text(r, reply);
	}
	if (!take_spaces(r))
		return false;
	if (is_word(r, "CAPABILITY")) {
		reply->kind = IMAP_REPLY_CAPABILITY;
		return take_rest(r, &reply->text);
	}
	if (is_word(r, "LIST") || is_word(r, "LSUB"))
		return take_list(r, reply);
	if (is_word(r, "STATUS"))
		return take_status(r, reply);
	if (is_word(r, "NAMESPACE"))
		return take_namespaces(r, reply);
	return pass_rest(r);
}

/* response-data, response-done or continue-req    RFC 9051 section 9 */
static bool
take_reply(struct imap_reader *r, struct imap_reply *reply)
{
	if (!take_until(r, "", WORD_BYTES_MAX))
		return false;
	if (is_word(r, "+")) {
		reply->kind = IMAP_REPLY_CONTINUE;
		return take_spaces(r) && take_rest(r, &reply->text);
	}
	if (!is_word(r, "*"))
		return take_tagged(r, reply);
	reply->tag = STR("*");
	return take_untagged(r, reply);
}

enum rc
imap_reader_next(struct imap_reader *r, struct imap_reply *ret_reply)
{
	struct imap_reply reply = { 0 };

	arena_reset(r->arena);
	r->octets = 0;
	if (r->rc == RC_OK && take_reply(r, &reply))
		*ret_reply = reply;
	return r->rc;
}
