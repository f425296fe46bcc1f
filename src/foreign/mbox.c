/* SPDX-License-Identifier: MIT
 *
 * Reading goes by lines, of which only as much is held as can tell what they
 * are: the rest of a longer line passes through.
 */
#include "foreign/mbox.h"

#include "base/mem.h"
#include "foreign/flags.h"
#include "foreign/from_line.h"

#define LINE_BYTES_HELD	   (16 * 1024)
#define FIELD_COUNT	   7
#define FIELDS_OURS	   3
#define KEYWORDS_BYTES_MAX (FLAGS_MAX * KEYWORD_BYTES_MAX)

/* Ours first. */
static const struct str fields[FIELD_COUNT] = {
	{ "Status:", 7 },
	{ "X-Status:", 9 },
	{ "X-Keywords:", 11 },
	{ "X-UID:", 6 },
	{ "X-IMAP:", 7 },
	{ "X-IMAPbase:", 11 },
	{ "Content-Length:", 15 },
};

static const struct {
	char letter;
	unsigned flag;
} letters[] = {
	{ 'R', FOREIGN_SEEN },
	{ 'A', FOREIGN_ANSWERED },
	{ 'F', FOREIGN_FLAGGED },
	{ 'D', FOREIGN_DELETED },
	{ 'T', FOREIGN_DRAFT },
};
#define LETTER_COUNT (sizeof(letters) / sizeof(letters[0]))

enum part {
	PART_NONE,	/* no message yet */
	PART_TOP,	/* of a header: no field yet */
	PART_OURS,	/* our fields, at the top */
	PART_OURS_DONE, /* the rest of such a header */
	PART_HEADER,	/* of another */
	PART_BODY,
};

struct mbox {
	const struct mbox_events *events;
	enum part part;
	bool field_dropped; /* it may go on in the next line */
	int field;
	unsigned seen; /* bits of fields that were taken */
	bool after_empty;
	char empty[2]; /* an empty line that may not be the message's */
	size_t empty_n;
	bool passing;  /* the rest of a long line */
	bool dropping; /* this line */
	struct buf line;
	struct buf keywords;
	struct mbox_message message;
};

struct mbox *
mbox_new(const struct mbox_events *events)
{
	struct mbox *m = mem_alloc(sizeof(*m));

	m->events = events;
	m->after_empty = true;
	buf_init(&m->line, LINE_BYTES_HELD);
	buf_init(&m->keywords, KEYWORDS_BYTES_MAX);
	return m;
}

void
mbox_free(struct mbox *m)
{
	if (m == NULL)
		return;
	buf_fini(&m->line);
	buf_fini(&m->keywords);
	mem_free(m);
}

/* -- one message --------------------------------------------------------- */

static enum rc
give(struct mbox *m, struct str piece)
{
	return piece.n > 0 ? m->events->piece(m->events->arg, piece) : RC_OK;
}

/* Cut what X-Keywords said into words. */
static void
cut_keywords(struct mbox *m)
{
	struct str rest = buf_str(&m->keywords);

	m->message.keyword_count = 0;
	while (rest.n > 0 && m->message.keyword_count < FLAGS_MAX) {
		struct str word = str_head(rest, str_find(rest, ' '));

		if (word.n > 0)
			m->message.keywords[m->message.keyword_count++] = word;
		rest = str_skip(rest, word.n + 1);
	}
}

static enum rc
end_message(struct mbox *m)
{
	if (m->part == PART_NONE)
		return RC_OK;
	m->part = PART_NONE;
	m->empty_n = 0;
	cut_keywords(m);
	return m->events->end(m->events->arg, &m->message);
}

static enum rc
begin_message(struct mbox *m, int64_t seconds)
{
	enum rc rc = end_message(m);

	m->part = PART_TOP;
	m->field_dropped = false;
	m->seen = 0;
	m->message.seconds = seconds;
	m->message.flags = 0;
	buf_clear(&m->keywords);
	return rc == RC_OK ? m->events->begin(m->events->arg) : rc;
}

/* -- header -------------------------------------------------------------- */

static void
take_flags(struct mbox *m, struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		for (size_t k = 0; k < LETTER_COUNT; k++)
			if (letters[k].letter == value.p[i])
				m->message.flags |= letters[k].flag;
}

static void
take_keywords(struct mbox *m, struct str value)
{
	for (size_t i = 0; i < value.n; i++)
		buf_add_byte(
		    &m->keywords, value.p[i] == '\t' ? ' ' : value.p[i]);
	buf_add_byte(&m->keywords, ' ');
}

/* Status, X-Status or X-Keywords; others say nothing to us. */
static void
take_value(struct mbox *m, int field, struct str value)
{
	if (field < 2)
		take_flags(m, str_trim(value));
	else if (field == 2)
		take_keywords(m, str_trim(value));
}

static int
find_field(struct str line)
{
	for (int i = 0; i < FIELD_COUNT; i++)
		if (str_begins_nocase(line, fields[i]))
			return i;
	return -1;
}

/* Where the header stands with this line, which begins a field. */
static void
enter_field(struct mbox *m, int field)
{
	if (m->part == PART_TOP)
		m->part = field == 0 ? PART_OURS : PART_HEADER;
	if (m->part == PART_OURS &&
	    (field < 0 || field >= FIELDS_OURS || (m->seen >> field & 1) != 0))
		m->part = PART_OURS_DONE;
}

/* Is the line, without its end, one that is no part of the message? */
static bool
drop_line(struct mbox *m, struct str line)
{
	int field;

	if (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t')) {
		/* We do not fold ours. */
		if (m->part == PART_OURS) {
			m->part = PART_OURS_DONE;
			m->field_dropped = false;
		}
		if (m->field_dropped)
			take_value(m, m->field, line);
		return m->field_dropped;
	}
	field = find_field(line);
	enter_field(m, field);
	m->field_dropped = field >= 0 && (m->seen >> field & 1) == 0 &&
			   m->part != PART_OURS_DONE;
	if (!m->field_dropped)
		return false;
	m->seen |= 1u << field;
	m->field = field;
	take_value(m, field, str_skip(line, fields[field].n));
	return true;
}

/* -- lines --------------------------------------------------------------- */

static struct str
without_end(struct str line)
{
	if (str_ends(line, STR("\n")))
		line.n--;
	if (str_ends(line, STR("\r")))
		line.n--;
	return line;
}

/* Give an empty line that turned out to be the message's. */
static enum rc
give_empty(struct mbox *m)
{
	struct str empty = { m->empty, m->empty_n };

	m->empty_n = 0;
	return give(m, empty);
}

/* A line of the message, or the beginning of a long one. */
static enum rc
message_line(struct mbox *m, struct str line)
{
	struct str text = without_end(line);
	size_t quotes = 0;
	enum rc rc = give_empty(m);

	m->dropping = false;
	m->after_empty = text.n == 0 && str_ends(line, STR("\n"));
	if (rc != RC_OK)
		return rc;
	if (m->after_empty) {
		m->part = PART_BODY;
		memcpy(m->empty, line.p, line.n);
		m->empty_n = line.n;
		return RC_OK;
	}
	if (m->part != PART_BODY && drop_line(m, text)) {
		m->dropping = true;
		return RC_OK;
	}
	while (quotes < text.n && text.p[quotes] == '>')
		quotes++;
	if (quotes > 0 && str_begins(str_skip(text, quotes), STR("From ")))
		line = str_skip(line, 1);
	return give(m, line);
}

static enum rc
take_line(struct mbox *m, struct str line)
{
	int64_t seconds;

	if (m->after_empty && from_line_parse(without_end(line), &seconds)) {
		m->after_empty = false;
		return begin_message(m, seconds);
	}
	if (m->part == PART_NONE) {
		/* Empty lines before the first message, if any. */
		return without_end(line).n == 0 ? RC_OK : RC_SYNTAX;
	}
	return message_line(m, line);
}

enum rc
mbox_read(struct mbox *m, struct str bytes)
{
	enum rc rc = RC_OK;

	while (bytes.n > 0 && rc == RC_OK) {
		size_t room = LINE_BYTES_HELD - m->line.n;
		size_t end = str_find(bytes, '\n');
		bool ends = end < bytes.n;
		struct str piece = str_head(bytes, ends ? end + 1 : end);

		if (m->passing) {
			rc = m->dropping ? RC_OK : give(m, piece);
			m->passing = !ends;
			bytes = str_skip(bytes, piece.n);
			continue;
		}
		ends = ends && piece.n <= room;
		piece = str_head(piece, room);
		buf_add_str(&m->line, piece);
		bytes = str_skip(bytes, piece.n);
		if (!ends && m->line.n < LINE_BYTES_HELD)
			break;
		m->passing = !ends;
		rc = take_line(m, buf_str(&m->line));
		buf_clear(&m->line);
	}
	return rc;
}

enum rc
mbox_read_end(struct mbox *m)
{
	enum rc rc = RC_OK;

	if (m->line.n > 0)
		rc = take_line(m, buf_str(&m->line));
	buf_clear(&m->line);
	return rc == RC_OK ? end_message(m) : rc;
}

/* -- writing ------------------------------------------------------------- */

static void
add_letters(struct buf *to, unsigned flags, size_t from, size_t end)
{
	for (size_t i = from; i < end; i++)
		if ((flags & letters[i].flag) != 0)
			buf_add_byte(to, letters[i].letter);
}

void
mbox_add_begin(struct buf *to, const struct mbox_message *message, bool crlf)
{
	const char *end = crlf ? "\r\n" : "\n";

	from_line_add(to, message->seconds);
	buf_add_text(to, "Status: ");
	add_letters(to, message->flags, 0, 1);
	buf_add_byte(to, 'O');
	buf_add_text(to, end);
	buf_add_text(to, "X-Status: ");
	add_letters(to, message->flags, 1, LETTER_COUNT);
	buf_add_text(to, end);
	buf_add_text(to, "X-Keywords:");
	for (size_t i = 0; i < message->keyword_count; i++) {
		buf_add_byte(to, ' ');
		buf_add_str(to, message->keywords[i]);
	}
	buf_add_text(to, end);
}

static void
add_held(struct mbox_quote *q, bool quote, struct buf *to)
{
	if (quote)
		buf_add_byte(to, '>');
	for (; q->held > 0; q->held--)
		buf_add_byte(to, '>');
	buf_add(to, "From ", q->matched);
	q->matched = 0;
}

void
mbox_quote(struct mbox_quote *q, struct str piece, struct buf *to)
{
	static const char word[] = "From ";

	for (size_t i = 0; i < piece.n; i++) {
		char byte = piece.p[i];

		q->begun = true;
		q->ended = byte == '\n';
		if (!q->passed && q->matched == 0 && byte == '>') {
			q->held++;
			continue;
		}
		if (!q->passed && byte == word[q->matched]) {
			q->matched++;
			if (q->matched < 5)
				continue;
			add_held(q, true, to);
			q->passed = true;
			continue;
		}
		if (!q->passed)
			add_held(q, false, to);
		buf_add_byte(to, byte);
		q->passed = byte != '\n';
	}
}

bool
mbox_add_end(struct mbox_quote *q, struct buf *to)
{
	bool added = q->begun && !q->ended;

	if (!q->passed)
		add_held(q, false, to);
	if (added)
		buf_add_byte(to, '\n');
	buf_add_byte(to, '\n');
	*q = (struct mbox_quote){ 0 };
	return added;
}
