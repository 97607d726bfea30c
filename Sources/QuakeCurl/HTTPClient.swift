import Dispatch
import QuakeBase
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An HTTP request, and what its connection needs.
package struct HTTPRequest: Sendable {
    /// How a TLS connection proves itself and what it believes.
    package struct Security: Sendable, Equatable {
        package var authorities: [UInt8]?
        package var certificate: [UInt8]?
        package var key: [UInt8]?
        package var verifies = true

        package init() {}
    }

    package var method: String
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]?
    /// Until the last byte; `nil` for no limit.
    package var timeout: Duration?
    package var connectTimeout: Duration
    package var security: Security
    /// `HOST:PORT:ADDRESS:PORT` entries for libcurl's CONNECT_TO.
    package var connectTo: [String]
    package var basic: (user: String, password: String)?
    /// The only proxy; `nil` goes directly, whatever the environment says.
    package var proxy: HTTPProxy?

    package init(
        _ method: String = "GET", _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        timeout: Duration? = .seconds(20), connectTimeout: Duration = .seconds(5), security: Security = Security(),
        connectTo: [String] = [], basic: (user: String, password: String)? = nil, proxy: HTTPProxy? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.security = security
        self.connectTo = connectTo
        self.basic = basic
        self.proxy = proxy
    }
}

/// What a server answered, or the beginning of it.
package struct HTTPAnswer: Sendable {
    package var status: Int
    /// Names in lower case.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// A transfer that brought no whole answer.
package struct HTTPFailure: Error, Sendable, CustomStringConvertible {
    package var code: CurlCode
    package var message: String
    package var wasCancelled: Bool

    package var description: String { message.isEmpty ? "\(code)" : message }
}

/// Requests over libcurl, each on a thread that is kept, with its connections, for the next one.
package final class HTTPClient: Sendable {
    package static let shared = HTTPClient()

    private let idle = Mutex<[HTTPWorker]>([])
    private static let keptWorkers = 16

    package init() {}

    /// - Throws: ``HTTPFailure``; a status of 400 and above is an answer.
    package func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPAnswer {
        let gathered = Mutex<[UInt8]>([])
        let transfer = HTTPTransfer()
        let result = await run(request, transfer) { bytes in
            gathered.withLock { $0.append(contentsOf: bytes) }
        }
        var answer = try result.get()
        answer.body = gathered.withLock { $0 }
        return answer
    }

    /// Hands each piece of the body to `onBody`, on the transfer's thread, until the answer ends or the task is
    /// cancelled.
    ///
    /// - Parameter onHead: gets status and headers before the first piece of the body; `false` ends the transfer.
    package func stream(
        _ request: HTTPRequest, onHead: @escaping @Sendable (HTTPAnswer) -> Bool,
        onBody: @escaping @Sendable ([UInt8]) -> Void
    ) async throws(HTTPFailure) {
        let transfer = HTTPTransfer()
        let told = Mutex<Bool?>(nil)
        let result = await run(request, transfer) { bytes in
            let goesOn = told.withLock { told -> Bool in
                if let told { return told }
                let answer = onHead(transfer.head)
                told = answer
                return answer
            }
            if goesOn { onBody(bytes) } else { transfer.cancel() }
        }
        let answer = try result.get()
        // An answer without a body still has a head.
        let isNews = told.withLock { told in
            defer { told = true }
            return told == nil
        }
        if isNews { _ = onHead(answer) }
    }

    private func run(
        _ request: HTTPRequest, _ transfer: HTTPTransfer, _ onBody: @escaping @Sendable ([UInt8]) -> Void
    ) async -> Result<HTTPAnswer, HTTPFailure> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard let worker = takeWorker() else {
                    let failure = HTTPFailure(code: .init(rawValue: 2), message: "no thread", wasCancelled: false)
                    return continuation.resume(returning: .failure(failure))
                }
                worker.run { easy in
                    let result = transfer.perform(request, easy, onBody)
                    self.giveBack(worker)
                    continuation.resume(returning: result)
                }
            }
        } onCancel: {
            transfer.cancel()
        }
    }

    private func takeWorker() -> HTTPWorker? {
        if let worker = idle.withLock({ $0.popLast() }) { return worker }
        return try? HTTPWorker()
    }

    private func giveBack(_ worker: HTTPWorker) {
        let isKept = idle.withLock { idle in
            guard idle.count < Self.keptWorkers else { return false }
            idle.append(worker)
            return true
        }
        if !isKept { worker.stop() }
    }
}

/// A thread with a libcurl handle of its own.
private final class HTTPWorker: @unchecked Sendable {
    // Unchecked: `easy` is touched by the worker's thread alone; `job` is handed over through the semaphore.
    private let easy: CurlEasy
    private let wake = DispatchSemaphore(value: 0)
    private var job: ((CurlEasy) -> Void)?
    private var isStopped = false

    init() throws {
        easy = try CurlEasy()
        var thread = pthread_t()
        let me = Unmanaged.passRetained(self).toOpaque()
        let code = pthread_create(
            &thread, nil,
            { me in
                guard let me else { return nil }
                Unmanaged<HTTPWorker>.fromOpaque(me).takeRetainedValue().loop()
                return nil
            }, me)
        guard code == 0 else {
            Unmanaged<HTTPWorker>.fromOpaque(me).release()
            throw CurlError(.init(rawValue: 2), "pthread_create")
        }
        pthread_detach(thread)
    }

    private func loop() {
        while true {
            wake.wait()
            if isStopped { return }
            let next = job
            job = nil
            next?(easy)
        }
    }

    func run(_ job: @escaping (CurlEasy) -> Void) {
        self.job = job
        wake.signal()
    }

    /// Called by the worker's own thread, from inside a job.
    func stop() {
        isStopped = true
        wake.signal()
    }
}

/// One request under way, which another thread may cancel.
private final class HTTPTransfer: Sendable {
    private struct State {
        var isCancelled = false
        var socket: Int32 = -1
        var head = HTTPAnswer(status: 0, headers: [:], body: [])
    }

    private let state = Mutex(State())

    var head: HTTPAnswer { state.withLock { $0.head } }

    /// Ends the transfer at once: libcurl asks by itself only once a second, so its socket is shut down.
    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            if state.socket >= 0 { shutdown(state.socket, Int32(SHUT_RDWR)) }
        }
    }

    func perform(
        _ request: HTTPRequest, _ easy: CurlEasy, _ onBody: @escaping @Sendable ([UInt8]) -> Void
    ) -> Result<HTTPAnswer, HTTPFailure> {
        if state.withLock({ $0.isCancelled }) { return .failure(cancelled) }
        configure(easy, request)
        easy.onHeader = { [self] bytes in header(bytes) }
        easy.onBody = { [self] bytes in
            if state.withLock({ $0.isCancelled }) { return false }
            onBody(Array(bytes))
            return true
        }
        easy.shouldAbort = { [self] in state.withLock { $0.isCancelled } }
        // A reused connection opens no socket: it ends within the second that libcurl takes to ask.
        easy.onSocketOpened = { [self] descriptor, _ in state.withLock { $0.socket = descriptor } }
        easy.onSocketClosed = { [self] descriptor in
            state.withLock { if $0.socket == descriptor { $0.socket = -1 } }
        }
        let code = easy.perform()
        state.withLock { $0.socket = -1 }
        easy.onBody = nil
        easy.onHeader = nil
        easy.shouldAbort = nil
        easy.onSocketOpened = nil
        easy.onSocketClosed = nil
        if state.withLock({ $0.isCancelled }) { return .failure(cancelled) }
        guard code == .ok else {
            return .failure(HTTPFailure(code: code, message: easy.errorText, wasCancelled: false))
        }
        return .success(head)
    }

    private var cancelled: HTTPFailure {
        HTTPFailure(code: .abortedByCallback, message: "cancelled", wasCancelled: true)
    }

    private func header(_ bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self)
        state.withLock { state in
            if line.hasPrefix("HTTP/") {
                let parts = line.split(separator: " ")
                state.head = HTTPAnswer(status: parts.count > 1 ? Int(parts[1]) ?? 0 : 0, headers: [:], body: [])
            } else if let colon = line.firstIndex(of: ":") {
                let value = line[line.index(after: colon)...].drop { $0 == " " }.prefix { !$0.isNewline }
                state.head.headers[line[..<colon].lowercased()] = String(value)
            }
        }
    }

    private func configure(_ easy: CurlEasy, _ request: HTTPRequest) {
        easy.reset()
        easy.setURL(request.url)
        easy.setMethod(request.method, body: request.body)
        // An empty `Expect` keeps libcurl from waiting for 100 Continue.
        // A header without a value would be taken out; a semicolon sends it as it is.
        easy.setHeaders(
            request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" } + ["Expect:"])
        easy.setConnectTo(request.connectTo)
        easy.setTimeout(milliseconds: request.timeout.map { Int($0.inMilliseconds) } ?? 0)
        easy.setConnectTimeout(milliseconds: Int(request.connectTimeout.inMilliseconds))
        configureProxy(easy, request)
        easy.setKeepalive(seconds: 15)
        easy.setVerification(request.security.verifies)
        if let authorities = request.security.authorities { easy.setAuthorities(pem: authorities) }
        if let certificate = request.security.certificate, let key = request.security.key {
            easy.setClientCertificate(pem: certificate, key: key)
        }
        if let basic = request.basic { easy.setUser(basic.user, password: basic.password) }
    }

    private func configureProxy(_ easy: CurlEasy, _ request: HTTPRequest) {
        guard let proxy = request.proxy else { return easy.setNoProxy() }
        easy.setProxy(proxy)
        guard proxy.scheme == .https else { return }
        easy.setProxyVerification(request.security.verifies)
        if let authorities = request.security.authorities { easy.setProxyAuthorities(pem: authorities) }
        if let certificate = request.security.certificate, let key = request.security.key {
            easy.setProxyClientCertificate(pem: certificate, key: key)
        }
    }
}
