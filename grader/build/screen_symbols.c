/* screen_object.c - the third look at a submission: what its object file needs and defines. See screen.h.
 *
 * Also tells, before the linker would in its own words, what is missing and what is there twice.
 */
#include "build/screen.h"

#include "build/lexer.h"
#include "build/rules.h"

#include <string.h>
#include <talloc.h>

enum { MEBIBYTE = 1024 * 1024, STATIC_LIMIT_MB = 256 };

/* The first mention of NAME in the submission, but for headers' names. */
static struct token find_name(struct diagnostics *list, const char *name)
{
    void *mem = talloc_new(list->mem);
    struct lexer lexer;
    struct token token, found = {0};

    lexer_begin(&lexer, mem, list->submission->text);
    while (!found.line && lexer_next(&lexer, &token)) {
        if (token_is(&token, "include"))
            lexer_next_header(&lexer, &token);
        else if (token.kind == TOKEN_NAME && token_is(&token, name))
            found = token;
    }
    talloc_free(mem);
    return found;
}

/* Where the submission first mentions the symbol NAME, which may be "_setjmp" for "setjmp"; line 0 when a
 * macro has made it. Only the place is of use, not the text. */
static struct token mention(struct diagnostics *list, const char *name)
{
    struct token found = find_name(list, name);
    return found.line || name[0] != '_' ? found : find_name(list, name + strspn(name, "_"));
}

static enum build_status refuse(struct diagnostics *list, const char *name, const char *verb,
                                const char *reason)
{
    struct token at = mention(list, name);
    diagnostics_error(list, at.line, at.column, "%s `%s` is not allowed: %s", verb, name, reason);
    return BUILD_REFUSED;
}

/* --- what it needs ------------------------------------------------------------------------------------ */

/* Whether something that is linked offers NAME to the submission: defined there, and named by a header. */
static int is_offered(const struct linkage *linkage, const char *name)
{
    return (object_defines(&linkage->checks, name) || object_defines(&linkage->reference, name)) &&
           project_names(linkage->project, name);
}

static int is_inside(const struct linkage *linkage, const char *name)
{
    return strcmp(name, "check_table") == 0 || object_defines(&linkage->runtime, name) ||
           object_defines(&linkage->checks, name) || object_defines(&linkage->reference, name);
}

static enum build_status check_needed(struct diagnostics *list, const struct linkage *linkage,
                                      const char *name)
{
    if (symbol_is_allowed(name) || is_offered(linkage, name))
        return BUILD_DONE;
    if (is_inside(linkage, name))
        return refuse(list, name, "using",
                      "it is not among what the headers offer, but inside the check or the library");
    if (symbol_is_tools(name) || symbol_is_libc(name) || strncmp(name, "__atomic_", strlen("__atomic_")) == 0)
        return refuse(list, name, "using", symbol_reason(name));
    struct token at = mention(list, name);
    diagnostics_error(list, at.line, at.column, "`%s` is used but nowhere defined", name);
    return BUILD_FAILED;
}

/* --- what it defines ---------------------------------------------------------------------------------- */

static enum build_status check_defined(struct diagnostics *list, const struct linkage *linkage,
                                       const char *name)
{
    if (strcmp(name, "main") == 0)
        return refuse(list, name, "defining",
                      "the checks bring their own; leave it out, or give yours another name");
    if (symbol_is_tools(name))
        return refuse(list, name, "defining", symbol_reason(name));
    if (name[0] == '_')
        return refuse(list, name, "defining",
                      "names that begin with an underscore belong to the compiler and the C library");
    if (object_defines(&linkage->runtime, name) || strcmp(name, "check_table") == 0)
        return refuse(list, name, "defining",
                      "it is a part of the check; choose another name, or make it static");
    if (symbol_is_libc(name))
        return refuse(list, name, "defining",
                      "the C library has a function of that name, which yours would replace for everybody; "
                      "choose another name, or make "
                      "it static");
    if (linkage->project->uses_reference && object_defines(&linkage->reference, name))
        return refuse(list, name, "defining",
                      "it is a part of the reference library, which this exercise uses; choose another name");
    if (!object_defines(&linkage->checks, name))
        return BUILD_DONE;
    struct token at = mention(list, name);
    diagnostics_error(list, at.line, at.column,
                      "`%s` is already defined by the exercise; choose another name, or make it static",
                      name);
    return BUILD_FAILED;
}

/* --- what it leaves out ------------------------------------------------------------------------------- */

/* The checks' own use of the C library and the sanitizers is none of the learner's business. */
static enum build_status check_missing(struct diagnostics *list, const struct linkage *linkage,
                                       const struct object_symbols *submission)
{
    enum build_status status = BUILD_DONE;

    for (size_t i = 0; i < linkage->checks.count; i++) {
        const struct object_symbol *symbol = &linkage->checks.items[i];
        if (symbol->kind != SYMBOL_NEEDED || symbol->name[0] == '_' ||
            object_defines(submission, symbol->name) || is_inside(linkage, symbol->name) ||
            symbol_is_libc(symbol->name))
            continue;
        diagnostics_error(list, 0, 0,
                          "`%s` is missing: the checks call it, and this file is to define it (not static)",
                          symbol->name);
        status = BUILD_FAILED;
    }
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------------- */

static enum build_status check_object(struct diagnostics *list, const struct object_symbols *submission)
{
    if (submission->odd_section) {
        diagnostics_error(list, 0, 0, "the section `%s` is not allowed: no exercise needs one of its own",
                          submission->odd_section);
        return BUILD_REFUSED;
    }
    if (submission->section_bytes > (size_t)STATIC_LIMIT_MB * MEBIBYTE) {
        diagnostics_error(list, 0, 0, "the static variables take %zu MiB; at most %d are accepted",
                          submission->section_bytes / MEBIBYTE, STATIC_LIMIT_MB);
        return BUILD_FAILED;
    }
    return BUILD_DONE;
}

/* The graver one. */
static enum build_status worse(enum build_status a, enum build_status b)
{
    if (a == BUILD_REFUSED || b == BUILD_REFUSED)
        return BUILD_REFUSED;
    return a == BUILD_FAILED ? a : b;
}

static enum build_status check_symbol(struct diagnostics *list, const struct linkage *linkage,
                                      const struct object_symbol *symbol)
{
    /* Some of the C library's own headers make weak references (pthread_cleanup_push does). */
    if (symbol->kind == SYMBOL_NEEDED ||
        (symbol->kind == SYMBOL_NEEDED_WEAK && symbol_is_allowed(symbol->name)))
        return check_needed(list, linkage, symbol->name);
    if (symbol->kind == SYMBOL_DEFINED)
        return check_defined(list, linkage, symbol->name);
    return refuse(list, symbol->name, "the weak symbol", "it changes how the program is put together");
}

enum build_status screen_symbols(struct diagnostics *list, const struct linkage *linkage,
                                 const struct object_symbols *submission)
{
    enum build_status status = check_object(list, submission);

    for (size_t i = 0; i < submission->count; i++)
        status = worse(status, check_symbol(list, linkage, &submission->items[i]));
    return status == BUILD_DONE ? check_missing(list, linkage, submission) : status;
}

enum build_status screen_variant(struct diagnostics *list, const struct linkage *linkage,
                                 const struct object_symbols *object)
{
    enum build_status status = BUILD_DONE;

    for (size_t i = 0; i < object->count; i++) {
        const struct object_symbol *symbol = &object->items[i];
        int needed = symbol->kind == SYMBOL_NEEDED || symbol->kind == SYMBOL_NEEDED_WEAK;
        /* The second look has refused these names in the source, so only instrumentation can have brought
         * them. */
        int instrumentation = symbol->name[0] == '_' && symbol_is_tools(symbol->name);
        if (needed && !instrumentation)
            status = worse(status, check_needed(list, linkage, symbol->name));
    }
    return status;
}
