/* buffer.c - where printed text is until somebody writes it out. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Bytes that have reached the file. */
static long in_file(FILE *stream)
{
    struct stat status;
    return fstat(fileno(stream), &status) == 0 ? (long)status.st_size : -1;
}

int main(void)
{
    FILE *stream = tmpfile();

    if (!stream)
        abort();
    int printed = fprintf(stream, "served\n");
    printf("printed %d bytes, in the file: %ld\n", printed, in_file(stream));
    fflush(stream);
    printf("written out,     in the file: %ld\n", in_file(stream));
    fclose(stream);
    return 0;
}
