internal import CLibCurl

/// Why libcurl could not be set up or would not take an option. How a transfer ended is a ``CurlCode``, not an error.
package struct CurlError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The CURLcode, or 0 where there is none.
    package var code: CurlCode
    /// What was being done.
    package var context: String

    package init(_ code: CurlCode, _ context: String) {
        self.code = code
        self.context = context
    }

    package var description: String { "\(context): \(code)" }
}

/// libcurl's `CURLcode`: how a transfer ended.
package struct CurlCode: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    package var rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let ok = CurlCode(rawValue: 0)
    package static let unsupportedProtocol = CurlCode(rawValue: 1)
    package static let couldNotResolveHost = CurlCode(rawValue: 6)
    package static let couldNotConnect = CurlCode(rawValue: 7)
    package static let partialFile = CurlCode(rawValue: 18)
    package static let writeError = CurlCode(rawValue: 23)
    package static let operationTimedOut = CurlCode(rawValue: 28)
    package static let sslConnectError = CurlCode(rawValue: 35)
    package static let abortedByCallback = CurlCode(rawValue: 42)
    package static let gotNothing = CurlCode(rawValue: 52)
    package static let sendError = CurlCode(rawValue: 55)
    package static let receiveError = CurlCode(rawValue: 56)
    package static let peerFailedVerification = CurlCode(rawValue: 60)

    /// libcurl's own words.
    package var description: String { String(cString: curl_easy_strerror(CURLcode(rawValue: rawValue))) }
}

/// libcurl itself.
package enum Curl {
    /// Initialises libcurl once for the process; called by every handle.
    static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// `libcurl/7.88.1 OpenSSL/3.0.17 …`.
    package static var version: String { String(cString: curl_version()) }
}
