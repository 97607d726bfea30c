internal import CLibCurl

/// Many transfers on one thread, driven by an event loop of the owner's: libcurl's `multi_socket_action` interface.
/// Not thread-safe.
package final class CurlMulti {
    /// What libcurl wants to know of a socket, and what the loop found.
    package struct Interest: OptionSet, Sendable {
        package let rawValue: Int32

        @inlinable
        package init(rawValue: Int32) { self.rawValue = rawValue }

        @inlinable
        package static var read: Interest { Interest(rawValue: 1) }
        @inlinable
        package static var write: Interest { Interest(rawValue: 2) }
        /// Only ever found.
        @inlinable
        package static var error: Interest { Interest(rawValue: 4) }

        // What a set of another module offers is looked up each time; these are not.
        /// Whether the two have a bit in common.
        @inlinable
        package func has(_ other: Interest) -> Bool { rawValue & other.rawValue != 0 }
        @inlinable
        package static func == (a: Interest, b: Interest) -> Bool { a.rawValue == b.rawValue }
    }

    private let handle: UnsafeMutableRawPointer
    private var members: [UnsafeMutableRawPointer: CurlEasy] = [:]
    /// libcurl wants a socket watched for this; `nil` no more at all.
    package var onInterest: ((_ descriptor: Int32, Interest?) -> Void)?
    /// libcurl wants ``timeOut()`` called after so many milliseconds; negative: never.
    package var onTimer: ((_ milliseconds: Int) -> Void)?

    package init() throws(CurlError) {
        guard Curl.isReady, let handle = curl_multi_init() else {
            throw CurlError(.init(rawValue: 2), "curl_multi_init")
        }
        self.handle = handle
        let me = Unmanaged.passUnretained(self).toOpaque()
        quake_multi_setopt_pointer(handle, CURLMOPT_SOCKETDATA, me)
        quake_multi_setopt_pointer(handle, CURLMOPT_TIMERDATA, me)
        quake_multi_set_socket_function(handle) { _, descriptor, what, me, _ in
            let multi = me.map { Unmanaged<CurlMulti>.fromOpaque($0).takeUnretainedValue() }
            multi?.onInterest?(descriptor, what == CURL_POLL_REMOVE ? nil : Interest(rawValue: what & 3))
            return 0
        }
        quake_multi_set_timer_function(handle) { _, milliseconds, me in
            let multi = me.map { Unmanaged<CurlMulti>.fromOpaque($0).takeUnretainedValue() }
            multi?.onTimer?(milliseconds)
            return 0
        }
    }

    deinit {
        for easy in members.values { curl_multi_remove_handle(handle, easy.handle) }
        curl_multi_cleanup(handle)
    }

    /// Idle connections kept; `nil` is libcurl's default, four a handle.
    package func setConnectionCache(_ count: Int) {
        quake_multi_setopt_long(handle, CURLMOPT_MAXCONNECTS, count)
    }

    /// Begins a transfer at the next ``timeOut()``, for which libcurl asks at once.
    package func add(_ easy: CurlEasy) {
        easy.clearError()
        members[easy.handle] = easy
        curl_multi_add_handle(handle, easy.handle)
    }

    /// Ends a transfer, or takes a finished one out.
    package func remove(_ easy: CurlEasy) {
        curl_multi_remove_handle(handle, easy.handle)
        members[easy.handle] = nil
    }

    /// The loop found something about a socket.
    package func act(on descriptor: Int32, _ found: Interest) {
        var running: Int32 = 0
        curl_multi_socket_action(handle, descriptor, found.rawValue, &running)
    }

    /// The timer of ``onTimer`` ran out.
    package func timeOut() {
        var running: Int32 = 0
        curl_multi_socket_action(handle, CURL_SOCKET_TIMEOUT, 0, &running)
    }

    /// A transfer that has ended and was not told yet. It stays a member until it is removed.
    package func nextFinished() -> (easy: CurlEasy, code: CurlCode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = members[message.pointee.easy_handle] else { continue }
            return (easy, CurlCode(rawValue: quake_message_result(message).rawValue))
        }
        return nil
    }
}
