/* timeline_spark.c - a series in a few characters: one column for some seconds, filled as high as the highest
 * value in them. See timeline_inside.h.
 *
 * A column shows the greatest value, for a short peak is what one looks for. Zero is a thin line, so that it
 * can be told from what is not known yet.
 */
#include "report/timeline_inside.h"

int spark_column(double second, size_t span, int columns)
{
    int column = span ? (int)(second * columns / (double)span) : 0;
    return column < 0 ? 0 : column >= columns ? columns - 1 : column;
}

/* The first row that falls into COLUMN; that of the next column ends it. */
static size_t first_row(const struct spark *spark, int column)
{
    size_t columns = (size_t)spark->columns;
    return ((size_t)column * spark->span + columns - 1) / columns;
}

/* The greatest value of COLUMN as far as it is known; -1: nothing of it is. A column that no row falls into
 * shows the one before it. */
static double greatest(const struct spark *spark, int column)
{
    size_t from = first_row(spark, column), to = first_row(spark, column + 1);
    double most = -1;

    if (from >= to) {
        from = (size_t)column * spark->span / (size_t)spark->columns;
        to = from + 1;
    }
    for (size_t row = from; row < spark->now && row < to; row++)
        most = spark->values[row] > most ? spark->values[row] : most;
    return most;
}

/* Steps that are filled, of LEVELS: at least one for what is more than nothing. */
static int filled(const struct spark *spark, double value, int levels)
{
    if (value <= 0 || spark->most <= 0)
        return 0;
    int level = (int)(value / spark->most * levels + 0.5);
    return level < 1 ? 1 : level > levels ? levels : level;
}

static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const letters[] = {" ", ".", ":", "+", "#"};

void spark_line(FILE *stream, const struct spark *spark, int line)
{
    const char *const *steps = spark->utf8 ? blocks : letters;
    int per_line = spark->utf8 ? 8 : 4, below = (spark->height - 1 - line) * per_line;
    int levels = spark->height * per_line - 1; /* the lowest is for zero */

    for (int column = 0; column < spark->columns; column++) {
        double value = greatest(spark, column);
        int level = value < 0 ? 0 : 1 + filled(spark, value, levels);
        int here = level - below;
        fputs(steps[here < 0 ? 0 : here > per_line ? per_line : here], stream);
    }
}
