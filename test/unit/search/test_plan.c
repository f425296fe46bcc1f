/* SPDX-License-Identifier: MIT
 *
 * The plan of a search: its single tests, and that no verdict given early is
 * taken back when more is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/plan.h"

static const struct uid_range few[] = { { 2, 2 }, { 5, 9 }, { 20, 30 } };

static const struct message message = {
	.seq = 7,
	.uid = 25,
	.flags = FLAG_SEEN | FLAG_DRAFT,
	.keywords = 5,
	.recent = true,
	.size = 1000,
	.internal_date = -5,
	.save_date = 11,
	.email = 5,
	.modseq = 77,
};

static enum verdict
verdict_of(struct plan_node *n)
{
	struct plan p = { .root = n };
	struct plan_facts facts = { .message = &message };

	return plan_verdict(&p, &facts);
}

static void
test_list_tests(void **state)
{
	struct {
		struct plan_node node;
		enum verdict want;
	} cases[] = {
		{ { .kind = PLAN_ALL }, VERDICT_YES },
		{ { .kind = PLAN_ALL, .negate = true }, VERDICT_NO },
		{ { .kind = PLAN_FLAGS, .bits = { FLAG_SEEN, FLAG_SEEN } },
		    VERDICT_YES },
		{ { .kind = PLAN_FLAGS, .bits = { FLAG_SEEN, 0 } },
		    VERDICT_NO },
		{ { .kind = PLAN_FLAGS, .bits = { FLAG_DELETED, 0 } },
		    VERDICT_YES },
		{ { .kind = PLAN_KEYWORDS, .bits = { 4, 4 } }, VERDICT_YES },
		{ { .kind = PLAN_KEYWORDS, .bits = { 2, 2 } }, VERDICT_NO },
		{ { .kind = PLAN_RECENT }, VERDICT_YES },
		{ { .kind = PLAN_SIZE, .range = { 1001, INT64_MAX } },
		    VERDICT_NO },
		{ { .kind = PLAN_SIZE, .range = { 1000, 1000 } }, VERDICT_YES },
		{ { .kind = PLAN_DATE, .range = { INT64_MIN, -5 } },
		    VERDICT_YES },
		{ { .kind = PLAN_DATE, .range = { INT64_MIN, -6 } },
		    VERDICT_NO },
		{ { .kind = PLAN_EMAIL, .bits = { .value = 5 } }, VERDICT_YES },
		{ { .kind = PLAN_EMAIL, .bits = { .value = 6 } }, VERDICT_NO },
		{ { .kind = PLAN_SAVED, .range = { 11, 11 } }, VERDICT_YES },
		{ { .kind = PLAN_SAVED, .range = { 12, INT64_MAX } },
		    VERDICT_NO },
		{ { .kind = PLAN_MODSEQ, .range = { 77, INT64_MAX } },
		    VERDICT_YES },
		{ { .kind = PLAN_SEQS, .set = { few, 3 } }, VERDICT_YES },
		{ { .kind = PLAN_UIDS, .set = { few, 3 } }, VERDICT_YES },
		{ { .kind = PLAN_UIDS, .set = { few, 2 } }, VERDICT_NO },
		{ { .kind = PLAN_UIDS, .set = { few, 0 } }, VERDICT_NO },
		{ { .kind = PLAN_SEQS, .set = { few, 1 } }, VERDICT_NO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(verdict_of(&cases[i].node), cases[i].want);
}

static void
test_content_is_open_until_its_stage(void **state)
{
	struct plan_node text = { .kind = PLAN_TEXT, .stage = STAGE_BODY };
	struct match_needle needle = { .found = false };
	struct plan p = { .root = &text, .needles = &needle };
	struct plan_facts facts = { .message = &message };

	(void)state;
	facts.stage = STAGE_HEADER;
	assert_int_equal(plan_verdict(&p, &facts), VERDICT_OPEN);
	needle.found = true;
	assert_int_equal(plan_verdict(&p, &facts), VERDICT_YES);
	text.negate = true;
	assert_int_equal(plan_verdict(&p, &facts), VERDICT_NO);
	needle.found = false;
	assert_int_equal(plan_verdict(&p, &facts), VERDICT_OPEN);
	facts.stage = STAGE_BODY;
	assert_int_equal(plan_verdict(&p, &facts), VERDICT_YES);
}

static void
test_sent_needs_a_date(void **state)
{
	struct plan_node sent = {
		.kind = PLAN_SENT, .stage = STAGE_RECORD, .range = { 10, 20 }
	};
	struct plan p = { .root = &sent };
	struct plan_facts facts = { .message = &message, .sent_day = 15 };

	(void)state;
	facts.stage = STAGE_RECORD;
	assert_int_equal(plan_verdict(&p, &facts), VERDICT_NO);
	facts.sent_valid = true;
	assert_int_equal(plan_verdict(&p, &facts), VERDICT_YES);
	facts.sent_day = 21;
	assert_int_equal(plan_verdict(&p, &facts), VERDICT_NO);
	facts.stage = STAGE_LIST;
	assert_int_equal(plan_verdict(&p, &facts), VERDICT_OPEN);
}

static void
test_children_are_in_order_of_stage(void **state)
{
	struct plan_node body = { .kind = PLAN_TEXT, .stage = STAGE_BODY };
	struct plan_node all = { .kind = PLAN_ALL };
	struct plan_node field = { .kind = PLAN_FIELD, .stage = STAGE_HEADER };
	struct plan_node both = { .kind = PLAN_AND };

	(void)state;
	plan_adopt(&both, &field);
	assert_int_equal(both.stage, STAGE_HEADER);
	plan_adopt(&both, &body);
	plan_adopt(&both, &all);
	assert_int_equal(both.stage, STAGE_BODY);
	assert_ptr_equal(both.children, &all);
	assert_ptr_equal(all.next, &field);
	assert_ptr_equal(field.next, &body);
	assert_null(body.next);
}

static void
test_bounds(void **state)
{
	struct plan_node set = { .kind = PLAN_UIDS, .set = { few, 3 } };
	struct plan_node both = { .kind = PLAN_AND };
	struct plan p = { .root = &set };

	(void)state;
	assert_ptr_equal(plan_bounds(&p), &set);
	set.negate = true;
	assert_null(plan_bounds(&p));
	plan_adopt(&both, &set);
	p.root = &both;
	assert_null(plan_bounds(&p));
	set.negate = false;
	assert_ptr_equal(plan_bounds(&p), &set);
	both.negate = true;
	assert_null(plan_bounds(&p));
	both = (struct plan_node){ .kind = PLAN_OR, .children = &set };
	assert_null(plan_bounds(&p));
}

/* -- random trees ------------------------------------------------------- */

#define NODES	40
#define NEEDLES 6

struct forest {
	struct plan_node nodes[NODES];
	size_t used;
	struct plan_field fields[NEEDLES];
	struct match_needle needles[NEEDLES];
	uint64_t seed;
};

static unsigned
roll(struct forest *f, unsigned sides)
{
	f->seed = f->seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(f->seed >> 33) % sides;
}

static struct plan_node *
grow(struct forest *f, unsigned depth)
{
	struct plan_node *n = &f->nodes[f->used++];
	unsigned kind = roll(f, depth == 0 || f->used > NODES - 8 ? 3 : 5);

	*n = (struct plan_node){ .negate = roll(f, 2) == 0 };
	if (kind == 0) {
		n->kind = PLAN_FLAGS;
		n->bits.mask = 1u << roll(f, 5);
		n->bits.value = n->bits.mask;
	} else if (kind < 3) {
		n->kind = kind == 1 ? PLAN_FIELD : PLAN_TEXT;
		n->stage = kind == 1 ? STAGE_HEADER : STAGE_BODY;
		n->index = roll(f, NEEDLES);
	} else {
		n->kind = kind == 3 ? PLAN_AND : PLAN_OR;
		for (unsigned i = roll(f, 3); i + 1 > 0; i--)
			plan_adopt(n, grow(f, depth - 1));
	}
	return n;
}

static void
test_no_verdict_is_taken_back(void **state)
{
	struct forest f = { .seed = 20261124 };

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct plan p = { .fields = f.fields, .needles = f.needles };
		struct plan_facts facts = { .message = &message };
		enum verdict early = VERDICT_OPEN;

		f.used = 0;
		p.root = grow(&f, 3);
		for (int i = 0; i < NEEDLES; i++)
			f.fields[i].found = f.needles[i].found = false;
		for (int stage = STAGE_LIST; stage <= STAGE_BODY; stage++) {
			enum verdict now;

			for (int i = 0; i < NEEDLES; i++) {
				if (stage == STAGE_HEADER)
					f.fields[i].found = roll(&f, 2) == 0;
				if (stage >= STAGE_HEADER)
					f.needles[i].found |= roll(&f, 3) == 0;
			}
			facts.stage = (enum plan_stage)stage;
			now = plan_verdict(&p, &facts);
			if (early != VERDICT_OPEN)
				assert_int_equal(now, early);
			if (facts.stage >= p.root->stage)
				assert_int_not_equal(now, VERDICT_OPEN);
			early = now;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_tests),
		cmocka_unit_test(test_content_is_open_until_its_stage),
		cmocka_unit_test(test_sent_needs_a_date),
		cmocka_unit_test(test_children_are_in_order_of_stage),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_no_verdict_is_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
