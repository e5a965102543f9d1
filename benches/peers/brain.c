/* W5: Wilson-Cowan nodes with delays, Euler-Maruyama. As no delay is shorter than eight steps, what
   arrives in the next eight is known: with the past of each node in one row, a connection adds a
   weight times eight neighbours, which is one vector. */
#include "peer.h"
#define SINGLE_NORMALS 1
#include "normal.h"
#include "connectome.h"

#define ROOM 256 /* steps until rows are moved back */
typedef real stretch __attribute__((vector_size(BLOCK * sizeof(real)), aligned(sizeof(real))));

static long length, base; /* of a row; where the present stands in it at first */
static real *past, *e, *i, *arriving, *noise;
static int32_t *places;
static double *means;
static long count;

static void prepare(void) {
    load_connectome();
    base = (longest + 15) / 16 * 16;
    length = base + ROOM + 16 + 16;
    past = reals((size_t)(nodes * length)), e = reals((size_t)nodes), i = reals((size_t)nodes);
    arriving = reals((size_t)(nodes * BLOCK)), noise = reals((size_t)(2 * nodes * BLOCK + 2 * LANES));
    places = zeros((size_t)(nodes * nodes), sizeof(int32_t));
    for (long k = 0; k < nodes * nodes; k++) places[k] = (int32_t)(k % nodes * length) - delays[k];
    means = zeros((size_t)(steps / EVERY + 1), sizeof(double));
}

static void reset(void) {
    count = 0;
    for (long k = 0; k < nodes; k++) {
        e[k] = (real)(0.05 * (double)(k % 7) / 7), i[k] = (real)(0.05 * (double)(k % 5) / 5);
        for (long t = 0; t < length; t++) past[k * length + t] = e[k];
    }
}

static inline stretch row(const real *restrict w, const int32_t *restrict place, const real *present) {
    stretch a = {0}, b = {0}, c = {0}, d = {0};
    long j = 0;
    for (; j + 4 <= nodes; j += 4) {
        a += w[j] * *(const stretch *)(present + place[j]);
        b += w[j + 1] * *(const stretch *)(present + place[j + 1]);
        c += w[j + 2] * *(const stretch *)(present + place[j + 2]);
        d += w[j + 3] * *(const stretch *)(present + place[j + 3]);
    }
    for (; j < nodes; j++) a += w[j] * *(const stretch *)(present + place[j]);
    return (a + b) + (c + d);
}

static void step(const real *restrict c, const real *restrict z) {
    const real dt = (real)0.1, sigma = (real)(is_noisy ? 0.01 * sqrt(0.1) : 0);
    real *restrict x = e, *restrict y = i;
#pragma omp simd
    for (long k = 0; k < nodes; k++) {
        real a = x[k], b = y[k];
        real s = logistic((real)1.3 * (16 * a - 12 * b + (real)1.25 + (real)0.6 * c[k * BLOCK] - 4));
        real r = logistic(2 * (15 * a - 3 * b - (real)3.7));
        x[k] = a + dt * (real)(1 / 2.5) * ((1 - a) * s - a) + sigma * z[k];
        y[k] = b + dt * (real)(1 / 3.75) * ((1 - b) * r - b) + sigma * z[nodes + k];
    }
}

static void run(void) {
    generator g;
    seed(&g, 0);
    long present = base;
    for (long done = 0; done < steps; done += BLOCK) {
        if (present + BLOCK >= length - 8) {
            for (long k = 0; k < nodes; k++)
                memmove(past + k * length, past + k * length + present - base, (size_t)(base + 1) * sizeof(real));
            present = base;
        }
        for (long k = 0; k < nodes; k++) *(stretch *)(arriving + k * BLOCK) = row(weights + k * nodes, places + k * nodes, past + present);
        if (is_noisy)
            for (long k = 0; k < 2 * nodes * BLOCK; k += 2 * LANES) normals(&g, noise + k, noise + k + LANES);
        for (long t = 0; t < BLOCK; t++) {
            step(arriving + t, noise + t * 2 * nodes);
            for (long k = 0; k < nodes; k++) past[k * length + present + t + 1] = e[k];
        }
        present += BLOCK;
        if ((done + BLOCK) % EVERY == 0) {
            double sum = 0;
            for (long k = 0; k < nodes; k++) sum += (double)e[k];
            means[count++] = sum / (double)nodes;
        }
    }
}

static long look(double **values) {
    *values = means;
    return count;
}
