/// A kubeconfig, merged from one or more files as kubectl does: the first file that names a thing wins.
package struct Kubeconfig: Sendable, Equatable {
    /// In the files' order.
    package var contexts: [Context]
    /// As written; it may name a context that does not exist.
    package var currentContext: String?
    /// The files that were read, in order.
    package var paths: [String]

    /// A context with its cluster and user looked up.
    package struct Context: Sendable, Equatable {
        package var name: String
        package var cluster: Cluster
        package var user: User
        package var namespace: String?

        package init(name: String, cluster: Cluster, user: User = User(), namespace: String? = nil) {
            self.name = name
            self.cluster = cluster
            self.user = user
            self.namespace = namespace
        }
    }

    /// PEM text in the kubeconfig itself (decoded), or a file (an absolute path), read when it is needed.
    package enum Material: Sendable, Equatable {
        case inline([UInt8])
        case file(String)
    }

    /// An API server.
    package struct Cluster: Sendable, Equatable {
        package var name: String
        /// `http` or `https`, without a trailing slash; may have a path.
        package var server: String
        package var certificateAuthority: Material?
        package var skipsVerification: Bool
        /// The name to expect in the server's certificate, where it differs from the URL's host.
        package var tlsServerName: String?

        package init(
            name: String, server: String, certificateAuthority: Material? = nil, skipsVerification: Bool = false,
            tlsServerName: String? = nil
        ) {
            self.name = name
            self.server = server
            self.certificateAuthority = certificateAuthority
            self.skipsVerification = skipsVerification
            self.tlsServerName = tlsServerName
        }
    }

    /// Whatever proves who we are; all of it may be absent.
    package struct User: Sendable, Equatable {
        package var name: String
        package var certificate: Material?
        package var key: Material?
        package var token: String?
        /// Read again for each request, as projected tokens change. Wins over `token`.
        package var tokenFile: String?
        package var username: String?
        package var password: String?
        package var exec: ExecPlugin?

        package init(
            name: String = "", certificate: Material? = nil, key: Material? = nil, token: String? = nil,
            tokenFile: String? = nil, username: String? = nil, password: String? = nil, exec: ExecPlugin? = nil
        ) {
            self.name = name
            self.certificate = certificate
            self.key = key
            self.token = token
            self.tokenFile = tokenFile
            self.username = username
            self.password = password
            self.exec = exec
        }
    }

    /// A command that prints an `ExecCredential`.
    package struct ExecPlugin: Sendable, Equatable {
        /// An absolute path, or a name that is looked up in PATH.
        package var command: String
        package var arguments: [String]
        /// Added to the environment.
        package var environment: [String: String]
        /// `client.authentication.k8s.io/v1` or `…/v1beta1`.
        package var apiVersion: String
        package var providesClusterInfo: Bool
        package var installHint: String?

        package init(
            command: String, arguments: [String] = [], environment: [String: String] = [:],
            apiVersion: String = "client.authentication.k8s.io/v1", providesClusterInfo: Bool = false,
            installHint: String? = nil
        ) {
            self.command = command
            self.arguments = arguments
            self.environment = environment
            self.apiVersion = apiVersion
            self.providesClusterInfo = providesClusterInfo
            self.installHint = installHint
        }
    }

    package init(contexts: [Context], currentContext: String? = nil, paths: [String] = []) {
        self.contexts = contexts
        self.currentContext = currentContext
        self.paths = paths
    }

    /// The context of this name; `nil` means the current one.
    ///
    /// - Throws: `.config`, with the names that there are.
    package func context(_ name: String? = nil) throws(KubeError) -> Context {
        guard let wanted = name ?? currentContext else {
            throw KubeError(.config, "no current-context is set; contexts: \(contextNames)")
        }
        guard let found = contexts.first(where: { $0.name == wanted }) else {
            throw KubeError(.config, "no context \"\(wanted)\"; contexts: \(contextNames)")
        }
        return found
    }

    private var contextNames: String {
        contexts.isEmpty ? "none" : contexts.map(\.name).joined(separator: ", ")
    }
}
