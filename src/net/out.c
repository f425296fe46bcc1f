/* SPDX-License-Identifier: MIT
 *
 * The output queue.  An item is a piece, whose bytes [begin, end) are yet to
 * be sent, or a range of a source.
 *
 * Small items are joined before they are sent where that saves system calls
 * or TLS records: see worth_joining().  A write that was refused is repeated
 * with the same bytes first, perhaps more of them, as TLS demands.
 */
#include "net/out.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/output_check.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PIECES_AT_ONCE 16
#define SMALL_BYTES    (OUT_PIECE_BYTES / 2)
#define WHOLE_BYTES    16 /* so few are not cut */

struct out_item {
	struct out_item *next;
	struct out_source *source; /* NULL: a piece */
	union {
		struct {
			uint64_t offset;
			uint64_t count; /* never 0 */
		} range;
		struct {
			size_t begin;
			size_t end;
			size_t cap;
		} piece;
	};
	char bytes[]; /* of a piece: cap of them */
};

static size_t
min_size(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

static size_t
piece_left(const struct out_item *i)
{
	return i->piece.end - i->piece.begin;
}

/* An empty piece; its memory is not zeroed, since it is soon filled. */
static struct out_item *
piece_new(size_t cap)
{
	struct out_item *i = mem_resize(NULL, sizeof(*i) + cap);

	i->next = NULL;
	i->source = NULL;
	i->piece.begin = 0;
	i->piece.end = 0;
	i->piece.cap = cap;
	return i;
}

/* Copy what fits into the piece; how much it was. */
static size_t
piece_fill(struct out_item *i, const char *from, size_t count)
{
	count = min_size(count, i->piece.cap - i->piece.end);
	memcpy(i->bytes + i->piece.end, from, count);
	i->piece.end += count;
	return count;
}

static void
item_free(struct out_item *i)
{
	if (i->source != NULL)
		i->source->release(i->source);
	mem_free(i);
}

/* -- looking at it ------------------------------------------------------- */

#ifdef AVOCET_CHECK_OUTPUT
/* The process ends in the midst of what has written it. */
static _Noreturn void
refuse(const struct output_check *check)
{
	struct log_line line;
	struct buf why;

	buf_init(&why, LOG_LINE_BYTES_MAX);
	check->why(check, &why);
	log_begin(&line, LOG_ERROR, "malformed-output");
	log_str(&line, "why", buf_str(&why));
	log_end(&line);
	abort();
}

static void
check_text(const struct out *o, struct str bytes)
{
	if (o->check != NULL && !o->check->text(o->check, bytes))
		refuse(o->check);
}

static void
check_stored(const struct out *o, uint64_t count)
{
	if (o->check != NULL && !o->check->stored(o->check, count))
		refuse(o->check);
}

static void
check_free(struct out *o)
{
	if (o->check != NULL)
		o->check->free(o->check);
}
#else
#define check_text(o, bytes)   ((void)0)
#define check_stored(o, count) ((void)0)
#define check_free(o)	       ((void)0)
#endif

/* -- the queue --------------------------------------------------------- */

void
out_init(struct out *o)
{
	*o = (struct out){ 0 };
}

void
out_fini(struct out *o)
{
	struct out_item *next;

	for (struct out_item *i = o->first; i != NULL; i = next) {
		next = i->next;
		item_free(i);
	}
	check_free(o);
	out_init(o);
}

static void
put_last(struct out *o, struct out_item *i)
{
	if (o->first == NULL)
		o->first = i;
	else
		o->last->next = i;
	o->last = i;
}

static void
put_first(struct out *o, struct out_item *i)
{
	i->next = o->first;
	if (o->first == NULL)
		o->last = i;
	o->first = i;
}

static void
drop_first(struct out *o)
{
	struct out_item *i = o->first;

	o->first = i->next;
	if (o->first == NULL)
		o->last = NULL;
	if (i->source != NULL)
		o->sources--;
	item_free(i);
}

/* Should the next bytes begin a new piece?  A few bytes stay together: some
 * POP3 clients do not find the end of a message that comes in two packets. */
static bool
needs_piece(const struct out *o, size_t count)
{
	size_t room;

	if (o->last == NULL || o->last->source != NULL)
		return true;
	room = o->last->piece.cap - o->last->piece.end;
	return room == 0 || (count <= WHOLE_BYTES && count > room);
}

void
out_add(struct out *o, struct str bytes)
{
	check_text(o, bytes);
	o->pending += bytes.n;
	o->memory += bytes.n;
	while (bytes.n > 0) {
		if (needs_piece(o, bytes.n))
			put_last(o, piece_new(OUT_PIECE_BYTES -
					      sizeof(struct out_item)));
		bytes = str_skip(bytes, piece_fill(o->last, bytes.p, bytes.n));
	}
}

void
out_add_source(
    struct out *o, struct out_source *source, uint64_t offset, uint64_t count)
{
	struct out_item *i;

	check_stored(o, count);
	if (count == 0) {
		source->release(source);
		return;
	}
	i = mem_alloc(sizeof(*i));
	i->source = source;
	i->range.offset = offset;
	i->range.count = count;
	put_last(o, i);
	o->sources++;
	o->pending += count;
}

/* -- joining small items ----------------------------------------------- */

/* Read on in the range that is first, into the piece.  A source that fails
 * breaks the connection, whatever its reason, which it has logged. */
static enum rc
fill_from_range(struct out *o, struct out_item *piece)
{
	struct out_item *i = o->first;
	size_t room = piece->piece.cap - piece->piece.end;
	size_t ask = min_size(i->range.count, room);
	size_t got = 0;
	enum rc rc = i->source->read(i->source, i->range.offset,
	    piece->bytes + piece->piece.end, ask, &got);

	if (rc != RC_OK)
		return RC_IO;
	assert(got > 0 && got <= ask);
	piece->piece.end += got;
	o->memory += got;
	i->range.offset += got;
	i->range.count -= got;
	if (i->range.count == 0)
		drop_first(o);
	return RC_OK;
}

/* Move bytes of the piece that is first into another piece. */
static void
fill_from_piece(struct out *o, struct out_item *piece)
{
	struct out_item *i = o->first;

	i->piece.begin +=
	    piece_fill(piece, i->bytes + i->piece.begin, piece_left(i));
	if (piece_left(i) == 0)
		drop_first(o);
}

/* Is there no room for (some of) the next item?  A few bytes stay together. */
static bool
is_full(const struct out_item *piece, const struct out_item *next)
{
	size_t room = piece->piece.cap - piece->piece.end;

	return room == 0 ||
	       (next->source == NULL && piece->piece.end > 0 &&
		   piece_left(next) <= WHOLE_BYTES && piece_left(next) > room);
}

/* Put the first bytes of the queue into one piece.  When a source fails,
 * what was gathered before stays queued. */
static enum rc
join_first(struct out *o)
{
	struct out_item *piece =
	    piece_new(min_size(o->pending, OUT_READ_BYTES));
	enum rc rc = RC_OK;

	while (rc == RC_OK && o->first != NULL && !is_full(piece, o->first)) {
		if (o->first->source != NULL)
			rc = fill_from_range(o, piece);
		else
			fill_from_piece(o, piece);
	}
	put_first(o, piece);
	return rc;
}

/* Should the first bytes be put into one piece before they are sent?  Ranges
 * have to be; small pieces when a range follows, or when the stream cannot
 * send several at once. */
static bool
worth_joining(const struct out *o, const struct stream *s)
{
	if (o->first->source != NULL)
		return true;
	if (o->first->next == NULL || piece_left(o->first) >= SMALL_BYTES)
		return false;
	return o->sources > 0 || s->ops->writev == NULL;
}

/* -- sending ----------------------------------------------------------- */

static enum rc
send_pieces(
    struct out *o, struct stream *s, size_t *ret_count, unsigned *ret_wants)
{
	struct iovec pieces[PIECES_AT_ONCE];
	int n = 0;

	for (struct out_item *i = o->first;
	     i != NULL && i->source == NULL && n < PIECES_AT_ONCE; i = i->next)
		pieces[n++] =
		    (struct iovec){ i->bytes + i->piece.begin, piece_left(i) };
	if (n > 1 && s->ops->writev != NULL)
		return s->ops->writev(s, pieces, n, ret_count, ret_wants);
	return s->ops->write(
	    s, pieces[0].iov_base, pieces[0].iov_len, ret_count, ret_wants);
}

static void
drop_sent(struct out *o, size_t count)
{
	o->pending -= count;
	o->memory -= count;
	while (count > 0) {
		struct out_item *i = o->first;
		size_t part = min_size(count, piece_left(i));

		i->piece.begin += part;
		count -= part;
		if (piece_left(i) == 0)
			drop_first(o);
	}
}

/* The queue is about to be left alone: a large piece that is mostly sent
 * gives its memory back. */
static void
shrink_first(struct out *o)
{
	struct out_item *old = o->first, *piece;

	if (old->source != NULL || old->piece.cap <= OUT_PIECE_BYTES ||
	    piece_left(old) > old->piece.cap / 2)
		return;
	piece = piece_new(piece_left(old));
	(void)piece_fill(piece, old->bytes + old->piece.begin, piece_left(old));
	drop_first(o);
	put_first(o, piece);
}

enum rc
out_flush(struct out *o, struct stream *s, size_t most, uint64_t *sent,
    unsigned *ret_wants)
{
	enum rc rc = RC_OK;
	size_t count, turn = 0;

	while (rc == RC_OK && o->first != NULL && turn < most) {
		if (worth_joining(o, s))
			rc = join_first(o);
		if (rc == RC_OK)
			rc = send_pieces(o, s, &count, ret_wants);
		if (rc != RC_OK)
			break;
		turn += count;
		*sent += count;
		drop_sent(o, count);
	}
	if (rc == RC_OK && o->first != NULL) {
		*ret_wants = POLL_OUTPUT;
		rc = RC_AGAIN;
	}
	if (rc == RC_AGAIN)
		shrink_first(o);
	if (rc == RC_OK && s->ops->flush != NULL)
		rc = s->ops->flush(s, ret_wants);
	return rc;
}
