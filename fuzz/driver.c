/* SPDX-License-Identifier: MIT
 *
 * Runs a fuzz target without a fuzzing engine: every file of the corpus folder
 * (or each built-in seed when there is none), every prefix of the small ones,
 * and a fixed number of mutations from a fixed seed.  So each run of the tests
 * compiles and exercises the targets, the same way every time.
 *
 *   fuzz_x [FOLDER [ROUNDS [SEED]]]
 */
#include <dirent.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/str.h"

#define INPUT_BYTES_MAX (64 * 1024)
#define PREFIXES_MAX	512
#define ROUNDS		20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	uint8_t *bytes;
	size_t size;
};

static struct input inputs[1024];
static size_t input_count;
static uint64_t state;

/* xorshift64*; the target needs variety, not secrecy. */
static uint64_t
next_random(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 2685821657736338717u;
}

/* The target gets a block of exactly the right size, so that the sanitizer
 * sees a read past its end. */
static void
run(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = mem_copy(bytes, size);

	(void)LLVMFuzzerTestOneInput(copy, size);
	mem_free(copy);
}

static void
add_input(const void *bytes, size_t size)
{
	if (input_count == sizeof(inputs) / sizeof(inputs[0]))
		return;
	inputs[input_count++] = (struct input){ mem_copy(bytes, size), size };
}

static void
add_file(const char *folder, const char *name)
{
	static uint8_t bytes[INPUT_BYTES_MAX];
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	if (file == NULL) {
		perror(path);
		exit(1);
	}
	add_input(bytes, fread(bytes, 1, sizeof(bytes), file));
	(void)fclose(file);
}

static void
add_folder(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.')
			add_file(path, names[i]->d_name);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

static size_t
mutate(uint8_t *bytes, size_t size)
{
	size_t changes = 1 + next_random() % 4;

	while (changes-- > 0 && size > 0) {
		size_t at = next_random() % size;

		switch (next_random() % 5) {
		case 0:
			bytes[at] ^= (uint8_t)(1u << (next_random() % 8));
			break;
		case 1:
			bytes[at] = (uint8_t)next_random();
			break;
		case 2:
			memmove(bytes + at, bytes + at + 1, size - at - 1);
			size--;
			break;
		case 3:
			if (size < INPUT_BYTES_MAX) {
				memmove(bytes + at + 1, bytes + at, size - at);
				size++;
			}
			break;
		default:
			size = at;
			break;
		}
	}
	return size;
}

static void
run_mutations(uint64_t rounds)
{
	static uint8_t bytes[INPUT_BYTES_MAX];

	for (uint64_t i = 0; i < rounds; i++) {
		const struct input *in = &inputs[next_random() % input_count];

		memcpy(bytes, in->bytes, in->size);
		run(bytes, mutate(bytes, in->size));
	}
}

static uint64_t
number_of(const char *text, uint64_t otherwise)
{
	uint64_t number = otherwise;

	if (text != NULL && !str_number(str_of(text), UINT64_MAX, &number))
		exit(2);
	return number;
}

int
main(int argc, char **argv)
{
	uint64_t rounds = number_of(argc > 2 ? argv[2] : NULL, ROUNDS);

	state = number_of(argc > 3 ? argv[3] : NULL, 20260101);
	if (argc > 1)
		add_folder(argv[1]);
	add_input("", 0);
	add_input("a b (c \"d\" {3+}\r\nefg) <h@i> j: k; l=m\r\n\r\n.\r\n", 44);
	for (size_t i = 0; i < input_count; i++) {
		size_t first =
		    inputs[i].size > PREFIXES_MAX ? inputs[i].size : 0;

		for (size_t n = first; n <= inputs[i].size; n++)
			run(inputs[i].bytes, n);
	}
	run_mutations(rounds);
	printf("%zu inputs, %" PRIu64 " mutations\n", input_count, rounds);
	for (size_t i = 0; i < input_count; i++)
		mem_free(inputs[i].bytes);
	return 0;
}
