// SPDX-License-Identifier: MIT
#include "race/cpus.h"

#include <errno.h>

int race_cpus_read(struct race_cpus *ret_cpus)
{
	cpu_set_t set;
	int cpu;

	if (sched_getaffinity(0, sizeof(set), &set))
		return -errno;
	ret_cpus->count = 0;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			ret_cpus->id[ret_cpus->count++] = cpu;
	return 0;
}

int race_cpus_pick(const struct race_cpus *cpus, unsigned int lane, unsigned int turn)
{
	unsigned int n = (unsigned int)cpus->count;
	unsigned int first = turn % n;
	unsigned int shift;

	if (!lane || n == 1)
		return cpus->id[first];
	/* the lanes above 0 take the other CPUs, one step further each full round */
	shift = (turn / n + lane - 1) % (n - 1);
	return cpus->id[(first + 1 + shift) % n];
}
