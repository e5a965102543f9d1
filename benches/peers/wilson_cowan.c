/* W7 and W7-OU: uncoupled Wilson-Cowan units, forward Euler; the Ornstein-Uhlenbeck noise follows its
   exact law. Exponential functions are libmvec's. */
#include "peer.h"
#include "normal.h"

static real *x, *y, *u, *v, *p, *q;

static void prepare(void) {
    size_t room = (size_t)n + LANES;
    x = reals(room), y = reals(room), u = reals(room), v = reals(room), p = reals(room), q = reals(room);
    for (long k = 0; k < n; k++) {
        p[k] = (real)(2 * uniform(0, (uint64_t)k));
        q[k] = (real)uniform(1, (uint64_t)k);
    }
}

static void reset(void) {
    generator g;
    seed(&g, 999);
    for (long block = 0; block < n; block += LANES) normals(&g, u + block, v + block);
    for (long k = 0; k < n; k++) {
        x[k] = (real)(0.05 * uniform(2, (uint64_t)k));
        y[k] = (real)(0.05 * uniform(3, (uint64_t)k));
    }
}

static inline real logistic(real x) { return 1 / (1 + (IS_SINGLE ? (real)expf((float)-x) : (real)exp((double)-x))); }

static inline __attribute__((always_inline)) void units(long block, real sigma, int is_driven) {
    real *restrict X = x + block, *restrict Y = y + block;
    const real *restrict U = u + block, *restrict V = v + block, *restrict P = p + block, *restrict Q = q + block;
    const real rest_x = (real)(1 / (1 + exp(1.2 * 2.8))), rest_y = (real)(1 / (1 + exp(4.0))), dt = (real)0.1;
#pragma omp simd
    for (int k = 0; k < LANES; k++) {
        real a = X[k], b = Y[k];
        real s = logistic((real)1.2 * (12 * a - 4 * b + P[k] + (is_driven ? sigma * U[k] : 0) - (real)2.8)) - rest_x;
        real r = logistic(13 * a - 11 * b + Q[k] + (is_driven ? sigma * V[k] : 0) - 4) - rest_y;
        X[k] = a + dt * ((1 - a) * s - a);
        Y[k] = b + dt * ((1 - b) * r - b);
    }
}

static inline void noise(generator *g, long block) {
    real z1[LANES] __attribute__((aligned(64))), z2[LANES] __attribute__((aligned(64)));
    real decay = (real)exp(-0.1 / 5), gain = (real)sqrt(-expm1(-0.2 / 5));
    real *restrict U = u + block, *restrict V = v + block;
    normals(g, z1, z2);
    for (int k = 0; k < LANES; k++) U[k] = decay * U[k] + gain * z1[k], V[k] = decay * V[k] + gain * z2[k];
}

static void run(void) {
    int is_driven = !strcmp(workload, "W7-OU");
    real sigma = is_driven && is_noisy ? (real)sqrt(0.025) : 0;
#pragma omp parallel num_threads(threads)
    {
        long id = omp_get_thread_num(), blocks = (n + LANES - 1) / LANES;
        long from = blocks * id / threads * LANES, to = blocks * (id + 1) / threads * LANES;
        generator g;
        seed(&g, (uint64_t)id);
        for (long step = 0; step < steps; step++)
            for (long block = from; block < to; block += LANES) {
                if (is_driven) {
                    units(block, sigma, 1);
                    noise(&g, block);
                } else
                    units(block, 0, 0);
            }
    }
}

static long look(double **values) {
    *values = zeros((size_t)n, sizeof(double));
    for (long k = 0; k < n; k++) (*values)[k] = (double)x[k] + (double)y[k];
    return n;
}
