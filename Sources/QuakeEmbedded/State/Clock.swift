import Glibc

/// Unix nanoseconds.
func wallNanoseconds() -> Int64 { read(CLOCK_REALTIME) }

/// Nanoseconds of CLOCK_MONOTONIC, which all processes of a machine share.
func monotonicNanoseconds() -> Int64 { read(CLOCK_MONOTONIC) }

private func read(_ clock: clockid_t) -> Int64 {
    var now = timespec()
    clock_gettime(clock, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}
