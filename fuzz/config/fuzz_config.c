/* SPDX-License-Identifier: MIT
 *
 * Configuration text: any bytes give a configuration or problems, each with a
 * key and a text.
 */
#include <assert.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { .p = (const char *)data, .n = size };
	struct config *c = config_parse(text, "fuzz.conf", "/nonexistent");

	for (size_t i = 0; i < c->problem_count; i++)
		assert(
		    c->problems[i].key != NULL && c->problems[i].text != NULL);
	if (c->problem_count == 0)
		assert(c->shards > 0 && c->workers > 1);
	config_free(c);
	return 0;
}
