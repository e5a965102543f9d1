/* Normal numbers, 128 at a time: xoshiro128+ (D. Blackman and S. Vigna, ACM Trans. Math. Softw. 47:36,
   2021) in 64 lanes, then Box and Muller. In single precision with polynomials of our own for log, sin
   and cos, in double with libmvec's, unless a peer is content with single precision: SINGLE_NORMALS. */
#define LANES 64
#ifndef SINGLE_NORMALS
#define SINGLE_NORMALS IS_SINGLE
#endif

typedef struct {
    uint32_t s[4][LANES];
} __attribute__((aligned(64))) generator;

static void seed(generator *g, uint64_t stream) {
    for (int lane = 0; lane < LANES; lane++)
        for (int word = 0; word < 4; word++)
            g->s[word][lane] = (uint32_t)(uniform(1000 + stream, (uint64_t)(4 * lane + word)) * 0x1p32) | (word == 3);
}

static inline void bits(generator *g, uint32_t *out) {
    for (int k = 0; k < LANES; k++) {
        uint32_t a = g->s[0][k], b = g->s[1][k], c = g->s[2][k], d = g->s[3][k];
        out[k] = a + d;
        c ^= a;
        d ^= b;
        g->s[1][k] = b ^ c;
        g->s[0][k] = a ^ d;
        g->s[2][k] = c ^ b << 9;
        g->s[3][k] = d << 11 | d >> 21;
    }
}

/* Radius of a pair from 32 random bits: sqrt(-2 log u), u in (0, 1). */
static inline float radius(uint32_t word) {
    union { float value; int32_t word; } u = {((float)(word >> 8) + 0.5f) * 0x1p-24f};
    int32_t exponent = (u.word - 0x3f3504f3) >> 23; /* of u over sqrt(1/2) */
    u.word -= exponent << 23;
    float x = u.value - 1, y = x / (x + 2), z = y * y; /* log(1 + x) = 2 artanh(y) */
    float log = 2 * y + y * z * (0.6666666f + z * (0.4000059f + z * (0.2848997f + z * 0.2487f)));
    return sqrtf(-2 * (log + (float)exponent * 0.693147181f));
}

/* Sine of `turns` whole turns, between -1/4 and 1/4. */
static inline float sine(float turns) {
    float x = turns * 6.28318531f, z = x * x;
    return x * (1 + z * (-0.166666567f + z * (8.3330255e-3f + z * (-1.98074e-4f + z * 2.6019e-6f))));
}

static inline void normals(generator *g, real *z1, real *z2) {
    uint32_t first[LANES] __attribute__((aligned(64))), second[LANES] __attribute__((aligned(64)));
    bits(g, first);
    bits(g, second);
    if (SINGLE_NORMALS) {
#pragma omp simd
        for (int k = 0; k < LANES; k++) {
            float turns = (float)(int32_t)second[k] * 0x1p-32f, size = fabsf(turns), r = radius(first[k]);
            float folded = 0.25f - fabsf(size - 0.25f);
            z1[k] = (real)(r * sine(turns < 0 ? -folded : folded));
            z2[k] = (real)(r * sine(0.25f - size));
        }
        return;
    }
    /* Loops of their own: gcc joins a sine and a cosine of one angle to a call that has no vectors. */
    double r[LANES] __attribute__((aligned(64))), angle[LANES] __attribute__((aligned(64)));
#pragma omp simd
    for (int k = 0; k < LANES; k++) {
        r[k] = sqrt(-2 * log(((double)first[k] + 0.5) * 0x1p-32));
        angle[k] = (double)second[k] * (6.283185307179586 * 0x1p-32);
    }
#pragma omp simd
    for (int k = 0; k < LANES; k++) z1[k] = (real)(r[k] * sin(angle[k]));
#pragma omp simd
    for (int k = 0; k < LANES; k++) z2[k] = (real)(r[k] * cos(angle[k]));
}
