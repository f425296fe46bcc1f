/* SPDX-License-Identifier: MIT
 *
 * The inflater: zlib's, and how it is put away.
 *
 * zlib can tell its window and be given one, but not the middle of a block.
 * So it is run up to block boundaries, and what makes it start again is noted
 * at each: the unused bits of the octet in which the block ended, and the
 * octets that came behind.  A client that flushes (Z_SYNC_FLUSH, Z_FULL_FLUSH)
 * stops at a boundary, with Z_PARTIAL_FLUSH two octets behind one at most.
 */
#include "net/inflate.h"

#include "base/mem.h"
#include "net/zlib_internal.h"

#include <assert.h>
#include <string.h>

#define BEHIND_BYTES_MAX 8
/* What z_stream.data_type says. */
#define UNUSED_BITS 7
#define LAST_BLOCK  64
#define AT_BOUNDARY 128
/* What zlib's state and its window take. */
#define STATE_BYTES (7 * 1024 + ZLIB_WINDOW_BYTES)

struct inflater {
	z_stream *z; /* NULL at rest */
	/* Where it was at the last boundary. */
	uint8_t last;	  /* the octet that was taken last */
	uint8_t boundary; /* what that was at the boundary */
	uint8_t bits;	  /* how many of its bits are still to be looked at */
	/* Since then: octets taken, and whether any were made of them. */
	size_t behind_count;
	char behind[BEHIND_BYTES_MAX];
	bool made;
	bool full;  /* stopped because there was no more room */
	enum rc rc; /* RC_EOF or RC_INVALID once that was said */
	/* At rest: the window, packed unless that makes it larger. */
	char *kept;
	size_t kept_count;
	size_t window_count;
};

struct inflater *
inflater_new(void)
{
	return mem_alloc(sizeof(struct inflater));
}

void
inflater_free(struct inflater *i)
{
	if (i == NULL)
		return;
	zlib_inflate_free(i->z);
	mem_free(i->kept);
	mem_free(i);
}

/* -- rest and back ----------------------------------------------------- */

static void
restore_window(struct inflater *i)
{
	char *window;
	int rc;

	if (i->window_count == 0)
		return;
	window = mem_resize(NULL, i->window_count);
	zlib_unpack(
	    (struct str){ i->kept, i->kept_count }, window, i->window_count);
	rc = inflateSetDictionary(
	    i->z, (const Bytef *)window, (uInt)i->window_count);
	assert(rc == Z_OK);
	mem_free(window);
	mem_free(i->kept);
	i->kept = NULL;
	i->kept_count = 0;
	i->window_count = 0;
}

/* What was taken behind the boundary makes no octet: let zlib see it again. */
static void
take_behind(struct inflater *i)
{
	Bytef none;

	i->z->next_in = (const Bytef *)i->behind;
	i->z->avail_in = (uInt)i->behind_count;
	while (i->z->avail_in > 0) {
		int rc;

		i->z->next_out = &none;
		i->z->avail_out = 1;
		rc = inflate(i->z, Z_BLOCK);
		assert(rc == Z_OK && i->z->avail_out == 1);
	}
}

static void
wake(struct inflater *i)
{
	int rc;

	i->z = zlib_inflate_new();
	restore_window(i);
	rc = inflatePrime(i->z, i->bits, i->boundary >> (8 - i->bits));
	assert(rc == Z_OK);
	take_behind(i);
}

void
inflater_rest(struct inflater *i)
{
	char *window;
	uInt count = 0;
	int rc;

	if (i->z == NULL || i->rc != RC_OK || i->made ||
	    i->behind_count > BEHIND_BYTES_MAX)
		return;
	window = mem_resize(NULL, ZLIB_WINDOW_BYTES);
	rc = inflateGetDictionary(i->z, (Bytef *)window, &count);
	assert(rc == Z_OK && count <= ZLIB_WINDOW_BYTES);
	i->window_count = count;
	i->kept_count = zlib_pack(window, count, &i->kept);
	mem_free(window);
	zlib_inflate_free(i->z);
	i->z = NULL;
}

size_t
inflater_memory(const struct inflater *i)
{
	return sizeof(*i) + i->kept_count + (i->z != NULL ? STATE_BYTES : 0);
}

/* -- reading ----------------------------------------------------------- */

/* Note what zlib took, from ${taken} on, and where that brought it. */
static void
note_place(struct inflater *i, struct str taken, bool made)
{
	if (taken.n > 0)
		i->last = (uint8_t)taken.p[taken.n - 1];
	if (i->z->data_type & AT_BOUNDARY) {
		i->boundary = i->last;
		i->bits = (uint8_t)(i->z->data_type & UNUSED_BITS);
		i->behind_count = 0;
		i->made = false;
		return;
	}
	if (taken.n <= BEHIND_BYTES_MAX &&
	    i->behind_count + taken.n <= BEHIND_BYTES_MAX && taken.n > 0)
		memcpy(i->behind + i->behind_count, taken.p, taken.n);
	i->behind_count += taken.n;
	i->made = i->made || made;
}

/* Go on to the next block boundary, or as far as input and room allow. */
static void
step(struct inflater *i, struct str *from)
{
	struct str before = *from;
	uInt room = i->z->avail_out;
	int rc;

	i->z->next_in = (const Bytef *)from->p;
	i->z->avail_in = (uInt)from->n;
	rc = inflate(i->z, Z_BLOCK);
	*from = str_skip(before, before.n - i->z->avail_in);
	note_place(i, str_head(before, before.n - i->z->avail_in),
	    i->z->avail_out < room);
	if (rc == Z_STREAM_END ||
	    ((i->z->data_type & AT_BOUNDARY) && (i->z->data_type & LAST_BLOCK)))
		i->rc = RC_EOF;
	else if (rc != Z_OK && rc != Z_BUF_ERROR)
		i->rc = RC_INVALID;
}

enum rc
inflater_read(struct inflater *i, struct str *from, char *to, size_t size,
    size_t *ret_count)
{
	size_t count;

	if (i->z == NULL && i->rc == RC_OK)
		wake(i);
	if (i->rc != RC_OK)
		return i->rc;
	i->z->next_out = (Bytef *)to;
	i->z->avail_out = (uInt)size;
	do
		step(i, from);
	while (i->rc == RC_OK && from->n > 0 && i->z->avail_out > 0);
	count = size - i->z->avail_out;
	i->full = i->z->avail_out == 0;
	if (count == 0)
		return i->rc != RC_OK ? i->rc : RC_AGAIN;
	*ret_count = count;
	return RC_OK;
}

bool
inflater_has_more(const struct inflater *i)
{
	return i->full || i->rc != RC_OK;
}
