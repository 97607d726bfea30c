/// A kubeconfig, merged from one or more files as kubectl does: the first file that names a thing wins.
package struct Kubeconfig: Sendable, Equatable {
    /// Those that can be used, in the files' order.
    package var contexts: [Context]
    /// The others, in the files' order: what is wrong with one matters to who uses it, and to nobody else.
    package var unusable: [Unusable] = []
    /// As written; it may name a context that does not exist.
    package var currentContext: String?
    /// The files that were read, in order; none where the pod's own account stands in.
    package var paths: [String]

    /// A context that names what is not there, or what cannot be.
    package struct Unusable: Sendable, Equatable {
        package var name: String
        /// Each of its problems on a line, with its place.
        package var reason: String
        /// Whether the kubeconfig says at least where its API server is.
        package var hasServer: Bool

        package init(name: String, reason: String, hasServer: Bool) {
            self.name = name
            self.reason = reason
            self.hasServer = hasServer
        }
    }

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
        /// `http` or `https`, without a trailing slash; may have a path, and a user as Go's URLs do.
        package var server: String
        package var certificateAuthority: Material?
        package var skipsVerification: Bool
        /// The name to expect in the server's certificate, where it differs from the URL's host.
        package var tlsServerName: String?
        /// The proxy to reach it through: http, https or socks5. It wins over every variable of the environment.
        package var proxyURL: String?
        /// Only told to credential plugins.
        package var disablesCompression: Bool
        /// What the cluster has for credential plugins: its extension `client.authentication.k8s.io/exec`.
        package var execConfig: JSONValue?

        package init(
            name: String, server: String, certificateAuthority: Material? = nil, skipsVerification: Bool = false,
            tlsServerName: String? = nil, proxyURL: String? = nil, disablesCompression: Bool = false,
            execConfig: JSONValue? = nil
        ) {
            self.name = name
            self.server = server
            self.certificateAuthority = certificateAuthority
            self.skipsVerification = skipsVerification
            self.tlsServerName = tlsServerName
            self.proxyURL = proxyURL
            self.disablesCompression = disablesCompression
            self.execConfig = execConfig
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
        /// Whom to act as.
        package var impersonation: Impersonation?

        package init(
            name: String = "", certificate: Material? = nil, key: Material? = nil, token: String? = nil,
            tokenFile: String? = nil, username: String? = nil, password: String? = nil, exec: ExecPlugin? = nil,
            impersonation: Impersonation? = nil
        ) {
            self.name = name
            self.certificate = certificate
            self.key = key
            self.token = token
            self.tokenFile = tokenFile
            self.username = username
            self.password = password
            self.exec = exec
            self.impersonation = impersonation
        }

        /// Whether there is anything that proves an account.
        package var isIdentified: Bool {
            certificate != nil || token != nil || tokenFile != nil || username != nil || exec != nil
        }
    }

    /// The account that requests are made as, besides that which makes them.
    package struct Impersonation: Sendable, Equatable {
        package var user: String
        package var uid: String?
        package var groups: [String]
        package var extra: [String: [String]]

        package init(user: String, uid: String? = nil, groups: [String] = [], extra: [String: [String]] = [:]) {
            self.user = user
            self.uid = uid
            self.groups = groups
            self.extra = extra
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
    /// - Throws: `.config`, with the names that there are, or with what is wrong with the context.
    package func context(_ name: String? = nil) throws(KubeError) -> Context {
        guard let wanted = name ?? currentContext else {
            throw KubeError(.config, "no current-context is set; contexts: \(contextNames)")
        }
        guard let found = contexts.first(where: { $0.name == wanted }) else {
            if let broken = unusable.first(where: { $0.name == wanted }) {
                throw KubeError(.config, "context \"\(wanted)\" cannot be used:\n\(broken.reason)")
            }
            throw KubeError(.config, "no context \"\(wanted)\"; contexts: \(contextNames)")
        }
        return found
    }

    private var contextNames: String {
        contexts.isEmpty ? "none" : contexts.map(\.name).joined(separator: ", ")
    }
}
