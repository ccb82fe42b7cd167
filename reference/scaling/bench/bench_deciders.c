/* bench_deciders.c - the deciders on recorded loads, in virtual time: how often each resizes, how fast it
 * reaches a step, how far it overshoots, how long the promise about waiting is broken, and what it costs.
 *
 *     bench_deciders                   the tables
 *     bench_deciders --data DIRECTORY  a file for each load and decider as well: time, rate, size, wait, ...
 *
 * The same numbers on every machine and in every run: nothing here is measured in real time.
 */
#include "figures.h"

static const enum contestant_name compared[] = {ONE_THRESHOLD, ONE_SMOOTHED, BAND,  NARROW_BAND, AIMD,
                                                PID,           PID_EXACT,    TREND, TIMETABLE};

enum { SEED = 7 };

static void write_data(const struct run *run, const char *directory, const char *load, unsigned number)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s-%u.dat", directory, load, number);
    for (char *c = path + strlen(directory); *c; c++)
        *c = *c == ' ' ? '-' : *c;
    FILE *file = fopen(path, "w");
    if (!file) {
        perror(path);
        exit(1);
    }
    fprintf(file, "# %s, %s: seconds, arrivals/s, workers, used, wait p99 s, errors, in flight\n", load,
            contestants[run->who].name);
    for (size_t i = 0; i < run->plant.lines; i++) {
        const struct plant_line *line = &run->plant.history[i];
        fprintf(file, "%.1f %.0f %u %.3f %.4f %.3f %u\n", line->at, line->rate, line->size, line->utilisation,
                line->dwell, line->errors, line->in_flight);
    }
    fclose(file);
}

/* --- noise, step, ramp, sawtooth ----------------------------------------------------------------------- */

static void print_head(const struct load *load)
{
    printf("\n**%s**, %.0f s\n\n| decider | resizes/min | promise broken | workers | from, to |", load->name,
           load->seconds);
    if (load->step_at > 0)
        printf(" step reached | promise kept after | overshoot | refused |");
    printf("\n| --- | --- | --- | --- | --- |%s\n", load->step_at > 0 ? " --- | --- | --- | --- |" : "");
}

static void print_figures(const char *name, const struct figures *f)
{
    printf("| %s | %.1f | %.1f %% | %.0f | %u to %u |", name, f->resizes_a_minute, f->late * 100,
           f->mean_size, f->least, f->most);
    if (!isnan(f->overshoot))
        printf(" %.1f s | %.1f s | %.0f %% | %.1f %% |", f->reached, f->kept_again, f->overshoot * 100,
               f->refused * 100);
    printf("\n");
}

static void compare(struct run *run, const struct load *load, const char *directory)
{
    print_head(load);
    for (unsigned i = 0; i < sizeof compared / sizeof compared[0]; i++) {
        run_make(run, compared[i], load, PLANT_PLAIN, 0, SEED);
        struct figures figures = run_figures(run);
        print_figures(contestants[compared[i]].name, &figures);
        if (directory)
            write_data(run, directory, load->name, compared[i]);
        run_release(run);
    }
}

/* --- slow downstream, flood ---------------------------------------------------------------------------- */

static void compare_sickness(struct run *run, const char *directory)
{
    static const struct {
        const char *name;
        enum contestant_name who;
        enum plant_kind kind;
    } rows[] = {{"band, retry at once, no breaker", NARROW_BAND, PLANT_BARE},
                {"band, breaker and time limit", NARROW_BAND, PLANT_GUARDED},
                {"the same, with vetoes", VETOED, PLANT_GUARDED}};
    const struct load *load = &loads[LOAD_SLOW];

    printf("\n**%s**: ten times as slow from %.0f s to %.0f s\n\n", load->name, load->slow_from,
           load->slow_to);
    printf(
        "| loop | in flight before, after | grew while not closed | workers, most | healthy again after |\n");
    printf("| --- | --- | --- | --- | --- |\n");
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run_make(run, rows[i].who, load, rows[i].kind, 0, SEED);
        struct sickness it = run_sickness(run);
        printf("| %s | %u, %u | %d | %u |", rows[i].name, it.healthy_peak, it.peak, it.grew,
               run_figures(run).most);
        if (it.healthy_after > load->seconds - load->slow_to - 1)
            printf(" never |\n");
        else
            printf(" %.1f s |\n", it.healthy_after);
        if (directory)
            write_data(run, directory, load->name, i);
        run_release(run);
    }
}

static void compare_windup(struct run *run, const char *directory)
{
    static const enum contestant_name rows[] = {PID_WINDING, PID_EXACT, PID};
    const struct load *load = &loads[LOAD_FLOOD];

    printf("\n**%s**: two minutes above what %d workers can do, then a third\n\n", load->name, FLOOD_CEILING);
    printf("| decider | leaves the ceiling after | steady error | overshoot | resizes/min |\n");
    printf("| --- | --- | --- | --- | --- |\n");
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run_make(run, rows[i], load, PLANT_PLAIN, FLOOD_CEILING, SEED);
        struct windup it = run_windup(run);
        printf("| %s | %.1f s | %.1f %% | %.1f %% | %.1f |\n", contestants[rows[i]].name, it.left,
               it.steady * 100, it.overshoot * 100, run_figures(run).resizes_a_minute);
        if (directory)
            write_data(run, directory, load->name, rows[i]);
        run_release(run);
    }
}

int main(int argc, char **argv)
{
    const char *directory = argc == 3 && strcmp(argv[1], "--data") == 0 ? argv[2] : NULL;
    struct run *run = malloc(sizeof *run);

    if (!run || (argc != 1 && !directory)) {
        fprintf(stderr, "usage: bench_deciders [--data DIRECTORY]\n");
        free(run);
        return 2;
    }
    for (enum load_name i = LOAD_NOISE; i <= LOAD_SAW; i++)
        compare(run, &loads[i], directory);
    compare_sickness(run, directory);
    compare_windup(run, directory);
    free(run);
    return 0;
}
