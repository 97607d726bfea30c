#pragma once
// What glibc's Swift module leaves out: epoll, timerfd, eventfd, packet filters, when data came in, how memory is managed and
// what the kernel counts of one thread.
#include <fcntl.h>
#include <linux/filter.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

// For a process that runs for hours on many threads: few arenas, and large blocks given back as soon as they are free.
static inline void quake_keep_memory_flat(void) {
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_TRIM_THRESHOLD, 128 * 1024);
}

// Gives the system back what is free in the middle of the heaps too.
static inline void quake_give_memory_back(void) { malloc_trim(0); }

// The union in epoll_event has no member for a descriptor that Swift could name in an initialiser.
static inline int quake_epoll_control(int epoll, int operation, int descriptor, uint32_t events) {
    struct epoll_event event = {.events = events, .data = {.fd = descriptor}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}
// Tells of each event once, and not for as long as it lasts.
static inline uint32_t quake_epollin_once(void) { return EPOLLIN | EPOLLET; }
static inline int quake_epoll_descriptor(const struct epoll_event *event) { return event->data.fd; }
static inline uint32_t quake_epoll_events(const struct epoll_event *event) { return event->events; }
// Arms a timer for an absolute moment of the monotonic clock.
static inline int quake_timer_set(int timer, int64_t nanoseconds) {
    struct itimerspec at = {{0, 0}, {nanoseconds / 1000000000, nanoseconds % 1000000000}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, 0);
}
// A socket with this filter drops every packet that comes for it, SYNs on a listener included.
static inline int quake_set_deaf(int descriptor, int deaf) {
    struct sock_filter nothing = {BPF_RET | BPF_K, 0, 0, 0};
    struct sock_fprog program = {1, &nothing};
    int zero = 0;
    return deaf ? setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program)
                : setsockopt(descriptor, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof zero);
}
// Gives the calling thread a network and a file system's mounts of its own; 0 where it may.
int unshare(int flags);
int setns(int descriptor, int type);
static inline int quake_unshare(void) { return unshare(0x40000000 | 0x00020000); }
static inline int quake_enter(int descriptor) { return setns(descriptor, 0); }
// Milliseconds since an established connection's last data came in, in steps of the kernel's clock; -1 for any other socket.
static inline int64_t quake_millis_since_data(int descriptor) {
    struct tcp_info info;
    socklen_t size = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_state != TCP_ESTABLISHED) return -1;
    return info.tcpi_last_data_recv;
}
// Has the kernel date what comes in.
static inline void quake_date_data(int descriptor) {
    int one = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
}
// Nanoseconds since the last of the data came in that waits to be read, by the wall clock; -1 where the kernel does not say.
// The data stays where it is, and is not copied.
static inline int64_t quake_nanos_since_data(int descriptor) {
    static char nowhere[1 << 16];
    char control[CMSG_SPACE(sizeof(struct timespec))] __attribute__((aligned(8)));
    struct iovec all = {nowhere, sizeof nowhere};
    struct msghdr message = {.msg_iov = &all, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (recvmsg(descriptor, &message, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT) <= 0) return -1;
    for (struct cmsghdr *field = CMSG_FIRSTHDR(&message); field; field = CMSG_NXTHDR(&message, field)) {
        if (field->cmsg_level != SOL_SOCKET || field->cmsg_type != SCM_TIMESTAMPNS) continue;
        struct timespec came, now;
        memcpy(&came, CMSG_DATA(field), sizeof came);
        clock_gettime(CLOCK_REALTIME, &now);
        return (now.tv_sec - came.tv_sec) * 1000000000LL + (now.tv_nsec - came.tv_nsec);
    }
    return -1;
}
// The calling thread's own count of how long it waited for a processor, to be read by any thread; -1 where there is none.
static inline int quake_open_queue_wait(void) { return open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC); }
// Its nanoseconds so far; -1 where the kernel does not count them.
static inline int64_t quake_queue_wait(int schedstat) {
    char text[96];
    ssize_t size = pread(schedstat, text, sizeof text - 1, 0);
    if (size <= 0) return -1;
    text[size] = 0;
    // Nanoseconds on a processor, in the run queue, and how often it ran: never, without CONFIG_SCHED_INFO.
    char *rest = text;
    strtoull(rest, &rest, 10);
    int64_t waited = (int64_t)strtoull(rest, &rest, 10);
    return strtoull(rest, &rest, 10) > 0 ? waited : -1;
}
// Of the calling thread: how often it was made to give its processor away, and its page faults that waited for a disk.
static inline void quake_thread_usage(int64_t *preemptions, int64_t *faults) {
    struct rusage usage;
    memset(&usage, 0, sizeof usage);
    getrusage(1 /* RUSAGE_THREAD */, &usage);
    *preemptions = usage.ru_nivcsw;
    *faults = usage.ru_majflt;
}
// The calling thread's alone: Linux keeps these by thread.
static inline int quake_thread_nice(void) { return getpriority(PRIO_PROCESS, 0); }
static inline int quake_set_thread_nice(int nice) { return setpriority(PRIO_PROCESS, 0, nice); }
enum {
    quake_epollin = EPOLLIN,
    quake_epollout = EPOLLOUT,
    quake_epollerr = EPOLLERR,
    quake_epollhup = EPOLLHUP,
    quake_epoll_cloexec = EPOLL_CLOEXEC,
    quake_eventfd_flags = EFD_CLOEXEC | EFD_NONBLOCK,
    quake_timerfd_flags = TFD_CLOEXEC | TFD_NONBLOCK,
};
