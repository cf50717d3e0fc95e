// SPDX-License-Identifier: MIT
#include "errors/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "igt/assert.h"
#include "oracle/ledger.h"
#include "suite/balance.h"

/* What is there now is what must be there later. 0, or -errno when no buffer can be made. */
static int take_base(struct trial *trial)
{
	int ret = env_numbers(&trial->env, &trial->numbers);

	if (ret)
		return ret;
	env_close_files(&trial->env);
	ledger_free(trial->ledger);
	trial->ledger = balance_take();
	env_open_files(&trial->env);
	return 0;
}

static void take_new_base(struct trial *trial)
{
	int ret = take_base(trial);

	igt_assert_f(ret == 0, "no buffer after %s: %s\n", trial->wrong ? trial->first : "a leak",
		     strerror(-ret));
}

bool trial_try_init(struct trial *trial, const struct drm_device *device, char *why, size_t size)
{
	int ret;

	*trial = (struct trial){ .args = calloc(1, CALL_ARGS_MAX) };
	igt_assert(trial->args);
	env_init(&trial->env, device);
	ret = take_base(trial);
	if (ret) {
		snprintf(why, size, "no %s buffers: %s", trial->env.file.driver->buffers->name,
			 strerror(-ret));
		env_finish(&trial->env);
		free(trial->args);
		return false;
	}
	return true;
}

void trial_init(struct trial *trial, const struct drm_device *device)
{
	char why[80];

	igt_require_f(trial_try_init(trial, device, why, sizeof(why)), "%s\n", why);
}

void trial_wrong(struct trial *trial, const struct error_call *call, const char *format, ...)
{
	char text[200];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	if (!trial->wrong++)
		snprintf(trial->first, sizeof(trial->first), "%s: %s", call->name, text);
	igt_info("%s: %s\n", call->name, text);
}

static int make_undisturbed(struct trial *trial, const struct error_call *call)
{
	int ret = env_make(&trial->env, call->things);

	if (ret)
		return ret;
	call->fill(&trial->env, trial->args);
	ret = error_call_make(call, &trial->env, trial->args);
	if (ret >= 0)
		call->undo(&trial->env, trial->args, ret);
	return ret;
}

bool trial_can(struct trial *trial, const struct error_call *call, char *why, size_t size)
{
	const char *missing = error_call_missing(call, &trial->env);
	int ret = 0;

	if (!missing && call->optional) {
		ret = make_undisturbed(trial, call);
		env_drop(&trial->env);
	}
	snprintf(why, size, "%s", missing ? missing : strerror(-ret));
	return !missing && ret >= 0;
}

static void check_numbers(struct trial *trial, const struct error_call *call,
			  const struct env_numbers *before, const char *when)
{
	struct env_numbers after;
	char why[80];
	int ret = env_numbers(&trial->env, &after);

	if (ret)
		trial_wrong(trial, call, "%s: no new handle or fd: %s", when, strerror(-ret));
	else if (env_numbers_compare(before, &after, why, sizeof(why)))
		trial_wrong(trial, call, "%s: %s", when, why);
}

/* Only while the files are closed. @call: NULL for all of them. */
static unsigned int count_leaks(struct trial *trial, const struct error_call *call)
{
	struct ledger_diff *diff;
	unsigned int leaks;
	char line[160];

	igt_assert_f(ledger_settle(trial->ledger, LEDGER_SETTLE_MS, &diff) == 0,
		     "cannot compare the ledgers\n");
	leaks = diff->leaks;
	for (size_t i = 0; call && leaks && i < diff->nr_changes; i++) {
		if (!ledger_change_is(&diff->changes[i], LEDGER_OURS))
			continue;
		ledger_change_text(&diff->changes[i], line, sizeof(line));
		trial_wrong(trial, call, "leak: %s", line);
	}
	ledger_diff_free(diff);
	return leaks;
}

bool trial_again(struct trial *trial)
{
	if (trial->wrong || trial->each)
		return false;
	env_close_files(&trial->env);
	trial->left = count_leaks(trial, NULL);
	env_open_files(&trial->env);
	if (!trial->left)
		return false;
	trial->each = true;
	take_new_base(trial);
	return true;
}

/* What is left over fails the subtest also by the suite's own accounts, which list it. */
void trial_finish(struct trial *trial)
{
	unsigned int leaks;

	env_finish(&trial->env);
	leaks = count_leaks(trial, NULL) + trial->left;
	ledger_free(trial->ledger);
	free(trial->args);
	igt_assert_f(!trial->wrong, "%u errors, the first: %s\n", trial->wrong, trial->first);
	igt_assert_f(!leaks, "%u objects are left over\n", leaks);
	igt_require_f(trial->made, "none of the calls can be made here\n");
	igt_info("%u calls made to fail, %u of them failed\n", trial->made, trial->refused);
}

/* What the call could not tell of: an fd is where the next one comes; the rest the file takes. */
static bool take_lost(struct trial *trial, const struct error_call *call,
		      const struct trial_way *way, int ret, const struct env_numbers *before)
{
	if (ret != -EFAULT || !way->may_lose_answer || !error_call_answers_last(call))
		return false;
	if (call->gives_fd && fcntl(before->fd, F_GETFD) >= 0)
		close(before->fd);
	return true;
}

static void make_again(struct trial *trial, const struct error_call *call)
{
	int ret;

	call->fill(&trial->env, trial->args);
	ret = error_call_make(call, &trial->env, trial->args);
	if (ret < 0)
		return trial_wrong(trial, call, "again, undisturbed: %s", strerror(-ret));
	call->undo(&trial->env, trial->args, ret);
}

static void after_refusal(struct trial *trial, const struct error_call *call,
			  const struct env_numbers *before)
{
	int ret;

	trial->refused++;
	check_numbers(trial, call, before, "after the failed call");
	ret = env_canary(&trial->env);
	if (ret)
		trial_wrong(trial, call, "the buffer after the failed call: %s", strerror(-ret));
	make_again(trial, call);
}

int trial_make(struct trial *trial, const struct error_call *call, const struct trial_way *way)
{
	void *args = trial->args;
	const unsigned int wrong = trial->wrong;
	struct env_numbers before;
	bool lost = false;
	int ret;

	ret = env_make(&trial->env, call->things);
	if (!ret)
		ret = env_numbers(&trial->env, &before);
	if (ret) {
		trial_wrong(trial, call, "what it needs: %s", strerror(-ret));
		env_drop(&trial->env);
		return ret;
	}
	memset(trial->args, 0, CALL_ARGS_MAX);
	trial->made++;
	ret = way->make(trial, call, way, &args);
	if (ret >= 0)
		call->undo(&trial->env, args, ret);
	else
		lost = take_lost(trial, call, way, ret, &before);
	if (lost)
		trial->refused++;
	else if (ret < 0)
		after_refusal(trial, call, &before);
	env_drop(&trial->env);
	if (!lost)
		check_numbers(trial, call, &trial->numbers, "in the end");
	if (lost || trial->each)
		env_close_files(&trial->env);
	if (trial->each)
		count_leaks(trial, call);
	if (lost || trial->each)
		env_open_files(&trial->env);
	if (trial->each && trial->wrong > wrong)
		take_new_base(trial); /* the next call has nothing to do with it */
	return ret;
}
