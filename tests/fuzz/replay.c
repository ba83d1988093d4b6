/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drive a fuzz target where libFuzzer is not: feed it every file of the
 * corpus, then seeded inputs, and say in TAP how it went.
 *
 * Usage: TARGET [-runs=N] [-seed=N] [-input=N] [-max_len=N] [-timeout=S]
 *               [-max_total_time=S] [-artifact_prefix=PATH] [FILE|DIR...]
 *
 * The options are libFuzzer's, so that one command line serves both; -input
 * is ours and runs one seeded input alone. Input N depends on the seed, N and
 * the corpus only: a failure seen once can be had again. When the target dies
 * the input is named on stdout and its bytes are left in a file.
 *
 * There is no coverage feedback here: this guards against what is known to
 * have failed and against careless mistakes. Searching is libFuzzer's work.
 */

#include "qemu/osdep.h"
#include "tests/fuzz/fuzz-target.h"

#define INPUT_NONE UINT64_MAX

typedef struct Options {
    uint64_t runs;
    uint64_t seed;
    uint64_t input;             /* INPUT_NONE: all of them */
    uint64_t max_len;           /* bytes */
    uint64_t timeout;           /* seconds for one input */
    uint64_t max_total_time;    /* seconds for all seeded inputs, 0: no end */
    const char *artifact_prefix;
} Options;

typedef struct Seed {
    char *path;
    gchar *data;
    gsize size;
} Seed;

/* What a signal handler needs to tell the story. */
static struct {
    const uint8_t *data;
    size_t size;
    char what[512];
    char artifact[512];
    volatile sig_atomic_t busy;
} current;

/* Random numbers: SplitMix64, because any 64-bit state will do as its seed */

static uint64_t rng_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

/* Uniform enough below a small bound; 0 when there is no room. */
static uint64_t rng_below(uint64_t *state, uint64_t bound)
{
    return bound ? rng_next(state) % bound : 0;
}

/* Naming the culprit; async-signal-safe from here to die_by_signal() */

static void say(const char *text)
{
    ssize_t ignored = write(STDOUT_FILENO, text, strlen(text));

    (void)ignored;
}

static void report_culprit(void)
{
    int fd;

    if (!current.busy) {
        return;
    }
    current.busy = 0;
    say("\n# died on ");
    say(current.what);
    fd = open(current.artifact, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd >= 0) {
        ssize_t written = write(fd, current.data, current.size);

        if (written == (ssize_t)current.size) {
            say("\n# bytes left in ");
            say(current.artifact);
        }
        close(fd);
    }
    say("\n");
}

/* A handler raises its own signal again at its end, hence SA_NODEFER. */
static void handle(int number, void (*handler)(int))
{
    struct sigaction action = {
        .sa_handler = handler, .sa_flags = SA_NODEFER,
    };

    sigaction(number, &action, NULL);
}

static void die_by_signal(int number)
{
    if (number == SIGALRM) {
        say("\n# hangs");
    }
    report_culprit();
    handle(number, SIG_DFL);
    handle(SIGABRT, SIG_DFL);
    raise(number == SIGALRM ? SIGABRT : number);
}

/* Undefined behaviour is a finding like another, and must name its input. */
const char *__ubsan_default_options(void)
{
    return "halt_on_error=1:abort_on_error=1:print_stacktrace=1";
}

static void install_handlers(void)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE };

    handle(SIGABRT, die_by_signal);
    handle(SIGALRM, die_by_signal);
    if (__sanitizer_set_death_callback) {
        /* The sanitizer's own handlers print more than ours could. */
        __sanitizer_set_death_callback(report_culprit);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        handle(faults[i], die_by_signal);
    }
}

/*
 * Run one input. The copy has exactly its size, so that a sanitizer sees a
 * read of one byte too many.
 */
static void run_one(const Options *o, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    assert(copy);
    if (size) {
        memcpy(copy, data, size);
    }
    current.data = copy;
    current.size = size;
    current.busy = 1;
    alarm(o->timeout);
    LLVMFuzzerTestOneInput(copy, size);
    alarm(0);
    current.busy = 0;
    free(copy);
}

/* Corpus */

static void corpus_add_file(GArray *corpus, const char *path)
{
    Seed seed = { .path = g_strdup(path) };
    GError *error = NULL;

    if (!g_file_get_contents(path, &seed.data, &seed.size, &error)) {
        fprintf(stderr, "%s\n", error->message);
        exit(2);
    }
    g_array_append_val(corpus, seed);
}

static void corpus_add(GArray *corpus, const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;

    if (!dir) {
        corpus_add_file(corpus, path);
        return;
    }
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *full = g_build_filename(path, name, NULL);

        if (name[0] != '.') {
            corpus_add(corpus, full);
        }
    }
    g_dir_close(dir);
}

/* Directory order differs between machines; the seeded inputs must not. */
static gint seed_compare(gconstpointer a, gconstpointer b)
{
    return strcmp(((const Seed *)a)->path, ((const Seed *)b)->path);
}

static void corpus_free(GArray *corpus)
{
    for (guint i = 0; i < corpus->len; i++) {
        g_free(g_array_index(corpus, Seed, i).path);
        g_free(g_array_index(corpus, Seed, i).data);
    }
    g_array_free(corpus, true);
}

static void replay_corpus(const Options *o, GArray *corpus)
{
    for (guint i = 0; i < corpus->len; i++) {
        const Seed *seed = &g_array_index(corpus, Seed, i);

        snprintf(current.what, sizeof(current.what), "%s", seed->path);
        snprintf(current.artifact, sizeof(current.artifact), "%scorpus-%u",
                 o->artifact_prefix, i);
        run_one(o, (const uint8_t *)seed->data, seed->size);
    }
    if (corpus->len) {
        printf("ok 1 corpus of %u files\n", corpus->len);
    } else {
        printf("ok 1 corpus # SKIP no corpus was given\n");
    }
    fflush(stdout);
}

/* Seeded inputs */

static const uint64_t interesting[] = {
    0, 1, 2, 7, 8, 63, 64, 127, 128, 255, 256, 511, 512, 4095, 4096,
    INT16_MAX, UINT16_MAX, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX,
};

static void mutate_bit(GByteArray *input, uint64_t *rng)
{
    uint64_t bit = rng_below(rng, input->len * 8ULL);

    input->data[bit / 8] ^= 1 << (bit % 8);
}

static void mutate_byte(GByteArray *input, uint64_t *rng)
{
    input->data[rng_below(rng, input->len)] = rng_next(rng);
}

/* Lengths and indices at their edges find more than noise does. */
static void mutate_number(GByteArray *input, uint64_t *rng)
{
    unsigned width = 1 << rng_below(rng, 4);
    uint64_t value = interesting[rng_below(rng, G_N_ELEMENTS(interesting))];
    uint64_t at = rng_below(rng, input->len);

    value += rng_below(rng, 3) - 1;
    for (unsigned i = 0; i < width && at + i < input->len; i++) {
        input->data[at + i] = value >> (8 * i);
    }
}

static void mutate_cut(GByteArray *input, uint64_t *rng)
{
    guint at = rng_below(rng, input->len);
    guint length = rng_below(rng, MIN(input->len - at, 16) + 1);

    g_byte_array_remove_range(input, at, length);
}

static void mutate_repeat(GByteArray *input, uint64_t *rng)
{
    guint at = rng_below(rng, input->len);
    guint length = rng_below(rng, input->len - at + 1);
    g_autofree guint8 *piece = g_memdup2(input->data + at, length);

    if (length) {
        g_byte_array_append(input, piece, length);
    }
}

static void append_noise(GByteArray *input, uint64_t *rng, uint64_t length)
{
    while (length--) {
        guint8 byte = rng_next(rng);

        g_byte_array_append(input, &byte, 1);
    }
}

static void mutate(GByteArray *input, uint64_t *rng)
{
    static void (*const mutators[])(GByteArray *, uint64_t *) = {
        mutate_bit, mutate_byte, mutate_number, mutate_number,
        mutate_cut, mutate_repeat,
    };
    uint64_t rounds = 1 + rng_below(rng, 8);

    while (rounds--) {
        if (!input->len) {
            append_noise(input, rng, 1 + rng_below(rng, 64));
        }
        mutators[rng_below(rng, G_N_ELEMENTS(mutators))](input, rng);
    }
}

/* Short inputs as often as long ones: the exponent is what is uniform. */
static uint64_t random_length(const Options *o, uint64_t *rng)
{
    unsigned bits = 0;

    while (bits < 63 && (o->max_len >> bits)) {
        bits++;
    }
    return MIN(rng_below(rng, 1ULL << rng_below(rng, bits + 1)), o->max_len);
}

static void run_seeded(const Options *o, GArray *corpus, uint64_t number)
{
    uint64_t state = o->seed;
    uint64_t rng = rng_next(&state) ^ (number * 0xd6e8feb86659fd93ULL);
    GByteArray *input = g_byte_array_new();

    if (corpus->len && rng_below(&rng, 4)) {
        const Seed *seed = &g_array_index(corpus, Seed,
                                          rng_below(&rng, corpus->len));

        g_byte_array_append(input, (const guint8 *)seed->data, seed->size);
        mutate(input, &rng);
    } else {
        append_noise(input, &rng, random_length(o, &rng));
    }
    snprintf(current.what, sizeof(current.what),
             "seeded input: -seed=%" PRIu64 " -input=%" PRIu64, o->seed,
             number);
    snprintf(current.artifact, sizeof(current.artifact),
             "%sseed-%" PRIu64 "-input-%" PRIu64, o->artifact_prefix, o->seed,
             number);
    run_one(o, input->data, MIN(input->len, o->max_len));
    g_byte_array_free(input, true);
}

static void run_all_seeded(const Options *o, GArray *corpus)
{
    gint64 start = g_get_monotonic_time();
    uint64_t done = 0;

    if (o->input != INPUT_NONE) {
        run_seeded(o, corpus, o->input);
        printf("ok 2 seeded input %" PRIu64 "\n", o->input);
        return;
    }
    while (done < o->runs) {
        run_seeded(o, corpus, done++);
        if (o->max_total_time && g_get_monotonic_time() - start
            >= (gint64)o->max_total_time * G_USEC_PER_SEC) {
            break;
        }
    }
    if (done) {
        printf("ok 2 %" PRIu64 " seeded inputs, seed %" PRIu64 "\n", done,
               o->seed);
    } else {
        printf("ok 2 seeded inputs # SKIP none were asked for\n");
    }
}

/* Command line */

static bool parse_number(const char *argument, const char *name,
                         uint64_t *value)
{
    g_autofree char *prefix = g_strdup_printf("-%s=", name);
    char *end;

    if (!g_str_has_prefix(argument, prefix)) {
        return false;
    }
    argument += strlen(prefix);
    errno = 0;
    *value = g_ascii_strtoull(argument, &end, 0);
    if (end == argument || *end || errno || strchr(argument, '-')) {
        fprintf(stderr, "-%s wants a number, not '%s'\n", name, argument);
        exit(2);
    }
    return true;
}

static void parse_option(Options *o, const char *argument)
{
    static const char prefix[] = "-artifact_prefix=";

    if (g_str_has_prefix(argument, prefix)) {
        o->artifact_prefix = argument + strlen(prefix);
    } else if (!parse_number(argument, "runs", &o->runs) &&
               !parse_number(argument, "seed", &o->seed) &&
               !parse_number(argument, "input", &o->input) &&
               !parse_number(argument, "max_len", &o->max_len) &&
               !parse_number(argument, "timeout", &o->timeout) &&
               !parse_number(argument, "max_total_time",
                             &o->max_total_time)) {
        fprintf(stderr, "unknown option %s; there are -runs, -seed, -input, "
                "-max_len, -timeout, -max_total_time, -artifact_prefix\n",
                argument);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    Options options = {
        .runs = 5000, .seed = 1, .input = INPUT_NONE, .max_len = 4096,
        .timeout = 20, .artifact_prefix = "died-",
    };
    GArray *corpus = g_array_new(false, false, sizeof(Seed));

    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            parse_option(&options, argv[i]);
        } else {
            corpus_add(corpus, argv[i]);
        }
    }
    g_array_sort(corpus, seed_compare);
    install_handlers();
    if (LLVMFuzzerInitialize) {
        LLVMFuzzerInitialize(&argc, &argv);
    }
    printf("1..2\n");
    fflush(stdout);
    replay_corpus(&options, corpus);
    run_all_seeded(&options, corpus);
    corpus_free(corpus);
    return 0;
}
