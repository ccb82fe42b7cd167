/* test_incident_catalog.c - incident.yaml and questions.yaml: every fault of an author's is told with file and
 * line, keeps out no other incident, and a sound one is read as it stands. */
#include "fixture_catalog.h"

#include "catalog/questions.h"

#define INCIDENT  "incidents/01-flood/"
#define PLAN      INCIDENT "incident.yaml"
#define QUESTIONS INCIDENT "questions.yaml"

static const char plan[] =
    "id: incidents/01-flood\n"                                                                  /* 1 */
    "incident: I01\n"                                                                           /* 2 */
    "title: The flood\n"                                                                        /* 3 */
    "level: middle\n"                                                                           /* 4 */
    "minutes: 20\n"                                                                             /* 5 */
    "covers: [I01, P06]\n"                                                                      /* 6 */
    "lessons: [01-threads]\n"                                                                   /* 7 */
    "file: policy.c\n"                                                                          /* 8 */
    "seconds: 600\n"                                                                            /* 9 */
    "race_seconds: 30\n"                                                                        /* 10 */
    "budget_mb: 64\n"                                                                           /* 11 */
    "series:\n"                                                                                 /* 12 */
    "  - {name: depth, label: waiting, unit: tasks}\n"                                          /* 13 */
    "slo:\n"                                                                                    /* 14 */
    "  - {name: survives, title: it ends, must: ends, points: 2, class: overload}\n"            /* 15 */
    "  - {name: backlog, title: short, must: most(depth) <= 300, points: 2, class: overload}\n" /* 16 */
    "  - name: calm\n"                                                                          /* 17 */
    "    title: quiet again\n"                                                                  /* 18 */
    "    must: least(depth) >= 1.5\n"                                                           /* 19 */
    "    from: 100\n"                                                                           /* 20 */
    "    to: 200\n"                                                                             /* 21 */
    "    points: 1\n"                                                                           /* 22 */
    "    class: overload\n"                                                                     /* 23 */
    "shipped: {class: overload, fails: [survives, backlog], why: No bound.}\n"                  /* 24 */
    "wrong:\n"                                                                                  /* 25 */
    "  - {file: wrong/more.c, class: overload, fails: [backlog], why: More is not less.}\n"     /* 26 */
    "  - {file: wrong/fewer.c, class: overload, fails: [calm], why: Less is not enough.}\n";    /* 27 */

static const char questions[] =
    "cause:\n"                                                                     /* 1 */
    "  question: What was it?\n"                                                   /* 2 */
    "  options:\n"                                                                 /* 3 */
    "    - {id: water, right: true, text: The water., why: It rose.}\n"            /* 4 */
    "    - {id: fire, text: The fire., why: Nothing burnt.}\n"                     /* 5 */
    "evidence:\n"                                                                  /* 6 */
    "  question: What shows it?\n"                                                 /* 7 */
    "  needed: 2\n"                                                                /* 8 */
    "  shows:\n"                                                                   /* 9 */
    "    - {file: log.txt, from: 3, to: 4, why: The gauge.}\n"                     /* 10 */
    "    - {file: log.txt, from: 7, to: 7, why: The cellar.}\n"                    /* 11 */
    "    - {file: metrics.txt, from: 1, to: 1, why: The sum.}\n"                   /* 12 */
    "action:\n"                                                                    /* 13 */
    "  question: What now?\n"                                                      /* 14 */
    "  options:\n"                                                                 /* 15 */
    "    - {id: run, text: Run., why: Nobody is saved by that.}\n"                 /* 16 */
    "    - {id: close-1, right: true, text: Close the lock., why: Less water.}\n"; /* 17 */

/* An incident that is sound, at INCIDENT or under another NAME. */
static void put_incident(const char *root, const char *name)
{
    static const char *const files[] = {"page.md",  "service.c",    "fixed.c",      "postmortem.md",
                                        "policy.c", "wrong/more.c", "wrong/fewer.c"};
    void *mem = talloc_new(NULL);
    char *folder = talloc_asprintf(mem, "incidents/%s", name);

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        put_text(root, talloc_asprintf(mem, "%s/%s", folder, files[i]), "text\n");
    put_text(root, talloc_asprintf(mem, "%s/evidence/log.txt", folder), "1\n2\n3\n4\n5\n6\n7\n8\n");
    put_text(root, talloc_asprintf(mem, "%s/evidence/metrics.txt", folder), "1\n2, without a newline");
    put_text(root, talloc_asprintf(mem, "%s/questions.yaml", folder), questions);
    put_text(root, talloc_asprintf(mem, "%s/incident.yaml", folder), replaced(mem, plan, "01-flood", name));
    talloc_free(mem);
}

static int set_up_incident(void **state)
{
    set_up(state);
    put_incident(*state, "01-flood");
    return 0;
}

static struct catalog *load_incidents(const char *root)
{
    struct error err;
    struct catalog *catalog = incidents_load(NULL, root, &err);

    if (!catalog)
        fail_msg("%s", err.text);
    return catalog;
}

/* --- incident.yaml --------------------------------------------------------------------------------------- */

static void test_sound(void **state)
{
    struct catalog *catalog = load_incidents(*state);

    assert_int_equal(catalog->faulty_count, 0);
    assert_int_equal(catalog->exercise_count, 1);
    const struct exercise *exercise = catalog->exercises[0];
    const struct incident *incident = exercise->incident;
    assert_string_equal(exercise->id, "incidents/01-flood");
    assert_int_equal(exercise_max_score(exercise), 5);
    assert_int_equal(incident->seconds, 600);
    assert_int_equal(incident->seed, 1);
    assert_int_equal(incident->slo[0].rule, SLO_ENDS);
    assert_int_equal(incident->slo[1].fold, FOLD_MOST);
    assert_string_equal(incident->slo[1].series, "depth");
    assert_int_equal(incident->slo[1].at_least, 0);
    assert_true(incident->slo[2].at_least && incident->slo[2].limit == 1.5);
    assert_int_equal(exercise->mutant_count, 3); /* what was shipped is the first */
    assert_true(strstr(exercise->mutants[0].file, "01-flood/policy.c"));
    assert_string_equal(exercise->lesson, "01-threads");
    talloc_free(catalog);
}

/* A part of a text that is replaced, or a file that is taken away, and what must be said. */
static const struct fault {
    const char *from, *to, *remove, *expect;
} plan_faults[] = {
    {"id: incidents/01-flood", "id: incidents/02-flood", NULL,
     PLAN ":1: the id is incidents/02-flood, but the folder is incidents/01-flood"},
    {"level: middle", "level: high", NULL, PLAN ":4: level: "},
    {"minutes: 20", "minutes: 0", NULL, PLAN ":5: minutes, seconds and race_seconds must be 1 or more"},
    {"minutes: 20", "minutes: soon", NULL, PLAN ":5: minutes: "},
    {"seconds: 600", "seconds: 20", NULL, PLAN ":10: race_seconds must be at most seconds"},
    {"race_seconds: 30\n", "", NULL, PLAN ":25: Missing required mapping field: race_seconds"},
    {"title: The flood", "title: The flood\ncolour: red", NULL, PLAN ":4: Unexpected key: colour"},
    {"[01-threads]", "[99-nowhere]", NULL, PLAN ":7: there is no folder lessons/99-nowhere"},
    {"lessons: [01-threads]", "lessons: []", NULL, PLAN ":7: lessons: "},
    {"file: policy.c\n", "file: other.c\n", NULL, PLAN ":8: " INCIDENT "other.c is missing"},
    {"file: policy.c\n", "file: policy.c\nsupport: [none.c]\n", NULL, "none.c is missing"},
    {"most(depth) <= 300", "most(depth) < 300", NULL, PLAN ":16: backlog: 'most(depth) < 300'"},
    {"most(depth) <= 300", "highest(depth) <= 300", NULL, PLAN ":16: backlog: "},
    {"most(depth) <= 300", "most(depth) <= many", NULL, PLAN ":16: backlog: "},
    {"most(depth) <= 300", "most(depth) <= 300 MiB", NULL, PLAN ":16: backlog: "},
    {"must: ends", "must: end", NULL, PLAN ":15: survives: 'end' is nothing that must hold"},
    {"to: 200", "to: 100", NULL, PLAN ":17: calm: from must lie before to"},
    {"to: 200", "to: 601", NULL, PLAN ":17: calm: from must lie before to, and both within the 600"},
    {"name: calm", "name: backlog", NULL, PLAN ":16: two lines are named backlog"},
    {"points: 1\n", "points: 0\n", NULL, PLAN ":17: calm: points must be 1 or more"},
    {"class: overload, fails: [survives, backlog]", "class: sadness, fails: [survives]", NULL,
     PLAN ":24: class: "},
    {"fails: [calm]", "fails: [clam]", NULL, PLAN ":27: wrong/fewer.c: there is no line 'clam' to fail"},
    {"fails: [calm]", "fails: [calm, backlog]", NULL, PLAN ":17: no wrong fix fails the line calm alone"},
    {"wrong/more.c", "more.c", NULL, PLAN ":26: 'more.c' must be a file wrong/NAME.c"},
    {"wrong/more.c", "wrong/none.c", NULL, PLAN ":26: 'wrong/none.c' must be a file wrong/NAME.c"},
    {"  - {file: wrong/fewer.c, class: overload, fails: [calm]",
     "  - {file: wrong/more.c, class: overload, fails: [calm]", NULL, "wrong/fewer.c is not listed"},
    {NULL, NULL, "page.md", INCIDENT "page.md: every incident needs one"},
    {NULL, NULL, "service.c", INCIDENT "service.c: every incident needs one"},
    {NULL, NULL, "fixed.c", INCIDENT "fixed.c: every incident needs one"},
    {NULL, NULL, "questions.yaml", INCIDENT "questions.yaml: every incident needs one"},
    {NULL, NULL, "postmortem.md", INCIDENT "postmortem.md: every incident needs one"},
    {NULL, NULL, "policy.c", PLAN ":8: " INCIDENT "policy.c is missing"},
    {NULL, NULL, "evidence", INCIDENT "evidence: every incident needs that folder"},
};

/* The faulty one is left out, and told; the sound one beside it stays. */
static void expect_fault(const char *root, const char *words)
{
    struct catalog *catalog = load_incidents(root);
    struct error err;

    if (catalog->faulty_count != 1)
        fail_msg("accepted, where this was expected: %s", words);
    if (!strstr(catalog->faulty[0].message, words))
        fail_msg("expected: %s\ngot: %s", words, catalog->faulty[0].message);
    assert_int_equal(catalog->exercise_count, 1);
    assert_non_null(catalog_find(catalog, "2", &err));
    assert_null(catalog_find(catalog, "1", &err));
    assert_int_equal(err.status, EXIT_GRADER);
    assert_true(strstr(err.text, words));
    talloc_free(catalog);
}

static void test_plan_faults(void **state)
{
    void *mem = talloc_new(NULL);

    put_incident(*state, "02-ebb");
    for (size_t i = 0; i < sizeof plan_faults / sizeof plan_faults[0]; i++) {
        const struct fault *fault = &plan_faults[i];
        if (fault->remove)
            path_remove(talloc_asprintf(mem, "%s/" INCIDENT "%s", (char *)*state, fault->remove));
        else
            put_text(*state, PLAN, replaced(mem, plan, fault->from, fault->to));
        expect_fault(*state, fault->expect);
        put_incident(*state, "01-flood");
    }
    talloc_free(mem);
}

/* Folders that are no incidents, and none at all. */
static void test_others(void **state)
{
    put_text(*state, "incidents/parts/service.c", "text\n");
    put_text(*state, "incidents/README.md", "text\n");
    test_sound(state);
    char *path = talloc_asprintf(NULL, "%s/incidents", (char *)*state);
    path_remove(path);
    talloc_free(path);
    struct catalog *catalog = load_incidents(*state);
    assert_int_equal(catalog->exercise_count + catalog->faulty_count, 0);
    talloc_free(catalog);
}

/* --- questions.yaml -------------------------------------------------------------------------------------- */

static void test_questions(void **state)
{
    struct error err;
    struct catalog *catalog = load_incidents(*state);
    const struct incident *incident = catalog->exercises[0]->incident;
    struct questions *read = questions_load(catalog, *state, incident, &err);

    if (!read)
        fail_msg("%s", err.text);
    assert_int_equal(read->cause.option_count, 2);
    assert_string_equal(read->cause.options[0].id, "fire"); /* by id: the right one is not always the first */
    assert_true(!read->cause.options[0].right && read->cause.options[1].right);
    assert_string_equal(read->action.options[0].id, "close-1");
    assert_int_equal(read->evidence.needed, 2);
    assert_int_equal(read->evidence.show_count, 3);
    assert_int_equal(read->evidence.shows[0].to, 4);
    assert_string_equal(read->evidence.shows[2].why, "The sum.");
    talloc_free(catalog);
}

static const struct fault question_faults[] = {
    {"right: true, text: The water.", "text: The water.", NULL, QUESTIONS ":1: cause: 0 of its options"},
    {"id: fire, text", "id: fire, right: true, text", NULL,
     QUESTIONS ":1: cause: 2 of its options are right"},
    {"id: fire", "id: water", NULL, QUESTIONS ":4: cause: two options are named water"},
    {"id: fire", "id: Fire!", NULL, QUESTIONS ":5: cause: 'Fire!': an id is of small letters"},
    {"    - {id: fire, text: The fire., why: Nothing burnt.}\n", "", NULL,
     QUESTIONS ":4: options: Insufficient entries (1 of 2 min) in sequence."},
    {", why: Nothing burnt.", "", NULL, QUESTIONS ":5: Missing required mapping field: why"},
    {"why: Nothing burnt.", "because: Nothing burnt.", NULL, QUESTIONS ":5: Unexpected key: because"},
    {"right: true, text: Close", "text: Close", NULL, QUESTIONS ":13: action: 0 of its options are right"},
    {"id: close-1", "id: run", NULL, QUESTIONS ":16: action: two options are named run"},
    {"needed: 2", "needed: 0", NULL, QUESTIONS ":8: needed: 0: it must be 1 or more"},
    {"needed: 2", "needed: 4", NULL, QUESTIONS ":8: needed: 4: it must be 1 or more, and at most the 3"},
    {"needed: 2", "needed: two", NULL, QUESTIONS ":8: needed: "},
    {"{file: metrics.txt", "{file: none.txt", NULL,
     QUESTIONS ":12: " INCIDENT "evidence/none.txt is no file with lines"},
    {"{file: metrics.txt", "{file: ../page.md", NULL, QUESTIONS ":12: "},
    {"from: 1, to: 1", "from: 1, to: 3", NULL,
     QUESTIONS ":12: metrics.txt: lines 1 to 3: from must be 1 or more, not behind to, and the file has 2"},
    {"from: 1, to: 1", "from: 0, to: 1", NULL, QUESTIONS ":12: metrics.txt: lines 0 to 1"},
    {"from: 3, to: 4", "from: 4, to: 3", NULL, QUESTIONS ":10: log.txt: lines 4 to 3"},
    {"from: 7, to: 7", "from: 4, to: 7", NULL,
     QUESTIONS ":10: log.txt: lines 3 to 4 and 4 to 7 have lines in common"},
    {"    - {file: metrics.txt", "  - {file: metrics.txt", NULL, QUESTIONS ":12: did not find expected key"},
    {NULL, NULL, "evidence/log.txt", QUESTIONS ":10: " INCIDENT "evidence/log.txt is no file with lines"},
};

/* A fault in the questions leaves the incident what it is; only they cannot be asked. */
static void test_question_faults(void **state)
{
    struct error err;
    struct catalog *catalog = load_incidents(*state);
    const struct incident *incident = catalog->exercises[0]->incident;

    for (size_t i = 0; i < sizeof question_faults / sizeof question_faults[0]; i++) {
        const struct fault *fault = &question_faults[i];
        if (fault->remove)
            path_remove(talloc_asprintf(catalog, "%s/" INCIDENT "%s", (char *)*state, fault->remove));
        else
            put_text(*state, QUESTIONS, replaced(catalog, questions, fault->from, fault->to));
        if (questions_load(catalog, *state, incident, &err))
            fail_msg("accepted, where this was expected: %s", fault->expect);
        if (!strstr(err.text, fault->expect) || err.status != EXIT_GRADER)
            fail_msg("expected: %s\ngot: %s", fault->expect, err.text);
        put_incident(*state, "01-flood");
    }
    put_text(*state, QUESTIONS, "");
    assert_null(questions_load(catalog, *state, incident, &err));
    assert_true(strstr(err.text, QUESTIONS ": it is empty"));
    put_text(*state, QUESTIONS, "# not yet: cause: x\n");
    assert_null(questions_load(catalog, *state, incident, &err));
    assert_true(strstr(err.text, QUESTIONS ": it must have cause:, evidence: and action:"));
    talloc_free(catalog);
}

static void test_evidence(void **state)
{
    struct catalog *catalog = load_incidents(*state);
    const struct incident *incident = catalog->exercises[0]->incident;
    struct evidence_file *files;

    put_text(*state, INCIDENT "evidence/.keep", "hidden\n");
    put_text(*state, INCIDENT "evidence/empty.txt", "");
    put_text(*state, INCIDENT "evidence/more/log.txt", "below\n");
    assert_int_equal(evidence_files(catalog, incident, &files), 2);
    assert_string_equal(files[0].name, "log.txt");
    assert_int_equal(files[0].lines, 8);
    assert_int_equal(files[1].lines, 2);
    assert_int_equal(evidence_lines(incident, "log.txt"), 8);
    assert_int_equal(evidence_lines(incident, ".keep"), 0);
    assert_int_equal(evidence_lines(incident, "../page.md"), 0);
    assert_int_equal(evidence_lines(incident, "more/log.txt"), 0);
    assert_int_equal(evidence_lines(incident, ""), 0);
    talloc_free(catalog);
}

/* Those that the project ships can all be asked. */
static void test_own(void **state)
{
    struct error err;
    struct catalog *catalog = load_incidents(".");

    (void)state;
    for (size_t i = 0; i < catalog->faulty_count; i++)
        print_error("%s\n", catalog->faulty[i].message);
    assert_int_equal(catalog->faulty_count, 0);
    assert_true(catalog->exercise_count > 0);
    int failed = 0;
    for (size_t i = 0; i < catalog->exercise_count; i++)
        if (!questions_load(catalog, ".", catalog->exercises[i]->incident, &err)) {
            print_error("%s\n", err.text);
            failed = 1;
        }
    assert_int_equal(failed, 0);
    talloc_free(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sound, set_up_incident, tear_down),
        cmocka_unit_test_setup_teardown(test_plan_faults, set_up_incident, tear_down),
        cmocka_unit_test_setup_teardown(test_others, set_up_incident, tear_down),
        cmocka_unit_test_setup_teardown(test_questions, set_up_incident, tear_down),
        cmocka_unit_test_setup_teardown(test_question_faults, set_up_incident, tear_down),
        cmocka_unit_test_setup_teardown(test_evidence, set_up_incident, tear_down),
        cmocka_unit_test(test_own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
