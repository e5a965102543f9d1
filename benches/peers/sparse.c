/* W4: threshold-linear pairs with 50 inputs from each kind to each kind, forward Euler. Compressed rows
   of fixed length, so that row starts need not be read. */
#include "peer.h"

#define INPUTS 50
static real *weights[4], *e, *i, *into_e, *into_i;
static int32_t *sources[4];
static long pairs;

static void prepare(void) {
    pairs = (n + 1) / 2;
    long count = pairs * INPUTS;
    for (int kind = 0; kind < 4; kind++) {
        weights[kind] = reals((size_t)count);
        sources[kind] = zeros((size_t)count, sizeof(int32_t));
        for (long k = 0; k < count; k++) {
            sources[kind][k] = (int32_t)(uniform(30 + (uint64_t)kind, (uint64_t)k) * (double)pairs);
            weights[kind][k] = (real)((kind % 2 ? -0.02 : 0.02) * uniform(40 + (uint64_t)kind, (uint64_t)k));
        }
    }
    e = reals((size_t)pairs), i = reals((size_t)pairs), into_e = reals((size_t)pairs), into_i = reals((size_t)pairs);
}

static void reset(void) {
    memset(e, 0, (size_t)pairs * sizeof(real));
    memset(i, 0, (size_t)pairs * sizeof(real));
}

static inline real sum(int kind, long k, const real *restrict rates) {
    const real *restrict w = weights[kind] + k * INPUTS;
    const int32_t *restrict s = sources[kind] + k * INPUTS;
    real total = 0;
    for (int j = 0; j < INPUTS; j++) total += w[j] * rates[s[j]];
    return total;
}

static void run(void) {
    for (long step = 0; step < steps; step++) {
#pragma omp parallel for num_threads(threads)
        for (long k = 0; k < pairs; k++) {
            into_e[k] = 10 + sum(0, k, e) + sum(1, k, i);
            into_i[k] = 5 + sum(2, k, e) + sum(3, k, i);
        }
        for (long k = 0; k < pairs; k++) {
            e[k] = positive(e[k] + (real)(0.1 / 20) * ((real)0.066 * positive(into_e[k]) - e[k]));
            i[k] = positive(i[k] + (real)(0.1 / 10) * ((real)0.351 * positive(into_i[k]) - i[k]));
        }
    }
}

static long look(double **values) {
    *values = zeros((size_t)pairs, sizeof(double));
    for (long k = 0; k < pairs; k++) (*values)[k] = (double)e[k] + (double)i[k];
    return pairs;
}
