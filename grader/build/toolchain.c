/* toolchain.c - find the tools, see toolchain.h. Their identity is that of their files (place, size, time of
 * change), which costs nothing to ask; running them would. */
#include "build/toolchain.h"

#include <gnu/libc-version.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

static const char *search_path(void)
{
    const char *path = getenv("PATH");
    return path && *path ? path : "/usr/local/bin:/usr/bin:/bin";
}

/* NAME along PATH, absolute, or NULL. */
static char *find(void *mem, const char *name)
{
    char *copy = talloc_strdup(mem, search_path()), *rest = copy, *folder, *found = NULL;
    struct stat status;

    while (!found && (folder = strsep(&rest, ":"))) {
        char *candidate = talloc_asprintf(mem, "%s/%s", folder, name);
        if (folder[0] == '/' && stat(candidate, &status) == 0 && S_ISREG(status.st_mode) &&
            access(candidate, X_OK) == 0)
            found = candidate;
        else
            talloc_free(candidate);
    }
    talloc_free(copy);
    return found;
}

static char *describe(char *text, const char *path)
{
    struct stat status;
    char real[PATH_MAX];

    if (!path || !realpath(path, real) || stat(real, &status) != 0)
        return talloc_strdup_append(text, "-\n");
    return talloc_asprintf_append(text, "%s %lld %lld.%09ld\n", real, (long long)status.st_size,
                                  (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

static const char **environment_make(void *mem)
{
    const char **words = talloc_array(mem, const char *, 4);

    words[0] = talloc_asprintf(words, "PATH=%s", search_path());
    words[1] = "LC_ALL=C";
    words[2] = "LLVM_DISABLE_SYMBOLIZATION=1"; /* a crash of clang's ends at once */
    words[3] = NULL;
    return words;
}

struct toolchain *toolchain_find(void *mem, struct error *err)
{
    struct toolchain *tools = talloc_zero(mem, struct toolchain);

    tools->clang = find(tools, "clang");
    tools->archiver = find(tools, "ar");
    tools->linker = find(tools, "ld.lld");
    if (!tools->clang || !tools->archiver) {
        error_grader(err,
                     "%s is not installed (package %s): `make start` installs it, `deepend doctor` tells "
                     "what else is missing",
                     tools->clang ? "ar" : "clang", tools->clang ? "binutils" : "clang");
        talloc_free(tools);
        return NULL;
    }
    tools->identity = talloc_asprintf(tools, "libc %s\n", gnu_get_libc_version());
    tools->identity = describe(tools->identity, tools->clang);
    tools->identity = describe(tools->identity, tools->archiver);
    tools->identity = describe(tools->identity, tools->linker);
    tools->environment = environment_make(tools);
    return tools;
}

char *toolchain_version(void *mem, const char *printed)
{
    const char *mark = strstr(printed, "version ");

    if (!mark)
        return talloc_strdup(mem, "unknown");
    mark += strlen("version ");
    return talloc_strndup(mem, mark, strspn(mark, "0123456789."));
}
