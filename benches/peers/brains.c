/* W6: brains as in W5 that differ in how strongly nodes are coupled, one in each lane of a vector,
   eight steps at a time. The past is a ring whose beginning stands once more behind its end. */
#include "peer.h"
#define SINGLE_NORMALS 1
#include "normal.h"
#include "connectome.h"

typedef real lanes __attribute__((vector_size(64)));

static long ring;
static double *means;
static long count;

static void prepare(void) {
    load_connectome();
    ring = (longest + BLOCK + BLOCK - 1) / BLOCK * BLOCK;
    count = steps / EVERY;
    means = zeros((size_t)count + 1, sizeof(double));
}

static void reset(void) { memset(means, 0, (size_t)count * sizeof(double)); }

/* What arrives at a node in the next steps. */
static inline void arrive(lanes *restrict sums, const lanes *restrict past, long node, long present) {
    lanes a[BLOCK];
    for (int t = 0; t < BLOCK; t++) a[t] = (lanes){0};
    for (long j = 0; j < nodes; j++) {
        long place = present - delays[node * nodes + j];
        const lanes *from = past + j * (ring + BLOCK) + (place < 0 ? place + ring : place);
        real weight = weights[node * nodes + j];
#pragma GCC unroll 8
        for (int t = 0; t < BLOCK; t++) a[t] += weight * from[t];
    }
    for (int t = 0; t < BLOCK; t++) sums[t * nodes + node] = a[t];
}

static void step(real *restrict x, real *restrict y, const real *restrict c, const real *restrict g, const real *restrict z) {
    const real dt = (real)0.1, sigma = (real)(is_noisy ? 0.01 * sqrt(0.1) : 0);
#pragma omp simd
    for (long k = 0; k < nodes * WIDTH; k++) {
        real a = x[k], b = y[k];
        real s = logistic((real)1.3 * (16 * a - 12 * b + (real)1.25 + g[k % WIDTH] * c[k] - 4));
        real r = logistic(2 * (15 * a - 3 * b - (real)3.7));
        x[k] = a + dt * (real)(1 / 2.5) * ((1 - a) * s - a) + sigma * z[k];
        y[k] = b + dt * (real)(1 / 3.75) * ((1 - b) * r - b) + sigma * z[nodes * WIDTH + k];
    }
}

static void tile(long first) {
    size_t size = (size_t)(nodes * WIDTH);
    lanes *past = aligned_alloc(4096, ((size_t)(nodes * (ring + BLOCK)) * sizeof(lanes) + 4095) / 4096 * 4096);
    lanes *sums = aligned_alloc(4096, (BLOCK * size * sizeof(real) + 4095) / 4096 * 4096);
    real *x = aligned_alloc(64, size * sizeof(real)), *y = aligned_alloc(64, size * sizeof(real));
    real *z = calloc(2 * size + 2 * LANES, sizeof(real)), strength[WIDTH] __attribute__((aligned(64)));
    generator g;
    seed(&g, (uint64_t)first);
    for (int lane = 0; lane < WIDTH; lane++) strength[lane] = (real)(0.01 * (double)(first + lane));
    for (long k = 0; k < nodes; k++) {
        for (int lane = 0; lane < WIDTH; lane++) {
            x[k * WIDTH + lane] = (real)(0.05 * (double)(k % 7) / 7);
            y[k * WIDTH + lane] = (real)(0.05 * (double)(k % 5) / 5);
        }
        for (long t = 0; t < ring + BLOCK; t++) past[k * (ring + BLOCK) + t] = *(lanes *)(x + k * WIDTH);
    }
    for (long done = 0; done < steps; done += BLOCK) {
        long present = done % ring;
        for (long k = 0; k < nodes; k++) arrive(sums, past, k, present);
        for (long t = 0; t < BLOCK; t++) {
            for (long k = 0; k < nodes; k++) {
                lanes *row = past + k * (ring + BLOCK);
                row[present + t] = *(lanes *)(x + k * WIDTH);
                if (present == 0) row[ring + t] = row[t];
            }
            if (is_noisy)
                for (size_t k = 0; k < 2 * size; k += 2 * LANES) normals(&g, z + k, z + k + LANES);
            step(x, y, (real *)(sums + t * nodes), strength, z);
        }
        if ((done + BLOCK) % EVERY == 0) {
            double sum = 0;
            for (long k = 0; k < nodes; k++)
                for (int lane = 0; lane < WIDTH && first + lane < n; lane++) sum += (double)x[k * WIDTH + lane];
#pragma omp atomic
            means[(done + BLOCK) / EVERY - 1] += sum / (double)(nodes * n);
        }
    }
    free(past), free(sums), free(x), free(y), free(z);
}

static void run(void) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (long first = 0; first < n; first += WIDTH) tile(first);
}

static long look(double **values) {
    *values = means;
    return count;
}
