// SPDX-License-Identifier: MIT
#include "suite/pair.h"

struct race_scenario race_pair_scenario(const struct race_pair *pair, void *ctx,
					void (*tear_down)(void *ctx))
{
	return (struct race_scenario){
		.name = pair->name,
		.nlanes = 2,
		.lanes = { *pair->lane[0], *pair->lane[1] },
		.ctx = ctx,
		.set_up = pair->set_up,
		.tear_down = tear_down,
		.classify = pair->classify,
		.check = pair->check,
	};
}
