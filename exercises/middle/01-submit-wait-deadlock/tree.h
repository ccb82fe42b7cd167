/* tree.h - what the exercise asks for, and what it gives. */
#ifndef TREE_H
#define TREE_H

#include "crew.h"

enum { FOLDERS_MOST = 4 }; /* folders that lie directly in one folder */

struct folder {
    unsigned count;
    const struct folder *folders[FOLDERS_MOST];
};

/* All bytes in ROOT and the folders below it: folder_bytes once for each, side by side on the workers of
 * CREW. Called from outside the crew, by one thread at a time. Yours to write. */
unsigned long tree_bytes(struct crew *crew, const struct folder *root);

/* The bytes of the files that lie directly in FOLDER. Takes a while. Given; may be called from any thread. */
unsigned long folder_bytes(const struct folder *folder);

#endif
