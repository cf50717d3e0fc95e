// SPDX-License-Identifier: MIT
/* Which package is the kernel that was asked for, and which mirror it comes from. */
#include "fetch/apt.h"
#include "kernel/debian.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const char names[] = "linux-image-6.1.0-9-amd64\n"
			    "linux-image-6.1.0-56-amd64\n"
			    "linux-image-6.1.0-57-cloud-amd64\n"
			    "linux-image-6.1.0-57-rt-amd64\n"
			    "linux-image-6.1.0-58-amd64-unsigned\n"
			    "linux-image-6.1.0-58-amd64-dbg\n"
			    "linux-image-6.12-amd64\n"
			    "linux-image-6.12.99+deb12-amd64\n"
			    "linux-image-6.12.117+deb12-amd64\n"
			    "linux-image-6.12.117+deb12-rt-amd64\n"
			    "linux-image-amd64\n"
			    "linux-image-amd64-dbg\n"
			    "linux-image-rt-amd64\n"
			    "linux-image-6.13.1-arm64\n";

static void expect_image(const char *version, const char *name)
{
	char *picked = debian_pick_image(names, version);

	if (name)
		assert_string_equal(picked, name);
	else
		assert_null(picked);
	free(picked);
}

static void newest_plain_image_wins(void **state)
{
	expect_image("6.1", "linux-image-6.1.0-56-amd64");
	expect_image("6.12", "linux-image-6.12.117+deb12-amd64");
	expect_image("6.12.99", "linux-image-6.12.99+deb12-amd64");
	expect_image(NULL, "linux-image-6.12.117+deb12-amd64");
	expect_image("6", "linux-image-6.12.117+deb12-amd64");
	expect_image("6.13", NULL);
	expect_image("6.2", NULL);
	expect_image("7.2", NULL);
}

static void only_debians_archive_is_used(void **state)
{
	static const char targets[] =
		"Google Inc.\thttps://packages.example.com/apt/\tcloud\tmain\n"
		"Debian\thttp://mirror.example.org/debian-security/\tbookworm-security\tmain\n"
		"Debian\thttp://mirror.example.org/debian/\tbookworm\tmain\n";
	static const char bare[] = "$(ORIGIN)\thttp://mirror.example.org/debian/\tbookworm\tmain\n"
				   "$(ORIGIN)\thttps://x.example.org/node\tnodistro\tmain\n";
	char *s = apt_sources(targets, APT_CONFIGURED, NULL);

	assert_string_equal(
		s, "deb http://mirror.example.org/debian-security/ bookworm-security main\n"
		   "deb http://mirror.example.org/debian/ bookworm main\n");
	free(s);
	s = apt_sources(targets, APT_UNSTABLE, "/k.gpg");
	assert_string_equal(s,
			    "deb [signed-by=/k.gpg] http://mirror.example.org/debian/ sid main\n");
	free(s);
	s = apt_sources(bare, APT_CONFIGURED, NULL);
	assert_string_equal(s, "deb http://mirror.example.org/debian/ bookworm main\n");
	free(s);
	assert_null(apt_sources("", APT_CONFIGURED, NULL));
	assert_null(apt_sources("junk\n\n\t\t\n", APT_UNSTABLE, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(newest_plain_image_wins),
		cmocka_unit_test(only_debians_archive_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
