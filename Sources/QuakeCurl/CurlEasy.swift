internal import CLibCurl

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// One transfer at a time over libcurl's easy interface. Not thread-safe: it belongs to one thread at a time.
///
/// Options stay set between transfers. A handle added to a ``CurlMulti`` must be removed before it is dropped.
package final class CurlEasy {
    let handle: UnsafeMutableRawPointer
    private var lists: [UnsafeMutablePointer<curl_slist>?] = [nil, nil]
    private let errorBuffer = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    /// Free for the owner: finds what a finished transfer belongs to.
    package var tag: Int = 0
    /// Gets each piece of the body; `false` ends the transfer with ``CurlCode/writeError``.
    package var onBody: ((UnsafeRawBufferPointer) -> Bool)?
    /// Gets each header line, status line and line end included.
    package var onHeader: ((UnsafeRawBufferPointer) -> Void)?
    /// Asked now and then, at least once a second; `true` ends the transfer with ``CurlCode/abortedByCallback``.
    package var shouldAbort: (() -> Bool)? {
        didSet { setLong(CURLOPT_NOPROGRESS, shouldAbort == nil ? 1 : 0) }
    }
    /// Called when the connection stands and the request is about to be sent: twice where libcurl resends by itself.
    package var onPrerequest: ((_ localPort: Int32) -> Void)?
    /// Called with each socket that was opened, or with the errno of the one that could not be.
    package var onSocketOpened: ((_ descriptor: Int32, _ errno: Int32) -> Void)?
    /// Fills a buffer with the next bytes of an endless body and says how many; 0 pauses the sending until
    /// ``resumeSending()``. Asked only after ``setEndlessPost()``.
    package var onSend: ((UnsafeMutableRawBufferPointer) -> Int)?
    /// Called before a socket is closed. Only for handles without a ``CurlMulti``: a multi handle's connections may
    /// outlive the handle that opened them.
    package var onSocketClosed: ((_ descriptor: Int32) -> Void)? {
        didSet { if onSocketClosed != nil { installCloseCallback() } }
    }
    /// SO_LINGER{1,0} on each socket: a close sends RST, and leaves no TIME_WAIT that would eat up the ports.
    package var resetsOnClose = false

    package init() throws(CurlError) {
        guard Curl.isReady, let handle = curl_easy_init() else {
            throw CurlError(.init(rawValue: 2), "curl_easy_init")
        }
        self.handle = handle
        errorBuffer[0] = 0
        installCallbacks()
    }

    deinit {
        // Closing connections calls back: `self` is still whole here.
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
        errorBuffer.deallocate()
    }

    private func installCallbacks() {
        let me = Unmanaged.passUnretained(self).toOpaque()
        quake_setopt_pointer(handle, CURLOPT_PRIVATE, me)
        quake_setopt_pointer(handle, CURLOPT_ERRORBUFFER, errorBuffer)
        setLong(CURLOPT_NOSIGNAL, 1)
        for option in [
            CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA, CURLOPT_PREREQDATA,
            CURLOPT_OPENSOCKETDATA, CURLOPT_CLOSESOCKETDATA, CURLOPT_READDATA,
        ] {
            quake_setopt_pointer(handle, option, me)
        }
        quake_setopt_data_function(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, me in
            guard let easy = CurlEasy.from(me), let onBody = easy.onBody else { return size * count }
            return onBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        quake_setopt_data_function(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, me in
            CurlEasy.from(me)?.onHeader?(UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
        quake_setopt_data_function(handle, CURLOPT_READFUNCTION) { bytes, size, count, me in
            guard let onSend = CurlEasy.from(me)?.onSend else { return 0 }
            let filled = onSend(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
            return filled > 0 ? filled : Int(CURL_READFUNC_PAUSE)
        }
        quake_set_progress_function(handle) { me, _, _, _, _ in
            CurlEasy.from(me)?.shouldAbort?() == true ? 1 : 0
        }
        quake_set_prereq_function(handle) { me, _, _, _, localPort in
            CurlEasy.from(me)?.onPrerequest?(localPort)
            return Int32(CURL_PREREQFUNC_OK)
        }
        quake_set_opensocket_function(handle) { me, _, address in
            guard let easy = CurlEasy.from(me), let address else { return -1 }
            return easy.openSocket(address)
        }
    }

    private func installCloseCallback() {
        quake_set_closesocket_function(handle) { me, descriptor in
            CurlEasy.from(me)?.onSocketClosed?(descriptor)
            return close(descriptor)
        }
    }

    static func from(_ pointer: UnsafeMutableRawPointer?) -> CurlEasy? {
        pointer.map { Unmanaged<CurlEasy>.fromOpaque($0).takeUnretainedValue() }
    }

    private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Int32 {
        let descriptor = socket(
            address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
        let problem = descriptor < 0 ? errno : 0
        if descriptor >= 0, resetsOnClose {
            var hard = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
        }
        onSocketOpened?(descriptor, problem)
        return descriptor
    }

    /// Forgets every option; connections are kept.
    package func reset() {
        curl_easy_reset(handle)
        resetsOnClose = false
        installCallbacks()
    }

    // MARK: - Options

    func setLong(_ option: CURLoption, _ value: Int) { quake_setopt_long(handle, option, value) }
    func setString(_ option: CURLoption, _ value: String?) { quake_setopt_string(handle, option, value) }

    private func setList(_ option: CURLoption, slot: Int, _ lines: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines { list = curl_slist_append(list, line) }
        quake_setopt_list(handle, option, list)
        curl_slist_free_all(lists[slot])
        lists[slot] = list
    }

    /// Any URL; only `http` and `https` are followed.
    package func setURL(_ url: String) { setString(CURLOPT_URL, url) }
    /// `Name: value` lines.
    package func setHeaders(_ lines: [String]) { setList(CURLOPT_HTTPHEADER, slot: 0, lines) }
    /// `HOST:PORT:CONNECT-TO-HOST:CONNECT-TO-PORT` entries, so that the URL is the same everywhere.
    package func setConnectTo(_ entries: [String]) { setList(CURLOPT_CONNECT_TO, slot: 1, entries) }
    /// Sent as `User-Agent`.
    package func setUserAgent(_ name: String) { setString(CURLOPT_USERAGENT, name) }
    /// For HTTP basic authentication.
    package func setUser(_ user: String, password: String) {
        setString(CURLOPT_USERNAME, user)
        setString(CURLOPT_PASSWORD, password)
    }

    /// GET by default. A body of `nil` is none at all, an empty one has `Content-Length: 0`.
    package func setMethod(_ method: String, body: [UInt8]? = nil) {
        if let body {
            setLong(CURLOPT_POST, 1)
            quake_setopt_off(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            body.withUnsafeBufferPointer { bytes in
                let start = bytes.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }
                _ = quake_setopt_string(handle, CURLOPT_COPYPOSTFIELDS, start ?? emptyText)
            }
        } else {
            setLong(CURLOPT_HTTPGET, 1)
        }
        setLong(CURLOPT_NOBODY, method == "HEAD" ? 1 : 0)
        setString(CURLOPT_CUSTOMREQUEST, method == "GET" && body == nil || method == "HEAD" ? nil : method)
    }

    /// A POST whose body comes in chunks from ``onSend`` for as long as the connection stands; the answer's body may come
    /// meanwhile. Needs a header `Transfer-Encoding: chunked`.
    package func setEndlessPost() {
        setLong(CURLOPT_POST, 1)
        quake_setopt_off(handle, CURLOPT_POSTFIELDSIZE_LARGE, -1)
    }
    /// Asks ``onSend`` again. In a multi handle the bytes go at its next ``CurlMulti/timeOut()``, for which libcurl asks
    /// at once.
    package func resumeSending() { curl_easy_pause(handle, CURLPAUSE_CONT) }

    /// Until the last byte; zero for no limit.
    package func setTimeout(milliseconds: Int) { setLong(CURLOPT_TIMEOUT_MS, milliseconds) }
    /// Until the connection stands, TLS included; zero for libcurl's default of 300 s.
    package func setConnectTimeout(milliseconds: Int) { setLong(CURLOPT_CONNECTTIMEOUT_MS, milliseconds) }
    /// Whether the next transfer opens a connection though an idle one would do.
    package func setFreshConnect(_ flag: Bool) { setLong(CURLOPT_FRESH_CONNECT, flag ? 1 : 0) }
    /// Whether the connection is closed when the transfer has ended.
    package func setForbidReuse(_ flag: Bool) { setLong(CURLOPT_FORBID_REUSE, flag ? 1 : 0) }
    /// Neither offers nor accepts HTTP/2.
    package func setHTTP1Only() { setLong(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) }
    /// A name's resolution that takes too long is left behind, not waited for: libcurl would stand still, and every
    /// other transfer of its thread with it.
    package func setQuickExit() { setLong(CURLOPT_QUICK_EXIT, 1) }
    /// Ignores `http_proxy` and its like.
    package func setNoProxy() {
        setString(CURLOPT_PROXY, "")
        setString(CURLOPT_NOPROXY, "*")
    }
    /// Goes through this proxy, whatever the environment and libcurl's own rules say. What the proxy answers to a
    /// CONNECT is no header of the transfer.
    package func setProxy(_ proxy: HTTPProxy) {
        setString(CURLOPT_PROXY, proxy.libcurlURL)
        setString(CURLOPT_NOPROXY, "")
        setLong(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // CURLAUTH_BASIC: a name and a password, or nothing; never Kerberos.
        setLong(CURLOPT_SOCKS5_AUTH, 1)
        guard let user = proxy.user else { return }
        setString(CURLOPT_PROXYUSERNAME, user)
        setString(CURLOPT_PROXYPASSWORD, proxy.password ?? "")
    }
    /// How an `https` proxy proves itself, and we to it: as the server behind it.
    package func setProxyVerification(_ verify: Bool) {
        setLong(CURLOPT_PROXY_SSL_VERIFYPEER, verify ? 1 : 0)
        setLong(CURLOPT_PROXY_SSL_VERIFYHOST, verify ? 2 : 0)
    }
    /// Certificates that the proxy's own must chain to, in PEM, instead of the system's.
    package func setProxyAuthorities(pem: [UInt8]) {
        setString(CURLOPT_PROXY_CAPATH, nil)
        setBlob(CURLOPT_PROXY_CAINFO_BLOB, pem)
    }
    /// What proves this client to an https proxy, both in PEM.
    package func setProxyClientCertificate(pem: [UInt8], key: [UInt8]) {
        setBlob(CURLOPT_PROXY_SSLCERT_BLOB, pem)
        setBlob(CURLOPT_PROXY_SSLKEY_BLOB, key)
        setString(CURLOPT_PROXY_SSLCERTTYPE, "PEM")
        setString(CURLOPT_PROXY_SSLKEYTYPE, "PEM")
    }
    /// TCP keepalive after so many idle seconds, probed at the same interval.
    package func setKeepalive(seconds: Int) {
        setLong(CURLOPT_TCP_KEEPALIVE, 1)
        setLong(CURLOPT_TCP_KEEPIDLE, seconds)
        setLong(CURLOPT_TCP_KEEPINTVL, seconds)
    }

    /// - Parameter verify: whether the peer's certificate and name are checked.
    package func setVerification(_ verify: Bool) {
        setLong(CURLOPT_SSL_VERIFYPEER, verify ? 1 : 0)
        setLong(CURLOPT_SSL_VERIFYHOST, verify ? 2 : 0)
    }
    /// PEM bytes of the authorities to trust, in place of the system's.
    package func setAuthorities(pem: [UInt8]) {
        // Debian's libcurl looks into the system's folder besides.
        setString(CURLOPT_CAPATH, nil)
        setBlob(CURLOPT_CAINFO_BLOB, pem)
    }
    /// PEM bytes of our certificate and its key.
    package func setClientCertificate(pem: [UInt8], key: [UInt8]) {
        setBlob(CURLOPT_SSLCERT_BLOB, pem)
        setBlob(CURLOPT_SSLKEY_BLOB, key)
        setString(CURLOPT_SSLCERTTYPE, "PEM")
        setString(CURLOPT_SSLKEYTYPE, "PEM")
    }
    private func setBlob(_ option: CURLoption, _ bytes: [UInt8]) {
        bytes.withUnsafeBytes { _ = quake_setopt_blob(handle, option, $0.baseAddress, $0.count) }
    }

    // MARK: - Transfer and its facts

    /// Blocks until the transfer has ended.
    package func perform() -> CurlCode {
        clearError()
        return CurlCode(rawValue: curl_easy_perform(handle).rawValue)
    }

    /// libcurl's own text for the last failure; empty after a success.
    package var errorText: String { String(cString: errorBuffer) }
    /// Empties ``errorText``, which libcurl itself only overwrites.
    package func clearError() { errorBuffer[0] = 0 }

    /// 0 where no answer came.
    package var responseCode: Int { long(CURLINFO_RESPONSE_CODE) }
    /// Sticky across a handle's transfers: meaningless after a success.
    package var osErrno: Int32 { Int32(long(CURLINFO_OS_ERRNO)) }
    /// How many connections the last transfer had to open.
    package var connectCount: Int { long(CURLINFO_NUM_CONNECTS) }
    package var localPort: Int { long(CURLINFO_LOCAL_PORT) }
    /// Microseconds from the transfer's beginning; 0 where it did not come so far.
    package var nameLookupMicros: Int64 { offset(CURLINFO_NAMELOOKUP_TIME_T) }
    package var connectMicros: Int64 { offset(CURLINFO_CONNECT_TIME_T) }
    package var appConnectMicros: Int64 { offset(CURLINFO_APPCONNECT_TIME_T) }
    package var preTransferMicros: Int64 { offset(CURLINFO_PRETRANSFER_TIME_T) }
    package var startTransferMicros: Int64 { offset(CURLINFO_STARTTRANSFER_TIME_T) }
    package var totalMicros: Int64 { offset(CURLINFO_TOTAL_TIME_T) }

    private func long(_ info: CURLINFO) -> Int {
        var value = 0
        quake_getinfo_long(handle, info, &value)
        return value
    }

    private func offset(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        quake_getinfo_off(handle, info, &value)
        return Int64(value)
    }
}

/// What an empty request body points to: a null pointer would make libcurl read one from a callback.
private nonisolated(unsafe) let emptyText: UnsafePointer<CChar> = {
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    text[0] = 0
    return UnsafePointer(text)
}()
