/* policy.h - what the page renderer asks of policy.c, and what policy.c may ask of it.
 *
 * A page is made of fragments, and a fragment may be made of fragments. To render one is to ask the content
 * store for it, to have its parts rendered, and to assemble it from them. Every fragment is rendered in a task
 * of the service's one pool. Of the reference library everything may be used.
 */
#ifndef INCIDENT_06_POLICY_H
#define INCIDENT_06_POLICY_H

#include "pool.h"

enum { FRAGMENT_PARTS = 8, FRAGMENT_ROOM = 192 };

/* A page, or a piece of one. It lives until its page is assembled. */
struct fragment;

unsigned fragment_parts(const struct fragment *fragment); /* how many, up to FRAGMENT_PARTS */
struct fragment *fragment_part(struct fragment *fragment, unsigned index);
struct fragment *fragment_whole(struct fragment *fragment); /* what it is a part of; NULL: it is the page */

/* FRAGMENT_ROOM bytes for what policy.c keeps with a fragment, aligned for anything and zero at first. The
 * service never looks at them. */
void *fragment_room(struct fragment *fragment);

/* Ask the content store for the fragment's own text: about 2 ms. Once for each fragment, in a worker of a pool.
 */
void fragment_fetch(struct fragment *fragment);

/* Put the fragment together from its parts, which must be ready. For the page this sends the answer: the page
 * and its fragments are gone. A page that lacks something is answered with an error. Never blocks. */
void fragment_assemble(struct fragment *fragment);

/* This fragment will not be rendered: its page is going to be answered with an error, once it is assembled. */
void fragment_give_up(struct fragment *fragment);

/* The task that renders a fragment, for a pool to run: notes who runs it, then calls policy_render. FRAGMENT
 * is a struct fragment. */
void fragment_task(void *fragment);

/* --- what policy.c defines --------------------------------------------------------------------------- */

/* With how many workers to render on CPUS processors. Asked at the start, with 4, and whenever the platform
 * gives or takes some; never more than at the start. */
unsigned policy_workers(unsigned cpus);

/* How the pool is to be made. The service fills in `workers`, and `notes`. */
void policy_configure(struct pool_options *options);

/* A caller is at the door. Pass PAGE to POOL and answer 1; or answer 0, and the caller is refused. */
int policy_take(struct pool *pool, struct fragment *page);

/* Render FRAGMENT: fetch it, have its parts rendered, assemble it. In a task. */
void policy_render(struct pool *pool, struct fragment *fragment);

#endif
