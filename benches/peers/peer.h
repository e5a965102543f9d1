/* What all C peers share: arguments, the conversation with the harness, time, numbers, moments.
   A peer defines `prepare`, `reset`, `run` and `look`. Arguments: workload, n, f32 or f64, threads, steps,
   `noise` or `quiet`, `cpu` or `wall`, file of the connectome. */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef REAL real;
#define WIDTH ((int)(64 / sizeof(real)))
#define IS_SINGLE (sizeof(real) == 4)

static long n, steps;
static int threads, is_noisy, is_wall;
static const char *workload, *connectome;

static void prepare(void);
static void reset(void);
static void run(void);
/* Fills in what is compared, and says how many numbers that are. */
static long look(double **values);

/* The output function of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) of a count, in [0, 1). */
static double uniform(uint64_t stream, uint64_t place) {
    uint64_t z = ((stream << 40) + place + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    return (double)(z >> 11) * 0x1p-53;
}

/* Zeros on a page of their own, each array a little further into its page than the last: arrays just
   under a multiple of 4096 bytes apart would block each other's loads. */
static void *zeros(size_t count, size_t size) {
    static int arrays = 0;
    size_t bytes = (count * size + 8192) / 4096 * 4096 + 4096;
    char *memory = aligned_alloc(4096, bytes);
    if (!memory) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    memset(memory, 0, bytes);
    return memory + arrays++ % 4 * 1024;
}

static real *reals(size_t count) { return zeros(count, sizeof(real)); }

static inline real positive(real x) { return x > 0 ? x : 0; }

static double now(void) {
    struct timespec t;
    clock_gettime(is_wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void answer(double seconds) {
    double *values, mean = 0, variance = 0, fourth = 0;
    long count = look(&values);
    for (long k = 0; k < count; k++) mean += values[k] / (double)count;
    for (long k = 0; k < count; k++) {
        double square = (values[k] - mean) * (values[k] - mean);
        variance += square / (double)count;
        fourth += square * square / (double)count;
    }
    printf("{\"seconds\": %.9g, \"samples\": %ld, \"mean\": %.17g, \"variance\": %.17g, \"fourth\": %.17g}\n",
           seconds, count, mean, variance, fourth);
    fflush(stdout);
}

int main(int count, char **argument) {
    if (count != 9) return 2;
    workload = argument[1];
    n = atol(argument[2]);
    threads = atoi(argument[4]);
    steps = atol(argument[5]);
    is_noisy = !strcmp(argument[6], "noise");
    is_wall = !strcmp(argument[7], "wall");
    connectome = argument[8];
    prepare();
    puts("ready");
    fflush(stdout);
    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        reset();
        double start = now();
        run();
        answer(now() - start);
    }
    return 0;
}
