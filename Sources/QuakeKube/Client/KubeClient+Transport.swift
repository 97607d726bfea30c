import QuakeBase
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
        var mayRenew = true
        while true {
            let ready = try await prepared(
                method, path, query: query, body: body, contentType: contentType, accept: accept,
                timeout: timeout ?? options.timeout)
            let what = describe(method, path)
            do throws(KubeError) {
                return try await once(ready.request, describing: what)
            } catch {
                if error.code == .unauthorized, mayRenew {
                    mayRenew = false
                    let isRenewed = try await renew(ready.credentials, after: error)
                    if isRenewed, method == "GET" { continue }
                }
                guard retries, error.code == .tooManyRequests || error.httpStatus == 503,
                    let pause = error.retryAfter, pause <= budget
                else { throw refused(error) }
                budget -= pause
                do {
                    try await Task.sleep(for: pause)
                } catch {
                    throw KubeError(.cancelled, "cancelled", context: what)
                }
            }
        }
    }

    /// `GET /version at east`, and which way where it is not the direct one.
    func describe(_ method: String, _ path: String) -> String {
        "\(method) \(path) at \(context.name)\((try? route)?.words ?? "")"
    }

    /// Asks for other credentials than those that the server has refused. Where that fails, the refusal is the error.
    func renew(_ credentials: Credentials, after refusal: KubeError) async throws(KubeError) -> Bool {
        do throws(KubeError) {
            return try await credentials.renew()
        } catch {
            var told = refusal
            told.cause = "\(error)"
            throw told
        }
    }

    /// A refusal, with why no credentials were shown.
    private func refused(_ error: KubeError) -> KubeError {
        guard error.code == .unauthorized || error.code == .forbidden, let withheldCredentials else { return error }
        var told = error
        told.message += "; \(withheldCredentials)"
        return told
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
    ) async throws(KubeError) -> (request: HTTPRequest, credentials: Credentials) {
        let route = try self.route
        let credentials = try await Credentials.of(context, by: route)
        var headers = [(name: "Accept", value: accept)]
        if body != nil { headers.append(("Content-Type", contentType)) }
        if let authorization = credentials.authorization { headers.append(("Authorization", authorization)) }
        headers += credentials.impersonation
        let target = path + PercentEncoding.query(query)
        var request = HTTPRequest(
            method, route.url(target), headers: headers, body: body, timeout: timeout,
            connectTimeout: options.connectTimeout, security: credentials.security, proxy: route.proxy)
        applyServerName(to: &request, target, route)
        return (request, credentials)
    }

    /// A certificate made out to another name than the URL's: the URL takes the name, so that it is asked for and
    /// verified; the connection and the `Host` header keep what the kubeconfig has.
    private func applyServerName(to request: inout HTTPRequest, _ target: String, _ route: APIRoute) {
        guard route.isTLS, let name = context.cluster.tlsServerName else { return }
        let port = route.server.effectivePort
        let ends = [name, route.server.host].map { "\(ServerURL.bracketed($0)):\(port)" }
        request.url = route.url(target, host: name)
        request.connectTo = [ends.joined(separator: ":")]
        request.headers.append(("Host", route.server.authority))
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
