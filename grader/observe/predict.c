/* predict.c - what an answer of kind predict lacks, and what it has that cannot happen. See judges.h.
 *
 * Of the outcomes that are missing only the simplest is told, with a token: whoever has seen how it comes
 * about finds the others. Of those that cannot happen all lines are told, for they stand in the learner's
 * file already.
 */
#include "observe/judges.h"
#include "observe/source.h"

#include <string.h>
#include <talloc.h>

static int is_listed(const struct answer *answer, const char *text)
{
    for (size_t i = 0; i < answer->count; i++)
        if (strcmp(answer->list[i].text, text) == 0)
            return 1;
    return 0;
}

static int can_happen(const struct explore_report *report, const char *text)
{
    for (size_t i = 0; i < report->output_count; i++)
        if (strcmp(report->outputs[i].text, text) == 0)
            return 1;
    return 0;
}

/* --- complete ----------------------------------------------------------------------------------------- */

static char *missing_words(struct reading *reading, size_t missing, size_t all, const char *simplest)
{
    static const char shows[] = "the replay shows how it comes about";

    if (missing == 1)
        return talloc_asprintf(reading->mem, "One of the %zu outcomes is missing: `%s`; %s.", all, simplest,
                               shows);
    return talloc_asprintf(reading->mem, "%zu of the %zu outcomes are missing. One of them is `%s`; %s.",
                           missing, all, simplest, shows);
}

static void judge_complete(struct reading *reading)
{
    const struct explore_report *report = reading->run->explored;
    const struct explore_output_seen *simplest = NULL;
    size_t missing = 0;

    for (size_t i = 0; i < report->output_count; i++)
        if (!is_listed(reading->build->submission->answer, report->outputs[i].text)) {
            simplest = simplest ? simplest : &report->outputs[i];
            missing++;
        }
    if (!simplest)
        return;
    reading_add(reading,
                &(struct finding){
                    .class = CLASS_WRONG_RESULT,
                    .message = missing_words(reading, missing, report->output_count, simplest->text),
                    .why = "Wherever two threads can go on, either may be the first; which one, nobody "
                           "promises.",
                    .token = simplest->token,
                });
}

/* --- possible ----------------------------------------------------------------------------------------- */

static char *impossible_words(struct reading *reading, const struct listed *first, size_t count)
{
    const struct explore_report *report = reading->run->explored;
    char *more = talloc_strdup(reading->mem, "");

    if (count > 1)
        more = talloc_asprintf(reading->mem, ", and %zu more line%s cannot either", count - 1,
                               count == 2 ? "" : "s");
    return talloc_asprintf(reading->mem,
                           "`%s` (line %d) cannot happen: the program was run in every order of its threads "
                           "that makes a difference, %llu schedules, and none of them prints it%s.",
                           first->text, first->line, (unsigned long long)report->run, more);
}

static void judge_possible(struct reading *reading)
{
    const struct submission *submission = reading->build->submission;
    const struct answer *answer = submission->answer;
    struct place *where = talloc_zero_array(reading->mem, struct place, (unsigned)answer->count);
    const struct listed *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < answer->count; i++) {
        const struct listed *listed = &answer->list[i];
        if (can_happen(reading->run->explored, listed->text))
            continue;
        first = first ? first : listed;
        where[count++] = (struct place){.file = submission->name,
                                        .line = listed->line,
                                        .what = "listed here",
                                        .source = source_line(reading->mem, submission, listed->line),
                                        .learner = 1};
    }
    if (first)
        reading_add(reading, &(struct finding){.class = CLASS_WRONG_RESULT,
                                               .message = impossible_words(reading, first, count),
                                               .where = where,
                                               .where_count = count});
}

void predict_judge(struct reading *reading)
{
    if (strcmp(reading->run->check->name, "complete") == 0)
        judge_complete(reading);
    else
        judge_possible(reading);
}
