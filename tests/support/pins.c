/* Loaded before the C library into a process under test: a GPIO chip, /dev/gpiochip0, where the kernel
   has none. It answers the requests of linux/gpio.h that libgpiod makes, so that the genuine library
   runs. The levels of the pins stand in a file that the test reads and changes. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CHIP "/dev/gpiochip0"
#define SYSFS "/sys/dev/char/254:0/subsystem"
#define LINES 32
#define MOST_FILES 1024

enum { FREE, INPUT, OUTPUT, TAKEN };

struct pins {
    uint8_t gone;             /* the chip has been pulled out */
    uint8_t level[LINES];     /* volts or none, whatever counts as active */
    uint8_t use[LINES];       /* TAKEN: by another program */
    uint8_t pulled_up[LINES];
};

struct request {
    int lines;
    uint32_t offset[GPIO_V2_LINES_MAX];
    uint64_t flags[GPIO_V2_LINES_MAX];
};

static volatile struct pins *pins;
static uint8_t is_chip[MOST_FILES];
static struct request *requests[MOST_FILES];

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("PINS");
    int file = name ? open(name, O_RDWR) : -1;
    if (file < 0) return;
    void *place = mmap(NULL, sizeof *pins, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (place != MAP_FAILED) pins = place;
}

/* The C library's own function of this name. */
#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static int fail(int number) {
    errno = number;
    return -1;
}

static int is_ours(const char *path) { return pins && path && !strcmp(path, CHIP); }

static int fill(struct stat *told) {
    if (pins->gone) return fail(ENOENT);
    memset(told, 0, sizeof *told);
    told->st_mode = S_IFCHR | 0660;
    told->st_rdev = makedev(254, 0);
    return 0;
}

/* Older and newer C libraries call it differently. */
int __xstat(int version, const char *path, struct stat *told);
int __lxstat(int version, const char *path, struct stat *told);

int __xstat(int version, const char *path, struct stat *told) {
    REAL(__xstat);
    return is_ours(path) ? fill(told) : real(version, path, told);
}

int __lxstat(int version, const char *path, struct stat *told) {
    REAL(__lxstat);
    return is_ours(path) ? fill(told) : real(version, path, told);
}

int stat(const char *path, struct stat *told) {
    REAL(stat);
    return is_ours(path) ? fill(told) : real(path, told);
}

int lstat(const char *path, struct stat *told) {
    REAL(lstat);
    return is_ours(path) ? fill(told) : real(path, told);
}

char *realpath(const char *path, char *resolved) {
    REAL(realpath);
    const char *answer = path && !strcmp(path, SYSFS) ? "/sys/bus/gpio" : is_ours(path) ? CHIP : NULL;
    if (!answer) return real(path, resolved);
    return resolved ? strcpy(resolved, answer) : strdup(answer);
}

int open(const char *path, int flags, ...) {
    REAL(open);
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (!is_ours(path)) return real(path, flags, mode);
    if (pins->gone) return fail(ENOENT);
    int file = real("/dev/null", O_RDWR | O_CLOEXEC);
    if (file >= 0 && file < MOST_FILES) is_chip[file] = 1;
    return file;
}

int close(int file) {
    REAL(close);
    if (file >= 0 && file < MOST_FILES) {
        is_chip[file] = 0;
        struct request *held = requests[file];
        requests[file] = NULL;
        for (int n = 0; held && n < held->lines; n++) pins->use[held->offset[n]] = FREE;
        free(held);
    }
    return real(file);
}

/* What the configuration says of the n-th line. */
static uint64_t flags_of(const struct gpio_v2_line_config *config, int n) {
    for (uint32_t i = 0; i < config->num_attrs; i++)
        if (config->attrs[i].attr.id == GPIO_V2_LINE_ATTR_ID_FLAGS && config->attrs[i].mask >> n & 1)
            return config->attrs[i].attr.flags;
    return config->flags;
}

static int value_of(const struct gpio_v2_line_config *config, int n) {
    for (uint32_t i = 0; i < config->num_attrs; i++)
        if (config->attrs[i].attr.id == GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES &&
            config->attrs[i].mask >> n & 1)
            return config->attrs[i].attr.values >> n & 1;
    return 0;
}

static void put(const struct request *held, int n, int value) {
    pins->level[held->offset[n]] = value ^ !!(held->flags[n] & GPIO_V2_LINE_FLAG_ACTIVE_LOW);
}

static int get_lines(struct gpio_v2_line_request *wanted) {
    for (uint32_t n = 0; n < wanted->num_lines; n++) {
        if (wanted->offsets[n] >= LINES) return fail(EINVAL);
        if (pins->use[wanted->offsets[n]] != FREE) return fail(EBUSY);
    }
    struct request *held = calloc(1, sizeof *held);
    held->lines = wanted->num_lines;
    for (int n = 0; n < held->lines; n++) {
        uint32_t offset = held->offset[n] = wanted->offsets[n];
        uint64_t flags = held->flags[n] = flags_of(&wanted->config, n);
        pins->use[offset] = flags & GPIO_V2_LINE_FLAG_OUTPUT ? OUTPUT : INPUT;
        pins->pulled_up[offset] = !!(flags & GPIO_V2_LINE_FLAG_BIAS_PULL_UP);
        if (pins->use[offset] == OUTPUT) put(held, n, value_of(&wanted->config, n));
    }
    wanted->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    requests[wanted->fd] = held;
    return 0;
}

static int get_info(struct gpio_v2_line_info *told) {
    uint32_t offset = told->offset;
    if (offset >= LINES) return fail(EINVAL);
    memset(told, 0, sizeof *told);
    told->offset = offset;
    snprintf(told->name, sizeof told->name, "PIN%u", offset);
    if (pins->use[offset] != FREE) told->flags |= GPIO_V2_LINE_FLAG_USED;
    told->flags |= pins->use[offset] == OUTPUT ? GPIO_V2_LINE_FLAG_OUTPUT : GPIO_V2_LINE_FLAG_INPUT;
    return 0;
}

static int values(struct request *held, int set, struct gpio_v2_line_values *given) {
    for (int n = 0; n < held->lines; n++) {
        if (!(given->mask >> n & 1)) continue;
        if (set) {
            if (!(held->flags[n] & GPIO_V2_LINE_FLAG_OUTPUT)) return fail(EPERM);
            put(held, n, given->bits >> n & 1);
            continue;
        }
        uint64_t active = pins->level[held->offset[n]] ^
                          !!(held->flags[n] & GPIO_V2_LINE_FLAG_ACTIVE_LOW);
        given->bits = (given->bits & ~(1ULL << n)) | active << n;
    }
    return 0;
}

int ioctl(int file, unsigned long what, ...) {
    REAL(ioctl);
    va_list more;
    va_start(more, what);
    void *given = va_arg(more, void *);
    va_end(more);
    int chip = pins && file >= 0 && file < MOST_FILES && is_chip[file];
    struct request *held = pins && file >= 0 && file < MOST_FILES ? requests[file] : NULL;
    if (!chip && !held) return real(file, what, given);
    what = (unsigned)what; /* A caller may have taken it for an int. */
    if (pins->gone) return fail(ENODEV);
    if (held && what == GPIO_V2_LINE_SET_VALUES_IOCTL) return values(held, 1, given);
    if (held && what == GPIO_V2_LINE_GET_VALUES_IOCTL) return values(held, 0, given);
    if (chip && what == GPIO_V2_GET_LINE_IOCTL) return get_lines(given);
    if (chip && what == GPIO_V2_GET_LINEINFO_IOCTL) return get_info(given);
    if (chip && what == GPIO_GET_CHIPINFO_IOCTL) {
        struct gpiochip_info info = {.name = "gpiochip0", .label = "test pins", .lines = LINES};
        memcpy(given, &info, sizeof info);
        return 0;
    }
    return fail(ENOTTY);
}
