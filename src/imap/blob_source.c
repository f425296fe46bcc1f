/* SPDX-License-Identifier: MIT
 *
 * An open blob as a source of output.
 */
#include "imap/blob_source.h"

#include "base/mem.h"
#include "store/store.h"

#include <assert.h>

struct blob_source {
	struct out_source base; /* first: the queue knows only this */
	struct blob *blob;
	unsigned references;
	unsigned *open;
};

static enum rc
source_read(struct out_source *s, uint64_t offset, void *to, size_t size,
    size_t *ret_count)
{
	struct blob_source *source = (struct blob_source *)s;

	return blob_read(source->blob, offset, to, size, ret_count);
}

static void
source_release(struct out_source *s)
{
	struct blob_source *source = (struct blob_source *)s;

	blob_source_unref(&source);
}

struct blob_source *
blob_source_new(struct blob *b, unsigned *open)
{
	struct blob_source *source = mem_alloc(sizeof(*source));

	source->base.read = source_read;
	source->base.release = source_release;
	source->blob = b;
	source->references = 1;
	source->open = open;
	if (open != NULL)
		(*open)++;
	return source;
}

void
blob_source_ref(struct blob_source *source)
{
	source->references++;
}

void
blob_source_unref(struct blob_source **ref)
{
	struct blob_source *source = *ref;

	*ref = NULL;
	if (source == NULL)
		return;
	assert(source->references > 0);
	if (--source->references > 0)
		return;
	if (source->open != NULL)
		(*source->open)--;
	blob_close(source->blob);
	mem_free(source);
}

struct blob *
blob_source_blob(struct blob_source *source)
{
	return source->blob;
}

void
blob_source_queue(
    struct blob_source *source, struct conn *c, uint64_t offset, uint64_t count)
{
	if (count == 0)
		return;
	source->references++;
	conn_out_source(c, &source->base, offset, count);
}
