/* SPDX-License-Identifier: MIT
 *
 * Print what the parser makes of message files, one JSON object a line, for
 * test/mime/corpus and for looking at by hand.
 *
 *   mime-dump FILE...            structure, offsets, texts, sort keys
 *   mime-dump -d FILE OFFSET SIZE ENCODING
 *                                 the octets of a body, decoded
 */
#include <sys/stat.h>

#include "base/limits.h"
#include "base/mem.h"
#include "mime/parser.h"
#include "mime/section.h"
#include "mime/sort_keys.h"

/* Odd on purpose: what the parser says must not depend on it. */
#define PIECE_BYTES 4093

static struct str
read_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat status;
	char *bytes;
	size_t n;

	if (file == NULL || fstat(fileno(file), &status) != 0) {
		perror(path);
		exit(1);
	}
	bytes = mem_alloc((size_t)status.st_size + 1);
	n = fread(bytes, 1, (size_t)status.st_size, file);
	(void)fclose(file);
	return (struct str){ bytes, n };
}

static void
print_string(struct str s)
{
	(void)putchar('"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char byte = (unsigned char)s.p[i];

		if (byte == '"' || byte == '\\')
			(void)printf("\\%c", byte);
		else if (byte < ' ' || byte > '~')
			(void)printf("\\u%04x", byte);
		else
			(void)putchar(byte);
	}
	(void)putchar('"');
}

static void
print_text(const char *name, struct str s)
{
	(void)printf(", \"%s\": ", name);
	print_string(s);
}

static void
print_part(const struct mime_part *part)
{
	static const char *const kinds[] = { "leaf", "multipart", "message" };

	(void)printf("{\"kind\": \"%s\", \"depth\": %u, \"header\": [%ju, %ju]"
		     ", \"body\": [%ju, %ju], \"lines\": %ju"
		     ", \"encoding\": %d",
	    kinds[part->kind], part->depth, (uintmax_t)part->header.offset,
	    (uintmax_t)part->header.size, (uintmax_t)part->body.offset,
	    (uintmax_t)part->body.size, (uintmax_t)part->lines,
	    (int)part->encoding);
	print_text("type", part->type);
	print_text("subtype", part->subtype);
	print_text("charset", part->charset);
	(void)putchar('}');
}

static void
print_parts(struct str table)
{
	struct mime_parts parts = mime_parts_begin(table);
	struct mime_part part;
	const char *before = "";

	(void)printf(", \"parts\": [");
	while (mime_parts_next(&parts, &part)) {
		(void)printf("%s", before);
		print_part(&part);
		before = ", ";
	}
	(void)putchar(']');
}

static void
print_sort_keys(struct str packed)
{
	struct mime_sort_keys keys;

	if (!mime_sort_keys_read(packed, &keys))
		return;
	print_text("base_subject", keys.base_subject);
	print_text("message_id", keys.message_id);
	if (keys.sent_valid)
		(void)printf(", \"sent\": %jd", (intmax_t)keys.sent);
}

static void
dump(const char *path)
{
	struct str message = read_file(path);
	struct mime_parser *p = mime_parser_new();
	struct mime_result result;

	for (size_t at = 0; at < message.n; at += PIECE_BYTES)
		mime_parser_write(
		    p, str_head(str_skip(message, at), PIECE_BYTES));
	mime_parser_finish(p, &result);
	(void)printf("{\"file\": ");
	print_string(str_of(path));
	print_text("envelope", result.envelope);
	print_text("body", result.body);
	print_text("bodystructure", result.bodystructure);
	print_parts(result.table);
	print_sort_keys(result.sort_keys);
	(void)printf("}\n");
	mime_parser_free(p);
	mem_free((void *)(uintptr_t)message.p);
}

static size_t
number_of(const char *text)
{
	uint64_t number;

	if (!str_number(str_of(text), SIZE_MAX, &number))
		exit(2);
	return number;
}

static void
decode(char **arguments)
{
	struct str message = read_file(arguments[0]);
	struct str body = str_head(str_skip(message, number_of(arguments[1])),
	    number_of(arguments[2]));
	struct mime_decoder d;
	struct buf out;

	buf_init(&out, body.n + 2 * (size_t)MIME_DECODER_HELD);
	mime_decoder_init(&d, mime_encoding_of(str_of(arguments[3])));
	mime_decoder_write(&d, body, &out);
	mime_decoder_finish(&d, &out);
	if (out.n > 0)
		(void)fwrite(out.p, 1, out.n, stdout);
	buf_fini(&out);
	mem_free((void *)(uintptr_t)message.p);
}

int
main(int argc, char **argv)
{
	if (argc == 6 && str_eq(str_of(argv[1]), STR("-d"))) {
		decode(argv + 2);
		return 0;
	}
	for (int i = 1; i < argc; i++)
		dump(argv[i]);
	return 0;
}
