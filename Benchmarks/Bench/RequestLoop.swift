import CLinux
import Glibc
import QuakeBase
import QuakeCurl

/// Handles on one thread and one epoll, each of which asks again when it was answered.
final class RequestLoop {
    private(set) var answered = 0
    private(set) var failures = 0

    private let epoll = epoll_create1(Int32(quake_epoll_cloexec))
    private var events = [epoll_event](repeating: epoll_event(), count: 256)
    private var multis: [CurlMulti] = []
    private var easies: [CurlEasy] = []
    private var sockets: [Int32: CurlMulti] = [:]
    private var watched: Set<Int32> = []
    private var timers: [ObjectIdentifier: (multi: CurlMulti, at: Int64)] = [:]
    private var isOver = false
    private var underWay = 0
    /// What a lane looks at in an answer.
    private var bytes = 0

    /// - Parameter isPooled: a connection for each request under way, kept, in a multi handle of its own as a lane's pinned
    ///   ones; otherwise a fresh one for each request.
    init(url: String, isPooled: Bool, inFlight: Int) throws {
        for index in 0..<inFlight {
            let easy = try CurlEasy()
            easy.tag = index
            easy.setURL(url)
            easy.setMethod("GET")
            easy.setHeaders(["Expect:"])
            easy.setUserAgent("peerquake")
            easy.setHTTP1Only()
            easy.setNoProxy()
            easy.setTimeout(milliseconds: 2000)
            easy.setConnectTimeout(milliseconds: 2000)
            easy.onHeader = { [unowned self] in bytes += $0.count }
            easy.onBody = { [unowned self] in
                bytes += $0.count
                return true
            }
            easy.onPrerequest = { _ in }
            easy.onSocketOpened = { _, _ in }
            if !isPooled {
                easy.setFreshConnect(true)
                easy.setForbidReuse(true)
                easy.resetsOnClose = true
            }
            easies.append(easy)
            if isPooled || multis.isEmpty { multis.append(try makeMulti()) }
        }
    }

    private func makeMulti() throws -> CurlMulti {
        let multi = try CurlMulti()
        multi.setConnectionCache(1)
        multi.onInterest = { [unowned self, unowned multi] descriptor, interest in
            watch(descriptor, interest)
            sockets[descriptor] = interest == nil ? nil : multi
        }
        multi.onTimer = { [unowned self, unowned multi] milliseconds in
            timers[ObjectIdentifier(multi)] =
                milliseconds < 0 ? nil : (multi, SystemClock.monotonic + Int64(milliseconds) * 1_000_000)
        }
        return multi
    }

    func run(nanoseconds: Int64) {
        let end = SystemClock.monotonic + nanoseconds
        for easy in easies { ask(easy) }
        while underWay > 0 {
            isOver = SystemClock.monotonic >= end
            runTimers()
            let count = epoll_wait(epoll, &events, Int32(events.count), timeout)
            if count <= 0 { for multi in multis { collect(multi) } }
            for index in 0..<Int(max(0, count)) {
                let descriptor = quake_epoll_descriptor(&events[index])
                guard let multi = sockets[descriptor] else { continue }
                var found: CurlMulti.Interest = []
                let mask = quake_epoll_events(&events[index])
                if mask & UInt32(quake_epollin) != 0 { found.insert(.read) }
                if mask & UInt32(quake_epollout) != 0 { found.insert(.write) }
                if mask & UInt32(quake_epollerr | quake_epollhup) != 0 { found.insert(.error) }
                multi.act(on: descriptor, found)
                collect(multi)
            }
        }
    }

    private func ask(_ easy: CurlEasy) {
        let multi = multis[easy.tag % multis.count]
        underWay += 1
        multi.add(easy)
        timers[ObjectIdentifier(multi)] = nil
        multi.timeOut()
    }

    private func collect(_ multi: CurlMulti) {
        while let (easy, code) = multi.nextFinished() {
            if code == .ok, easy.responseCode == 200, easy.localPort > 0 { answered += 1 } else { failures += 1 }
            multi.remove(easy)
            underWay -= 1
            if !isOver { ask(easy) }
        }
    }

    private func runTimers() {
        let moment = SystemClock.monotonic
        for (key, timer) in timers where timer.at <= moment {
            timers[key] = nil
            timer.multi.timeOut()
            collect(timer.multi)
        }
    }

    /// Milliseconds until the next timer: their precision is enough where nothing is ever late.
    private var timeout: Int32 {
        guard let first = timers.values.map(\.at).min() else { return 1000 }
        return Int32(clamping: max(0, (first - SystemClock.monotonic) / 1_000_000 + 1))
    }

    private func watch(_ descriptor: Int32, _ interest: CurlMulti.Interest?) {
        guard let interest else {
            if watched.remove(descriptor) != nil { _ = quake_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0) }
            return
        }
        var mask: UInt32 = 0
        if interest.contains(.read) { mask |= UInt32(quake_epollin) }
        if interest.contains(.write) { mask |= UInt32(quake_epollout) }
        let operation = watched.insert(descriptor).inserted ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        if quake_epoll_control(epoll, operation, descriptor, mask) != 0 {
            // A descriptor that was closed and opened again under the same number.
            _ = quake_epoll_control(epoll, operation == EPOLL_CTL_ADD ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, mask)
        }
    }
}
