// SPDX-License-Identifier: MIT
#include "results/document.h"

#include "diag.h"
#include "fetch/file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

json_t *results_new(const char *name)
{
	return json_pack("{s:s, s:i, s:s, s:{}, s:{}, s:{}}", "__type__", "TestrunResult",
			 "results_version", RESULTS_VERSION, "name", name, "tests", "totals",
			 "runtimes");
}

int results_load(const char *path, json_t **ret_root, struct diag *d)
{
	json_error_t error;
	json_int_t version;
	json_t *root;

	root = json_load_file(path, 0, &error);
	if (!root)
		return diag_set(d, GEMRACE_HARNESS, EINVAL, "%s: line %d: %s", path, error.line,
				error.text);
	version = json_integer_value(json_object_get(root, "results_version"));
	if (version != RESULTS_VERSION) {
		json_decref(root);
		return diag_set(d, GEMRACE_HARNESS, EINVAL, "%s: results_version %lld, expected %d",
				path, (long long)version, RESULTS_VERSION);
	}
	if (!json_is_object(results_tests(root))) {
		json_decref(root);
		return diag_set(d, GEMRACE_HARNESS, EINVAL, "%s: holds no tests", path);
	}
	*ret_root = root;
	return 0;
}

int results_save(const json_t *root, const char *path, struct diag *d)
{
	char part[PATH_MAX];
	int err = 0;

	snprintf(part, sizeof(part), "%s.part", path);
	errno = 0;
	if (json_dump_file(root, part, JSON_INDENT(2)))
		err = errno ? errno : EIO;
	else
		err = -file_publish(part, path);
	if (!err)
		return 0;
	unlink(part);
	return diag_set(d, GEMRACE_HARNESS, err, "%s: %s", path, strerror(err));
}

json_t *results_tests(const json_t *root)
{
	return json_object_get(root, "tests");
}

json_t *results_info(json_t *root)
{
	json_t *info = json_object_get(root, "gemrace");

	if (!info) {
		info = json_object();
		json_object_set_new(root, "gemrace", info);
	}
	return info;
}

json_t *results_string(const char *text)
{
	json_t *string = json_string(text);
	char *ascii;

	if (string)
		return string;
	ascii = strdup(text);
	for (char *p = ascii; p && *p; p++) {
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	}
	string = ascii ? json_string(ascii) : NULL;
	free(ascii);
	return string;
}

const char *results_word(const json_t *test)
{
	const char *word = json_string_value(json_object_get(test, "result"));

	return word ? word : "notrun";
}

double results_seconds(const json_t *test)
{
	const json_t *time = json_object_get(test, "time");

	return json_number_value(json_object_get(time, "end")) -
	       json_number_value(json_object_get(time, "start"));
}
