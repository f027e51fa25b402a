/* Loaded before the C library into a process: a wall clock that jumps, a time server's word, a
   disk that is slow to sync, full or read-only. What is wanted stands in a file that others change.
   */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

struct wanted {
    int64_t offset_ns;      /* the wall clock is so much ahead */
    int64_t synchronised;   /* 1 or 0: what the kernel says of the clock; -1: what it really says */
    int64_t sync_least_us;  /* every fsync takes at least so long ... */
    int64_t sync_most_us;   /* ... and at most; 0: as it does */
    int64_t syncs;          /* counts those that were slowed */
    int64_t disk;           /* 1: no file grows any more; 2: none is written */
};

static volatile struct wanted *wanted;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("DISTURBANCE");
    int file = name ? open(name, O_RDWR) : -1;
    if (file < 0) return;
    void *place = mmap(NULL, sizeof *wanted, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (place != MAP_FAILED) wanted = place;
}

/* The C library's own function of this name. */
#define REAL(name) \
    static __typeof__(name) *real; \
    if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    int answer = real(clock, now);
    if (answer == 0 && wanted && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t all = now->tv_sec * 1000000000LL + now->tv_nsec + wanted->offset_ns;
        now->tv_sec = all / 1000000000LL;
        now->tv_nsec = all % 1000000000LL;
    }
    return answer;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec precise;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *kept) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (kept) *kept = now.tv_sec;
    return now.tv_sec;
}

int adjtimex(struct timex *told) {
    REAL(adjtimex);
    int answer = real(told);
    if (!wanted || wanted->synchronised < 0) return answer;
    told->status = wanted->synchronised ? 0 : STA_UNSYNC;
    return wanted->synchronised ? TIME_OK : TIME_ERROR;
}

static void dawdle(void) {
    if (!wanted || wanted->sync_most_us <= 0) return;
    static __thread unsigned seed;
    if (!seed) seed = (unsigned)(uintptr_t)&seed;
    int64_t more = wanted->sync_most_us - wanted->sync_least_us;
    __sync_fetch_and_add((int64_t *)&wanted->syncs, 1);
    usleep((useconds_t)(wanted->sync_least_us + (more > 0 ? rand_r(&seed) % more : 0)));
}

int fsync(int file) {
    REAL(fsync);
    dawdle();
    return real(file);
}

int fdatasync(int file) {
    REAL(fdatasync);
    dawdle();
    return real(file);
}

/* Whether a write of a regular file, up to that place in it, is refused; errno says why. */
static int refused(int file, off64_t end) {
    struct stat64 is;
    if (!wanted || !wanted->disk || fstat64(file, &is) || !S_ISREG(is.st_mode)) return 0;
    if (wanted->disk == 1 && end <= is.st_size) return 0;
    errno = wanted->disk == 1 ? ENOSPC : EROFS;
    return 1;
}

ssize_t write(int file, const void *bytes, size_t size) {
    REAL(write);
    if (!wanted || !wanted->disk) return real(file, bytes, size);
    int flags = fcntl(file, F_GETFL);
    off64_t at = lseek64(file, 0, flags & O_APPEND ? SEEK_END : SEEK_CUR);
    return refused(file, at + size) ? -1 : real(file, bytes, size);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
    REAL(pwrite64);
    return refused(file, at + size) ? -1 : real(file, bytes, size, at);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
    REAL(pwrite);
    return refused(file, at + size) ? -1 : real(file, bytes, size, at);
}

int ftruncate64(int file, off64_t size) {
    REAL(ftruncate64);
    return refused(file, size) ? -1 : real(file, size);
}
