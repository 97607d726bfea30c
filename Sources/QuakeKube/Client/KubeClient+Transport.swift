import FoundationEssentials
import QuakeCurl

/// Requests: credentials, answers, what may be tried again.
extension KubeClient {
    /// A request, tried again while the server asks for patience within the budget.
    func request(
        _ method: String, _ path: String, query: [(String, String)] = [], body: [UInt8]? = nil,
        contentType: String = "application/json", accept: String = "application/json", timeout: Duration? = nil,
        retries: Bool = true
    ) async throws(KubeError) -> RawAnswer {
        var budget = options.retryBudget
        while true {
            let request = try await prepared(
                method, path, query: query, body: body, contentType: contentType, accept: accept,
                timeout: timeout ?? options.timeout)
            do throws(KubeError) {
                return try await once(request, describing: "\(method) \(path) at \(context.name)")
            } catch {
                guard retries, error.code == .tooManyRequests || error.httpStatus == 503,
                    let pause = error.retryAfter, pause <= budget
                else { throw error }
                budget -= pause
                do {
                    try await Task.sleep(for: pause)
                } catch {
                    throw KubeError(.cancelled, "cancelled", context: "\(method) \(path) at \(context.name)")
                }
            }
        }
    }

    private func once(_ request: HTTPRequest, describing what: String) async throws(KubeError) -> RawAnswer {
        let answer: HTTPAnswer
        do throws(HTTPFailure) {
            answer = try await HTTPClient.shared.send(request)
        } catch {
            throw Self.describe(error, what)
        }
        if answer.status >= 400 { throw Self.describe(answer, what) }
        return RawAnswer(
            status: answer.status, contentType: answer.headers["content-type"] ?? "", body: answer.body)
    }

    func prepared(
        _ method: String, _ path: String, query: [(String, String)], body: [UInt8]?, contentType: String,
        accept: String, timeout: Duration?
    ) async throws(KubeError) -> HTTPRequest {
        var headers = [("Accept", accept)]
        if body != nil { headers.append(("Content-Type", contentType)) }
        let credentials = try await Credentials.of(context)
        if let token = credentials.token { headers.append(("Authorization", "Bearer \(token)")) }
        let pairs = query.map { "\(PercentEncoding.query($0.0))=\(PercentEncoding.query($0.1))" }
        var request = HTTPRequest(
            method, context.cluster.server + path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")),
            headers: headers.map { (name: $0.0, value: $0.1) }, body: body, timeout: timeout,
            connectTimeout: options.connectTimeout, security: credentials.security)
        if let user = context.user.username, let password = context.user.password {
            request.basic = (user, password)
        }
        try applyServerName(to: &request)
        return request
    }

    /// A certificate made out to another name than the URL's: the URL takes the name, the connection the address.
    private func applyServerName(to request: inout HTTPRequest) throws(KubeError) {
        guard let name = context.cluster.tlsServerName, let url = URL(string: request.url), let host = url.host()
        else { return }
        let port = url.port ?? 443
        request.connectTo = ["\(name):\(port):\(host):\(port)"]
        guard let range = request.url.firstRange(of: host) else { return }
        request.url.replaceSubrange(range, with: name)
    }

    static func describe(_ failure: HTTPFailure, _ what: String) -> KubeError {
        if failure.wasCancelled { return KubeError(.cancelled, "cancelled", context: what) }
        let code: KubeError.Code =
            switch failure.code {
            case .operationTimedOut: .timeout
            case .sslConnectError, .peerFailedVerification: .tls
            case CurlCode(rawValue: 58), CurlCode(rawValue: 59), CurlCode(rawValue: 77): .tls
            default: .unreachable
            }
        return KubeError(code, failure.description, context: what)
    }

    static func describe(_ answer: HTTPAnswer, _ what: String) -> KubeError {
        let status = try? JSONValue(parsing: answer.body)
        let reason = status?["reason"]?.stringValue ?? ""
        let code: KubeError.Code =
            switch answer.status {
            case 401: .unauthorized
            case 403: .forbidden
            case 404: .notFound
            case 409: reason == "AlreadyExists" ? .alreadyExists : .conflict
            case 410: .gone
            case 400, 405, 406, 413, 415, 422: .invalid
            case 429: .tooManyRequests
            default: .server
            }
        let text = status?["message"]?.stringValue ?? String(decoding: answer.body.prefix(500), as: UTF8.self)
        return KubeError(
            code, text.isEmpty ? "HTTP \(answer.status)" : text, context: what, httpStatus: answer.status,
            status: status, retryAfter: answer.headers["retry-after"].flatMap { Int($0) }.map { .seconds($0) })
    }
}
