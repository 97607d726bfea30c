import FoundationEssentials

/// The service account of the pod that this process runs in, as client-go's `InClusterConfig` finds it.
package enum PodAccount {
    /// Where the kubelet puts it.
    package static let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
    /// The name of its context, and so what `--allow-context` has to name.
    package static let contextName = "in-cluster"

    /// The API server of the cluster that the pod runs in; `nil` outside pods.
    package static func context(
        _ environment: [String: String], folder: String = PodAccount.folder
    ) -> Kubeconfig.Context? {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"],
            !host.isEmpty, !port.isEmpty
        else { return nil }
        let authority = "\(folder)/ca.crt"
        let namespace = (try? TokenFile.text("\(folder)/namespace")).flatMap { $0.isEmpty ? nil : $0 }
        return Kubeconfig.Context(
            name: contextName,
            cluster: Kubeconfig.Cluster(
                name: contextName, server: "https://\(ServerURL.bracketed(host)):\(port)",
                certificateAuthority: FileManager.default.fileExists(atPath: authority) ? .file(authority) : nil),
            user: Kubeconfig.User(name: contextName, tokenFile: "\(folder)/token"),
            namespace: environment["POD_NAMESPACE"].flatMap { $0.isEmpty ? nil : $0 } ?? namespace)
    }

    /// A kubeconfig of this account alone; `nil` where there is no pod, or no token in it.
    static func kubeconfig(_ environment: [String: String], folder: String) -> Kubeconfig? {
        guard let context = context(environment, folder: folder),
            FileManager.default.fileExists(atPath: "\(folder)/token")
        else { return nil }
        return Kubeconfig(contexts: [context], currentContext: context.name)
    }
}
