// SPDX-License-Identifier: MIT
#include "suite/balance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "igt/assert.h"
#include "oracle/parse.h"
#include "sys/debugfs.h"
#include "sys/file.h"
#include "sys/waiting.h"

struct ledger *balance_take(void)
{
	struct ledger *ledger;
	int ret = ledger_take(NULL, &ledger);

	igt_assert_f(ret == 0, "cannot take the ledger: %s\n", strerror(-ret));
	return ledger;
}

int balance_check(const struct ledger *before, struct race_why *why)
{
	struct ledger_diff *diff;
	char line[200];
	int bad = 0, ret;

	ret = ledger_settle(before, LEDGER_SETTLE_MS, &diff);
	if (ret)
		return race_why(why, "cannot compare the ledgers: %s", strerror(-ret));
	for (size_t i = 0; i < diff->nr_changes && !bad; i++) {
		if (!ledger_change_is(&diff->changes[i], LEDGER_OURS))
			continue;
		ledger_change_text(&diff->changes[i], line, sizeof(line));
		bad = race_why(why, "leak: %s", line);
	}
	ledger_diff_free(diff);
	return bad;
}

#define LIST_SIZE (1u << 20)
#define PAUSE_US  1000

static int is_listed(const char *path, char *buf, uint64_t inode)
{
	struct ledger ledger = { 0 };
	struct ledger_status status = { 0 };
	int length = sys_read_file(path, buf, LIST_SIZE), ret;
	bool found = false;

	if (length < 0)
		return length;
	ret = parse_bufinfo((struct text){ buf, (size_t)length }, &ledger, &status);
	for (size_t i = 0; i < ledger.nr_items; i++)
		found |= ledger.items[i].inode == inode;
	free(ledger.items);
	if (ret || found)
		return ret ? ret : 1;
	return status.refused ? -EAGAIN : 0; /* a buffer that is locked now is left out */
}

static int wait_unlisted(const char *path, char *buf, uint64_t inode)
{
	struct sys_wait wait = sys_wait_for(LEDGER_SETTLE_MS, PAUSE_US);
	int ret;

	do
		ret = is_listed(path, buf, inode);
	while ((ret == 1 || ret == -EAGAIN) && sys_wait_again(&wait));
	return ret;
}

int balance_wait_gone(uint64_t inode)
{
	char root[256], path[300];
	char *buf = malloc(LIST_SIZE);
	int ret = buf ? sys_debugfs_path(root, sizeof(root)) : -ENOMEM;

	if (!ret) {
		snprintf(path, sizeof(path), "%s/dma_buf/bufinfo", root);
		ret = wait_unlisted(path, buf, inode);
	}
	free(buf);
	return ret == 1 ? -EBUSY : ret;
}
