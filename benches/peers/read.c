/* What a plain loop takes to read the connections of W3 and W4, and nothing else. W3: four matrices; W4: four lists of
   weights, and of sources in 16 bits where they are enough, else 32. */
#include "peer.h"

static uint64_t *connections[4];
/* Of each list, in numbers of 64 bits. */
static long length;
static uint64_t total;

static void prepare(void) {
    long pairs = (n + 1) / 2;
    long source = pairs <= 1 << 16 ? 2 : 4;
    long bytes = strcmp(workload, "W3") ? pairs * 50 * ((long)sizeof(real) + source) : n * n * (long)sizeof(real);
    length = bytes / 8;
    for (int kind = 0; kind < 4; kind++) {
        connections[kind] = zeros((size_t)length, 8);
        for (long k = 0; k < length; k++) connections[kind][k] = (uint64_t)(k * kind);
    }
}

static void reset(void) { total = 0; }

static void run(void) {
    for (long step = 0; step < steps; step++) {
#pragma omp parallel num_threads(threads) reduction(+ : total)
        for (int kind = 0; kind < 4; kind++) {
            const uint64_t *restrict list = connections[kind];
#pragma omp for nowait
            for (long k = 0; k < length; k++) total += list[k];
        }
    }
}

static long look(double **values) {
    *values = zeros(1, sizeof(double));
    **values = (double)total;
    return 1;
}
