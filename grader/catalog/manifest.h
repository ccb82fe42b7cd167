/* manifest.h - one exercise.yaml: read it, then hold it against its folder. Private to catalog/.
 *
 * Both functions fill err with "FILE:LINE: what is wrong and what to do"; FILE is relative to the project's
 * folder.
 */
#ifndef DEEPEND_MANIFEST_H
#define DEEPEND_MANIFEST_H

#include "catalog/catalog.h"

/* A manifest while it is being checked. */
struct manifest {
    const char *root;   /* the project's folder */
    const char *folder; /* "exercises/junior/01-captured-variable" */
    const char *path;   /* folder/exercise.yaml */
    const char *text;   /* its bytes, to find lines in */
    struct exercise *exercise;
};

/* Read ROOT/FOLDER/exercise.yaml into MANIFEST, everything on MEM. -1 on failure. */
int manifest_load(void *mem, const char *root, const char *folder, struct manifest *manifest,
                  struct error *err);

/* The steps of it, for manifests of another kind: the file NAME of the folder as text, and that text by SCHEMA
 * into *DATA. A schema's classes are those of manifest_classes. */
struct cyaml_schema_value;
int manifest_open(void *mem, const char *root, const char *folder, const char *name,
                  struct manifest *manifest, struct error *err);
int manifest_parse(void *mem, const struct manifest *manifest, const struct cyaml_schema_value *schema,
                   void **data, struct error *err);

/* Whether the exercise keeps every rule that the grader and the learner rely on. -1 at the first that it
 * breaks. */
int manifest_validate(const struct manifest *manifest, struct error *err);

/* Fill err with the file, the line where VALUE stands behind KEY (left out when it stands nowhere), and the
 * words; -1. */
int manifest_fault(const struct manifest *manifest, const char *key, const char *value, struct error *err,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
