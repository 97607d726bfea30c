import QuakeCluster
import QuakeKube

extension Cluster {
    /// A cluster whose API server is a test's own, on a port of loopback, and whose kubectl is never run.
    static func scripted(_ name: String, port: Int) -> Cluster {
        let context = Kubeconfig.Context(
            name: name, cluster: .init(name: name, server: "http://127.0.0.1:\(port)"), user: .init(name: name))
        return Cluster(
            name: name, uid: name, kube: KubeClient(context),
            kubectl: Kubectl(kubeconfigPath: "/absent", context: name, cacheDirectory: "/tmp"))
    }
}
