// SPDX-License-Identifier: MIT
#include "prove/times.h"

#include <stdio.h>
#include <stdlib.h>

void times_add(struct times *t, double s)
{
	double *more = s < 0 ? NULL : reallocarray(t->at, t->count + 1, sizeof(*more));

	if (!more)
		return;
	t->at = more;
	t->at[t->count++] = s;
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double times_percentile(struct times *t, int percent)
{
	if (!t->count)
		return -1;
	qsort(t->at, t->count, sizeof(*t->at), compare_doubles);
	return t->at[(t->count * percent + 99) / 100 - 1];
}

void times_finish(struct times *t)
{
	free(t->at);
	*t = (struct times){ 0 };
}

void times_text(char *buf, size_t size, double s)
{
	if (s < 0)
		snprintf(buf, size, "?");
	else
		snprintf(buf, size, "%.*f", s < 0.1 ? 4 : s < 10 ? 2 : 0, s);
}
