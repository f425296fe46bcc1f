/* SPDX-License-Identifier: MIT
 *
 * Each side is a small machine, an octet at a time:
 *
 *   LINE  ──► LITERAL   the line has ended with {3+}, or {3} of the server
 *         ──► WAIT      or {3} of the client: a literal if the server says "+"
 *         ──► MESSAGE   or is POP3's answer before a message
 *
 * See stop_waiting() for a client that does not wait for that.
 */
#include "proto/transcript.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum state { IN_LINE, IN_LITERAL, IN_WAIT, IN_MESSAGE };

/* How much of "{3}" or "{3+}" was seen. */
enum brace {
	BRACE_NONE,
	BRACE_OPEN,
	BRACE_DIGITS,
	BRACE_PLUS,
	BRACE_WAITS, /* all of "{3}" */
	BRACE_GOES_ON,
};

/* A number beyond this is not followed any more: nobody takes such a literal. */
#define NUMBER_MAX (UINT64_MAX / 10 - 1)

#define TEXT_BYTES_MAX (4 * TRANSCRIPT_LINE_BYTES_MAX + 64)

void
transcript_init(struct transcript *t, bool pop3, transcript_fn *fn, void *arg)
{
	*t = (struct transcript){ .pop3 = pop3, .fn = fn, .arg = arg };
}

static struct str
line_text(const struct transcript_line *l)
{
	return (struct str){ l->bytes, l->n };
}

static void
begin_line(struct transcript_line *l)
{
	l->n = 0;
	l->size = 0;
	l->brace = BRACE_NONE;
	l->quoted = false;
	l->escaped = false;
}

/* -- telling ------------------------------------------------------------ */

/* Put ${bytes} in a form fit for a terminal to ${to}, which has room for four
 * times as many; how long it is. */
static size_t
make_printable(struct str bytes, char *to)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = 0;

	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char byte = (unsigned char)bytes.p[i];
		bool looks_escaped =
		    byte == '\\' && i + 1 < bytes.n && bytes.p[i + 1] == 'x';

		if (byte >= 0x20 && byte < 0x7f && !looks_escaped) {
			to[n++] = (char)byte;
			continue;
		}
		to[n++] = '\\';
		to[n++] = 'x';
		to[n++] = hex[byte >> 4];
		to[n++] = hex[byte & 15];
	}
	return n;
}

static void
tell_text(struct transcript *t, enum transcript_side side,
    enum transcript_kind kind, const char *text)
{
	t->fn(t->arg, side, kind, str_of(text));
}

/* The line as it was, but for its CRLF. */
static void
tell(struct transcript *t, enum transcript_side side, enum transcript_kind kind,
    struct str shown)
{
	const struct transcript_line *l = &t->sides[side];
	char text[TEXT_BYTES_MAX];
	size_t n = make_printable(shown, text);

	if (l->size > l->n)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    " [and %llu octets]", (unsigned long long)(l->size - l->n));
	t->fn(t->arg, side, kind, (struct str){ text, n });
}

/* ${shown}, then a mark that something was left out. */
static void
tell_struck(struct transcript *t, enum transcript_side side, struct str shown)
{
	char text[TEXT_BYTES_MAX];
	size_t n = make_printable(shown, text);

	n += (size_t)snprintf(text + n, sizeof(text) - n, " ***");
	t->fn(t->arg, side, TRANSCRIPT_LINE, (struct str){ text, n });
}

static void
tell_count(struct transcript *t, enum transcript_side side)
{
	char text[48];

	(void)snprintf(text, sizeof(text), "(%llu octets)",
	    (unsigned long long)t->sides[side].counted);
	tell_text(t, side, TRANSCRIPT_COUNT, text);
}

/* -- secrets ------------------------------------------------------------ */

static bool
is_letter(char byte)
{
	return str_lower(byte) >= 'a' && str_lower(byte) <= 'z';
}

/* The next word of ${c}: what stands between spaces and controls. */
static struct str
next_word(struct cursor *c)
{
	const char *from;

	while (c->at < c->end && (unsigned char)*c->at <= ' ')
		c->at++;
	from = c->at;
	while (c->at < c->end && (unsigned char)*c->at > ' ')
		c->at++;
	return str_until(from, c);
}

/* Does the word begin with the name of a command that carries a secret?
 * *ret_name is that name. */
static bool
is_secret(struct str word, struct str *ret_name)
{
	static const char *const names[] = { "LOGIN", "AUTHENTICATE", "AUTH",
		"PASS", "APOP" };
	size_t n = 0;

	while (n < word.n && is_letter(word.p[n]))
		n++;
	*ret_name = str_head(word, n);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_nocase(*ret_name, str_of(names[i])))
			return true;
	return false;
}

/* Is a secret in the line, which begins a command?  *ret_shown is what of it may
 * be shown. */
static bool
has_secret(struct str line, struct str *ret_shown)
{
	struct cursor c = str_cursor(line);
	struct str first = next_word(&c), second = next_word(&c), name;

	if (!is_secret(first, &name) && !is_secret(second, &name))
		return false;
	*ret_shown = (struct str){ line.p, (size_t)(name.p + name.n - line.p) };
	return true;
}

/* May the line belong to a SASL exchange?  All but a tag or a command with
 * something behind it may. */
static bool
may_be_secret(const struct transcript *t, struct str line)
{
	struct cursor c = str_cursor(line);
	struct str first = next_word(&c), second = next_word(&c);

	if (first.n == 0 || second.n == 0)
		return true;
	return !t->pop3 && !is_letter(second.p[0]);
}

/* The first line of what a client sends. */
static void
tell_command(struct transcript *t, struct transcript_line *l)
{
	struct str line = line_text(l), shown;

	l->struck = has_secret(line, &shown);
	if (l->struck) {
		t->wary = true;
		tell_struck(t, TRANSCRIPT_CLIENT, shown);
		return;
	}
	if (t->wary && may_be_secret(t, line)) {
		l->struck = true;
		t->hide_tags = true;
		tell_text(t, TRANSCRIPT_CLIENT, TRANSCRIPT_LINE, "***");
		return;
	}
	t->wary = false;
	tell(t, TRANSCRIPT_CLIENT, TRANSCRIPT_LINE, line);
}

static void
tell_client_line(struct transcript *t)
{
	struct transcript_line *l = &t->sides[TRANSCRIPT_CLIENT];

	if (!l->inner)
		tell_command(t, l);
	else if (!l->struck)
		tell(t, TRANSCRIPT_CLIENT, TRANSCRIPT_LINE, line_text(l));
	else
		tell_text(t, TRANSCRIPT_CLIENT, TRANSCRIPT_LINE, "***");
}

/* An answer repeats the tag that it is for, whatever that was. */
static void
tell_server_line(struct transcript *t, const struct transcript_line *l)
{
	struct str line = line_text(l);
	bool tagged = !t->pop3 && !l->inner && line.n > 0 && line.p[0] != '*' &&
		      line.p[0] != '+';
	char text[TEXT_BYTES_MAX] = "***";
	size_t n = sizeof("***") - 1;

	if (!tagged || !t->hide_tags) {
		tell(t, TRANSCRIPT_SERVER, TRANSCRIPT_LINE, line);
		return;
	}
	n += make_printable(str_skip(line, str_find(line, ' ')), text + n);
	t->fn(t->arg, TRANSCRIPT_SERVER, TRANSCRIPT_LINE,
	    (struct str){ text, n });
}

/* -- lines -------------------------------------------------------------- */

/* Follow what may announce a literal: not within a quoted string. */
static void
follow_announcement(struct transcript_line *l, char byte)
{
	if (byte == '\r')
		return;
	if (byte == '{') {
		l->brace = BRACE_OPEN;
		l->number = 0;
	} else if (byte >= '0' && byte <= '9' &&
		   (l->brace == BRACE_OPEN || l->brace == BRACE_DIGITS)) {
		l->brace = BRACE_DIGITS;
		if (l->number <= NUMBER_MAX)
			l->number = l->number * 10 + (uint64_t)(byte - '0');
	} else if (byte == '+' && l->brace == BRACE_DIGITS) {
		l->brace = BRACE_PLUS;
	} else if (byte == '}' && l->brace == BRACE_DIGITS) {
		l->brace = BRACE_WAITS;
	} else if (byte == '}' && l->brace == BRACE_PLUS) {
		l->brace = BRACE_GOES_ON;
	} else {
		l->brace = BRACE_NONE;
	}
}

static void
follow_quotes(struct transcript_line *l, char byte)
{
	if (l->escaped)
		l->escaped = false;
	else if (l->quoted && byte == '\\')
		l->escaped = true;
	else if (byte == '"')
		l->quoted = !l->quoted;
}

/* "+OK 120 octets", and nothing else that our POP3 says, comes before a
 * message. */
static bool
begins_message(struct str line)
{
	struct str rest = str_skip(line, sizeof("+OK ") - 1);
	uint64_t octets;

	return str_begins(line, STR("+OK ")) &&
	       str_ends(rest, STR(" octets")) &&
	       str_number(str_head(rest, rest.n - (sizeof(" octets") - 1)),
		   UINT64_MAX, &octets);
}

/* The server has said something to a client that may wait with a literal. */
static void
answer_waiting(struct transcript *t, struct str line)
{
	struct transcript_line *client = &t->sides[TRANSCRIPT_CLIENT];

	if (client->state != IN_WAIT || line.n == 0 || line.p[0] == '*')
		return;
	if (line.p[0] == '+')
		client->state = IN_LITERAL;
	else
		client->refused = true;
}

/* The client speaks, though nobody has said "+".  If a command was answered
 * meanwhile, which may have been this one, it is taken for another command; not
 * if that could show a secret. */
static void
stop_waiting(struct transcript_line *l)
{
	if (!l->refused || l->struck) {
		l->state = IN_LITERAL;
		return;
	}
	l->state = IN_LINE;
	l->inner = false;
}

/* What comes behind the line, which is over. */
static void
go_on(struct transcript *t, enum transcript_side side)
{
	struct transcript_line *l = &t->sides[side];
	bool announced = !t->pop3 && l->brace >= BRACE_WAITS;

	l->state = IN_LINE;
	l->inner = announced;
	l->left = l->number;
	l->counted = 0;
	l->refused = false;
	if (announced)
		l->state = side == TRANSCRIPT_CLIENT && l->brace == BRACE_WAITS
			       ? IN_WAIT
			       : IN_LITERAL;
	else if (t->pop3 && side == TRANSCRIPT_SERVER &&
		 begins_message(line_text(l)))
		l->state = IN_MESSAGE;
	if (side == TRANSCRIPT_SERVER)
		answer_waiting(t, line_text(l));
}

/* Take the line's CR from it; a line without one shows its LF instead. */
static void
trim_line(struct transcript_line *l)
{
	if (l->size > l->n)
		return;
	if (l->n > 0 && l->bytes[l->n - 1] == '\r')
		l->n--;
	else if (l->n < sizeof(l->bytes))
		l->bytes[l->n++] = '\n';
	l->size = l->n;
}

static void
end_line(struct transcript *t, enum transcript_side side)
{
	struct transcript_line *l = &t->sides[side];

	trim_line(l);
	if (side == TRANSCRIPT_CLIENT)
		tell_client_line(t);
	else
		tell_server_line(t, l);
	go_on(t, side);
	begin_line(l);
}

static void
keep_byte(struct transcript_line *l, char byte)
{
	if (l->n < sizeof(l->bytes))
		l->bytes[l->n++] = byte;
	l->size++;
}

static void
put_line_byte(struct transcript *t, enum transcript_side side, char byte)
{
	struct transcript_line *l = &t->sides[side];

	if (byte == '\n') {
		end_line(t, side);
		return;
	}
	follow_quotes(l, byte);
	if (l->quoted)
		l->brace = BRACE_NONE;
	else
		follow_announcement(l, byte);
	keep_byte(l, byte);
}

/* -- contents ----------------------------------------------------------- */

/* Tell what is kept of a line of content. */
static void
tell_content(struct transcript *t, enum transcript_side side)
{
	struct transcript_line *l = &t->sides[side];

	if (t->contents && !l->struck)
		tell(t, side, TRANSCRIPT_CONTENT, line_text(l));
	begin_line(l);
}

/* Content is shown whole: a long line comes in several. */
static void
put_content_byte(struct transcript *t, enum transcript_side side, char byte)
{
	struct transcript_line *l = &t->sides[side];

	if (byte == '\n') {
		trim_line(l);
		tell_content(t, side);
		return;
	}
	keep_byte(l, byte);
	if (l->n == sizeof(l->bytes))
		tell_content(t, side);
}

static void
end_literal(struct transcript *t, enum transcript_side side)
{
	struct transcript_line *l = &t->sides[side];

	if (l->n > 0)
		tell_content(t, side);
	if (l->struck)
		tell_text(t, side, TRANSCRIPT_LINE, "***");
	else
		tell_count(t, side);
	begin_line(l);
	l->state = IN_LINE;
}

/* Take what belongs to the literal; how much it was. */
static size_t
put_literal(struct transcript *t, enum transcript_side side, struct str bytes)
{
	struct transcript_line *l = &t->sides[side];
	size_t count = l->left < bytes.n ? (size_t)l->left : bytes.n;

	for (size_t i = 0; t->contents && i < count; i++)
		put_content_byte(t, side, bytes.p[i]);
	l->left -= count;
	l->counted += count;
	if (l->left == 0)
		end_literal(t, side);
	return count;
}

/* An octet of a POP3 message, or of the line with a dot behind it. */
static void
put_message_byte(struct transcript *t, enum transcript_side side, char byte)
{
	struct transcript_line *l = &t->sides[side];

	if (byte == '\n' && !l->inner && l->size == 2 &&
	    memcmp(l->bytes, ".\r", 2) == 0) {
		l->counted -= 2;
		tell_count(t, side);
		end_line(t, side);
		return;
	}
	l->counted++;
	put_content_byte(t, side, byte);
	/* A long line is told in parts, which begin no line. */
	l->inner = byte != '\n' && (l->inner || l->size == 0);
}

/* -- all ---------------------------------------------------------------- */

/* Take some of ${bytes}; how many. */
static size_t
put_some(struct transcript *t, enum transcript_side side, struct str bytes)
{
	struct transcript_line *l = &t->sides[side];

	switch ((enum state)l->state) {
	case IN_LINE:
		put_line_byte(t, side, bytes.p[0]);
		return 1;
	case IN_WAIT:
		stop_waiting(l);
		return 0;
	case IN_LITERAL:
		return put_literal(t, side, bytes);
	case IN_MESSAGE:
		put_message_byte(t, side, bytes.p[0]);
		return 1;
	}
	return bytes.n;
}

void
transcript_put(
    struct transcript *t, enum transcript_side side, struct str bytes)
{
	while (bytes.n > 0)
		bytes = str_skip(bytes, put_some(t, side, bytes));
}
