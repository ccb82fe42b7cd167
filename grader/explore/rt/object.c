/* object.c - what is known of each synchronisation object, by its address: a hash table with open addressing.
 */
#include "explore/rt/inside.h"

#include <string.h>

enum { RWLOCK_GONE = 0x676f6e65 }; /* in a field that glibc does not use */

static unsigned slot_of(const void *address)
{
    return (unsigned)(((uintptr_t)address >> 3) * 0x9e3779b97f4a7c15ULL >> 40) & (OBJECTS - 1);
}

/* glibc keeps a mutex's kind in the mutex, also when it was initialised statically. */
static void adopt(struct rt_object *object, enum object_kind kind)
{
    object->kind = (uint8_t)kind;
    object->owner = -1;
    if (kind == OBJECT_MUTEX) {
        int bits = ((const pthread_mutex_t *)object->address)->__data.__kind;
        object->type = (uint8_t)(bits & 3);
        object->robust = (bits & 16) != 0;
    }
}

static struct rt_object *lay(struct rt_object *object, const void *address, enum object_kind kind)
{
    *object = (struct rt_object){.address = address};
    adopt(object, kind);
    return object;
}

/* A place of one that was destroyed and that nobody is inside of: that it was there is forgotten, and with it
 * that it must not be used. NULL: there is none. */
static struct rt_object *bury(void)
{
    for (unsigned slot = 0; slot < OBJECTS; slot++) {
        struct rt_object *object = &rt.object[slot];
        if (object->destroyed && object->owner < 0 && object->waiting == 0)
            return object;
    }
    return NULL;
}

struct rt_object *object_find(const void *address, enum object_kind kind)
{
    struct rt_object *grave = NULL;

    for (unsigned i = 0, slot = slot_of(address); i < OBJECTS; i++, slot = (slot + 1) & (OBJECTS - 1)) {
        struct rt_object *object = &rt.object[slot];
        if (object->kind == OBJECT_NONE)
            return lay(grave ? grave : object, address, kind);
        if (object->kind == OBJECT_GONE && !grave)
            grave = object;
        if (object->address == address && object->kind == kind)
            return object;
    }
    if (!grave)
        grave = bury();
    if (grave)
        return lay(grave, address, kind);
    rt_unsupported("more synchronisation objects at once than the explorer keeps", NULL);
}

void object_forget(const void *address)
{
    for (unsigned i = 0, slot = slot_of(address); i < OBJECTS; i++, slot = (slot + 1) & (OBJECTS - 1)) {
        struct rt_object *object = &rt.object[slot];
        if (object->kind == OBJECT_NONE)
            return;
        if (object->address == address)
            object->kind = OBJECT_GONE;
    }
}

void object_destroy(const void *address, enum object_kind kind)
{
    object_find(address, kind)->destroyed = 1;
    if (kind == OBJECT_RWLOCK)
        ((pthread_rwlock_t *)address)->__data.__pad4 = RWLOCK_GONE;
}

/* Has something else been made where OBJECT was, without a call? glibc marks mutexes and condition variables
 * that were destroyed, we read-write locks; a static initialiser wipes the mark. What has no mark is taken
 * for new, unless only a call can make it. */
static int is_made_anew(const struct rt_object *object)
{
    switch ((enum object_kind)object->kind) {
    case OBJECT_MUTEX:
        return ((const pthread_mutex_t *)object->address)->__data.__kind != -1;
    case OBJECT_COND:
        return !(((const pthread_cond_t *)object->address)->__data.__wrefs & 4);
    case OBJECT_RWLOCK:
        return ((const pthread_rwlock_t *)object->address)->__data.__pad4 != RWLOCK_GONE;
    case OBJECT_SEM:
    case OBJECT_SPIN:
    case OBJECT_BARRIER:
        return 0;
    default:
        return 1;
    }
}

void object_check(struct rt_object *object, const void *pc)
{
    static const char *const names[] = {[OBJECT_MUTEX] = "mutex",    [OBJECT_COND] = "condition variable",
                                        [OBJECT_SEM] = "semaphore",  [OBJECT_RWLOCK] = "read-write lock",
                                        [OBJECT_SPIN] = "spin lock", [OBJECT_BARRIER] = "barrier"};

    freed_check(object->address, pc);
    if (!object->destroyed)
        return;
    if (!is_made_anew(object))
        rt_fail(CLASS_MISUSE, pc, NULL, object->address, "a %s is used that has been destroyed",
                names[object->kind]);
    enum object_kind kind = (enum object_kind)object->kind;
    *object = (struct rt_object){.address = object->address};
    adopt(object, kind);
}

/* One that reads OBJECT, other than SELF when there is any. */
static int reader_of(const struct rt_object *object, int self, const void **held_pc)
{
    int reader = self;

    for (int i = 0; i < (int)rt.threads; i++)
        if (i != self && object->reads[i] > 0)
            reader = i;
    if (reader == object->reader)
        *held_pc = object->held_pc;
    return reader;
}

int waits_for(const struct rt_thread *t, const void **held_pc)
{
    *held_pc = NULL;
    if (t->operation == OPERATION_JOIN)
        return (int)(intptr_t)t->context;
    if (t->operation != OPERATION_LOCK && t->operation != OPERATION_WRITE_LOCK &&
        t->operation != OPERATION_READ_LOCK)
        return -1;
    enum object_kind kinds[] = {OBJECT_MUTEX, OBJECT_RWLOCK, OBJECT_SPIN};
    for (unsigned k = 0; k < 3; k++) {
        const struct rt_object *object = object_find(t->object, kinds[k]);
        if (object->owner >= 0) {
            *held_pc = object->held_pc;
            return object->owner;
        }
        if (object->depth > 0 && kinds[k] == OBJECT_RWLOCK)
            return reader_of(object, (int)(t - rt.thread), held_pc);
    }
    return -1;
}
