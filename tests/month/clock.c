/* A clock that a test drives, for whole processes: LD_PRELOAD it, CLOCK_TABLE names the table.
 *
 * The table says from which real nanosecond on the told time is ahead of the real one by how much.
 * Files keep real times on the disk. What a process is told of them is translated, and what it sets
 * is translated back, so that a file's times, its ctime too, agree with the clock; a program that
 * knows nothing of this (restic is written in Go) sees a disk that is consistent in itself.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL
#define REAL(name) ((__typeof__(&name))next(#name))

/* `ahead` may become less (a clock that is wrong after a boot), `mono` never does. */
struct step { int64_t since, ahead, mono; };
struct table { int64_t count; struct step steps[]; };

static const struct table *table;

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CLOCK_TABLE");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    struct stat look;
    if (file < 0) return;
    if (REAL(fstat)(file, &look) == 0) {
        void *found = mmap(NULL, (size_t)look.st_size, PROT_READ, MAP_SHARED, file, 0);
        if (found != MAP_FAILED) table = found;
    }
    close(file);
}

static int64_t count(void) {
    return table ? __atomic_load_n(&table->count, __ATOMIC_ACQUIRE) : 0;
}

static int64_t of(const struct timespec *t) { return t->tv_sec * SECOND + t->tv_nsec; }

static struct timespec to(int64_t ns) {
    struct timespec t = {ns / SECOND, ns % SECOND};
    if (t.tv_nsec < 0) { t.tv_sec--; t.tv_nsec += SECOND; }
    return t;
}

/* The step that a real time lies in; none is before the first. */
static const struct step *at(int64_t real) {
    int64_t low = 0, high = count();
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (table->steps[middle].since <= real) low = middle + 1; else high = middle;
    }
    return low ? &table->steps[low - 1] : NULL;
}

static const struct step *now(void) { return count() ? &table->steps[count() - 1] : NULL; }

static int64_t told(int64_t real) {
    const struct step *step = at(real);
    return real + (step ? step->ahead : 0);
}

/* The real time that is told as this; one that was jumped over is the end of the jump. Only the
 * last step has no end, and times of before it are none of its, however far they lie ahead of it. */
static int64_t untold(int64_t wanted) {
    struct timespec real_now;
    REAL(clock_gettime)(CLOCK_REALTIME, &real_now);
    int64_t steps = count(), jump = 0, last = of(&real_now);
    for (int64_t i = steps - 1; i >= 0; i--) {
        int64_t real = wanted - table->steps[i].ahead;
        if (real < table->steps[i].since) continue;
        if (real < (i + 1 < steps ? table->steps[i + 1].since : last + SECOND)) return real;
        jump = i + 1 < steps ? table->steps[i + 1].since : real;
    }
    if (steps && wanted >= table->steps[0].since + table->steps[0].ahead) return jump;
    return wanted;
}

int clock_gettime(clockid_t id, struct timespec *t) {
    int result = REAL(clock_gettime)(id, t);
    const struct step *step = now();
    if (result || !step) return result;
    switch (id) {
    case CLOCK_REALTIME: case CLOCK_REALTIME_COARSE: case CLOCK_TAI:
        *t = to(of(t) + step->ahead); break;
    case CLOCK_MONOTONIC: case CLOCK_MONOTONIC_RAW: case CLOCK_MONOTONIC_COARSE: case CLOCK_BOOTTIME:
        *t = to(of(t) + step->mono); break;
    default: break;
    }
    return 0;
}

time_t time(time_t *into) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (into) *into = t.tv_sec;
    return t.tv_sec;
}

int gettimeofday(struct timeval *restrict into, void *restrict zone) {
    struct timespec t;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &t);
    into->tv_sec = t.tv_sec;
    into->tv_usec = t.tv_nsec / 1000;
    return 0;
}

/* Waits until a moment: the kernel's clock is the real one. */
static struct timespec until(clockid_t id, const struct timespec *t) {
    const struct step *step = now();
    if (!step) return *t;
    return to(of(t) - (id == CLOCK_REALTIME ? step->ahead : step->mono));
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *t, struct timespec *rest) {
    struct timespec real = flags & TIMER_ABSTIME ? until(id, t) : *t;
    return REAL(clock_nanosleep)(id, flags, &real, rest);
}

int sem_clockwait(sem_t *sem, clockid_t id, const struct timespec *t) {
    struct timespec real = until(id, t);
    return REAL(sem_clockwait)(sem, id, &real);
}

int sem_timedwait(sem_t *sem, const struct timespec *t) {
    struct timespec real = until(CLOCK_REALTIME, t);
    return REAL(sem_timedwait)(sem, &real);
}

int pthread_cond_clockwait(pthread_cond_t *c, pthread_mutex_t *m, clockid_t id, const struct timespec *t) {
    struct timespec real = until(id, t);
    return REAL(pthread_cond_clockwait)(c, m, id, &real);
}

/* Its clock is the condition's own; only the calendar's has years behind it. */
int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *t) {
    struct timespec real = until(t->tv_sec > 800000000 ? CLOCK_REALTIME : CLOCK_MONOTONIC, t);
    return REAL(pthread_cond_timedwait)(c, m, &real);
}

static void tell(struct timespec *t) { *t = to(told(of(t))); }

#define TELL(result, look) \
    do { \
        int r = (result); \
        if (r == 0 && count()) { tell(&(look)->st_atim); tell(&(look)->st_mtim); tell(&(look)->st_ctim); } \
        return r; \
    } while (0)

int stat(const char *restrict p, struct stat *restrict s) { TELL(REAL(stat)(p, s), s); }
int lstat(const char *restrict p, struct stat *restrict s) { TELL(REAL(lstat)(p, s), s); }
int fstat(int f, struct stat *s) { TELL(REAL(fstat)(f, s), s); }
int fstatat(int d, const char *restrict p, struct stat *restrict s, int o) { TELL(REAL(fstatat)(d, p, s, o), s); }
int stat64(const char *restrict p, struct stat64 *restrict s) { TELL(REAL(stat64)(p, s), s); }
int lstat64(const char *restrict p, struct stat64 *restrict s) { TELL(REAL(lstat64)(p, s), s); }
int fstat64(int f, struct stat64 *s) { TELL(REAL(fstat64)(f, s), s); }
int fstatat64(int d, const char *restrict p, struct stat64 *restrict s, int o) { TELL(REAL(fstatat64)(d, p, s, o), s); }

static void tell_x(struct statx_timestamp *t) {
    struct timespec told_ = to(told(t->tv_sec * SECOND + t->tv_nsec));
    t->tv_sec = told_.tv_sec;
    t->tv_nsec = (uint32_t)told_.tv_nsec;
}

int statx(int d, const char *restrict p, int o, unsigned mask, struct statx *restrict s) {
    int result = REAL(statx)(d, p, o, mask, s);
    if (result == 0 && count()) {
        tell_x(&s->stx_atime); tell_x(&s->stx_btime); tell_x(&s->stx_ctime); tell_x(&s->stx_mtime);
    }
    return result;
}

static const struct timespec *untell(const struct timespec given[2], struct timespec made[2]) {
    if (!given || !count()) return given;
    for (int i = 0; i < 2; i++) {
        int is_word = given[i].tv_nsec == UTIME_NOW || given[i].tv_nsec == UTIME_OMIT;
        made[i] = is_word ? given[i] : to(untold(of(&given[i])));
    }
    return made;
}

int utimensat(int d, const char *p, const struct timespec t[2], int flags) {
    struct timespec made[2];
    return REAL(utimensat)(d, p, untell(t, made), flags);
}

int futimens(int f, const struct timespec t[2]) {
    struct timespec made[2];
    return REAL(futimens)(f, untell(t, made));
}
