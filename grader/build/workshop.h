/* workshop.h - make things with tools, once: each thing is a command line whose result is kept in the cache.
 *
 *     struct work *work = work_new(shop, "check.c for tsan", "check.o");
 *     work_words(work, "clang", "-c", "check.c", "-o", OUT "/check.o", NULL);
 *     work_hashed(work, sum);                                  // what the words do not tell: the content of
 * check.c workshop_make(shop, &work, 1, &err);                     // from the cache, or by running it if
 * (work->folder) ... work_product(work)
 */
#ifndef DEEPEND_WORKSHOP_H
#define DEEPEND_WORKSHOP_H

#include "base/error.h"
#include "base/file.h"
#include "build/cache.h"
#include "build/toolchain.h"

#define OUT "%OUT" /* in a word: the folder that the thing is made in */

struct workshop {
    void *mem;
    const char *root; /* where tools run */
    const struct toolchain *tools;
    struct cache *cache;
    unsigned ran; /* how many things had to be made */
};

struct work {
    struct workshop *shop;
    const char *what;    /* for people: "check.c for tsan" */
    const char *product; /* the file that is wanted of it */
    const char **words;
    size_t word_count;
    const char *input_name,
        *input_text;  /* a file to put in the folder first, or NULL; the tool then runs there */
    const char *sums; /* further content that goes into the key */
    unsigned cpu_seconds;
    size_t file_bytes, memory_bytes;
    char key[SHA256_TEXT]; /* set at the first need of it: the words must be complete by then */
    /* results of workshop_make */
    char *folder; /* of the entry, or NULL: the tool said no */
    char *output; /* what the tool printed, now or when the entry was made */
    int exit_code;
};

struct work *work_new(struct workshop *shop, const char *what, const char *product);
void work_words(struct work *work, ...) __attribute__((sentinel));
void work_list(struct work *work, const char *const *words); /* up to NULL */
void work_hashed(struct work *work, const char *sum);

/* Where the product lies, or will lie. Words, sums and input must be complete. */
const char *work_product(struct work *work);

/* Whether the entry is there and intact; fills the results if so. */
int work_find(struct work *work);

/* Find or make all; two tools at a time. -1 (error_grader) when a tool cannot be started or the cache not be
 * written; a tool that fails leaves `folder` NULL. */
int workshop_make(struct workshop *shop, struct work **works, size_t count, struct error *err);

/* Why a tool failed. */
enum work_failure {
    WORK_WORDS,  /* it did not like its input and said so */
    WORK_TIME,   /* over the limit of processor time */
    WORK_SIZE,   /* of file size */
    WORK_MEMORY, /* of memory */
    WORK_DISK,   /* nothing can be written any more */
    WORK_CRASHED /* its own fault, or somebody killed it */
};
enum work_failure work_failure(const struct work *work);

/* Whether a line of what the tool printed begins with HEAD and holds TEXT. What a source makes a compiler say
 * begins with the file's name, so HEAD tells the tool's own words from those. */
int work_says(const struct work *work, const char *head, const char *text);

#endif
