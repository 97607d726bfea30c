import Glibc

/// Names for the errors that sockets report.
enum ErrnoName {
    private static let names: [Int32: String] = [
        ECONNREFUSED: "ECONNREFUSED", ETIMEDOUT: "ETIMEDOUT", EHOSTUNREACH: "EHOSTUNREACH", ENETUNREACH: "ENETUNREACH",
        ECONNRESET: "ECONNRESET", EPIPE: "EPIPE", EADDRNOTAVAIL: "EADDRNOTAVAIL", EMFILE: "EMFILE",
    ]

    static func text(_ code: Int32) -> String { code == 0 ? "–" : names[code] ?? "errno \(code)" }
}
