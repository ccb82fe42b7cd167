/* incident_asking.c - see incident_asking.h. */
#include "cmd/incident_asking.h"

#include "report/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

int asking_is_possible(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

/* --- one line ------------------------------------------------------------------------------------------ */

/* What was typed behind PROMPT, without the blanks around it, on MEM. NULL at the end of the input. */
static char *read_answer(void *mem, const char *prompt)
{
    char *line = NULL;
    size_t room = 0;

    printf("\n%s ", prompt);
    fflush(stdout);
    ssize_t length = getline(&line, &room, stdin);
    const char *from = length > 0 ? line + strspn(line, " \t") : NULL;
    char *answer = from ? talloc_strndup(mem, from, strcspn(from, "\r\n")) : NULL;
    for (size_t end = answer ? strlen(answer) : 0; end > 0 && answer[end - 1] == ' '; end--)
        answer[end - 1] = '\0';
    free(line);
    if (!answer)
        printf("\n");
    return answer;
}

/* --- one question -------------------------------------------------------------------------------------- */

static void print_question(void *mem, const struct report_style *style, const char *question)
{
    printf("\n%s\n\n", text_paint(mem, style, ACCENT_BOLD, question));
}

/* The option that ANSWER means, by its number or its id. */
static const struct answer_option *option_of(const struct choice *choice, const char *answer,
                                             struct error *err)
{
    char *end;
    unsigned long number = strtoul(answer, &end, 10);

    if (answer[0] < '0' || answer[0] > '9' || *end != '\0')
        return diagnosis_option(choice, answer, err);
    if (number >= 1 && number <= choice->option_count)
        return &choice->options[number - 1];
    error_usage(err, "a number from 1 to %zu", choice->option_count);
    return NULL;
}

static const struct answer_option *ask_choice(void *mem, const struct report_style *style,
                                              const struct choice *choice)
{
    struct error err;
    const struct answer_option *option = NULL;

    print_question(mem, style, choice->question);
    for (size_t i = 0; i < choice->option_count; i++) {
        char *first = talloc_asprintf(mem, "  %zu  ", i + 1);
        text_wrap(stdout, choice->options[i].text, first, "     ", style->width);
    }
    while (!option) {
        char *answer = read_answer(mem, "The number:");
        if (!answer)
            return NULL;
        option = option_of(choice, answer, &err);
        if (!option)
            printf("%s\n", err.text);
    }
    return option;
}

static void print_files(void *mem, const struct incident *incident, FILE *stream)
{
    struct evidence_file *files;
    size_t count = evidence_files(mem, incident, &files);
    const char *folder = path_shown(mem, incident->exercise.directory);

    for (size_t i = 0; i < count; i++)
        fprintf(stream, "  %s/evidence/%s, %u lines\n", folder, files[i].name, files[i].lines);
}

static int ask_evidence(void *mem, const struct report_style *style, const struct evidence_question *question,
                        const struct incident *incident, struct diagnosis *diagnosis)
{
    struct error err;

    print_question(mem, style, question->question);
    print_files(mem, incident, stdout);
    printf("\nNaming %u or fewer lines, such as: log.txt:14, metrics.txt:125-126\n",
           question->needed + SPARE_LINES);
    for (;;) {
        char *answer = read_answer(mem, "File and line:");
        if (!answer)
            return -1;
        if (diagnosis_evidence(mem, incident, answer, diagnosis, &err) == 0)
            return 0;
        printf("%s\n", err.text);
    }
}

/* --- all of them --------------------------------------------------------------------------------------- */

int asking_fill(void *mem, const struct questions *questions, const struct incident *incident,
                struct diagnosis *diagnosis)
{
    struct report_style style = output_style();

    if (!diagnosis->cause && !(diagnosis->cause = ask_choice(mem, &style, &questions->cause)))
        return -1;
    if (diagnosis->reference_count == 0 &&
        ask_evidence(mem, &style, &questions->evidence, incident, diagnosis) != 0)
        return -1;
    if (!diagnosis->action && !(diagnosis->action = ask_choice(mem, &style, &questions->action)))
        return -1;
    printf("\n");
    return 0;
}

static void teach_choice(void *mem, const char *name, const struct choice *choice, int width)
{
    fprintf(stderr, "\n%s\n", choice->question);
    for (size_t i = 0; i < choice->option_count; i++) {
        const struct answer_option *option = &choice->options[i];
        char *line = talloc_asprintf(mem, "--%s %s: %s", name, option->id, option->text);
        text_wrap(stderr, line, "  ", "      ", width);
    }
}

void asking_teach(void *mem, const struct questions *questions, const struct incident *incident)
{
    int width = report_style_for(stderr).width;

    teach_choice(mem, "cause", &questions->cause, width);
    fprintf(stderr, "\n%s\n  --evidence FILE:LINE,FILE:LINE-LINE: at most %u lines, of\n",
            questions->evidence.question, questions->evidence.needed + SPARE_LINES);
    print_files(mem, incident, stderr);
    teach_choice(mem, "action", &questions->action, width);
}
