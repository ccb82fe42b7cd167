/* main.c - the world around the till, as it was when threads.txt and metrics.csv were recorded.
 *
 * Two orders a second, a bank that answers within 30 to 50 ms, and a bad day that is told in bank_is_silent:
 * to read it is to read the answer. Built from the exercise's folder, and recorded by hand:
 *
 *     cp starter.c orders.c
 *     cc -D_GNU_SOURCE -g -I. -o till evidence/main.c service.c orders.c -pthread
 *     ./till > metrics.csv &
 *     sleep 570; gdb -batch -ex "thread apply all bt" -p $!
 *
 * threads.txt is gdb's text, trimmed: no inner frames and names of the C library, no metrics thread.
 */
#include "service.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { OPEN_MINUTES = 9, MINUTES = 10 };

struct line {
    unsigned asked; /* the order, 0 for an audit */
    sem_t wire;     /* a post is an answer */
};

static struct line lines[LINES_MOST];

/* What the metrics count in the minute that runs. */
static struct {
    pthread_mutex_t lock;
    unsigned arrived, completed, depth, running;
    double dwells[ORDERS_MOST], calls[ORDERS_MOST];
    size_t dwell_count, call_count;
    double queued_at[ORDERS_MOST + 1];
} minute = {.lock = PTHREAD_MUTEX_INITIALIZER};

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Not at all when the time is over. */
static void pause_ms(long ms)
{
    if (ms > 0)
        nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* --- the shop ------------------------------------------------------------------------------------------- */

int shop_next(struct order *order)
{
    static unsigned last; /* of the intake thread, as is `opened` */
    static double opened;

    if (last == 0)
        opened = now_ms();
    last++;
    pause_ms((long)(opened + last * 500.0 - now_ms()));
    *order = (struct order){last, 1000 + last % 7 * 250};
    return last < OPEN_MINUTES * 120;
}

/* --- the bank ------------------------------------------------------------------------------------------- */

static int bank_is_silent(unsigned order)
{
    return order == 500 || order == 879;
}

struct line *line_open(unsigned number)
{
    sem_init(&lines[number].wire, 0, 0);
    return &lines[number];
}

static void ask(struct line *line, unsigned order)
{
    line->asked = order;
    if (!bank_is_silent(order))
        sem_post(&line->wire);
}

void line_ask_payment(struct line *line, const struct order *order)
{
    ask(line, order->id);
}

void line_ask_audit(struct line *line, unsigned long cents)
{
    (void)cents;
    ask(line, 0);
}

enum answer line_answer(struct line *line, int deadline_ms)
{
    double begun = now_ms();

    (void)deadline_ms; /* the service never gives one */
    pause_ms(30 + line->asked * 7 % 20);
    sem_wait(&line->wire);
    pthread_mutex_lock(&minute.lock);
    minute.calls[minute.call_count++] = now_ms() - begun;
    pthread_mutex_unlock(&minute.lock);
    return line->asked % 9 == 8 ? ANSWER_NO : ANSWER_YES;
}

void line_redial(struct line *line)
{
    (void)line;
}

/* --- the metrics ---------------------------------------------------------------------------------------- */

void tell(enum event event, const struct order *order)
{
    pthread_mutex_lock(&minute.lock);
    if (event == EVENT_QUEUED) {
        minute.queued_at[order->id] = now_ms();
        minute.arrived++;
        minute.depth++;
    } else if (event == EVENT_BEGUN) {
        minute.dwells[minute.dwell_count++] = now_ms() - minute.queued_at[order->id];
        minute.depth--;
        minute.running++;
    } else {
        minute.completed++;
        minute.running--;
    }
    pthread_mutex_unlock(&minute.lock);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Nothing to measure is no number. */
static void print_p99(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    if (count == 0)
        printf(",");
    else
        printf(",%.0f", values[(count - 1) * 99 / 100]);
}

static void *metrics(void *arg)
{
    double start = now_ms() + 250; /* between two orders */

    (void)arg;
    printf("minute,arrived,completed,depth,running,dwell_p99_ms,bank_p99_ms,cpu_percent\n");
    for (int i = 0; i < MINUTES; i++) {
        clock_t cpu = clock();
        pause_ms((long)(start + (i + 1) * 60000.0 - now_ms()));
        pthread_mutex_lock(&minute.lock);
        printf("%d,%u,%u,%u,%u", i, minute.arrived, minute.completed, minute.depth, minute.running);
        print_p99(minute.dwells, minute.dwell_count);
        print_p99(minute.calls, minute.call_count);
        printf(",%.1f\n", (double)(clock() - cpu) / CLOCKS_PER_SEC / 60 * 100);
        fflush(stdout);
        minute.arrived = minute.completed = 0;
        minute.dwell_count = minute.call_count = 0;
        pthread_mutex_unlock(&minute.lock);
    }
    return NULL;
}

int main(void)
{
    pthread_t thread;
    struct service *service;

    pthread_create(&thread, NULL, metrics, NULL);
    service = service_start(&settings);
    pause_ms(OPEN_MINUTES * 60000);
    service_stop(service);
    service_destroy(service);
    pthread_join(thread, NULL);
    return 0;
}
