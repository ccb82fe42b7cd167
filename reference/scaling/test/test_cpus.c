/* test_cpus.c - masks and quotas, from texts and from a made-up tree of cgroup files.
 *
 * sched_getaffinity is wrapped, so that machines of any size can be played; calloc's kin behind CPU_ALLOC
 * too.
 */
/* link: -Wl,--wrap=sched_getaffinity,--wrap=__sched_cpualloc */
#include "scaling_test.h"
#include "cpus.h"
#include <errno.h>
#include <sched.h>
#include <sys/stat.h>

/* The wrappers have no argument for this, so it has to be global. */
static struct {
    size_t kernel_bytes; /* size of the played kernel's mask; 0: ask the real one */
    unsigned cpus;       /* in the mask */
    int error;           /* other than EINVAL */
    int no_memory;
} machine;

int __real_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *mask);
cpu_set_t *__real___sched_cpualloc(size_t count);

int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *mask)
{
    if (machine.kernel_bytes == 0 && machine.error == 0)
        return __real_sched_getaffinity(pid, size, mask);
    errno = machine.error ? machine.error : EINVAL;
    if (machine.error || size < machine.kernel_bytes)
        return -1;
    CPU_ZERO_S(size, mask);
    for (unsigned i = 0; i < machine.cpus; i++)
        CPU_SET_S(i * 2, size, mask);
    return 0;
}

cpu_set_t *__wrap___sched_cpualloc(size_t count)
{
    return machine.no_memory ? NULL : __real___sched_cpualloc(count);
}

static unsigned affinity_of(size_t kernel_bytes, unsigned cpus, int error, int no_memory)
{
    machine = (__typeof__(machine)){kernel_bytes, cpus, error, no_memory};
    unsigned affinity = pool_cpus_affinity();
    machine = (__typeof__(machine)){0};
    return affinity;
}

static void the_mask_is_asked_at_any_size(void **state)
{
    (void)state;
    assert_int_equal(affinity_of(128, 1, 0, 0), 1);
    assert_int_equal(affinity_of(128, 12, 0, 0), 12);
    assert_int_equal(affinity_of(1024, 3000, 0, 0), 3000); /* more than cpu_set_t holds */
    assert_int_equal(affinity_of((size_t)1 << 30, 4, 0, 0), 0);
    assert_int_equal(affinity_of(128, 4, EPERM, 0), 0);
    assert_int_equal(affinity_of(128, 4, 0, 1), 0);
}

/* With one processor in the mask, sysconf still counts them all. */
static void a_real_mask_counts(void **state)
{
    cpu_set_t before, one;
    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    assert_int_equal(pool_cpus_affinity(), CPU_COUNT(&before));
    CPU_ZERO(&one);
    for (int i = 0; CPU_COUNT(&one) == 0; i++)
        if (CPU_ISSET(i, &before))
            CPU_SET(i, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(pool_cpus_affinity(), 1);
    assert_int_equal(pool_cpus(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

static void the_smaller_counts_and_never_less_than_one(void **state)
{
    (void)state;
    assert_int_equal(pool_cpus_usable(8, INFINITY), 8);
    assert_int_equal(pool_cpus_usable(8, 1.5), 2);
    assert_int_equal(pool_cpus_usable(8, 2), 2);
    assert_int_equal(pool_cpus_usable(2, 3.5), 2);
    assert_int_equal(pool_cpus_usable(8, 0.1), 1);
    assert_int_equal(pool_cpus_usable(0, 4), 1);
    assert_int_equal(pool_cpus_usable(8, NAN), 8);
    assert_int_equal(pool_cpus_usable(8, -3), 1);
}

static void version_2_texts(void **state)
{
    static const struct {
        const char *text;
        double quota; /* NAN: refused */
    } rows[] = {{"150000 100000\n", 1.5},
                {"max 100000\n", INFINITY},
                {"max", INFINITY},
                {"max\n", INFINITY},
                {"50000\n", 0.5},
                {"400000 200000", 2},
                {"maximum", NAN},
                {"", NAN},
                {"\n", NAN},
                {"100000 0\n", NAN},
                {"0 100000", NAN},
                {"-1 100000", NAN},
                {"1e5 100000", NAN},
                {"100000 x", NAN},
                {"1 2 3", NAN},
                {"12x", NAN},
                {"99999999999999999999 100000", NAN}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double quota = pool_cpus_quota_v2(rows[i].text);
        if (isnan(rows[i].quota))
            assert_nan(quota);
        else
            assert_true(quota == rows[i].quota);
    }
    assert_nan(pool_cpus_quota_v2(NULL));
}

static void version_1_texts(void **state)
{
    (void)state;
    assert_near(pool_cpus_quota_v1("250000\n", "100000\n"), 2.5, 0);
    assert_true(isinf(pool_cpus_quota_v1("-1\n", "100000\n")));
    assert_true(isinf(pool_cpus_quota_v1("-1\n", "")));
    assert_nan(pool_cpus_quota_v1("-2\n", "100000\n"));
    assert_nan(pool_cpus_quota_v1("100000", "0"));
    assert_nan(pool_cpus_quota_v1("100000", ""));
    assert_nan(pool_cpus_quota_v1("100000", "100000 7"));
    assert_nan(pool_cpus_quota_v1("", "100000"));
    assert_nan(pool_cpus_quota_v1("1 2", "100000"));
    assert_nan(pool_cpus_quota_v1(NULL, "1"));
    assert_nan(pool_cpus_quota_v1("1", NULL));
}

/* --- a tree of files ----------------------------------------------------------------------------------- */

struct tree {
    char root[64];
};

static void tree_put(struct tree *tree, const char *path, const char *text)
{
    char name[512];
    snprintf(name, sizeof name, "%s/%s", tree->root, path);
    for (char *slash = name + strlen(tree->root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = '\0';
        mkdir(name, 0700);
    }
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void tree_make(struct tree *tree)
{
    snprintf(tree->root, sizeof tree->root, "/tmp/pool-cpus-XXXXXX");
    assert_non_null(mkdtemp(tree->root));
}

static void tree_remove(struct tree *tree)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", tree->root);
    assert_int_equal(system(command), 0);
}

static void version_2_takes_the_least_on_the_way_up(void **state)
{
    struct tree tree;
    (void)state;
    tree_make(&tree);
    tree_put(&tree, "a.slice/cpu.max", "150000 100000\n");
    tree_put(&tree, "a.slice/b.service/cpu.max", "max 100000\n");
    tree_put(&tree, "a.slice/c.service/cpu.max", "50000 100000\n");
    assert_near(pool_cpus_quota_at("0::/a.slice/b.service\n", tree.root), 1.5, 0); /* the parent's binds */
    assert_near(pool_cpus_quota_at("0::/a.slice/c.service\n", tree.root), 0.5, 0);
    tree_put(&tree, "a.slice/d.service/cpu.max", "300000 100000\n");
    assert_near(pool_cpus_quota_at("0::/a.slice/d.service\n", tree.root), 1.5, 0);
    assert_near(pool_cpus_quota_at("0::/a.slice/gone/away\n", tree.root), 1.5, 0);
    assert_true(isinf(pool_cpus_quota_at("0::/\n", tree.root))); /* a host's root has no cpu.max */
    tree_put(&tree, "cpu.max", "200000 100000\n");               /* a container's root has */
    assert_near(pool_cpus_quota_at("0::/\n", tree.root), 2, 0);
    assert_near(pool_cpus_quota_at("0::/../../elsewhere", tree.root), 2, 0);
    tree_remove(&tree);
}

static void version_1_looks_in_the_controllers_folder(void **state)
{
    const char *self = "12:cpuset:/\n4:memory:/x\n3:cpuacct,cpu:/docker/abc\n0::/\n";
    struct tree tree;
    (void)state;
    tree_make(&tree);
    assert_true(isinf(pool_cpus_quota_at(self, tree.root)));
    tree_put(&tree, "cpuset/cpu.cfs_quota_us", "100"); /* not where the limit is */
    tree_put(&tree, "cpuset/cpu.cfs_period_us", "100000");
    assert_true(isinf(pool_cpus_quota_at(self, tree.root)));
    tree_put(&tree, "cpu/docker/abc/cpu.cfs_quota_us", "350000\n");
    tree_put(&tree, "cpu/docker/abc/cpu.cfs_period_us", "100000\n");
    assert_near(pool_cpus_quota_at(self, tree.root), 3.5, 0);
    tree_put(&tree, "cpuacct,cpu/cpu.cfs_quota_us",
             "250000\n"); /* a container: the mount's root is its own */
    tree_put(&tree, "cpuacct,cpu/cpu.cfs_period_us", "100000\n");
    assert_near(pool_cpus_quota_at(self, tree.root), 2.5, 0);
    tree_remove(&tree);
}

static void unreadable_places_are_no_limit(void **state)
{
    struct tree tree;
    char deep[9000];
    (void)state;
    tree_make(&tree);
    assert_true(isinf(pool_cpus_quota_at(NULL, tree.root)));
    assert_true(isinf(pool_cpus_quota_at("0::/", NULL)));
    assert_true(isinf(pool_cpus_quota_at("", tree.root)));
    assert_true(isinf(pool_cpus_quota_at("nonsense\n1:cpu\n", tree.root)));
    tree_put(&tree, "cpu.max", "this is no quota");
    tree_put(&tree, "d/cpu.max/x", ""); /* a folder where a file should be */
    assert_true(isinf(pool_cpus_quota_at("0::/d\n", tree.root)));
    memset(deep, 'x', sizeof deep);
    memcpy(deep, "0::/", 4);
    deep[5000] = '\0';
    assert_true(isinf(pool_cpus_quota_at(deep, tree.root))); /* longer than any path */
    memcpy(deep, "0:cpu:/", 7);
    deep[4085] = '\0';
    assert_true(isinf(pool_cpus_quota_at(deep, tree.root)));
    memset(deep + 6, 'c', 4000);
    memcpy(deep, "0:cpu,", 6);
    memcpy(deep + 4500, ":/", 3);
    assert_true(isinf(pool_cpus_quota_at(deep, tree.root)));
    tree_remove(&tree);
}

static void looking_puts_it_together(void **state)
{
    struct tree tree;
    char self[128];
    (void)state;
    tree_make(&tree);
    tree_put(&tree, "self", "0::/x\n");
    tree_put(&tree, "x/cpu.max", "150000 100000\n");
    snprintf(self, sizeof self, "%s/self", tree.root);
    struct pool_cpus_places places = {.self = self, .cgroup = tree.root};

    machine = (__typeof__(machine)){.kernel_bytes = 128, .cpus = 16};
    struct pool_cpus seen = pool_cpus_look(&places);
    assert_int_equal(seen.affinity, 16);
    assert_near(seen.quota, 1.5, 0);
    assert_int_equal(seen.usable, 2);
    places.self = "/nowhere/at/all";
    seen = pool_cpus_look(&places);
    assert_true(isinf(seen.quota));
    assert_int_equal(seen.usable, 16);
    machine = (__typeof__(machine)){0};
    seen = pool_cpus_look(&(struct pool_cpus_places){0});
    assert_int_equal(seen.usable, pool_cpus());
    assert_true(seen.usable >= 1 && seen.usable <= seen.affinity);
    tree_remove(&tree);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(the_mask_is_asked_at_any_size),
        CASE(a_real_mask_counts),
        CASE(the_smaller_counts_and_never_less_than_one),
        CASE(version_2_texts),
        CASE(version_1_texts),
        CASE(version_2_takes_the_least_on_the_way_up),
        CASE(version_1_looks_in_the_controllers_folder),
        CASE(unreadable_places_are_no_limit),
        CASE(looking_puts_it_together),
    };
    return cmocka_run_group_tests_name("scaling: cpus", cases, NULL, NULL);
}
