/* SPDX-License-Identifier: MIT
 *
 * From the parts to BODY, BODYSTRUCTURE (RFC 9051 section 7.5.2) and the
 * table.
 */
#include "mime/tree_internal.h"

#include "base/limits.h"

/* Parentheses, spaces, numbers, an empty envelope, and the empty part that a
 * multipart without parts is given. */
#define NODE_BYTES	100
#define MULTIPART_BYTES 250

#define EMPTY_ENVELOPE "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"

/* Beside what is counted in ${used}: types and charsets, and the last part. */
#define TEXTS_BYTES_MAX (4 * MIME_STRUCTURE_BYTES_MAX)

void
mime_tree_init(struct mime_tree *t)
{
	*t = (struct mime_tree){ 0 };
	buf_init(&t->texts, TEXTS_BYTES_MAX);
}

void
mime_tree_fini(struct mime_tree *t)
{
	vec_fini(&t->nodes);
	buf_fini(&t->texts);
}

void
mime_tree_clear(struct mime_tree *t, size_t kept)
{
	if (t->nodes.cap * sizeof(*t->nodes.v) > kept)
		vec_fini(&t->nodes);
	if (t->texts.cap > kept)
		buf_fini(&t->texts);
	t->nodes.n = 0;
	buf_clear(&t->texts);
	t->used = 0;
	t->full = false;
}

size_t
mime_tree_add(struct mime_tree *t, unsigned depth, uint64_t header)
{
	struct mime_node node = { .depth = depth, .header = { header, 0 } };

	vec_push(&t->nodes, node);
	return t->nodes.n - 1;
}

static struct mime_slice
keep(struct mime_tree *t, struct str text)
{
	size_t at = t->texts.n;

	buf_add_str(&t->texts, text);
	return (struct mime_slice){ (uint32_t)at, (uint32_t)(t->texts.n - at) };
}

static struct str
text_of(const struct mime_tree *t, struct mime_slice slice)
{
	return str_head(str_skip(buf_str(&t->texts), slice.offset), slice.size);
}

static size_t
cost_of(const struct mime_content *c)
{
	return c->media.n + c->fields.n + c->extension.n +
	       (c->kind == MIME_MULTIPART ? MULTIPART_BYTES : NODE_BYTES);
}

/* Room is kept for one opaque part, which says that there is no more. */
static bool
fits(const struct mime_tree *t, size_t cost)
{
	return t->used + cost + MULTIPART_BYTES <= MIME_STRUCTURE_BYTES_MAX;
}

void
mime_tree_describe(
    struct mime_tree *t, size_t index, struct mime_content *content)
{
	struct mime_node *node = &t->nodes.v[index];

	if (t->nodes.n >= MIME_PARTS_MAX || !fits(t, cost_of(content))) {
		mime_content_set_opaque(content);
		t->full = true;
	}
	t->used += cost_of(content);
	node->kind = content->kind;
	node->encoding = content->encoding;
	node->type = keep(t, buf_str(&content->type));
	node->subtype = keep(t, buf_str(&content->subtype));
	node->charset = keep(t, buf_str(&content->parameters.charset));
	node->media = keep(t, buf_str(&content->media));
	node->fields = keep(t, buf_str(&content->fields));
	node->extension = keep(t, buf_str(&content->extension));
}

void
mime_tree_set_envelope(struct mime_tree *t, size_t index, struct str envelope)
{
	if (!fits(t, envelope.n))
		envelope = STR(EMPTY_ENVELOPE);
	t->used += envelope.n;
	t->nodes.v[index].envelope = keep(t, envelope);
}

/* -- writing ------------------------------------------------------------ */

static void
add_piece(const struct mime_tree *t, struct mime_slice slice, struct buf *to)
{
	buf_add_byte(to, ' ');
	buf_add_str(to, text_of(t, slice));
}

static void
add_count(uint64_t number, struct buf *to)
{
	buf_add_byte(to, ' ');
	buf_add_number(to, number);
}

static void write_node(
    const struct mime_tree *t, size_t *at, bool extended, struct buf *to);

/* body-type-mpart = 1*body SP media-subtype       RFC 9051 section 9 */
static void
write_multipart(const struct mime_tree *t, const struct mime_node *node,
    size_t *at, bool extended, struct buf *to)
{
	while (*at < t->nodes.n && t->nodes.v[*at].depth > node->depth)
		write_node(t, at, extended, to);
	add_piece(t, node->media, to);
}

/* body-type-basic, body-type-text and body-type-msg
 *                                                RFC 9051 section 9 */
static void
write_single(const struct mime_tree *t, const struct mime_node *node,
    size_t *at, bool extended, struct buf *to)
{
	buf_add_str(to, text_of(t, node->media));
	add_piece(t, node->fields, to);
	add_count(node->body.size, to);
	if (node->kind == MIME_MESSAGE) {
		add_piece(t, node->envelope, to);
		buf_add_byte(to, ' ');
		write_node(t, at, extended, to);
	}
	if (node->kind == MIME_MESSAGE ||
	    str_eq(text_of(t, node->type), STR("text")))
		add_count(node->lines, to);
}

/* body = "(" (body-type-1part / body-type-mpart) ")"
 *                                                RFC 9051 section 9
 * Write the part at *at and all it holds; *at moves behind them.  The depth is
 * at most MIME_DEPTH_MAX. */
static void
write_node(const struct mime_tree *t, size_t *at, bool extended, struct buf *to)
{
	const struct mime_node *node = &t->nodes.v[(*at)++];

	buf_add_byte(to, '(');
	if (node->kind == MIME_MULTIPART)
		write_multipart(t, node, at, extended, to);
	else
		write_single(t, node, at, extended, to);
	if (extended)
		add_piece(t, node->extension, to);
	buf_add_byte(to, ')');
}

void
mime_tree_write_body(const struct mime_tree *t, bool extended, struct buf *to)
{
	size_t at = 0;

	write_node(t, &at, extended, to);
}

void
mime_tree_write_table(
    const struct mime_tree *t, const struct mime_facts *facts, struct buf *to)
{
	uint64_t after = 0;

	mime_table_begin(facts, to);
	for (size_t i = 0; i < t->nodes.n; i++) {
		const struct mime_node *node = &t->nodes.v[i];
		struct mime_part part = {
			.kind = node->kind,
			.depth = node->depth,
			.type = text_of(t, node->type),
			.subtype = text_of(t, node->subtype),
			.charset = text_of(t, node->charset),
			.encoding = node->encoding,
			.header = node->header,
			.body = node->body,
			.lines = node->lines,
		};

		mime_table_add(&part, after, to);
		after = node->header.offset;
	}
}
