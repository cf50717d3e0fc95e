// SPDX-License-Identifier: MIT
#include "fetch/apt.h"

#include "diag.h"
#include "exec/process.h"
#include "fetch/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define QUERY_TIMEOUT_S  120
#define UPDATE_TIMEOUT_S 300
#define FETCH_TIMEOUT_S  1800
#define WORDS_MAX        24
#define LISTS_MAX_AGE_S  (6 * 3600) /* the archive changes four times a day */

static const char *const folders[] = {
	[APT_CONFIGURED] = "configured",
	[APT_UNSTABLE] = "unstable",
};

/* Where Debian keeps the keys that sign its archive; trusted.gpg.d serves where this is missing. */
static const char *const keyrings[] = {
	"/usr/share/keyrings/debian-archive-keyring.pgp",
	"/usr/share/keyrings/debian-archive-keyring.gpg",
};

void apt_close(struct apt *apt)
{
	for (size_t i = 0; i < apt->option_count; i++)
		free(apt->options[i]);
	free(apt->folder);
	*apt = (struct apt){ 0 };
}

static void keep_line(void *data, const char *line)
{
	fprintf(data, "%s\n", line);
}

/*
 * Runs apt-get or apt-cache with our options behind its name, so that they override whatever the
 * machine's own configuration says. @ret_text may be NULL. @in: the folder to run in, or NULL.
 */
static int run(struct apt *apt, const char *in, const char *const *words, double timeout_s,
	       char **ret_text)
{
	_cleanup_free_ char *errors = text_printf("%s/errors", apt->folder), *text = NULL;
	_cleanup_free_ char *said = NULL;
	const char *argv[64];
	size_t n = 0, size;
	FILE *f = open_memstream(&text, &size);
	int status = -1, err = errors && f ? 0 : -ENOMEM;

	if (in) {
		argv[n++] = "env";
		argv[n++] = "-C";
		argv[n++] = in;
	}
	argv[n++] = *words++;
	for (size_t i = 0; i < apt->option_count; i++)
		argv[n++] = apt->options[i];
	while (*words && n < 63)
		argv[n++] = *words++;
	argv[n] = NULL;

	if (!err) {
		const char *const language[] = { "LC_ALL=C", NULL };
		const struct process process = { .argv = argv,
						 .env = language,
						 .stderr_path = errors,
						 .timeout_s = timeout_s,
						 .cancel_fd = notifier_cancel_fd(apt->notifier),
						 .line = keep_line,
						 .data = f };

		err = process_run(&process, &status);
	}
	if (f && fclose(f))
		err = err ? err : -ENOMEM;
	if (!err && status) {
		err = status == 127 ? -ENOENT : -EIO;
		if (!file_read(errors, &said, NULL))
			said[strcspn(said, "\n")] = '\0';
	}
	if (err == -EINTR)
		return diag_set(apt->d, GEMRACE_HARNESS, EINTR, "interrupted");
	if (err)
		return diag_set(apt->d, GEMRACE_HARNESS, -err, "%s %s: %s", argv[in ? 3 : 0],
				argv[n - 1], said && *said ? said : strerror(-err));
	if (ret_text) {
		*ret_text = text;
		text = NULL;
	}
	return 0;
}

static int add_option(struct apt *apt, char *option)
{
	if (!option || apt->option_count + 2 >= sizeof(apt->options) / sizeof(*apt->options)) {
		free(option);
		return -ENOMEM;
	}
	apt->options[apt->option_count++] = strdup("-o");
	apt->options[apt->option_count++] = option;
	return 0;
}

static bool is_archive(const char *origin, const char *uri)
{
	/* The origin is known once the machine has lists; before, an archive's path tells. */
	if (!strcmp(origin, "Debian"))
		return true;
	return (!*origin || *origin == '$' || !strcmp(origin, "-")) &&
	       (text_ends(uri, "/debian/") || text_ends(uri, "/debian") ||
		text_ends(uri, "/debian-security/") || text_ends(uri, "/debian-security"));
}

char *apt_sources(const char *targets, enum apt_suites suites, const char *keyring)
{
	_cleanup_free_ char *copy = strdup(targets), *result = NULL;
	_cleanup_free_ char *trust = keyring ? text_printf("[signed-by=%s] ", keyring) : strdup("");
	char *line, *next = copy;
	size_t size;
	FILE *f = open_memstream(&result, &size);
	char *ret;

	while (f && copy && trust && (line = strsep(&next, "\n"))) {
		char *fields[4] = { 0 };

		for (int i = 0; i < 4; i++)
			fields[i] = strsep(&line, "\t");
		if (!fields[3] || !is_archive(fields[0], fields[1]))
			continue;
		if (suites == APT_CONFIGURED) {
			fprintf(f, "deb %s%s %s %s\n", trust, fields[1], fields[2], fields[3]);
		} else if (!strstr(fields[1], "security")) {
			/*
			 * The mirror's address is what the configuration tells us, not the suite.
			 */
			fprintf(f, "deb %s%s sid main\n", trust, fields[1]);
			break;
		}
	}
	if (f)
		fclose(f);
	if (!result || !*result)
		return NULL;
	ret = result;
	result = NULL;
	return ret;
}

static int write_sources(struct apt *apt, enum apt_suites suites, const char *path)
{
	static const char *const argv[] = {
		"apt-get",
		"indextargets",
		"--format",
		"$(ORIGIN)\t$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)",
		"Created-By: Packages",
		NULL,
	};
	_cleanup_free_ char *targets = NULL, *sources = NULL;
	const char *keyring = NULL;
	int status = -1, err;

	for (size_t i = 0; i < sizeof(keyrings) / sizeof(*keyrings) && !keyring; i++)
		keyring = access(keyrings[i], R_OK) ? NULL : keyrings[i];
	err = process_capture(argv, QUERY_TIMEOUT_S, notifier_cancel_fd(apt->notifier), &targets,
			      &status);
	if (err || status == 127)
		return diag_set(apt->d, GEMRACE_HARNESS, ENOENT,
				"no apt-get here to fetch packages with");
	sources = apt_sources(targets, suites, keyring);
	if (!sources)
		return diag_set(apt->d, GEMRACE_HARNESS, ENOENT,
				"apt knows no mirror of Debian's archive to fetch packages from");
	err = file_write_atomically(path, sources, strlen(sources));
	return err ? diag_set(apt->d, GEMRACE_HARNESS, -err, "%s: %s", path, strerror(-err)) : 0;
}

static bool has_lists(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	bool found = false;

	while (dir && (e = readdir(dir)))
		found = found || strstr(e->d_name, "_Packages");
	if (dir)
		closedir(dir);
	return found;
}

int apt_update(struct apt *apt)
{
	/* Else a mirror that cannot be reached is a warning, and old lists pass for new ones. */
	static const char *const words[] = { "apt-get", "-o", "APT::Update::Error-Mode=any",
					     "update", NULL };
	_cleanup_free_ char *stamp = text_printf("%s/updated", apt->folder);
	int err;

	notify(apt->notifier, "fetching package lists");
	err = run(apt, NULL, words, UPDATE_TIMEOUT_S, NULL);
	if (!err && stamp)
		file_write_atomically(stamp, "", 0); /* without it, the next one updates again */
	return err;
}

static bool is_fresh(const struct apt *apt)
{
	_cleanup_free_ char *stamp = text_printf("%s/updated", apt->folder);
	struct stat st;

	return stamp && !stat(stamp, &st) && time(NULL) - st.st_mtime < LISTS_MAX_AGE_S;
}

/* Old lists name versions that have left the mirror; without a network they are all there is. */
static int refresh(struct apt *apt)
{
	struct diag *d = apt->d, why;
	int err;

	if (is_fresh(apt))
		return 0;
	apt->d = &why;
	err = apt_update(apt);
	apt->d = d;
	return err == -EINTR ? diag_set(d, GEMRACE_HARNESS, EINTR, "interrupted") : 0;
}

static int configure(struct apt *apt, const char *sources)
{
	const char *f = apt->folder;
	_cleanup_free_ char *status = text_printf("%s/status", f);
	_cleanup_free_ char *partial = text_printf("%s/archives/partial", f);
	_cleanup_free_ char *lists = text_printf("%s/lists/partial", f);
	_cleanup_free_ char *nothing = text_printf("%s/nothing/partial", f);
	int err;

	err = status && partial && lists && nothing ? file_make_folder(partial) : -ENOMEM;
	err = err ? err : file_make_folder(lists);
	err = err ? err : file_make_folder(nothing);
	/* Nothing counts as installed: a closure is whole whatever this machine has. */
	err = err ? err : file_write_atomically(status, "", 0);
	if (err)
		return err;
	if (add_option(apt, text_printf("Dir::Etc::SourceList=%s", sources)) ||
	    add_option(apt, strdup("Dir::Etc::SourceParts=/dev/null")) ||
	    add_option(apt, text_printf("Dir::State::Lists=%s/lists", f)) ||
	    add_option(apt, text_printf("Dir::State::status=%s", status)) ||
	    add_option(apt, text_printf("Dir::Cache=%s", f)) ||
	    add_option(apt, text_printf("Dir::Cache::archives=%s/archives", f)) ||
	    add_option(apt, text_printf("Dir::Cache::pkgcache=%s/pkgcache.bin", f)) ||
	    add_option(apt, text_printf("Dir::Cache::srcpkgcache=%s/srcpkgcache.bin", f)) ||
	    /* The lock on the cache folder is ours; dpkg's is not touched. */
	    add_option(apt, strdup("Debug::NoLocking=true")) ||
	    /* _apt could not write below a home folder. */
	    add_option(apt, strdup("APT::Sandbox::User=")) ||
	    /* Testing's and unstable's Release files can be past their date. */
	    add_option(apt, strdup("Acquire::Check-Valid-Until=false")) ||
	    add_option(apt, strdup("Acquire::Languages=none")) ||
	    add_option(apt, strdup("APT::Install-Recommends=false")))
		return -ENOMEM;
	return 0;
}

int apt_open(const char *cache, enum apt_suites suites, const struct notifier *notifier,
	     struct apt *ret, struct diag *d)
{
	struct apt apt = { .notifier = notifier, .d = d };
	_cleanup_free_ char *sources = NULL, *lists = NULL;
	int err;

	apt.folder = text_printf("%s/apt/%s", cache, folders[suites]);
	sources = apt.folder ? text_printf("%s/sources.list", apt.folder) : NULL;
	lists = apt.folder ? text_printf("%s/lists", apt.folder) : NULL;
	err = sources && lists ? configure(&apt, sources) : -ENOMEM;
	if (err)
		diag_set(d, GEMRACE_HARNESS, -err, "%s: %s", apt.folder ? apt.folder : cache,
			 strerror(-err));
	if (!err)
		err = write_sources(&apt, suites, sources);
	if (!err)
		err = has_lists(lists) ? refresh(&apt) : apt_update(&apt);
	if (err)
		apt_close(&apt);
	else
		*ret = apt;
	return err;
}

int apt_names(struct apt *apt, const char *prefix, char **ret_names)
{
	const char *words[] = { "apt-cache", "pkgnames", prefix, NULL };

	return run(apt, NULL, words, QUERY_TIMEOUT_S, ret_names);
}

int apt_depends(struct apt *apt, const char *package, char **ret_text)
{
	const char *words[] = { "apt-cache", "depends", package, NULL };

	return run(apt, NULL, words, QUERY_TIMEOUT_S, ret_text);
}

static size_t fetch_words(const char **words, const char *const *packages, bool closure,
			  const char *extra)
{
	size_t n = 0;

	words[n++] = "apt-get";
	words[n++] = "-qq";
	words[n++] = "-y";
	words[n++] = extra;
	words[n++] = closure ? "install" : "download";
	while (*packages && n < WORDS_MAX - 3)
		words[n++] = *packages++;
	words[n] = NULL;
	return n;
}

int apt_uris(struct apt *apt, const char *const *packages, bool closure, char **ret_uris)
{
	/* What lies there already is not named: look where nothing ever lies. */
	_cleanup_free_ char *nothing = text_printf("%s/nothing", apt->folder);
	_cleanup_free_ char *archives = text_printf("Dir::Cache::archives=%s", nothing);
	const char *words[WORDS_MAX];
	size_t n;

	if (!nothing || !archives)
		return diag_set(apt->d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	n = fetch_words(words, packages, closure, "--print-uris");
	words[n++] = "-o";
	words[n++] = archives;
	words[n] = NULL;
	return run(apt, nothing, words, QUERY_TIMEOUT_S, ret_uris);
}

int apt_download(struct apt *apt, const char *const *packages, bool closure, char **ret_folder)
{
	_cleanup_free_ char *folder = text_printf("%s/archives", apt->folder);
	const char *words[WORDS_MAX];
	int err;

	if (!folder)
		return diag_set(apt->d, GEMRACE_HARNESS, ENOMEM, "out of memory");
	fetch_words(words, packages, closure, "--download-only");
	err = run(apt, folder, words, FETCH_TIMEOUT_S, NULL);
	if (err)
		return err;
	*ret_folder = folder;
	folder = NULL;
	return 0;
}
