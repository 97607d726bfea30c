internal import CLinux
import Glibc
import QuakeCurl

/// One epoll with one absolute timer and a way to wake it. Belongs to one thread, but for ``wake()``.
final class EventLoop {
    private let epoll: Int32
    private let timer: Int32
    private let wakeUp: Int32
    private var watched: [Int32: CurlMulti.Interest] = [:]
    /// What the last wait found. Not an array: this is asked for thousands of times a second.
    private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 256)
    private var armed: Int64 = 0

    init() throws(ProbeError) {
        events.initialize(repeating: epoll_event())
        epoll = epoll_create1(Int32(quake_epoll_cloexec))
        timer = timerfd_create(CLOCK_MONOTONIC, Int32(quake_timerfd_flags))
        wakeUp = eventfd(0, Int32(quake_eventfd_flags))
        guard epoll >= 0, timer >= 0, wakeUp >= 0 else {
            throw ProbeError(.setUp, "no descriptors for the prober's loop: \(String(cString: strerror(errno)))")
        }
        _ = quake_epoll_control(epoll, EPOLL_CTL_ADD, wakeUp, UInt32(quake_epollin))
        // Told once each time that it runs out, a timer need not be read.
        _ = quake_epoll_control(epoll, EPOLL_CTL_ADD, timer, quake_epollin_once())
    }

    deinit {
        for descriptor in [epoll, timer, wakeUp] { close(descriptor) }
        events.deallocate()
    }

    /// Ends a ``wait(_:)`` under way, or the next one. Any thread may call it.
    func wake() {
        var one: UInt64 = 1
        write(wakeUp, &one, 8)
    }

    /// `nil` watches no more.
    func watch(_ descriptor: Int32, _ interest: CurlMulti.Interest?) {
        guard let interest else {
            if watched.removeValue(forKey: descriptor) != nil {
                _ = quake_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0)
            }
            return
        }
        var mask: UInt32 = 0
        if interest.has(.read) { mask |= UInt32(quake_epollin) }
        if interest.has(.write) { mask |= UInt32(quake_epollout) }
        let operation = watched.updateValue(interest, forKey: descriptor) == nil ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        if quake_epoll_control(epoll, operation, descriptor, mask) != 0, errno == EEXIST || errno == ENOENT {
            // A descriptor that was closed and opened again under the same number.
            _ = quake_epoll_control(epoll, operation == EPOLL_CTL_ADD ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, mask)
        }
    }

    /// Arms the timer for a moment of the monotonic clock.
    func arm(_ nanoseconds: Int64) {
        guard nanoseconds != armed else { return }
        armed = nanoseconds
        _ = quake_timer_set(timer, max(1, nanoseconds))
    }

    /// Sleeps until a socket is ready, the timer runs out or somebody wakes it.
    func wait(_ found: (Int32, CurlMulti.Interest) -> Void) {
        guard let first = events.baseAddress else { return }
        let count = epoll_wait(epoll, first, Int32(events.count), -1)
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let descriptor = quake_epoll_descriptor(first + index)
            if descriptor == timer {
                armed = 0
                continue
            }
            if descriptor == wakeUp {
                var value: UInt64 = 0
                read(descriptor, &value, 8)
                continue
            }
            let mask = quake_epoll_events(first + index)
            var interest: Int32 = 0
            if mask & UInt32(quake_epollin) != 0 { interest |= CurlMulti.Interest.read.rawValue }
            if mask & UInt32(quake_epollout) != 0 { interest |= CurlMulti.Interest.write.rawValue }
            if mask & UInt32(quake_epollerr | quake_epollhup) != 0 { interest |= CurlMulti.Interest.error.rawValue }
            found(descriptor, CurlMulti.Interest(rawValue: interest))
        }
    }
}
