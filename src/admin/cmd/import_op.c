/* SPDX-License-Identifier: MIT
 *
 * The operations that imports are made of.
 */
#include <inttypes.h>

#include "admin/cmd/cmd.h"
#include "admin/item.h"
#include "admin/summary.h"
#include "base/vec.h"
#include "mail/import.h"
#include "proto/imap/flag.h"

/* -- import-mailbox ------------------------------------------------------ */

static enum special_use
use_of(struct str name)
{
	for (int use = SPECIAL_NONE + 1; use < SPECIAL_COUNT; use++)
		if (str_eq_nocase(
			name, str_of(special_use_name((enum special_use)use))))
			return (enum special_use)use;
	return SPECIAL_NONE;
}

/* A mailbox that has the use, as accounts begin with, but never had a message,
 * makes room for one of another name. */
static enum rc
make_room(struct operation *o, uint64_t account, enum special_use use)
{
	struct mailbox_info *infos;
	size_t count;
	enum rc rc = mailbox_list(o->mail, account, o->arena, &infos, &count);

	for (size_t i = 0; rc == RC_OK && i < count; i++) {
		if (infos[i].use != use || infos[i].uidnext > 1)
			continue;
		rc = mailbox_delete(o->mail, account, infos[i].name);
		if (rc == RC_OK)
			rc = mailbox_subscribe(
			    o->mail, account, infos[i].name, false);
	}
	return rc;
}

/* Make the mailbox, with use and UIDVALIDITY if they can be had. */
static enum rc
create(struct operation *o, uint64_t account, struct str name,
    enum special_use use, uint32_t uidvalidity, bool is_there)
{
	uint32_t id;
	enum rc rc = RC_OK;

	if (use != SPECIAL_NONE && !is_there)
		rc = make_room(o, account, use);
	if (is_there)
		use = SPECIAL_NONE; /* it keeps its own */
	if (rc == RC_OK)
		rc = mailbox_create_as(
		    o->mail, account, name, use, uidvalidity, &id);
	if (rc == RC_CONFLICT)
		rc = mailbox_create_as(
		    o->mail, account, name, SPECIAL_NONE, uidvalidity, &id);
	if (rc == RC_CONFLICT && is_there)
		return RC_OK;
	if (rc == RC_CONFLICT)
		rc = mailbox_create(o->mail, account, name, use, &id);
	if (rc == RC_CONFLICT)
		rc = mailbox_create(o->mail, account, name, SPECIAL_NONE, &id);
	return rc;
}

static enum rc
set_up(struct operation *o, uint64_t account, uint32_t uidvalidity,
    struct mailbox_info *ret_info)
{
	struct str name = o->words[2], subscribe = o->words[5];
	enum rc rc = mailbox_find(o->mail, account, name, o->arena, ret_info);
	bool is_there = rc == RC_OK;

	if (is_there && ret_info->uidnext > 1)
		return RC_OK;
	if (is_there && uidvalidity == ret_info->uidvalidity)
		uidvalidity = 0;
	if (rc == RC_NOTFOUND || (is_there && uidvalidity != 0))
		rc = create(o, account, name, use_of(o->words[3]), uidvalidity,
		    is_there);
	if (rc == RC_OK && !str_eq(subscribe, STR("-")))
		rc = mailbox_subscribe(
		    o->mail, account, name, str_eq(subscribe, STR("1")));
	return rc == RC_OK
		   ? mailbox_find(o->mail, account, name, o->arena, ret_info)
		   : rc;
}

/* USER NAME USE UIDVALIDITY SUBSCRIBE ("1", "0", "-": as it is).  A mailbox that
 * had a message stays as it is; else it is made as it was elsewhere.  Line: id,
 * UIDVALIDITY, UIDNEXT. */
enum rc
op_import_mailbox(struct operation *o)
{
	struct mailbox_info info;
	const char *why = "";
	uint64_t account, uidvalidity;
	enum rc rc = operation_account(o, 1, &account);

	if (rc != RC_OK)
		return rc;
	if (!mailbox_name_valid(o->words[2], &why))
		return operation_fail(o, RC_INVALID, "%s", why);
	if (!str_number(o->words[4], UINT32_MAX, &uidvalidity))
		return RC_INVALID;
	rc = set_up(o, account, (uint32_t)uidvalidity, &info);
	if (rc == RC_LIMIT)
		return operation_fail(o, rc, "there are too many mailboxes");
	if (rc == RC_OK)
		operation_say(o, "%" PRIu32 " %" PRIu32 " %" PRIu32, info.id,
		    info.uidvalidity, info.uidnext);
	return rc;
}

/* USER NAME */
enum rc
op_import_subscribe(struct operation *o)
{
	uint64_t account;
	enum rc rc = operation_account(o, 1, &account);

	if (rc == RC_OK)
		rc = mailbox_subscribe(o->mail, account, o->words[2], true);
	return rc;
}

/* -- import-known -------------------------------------------------------- */

static enum rc
say_known(
    struct operation *o, uint64_t account, uint32_t mailbox, struct str marks)
{
	size_t count = marks.n / IMPORT_MARK_BYTES;
	struct arena_mark place = arena_save(o->arena);
	bool *known = arena_array(o->arena, count, sizeof(*known));
	char *line = arena_array(o->arena, count, 1);
	enum rc rc = RC_LIMIT;

	if (known != NULL && line != NULL)
		rc = message_import_known(
		    o->mail, account, mailbox, marks.p, count, known);
	for (size_t i = 0; rc == RC_OK && i < count; i++)
		line[i] = known[i] ? '1' : '0';
	if (rc == RC_OK)
		o->io->line(o->io->arg, (struct str){ line, count });
	arena_restore(o->arena, place);
	return rc;
}

/* USER MAILBOX-ID; the body is marks, whole ones in each frame.  A line for a
 * frame: "1" or "0" for each mark, if it is known or not. */
enum rc
op_import_known(struct operation *o)
{
	uint64_t account, mailbox;
	struct str marks;
	enum rc rc = operation_account(o, 1, &account);

	if (rc != RC_OK)
		return rc;
	if (!str_number(o->words[2], UINT32_MAX, &mailbox))
		return RC_INVALID;
	while ((rc = o->io->read(o->io->arg, &marks)) == RC_OK) {
		rc = say_known(o, account, (uint32_t)mailbox, marks);
		if (rc != RC_OK)
			return rc;
	}
	return rc == RC_EOF ? RC_OK : rc;
}

/* -- import-messages ----------------------------------------------------- */

/* What became of a message. */
#define OUTCOME_CAME	'1'
#define OUTCOME_PASSED	'p' /* it had come in before */
#define OUTCOME_TOO_BIG 'b'
#define OUTCOME_NONE	'-' /* it was taken back */

struct batch {
	struct operation *o;
	uint64_t account;
	uint32_t mailbox;
	VEC(struct import_item) items;
	VEC(char) outcomes; /* of all that were sent */
};

static void
batch_fini(struct batch *b)
{
	for (size_t i = 0; i < b->items.n; i++)
		incoming_free(b->items.v[i].append.message);
	vec_fini(&b->items);
	vec_fini(&b->outcomes);
}

/* Those of the keywords that IMAP can have. */
static enum rc
take_keywords(struct operation *o, const struct item *said, struct flags *flags)
{
	struct str *keywords =
	    arena_array(o->arena, said->keyword_count, sizeof(*keywords));

	if (keywords == NULL)
		return RC_LIMIT;
	for (size_t i = 0; i < said->keyword_count; i++) {
		struct parser p;
		struct str keyword;

		parser_init(&p, said->keywords[i], o->arena,
		    (struct parse_options){ 0 });
		if (parse_flag_keyword(&p, &keyword) && parser_is_at_end(&p))
			keywords[flags->keyword_count++] = keyword;
	}
	flags->keywords = keywords;
	return RC_OK;
}

/* What the frame behind the octets says of the message. */
static enum rc
describe(struct batch *b, struct str text, struct import_item *item)
{
	struct item said;
	struct str mark;
	enum rc rc = item_parse(text, b->o->arena, &said);

	if (rc == RC_OK)
		rc = take_keywords(b->o, &said, &item->append.flags);
	if (rc != RC_OK)
		return rc;
	mark = arena_str(
	    b->o->arena, (struct str){ said.digest, sizeof(said.digest) });
	if (mark.p == NULL)
		return RC_LIMIT;
	item->append.flags.system = said.flags;
	item->append.internal_date = said.date;
	item->uid = said.uid;
	item->mark = mark;
	return RC_OK;
}

/* Read one message: ${first} is its first frame.  RC_LIMIT in *ret_fit: it is
 * too big. */
static enum rc
read_message(struct batch *b, struct str first, struct incoming *in,
    enum rc *ret_fit, struct str *ret_text)
{
	struct operation *o = b->o;
	struct str piece = first;
	enum rc rc = RC_OK, fit = RC_OK;

	while (rc == RC_OK && piece.n > 0) {
		if (fit == RC_OK)
			fit = incoming_write(in, piece);
		if (fit != RC_OK && fit != RC_LIMIT)
			return fit;
		rc = o->io->read(o->io->arg, &piece);
	}
	if (rc == RC_OK)
		rc = o->io->read(o->io->arg, ret_text);
	if (rc == RC_OK && fit == RC_OK)
		rc = incoming_finish(in);
	*ret_fit = fit;
	return rc == RC_EOF ? RC_SYNTAX : rc;
}

static enum rc
take_message(struct batch *b, struct str first)
{
	struct import_item item = { .append.message =
					incoming_new(b->o->mail, b->account) };
	char outcome = OUTCOME_CAME;
	struct str text;
	enum rc fit, rc;

	rc = read_message(b, first, item.append.message, &fit, &text);
	if (rc == RC_OK && str_eq(text, STR("-")))
		outcome = OUTCOME_NONE;
	else if (rc == RC_OK && fit == RC_LIMIT)
		outcome = OUTCOME_TOO_BIG;
	else if (rc == RC_OK)
		rc = describe(b, text, &item);
	if (rc != RC_OK || outcome != OUTCOME_CAME) {
		incoming_free(item.append.message);
		if (rc == RC_OK)
			vec_push(&b->outcomes, outcome);
		return rc;
	}
	vec_push(&b->items, item);
	vec_push(&b->outcomes, outcome);
	return RC_OK;
}

static enum rc
take_batch(struct batch *b)
{
	struct operation *o = b->o;
	struct str frame;
	enum rc rc;

	while ((rc = o->io->read(o->io->arg, &frame)) == RC_OK) {
		if (b->outcomes.n == MULTIAPPEND_MAX)
			return RC_LIMIT;
		rc = take_message(b, frame);
		if (rc != RC_OK)
			return rc;
	}
	return rc == RC_EOF ? RC_OK : rc;
}

/* Say what became of each message, and what the store has of those that came. */
static enum rc
say_result(struct batch *b, const struct import_result *result)
{
	struct tally tally = { 0 };
	struct buf line;
	size_t item = 0;
	enum rc rc = summary_of(b->o->mail, b->account, b->mailbox,
	    &result->uids, b->o->arena, &tally);

	if (rc != RC_OK)
		return rc;
	buf_init(&line, CONTROL_FRAME_BYTES_MAX);
	tally_write(&line, &tally);
	buf_add_byte(&line, ' ');
	for (size_t i = 0; i < b->outcomes.n; i++) {
		char outcome = b->outcomes.v[i];

		if (outcome == OUTCOME_CAME && result->passed_at[item++])
			outcome = OUTCOME_PASSED;
		buf_add_byte(&line, outcome);
	}
	b->o->io->line(b->o->io->arg, buf_str(&line));
	buf_fini(&line);
	return RC_OK;
}

static enum rc
import_batch(struct batch *b, uint32_t uidnext)
{
	struct import_result result;
	enum rc rc = message_import(b->o->mail, b->account, b->mailbox,
	    b->items.v, b->items.n, uidnext, &result);

	if (rc == RC_CONFLICT)
		return operation_fail(b->o, rc,
		    "the mailbox has got messages of its own, or a UID is "
		    "there twice, so UIDs cannot be as they were");
	if (rc == RC_LIMIT)
		return operation_fail(b->o, rc,
		    "there are more than %d keywords in the mailbox, or UIDs "
		    "beyond %u",
		    KEYWORDS_MAX, UID_MAX);
	if (rc != RC_OK)
		return rc;
	rc = say_result(b, &result);
	import_result_fini(&result);
	return rc;
}

/* USER MAILBOX-ID UIDNEXT (0: as it comes); the body is messages (item.h).  Line:
 * what the store has of them, counted, and a letter for each. */
enum rc
op_import_messages(struct operation *o)
{
	struct batch b = { .o = o };
	uint64_t mailbox, uidnext;
	enum rc rc = operation_account(o, 1, &b.account);

	if (rc != RC_OK)
		return rc;
	if (!str_number(o->words[2], UINT32_MAX, &mailbox) ||
	    !str_number(o->words[3], UINT32_MAX, &uidnext))
		return RC_INVALID;
	b.mailbox = (uint32_t)mailbox;
	rc = take_batch(&b);
	if (rc == RC_OK)
		rc = import_batch(&b, (uint32_t)uidnext);
	batch_fini(&b);
	return rc;
}
