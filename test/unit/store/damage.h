/* SPDX-License-Identifier: MIT
 *
 * For tests that damage files of a store.
 */
#ifndef AVOCET_TEST_STORE_DAMAGE_H
#define AVOCET_TEST_STORE_DAMAGE_H

#include "store_help.h"

#include <sys/stat.h>

#include "store/segment_file.h"

static inline void
damage_path(
    const struct help *h, const char *name, char path[HELP_PATH_BYTES * 2])
{
	(void)snprintf(path, HELP_PATH_BYTES * 2, "%s/%s", h->folder, name);
}

static inline size_t
damage_size(const char *path)
{
	struct stat facts;

	assert_int_equal(stat(path, &facts), 0);
	return (size_t)facts.st_size;
}

/* Change a bit of the byte at ${at}. */
static inline void
damage_flip(const char *path, size_t at)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char byte;

	assert_true(fd >= 0);
	assert_int_equal(segment_read(fd, at, &byte, 1), RC_OK);
	byte = (char)(byte ^ 0x10);
	assert_int_equal(segment_write(fd, at, &byte, 1), RC_OK);
	(void)close(fd);
}

/* Where the bytes stand in the file; it holds them. */
static inline size_t
damage_find(const char *path, const char *text)
{
	size_t size = damage_size(path);
	char *bytes = mem_alloc(size), *at;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t place;

	assert_int_equal(segment_read(fd, 0, bytes, size), RC_OK);
	(void)close(fd);
	at = memmem(bytes, size, text, strlen(text));
	assert_non_null(at);
	place = (size_t)(at - bytes);
	mem_free(bytes);
	return place;
}

#endif
