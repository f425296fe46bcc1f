/* SPDX-License-Identifier: MIT
 *
 * What the two directions of a compressed stream share.
 */
#include "base/mem.h"
#include "net/zlib_internal.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

/* Memory for compressing: 4 * 2^13 octets of window, 2^15 for looking up in it,
 * and 6 KB.  zlib's default, 256 KB, makes answers of some KB a tenth smaller
 * and messages a twentieth; level 6 makes them smaller by as much again and
 * takes twice the time. */
#define WINDOW_BITS  (-13)
#define MEMORY_LEVEL 6
#define LEVEL	     3
#define INFLATE_BITS (-15) /* all that a peer may use */

/* zlib 1.2.13 takes 70 KB and 39 KB of these, the output 16 KB; what does not
 * fit comes from elsewhere. */
#define DEFLATE_BYTES (96 * 1024)
#define INFLATE_BYTES (48 * 1024)

/* A stream and its memory. */
struct mapping {
	z_stream z;
	size_t size; /* of the whole */
	size_t used; /* of ${bytes} */
	bool lent;   /* the system had no mapping left */
	_Alignas(max_align_t) char bytes[];
};

static bool
is_inside(const struct mapping *m, const char *memory)
{
	return memory >= m->bytes && memory < (const char *)m + m->size;
}

static voidpf
take_memory(voidpf mapping, uInt count, uInt size)
{
	struct mapping *m = mapping;
	size_t bytes = ((size_t)count * size + 63) & ~(size_t)63;
	char *memory = m->bytes + m->used;

	if (bytes > m->size - sizeof(*m) - m->used)
		return mem_resize(NULL, bytes);
	m->used += bytes;
	return memory;
}

static void
give_memory(voidpf mapping, voidpf memory)
{
	if (!is_inside(mapping, memory))
		mem_free(memory);
}

static z_stream *
map(size_t size)
{
	struct mapping *m = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool lent = m == MAP_FAILED;

	if (lent)
		m = mem_alloc(size);
	m->size = size;
	m->lent = lent;
	m->z.zalloc = take_memory;
	m->z.zfree = give_memory;
	m->z.opaque = m;
	return &m->z;
}

static void
unmap(z_stream *z)
{
	struct mapping *m = z->opaque;

	if (m->lent)
		mem_free(m);
	else
		(void)munmap(m, m->size);
}

z_stream *
zlib_deflate_new(char **ret_out)
{
	z_stream *z = map(DEFLATE_BYTES);
	int rc;

	*ret_out = take_memory(z->opaque, 1, ZLIB_OUT_BYTES);
	rc = deflateInit2(z, LEVEL, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL,
	    Z_DEFAULT_STRATEGY);
	assert(rc == Z_OK);
	return z;
}

z_stream *
zlib_inflate_new(void)
{
	z_stream *z = map(INFLATE_BYTES);
	int rc = inflateInit2(z, INFLATE_BITS);

	assert(rc == Z_OK);
	return z;
}

void
zlib_deflate_free(z_stream *z)
{
	if (z == NULL)
		return;
	(void)deflateEnd(z);
	unmap(z);
}

void
zlib_inflate_free(z_stream *z)
{
	if (z == NULL)
		return;
	(void)inflateEnd(z);
	unmap(z);
}

/* In one go, to at most ${room} octets at ${to}; 0 when that does not suffice. */
static size_t
compress_all(const char *from, size_t count, char *to, size_t room)
{
	char *out;
	z_stream *z = zlib_deflate_new(&out);
	int rc;

	z->next_in = (const Bytef *)from;
	z->avail_in = (uInt)count;
	z->next_out = (Bytef *)to;
	z->avail_out = (uInt)room;
	rc = deflate(z, Z_FINISH);
	room -= z->avail_out;
	zlib_deflate_free(z);
	return rc == Z_STREAM_END ? room : 0;
}

size_t
zlib_pack(const char *from, size_t count, char **ret_packed)
{
	char *packed;
	size_t packed_count;

	*ret_packed = NULL;
	if (count == 0)
		return 0;
	packed = mem_resize(NULL, count);
	packed_count = compress_all(from, count, packed, count - 1);
	if (packed_count > 0)
		from = packed;
	else
		packed_count = count;
	*ret_packed = mem_copy(from, packed_count);
	mem_free(packed);
	return packed_count;
}

void
zlib_unpack(struct str packed, char *to, size_t count)
{
	z_stream *z;
	int rc;

	if (packed.n == count) {
		memcpy(to, packed.p, count);
		return;
	}
	z = zlib_inflate_new();
	z->next_in = (const Bytef *)packed.p;
	z->avail_in = (uInt)packed.n;
	z->next_out = (Bytef *)to;
	z->avail_out = (uInt)count;
	rc = inflate(z, Z_FINISH);
	assert(rc == Z_STREAM_END && z->avail_out == 0);
	zlib_inflate_free(z);
}
