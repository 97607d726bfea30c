import Glibc
import QuakeCurl
package import QuakeRecord

/// What libcurl and the answer said of one transfer.
package struct TransferFacts: Sendable, Equatable {
    /// The CURLcode.
    package var code: UInt32 = 0
    /// Meaningless at code 0: libcurl does not reset it.
    package var errno: Int32 = 0
    /// errno of a socket that could not be opened.
    package var socketErrno: Int32 = 0
    package var openedSocket = false
    /// CURLINFO_NUM_CONNECTS.
    package var connects = 0
    /// How often the request was about to be sent.
    package var requests = 0
    package var status = 0
    /// The empty line after the fields arrived.
    package var headComplete = false
    /// As announced; `nil` where it was not.
    package var contentLength: Int?
    package var bodyLength = 0
    /// `nil` where the answer did not say.
    package var cluster: String?
    package var isTLS = false
    /// The answer came later than the lane's deadline after its due time.
    package var isLate = false

    package init() {}
}

/// Puts a transfer into one of the closed set of classes.
package enum Classifier {
    /// The class of a transfer that has ended. The first rule that applies decides: a failure of libcurl, a hidden
    /// retry, a cut answer, the status, the body's length, the cluster, the deadline.
    ///
    /// - Parameter expectedCluster: `nil` where any server's answer is right.
    package static func outcome(
        of facts: TransferFacts, expectedStatus: Int = 200, expectedCluster: String? = nil
    ) -> Outcome {
        guard facts.code == 0 else { return failure(facts) }
        // libcurl resends by itself over a fresh connection when a reused one is reset: the request had failed.
        if facts.requests > 1 { return .hiddenRetry }
        // A FIN amid the head looks like success with status 200.
        guard facts.headComplete else { return .body }
        if facts.status != expectedStatus { return .httpStatus }
        if let length = facts.contentLength, length != facts.bodyLength { return .body }
        if let expectedCluster {
            guard let cluster = facts.cluster else { return .body }
            if cluster != expectedCluster { return .wrongCluster }
        }
        return facts.isLate ? .late : .ok
    }

    private static func failure(_ facts: TransferFacts) -> Outcome {
        switch CurlCode(rawValue: facts.code) {
        case .couldNotResolveHost: return .dns
        case .couldNotConnect: return connectFailure(facts)
        case .operationTimedOut: return timeout(facts)
        case .gotNothing, .partialFile: return .eof
        case .receiveError, .sendError: return facts.isTLS && facts.requests == 0 ? .tls : .reset
        case .sslConnectError, .peerFailedVerification: return .tls
        case .unsupportedProtocol, .writeError: return .body
        default: return tlsCodes.contains(facts.code) ? .tls : .body
        }
    }

    /// CURLE_SSL_*: engine, certificate, cipher, CA file, shutdown, CRL, issuer, pinned key, status.
    private static let tlsCodes: Set<UInt32> = [53, 54, 58, 59, 64, 66, 77, 80, 82, 83, 90, 91, 98]

    private static func connectFailure(_ facts: TransferFacts) -> Outcome {
        if facts.socketErrno != 0 { return .clientError }
        switch facts.errno {
        case ECONNREFUSED: return .refused
        // EACCES is the word for a route that is prohibited.
        case EHOSTUNREACH, ENETUNREACH, EACCES: return .noRoute
        case ETIMEDOUT: return .connectTimeout
        case EADDRNOTAVAIL, EMFILE, ENFILE, ENOBUFS: return .clientError
        case ECONNRESET: return .reset
        default: return .refused
        }
    }

    /// Which phase ran out is read off what happened, never off CONNECT_TIME.
    private static func timeout(_ facts: TransferFacts) -> Outcome {
        if facts.requests > 0 { return facts.connects == 0 ? .reuseTimeout : .responseTimeout }
        if facts.connects > 0, facts.isTLS { return .tls }
        return facts.openedSocket ? .connectTimeout : .dns
    }
}
