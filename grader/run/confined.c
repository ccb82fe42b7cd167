/* confined.c - how a program that the explorer runs is confined, see confined.h. */
#include "run/confined.h"

#include "base/file.h"
#include "run/sandbox.h"
#include "run/seccomp.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

enum {
    PROGRAM_LIMIT = 64 << 20,
    STACK_BYTES = 8 << 20, /* address space that a thread's stack takes, used or not */
    SPARE_BYTES = 64 << 20
};

/* Tokens name what they belong to: the program, by its content, and the check. */
static int hash_program(void *mem, const char *binary, const char *check, char hash[17], struct error *err)
{
    char sum[SHA256_TEXT];
    size_t length;
    char *text = file_read(mem, binary, PROGRAM_LIMIT, &length, err);

    if (!text)
        return -1;
    sha256_bytes(text, length, sum);
    talloc_free(text);
    text = talloc_asprintf(mem, "%s %s", sum, check);
    sha256_bytes(text, strlen(text), sum);
    talloc_free(text);
    snprintf(hash, 17, "%.16s", sum);
    return 0;
}

/* The sanitizer maps far more than any program uses, so it is not limited. */
static size_t memory_for(const struct variant *variant, const struct limits *limits)
{
    if (variant->threads == THREADS_EXPLORED_OVER_TSAN)
        return 0;
    return ((size_t)limits->memory_mb << 20) + (size_t)limits->threads * STACK_BYTES + SPARE_BYTES;
}

int confined_begin(void *mem, struct confined *confined, const struct build *build, const struct run *run,
                   const char *const *arguments, struct error *err)
{
    const struct limits *limits = &build->exercise->limits;

    *confined = (struct confined){
        .confinement = {.command = sandbox_command(mem, run->binary, EXPLORE_FILTER_FD),
                        .filter = seccomp_file(1),
                        .loop_seconds = limits->cpu_ms / 1000 + 1,
                        .memory_bytes = memory_for(run->variant, limits)},
    };
    confined->target = (struct explore_target){.binary = run->binary,
                                               .arguments = arguments,
                                               .confinement = &confined->confinement,
                                               .source_root = build->root,
                                               .source_file = build->submission->name,
                                               .source_text = build->submission->text};
    if (confined->confinement.filter < 0)
        return error_grader(err, "libseccomp cannot make the filter of system calls");
    return hash_program(mem, run->binary, run->check->name, confined->target.hash, err);
}

void confined_end(struct confined *confined)
{
    if (confined->confinement.filter >= 0)
        close(confined->confinement.filter);
}
