/* SPDX-License-Identifier: MIT
 *
 * Commands and literals: RFC 9051 sections 2.2.1 and 4.3, RFC 3501 section 4.3,
 * RFC 7888 (literals without waiting), RFC 3516 and 4466 (literal8).
 *
 * A machine over bytes.  Every decision depends on the bytes before it alone,
 * never on how they were cut, so each fault is found at its byte.
 */
#include "proto/imap/frame.h"

#include <assert.h>
#include <string.h>

#include "proto/imap/string.h"

enum state {
	STATE_LINE,
	STATE_LITERAL, /* octets that are kept */
	STATE_DROP,    /* octets that are not */
	STATE_MESSAGE, /* MESSAGE was given, accept or refuse */
	STATE_STREAM,
	STATE_ENDED,   /* COMMAND or REFUSED was given */
	STATE_REFUSED, /* REFUSED is to be given */
	STATE_LOST,
};

enum quote { QUOTE_NONE, QUOTE_OPEN, QUOTE_ESCAPED };

/* How much of a literal's announcement stands at the end of the line. */
enum tail { TAIL_NONE, TAIL_BRACE, TAIL_DIGITS, TAIL_PLUS, TAIL_CLOSED };

const struct imap_frame_limits imap_frame_limits = {
	.line_bytes = LINE_BYTES_MAX,
	.command_bytes = COMMAND_BYTES_MAX,
	.message_bytes = MESSAGE_BYTES_MAX,
	.discard_bytes = DISCARD_BYTES_MAX,
	.discard_line_bytes = DISCARD_LINE_BYTES_MAX,
	.bare_lf = true,
};

static void
begin_line(struct imap_frame *f)
{
	f->state = STATE_LINE;
	f->line_bytes = 0;
	f->quote = QUOTE_NONE;
	f->tail = TAIL_NONE;
	f->cr = false;
	f->tilde = false;
	f->bare = false;
}

static void
begin_command(struct imap_frame *f)
{
	begin_line(f);
	buf_clear(&f->bytes);
	f->part = 0;
	f->total = 0;
	f->discarded = 0;
	f->discarded_lines = 0;
	f->why = IMAP_FRAME_WHY_NONE;
}

void
imap_frame_init(struct imap_frame *f, const struct imap_frame_limits *limits)
{
	*f = (struct imap_frame){ .limits = limits };
	/* What is refused keeps its beginning, for the tag. */
	buf_init(&f->bytes, limits->command_bytes + TAG_BYTES_MAX + 1);
	begin_command(f);
}

void
imap_frame_fini(struct imap_frame *f)
{
	buf_fini(&f->bytes);
}

bool
imap_frame_is_empty(const struct imap_frame *f)
{
	return f->state == STATE_ENDED ||
	       (f->state == STATE_LINE && f->total == 0);
}

void
imap_frame_rest(struct imap_frame *f)
{
	if (!imap_frame_is_empty(f))
		return;
	begin_command(f);
	buf_fini(&f->bytes);
}

/* The first fault is the one that is told. */
static void
fault(struct imap_frame *f, enum imap_frame_why why)
{
	if (f->why == IMAP_FRAME_WHY_NONE)
		f->why = why;
}

/* -- lines --------------------------------------------------------------- */

static void
follow_number(struct imap_frame *f, char digit)
{
	uint64_t value = (uint64_t)(digit - '0');

	f->number = f->number > (UINT64_MAX - value) / 10
			? UINT64_MAX
			: f->number * 10 + value;
}

/* literal = "{" number64 ["+"] "}", literal8 = "~{" number ["+"] "}"
 *                              RFC 9051 section 9, RFC 4466 section 3 */
static void
follow_tail(struct imap_frame *f, char byte)
{
	bool digits = f->tail == TAIL_DIGITS;

	if (byte == '{') {
		f->tail = TAIL_BRACE;
		f->literal8 = f->tilde;
		f->number = 0;
		f->plus = false;
	} else if (byte >= '0' && byte <= '9' &&
		   (digits || f->tail == TAIL_BRACE)) {
		f->tail = TAIL_DIGITS;
		follow_number(f, byte);
	} else if (byte == '+' && digits) {
		f->tail = TAIL_PLUS;
		f->plus = true;
	} else if (byte == '}' && (digits || f->tail == TAIL_PLUS)) {
		f->tail = TAIL_CLOSED;
	} else {
		f->tail = TAIL_NONE;
	}
	f->tilde = byte == '~';
}

/* Know whether a quoted string is open, in which nothing is announced. */
static void
follow(struct imap_frame *f, char byte)
{
	if (f->quote == QUOTE_ESCAPED) {
		f->quote = QUOTE_OPEN;
	} else if (f->quote == QUOTE_OPEN) {
		if (byte == '\\')
			f->quote = QUOTE_ESCAPED;
		else if (byte == '"')
			f->quote = QUOTE_NONE;
	} else {
		if (byte == '"')
			f->quote = QUOTE_OPEN;
		follow_tail(f, byte);
	}
}

static void
count_byte(struct imap_frame *f)
{
	if (f->why != IMAP_FRAME_WHY_NONE)
		f->discarded_lines++;
	else if (f->total++ >= f->limits->command_bytes)
		fault(f, IMAP_FRAME_WHY_COMMAND);
}

/* Look at one byte of a line; is it the last? */
static bool
follow_byte(struct imap_frame *f, char byte)
{
	bool after_cr = f->cr;

	count_byte(f);
	f->cr = byte == '\r';
	if (byte == '\n' && (after_cr || f->limits->bare_lf)) {
		f->bare = !after_cr;
		return true;
	}
	if (after_cr || byte == '\n')
		fault(f, IMAP_FRAME_WHY_CR);
	if (byte == '\r')
		return false;
	if (byte == '\0')
		fault(f, IMAP_FRAME_WHY_NUL);
	if (f->line_bytes++ >= f->limits->line_bytes)
		fault(f, IMAP_FRAME_WHY_LINE);
	follow(f, byte);
	return false;
}

/* Of a refused command only the beginning is kept, for its tag. */
static void
keep(struct imap_frame *f, struct str run)
{
	if (f->why == IMAP_FRAME_WHY_NONE)
		buf_add_str(&f->bytes, run);
	else if (f->bytes.n <= TAG_BYTES_MAX)
		buf_add_str(
		    &f->bytes, str_head(run, TAG_BYTES_MAX + 1 - f->bytes.n));
}

static enum imap_frame_event
lose(struct imap_frame *f)
{
	f->state = STATE_LOST;
	return IMAP_FRAME_LOST;
}

static enum imap_frame_event
end(struct imap_frame *f)
{
	f->state = STATE_ENDED;
	return f->why == IMAP_FRAME_WHY_NONE ? IMAP_FRAME_COMMAND
					     : IMAP_FRAME_REFUSED;
}

/* -- literals ------------------------------------------------------------ */

/* The next ${octets} are not wanted. */
static enum imap_frame_event
drop(struct imap_frame *f, uint64_t octets)
{
	if (octets > f->limits->discard_bytes - f->discarded)
		return lose(f);
	f->discarded += octets;
	f->left = octets;
	f->state = STATE_DROP;
	return IMAP_FRAME_MORE;
}

/* Commands with messages, and how many words stand between their names and
 * the mailbox's. */
static const struct {
	const char *name;
	unsigned words;
} message_commands[] = {
	{ " APPEND ", 0 },
	{ " REPLACE ", 1 },
	{ " UID REPLACE ", 1 },
};

#define MESSAGE_COMMANDS (sizeof(message_commands) / sizeof(*message_commands))

static size_t
skip_spaces(struct str s, size_t at)
{
	while (at < s.n && s.p[at] == ' ')
		at++;
	return at;
}

/* Where the mailbox name begins in a command with messages; its end when it is
 * another command. */
static size_t
mailbox_place(struct str command)
{
	size_t at = 0, i = 0;

	while (at < command.n && is_tag_char(command.p[at]))
		at++;
	while (i < MESSAGE_COMMANDS && !str_begins_nocase(str_skip(command, at),
					   str_of(message_commands[i].name)))
		i++;
	if (at == 0 || i == MESSAGE_COMMANDS)
		return command.n;
	at += strlen(message_commands[i].name);
	for (unsigned n = 0; n < message_commands[i].words; n++) {
		at = skip_spaces(command, at);
		at += str_find(str_skip(command, at), ' ');
	}
	return skip_spaces(command, at);
}

/* Does the line that ended announce a message?  All literals of such a command
 * do but one that stands where the mailbox name does. */
static bool
is_message(const struct imap_frame *f)
{
	struct str command = buf_str(&f->bytes);
	size_t open = command.n;

	while (command.p[open - 1] != '{')
		open--;
	open--;
	return open - f->literal8 > mailbox_place(command);
}

/* Is there room for the announced literal? */
static void
check_literal(struct imap_frame *f, bool message)
{
	if (f->bare)
		fault(f, IMAP_FRAME_WHY_CR);
	else if (message && f->number > f->limits->message_bytes)
		fault(f, IMAP_FRAME_WHY_MESSAGE);
	else if (!message && f->number > f->limits->command_bytes - f->total)
		fault(f, IMAP_FRAME_WHY_COMMAND);
}

/* The line announced a literal. */
static enum imap_frame_event
begin_literal(struct imap_frame *f)
{
	bool message = f->why == IMAP_FRAME_WHY_NONE && is_message(f);

	f->waits = !f->plus;
	if (f->why == IMAP_FRAME_WHY_NONE)
		check_literal(f, message);
	if (f->why != IMAP_FRAME_WHY_NONE)
		return f->waits ? end(f) : drop(f, f->number);
	if (message) {
		f->octets = f->number;
		f->state = STATE_MESSAGE;
		return IMAP_FRAME_MESSAGE;
	}
	f->left = f->number;
	f->total += (size_t)f->number;
	f->state = STATE_LITERAL;
	return f->waits ? IMAP_FRAME_CONTINUE : IMAP_FRAME_MORE;
}

/* Take octets of the literal, those before a NUL if there may be none. */
static struct str
take_octets(struct imap_frame *f, struct cursor *in)
{
	struct str octets = { in->at, (size_t)(in->end - in->at) };

	if (octets.n > f->left)
		octets.n = (size_t)f->left;
	if (!f->literal8)
		octets.n = str_find(octets, '\0');
	in->at += octets.n;
	f->left -= octets.n;
	return octets;
}

/* A NUL is next in a literal. */
static enum imap_frame_event
refuse_nul(struct imap_frame *f)
{
	fault(f, IMAP_FRAME_WHY_NUL);
	return drop(f, f->left);
}

static enum imap_frame_event
take_literal(struct imap_frame *f, struct cursor *in)
{
	buf_add_str(&f->bytes, take_octets(f, in));
	if (f->left == 0)
		begin_line(f);
	else if (in->at < in->end)
		return refuse_nul(f);
	return IMAP_FRAME_MORE;
}

static enum imap_frame_event
take_message(struct imap_frame *f, struct cursor *in)
{
	f->piece = take_octets(f, in);
	if (f->piece.n > 0)
		return IMAP_FRAME_PIECE;
	if (f->left > 0)
		return in->at < in->end ? refuse_nul(f) : IMAP_FRAME_MORE;
	f->part = f->bytes.n;
	begin_line(f);
	return IMAP_FRAME_MORE;
}

static enum imap_frame_event
take_dropped(struct imap_frame *f, struct cursor *in)
{
	size_t here = (size_t)(in->end - in->at);
	size_t count = f->left < here ? (size_t)f->left : here;

	in->at += count;
	f->left -= count;
	if (f->left == 0)
		begin_line(f);
	return IMAP_FRAME_MORE;
}

/* -- both ---------------------------------------------------------------- */

/* Take spaces off that stand in front of the line end, none of a literal. */
static void
trim_line(struct imap_frame *f)
{
	size_t end = f->bare ? 1 : 2;
	size_t kept = f->bytes.n - end;

	for (size_t i = 0; i < f->line_bytes && f->bytes.p[kept - 1] == ' ';
	     i++)
		kept--;
	if (kept + end == f->bytes.n)
		return;
	buf_truncate(&f->bytes, kept);
	buf_add_str(&f->bytes, f->bare ? STR("\n") : STR("\r\n"));
}

static enum imap_frame_event
end_line(struct imap_frame *f)
{
	if (f->tail == TAIL_CLOSED && f->quote == QUOTE_NONE)
		return begin_literal(f);
	if (f->why == IMAP_FRAME_WHY_NONE && f->line_bytes == 0 &&
	    f->total <= 2) {
		begin_command(f); /* an empty line, no command yet */
		return IMAP_FRAME_MORE;
	}
	if (f->why == IMAP_FRAME_WHY_NONE && f->limits->trim)
		trim_line(f);
	return end(f);
}

/* Is what the client sends worth no more waiting for its end? */
static bool
line_is_hopeless(const struct imap_frame *f)
{
	return f->discarded_lines > f->limits->discard_line_bytes;
}

static enum imap_frame_event
take_line(struct imap_frame *f, struct cursor *in)
{
	const char *from = in->at;
	bool ended = false;

	while (in->at < in->end && !ended && !line_is_hopeless(f))
		ended = follow_byte(f, *in->at++);
	keep(f, str_until(from, in));
	if (ended)
		return end_line(f);
	return line_is_hopeless(f) ? lose(f) : IMAP_FRAME_MORE;
}

static enum imap_frame_event
take_some(struct imap_frame *f, struct cursor *in)
{
	switch ((enum state)f->state) {
	case STATE_LINE:
		return take_line(f, in);
	case STATE_LITERAL:
		return take_literal(f, in);
	case STATE_DROP:
		return take_dropped(f, in);
	case STATE_STREAM:
		return take_message(f, in);
	case STATE_REFUSED:
		return end(f);
	case STATE_MESSAGE: /* imap_frame_next() does not let these come */
	case STATE_ENDED:
	case STATE_LOST:
		break;
	}
	return IMAP_FRAME_LOST;
}

enum imap_frame_event
imap_frame_next(struct imap_frame *f, struct cursor *in)
{
	enum imap_frame_event event;

	/* The caller has accepted the message, or refused the command. */
	assert(f->state != STATE_MESSAGE);
	f->waits = false;
	if (f->state == STATE_ENDED)
		begin_command(f);
	do
		event = take_some(f, in);
	while (event == IMAP_FRAME_MORE && in->at < in->end);
	return event;
}

struct str
imap_frame_text(const struct imap_frame *f)
{
	return str_skip(buf_str(&f->bytes), f->part);
}

bool
imap_frame_tag(const struct imap_frame *f, struct str *ret_tag)
{
	struct str bytes = buf_str(&f->bytes);
	struct str behind;
	size_t n = 0;

	while (n < bytes.n && is_tag_char(bytes.p[n]))
		n++;
	behind = str_skip(bytes, n);
	if (n == 0 || n > TAG_BYTES_MAX ||
	    (!str_begins(behind, STR(" ")) && !str_begins(behind, STR("\n")) &&
		!str_begins(behind, STR("\r\n"))))
		return false;
	*ret_tag = str_head(bytes, n);
	return true;
}

void
imap_frame_accept(struct imap_frame *f)
{
	assert(f->state == STATE_MESSAGE);
	f->left = f->octets;
	f->state = STATE_STREAM;
}

void
imap_frame_refuse(struct imap_frame *f)
{
	if (imap_frame_is_empty(f) || f->state == STATE_LOST)
		return;
	fault(f, IMAP_FRAME_WHY_CALLER);
	if (f->state == STATE_MESSAGE || f->state == STATE_LITERAL) {
		if (f->waits)
			f->state = STATE_REFUSED;
		else
			(void)drop(
			    f, f->state == STATE_MESSAGE ? f->octets : f->left);
		/* If that is too much, the next call says so. */
	} else if (f->state == STATE_STREAM) {
		(void)drop(f, f->left);
	}
}

const char *
imap_frame_why_text(enum imap_frame_why why)
{
	switch (why) {
	case IMAP_FRAME_WHY_NUL:
		return "NUL is not allowed";
	case IMAP_FRAME_WHY_CR:
		return "CR or LF out of place";
	case IMAP_FRAME_WHY_LINE:
		return "Line too long";
	case IMAP_FRAME_WHY_COMMAND:
		return "Command too long";
	case IMAP_FRAME_WHY_MESSAGE:
		return "Message too big";
	case IMAP_FRAME_WHY_CALLER:
	case IMAP_FRAME_WHY_NONE:
		break;
	}
	return "Command refused";
}

const char *
imap_frame_why_code(enum imap_frame_why why)
{
	switch (why) {
	case IMAP_FRAME_WHY_LINE:
	case IMAP_FRAME_WHY_COMMAND:
	case IMAP_FRAME_WHY_MESSAGE:
		return "TOOBIG";
	default:
		return "";
	}
}
