/* SPDX-License-Identifier: MIT
 *
 * LMTP command lines: what parses holds no control characters, and its views
 * lie within the line.
 */
#include <assert.h>

#include "proto/lmtp/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool lenient = size > 0 && data[0] >= 'a';
	struct str line = { .p = (const char *)data, .n = size };
	struct lmtp_command m;
	enum lmtp_fault fault;

	m.path.local_size = 0;
	m.path.text = (struct str){ 0 };
	if (!lmtp_parse_command(line, lenient, &m, &fault))
		return 0;
	assert(m.path.local_size <= size && m.path.text.n <= size);
	for (size_t i = 0; i < m.path.local_size; i++)
		assert((unsigned char)m.path.local[i] >= ' ');
	for (size_t i = 0; i < m.path.text.n; i++)
		assert((unsigned char)m.path.text.p[i] >= ' ');
	return 0;
}
