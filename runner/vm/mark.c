// SPDX-License-Identifier: MIT
#include "vm/mark.h"

#include "fetch/file.h"

#include <string.h>

static const struct {
	const char *verb;
	enum vm_event_kind kind;
	bool dynamic, has_result;
} verbs[] = {
	{ "starting subtest ", VM_EVENT_SUBTEST_START, false, false },
	{ "starting dynamic subtest ", VM_EVENT_DYNAMIC_START, true, false },
	{ "finished subtest ", VM_EVENT_SUBTEST_RESULT, false, true },
	{ "finished dynamic subtest ", VM_EVENT_DYNAMIC_RESULT, true, true },
};

bool mark_parse(char *text, const char *subtest, struct vm_event *ret)
{
	struct vm_event event = { .kind = VM_EVENT_OUTPUT };
	char *colon, *verb, *name, *comma;

	if (!text_starts(text, "[IGT] "))
		return false;
	event.binary = text + strlen("[IGT] ");
	colon = strstr(text, ": ");
	if (!colon)
		return false;
	verb = colon + 2;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (!text_starts(verb, verbs[i].verb))
			continue;
		name = verb + strlen(verbs[i].verb);
		comma = strstr(name, ", ");
		if (verbs[i].has_result && !comma)
			return false;
		*colon = '\0';
		if (comma)
			*comma = '\0';
		event.kind = verbs[i].kind;
		event.subtest = verbs[i].dynamic ? subtest : name;
		event.dynamic = verbs[i].dynamic ? name : NULL;
		event.value = verbs[i].has_result ? comma + 2 : NULL;
		*ret = event;
		return true;
	}
	return false;
}
