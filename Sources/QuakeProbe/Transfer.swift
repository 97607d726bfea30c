import QuakeCurl
import QuakeRecord

/// One request under way, and the libcurl handle that carries it. Handles are used again.
final class Transfer {
    let easy: CurlEasy
    var sequence: UInt64 = 0
    var due = RunInstant.origin
    var sent = RunInstant.origin
    var facts = TransferFacts()
    var localPort = 0
    var identity = ServingIdentity(cluster: "", node: "", pod: "")
    /// The pinned connection that it runs over; `nil` for a fresh or extra one.
    weak var pinned: PinnedConnection?
    var isExtra = false
    /// Of an answer: to a HEAD, a length is announced that does not follow.
    private let hasBody: Bool

    init(_ spec: LaneSpec) throws(ProbeError) {
        do throws(CurlError) {
            easy = try CurlEasy()
        } catch {
            throw ProbeError(.setUp, "\(error)")
        }
        easy.setURL(spec.lane.url)
        easy.setMethod(spec.method, body: spec.body.map { Array($0.utf8) })
        easy.setHeaders(spec.headerLines + ["Expect:"])
        easy.setUserAgent("peerquake")
        easy.setHTTP1Only()
        easy.setNoProxy()
        easy.setQuickExit()
        easy.setVerification(spec.verifies)
        if let authorities = spec.authorities { easy.setAuthorities(pem: Array(authorities.utf8)) }
        facts.isTLS = spec.lane.url.hasPrefix("https:")
        hasBody = spec.method != "HEAD"
        install()
    }

    /// New connections go there in place of the URL's host.
    func move(to address: ProbeAddress?) {
        easy.setConnectTo(address.map { ["::\($0.host):\($0.port)"] } ?? [])
    }

    private func install() {
        easy.onHeader = { [unowned self] bytes in header(bytes) }
        easy.onBody = { [unowned self] bytes in
            facts.bodyLength += bytes.count
            return true
        }
        easy.onPrerequest = { [unowned self] port in
            facts.requests += 1
            localPort = Int(port)
        }
        easy.onSocketOpened = { [unowned self] descriptor, problem in
            if descriptor >= 0 { SocketAge.prepare(descriptor) }
            facts.openedSocket = descriptor >= 0
            facts.socketErrno = problem
        }
    }

    /// Forgets the last request.
    func prepare(_ sequence: UInt64, due: RunInstant, sent: RunInstant) {
        self.sequence = sequence
        self.due = due
        self.sent = sent
        let isTLS = facts.isTLS
        facts = TransferFacts()
        facts.isTLS = isTLS
        localPort = 0
        identity = ServingIdentity(cluster: "", node: "", pod: "")
        isExtra = false
        pinned = nil
    }

    private func header(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count <= 2 {
            facts.headComplete = true
            return
        }
        if bytes.count > 5, bytes[0] | 0x20 == UInt8(ascii: "h"), bytes[4] == UInt8(ascii: "/") {
            facts.headComplete = false
            return
        }
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = bytes[..<colon]
        if Self.isNamed(name, "x-peerquake-cluster") {
            identity.cluster = Self.value(bytes, after: colon)
            facts.cluster = identity.cluster
        } else if Self.isNamed(name, "x-peerquake-node") {
            identity.node = Self.value(bytes, after: colon)
        } else if Self.isNamed(name, "x-peerquake-pod") {
            identity.pod = Self.value(bytes, after: colon)
        } else if Self.isNamed(name, "content-length") {
            facts.contentLength = Int(Self.value(bytes, after: colon))
        }
    }

    /// Byte by byte, for each field of each answer is asked. Names of fields have no case (RFC 9110, 5.1).
    private static func isNamed(_ name: Slice<UnsafeRawBufferPointer>, _ wanted: StaticString) -> Bool {
        guard name.count == wanted.utf8CodeUnitCount else { return false }
        for (offset, byte) in name.enumerated() {
            let lower = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
            guard lower == wanted.utf8Start[offset] else { return false }
        }
        return true
    }

    /// Without the blanks around it and the line's end.
    private static func value(_ bytes: UnsafeRawBufferPointer, after colon: Int) -> String {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
        var value = bytes[(colon + 1)...].drop(while: isBlank)
        while let last = value.last, isBlank(last) { value = value.dropLast() }
        return String(decoding: value, as: UTF8.self)
    }

    /// Reads what libcurl knows at the end.
    func finish(_ code: CurlCode, at done: RunInstant, deadline: Duration) {
        facts.code = code.rawValue
        facts.status = easy.responseCode
        facts.connects = easy.connectCount
        if !hasBody || [204, 304].contains(facts.status) { facts.contentLength = nil }
        facts.errno = code == .ok ? 0 : easy.osErrno
        facts.isLate = done > due + deadline
        if localPort == 0 { localPort = easy.localPort }
    }

    /// Why it is what it is: short and of low cardinality, no times and no counts.
    func words(for outcome: Outcome) -> String {
        switch outcome {
        case .late: return "answered after the deadline"
        case .wrongCluster: return "answered by \(identity.cluster)"
        case .httpStatus: return "status \(facts.status)"
        case .hiddenRetry: return "libcurl resent the request over another connection"
        default:
            let words = "\(CurlCode(rawValue: facts.code))"
            return facts.errno == 0 ? words : "\(words) (errno \(facts.errno))"
        }
    }
}

/// One keep-alive connection of a pooled lane, with a multi handle of its own so that libcurl cannot swap connections.
final class PinnedConnection {
    let multi: CurlMulti
    let transfer: Transfer
    var isBusy = false
    /// Numbers the lane's connections; 0 before the first.
    var number: UInt32 = 0

    init(multi: CurlMulti, transfer: Transfer) {
        self.multi = multi
        self.transfer = transfer
    }
}
