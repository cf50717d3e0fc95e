/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_KNOWN_APPLY_H
#define RUNNER_KNOWN_APPLY_H

#include "known/known.h"

/*
 * Marks what the known defects explain in a results document, and what the kernel said:
 *
 * - a test in whose log or on whose console the kernel cried gets "title" and "fingerprint";
 * - one that found a defect all of whose causes are known gets "known": their ids, joined by ", ";
 * - the document's "gemrace" object gets "known": an array with an object for each known defect of
 *   this kernel whose subtests ran, how many ran ("ran") and how many showed it ("shown").
 *
 * The kernel is that of "kernel_release" in the "gemrace" object. Where a task died of a known cry,
 * what the test's own sentences complain of is taken for the consequence; a second cry never is.
 * 0 or -ENOMEM.
 */
int known_apply(const struct known_list *list, json_t *root);

#endif
