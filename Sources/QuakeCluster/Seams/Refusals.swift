package import QuakeKube

extension KubeError: Refusal {
    /// An answer that says no, or a request that was never made.
    package var isRefusal: Bool {
        switch code {
        case .unauthorized, .forbidden, .notFound, .conflict, .alreadyExists, .gone, .invalid, .tooManyRequests,
            .config,
            .locked:
            true
        case .unreachable, .timeout, .tls, .server, .decoding, .command, .cancelled: false
        }
    }
}

extension ClusterError: Refusal {
    package var isRefusal: Bool { code != .timeout }
}
