/* SPDX-License-Identifier: MIT */
#include "samples.h"

#include <stdarg.h>

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

uint64_t
samples_percentile(struct samples *s, double percent)
{
	size_t at;

	if (s->v.n == 0)
		fail("nothing was measured");
	qsort(s->v.v, s->v.n, sizeof(*s->v.v), compare);
	at = (size_t)((double)s->v.n * percent / 100);
	return s->v.v[at < s->v.n ? at : s->v.n - 1];
}

void
rate_begin(struct rate *r, const struct options *o)
{
	*r = (struct rate){ .o = o, .before = cost_now(o, true) };
	r->from_ns = now_ns();
}

void
rate_end(struct rate *r, const char *name_format, ...)
{
	uint64_t ns = now_ns() - r->from_ns;
	struct cost after = cost_now(r->o, true);
	double count = (double)r->samples.v.n;
	char name[128];
	va_list ap;

	va_start(ap, name_format);
	vsnprintf(name, sizeof(name), name_format, ap);
	va_end(ap);
	measure(count / ((double)ns / 1e9), "%s.per_s", name);
	measure((double)samples_percentile(&r->samples, 50) / 1e3, "%s.p50_us",
	    name);
	measure((double)samples_percentile(&r->samples, 99) / 1e3, "%s.p99_us",
	    name);
	measure((double)samples_percentile(&r->samples, 100) / 1e3, "%s.max_us",
	    name);
	measure((double)(after.client_ns - r->before.client_ns) / 1e3 / count,
	    "%s.client_us", name);
	if (r->o->pid != 0) {
		measure((double)(after.cpu_ns - r->before.cpu_ns) / 1e3 / count,
		    "%s.cpu_us", name);
		measure((double)cost_memory(r->o) / 1024, "%s.pss_kb", name);
	}
	if (r->o->disk != NULL)
		measure((double)(after.written - r->before.written) / count,
		    "%s.written_bytes", name);
	vec_fini(&r->samples.v);
}

void
duration_print(
    const struct options *o, struct cost before, uint64_t ns, const char *name)
{
	measure((double)ns / 1e6, "%s.ms", name);
	if (o->pid != 0)
		measure(
		    (double)(cost_now(o, false).cpu_ns - before.cpu_ns) / 1e6,
		    "%s.cpu_ms", name);
}
