/* SPDX-License-Identifier: MIT */
#ifndef RUNNER_BUILD_ROOT_H
#define RUNNER_BUILD_ROOT_H

#include "build/tool.h"

/*
 * Runs tool->argv in a root of its own: the top folders of @packages (unpacked packages, left as
 * they are), the host's /proc and /dev, and what the folder @root holds already. It all happens in
 * a user and mount namespace, so that no privileges are needed and nothing stays mounted. The
 * environment is bare. Otherwise as tool_run().
 */
int root_run(const char *root, const char *packages, const struct tool *tool, char **ret_said);

#endif
