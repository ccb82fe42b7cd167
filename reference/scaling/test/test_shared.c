/* test_shared.c - two controllers and one budget of threads, put together as README.md says: the resize
 * callback reserves, the sample callback lowers the ceiling while others wait for what is held here.
 */
#include "scaling_test.h"
#include "controller.h"
#include "thread_budget.h"

enum { TOTAL = 30, FLOOR = 4, CEILING = 64, POOLS = 2 };

struct shop {
    struct pool_budget_member *member;
    struct pool_controller *controller;
    unsigned live; /* threads that there are; they end when the test says so */
    unsigned target, wish;
};

static unsigned shop_decide(void *self, const struct pool_sample *sample)
{
    (void)sample;
    return ((struct shop *)self)->wish;
}

static enum pool_status shop_sample(void *context, struct pool_sample *sample)
{
    struct shop *shop = context;
    struct pool_budget_view view = pool_thread_budget_view(shop->member);
    (void)sample;
    return pool_controller_set_bounds(shop->controller, FLOOR,
                                      view.allowed < view.held ? view.allowed : CEILING);
}

static unsigned shop_resize(void *context, unsigned size)
{
    struct shop *shop = context;
    shop->target = pool_thread_budget_reserve(shop->member, size);
    shop->live = shop->live > shop->target ? shop->live : shop->target;
    return shop->target;
}

static void shop_open(struct shop *shop, struct pool_thread_budget *budget, int priority)
{
    struct pool_budget_options share = {.minimum = FLOOR, .priority = priority};
    struct pool_controller_options options = {.floor = FLOOR,
                                              .ceiling = CEILING,
                                              .initial = FLOOR,
                                              .decider = {shop_decide, shop},
                                              .log = 8,
                                              .context = shop,
                                              .sample = shop_sample,
                                              .resize = shop_resize};
    *shop = (struct shop){.wish = FLOOR, .target = FLOOR, .live = FLOOR};
    assert_int_equal(pool_thread_budget_join(budget, &share, &shop->member), POOL_OK);
    assert_int_equal(pool_thread_budget_reserve(shop->member, FLOOR), FLOOR);
    assert_int_equal(pool_controller_create(&shop->controller, &options), POOL_OK);
}

/* All tasks end once: threads above the target leave and are returned. */
static void task_length(struct shop *shop)
{
    if (shop->live > shop->target)
        assert_int_equal(pool_thread_budget_return(shop->member, shop->live - shop->target), POOL_OK);
    shop->live = shop->target;
}

static void both_tick(struct shop *shops)
{
    for (int i = 0; i < POOLS; i++)
        assert_int_equal(pool_controller_tick(shops[i].controller), POOL_OK);
    assert_true(shops[0].live + shops[1].live <= TOTAL);
}

static void a_budget_moves_between_two_controllers(void **state)
{
    struct pool_thread_budget *budget;
    struct shop shops[POOLS];
    (void)state;
    assert_int_equal(pool_thread_budget_create(&budget, TOTAL), POOL_OK);
    for (int i = 0; i < POOLS; i++)
        shop_open(&shops[i], budget, i);
    shops[0].wish = 60;
    both_tick(shops);
    assert_int_equal(shops[0].target, TOTAL - FLOOR); /* alone it may have all but the other's minimum */
    shops[1].wish = 20;
    for (int i = 0; i < 2; i++) { /* the one above asks; within two task lengths it has what it asked for */
        both_tick(shops);
        both_tick(shops);
        for (int k = 0; k < POOLS; k++)
            task_length(&shops[k]);
    }
    both_tick(shops);
    assert_int_equal(shops[1].target, 20);
    assert_int_equal(shops[0].target, TOTAL - 20);
    shops[1].wish = 6; /* and what it gives back the other gets again */
    both_tick(shops);
    task_length(&shops[1]);
    both_tick(shops);
    assert_int_equal(shops[1].target, 6);
    assert_int_equal(shops[0].target, TOTAL - 6);
    for (int i = 0; i < POOLS; i++) {
        pool_controller_destroy(shops[i].controller);
        pool_thread_budget_leave(shops[i].member);
    }
    pool_thread_budget_destroy(budget);
}

int main(void)
{
    static const struct CMUnitTest cases[] = {
        CASE(a_budget_moves_between_two_controllers),
    };
    return cmocka_run_group_tests_name("scaling: two controllers, one budget", cases, NULL, NULL);
}
