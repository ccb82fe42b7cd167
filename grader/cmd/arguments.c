/* arguments.c - one reader of options for all verbs, see arguments.h.
 *
 * A table of rules instead of getopt_long: its abbreviations would make every new option a possible break,
 * and it cannot say what was probably meant.
 */
#include "cmd/arguments.h"

#include "catalog/suggest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *program_name(void)
{
    const char *name = program_invocation_name;
    return strchr(name, '/') && access("./deepend", X_OK) == 0 ? "./deepend" : name;
}

static int verb_length(const struct usage *usage)
{
    return (int)strcspn(usage->synopsis, " ");
}

/* Each line of the example behind the program's name. */
static void print_example(const char *example)
{
    while (*example != '\0') {
        int length = (int)strcspn(example, "\n");
        printf("  %s %.*s\n", program_name(), length, example);
        example += length + (example[length] == '\n');
    }
}

static void print_options(const struct option_rule *options)
{
    for (const struct option_rule *rule = options; rule->name; rule++) {
        int used = printf("  --%s%s%s", rule->name, rule->value ? " " : "", rule->value ? rule->value : "");
        printf("%*s%s\n", used < 22 ? 22 - used : 2, "", rule->help);
    }
    printf("  --help              this text\n");
}

static int print_help(const struct usage *usage)
{
    printf("Usage: %s %s\n\n%s\nOptions:\n", program_name(), usage->synopsis, usage->about);
    print_options(usage->options);
    printf("\nExample:\n");
    print_example(usage->example);
    return 0;
}

/* The rule whose name is the LENGTH letters at NAME. */
static const struct option_rule *find_rule(const struct option_rule *options, const char *name, size_t length)
{
    for (const struct option_rule *rule = options; rule->name; rule++)
        if (strlen(rule->name) == length && strncmp(rule->name, name, length) == 0)
            return rule;
    return NULL;
}

static void complain_unknown(const struct usage *usage, const char *word)
{
    const char *best = NULL;
    unsigned least = ~0u;

    for (const struct option_rule *rule = usage->options; rule->name; rule++) {
        unsigned distance = edit_distance(word + strspn(word, "-"), rule->name);
        if (distance < least && is_near(distance, strlen(rule->name))) {
            least = distance;
            best = rule->name;
        }
    }
    fprintf(stderr, "deepend: %.*s has no option %s", verb_length(usage), usage->synopsis, word);
    if (best)
        fprintf(stderr, "; did you mean --%s?\n", best);
    else
        fprintf(stderr, "; `%s %.*s --help` lists them\n", program_name(), verb_length(usage),
                usage->synopsis);
}

/* Take the option at argv[*AT], and its value with it. 0 after telling what is wrong with it. */
static int take_option(const struct usage *usage, int argc, char **argv, int *at)
{
    const char *word = argv[*at], *name = word + strspn(word, "-");
    size_t length = strcspn(name, "=");
    const struct option_rule *rule = name == word + 2 ? find_rule(usage->options, name, length) : NULL;

    if (!rule) {
        complain_unknown(usage, word);
        return 0;
    }
    if (!rule->value) {
        if (name[length] == '=') {
            fprintf(stderr, "deepend: --%s takes no value\n", rule->name);
            return 0;
        }
        *rule->flag = 1;
        return 1;
    }
    if (name[length] == '=') {
        *rule->text = name + length + 1;
    } else if (*at + 1 < argc) {
        *rule->text = argv[++*at];
    } else {
        fprintf(stderr, "deepend: --%s needs a %s behind it\n", rule->name, rule->value);
        return 0;
    }
    return 1;
}

/* Whether there are as many operands as the verb takes; tells if not. */
static int count_fits(const struct usage *usage, const struct arguments *given)
{
    if (given->count >= usage->operands_min &&
        (usage->operands_max < 0 || given->count <= usage->operands_max))
        return 1;
    if (given->count < usage->operands_min)
        fprintf(stderr, "deepend: something is missing: %s %s\n", program_name(), usage->synopsis);
    else
        fprintf(stderr, "deepend: '%s' is too much here: %s %s\n", given->operands[usage->operands_max],
                program_name(), usage->synopsis);
    return 0;
}

int arguments_parse(const struct usage *usage, int argc, char **argv, struct arguments *given)
{
    int options_end = 0;

    *given = (struct arguments){.operands = argv + 1, .status = EXIT_USAGE};
    for (int at = 1; at < argc; at++) {
        char *word = argv[at];
        if (options_end || word[0] != '-' || word[1] == '\0') {
            given->operands[given->count++] = word;
        } else if (strcmp(word, "--") == 0) {
            options_end = 1;
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            given->status = EXIT_GOOD;
            return print_help(usage);
        } else if (!take_option(usage, argc, argv, &at)) {
            return 0;
        }
    }
    given->operands[given->count] = NULL;
    return count_fits(usage, given);
}
