/* variants.c - how a program is built and run under each tool. One table, see build.h.
 *
 * Found by trial with clang 14 and Valgrind 3.19; a setting whose reason is not plain from its name has it
 * beside it. Nothing here symbolises: observe/ resolves addresses itself, which is far faster than a
 * symboliser for each report. Every sanitizer ends with the same private exit status; its log, "%LOG" with
 * the process's number behind it, tells what it was. Valgrind's log is "%LOG" itself.
 */
#include "build/build.h"

#include <string.h>

/* One object serves three variants: linked with clang's runtime, with the explorer's, or with both. The
 * explorer tells lines by the addresses that the linker gave. */
#define INSTRUMENTED "-O1", DEBUGGABLE, "-fno-pie", "-fsanitize=thread"

/* Frame pointers and no tail calls: a stack then shows every function that led to a fault. */
#define DEBUGGABLE                                                                                           \
    "-g", "-gdwarf-4", "-gdwarf-aranges", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls"

/* clang's DWARF 5 is not read by Valgrind 3.19. Both tools take the same program, so that it is built once.
 */
#define FOR_VALGRIND "-O1", DEBUGGABLE

/* Calls through a function pointer of another type are told by newer versions only, which would make verdicts
 * depend on the version. */
#define ADDRESS_AND_UNDEFINED                                                                                \
    "-fsanitize=address,undefined", "-fno-sanitize=function", "-fno-sanitize-recover=all"

/* Quotes: the path may hold a colon or a space. */
#define TO_LOG "symbolize=0:log_path=\"%LOG\":exitcode=72"

/* Fair scheduling gives threads their turns in order, so that the same program gives the same report. No
 * vgdb: its pipes lie in /tmp and outlive a killed run. The user's own .valgrindrc is not ours to obey. */
#define VALGRIND                                                                                             \
    "valgrind", "-q", "--command-line-only=yes", "--xml=yes", "--xml-file=%LOG", "--vgdb=no",                \
        "--fair-sched=yes", "--num-callers=30", "--error-limit=no", "--child-silent-after-fork=yes"

const struct variant variant_table[] = {
    {
        .name = "explore",
        .tool = TOOL_NONE,
        .threads = THREADS_EXPLORED,
        .compile = {INSTRUMENTED},
        .time_factor = 1,
        .memory_factor = 1,
        .alone = 1,
        .schedules = 400,
    },
    {
        .name = "explore+tsan",
        .tool = TOOL_NONE,
        .threads = THREADS_EXPLORED_OVER_TSAN,
        .compile = {INSTRUMENTED},
        .time_factor = 15,
        .memory_factor = 6,
        .alone = 1,
        .schedules = 60,
    },
    /* The service of an incident in virtual time. Nothing is instrumented: it runs for ten minutes, and who
     * goes next is no question. */
    {
        .name = "simulate",
        .tool = TOOL_NONE,
        .threads = THREADS_EXPLORED,
        .compile = {"-O2", DEBUGGABLE, "-fno-pie"},
        .time_factor = 1,
        .memory_factor = 1,
        .alone = 1,
        .schedules = 1,
        .simulated = 1,
    },
    {
        .name = "simulate+tsan",
        .tool = TOOL_NONE,
        .threads = THREADS_EXPLORED_OVER_TSAN,
        .compile = {INSTRUMENTED},
        .time_factor = 15,
        .memory_factor = 6,
        .alone = 1,
        .schedules = 1,
        .simulated = 1,
    },
    {
        .name = "tsan",
        .tool = TOOL_TSAN,
        .compile = {INSTRUMENTED},
        .link = {"-no-pie", "-fsanitize=thread"},
        /* A race whose first access has left the history is not reported at all. With history_size=2 that
         * happens after 160,000 to 200,000 further accesses of that thread, with 7, the most, after 250,000
         * to 400,000 [run]. At exit nobody sleeps: the check has joined its threads, and the census looks for
         * the others. */
        .environment =
            {"TSAN_OPTIONS=" TO_LOG ":report_bugs=1:history_size=7:second_deadlock_stack=1:"
             "detect_deadlocks=1:atexit_sleep_ms=0:halt_on_error=0:print_suppressions=0:suppressions=\"\":"
             "allocator_may_return_null=1"},
        .time_factor = 15,
        .memory_factor = 6,
        .memory_base_mb = 128,
        .alone = 0,
    },
    {
        .name = "memory",
        .tool = TOOL_ASAN,
        .compile = {"-O1", DEBUGGABLE, ADDRESS_AND_UNDEFINED},
        .link = {ADDRESS_AND_UNDEFINED},
        .environment =
            {"ASAN_OPTIONS=" TO_LOG ":detect_leaks=1:detect_stack_use_after_return=1:halt_on_error=1:"
             "quarantine_size_mb=64:allocator_may_return_null=1:print_suppressions=0:suppressions=\"\"",
             "UBSAN_OPTIONS=" TO_LOG ":print_stacktrace=1:report_error_type=1:suppressions=\"\"",
             "LSAN_OPTIONS=exitcode=72:print_suppressions=0:suppressions=\"\""},
        .time_factor = 6,
        .memory_factor = 4,
        .memory_base_mb = 256,
        .alone = 0,
    },
    {
        .name = "memcheck",
        .tool = TOOL_MEMCHECK,
        .compile = {FOR_VALGRIND},
        .wrapper = {VALGRIND, "--tool=memcheck", "--leak-check=full",
                    "--show-leak-kinds=definite,indirect,possible",
                    "--errors-for-leak-kinds=definite,indirect"},
        .time_factor = 60,
        .memory_factor = 4,
        .memory_base_mb = 256,
        .alone = 0,
    },
    {
        .name = "helgrind",
        .tool = TOOL_HELGRIND,
        .compile = {FOR_VALGRIND},
        .wrapper = {VALGRIND, "--tool=helgrind",
                    "--history-level=full"}, /* full: the stacks of both accesses */
        .time_factor = 150,
        .memory_factor = 6,
        .memory_base_mb = 256,
        .alone = 0,
    },
    {
        .name = "native",
        .tool = TOOL_NONE,
        .compile = {"-O2", "-g", "-gdwarf-4", "-gdwarf-aranges", "-fno-omit-frame-pointer"},
        .time_factor = 1,
        .memory_factor = 1,
        .memory_base_mb = 16,
        .alone = 1,
    },
    /* The service of an incident in real time, with its endpoint. */
    {
        .name = "live",
        .tool = TOOL_NONE,
        .compile = {"-O2", "-g", "-gdwarf-4", "-gdwarf-aranges", "-fno-omit-frame-pointer"},
        .time_factor = 1,
        .memory_factor = 1,
        .memory_base_mb = 16,
        .alone = 1,
        .live = 1,
        .libraries = {"-lmicrohttpd"},
    },
    {.name = NULL},
};

const struct variant *variant_find(const char *name)
{
    for (const struct variant *variant = variant_table; variant->name; variant++)
        if (strcmp(variant->name, name) == 0)
            return variant;
    return NULL;
}
