// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <string.h>

#include "oracle/splat_title.h"

/* What gcc and clang append to the name of a clone of a function. */
static const struct text clones[] = {
	{ ".isra.", 6 }, { ".constprop.", 11 }, { ".part.", 6 }, { ".cold", 5 }, { ".llvm.", 6 },
};

static struct text without_clone(struct text function)
{
	for (size_t i = 0; i < sizeof(clones) / sizeof(clones[0]); i++) {
		const char *clone = text_find(function, clones[i]);

		if (clone)
			function.len = clone - function.p;
	}
	return function;
}

static bool is_symbol(struct text t)
{
	if (!t.len || isdigit((unsigned char)*t.p))
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (!isalnum((unsigned char)t.p[i]) && t.p[i] != '_' && t.p[i] != '.')
			return false;
	}
	return true;
}

bool splat_frame(struct text line, char *function, size_t function_size, char *module,
		 size_t module_size)
{
	struct text word, name, mod, mod_name;
	const char *plus;

	/* "[<ffffffff81000000>]" stood in front of each frame on kernels with old options. */
	line = text_trim(line);
	if (text_has_prefix(line, TEXT("[<"))) {
		if (!text_word(&line, &word))
			return false;
		line = text_trim(line);
	}
	if (!text_word(&line, &word))
		return false;
	plus = text_find(word, TEXT("+0x"));
	if (!plus)
		return false;
	name = without_clone((struct text){ word.p, plus - word.p });
	if (!is_symbol(name))
		return false;
	text_copy(name, function, function_size);
	module[0] = '\0';
	/* "[drm 1234abcd]": the build id may stand beside the name. */
	if (text_word(&line, &mod) && text_skip(&mod, TEXT("[")) &&
	    text_field(&mod, ']', &mod_name))
		text_copy(mod_name, module, module_size);
	return true;
}

/*
 * Functions that find or report what another one did. Left out of the frames, so that the
 * innermost one is the one to look at, and so that a sanitizer does not change the fingerprint.
 */
static const char *const reporters[] = {
	"___kmalloc_large_node",
	"___slab_alloc",
	"__die",
	"__die_body",
	"__dump_stack",
	"__kasan_check_read",
	"__kasan_check_write",
	"__kasan_report",
	"__kasan_slab_free",
	"__kmalloc",
	"__kmalloc_cache_noprof",
	"__kmalloc_node",
	"__kmalloc_noprof",
	"__kmem_cache_alloc_node",
	"__list_add",
	"__list_add_valid",
	"__list_add_valid_or_report",
	"__list_del_entry",
	"__list_del_entry_valid",
	"__list_del_entry_valid_or_report",
	"__lock_acquire",
	"__might_fault",
	"__might_resched",
	"__might_sleep",
	"__report_bug",
	"__schedule",
	"__schedule_bug",
	"__slab_alloc",
	"__slab_err",
	"__slab_free",
	"__wait_for_common",
	"__warn",
	"__warn_printk",
	"alloc_debug_processing",
	"alloc_single_from_new_slab",
	"alloc_single_from_partial",
	"check_bytes_and_report",
	"check_memory_region",
	"check_noncircular",
	"check_object",
	"check_preemption_disabled",
	"check_prev_add",
	"check_prevs_add",
	"check_slab",
	"debug_print_object",
	"debug_smp_processor_id",
	"die",
	"die_addr",
	"dump_stack",
	"dump_stack_lvl",
	"exc_general_protection",
	"exc_invalid_op",
	"exc_page_fault",
	"free_consistency_checks",
	"free_debug_processing",
	"free_to_partial_list",
	"get_from_partial_node",
	"get_partial_node",
	"handle_bug",
	"instrument_atomic_read",
	"io_schedule",
	"irqentry_exit",
	"kasan_check_range",
	"kcsan_setup_watchpoint",
	"kfence_handle_page_fault",
	"kfence_report_error",
	"kfree",
	"kmalloc_trace",
	"kmem_cache_alloc",
	"kmem_cache_alloc_lru",
	"kmem_cache_alloc_lru_noprof",
	"kmem_cache_alloc_node",
	"kmem_cache_alloc_node_noprof",
	"kmem_cache_alloc_noprof",
	"kmem_cache_free",
	"lock_acquire",
	"lockdep_rcu_suspicious",
	"mark_lock",
	"mark_lock_irq",
	"new_slab",
	"nmi_panic",
	"object_err",
	"on_freelist",
	"oops_end",
	"page_fault_oops",
	"panic",
	"preempt_schedule",
	"preempt_schedule_common",
	"preempt_schedule_irq",
	"print_address_description",
	"print_bad_irq_dependency",
	"print_circular_bug",
	"print_deadlock_bug",
	"print_irq_inversion_bug",
	"print_report",
	"print_tail_report",
	"print_trailer",
	"print_usage_bug",
	"refcount_warn_saturate",
	"report_bug",
	"schedule",
	"schedule_preempt_disabled",
	"schedule_timeout",
	"slab_bug",
	"slab_err",
	"slab_fix",
	"slab_free_after_rcu_debug",
	"slab_pad_check",
	"ubsan_epilogue",
	"validate_chain",
	"validate_slab",
	"validate_slab_cache",
	"vpanic",
	"wait_for_common",
	"wait_for_completion",
	"wait_for_completion_timeout",
};

/* Families of them; with the entries of interrupts and exceptions, which noticed it. */
static const char *const reporter_prefixes[] = {
	"__asan_report_", "__ubsan_handle_", "asm_exc_",
	"asm_sysvec_",    "kasan_report",    "kcsan_report_",
};

#define NR(array) (sizeof(array) / sizeof((array)[0]))

bool splat_is_reporter(const char *function)
{
	for (size_t i = 0; i < NR(reporter_prefixes); i++) {
		if (!strncmp(function, reporter_prefixes[i], strlen(reporter_prefixes[i])))
			return true;
	}
	for (size_t i = 0; i < NR(reporters); i++) {
		if (!strcmp(function, reporters[i]))
			return true;
	}
	return false;
}
