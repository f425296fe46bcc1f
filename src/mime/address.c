/* SPDX-License-Identifier: MIT
 *
 * Address lists.  RFC 5322 sections 3.4 and 4.4.
 *
 * An element is first delimited, then taken apart: it goes on to a comma or
 * semicolon that is not within quotes, comments, an encoded-word, a domain
 * literal or angle brackets.  Openers that are never closed are text, except
 * those of comments, which then go on to the end.
 */
#include "mime/address.h"

#include <string.h>

#include "mime/mime_internal.h"

/* Bits of mime_addresses.unclosed.  A search that failed is not begun again,
 * which keeps the cost linear in the length of the field. */
enum {
	UNCLOSED_QUOTE = 1,
	UNCLOSED_LITERAL = 2,
	UNCLOSED_ANGLE = 4,
};

enum token_kind {
	TOKEN_END,
	TOKEN_SPACE,
	TOKEN_COMMENT,
	TOKEN_QUOTED,
	TOKEN_WORD,    /* text, domain literals and encoded-words too */
	TOKEN_SPECIAL, /* one of ,;:<>@ */
};

struct token {
	enum token_kind kind;
	struct str raw;
};

void
mime_addresses_init(struct mime_addresses *a, struct str value)
{
	struct buf *parts[] = { &a->name, &a->comment, &a->route, &a->mailbox,
		&a->host };

	a->at = str_cursor(value);
	a->in_group = false;
	a->unclosed = 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		buf_init_room(
		    parts[i], value.n + 1, a->rooms[i], sizeof(a->rooms[i]));
}

void
mime_addresses_fini(struct mime_addresses *a)
{
	buf_fini(&a->name);
	buf_fini(&a->comment);
	buf_fini(&a->route);
	buf_fini(&a->mailbox);
	buf_fini(&a->host);
}

/* -- tokens ------------------------------------------------------------- */

static bool
is_special(char byte)
{
	switch (byte) {
	case ',':
	case ';':
	case ':':
	case '<':
	case '>':
	case '@':
		return true;
	default:
		return false;
	}
}

/* "=?charset?encoding?text?=" is one word even with commas in its text, which
 * programs that know no better leave there. */
static bool
skip_encoded_word(struct cursor *c)
{
	const char *at = c->at;
	int marks = 0;

	if (c->end - at < 2 || at[0] != '=' || at[1] != '?')
		return false;
	for (at++; at < c->end && marks < 4; at++) {
		if (mime_is_space(*at) || *at == '<' || *at == '"')
			return false;
		marks += *at == '?';
	}
	if (marks < 4 || at == c->end || *at != '=')
		return false;
	c->at = at + 1;
	return true;
}

/* domain-literal = "[" ... "]"                    RFC 5322 section 3.4.1 */
static bool
skip_literal(struct cursor *c, unsigned *unclosed)
{
	const char *end;

	if (*c->at != '[' || (*unclosed & UNCLOSED_LITERAL))
		return false;
	end = memchr(c->at, ']', (size_t)(c->end - c->at));
	if (end == NULL) {
		*unclosed |= UNCLOSED_LITERAL;
		return false;
	}
	c->at = end + 1;
	return true;
}

static bool
skip_quoted(struct cursor *c, unsigned *unclosed)
{
	struct buf none;

	if (*c->at != '"' || (*unclosed & UNCLOSED_QUOTE))
		return false;
	buf_init(&none, 0);
	if (mime_take_quoted(c, &none))
		return true;
	*unclosed |= UNCLOSED_QUOTE;
	return false;
}

/* Does another token begin, or may one? */
static bool
ends_word(char byte)
{
	switch (byte) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
	case '(':
	case '"':
	case '[':
	case '=':
		return true;
	default:
		return is_special(byte);
	}
}

/* Take text up to what begins another token, at least one byte. */
static void
skip_word(struct cursor *c, unsigned *unclosed)
{
	if (skip_encoded_word(c) || skip_literal(c, unclosed))
		return;
	do {
		c->at++;
	} while (c->at < c->end && !ends_word(*c->at));
}

static struct token
next_token(struct cursor *c, unsigned *unclosed)
{
	struct token t = { TOKEN_END, { c->at, 0 } };

	if (c->at == c->end)
		return t;
	if (mime_is_space(*c->at)) {
		t.kind = TOKEN_SPACE;
		while (c->at < c->end && mime_is_space(*c->at))
			c->at++;
	} else if (*c->at == '(') {
		t.kind = TOKEN_COMMENT;
		mime_skip_comment(c, NULL);
	} else if (skip_quoted(c, unclosed)) {
		t.kind = TOKEN_QUOTED;
	} else if (is_special(*c->at)) {
		t.kind = TOKEN_SPECIAL;
		c->at++;
	} else {
		t.kind = TOKEN_WORD;
		skip_word(c, unclosed);
	}
	t.raw = str_until(t.raw.p, c);
	return t;
}

static bool
is_token(const struct token *t, char special)
{
	return t->kind == TOKEN_SPECIAL && t->raw.p[0] == special;
}

/* -- delimiting --------------------------------------------------------- */

struct element {
	struct str before; /* the angle bracket, or all of it */
	struct str angle;  /* between the brackets; p is NULL without them */
	struct str behind; /* the closing bracket, or the opening one when */
	bool unclosed;	   /* there is none to close it */
	bool is_group;	   /* it is "name:" */
};

/* Take "<...>" when ${c} is behind its "<".  Another "<" says that the first
 * was never closed. */
static bool
take_angle(struct mime_addresses *a, struct cursor *c, struct str *ret_angle)
{
	struct cursor probe = *c;
	struct token t;

	if (a->unclosed & UNCLOSED_ANGLE)
		return false;
	do {
		t = next_token(&probe, &a->unclosed);
		if (is_token(&t, '>')) {
			*ret_angle =
			    (struct str){ c->at, (size_t)(t.raw.p - c->at) };
			*c = probe;
			return true;
		}
	} while (t.kind != TOKEN_END && !is_token(&t, '<'));
	if (t.kind == TOKEN_END)
		a->unclosed |= UNCLOSED_ANGLE;
	return false;
}

/* Take an element up to the comma or semicolon behind it. */
static struct element
take_element(struct mime_addresses *a)
{
	struct element e = { .before = { a->at.at, 0 } };
	bool plain = !a->in_group;

	for (;;) {
		struct cursor c = a->at;
		struct token t = next_token(&c, &a->unclosed);
		struct str *part = e.angle.p == NULL ? &e.before : &e.behind;

		if (t.kind == TOKEN_END || is_token(&t, ',') ||
		    is_token(&t, ';'))
			return e;
		a->at = c;
		if (is_token(&t, ':') && plain) {
			e.is_group = true;
			return e;
		}
		plain = plain && t.kind != TOKEN_SPECIAL;
		if (is_token(&t, '<') && e.angle.p == NULL) {
			e.unclosed = !take_angle(a, &a->at, &e.angle);
			if (e.unclosed)
				e.angle = (struct str){ c.at, 0 };
			e.behind = (struct str){ a->at.at, 0 };
		} else {
			part->n = (size_t)(a->at.at - part->p);
		}
	}
}

/* -- taking apart ------------------------------------------------------- */

/* Append a space between two words, unless ${joined} and one of them has a dot
 * there. */
static void
add_space(struct buf *to, const struct token *next, bool joined)
{
	if (to->n == 0)
		return;
	if (joined && (to->p[to->n - 1] == '.' || next->raw.p[0] == '.'))
		return;
	buf_add_byte(to, ' ');
}

/* Append the words of ${text} to ${to}, without quoting; the last comment goes
 * to a->comment. */
static void
add_words(
    struct mime_addresses *a, struct str text, bool joined, struct buf *to)
{
	struct cursor c = str_cursor(text);
	unsigned unclosed = 0;
	bool space = false;
	struct token t;

	for (t = next_token(&c, &unclosed); t.kind != TOKEN_END;
	     t = next_token(&c, &unclosed)) {
		struct cursor raw = str_cursor(t.raw);

		if (t.kind == TOKEN_SPACE) {
			space = true;
			continue;
		}
		if (t.kind == TOKEN_COMMENT) {
			buf_clear(&a->comment);
			mime_skip_comment(&raw, &a->comment);
			space = true;
			continue;
		}
		/* A bracket without the other one. */
		if (joined && is_token(&t, '>'))
			continue;
		if (space)
			add_space(to, &t, joined);
		space = false;
		if (t.kind != TOKEN_QUOTED || !mime_take_quoted(&raw, to))
			buf_add_str(to, t.raw);
	}
}

/* Where the mailbox and the host of an address stand. */
struct place {
	size_t word; /* the word before the "@" begins here */
	size_t at;   /* the "@"; SIZE_MAX: there is none */
};

/* Find the first "@", or with ${last} the last one. */
static struct place
find_at(struct str text, bool last)
{
	struct place place = { 0, SIZE_MAX };
	struct cursor c = str_cursor(text);
	unsigned unclosed = 0;
	size_t word = 0;
	bool begins = true;
	struct token t;

	for (t = next_token(&c, &unclosed); t.kind != TOKEN_END;
	     t = next_token(&c, &unclosed)) {
		if (t.kind == TOKEN_SPACE || t.kind == TOKEN_COMMENT) {
			begins = begins || c.at[-(ptrdiff_t)t.raw.n - 1] != '.';
			continue;
		}
		if (is_token(&t, '@')) {
			place =
			    (struct place){ word, (size_t)(t.raw.p - text.p) };
			if (!last)
				return place;
		} else if (begins && t.raw.p[0] != '.') {
			word = (size_t)(t.raw.p - text.p);
		}
		begins = false;
	}
	return place;
}

static void
set_host(struct mime_addresses *a, struct str text)
{
	add_words(a, text, true, &a->host);
	buf_truncate(&a->host, str_find(buf_str(&a->host), ' '));
}

/* angle-addr's inside: [obs-route] addr-spec      RFC 5322 section 4.4 */
static void
split_angle(struct mime_addresses *a, struct str text)
{
	struct place place;
	size_t colon;

	text = str_trim(text);
	colon = str_find(text, ':');
	if (text.n > 0 && text.p[0] == '@' && colon < text.n) {
		add_words(a, str_head(text, colon), true, &a->route);
		text = str_skip(text, colon + 1);
	}
	place = find_at(text, true);
	add_words(a, str_head(text, place.at), true, &a->mailbox);
	if (place.at != SIZE_MAX)
		set_host(a, str_skip(text, place.at + 1));
}

/* An address without brackets: the word before the "@", and what is before
 * that is a name all the same. */
static void
split_bare(struct mime_addresses *a, struct str text)
{
	struct place place = find_at(text, false);

	if (place.at == SIZE_MAX) {
		add_words(a, text, false, &a->name);
		if (str_find(buf_str(&a->name), ' ') == a->name.n) {
			buf_add_str(&a->mailbox, buf_str(&a->name));
			buf_clear(&a->name);
		}
		return;
	}
	add_words(a, str_head(text, place.word), false, &a->name);
	add_words(a, str_skip(str_head(text, place.at), place.word), true,
	    &a->mailbox);
	set_host(a, str_skip(text, place.at + 1));
}

static void
clear(struct mime_addresses *a)
{
	buf_clear(&a->name);
	buf_clear(&a->comment);
	buf_clear(&a->route);
	buf_clear(&a->mailbox);
	buf_clear(&a->host);
}

/* Fill the parts from ${e}; false when there is nothing in it. */
static bool
split(struct mime_addresses *a, const struct element *e)
{
	struct buf nowhere;

	clear(a);
	if (e->is_group) {
		add_words(a, e->before, false, &a->name);
		return true;
	}
	if (e->angle.p == NULL) {
		split_bare(a, e->before);
		return a->name.n + a->mailbox.n + a->host.n > 0;
	}
	add_words(a, e->before, false, &a->name);
	split_angle(a, e->unclosed ? e->behind : e->angle);
	buf_init(&nowhere, e->behind.n + 1);
	add_words(a, e->behind, false, &nowhere);
	buf_fini(&nowhere);
	return true;
}

static void
fill(const struct mime_addresses *a, struct mime_address *ret_address)
{
	bool named = a->name.n > 0;

	*ret_address = (struct mime_address){
		.kind = MIME_ADDRESS_MAILBOX,
		.name = buf_str(named ? &a->name : &a->comment),
		.route = buf_str(&a->route),
		.mailbox = buf_str(&a->mailbox),
		.host = buf_str(&a->host),
	};
}

/* Take a comma or semicolon.  True when it ends a group. */
static bool
take_separator(struct mime_addresses *a)
{
	bool ends = *a->at.at == ';' && a->in_group;

	a->at.at++;
	if (ends)
		a->in_group = false;
	return ends;
}

static bool
end_group(struct mime_addresses *a, struct mime_address *ret_address)
{
	a->in_group = false;
	*ret_address = (struct mime_address){ .kind = MIME_ADDRESS_GROUP_END };
	return true;
}

bool
mime_addresses_next(struct mime_addresses *a, struct mime_address *ret_address)
{
	while (a->at.at < a->at.end) {
		struct element e;

		if (*a->at.at == ',' || *a->at.at == ';') {
			if (take_separator(a))
				return end_group(a, ret_address);
			continue;
		}
		e = take_element(a);
		if (!split(a, &e))
			continue;
		fill(a, ret_address);
		if (e.is_group) {
			ret_address->kind = MIME_ADDRESS_GROUP;
			a->in_group = true;
		}
		return true;
	}
	return a->in_group && end_group(a, ret_address);
}
