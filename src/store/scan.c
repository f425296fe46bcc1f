/* SPDX-License-Identifier: MIT
 *
 * A window over the file; it grows when a record does not fit.
 */
#include "store/scan.h"

#include <string.h>

#include "base/mem.h"
#include "store/segment_file.h"

#define WINDOW_BYTES (256 * 1024)

void
scan_begin(struct scan *s, int fd, uint64_t salt, uint64_t offset)
{
	*s = (struct scan){ .fd = fd, .salt = salt, .offset = offset };
}

void
scan_end(struct scan *s)
{
	mem_free(s->window);
	s->window = NULL;
	s->window_size = s->window_bytes = 0;
}

static void
make_room(struct scan *s, size_t size)
{
	if (size < WINDOW_BYTES)
		size = WINDOW_BYTES;
	if (s->window_size >= size)
		return;
	s->window = mem_resize(s->window, size);
	s->window_size = size;
}

/* The bytes at ${offset}: ${size} of them, fewer at the end of the file. */
static enum rc
bytes_at(struct scan *s, uint64_t offset, size_t size, struct str *ret_bytes)
{
	size_t have;
	enum rc rc;

	if (offset < s->window_offset ||
	    offset + size > s->window_offset + s->window_bytes) {
		make_room(s, size);
		rc = segment_read_some(
		    s->fd, offset, s->window, s->window_size, &have);
		if (rc != RC_OK)
			return rc;
		s->window_offset = offset;
		s->window_bytes = have;
	}
	*ret_bytes =
	    str_head(str_skip((struct str){ s->window, s->window_bytes },
			 (size_t)(offset - s->window_offset)),
		size);
	return RC_OK;
}

static enum rc
head_at(struct scan *s, uint64_t offset, struct record_head *ret_head)
{
	struct str bytes;
	enum rc rc = bytes_at(s, offset, RECORD_HEADER_BYTES, &bytes);

	if (rc != RC_OK)
		return rc;
	if (bytes.n < RECORD_HEADER_BYTES ||
	    !record_head_take(bytes.p, s->salt, ret_head))
		return RC_EOF;
	return RC_OK;
}

/* The record at ${offset}. */
static enum rc
record_at(struct scan *s, uint64_t offset, struct record *ret_record)
{
	struct record_head head;
	struct str bytes;
	enum rc rc = head_at(s, offset, &head);

	if (rc != RC_OK)
		return rc;
	rc = bytes_at(s, offset, (size_t)record_size(&head), &bytes);
	if (rc != RC_OK)
		return rc;
	return record_take(bytes, offset, s->salt, ret_record) ? RC_OK : RC_EOF;
}

enum rc
scan_next(struct scan *s, struct record *ret_record)
{
	enum rc rc = record_at(s, s->offset, ret_record);

	if (rc == RC_OK)
		s->offset += record_size(&ret_record->head);
	return rc;
}

enum rc
scan_step_over(struct scan *s, struct record_head *ret_head)
{
	struct record_head head;
	struct str last;
	uint64_t end;
	enum rc rc = head_at(s, s->offset, &head);

	if (rc != RC_OK)
		return rc;
	end = s->offset + record_size(&head);
	rc = bytes_at(s, end - 1, 1, &last);
	if (rc == RC_OK && last.n == 0)
		rc = RC_EOF;
	if (rc != RC_OK)
		return rc;
	s->offset = end;
	*ret_head = head;
	return RC_OK;
}

enum rc
scan_resync(struct scan *s)
{
	for (;;) {
		struct record_head head;
		struct record r;
		struct str bytes;
		enum rc rc;

		s->offset = (s->offset + 8) & ~(uint64_t)7;
		rc = bytes_at(s, s->offset, RECORD_HEADER_BYTES, &bytes);
		if (rc != RC_OK)
			return rc;
		if (bytes.n < RECORD_HEADER_BYTES)
			return RC_EOF;
		if (!record_head_take(bytes.p, s->salt, &head))
			continue;
		rc = record_at(s, s->offset, &r);
		if (rc != RC_EOF)
			return rc;
	}
}

enum rc
scan_rest_is_blank(struct scan *s, bool *ret_blank)
{
	static const char zeros[4096];
	uint64_t at = s->offset;

	for (;;) {
		struct str bytes;
		enum rc rc = bytes_at(s, at, sizeof(zeros), &bytes);

		if (rc != RC_OK)
			return rc;
		if (bytes.n > 0 && memcmp(bytes.p, zeros, bytes.n) != 0) {
			*ret_blank = false;
			return RC_OK;
		}
		if (bytes.n < sizeof(zeros)) {
			*ret_blank = true;
			return RC_OK;
		}
		at += bytes.n;
	}
}
