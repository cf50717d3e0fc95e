// SPDX-License-Identifier: MIT
#include "prove/record.h"

#include "kernel/kernel.h"
#include "options.h"
#include "prove/mutant.h"
#include "prove/proof.h"

#include <time.h>

static void take(json_t *root, json_t *about, const char *key)
{
	json_t *value = json_object_get(about, key);

	if (value)
		json_object_set(root, key, value);
}

json_t *record_run(const struct options *o, const struct kernel *kernel, json_t *about)
{
	static const char *const kept[] = { "accel", "machine", "detectors", "version" };
	char date[32];
	time_t now = time(NULL);
	struct tm tm;
	json_t *root, *tests = json_array();

	strftime(date, sizeof(date), "%Y-%m-%d", gmtime_r(&now, &tm));
	root = json_pack("{s:s, s:s, s:s, s:s, s:b, s:i}", "date", date, "kernel", kernel->release,
			 "origin", kernel->origin, "profile", o->profile, "blind", o->blind,
			 "boots", o->boots);
	for (size_t i = 0; i < o->include.count; i++)
		json_array_append_new(tests, json_string(o->include.at[i]));
	json_object_set_new(root, "tests", tests);
	if (o->race_time_s > 0)
		json_object_set_new(root, "race_time_s", json_real(o->race_time_s));
	if (o->append)
		json_object_set_new(root, "append", json_string(o->append));
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		take(root, about, kept[i]);
	return root;
}

json_t *record_mutant(const struct proof *proof, const struct proof *peer, double build_s)
{
	const struct mutant *m = proof->mutant;
	json_t *record = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:f}", "id", m->id, "title",
				   m->title, "origin", m->origin, "kind", mutant_kind_word(m->kind),
				   "module", m->module, "survives", m->survives, "build_s",
				   build_s);

	json_object_update_new(record, proof_json(proof));
	if (peer)
		json_object_set_new(record, "igt", proof_json(peer));
	return record;
}

json_t *record_control(const struct proof *proof)
{
	json_t *record = json_pack("{s:s}", "devices", proof->devices);

	json_object_update_new(record, proof_json(proof));
	return record;
}
