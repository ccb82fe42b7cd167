/* test_observe.c - real programs under the real tools, and what is made of it. Each file of observe/ is one
 * program.
 *
 * A program's first comment says, for each variant, the class and the sentence that its first finding must
 * have:
 *
 * - tsan: race: Line {loop} changes `i` while another thread reads it on line {read}
 * - tsan why: The new thread may run          (part of the rule that is told with it)
 * - tsan what: in `box_put`, called here      (part of what one of its places says)
 * - tsan marks: {loop} {read}                 (lines that must be among its places)
 * - memory also: memory-leak: ...             (another finding that must be there)
 * - helgrind: none                            (a near miss: no finding at all)
 * - helgrind log: <kind>Race</kind>           (part of the log, which shows how near it was)
 *
 * {loop} stands for the number of the line that holds that mark. Marks of the sentence are among the places,
 * too. A program that prints "done" has come to its end.
 */
#include "fixture_trials.h"

#include <ctype.h>
#include <stdio.h>
#include <sys/personality.h>

/* --- the questions ----------------------------------------------------------------------------------- */

static const struct trials *trials_of(void **state);

static void tell(const struct trial *trial)
{
    const struct observation *o = trial->observation;

    print_error("%s under %s: status %d, signal %d, %zu findings, trouble %s\n", trial->name,
                trial->variant->name, trial->run.exit_code, trial->run.signal, o->finding_count,
                o->trouble ? o->trouble : "none");
    for (size_t i = 0; i < o->finding_count; i++) {
        const struct finding *f = &o->findings[i];
        print_error("  %s: %s (%u)\n    %s\n", class_name(f->class), f->message, f->times,
                    f->why ? f->why : "no why");
        for (size_t k = 0; k < f->where_count; k++)
            print_error("    %s:%d %s%s | %s\n", f->where[k].file, f->where[k].line,
                        f->where[k].learner ? "* " : "", f->where[k].what,
                        f->where[k].source ? f->where[k].source : "");
    }
}

#define EXPECT(trial, condition)                                                                             \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            tell(trial);                                                                                     \
            fail_msg("%s under %s: %s", (trial)->name, (trial)->variant->name, #condition);                  \
        }                                                                                                    \
    } while (0)

static int has_place(const struct finding *finding, const char *file, int line)
{
    for (size_t i = 0; i < finding->where_count; i++)
        if (finding->where[i].line == line && strcmp(finding->where[i].file, file) == 0)
            return 1;
    return 0;
}

/* Each {mark} of SENTENCE is one of FINDING's places. */
static void expect_marks(const struct trials *trials, const struct trial *trial,
                         const struct finding *finding, const char *sentence)
{
    for (const char *at = strchr(sentence, '{'); at; at = strchr(at + 1, '{')) {
        char *mark = talloc_strndup(trials->mem, at, strcspn(at, "}") + 1);
        const char *file = strncmp(mark, "{box:", 5) == 0 ? "box.c" : trial->name;
        EXPECT(trial, has_place(finding, file, mark_line(trials, trial, mark)));
    }
}

/* CLASS_LIST is "race" or "race|invalid-memory". */
static int class_in(enum verdict_class class, const char *class_list, size_t length)
{
    const char *at = strstr(class_list, class_name(class));
    return at && at < class_list + length;
}

static void expect_finding(const struct trials *trials, const struct trial *trial,
                           const struct finding *finding, const char *expected)
{
    size_t class_length = strcspn(expected, ":");
    const char *sentence = expected + class_length + strspn(expected + class_length, ": ");

    EXPECT(trial, class_in(finding->class, expected, class_length));
    EXPECT(trial, strcasestr(finding->message, with_lines(trials, trial, sentence)));
    expect_marks(trials, trial, finding, sentence);
}

/* What holds for every finding. */
static void expect_manners(const struct trial *trial, const struct finding *finding)
{
    static const char *const tools[] = {"sanitizer", "tsan", "valgrind", "memcheck", "helgrind", "0x"};
    size_t length = strlen(finding->message);

    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
        EXPECT(trial, !strcasestr(finding->message, tools[i]));
        EXPECT(trial, !strcasestr(finding->why, tools[i]));
    }
    EXPECT(trial,
           length > 0 && finding->message[length - 1] == '.' && isupper((unsigned char)finding->message[0]));
    EXPECT(trial, finding->times > 0);
    for (size_t i = 0; i < finding->where_count; i++) {
        const struct place *place = &finding->where[i];
        EXPECT(trial, place->line > 0 && place->what && *place->what);
        EXPECT(trial, place->learner == (strcmp(place->file, trial->name) == 0));
        EXPECT(trial, !place->learner || (place->source && strstr(trial->text, place->source)));
        EXPECT(trial, i == 0 || place->learner <= finding->where[i - 1].learner);
    }
}

static char *declared_for(const struct trials *trials, const struct trial *trial, const char *what)
{
    return declared(trials->mem, trial->text,
                    talloc_asprintf(trials->mem, "%s %s", trial->variant->name, what));
}

static void expect_details(const struct trials *trials, const struct trial *trial)
{
    const struct finding *first = trial->observation->findings;
    char *why = declared_for(trials, trial, "why"), *what = declared_for(trials, trial, "what");
    char *marks = declared_for(trials, trial, "marks"), *also = declared_for(trials, trial, "also");
    int found = 0;

    EXPECT(trial, !why || strstr(first->why, why));
    expect_marks(trials, trial, first, marks ? marks : "");
    for (size_t i = 0; what && i < first->where_count; i++)
        found |= strstr(first->where[i].what, what) != NULL;
    EXPECT(trial, !what || found);
    if (also) {
        EXPECT(trial, trial->observation->finding_count > 1);
        expect_finding(trials, trial, &trial->observation->findings[1], also);
    }
}

static void test_trial(void **state)
{
    struct trial *trial = *state;
    const struct trials *trials = trials_of(state);
    const struct observation *observation = trial->observation;
    char *log = declared_for(trials, trial, "log");

    EXPECT(trial, !observation->trouble);
    EXPECT(trial, !log || strstr(trial->run.log, log));
    for (size_t i = 0; i < observation->finding_count; i++)
        expect_manners(trial, &observation->findings[i]);
    if (strcmp(trial->expected, "none") == 0) {
        EXPECT(trial, observation->finding_count == 0);
        EXPECT(trial, trial->run.completed);
        return;
    }
    EXPECT(trial, observation->finding_count > 0);
    expect_finding(trials, trial, &observation->findings[0], trial->expected);
    expect_details(trials, trial);
}

/* --- main -------------------------------------------------------------------------------------------- */

/* cmocka gives each test one pointer; the list that its trial lies in is found from there. */
static struct trials *all;

static const struct trials *trials_of(void **state)
{
    (void)state;
    return all;
}

static int begin(void **state)
{
    (void)state;
    compile_all(all);
    run_all(all);
    return 0;
}

static int end(void **state)
{
    (void)state;
    return path_remove(all->folder);
}

int main(void)
{
    struct CMUnitTest tests[CASES];

    /* clang 14's ThreadSanitizer does not start where the kernel randomises addresses widely */
    personality(ADDR_NO_RANDOMIZE);
    all = trials_prepare();
    if (!all || all->count == 0)
        return 1;
    for (size_t i = 0; i < all->count; i++)
        tests[i] = (struct CMUnitTest){
            .name = talloc_asprintf(all, "%s under %s", all->list[i].name, all->list[i].variant->name),
            .test_func = test_trial,
            .initial_state = &all->list[i]};
    return _cmocka_run_group_tests("observe", tests, all->count, begin, end);
}
