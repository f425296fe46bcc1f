/* SPDX-License-Identifier: MIT
 *
 * The tool's half of an import.
 */
#include "admin/bring.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "admin/admin.h"
#include "admin/keeper.h"
#include "admin/perform.h"
#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "foreign/flags.h"
#include "mail/import.h"

#define BATCH_MESSAGES 256
#define BATCH_BYTES    (8 * 1024 * 1024)
#define KNOWN_AT_ONCE  1000
#define LABEL_BYTES    200
#define NAME_BYTES_MAX (2 * MAILBOX_NAME_BYTES_MAX)

/* What importers find as the one is stored as the other. */
static_assert((int)FOREIGN_SEEN == FLAG_SEEN &&
		  (int)FOREIGN_ANSWERED == FLAG_ANSWERED &&
		  (int)FOREIGN_FLAGGED == FLAG_FLAGGED &&
		  (int)FOREIGN_DELETED == FLAG_DELETED &&
		  (int)FOREIGN_DRAFT == FLAG_DRAFT,
    "the same bits");

struct sent {
	char digest[TALLY_DIGEST_BYTES];
	uint64_t octets;
	char label[LABEL_BYTES];
};

struct bring {
	const struct bring_options *options;
	struct keeper *keeper;
	struct progress progress;
	struct arena *names_arena;
	struct map names; /* folded names of all mailboxes: struct named */
	VEC(const char *) uses; /* that the source says mailboxes have */
	bool failed;		/* nothing works any more */
	int code;		/* that the command ends with, as it stands */
	uint64_t problems;

	/* The mailbox under way. */
	struct buf mailbox;
	uint32_t id;
	bool exact;   /* UIDs are kept */
	bool stopped; /* nothing more comes into it */
	bool whole;   /* nothing was left out so far */
	uint64_t passed;
	struct tally read; /* of those that came in: as we read them */
	struct tally here; /* and as the store has them */

	/* The batch under way. */
	bool batch_begun;
	uint64_t batch_bytes;
	VEC(struct sent) batch;

	/* The message under way. */
	struct digester *digester;
	bool message_begun;
	bool digested;
	uint64_t octets;
	char digest[TALLY_DIGEST_BYTES];

	uint64_t mailboxes;
	uint64_t all_passed;
	struct tally all;
};

/* -- names ---------------------------------------------------------------- */

/* Names that other programs give to mailboxes of a special use, the name that
 * accounts begin with first: who has that one too uses it. */
static const struct {
	const char *name;
	const char *use;
	const char *ours;
} well_known[] = {
	{ "drafts", "\\Drafts", "drafts" },
	{ "draft", "\\Drafts", "drafts" },
	{ "sent", "\\Sent", "sent" },
	{ "sent items", "\\Sent", "sent" },
	{ "sent messages", "\\Sent", "sent" },
	{ "sent mail", "\\Sent", "sent" },
	{ "sent-mail", "\\Sent", "sent" },
	{ "junk", "\\Junk", "junk" },
	{ "spam", "\\Junk", "junk" },
	{ "junk e-mail", "\\Junk", "junk" },
	{ "junk email", "\\Junk", "junk" },
	{ "trash", "\\Trash", "trash" },
	{ "deleted items", "\\Trash", "trash" },
	{ "deleted messages", "\\Trash", "trash" },
	{ "archive", "\\Archive", "archive" },
	{ "archives", "\\Archive", "archive" },
};
#define WELL_KNOWN_COUNT (sizeof(well_known) / sizeof(well_known[0]))

static struct str
fold(struct arena *a, struct str name)
{
	char *folded = arena_text(a, name);

	for (size_t i = 0; folded != NULL && i < name.n; i++)
		folded[i] = str_lower(folded[i]);
	return (struct str){ folded, folded != NULL ? name.n : 0 };
}

struct named {
	const char *use; /* NULL: the source does not say */
};

static bool
is_told(const struct bring *b, const char *use)
{
	for (size_t i = 0; i < b->uses.n; i++)
		if (strcmp(b->uses.v[i], use) == 0)
			return true;
	return false;
}

void
bring_name(struct bring *b, struct str mailbox, const char *use)
{
	struct str folded = fold(b->names_arena, mailbox);
	struct named *named = arena_alloc(b->names_arena, sizeof(*named));

	if (folded.p == NULL || named == NULL)
		return;
	/* One of a kind. */
	if (use != NULL && !is_told(b, use)) {
		named->use = use;
		vec_push(&b->uses, use);
	}
	(void)map_put(&b->names, folded, named);
}

/* The use that the name of a mailbox is known for, unless one comes whose name
 * is better known for it, or which the source says has it; "-": none. */
static const char *
use_of_name(const struct bring *b, struct str folded)
{
	const char *use = "-";

	for (size_t i = 0; i < WELL_KNOWN_COUNT; i++) {
		struct str name = str_of(well_known[i].name);

		if (!str_eq(folded, name))
			continue;
		use = well_known[i].use;
		/* The first of those that come. */
		for (size_t k = 0; k < i; k++)
			if (strcmp(well_known[k].use, use) == 0 &&
			    map_get(&b->names, str_of(well_known[k].name)) !=
				NULL)
				use = "-";
	}
	return is_told(b, use) ? "-" : use;
}

/* The use that the mailbox gets if it is made. */
static struct str
use_of(struct bring *b, struct str mailbox)
{
	struct arena_mark mark = arena_save(b->names_arena);
	struct str folded = fold(b->names_arena, mailbox);
	const struct named *named = map_get(&b->names, folded);
	const char *use;

	if (b->options->into != NULL)
		use = "-";
	else if (named != NULL && named->use != NULL)
		use = named->use;
	else
		use = use_of_name(b, folded);
	arena_restore(b->names_arena, mark);
	return str_of(use);
}

/* -- beginning and end ------------------------------------------------------ */

int
bring_begin(const struct config *c, const struct bring_options *options,
    struct bring **ret_bring)
{
	struct bring *b;
	struct keeper *k;
	int code = keeper_open(c, &k);

	if (code != ADMIN_OK)
		return code;
	b = mem_alloc(sizeof(*b));
	b->options = options;
	b->keeper = k;
	b->code = ADMIN_OK;
	b->names_arena = arena_new(CONTROL_ARENA_BYTES_MAX);
	map_init(&b->names);
	buf_init(&b->mailbox, NAME_BYTES_MAX);
	b->digester = digester_new();
	progress_begin(&b->progress, 0);
	*ret_bring = b;
	return ADMIN_OK;
}

int
bring_end(struct bring *b)
{
	struct buf text;
	int code = b->code;

	progress_clear(&b->progress);
	if (b->problems > IMPORT_PROBLEMS_MAX)
		(void)fprintf(stderr, "avocet: %" PRIu64 " problems in all\n",
		    b->problems);
	buf_init(&text, 1024);
	tally_write(&text, &b->all);
	(void)printf("%" PRIu64 " mailboxes: %" PRIu64
		     " messages were here, new (count, octets, hash): %.*s\n",
	    b->mailboxes, b->all_passed, STR_ARG(buf_str(&text)));
	buf_fini(&text);
	keeper_close(b->keeper);
	digester_free(b->digester);
	map_fini(&b->names);
	vec_fini(&b->uses);
	arena_free(b->names_arena);
	buf_fini(&b->mailbox);
	vec_fini(&b->batch);
	mem_free(b);
	return code;
}

void
bring_total(struct bring *b, uint64_t total)
{
	progress_begin(&b->progress, total);
}

void
bring_progress(struct bring *b, uint64_t done)
{
	progress_add(&b->progress, done, 0, 0, buf_str(&b->mailbox));
}

/* Names of files may hold anything: of what is no text, nothing is for a
 * terminal. */
static void
make_printable(char *text)
{
	struct cursor c = str_cursor(str_of(text));

	while (c.at < c.end) {
		char *at = text + (c.at - text);
		uint32_t character;

		if (!utf8_next(&c, &character)) {
			*at = '?';
			c.at++;
		} else if (character < ' ' ||
			   (character >= 0x7f && character < 0xa0)) {
			memset(at, '?', (size_t)(c.at - at));
		}
	}
}

void
bring_problem(struct bring *b, const char *format, ...)
{
	char text[1024];
	va_list args;

	b->whole = false;
	if (b->code == ADMIN_OK)
		b->code = ADMIN_REFUSED;
	if (b->problems++ >= IMPORT_PROBLEMS_MAX)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	make_printable(text);
	progress_clear(&b->progress);
	(void)fprintf(stderr, "avocet: %s\n", text);
}

/* An operation failed: its mailbox gets no more, or nothing does. */
static void
fail(struct bring *b, enum rc rc)
{
	const char *why = keeper_why(b->keeper);

	if (rc == RC_CLOSED || rc == RC_SYNTAX)
		why = "the server, or the process that had the store open, is "
		      "gone: do it again, and it goes on from here";
	bring_problem(b, "%.*s%s%s", STR_ARG(buf_str(&b->mailbox)),
	    b->mailbox.n > 0 ? ": " : "", why[0] != '\0' ? why : rc_text(rc));
	b->stopped = true;
	b->batch_begun = false;
	b->message_begun = false;
	b->batch.n = 0;
	b->code = perform_exit_code(rc);
	if (rc != RC_INVALID && rc != RC_LIMIT && rc != RC_CONFLICT)
		b->failed = true;
}

bool
bring_failed(const struct bring *b)
{
	return b->failed;
}

bool
bring_is_exact(const struct bring *b)
{
	return b->exact;
}

/* -- mailboxes ------------------------------------------------------------ */

/* The name here: below --into, INBOX in its place. */
static void
set_mailbox(struct bring *b, struct str name)
{
	buf_clear(&b->mailbox);
	if (b->options->into != NULL) {
		buf_add_text(&b->mailbox, b->options->into);
		if (str_eq_nocase(name, STR("INBOX")))
			return;
		buf_add_byte(&b->mailbox, '/');
	}
	buf_add_str(&b->mailbox, name);
}

struct opened {
	uint64_t numbers[3]; /* id, UIDVALIDITY, UIDNEXT */
	bool good;
};

static void
on_opened(void *arg, struct str line)
{
	struct opened *o = arg;

	o->good = true;
	for (int i = 0; i < 3; i++) {
		struct str word = str_head(line, str_find(line, ' '));

		line = str_skip(line, word.n + 1);
		if (!str_number(word, UINT32_MAX, &o->numbers[i]))
			o->good = false;
	}
}

bool
bring_mailbox(struct bring *b, struct str name, uint32_t uidvalidity,
    enum bring_subscribe subscribe)
{
	static const char *const subscribes[] = { "-", "1", "0" };
	char digits[STR_DIGITS_MAX];
	struct opened opened = { 0 };
	struct str words[] = { STR("import-mailbox"), str_of(b->options->user),
		{ 0 }, use_of(b, name), str_of_number(uidvalidity, digits),
		str_of(subscribes[subscribe]) };
	enum rc rc;

	set_mailbox(b, name);
	words[2] = buf_str(&b->mailbox);
	b->stopped = false;
	b->whole = true;
	b->passed = 0;
	b->read = b->here = (struct tally){ 0 };
	rc = buf_check(&b->mailbox);
	if (rc == RC_OK)
		rc = keeper_begin(b->keeper, words, 6);
	if (rc == RC_OK)
		rc = keeper_answer(b->keeper, on_opened, &opened);
	if (rc == RC_OK && !opened.good)
		rc = RC_SYNTAX;
	if (rc != RC_OK) {
		fail(b, rc);
		return false;
	}
	b->id = (uint32_t)opened.numbers[0];
	b->exact = uidvalidity != 0 && !b->options->fresh_uids &&
		   (opened.numbers[1] == uidvalidity || opened.numbers[2] == 1);
	b->mailboxes++;
	return true;
}

void
bring_subscribe(struct bring *b, struct str name)
{
	struct str words[] = { STR("import-subscribe"),
		str_of(b->options->user), { 0 } };
	enum rc rc;

	set_mailbox(b, name);
	words[2] = buf_str(&b->mailbox);
	rc = buf_check(&b->mailbox);
	if (rc == RC_OK)
		rc = keeper_begin(b->keeper, words, 3);
	if (rc == RC_OK)
		rc = keeper_answer(b->keeper, NULL, NULL);
	if (rc != RC_OK)
		fail(b, rc);
}

/* -- what is known --------------------------------------------------------- */

struct known {
	bool *known;
	size_t left;
};

static void
on_known(void *arg, struct str line)
{
	struct known *k = arg;

	for (size_t i = 0; i < line.n && k->left > 0; i++, k->left--)
		*k->known++ = line.p[i] == '1';
}

static struct str
id_word(const struct bring *b, char digits[STR_DIGITS_MAX])
{
	return str_of_number(b->id, digits);
}

bool
bring_known(struct bring *b, const char *marks, size_t count, bool *ret_known)
{
	char digits[STR_DIGITS_MAX];
	struct str words[] = { STR("import-known"), str_of(b->options->user),
		id_word(b, digits) };
	struct known k = { ret_known, count };
	enum rc rc = keeper_begin(b->keeper, words, 3);

	for (size_t at = 0; at < count && rc == RC_OK; at += KNOWN_AT_ONCE) {
		size_t n =
		    count - at < KNOWN_AT_ONCE ? count - at : KNOWN_AT_ONCE;

		rc = keeper_send(
		    b->keeper, (struct str){ marks + at * IMPORT_MARK_BYTES,
				   n * IMPORT_MARK_BYTES });
	}
	if (rc == RC_OK)
		rc = keeper_answer(b->keeper, on_known, &k);
	if (rc == RC_OK && k.left > 0)
		rc = RC_SYNTAX;
	if (rc != RC_OK)
		fail(b, rc);
	return rc == RC_OK;
}

void
bring_passed(struct bring *b, size_t count)
{
	b->passed += count;
}

/* -- batches ---------------------------------------------------------------- */

static enum rc
begin_batch(struct bring *b, uint32_t uidnext)
{
	char digits[STR_DIGITS_MAX], next[STR_DIGITS_MAX];
	struct str words[] = { STR("import-messages"), str_of(b->options->user),
		id_word(b, digits), str_of_number(uidnext, next) };

	b->batch_begun = true;
	b->batch_bytes = 0;
	b->batch.n = 0;
	return keeper_begin(b->keeper, words, 4);
}

struct result {
	struct bring *bring;
	bool good;
};

/* What became of one message. */
static void
note_outcome(struct bring *b, const struct sent *s, char outcome)
{
	if (outcome == '1')
		tally_add(&b->read, s->digest, s->octets);
	else if (outcome == 'p')
		b->passed++;
	else if (outcome == 'b')
		bring_problem(b, "%.*s: %s is larger than a message may be",
		    STR_ARG(buf_str(&b->mailbox)), s->label);
}

/* "COUNT OCTETS HASH OUTCOMES" */
static void
on_result(void *arg, struct str line)
{
	struct result *r = arg;
	struct tally here;
	size_t end = line.n;

	while (end > 0 && line.p[end - 1] != ' ')
		end--;
	if (end == 0 || line.n - end != r->bring->batch.n ||
	    !tally_parse(str_head(line, end - 1), &here))
		return;
	tally_add_all(&r->bring->here, &here);
	for (size_t i = 0; i < r->bring->batch.n; i++)
		note_outcome(r->bring, &r->bring->batch.v[i], line.p[end + i]);
	r->good = true;
}

static bool
end_batch(struct bring *b)
{
	struct result r = { .bring = b };
	enum rc rc;

	if (!b->batch_begun)
		return !b->stopped;
	rc = keeper_answer(b->keeper, on_result, &r);
	if (rc == RC_OK && !r.good)
		rc = RC_SYNTAX;
	if (rc == RC_CONFLICT)
		bring_problem(b,
		    "with --fresh-uids messages come in under new UIDs: "
		    "clients "
		    "must not have them in memory from the other server");
	if (rc != RC_OK) {
		fail(b, rc);
		return false;
	}
	b->batch_begun = false;
	b->batch.n = 0;
	return true;
}

void
bring_rest(struct bring *b)
{
	if (!b->message_begun)
		(void)end_batch(b);
}

/* -- messages --------------------------------------------------------------- */

static bool
begin_message(struct bring *b)
{
	enum rc rc = RC_OK;

	if (b->stopped)
		return false;
	if (b->message_begun)
		return true;
	if (!b->batch_begun)
		rc = begin_batch(b, 0);
	if (rc != RC_OK) {
		fail(b, rc);
		return false;
	}
	b->message_begun = true;
	b->digested = false;
	b->octets = 0;
	digester_begin(b->digester);
	return true;
}

bool
bring_piece(struct bring *b, struct str piece)
{
	if (!begin_message(b))
		return false;
	digester_add(b->digester, piece);
	b->octets += piece.n;
	progress_add(&b->progress, 0, 0, piece.n, buf_str(&b->mailbox));
	while (piece.n > 0) {
		struct str part = str_head(piece, CONTROL_FRAME_BYTES_MAX);
		enum rc rc = keeper_send(b->keeper, part);

		if (rc != RC_OK) {
			fail(b, rc);
			return false;
		}
		piece = str_skip(piece, part.n);
	}
	return true;
}

void
bring_digest(struct bring *b, char ret_digest[TALLY_DIGEST_BYTES])
{
	if (!b->digested && begin_message(b))
		digester_end(b->digester, b->digest);
	b->digested = true;
	memcpy(ret_digest, b->digest, sizeof(b->digest));
}

/* Send what ends the message. */
static bool
end_message(struct bring *b, struct str text, const struct sent *sent)
{
	enum rc rc = keeper_send(b->keeper, STR(""));

	if (rc == RC_OK)
		rc = keeper_send(b->keeper, text);
	if (rc != RC_OK) {
		fail(b, rc);
		return false;
	}
	vec_push(&b->batch, *sent);
	b->batch_bytes += b->octets;
	b->message_begun = false;
	if (b->batch.n >= BATCH_MESSAGES || b->batch_bytes >= BATCH_BYTES)
		return end_batch(b);
	return true;
}

bool
bring_message(struct bring *b, const struct item *item, struct str label)
{
	struct item told = *item;
	struct sent sent = { 0 };
	struct buf text;
	bool good;

	if (!begin_message(b))
		return false;
	bring_digest(b, sent.digest);
	sent.octets = b->octets;
	(void)snprintf(sent.label, sizeof(sent.label), "%.*s", STR_ARG(label));
	if (!b->exact)
		told.uid = 0;
	buf_init(&text, CONTROL_FRAME_BYTES_MAX);
	item_write(&text, &told);
	if (buf_check(&text) != RC_OK) {
		told.keyword_count = 0;
		buf_clear(&text);
		item_write(&text, &told);
		bring_problem(b, "%s: too many keywords", sent.label);
	}
	good = end_message(b, buf_str(&text), &sent);
	buf_fini(&text);
	progress_add(&b->progress, 0, 1, 0, buf_str(&b->mailbox));
	return good;
}

void
bring_take_back(struct bring *b)
{
	struct sent sent = { 0 };

	if (b->message_begun)
		(void)end_message(b, STR("-"), &sent);
}

/* -- the end of a mailbox ---------------------------------------------------- */

static void
report(struct bring *b)
{
	bool same = tally_eq(&b->read, &b->here);
	struct buf text;

	buf_init(&text, 4096);
	buf_add_str(&text, buf_str(&b->mailbox));
	buf_add_format(&text,
	    ": %" PRIu64 " were here, new (count, octets, hash): ", b->passed);
	tally_write(&text, &b->read);
	buf_add_text(&text, ", stored: ");
	if (same)
		buf_add_text(&text, "the same");
	else
		tally_write(&text, &b->here);
	buf_add_text(&text, b->exact ? ", UIDs kept" : "");
	progress_clear(&b->progress);
	(void)printf("%.*s\n", STR_ARG(buf_str(&text)));
	buf_fini(&text);
	if (!same) {
		bring_problem(b,
		    "%.*s: what is stored differs from what was "
		    "read: see `avocet check`",
		    STR_ARG(buf_str(&b->mailbox)));
		b->code = ADMIN_DAMAGED;
	}
}

void
bring_mailbox_end(struct bring *b, uint32_t uidnext)
{
	enum rc rc;

	if (end_batch(b) && b->exact && b->whole && uidnext > 1) {
		rc = begin_batch(b, uidnext);
		if (rc != RC_OK)
			fail(b, rc);
		else
			(void)end_batch(b);
	}
	report(b);
	b->all_passed += b->passed;
	tally_add_all(&b->all, &b->read);
}
