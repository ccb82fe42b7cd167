/* submission.c - read and vet a learner's file, see build.h. Each kind of bad file has words of its own. */
#include "build/build.h"

#include "base/file.h"
#include "build/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

/* PATH, or the exercise's file in it when it is a folder. NULL after filling ERR. */
static char *locate(void *mem, const struct exercise *exercise, const char *path, struct error *err)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        error_usage(err, errno == ENOENT ? "there is no file %s" : "cannot look at %s: %s", path,
                    strerror(errno));
        return NULL;
    }
    if (!S_ISDIR(status.st_mode))
        return talloc_strdup(mem, path);
    char *inside = talloc_asprintf(mem, "%s/%s", path, exercise->file);
    if (stat(inside, &status) == 0 && !S_ISDIR(status.st_mode))
        return inside;
    error_usage(err, "%s is a folder without a %s in it: name the file, or the folder that holds it", path,
                exercise->file);
    return NULL;
}

/* Open PATH without waiting for anybody, and only if it is an ordinary file of acceptable size. -1 after
 * filling ERR. */
static int open_ordinary(const char *path, struct error *err)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (descriptor < 0)
        return error_usage(err, "cannot read %s: %s", path, strerror(errno));
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= SUBMISSION_BYTES)
        return descriptor;
    if (!S_ISREG(status.st_mode))
        error_usage(err, "%s is not an ordinary file but a device, pipe or socket", path);
    else
        error_usage(err, "%s is too large: %lld KiB, where at most %d KiB are accepted", path,
                    (long long)status.st_size / 1024, SUBMISSION_BYTES / 1024);
    close(descriptor);
    return -1;
}

static int read_into(struct submission *submission, struct error *err)
{
    int descriptor = open_ordinary(submission->path, err);
    ssize_t got;

    if (descriptor < 0)
        return -1;
    submission->text = talloc_zero_array(submission, char, SUBMISSION_BYTES + 2);
    do {
        got = read(descriptor, submission->text + submission->length,
                   SUBMISSION_BYTES + 1 - submission->length);
        submission->length += got > 0 ? (size_t)got : 0;
    } while (got > 0 || (got < 0 && errno == EINTR));
    int why = errno;
    close(descriptor);
    if (got < 0)
        return error_usage(err, "cannot read %s: %s", submission->path, strerror(why));
    return 0;
}

/* The length of the UTF-8 character at TEXT (Unicode 15, table 3-7), 0 if it is none. */
static size_t utf8_length(const unsigned char *text, size_t left)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        unsigned char length;
    } forms[] = {{0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
                 {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
                 {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (text[0] < forms[i].first_low || text[0] > forms[i].first_high || forms[i].length > left)
            continue;
        if (forms[i].length > 1 && (text[1] < forms[i].second_low || text[1] > forms[i].second_high))
            continue;
        size_t good = 2;
        while (good < forms[i].length && (text[good] & 0xc0) == 0x80)
            good++;
        if (good >= forms[i].length)
            return forms[i].length;
    }
    return 0;
}

static int vet(const struct submission *submission, const struct exercise *exercise, struct error *err)
{
    const char *text = submission->text, *path = submission->path;
    const char *wanted = exercise->program ? "text" : "C source";
    size_t step;

    if (submission->length > SUBMISSION_BYTES)
        return error_usage(err, "%s is too large: at most %d KiB are accepted", path,
                           SUBMISSION_BYTES / 1024);
    if (submission->length == 0)
        return error_usage(err, "%s is empty", path);
    for (size_t at = 0; at < submission->length; at += step) {
        step = utf8_length((const unsigned char *)text + at, submission->length - at);
        if (step == 0)
            return error_usage(err, "%s is not %s: byte %zu is %s", path, wanted, at + 1,
                               text[at] ? "not UTF-8 text" : "zero, as in a binary file");
    }
    if (strspn(text, " \t\r\n\v\f") == submission->length)
        return error_usage(err, "%s has nothing in it but white space", path);
    return 0;
}

struct submission *submission_load(void *mem, const struct exercise *exercise, const char *path,
                                   struct error *err)
{
    struct submission *submission = talloc_zero(mem, struct submission);
    char *found = locate(submission, exercise, path, err);

    if (!found)
        goto fail;
    char *absolute = realpath(found, NULL);
    submission->path = talloc_strdup(submission, absolute ? absolute : found);
    free(absolute);
    submission->name = talloc_strdup(submission, exercise->file);
    if (read_into(submission, err) != 0 || vet(submission, exercise, err) != 0)
        goto fail;
    if (exercise->program && answer_read(submission, err) != 0)
        goto fail;
    sha256_bytes(submission->text, submission->length, submission->sha256);
    return submission;
fail:
    talloc_free(submission);
    return NULL;
}
