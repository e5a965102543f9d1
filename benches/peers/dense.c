/* W3: threshold-linear pairs with four dense matrices, forward Euler. Four rows at a time share each
   load of a rate, and each row has a vector of sums of its own. */
#include "peer.h"

static real *weights[4], *e, *i, *into_e, *into_i;

static void prepare(void) {
    for (int kind = 0; kind < 4; kind++) {
        weights[kind] = reals((size_t)n * (size_t)n);
        double sign = kind % 2 ? -1 : 1;
        for (long k = 0; k < n * n; k++) weights[kind][k] = (real)(sign * 2 / (double)n * uniform(20 + (uint64_t)kind, (uint64_t)k));
    }
    e = reals((size_t)n), i = reals((size_t)n), into_e = reals((size_t)n), into_i = reals((size_t)n);
}

static void reset(void) {
    memset(e, 0, (size_t)n * sizeof(real));
    memset(i, 0, (size_t)n * sizeof(real));
}

/* Sums of both kinds of input for both kinds of unit of a pair, in one pass over four rows. */
static inline void row(long k) {
    const real *restrict w0 = weights[0] + k * n, *restrict w1 = weights[1] + k * n;
    const real *restrict w2 = weights[2] + k * n, *restrict w3 = weights[3] + k * n;
    real a = 0, b = 0, c = 0, d = 0;
#pragma omp simd reduction(+ : a, b, c, d)
    for (long j = 0; j < n; j++) a += w0[j] * e[j], b += w1[j] * i[j], c += w2[j] * e[j], d += w3[j] * i[j];
    into_e[k] = 10 + a + b, into_i[k] = 5 + c + d;
}

static void run(void) {
    for (long step = 0; step < steps; step++) {
#pragma omp parallel for num_threads(threads)
        for (long k = 0; k < n; k++) row(k);
        for (long k = 0; k < n; k++) {
            e[k] = positive(e[k] + (real)(0.1 / 20) * ((real)0.066 * positive(into_e[k]) - e[k]));
            i[k] = positive(i[k] + (real)(0.1 / 10) * ((real)0.351 * positive(into_i[k]) - i[k]));
        }
    }
}

static long look(double **values) {
    *values = zeros((size_t)n, sizeof(double));
    for (long k = 0; k < n; k++) (*values)[k] = (double)e[k] + (double)i[k];
    return n;
}
