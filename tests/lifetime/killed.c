// SPDX-License-Identifier: MIT
#include "lifetime/killed.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drm/gem.h"
#include "drm/prime.h"
#include "igt/assert.h"
#include "igt/child.h"
#include "race/race.h"
#include "race/rng.h"
#include "suite/balance.h"
#include "suite/dmabuf_check.h"
#include "suite/kept.h"
#include "suite/name_check.h"
#include "sys/clock.h"

#define VICTIMS     8   /* killed between two looks at the ledger */
#define MOST_CALLS  400 /* after which a victim is killed at the latest */
#define START_MS    10000
#define BATCHES_MIN 2

enum step {
	STEP_OPEN_FILE,
	STEP_CREATE,
	STEP_FLINK,
	STEP_EXPORT,
	STEP_OPEN_NAME,
	STEP_IMPORT,
	STEP_CLOSE_FD,
	STEP_CLOSE,
	STEP_CLOSE_FILE,
	STEPS,
};

static const char *const step_names[STEPS] = {
	"open file", "create",   "flink", "export",     "open by name",
	"import",    "close fd", "close", "close file",
};

/* What the victim tells; shared. */
struct witness {
	_Atomic unsigned int calls;
	_Atomic int step;  /* under way, or the last one */
	_Atomic int error; /* -errno of a call that must succeed */
};

struct scene {
	struct kept kept;
	uint32_t handle, name; /* of the kept object, in file 0 */
	struct witness *witness;
	unsigned int at[STEPS]; /* how many were killed in each step */
};

static void tell(struct witness *witness, enum step step, int ret)
{
	if (ret)
		atomic_store(&witness->error, ret);
	atomic_store(&witness->step, (step + 1) % STEPS);
	atomic_fetch_add(&witness->calls, 1);
}

/* All of it again and again: objects of its own, and the one it shares with its killer. */
static void live(const struct scene *scene, const struct drm_device *device)
{
	struct witness *witness = scene->witness;
	struct drm_file file = DRM_FILE_CLOSED;
	uint32_t own, opened, imported, name;
	int fd = -1;

	for (;;) {
		own = opened = imported = 0;
		tell(witness, STEP_OPEN_FILE,
		     __drm_file_open(&drm_io_kernel, device->primary, &file));
		tell(witness, STEP_CREATE, __gem_create(&file, GEM_SMALL, &own));
		tell(witness, STEP_FLINK, __gem_flink(&file, own, &name));
		tell(witness, STEP_EXPORT, __prime_handle_to_fd(&file, own, &fd));
		tell(witness, STEP_OPEN_NAME, __gem_open(&file, scene->name, &opened, NULL));
		tell(witness, STEP_IMPORT, __prime_fd_to_handle(&file, scene->kept.fd, &imported));
		tell(witness, STEP_CLOSE_FD, close(fd) ? -errno : 0);
		tell(witness, STEP_CLOSE, __gem_close(&file, imported));
		drm_file_close(&file);
		tell(witness, STEP_CLOSE_FILE, 0);
	}
}

static void kill_one(struct scene *scene, const struct drm_device *device, unsigned int calls)
{
	uint64_t deadline = sys_now_ms() + START_MS;
	struct witness *witness = scene->witness;
	int status, step;
	pid_t pid;

	atomic_store(&witness->calls, 0);
	atomic_store(&witness->step, STEP_OPEN_FILE);
	pid = fork();
	igt_assert_f(pid >= 0, "fork failed\n");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		live(scene, device);
		_exit(0);
	}
	while (atomic_load(&witness->calls) < calls && sys_now_ms() < deadline)
		sched_yield();
	step = atomic_load(&witness->step);
	kill(pid, SIGKILL);
	igt_assert_f(waitpid(pid, &status, 0) == pid, "the victim is not there\n");
	igt_assert_f(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
		     "the victim ended by itself\n");
	igt_assert_f(atomic_load(&witness->calls) >= calls, "%u of %u calls in %d s\n",
		     atomic_load(&witness->calls), calls, START_MS / 1000);
	igt_assert_f(!atomic_load(&witness->error), "the victim's call: %s\n",
		     strerror(-atomic_load(&witness->error)));
	scene->at[step]++;
}

/* Nothing of the victims is left, and what they shared is as it was. */
static void look(struct scene *scene, const struct ledger *before)
{
	struct race_why why;

	igt_assert_f(!balance_check(before, &why), "left by killed processes: %s\n", why.text);
	igt_assert_f(!dmabuf_check_count(scene->kept.fd, 3,
					 "the fd, the object's link, one file's cache", &why),
		     "%s\n", why.text);
	igt_assert_f(!name_check_kept(&scene->kept.file[0], scene->handle, scene->name, &why),
		     "%s\n", why.text);
}

void killed_in_the_middle(const struct suite *suite, const struct drm_device *device,
			  const void *data)
{
	struct race_rng rng = { suite->settings.seed };
	struct scene scene = { 0 };
	struct ledger *before;
	unsigned int batches;
	uint64_t end;

	kept_init(&scene.kept, device, KEPT_FLINK | KEPT_OBJECT);
	igt_assert_eq(kept_handle(&scene.kept, 0, &scene.handle), 0);
	scene.name = gem_flink(&scene.kept.file[0], scene.handle);
	scene.witness = race_shared_alloc(sizeof(*scene.witness));
	igt_assert(scene.witness);
	before = balance_take();
	end = sys_now_ms() + suite->settings.race_ms;
	for (batches = 0; batches < BATCHES_MIN || sys_now_ms() < end; batches++) {
		for (int i = 0; i < VICTIMS; i++)
			kill_one(&scene, device, 1 + race_rng_below(&rng, MOST_CALLS));
		look(&scene, before);
	}
	ledger_free(before);
	igt_info("%u processes killed, in or before:\n", batches * VICTIMS);
	for (int i = 0; i < STEPS; i++)
		igt_info("  %s: %u\n", step_names[i], scene.at[i]);
	race_shared_free(scene.witness, sizeof(*scene.witness));
	kept_finish(&scene.kept);
}
