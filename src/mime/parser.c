/* SPDX-License-Identifier: MIT
 *
 * The parser reads lines.  Of a line it needs no more than its first
 * LINE_HELD_BYTES, and its place; header lines are also gathered, up to
 * MIME_HEADER_BYTES_MAX.  Lines of a body that can be no boundary are only
 * counted, all that come together at once.
 *
 * What is open is a stack of frames, outermost first: a multipart waits for
 * its boundary, a message for its end, which is that of what it stands in.
 * Below them is at most one part of which the header or the body is being
 * read.  A boundary ends everything inside the multipart whose it is.
 *
 *   in_header          part: its header is being read
 *   otherwise          part: its body is; or NO_PART, in a preamble or epilogue
 *
 * A header ends at an empty line, at a boundary, or never.  If its first line
 * is no field there is no header: the body begins there.  But a message may
 * have one such line before a field: a byte order mark or a word of whoever
 * filed it.  Later lines that are no field do not end the header, for they are
 * mostly folds gone wrong.
 */
#include "mime/parser.h"

#include <string.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "mime/boundary_internal.h"
#include "mime/common.h"
#include "mime/tree_internal.h"

#define LINE_HELD_BYTES 1024
#define FRAMES_MAX	(MIME_DEPTH_MAX + 1)
/* Room for what most messages have, made at once and not by steps. */
#define HEADER_ROOM 4096
#define TEXT_ROOM   512
#define NO_PART	    SIZE_MAX
/* Of what one buffer has, this is kept from message to message. */
#define KEPT_BYTES_MAX (8 * 1024)

struct mime_parser {
	struct mime_tree tree;
	struct mime_frame *frames; /* FRAMES_MAX; NULL until there is one */
	size_t frame_count;
	size_t boundaries; /* frames that wait for one */

	size_t part;
	bool in_header;
	bool first_line; /* of the header */
	bool is_stray;	 /* that line is no field, and the next has not come */
	uint64_t stray_lines; /* line ends before it */
	bool own_boundary_tried;
	struct buf header;
	size_t header_line; /* where in it the current line begins */

	struct mime_content content;
	struct buf envelope;
	struct buf body;
	struct buf bodystructure;
	struct buf table;
	struct buf sort_keys;
	struct buf common;
	struct buf held; /* of a line that is not all there yet */

	uint64_t offset;       /* of the next byte */
	uint64_t line_start;   /* of the current line */
	unsigned previous_end; /* length of that line's end */
	uint64_t lines;	       /* line ends before line_start */
	char last_byte;
	bool has_nul;
	bool has_8bit_header;
};

/* Where a body ends: the octet, and the line ends before it.  Lines are counted
 * by their ends, as everybody does: one that has none is not counted. */
struct end {
	uint64_t offset;
	uint64_t lines;
};

static void
open_part(struct mime_parser *p, unsigned depth, uint64_t header)
{
	p->part = mime_tree_add(&p->tree, depth, header);
	p->in_header = true;
	p->first_line = true;
	p->is_stray = false;
	p->own_boundary_tried = false;
	buf_clear(&p->header);
	p->header_line = 0;
}

static void
clear_or_free(struct buf *b)
{
	if (b->cap > KEPT_BYTES_MAX)
		buf_fini(b);
	buf_clear(b);
}

struct mime_parser *
mime_parser_new(void)
{
	struct mime_parser *p = mem_alloc(sizeof(*p));

	mime_tree_init(&p->tree);
	mime_content_init(&p->content);
	buf_init(&p->header, MIME_HEADER_BYTES_MAX);
	buf_init(&p->held, LINE_HELD_BYTES);
	/* These are bounded by how they are made. */
	buf_init(&p->envelope, SIZE_MAX);
	buf_init(&p->body, SIZE_MAX);
	buf_init(&p->bodystructure, SIZE_MAX);
	buf_init(&p->table, SIZE_MAX);
	buf_init(&p->sort_keys, SIZE_MAX);
	buf_init(&p->common, SIZE_MAX);
	(void)buf_reserve(&p->header, HEADER_ROOM);
	(void)buf_reserve(&p->envelope, TEXT_ROOM);
	(void)buf_reserve(&p->sort_keys, TEXT_ROOM);
	open_part(p, 0, 0);
	return p;
}

void
mime_parser_restart(struct mime_parser *p)
{
	struct buf *all[] = { &p->header, &p->held, &p->envelope, &p->body,
		&p->bodystructure, &p->table, &p->sort_keys, &p->common };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		clear_or_free(all[i]);
	if (p->content.fields.cap + p->content.extension.cap > KEPT_BYTES_MAX) {
		mime_content_fini(&p->content);
		mime_content_init(&p->content);
	}
	mime_tree_clear(&p->tree, KEPT_BYTES_MAX);
	p->frame_count = 0;
	p->boundaries = 0;
	p->offset = 0;
	p->line_start = 0;
	p->previous_end = 0;
	p->lines = 0;
	p->last_byte = 0;
	p->has_nul = false;
	p->has_8bit_header = false;
	open_part(p, 0, 0);
}

void
mime_parser_free(struct mime_parser *p)
{
	if (p == NULL)
		return;
	mime_tree_fini(&p->tree);
	mime_content_fini(&p->content);
	mem_free(p->frames);
	buf_fini(&p->header);
	buf_fini(&p->held);
	buf_fini(&p->envelope);
	buf_fini(&p->body);
	buf_fini(&p->bodystructure);
	buf_fini(&p->table);
	buf_fini(&p->sort_keys);
	buf_fini(&p->common);
	mem_free(p);
}

/* -- frames ------------------------------------------------------------- */

static void
count_boundaries(struct mime_parser *p)
{
	p->boundaries = 0;
	for (size_t i = 0; i < p->frame_count && !p->tree.full; i++) {
		if (p->frames[i].is_multipart && !p->frames[i].closed)
			p->boundaries++;
	}
}

static void
push_frame(struct mime_parser *p, const struct mime_content *c)
{
	const struct buf *boundary = &c->parameters.boundary;
	struct mime_frame *f;

	if (p->frames == NULL)
		p->frames = mem_resize(NULL, FRAMES_MAX * sizeof(*p->frames));
	f = &p->frames[p->frame_count++];
	*f = (struct mime_frame){ .node = p->part };
	f->is_multipart = c->kind == MIME_MULTIPART;
	f->is_digest =
	    f->is_multipart && str_eq(buf_str(&c->subtype), STR("digest"));
	if (f->is_multipart) {
		f->boundary_n = boundary->n;
		memcpy(f->boundary, boundary->p, boundary->n);
	}
	count_boundaries(p);
}

/* The part ends at ${end}, or if that is before its body, where that begins. */
static void
end_body(struct mime_node *node, const struct end *end)
{
	if (end->offset <= node->body.offset)
		return;
	node->body.size = end->offset - node->body.offset;
	node->lines = end->lines - node->lines_before;
}

/* The line end before a boundary does not belong to it when it was the end of
 * a header or of another boundary: what is around it then ends at the
 * boundary's line. */
static void
move_end(
    const struct mime_parser *p, const struct mime_node *node, struct end *end)
{
	if (node->body.offset > end->offset)
		*end = (struct end){ p->line_start, p->lines };
}

/* A multipart without parts gets one, for BODY has no way to show none: what
 * there is if its boundary never came, else nothing. */
static void
add_missing_part(struct mime_parser *p, const struct mime_frame *f)
{
	struct mime_node outer = p->tree.nodes.v[f->node];
	struct mime_header none = { 0 };
	uint64_t at = outer.body.offset;
	struct mime_node *node;
	size_t index;

	if (f->boundary_seen)
		at += outer.body.size;
	index = mime_tree_add(&p->tree, outer.depth + 1, at);
	mime_content_read(&p->content, &none, false);
	mime_tree_describe(&p->tree, index, &p->content);
	node = &p->tree.nodes.v[index];
	node->body.offset = at;
	if (!f->boundary_seen) {
		node->body.size = outer.body.size;
		node->lines = outer.lines;
	}
}

/* End the part below the frames, and the frames from ${count} on. */
static void
end_frames(struct mime_parser *p, size_t count, struct end end)
{
	if (p->part != NO_PART) {
		end_body(&p->tree.nodes.v[p->part], &end);
		move_end(p, &p->tree.nodes.v[p->part], &end);
	}
	p->part = NO_PART;
	while (p->frame_count > count) {
		const struct mime_frame *f = &p->frames[--p->frame_count];

		end_body(&p->tree.nodes.v[f->node], &end);
		move_end(p, &p->tree.nodes.v[f->node], &end);
		if (f->is_multipart && f->node == p->tree.nodes.n - 1)
			add_missing_part(p, f);
	}
	count_boundaries(p);
}

/* -- headers ------------------------------------------------------------ */

/* Nothing is packed of a header that is longer than what was kept of it. */
static void
pack_common(struct mime_parser *p, struct str header)
{
	if (header.n == p->tree.nodes.v[p->part].header.size)
		mime_common_pack(header, &p->common);
}

/* The header is that of a message: keep what is asked of messages. */
static void
take_message_header(struct mime_parser *p, const struct mime_header *header)
{
	struct buf envelope;

	if (p->frame_count == 0) {
		mime_write_envelope(header, &p->envelope);
		mime_write_sort_keys(header, &p->sort_keys);
		pack_common(p, buf_str(&p->header));
		return;
	}
	buf_init(&envelope, SIZE_MAX);
	mime_write_envelope(header, &envelope);
	mime_tree_set_envelope(
	    &p->tree, p->frames[p->frame_count - 1].node, buf_str(&envelope));
	buf_fini(&envelope);
}

/* The part's header has ended, the body begins at ${body}, which ${lines} line
 * ends come before. */
static void
end_header(struct mime_parser *p, uint64_t body, uint64_t lines)
{
	struct mime_node *node = &p->tree.nodes.v[p->part];
	const struct mime_frame *f = NULL;
	struct mime_header header;
	unsigned depth = node->depth;

	if (p->frame_count > 0)
		f = &p->frames[p->frame_count - 1];
	node->header.size = body - node->header.offset;
	node->body.offset = body;
	node->lines_before = lines;
	p->in_header = false;
	p->has_8bit_header =
	    p->has_8bit_header || !utf8_is_ascii(buf_str(&p->header));
	mime_header_read(buf_str(&p->header), &header);
	if (f == NULL || !f->is_multipart)
		take_message_header(p, &header);
	mime_content_read(&p->content, &header, f != NULL && f->is_digest);
	if (p->content.kind != MIME_LEAF && depth >= MIME_DEPTH_MAX)
		mime_content_set_opaque(&p->content);
	mime_tree_describe(&p->tree, p->part, &p->content);
	if (p->content.kind == MIME_LEAF) {
		count_boundaries(p);
		return;
	}
	push_frame(p, &p->content);
	p->part = NO_PART;
	if (p->content.kind == MIME_MESSAGE)
		open_part(p, depth + 1, body);
}

/* What began as a header is the body; nor has a message a header that begins
 * here (in a digest). */
static void
end_missing_header(struct mime_parser *p)
{
	uint64_t body = p->tree.nodes.v[p->part].header.offset;

	while (p->in_header) {
		buf_clear(&p->header);
		end_header(p, body, p->stray_lines);
	}
	p->is_stray = false;
}

static bool
in_multipart(const struct mime_parser *p)
{
	return p->frame_count > 0 && p->frames[p->frame_count - 1].is_multipart;
}

/* A header's line that is no boundary; ${line} has its end. */
static void
take_header_line(struct mime_parser *p, struct str line)
{
	bool begins = p->first_line, was_stray = p->is_stray;

	p->first_line = false;
	p->is_stray = false;
	p->header_line = p->header.n;
	if (was_stray) {
		if (!mime_is_field_line(line))
			end_missing_header(p);
		return;
	}
	if (str_eq(line, STR("\r\n")) || str_eq(line, STR("\n"))) {
		end_header(p, p->offset, p->lines + 1);
		return;
	}
	if (!begins || mime_is_field_line(line) ||
	    str_begins(line, STR("From ")) || str_begins(line, STR(">From ")))
		return;
	p->stray_lines = p->lines;
	p->is_stray = true;
	if (in_multipart(p))
		end_missing_header(p);
}

/* -- boundaries --------------------------------------------------------- */

/* Is ${line} the boundary that the header before it announces?  Then the empty
 * line between them was forgotten.  Looked for once a header, for it costs as
 * much as reading that. */
static bool
is_own_boundary(struct mime_parser *p, struct str line)
{
	struct mime_header header;
	struct str boundary;

	if (p->own_boundary_tried || p->header_line == 0)
		return false;
	p->own_boundary_tried = true;
	mime_header_read(
	    str_head(buf_str(&p->header), p->header_line), &header);
	mime_content_read(&p->content, &header, false);
	boundary = buf_str(&p->content.parameters.boundary);
	return p->content.kind == MIME_MULTIPART &&
	       str_eq(str_trim(str_skip(line, 2)), boundary);
}

static struct mime_frame *
find_boundary(struct mime_parser *p, struct str line, bool *ret_is_last)
{
	if (!str_begins(line, STR("--")) || p->tree.full)
		return NULL;
	if (p->in_header && is_own_boundary(p, line)) {
		buf_truncate(&p->header, p->header_line);
		end_header(p, p->line_start, p->lines);
	}
	if (p->boundaries == 0)
		return NULL;
	return mime_boundary_find(p->frames, p->frame_count, line, ret_is_last);
}

/* The line end before a boundary belongs to it. */
static struct end
end_before_line(const struct mime_parser *p)
{
	return (struct end){
		.offset = p->line_start - p->previous_end,
		.lines = p->lines - (p->previous_end > 0),
	};
}

static void
take_boundary(struct mime_parser *p, struct mime_frame *f, bool is_last)
{
	struct end end = end_before_line(p);
	size_t count = (size_t)(f - p->frames) + 1;
	unsigned depth;

	if (p->is_stray)
		end_missing_header(p);
	if (p->in_header)
		buf_truncate(&p->header, p->header_line);
	while (p->in_header)
		end_header(p, p->line_start, p->lines);
	end_frames(p, count, end);
	f->boundary_seen = true;
	f->closed = is_last;
	count_boundaries(p);
	depth = p->tree.nodes.v[f->node].depth + 1;
	if (!is_last)
		open_part(p, depth, p->offset);
}

/* -- lines -------------------------------------------------------------- */

/* The line at line_start is done; its end has ${end} octets. */
static void
end_line(struct mime_parser *p, unsigned end)
{
	if (end == 0)
		return;
	p->previous_end = end;
	p->line_start = p->offset;
	p->lines++;
}

/* ${line}: the line, or of a long one its start. */
static void
take_line(struct mime_parser *p, struct str line, unsigned end)
{
	bool is_last = false;
	struct mime_frame *f = find_boundary(p, line, &is_last);

	if (f != NULL)
		take_boundary(p, f, is_last);
	else if (p->in_header)
		take_header_line(p, line);
	end_line(p, end);
}

/* How many octets the line end at the end of ${piece} has. */
static unsigned
line_end_of(const struct mime_parser *p, struct str piece)
{
	char before = piece.n > 1 ? piece.p[piece.n - 2] : p->last_byte;

	return before == '\r' ? 2 : 1;
}

/* Append what there is room for. */
static void
gather(struct buf *to, struct str piece)
{
	buf_add_str(to, str_head(piece, to->max - to->n));
}

/* A line (${whole}: up to its end), or a part of one. */
static void
take_piece(struct mime_parser *p, struct str piece, bool whole)
{
	unsigned end = whole ? line_end_of(p, piece) : 0;
	struct str line = str_head(piece, LINE_HELD_BYTES);

	p->offset += piece.n;
	if (p->in_header)
		gather(&p->header, piece);
	if (!whole || p->held.n > 0) {
		gather(&p->held, piece);
		line = buf_str(&p->held);
	}
	p->last_byte = piece.p[piece.n - 1];
	if (whole) {
		take_line(p, line, end);
		buf_clear(&p->held);
	}
}

/* How many octets at the start of ${bytes} need no look at their lines: in a
 * header none, in a body up to a line that may be a boundary. */
static size_t
count_plain(const struct mime_parser *p, struct str bytes)
{
	const char *at = bytes.p, *end = bytes.p + bytes.n;

	if (p->in_header || p->held.n > 0)
		return 0;
	if (p->boundaries == 0)
		return bytes.n;
	while ((at = memchr(at, '-', (size_t)(end - at))) != NULL) {
		if (at == bytes.p || at[-1] == '\n')
			return (size_t)(at - bytes.p);
		at++;
	}
	/* The last line may go on in a way that matters. */
	at = memrchr(bytes.p, '\n', bytes.n);
	return at != NULL ? (size_t)(at + 1 - bytes.p) : 0;
}

/* So many octets are looked at in one instruction, and their counts, an octet
 * each, hold for so many turns. */
typedef unsigned char octets __attribute__((vector_size(16)));
#define TURNS_MAX 255

static uint64_t
count_lines(struct str bytes)
{
	uint64_t lines = 0;

	while (bytes.n >= sizeof(octets)) {
		octets counts = { 0 }, next;

		for (unsigned turn = 0;
		     turn < TURNS_MAX && bytes.n >= sizeof(next); turn++) {
			memcpy(&next, bytes.p, sizeof(next));
			/* An octet that equals gives 255: one less than 0. */
			counts -= (octets)(next == '\n');
			bytes.p += sizeof(next);
			bytes.n -= sizeof(next);
		}
		for (size_t i = 0; i < sizeof(counts); i++)
			lines += counts[i];
	}
	for (size_t i = 0; i < bytes.n; i++)
		lines += bytes.p[i] == '\n';
	return lines;
}

/* Pass over octets of a body in one step. */
static void
skip_plain(struct mime_parser *p, struct str bytes)
{
	const char *last = memrchr(bytes.p, '\n', bytes.n);
	struct str whole;

	if (last != NULL) {
		whole = str_head(bytes, (size_t)(last + 1 - bytes.p));
		p->previous_end = line_end_of(p, whole);
		p->line_start = p->offset + whole.n;
		p->lines += count_lines(whole);
	}
	p->offset += bytes.n;
	p->last_byte = bytes.p[bytes.n - 1];
}

/* Take a line, or what there is of one. */
static void
take_next_piece(struct mime_parser *p, struct cursor *c)
{
	const char *from = c->at;
	const char *end = memchr(from, '\n', (size_t)(c->end - from));

	c->at = end != NULL ? end + 1 : c->end;
	take_piece(p, str_until(from, c), end != NULL);
}

void
mime_parser_write(struct mime_parser *p, struct str bytes)
{
	struct cursor c = str_cursor(bytes);

	if (!p->has_nul && bytes.n > 0)
		p->has_nul = memchr(bytes.p, 0, bytes.n) != NULL;
	while (c.at < c.end) {
		struct str rest = { c.at, (size_t)(c.end - c.at) };
		size_t plain = count_plain(p, rest);

		if (plain > 0) {
			skip_plain(p, str_head(rest, plain));
			c.at += plain;
		} else {
			take_next_piece(p, &c);
		}
	}
}

/* -- the end ------------------------------------------------------------ */

/* After the last boundary, which does not say that it is the last, nothing has
 * come: it was. */
static void
drop_empty_part(struct mime_parser *p)
{
	const struct mime_node *node = &p->tree.nodes.v[p->tree.nodes.n - 1];

	if (!p->in_header || p->frame_count == 0 ||
	    !p->frames[p->frame_count - 1].is_multipart ||
	    node->header.offset != p->offset)
		return;
	p->tree.nodes.n--;
	p->part = NO_PART;
	p->in_header = false;
}

static void
end_message(struct mime_parser *p)
{
	struct end end;

	if (p->held.n > 0)
		take_line(p, buf_str(&p->held), 0);
	drop_empty_part(p);
	if (p->is_stray)
		end_missing_header(p);
	while (p->in_header)
		end_header(p, p->offset, p->lines);
	end = (struct end){ .offset = p->offset, .lines = p->lines };
	end_frames(p, 0, end);
}

void
mime_parser_finish(struct mime_parser *p, struct mime_result *ret_result)
{
	struct mime_facts facts;

	end_message(p);
	facts =
	    (struct mime_facts){ p->offset, p->has_nul, p->has_8bit_header };
	mime_tree_write_body(&p->tree, false, &p->body);
	mime_tree_write_body(&p->tree, true, &p->bodystructure);
	mime_tree_write_table(&p->tree, &facts, &p->table);
	*ret_result = (struct mime_result){
		.envelope = buf_str(&p->envelope),
		.body = buf_str(&p->body),
		.bodystructure = buf_str(&p->bodystructure),
		.table = buf_str(&p->table),
		.sort_keys = buf_str(&p->sort_keys),
		.common =
		    p->common.n > 0 ? buf_str(&p->common) : (struct str){ 0 },
		.size = p->offset,
		.has_nul = p->has_nul,
		.has_8bit_header = p->has_8bit_header,
	};
}
