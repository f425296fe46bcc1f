/* SPDX-License-Identifier: MIT
 *
 * Requests over a channel, answered here.
 */
#include "admin/attend.h"

#include "admin/frame.h"

struct request {
	struct channel *channel;
	bool body_ended;
	struct buf words;
	struct buf output;
};

static enum rc
read_body(void *arg, struct str *ret_piece)
{
	struct request *r = arg;
	enum rc rc =
	    r->body_ended ? RC_EOF : channel_next(r->channel, ret_piece);

	if (rc != RC_OK)
		r->body_ended = true;
	return rc;
}

/* An operation may not wait for the other side. */
static void
add_line(void *arg, struct str text)
{
	struct request *r = arg;

	frame_add(&r->output, text);
}

static enum rc
read_words(struct request *r, struct operation *o)
{
	size_t sizes[CONTROL_WORDS_MAX], at = 0;
	struct str word;
	enum rc rc;

	while ((rc = channel_next(r->channel, &word)) == RC_OK) {
		if (o->word_count == CONTROL_WORDS_MAX)
			return RC_LIMIT;
		sizes[o->word_count++] = word.n;
		buf_add_str(&r->words, word);
	}
	if (rc != RC_EOF)
		return rc;
	if (buf_check(&r->words) != RC_OK || o->word_count == 0)
		return RC_LIMIT;
	for (size_t i = 0; i < o->word_count; i++) {
		o->words[i] = (struct str){ r->words.p + at, sizes[i] };
		at += sizes[i];
	}
	return RC_OK;
}

static enum rc
answer(struct request *r, struct operation *o)
{
	const struct operation_io io = {
		.read = read_body, .line = add_line, .arg = r
	};
	struct str rest;
	enum rc rc;

	o->io = &io;
	rc = operation_run(o);
	/* The body is sent to its end before the answer is read. */
	while (read_body(r, &rest) == RC_OK)
		;
	frame_add_end(&r->output);
	frame_add(&r->output, str_of(rc_name(rc)));
	frame_add(&r->output, str_of(o->why));
	frame_add_end(&r->output);
	rc = buf_check(&r->output);
	return rc == RC_OK ? channel_send_framed(r->channel, &r->output) : rc;
}

static enum rc
attend_one(struct mail *m, struct channel *ch)
{
	struct request r = { .channel = ch };
	struct operation o = { .mail = m };
	enum rc rc;

	buf_init(&r.words, CONTROL_WORDS_BYTES_MAX);
	buf_init(&r.output, CONTROL_ARENA_BYTES_MAX);
	rc = read_words(&r, &o);
	if (rc == RC_OK)
		rc = answer(&r, &o);
	buf_fini(&r.words);
	buf_fini(&r.output);
	return rc;
}

void
attend(struct mail *m, struct channel *ch)
{
	while (attend_one(m, ch) == RC_OK)
		;
}
