/* talk.c - packets from a checked process into its run, see talk.h. */
#include "run/talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <talloc.h>

enum { NOTES_MOST = 200 };

static void make_nonce(char nonce[CHECK_NONCE + 1])
{
    unsigned char bytes[CHECK_NONCE / 2];

    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        abort(); /* cannot happen for so few bytes */
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
}

/* One read of the socket, with the sender's process id (in our namespace: the kernel translates it). */
static ssize_t receive_once(int socket, char *text, size_t room, pid_t *sender)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr align;
    } control;
    struct iovec part = {text, room - 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(socket, &message, MSG_DONTWAIT);

    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); got > 0 && c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
            struct ucred credentials;
            memcpy(&credentials, CMSG_DATA(c), sizeof credentials);
            *sender = credentials.pid;
        }
    }
    return got;
}

/* One packet. -1: none waits, 0: the other side has ended, and nothing is left of what it said.
 *
 * The kernel tells of an end in two ways that come too early. ECONNRESET, when an answer of ours was left
 * unread, is told once, before the packets that are still queued. And a read that finds the queue empty looks
 * at the other side's state only then: when that sends its last packet and ends in between, the read answers
 * 0 with the packet still there. So only a second 0 is the end. */
static ssize_t receive(int socket, char *text, size_t room, pid_t *sender)
{
    ssize_t got;
    int ends = 0;

    do
        got = receive_once(socket, text, room, sender);
    while ((got < 0 && errno == ECONNRESET) || (got == 0 && ++ends < 2));
    text[got > 0 ? got : 0] = '\0';
    return got;
}

static enum verdict_class class_of(const char *name)
{
    for (int class = CLASS_NONE + 1; class < CLASS_COUNT; class ++)
        if (strcmp(class_name(class), name) == 0)
            return class;
    return CLASS_WRONG_RESULT;
}

static enum heard hear_fail(void *mem, struct run *run, char *words)
{
    char class[32], file[256];
    int line, used = 0;

    if (sscanf(words, "%31s %255s %d %n", class, file, &line, &used) < 3)
        return HEARD_NOTHING;
    run->failed = 1;
    run->fail_class = class_of(class);
    run->fail_file = talloc_strdup(mem, file);
    run->fail_line = line;
    run->fail_message = talloc_strdup(mem, words + used);
    return HEARD_RESULT;
}

static enum heard hear_note(void *mem, struct run *run, char *words)
{
    if (run->note_count == NOTES_MOST)
        return HEARD_RESULT;
    run->notes = talloc_realloc(mem, run->notes, char *, run->note_count + 1);
    run->notes[run->note_count++] = talloc_strdup(mem, words);
    return HEARD_RESULT;
}

static enum heard hear_done(void *mem, struct run *run, char *words)
{
    (void)mem;
    (void)words;
    run->completed = 1;
    return HEARD_RESULT;
}

#define QUESTION(name, answer)                                                                               \
    static enum heard name(void *mem, struct run *run, char *words)                                          \
    {                                                                                                        \
        (void)mem;                                                                                           \
        (void)run;                                                                                           \
        (void)words;                                                                                         \
        return answer;                                                                                       \
    }
QUESTION(hear_settle, HEARD_SETTLE)
QUESTION(hear_threads, HEARD_THREADS)
QUESTION(hear_census, HEARD_CENSUS)

static const struct {
    const char *word;
    enum heard (*hear)(void *mem, struct run *run, char *words);
} vocabulary[] = {
    {"fail ", hear_fail},    {"note ", hear_note},      {"done", hear_done},
    {"settle", hear_settle}, {"threads", hear_threads}, {"census", hear_census},
};

enum heard talk_hear(void *mem, struct talk *talk, struct run *run)
{
    char packet[CHECK_PACKET + 1];
    pid_t sender = 0;
    ssize_t got = receive(talk->socket, packet, sizeof packet, &sender);

    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) /* for good */
        return HEARD_END;
    if (got < 0)
        return HEARD_NOTHING;
    if (talk->pid == 0 && strcmp(packet, "hello") == 0 && sender > 0) {
        talk->pid = sender;
        make_nonce(talk->nonce);
        send(talk->socket, talk->nonce, CHECK_NONCE, MSG_NOSIGNAL);
        return HEARD_HELLO;
    }
    if (talk->pid == 0 || got <= CHECK_NONCE || memcmp(packet, talk->nonce, CHECK_NONCE) != 0)
        return HEARD_RESULT; /* not from the check: heard, and worth nothing */
    char *words = packet + CHECK_NONCE + 1;
    for (size_t i = 0; i < sizeof vocabulary / sizeof vocabulary[0]; i++)
        if (strncmp(words, vocabulary[i].word, strlen(vocabulary[i].word)) == 0)
            return vocabulary[i].hear(mem, run, words + strlen(vocabulary[i].word));
    return HEARD_RESULT;
}

void talk_answer(struct talk *talk, long number)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%ld", number);
    send(talk->socket, text, (size_t)length, MSG_NOSIGNAL);
}
