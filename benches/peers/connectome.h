/* The connectome that the harness wrote: nodes (8 bytes), weights, lengths (doubles), delays in steps
   (4 bytes), row by row. */
#define BLOCK 8 /* steps at a time; no delay may be shorter */
#define EVERY 1000

static long nodes;
static real *weights;
static int32_t *delays;
static long longest;

static void load_connectome(void) {
    FILE *file = fopen(connectome, "rb");
    uint64_t count = 0;
    if (!file || fread(&count, 8, 1, file) != 1) {
        fprintf(stderr, "cannot read %s\n", connectome);
        exit(1);
    }
    nodes = (long)count;
    size_t pairs = count * count;
    double *both = malloc(2 * pairs * sizeof(double));
    weights = reals(pairs), delays = zeros(pairs, sizeof(int32_t));
    if (fread(both, sizeof(double), 2 * pairs, file) != 2 * pairs || fread(delays, 4, pairs, file) != pairs) {
        fprintf(stderr, "%s is too short\n", connectome);
        exit(1);
    }
    fclose(file);
    for (size_t k = 0; k < pairs; k++) {
        weights[k] = (real)both[k];
        if (k / count == k % count) delays[k] = BLOCK; /* of weight 0 */
        if (delays[k] < BLOCK) {
            fprintf(stderr, "a delay is shorter than %d steps\n", BLOCK);
            exit(1);
        }
        if (delays[k] > longest) longest = delays[k];
    }
    free(both);
}

static inline real logistic(real x) { return 1 / (1 + (IS_SINGLE ? (real)expf((float)-x) : (real)exp((double)-x))); }
