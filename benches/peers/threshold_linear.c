/* W1 and W2: threshold-linear pairs, forward Euler. W1 both as a sweep over all pairs step by step and,
   as nothing between steps needs the values, tiled in time: 64 pairs stay in registers for all steps. */
#include "peer.h"
#include "normal.h"

static const real rate_e = (real)(0.1 / 20), rate_i = (real)(0.1 / 10), gain_e = (real)0.066, gain_i = (real)0.351;
static const real kick_e = (real)0.5, kick_i = 1; /* 1 Hz sqrt(s) times sqrt(dt) over tau */
static real *e, *i, *current_e, *current_i;

static void prepare(void) {
    e = reals((size_t)n + LANES), i = reals((size_t)n + LANES);
    current_e = reals((size_t)n + LANES), current_i = reals((size_t)n + LANES);
    for (long k = 0; k < n; k++) {
        current_e[k] = (real)(20 * uniform(0, (uint64_t)k) - 5);
        current_i[k] = (real)(20 * uniform(1, (uint64_t)k) - 5);
    }
}

static void reset(void) {
    memset(e, 0, (size_t)n * sizeof(real));
    memset(i, 0, (size_t)n * sizeof(real));
}

static void tile(real *restrict e, real *restrict i, const real *restrict a, const real *restrict b) {
    real E[64], I[64], A[64], B[64];
    for (int k = 0; k < 64; k++) E[k] = e[k], I[k] = i[k], A[k] = gain_e * positive(a[k]), B[k] = gain_i * positive(b[k]);
    for (long step = 0; step < steps; step++)
        for (int k = 0; k < 64; k++) {
            E[k] = positive(E[k] + rate_e * (A[k] - E[k]));
            I[k] = positive(I[k] + rate_i * (B[k] - I[k]));
        }
    for (int k = 0; k < 64; k++) e[k] = E[k], i[k] = I[k];
}

static void sweep(long from, long to) {
    real *restrict x = e, *restrict y = i;
    const real *restrict a = current_e, *restrict b = current_i;
    for (long k = from; k < to; k++) {
        x[k] = positive(x[k] + rate_e * (gain_e * positive(a[k]) - x[k]));
        y[k] = positive(y[k] + rate_i * (gain_i * positive(b[k]) - y[k]));
    }
}

static void noisy(generator *g, long from, long to) {
    for (long block = from; block < to; block += LANES) {
        real z1[LANES] __attribute__((aligned(64))), z2[LANES] __attribute__((aligned(64)));
        normals(g, z1, z2);
        real *restrict x = e + block, *restrict y = i + block;
        const real *restrict a = current_e + block, *restrict b = current_i + block;
        for (int k = 0; k < LANES; k++) {
            x[k] = positive(x[k] + rate_e * (gain_e * positive(a[k]) - x[k]) + kick_e * z1[k]);
            y[k] = positive(y[k] + rate_i * (gain_i * positive(b[k]) - y[k]) + kick_i * z2[k]);
        }
    }
}

static void run(void) {
    int is_w2 = !strcmp(workload, "W2") && is_noisy;
    int by_step = getenv("PEER_BY_STEP") != NULL;
#pragma omp parallel num_threads(threads)
    {
        long id = omp_get_thread_num(), blocks = (n + 63) / 64;
        long from = blocks * id / threads * 64, to = blocks * (id + 1) / threads * 64;
        generator g;
        seed(&g, (uint64_t)id);
        if (is_w2)
            for (long step = 0; step < steps; step++) noisy(&g, from, to);
        else if (by_step)
            for (long step = 0; step < steps; step++) {
                sweep(from, to < n ? to : n);
                __asm__ volatile("" ::: "memory");
            }
        else
            for (long block = from; block < to; block += 64) tile(e + block, i + block, current_e + block, current_i + block);
    }
}

static long look(double **values) {
    *values = zeros((size_t)n, sizeof(double));
    for (long k = 0; k < n; k++) (*values)[k] = (double)e[k] + (double)i[k];
    return n;
}
