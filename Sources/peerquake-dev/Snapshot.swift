import ArgumentParser
import FoundationEssentials
import QuakeBase
import QuakeCluster
import QuakeEnvironment
import QuakeKube
import QuakeShell
import QuakeTimeline

/// `peerquake-dev snapshot`: what of clusters must be as before after a run, as text; for tests and for the careful.
struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Record what a run must leave unchanged, or compare with a record.",
        discussion: """
            Node power, spec, labels and taints; workloads', Services' and budgets' spec; controller flags; every Lease \
            and ConfigMap. Not pod identities, heartbeats, resourceVersions.

            EXAMPLE
              peerquake-dev snapshot --kubeconfig kc --out before.json
              peerquake-dev snapshot --kubeconfig kc --compare before.json --within 30
            """)

    @Option(help: "The kubeconfig; every context in it is recorded.", transform: Checked.kubeconfig)
    var kubeconfig: String

    @Option(help: "Where to write the snapshot.", transform: Checked.output)
    var out: String?

    @Option(help: "A snapshot to compare with.", transform: Checked.file)
    var compare: String?

    @Option(
        help: "Seconds to wait for the clusters to settle. (default: 0)",
        transform: Checked.number(0...86_400))
    var within = 0

    func run() async throws {
        let contexts = try ClusterBinding.bind([String](), kubeconfig: kubeconfig)
        let clusters = try await EnvironmentClusters.open(contexts, kubeconfig: kubeconfig, cache: "/tmp")
        guard let compare else {
            let text = try await Self.snapshot(clusters)
            guard let out else { return print(text) }
            try Data(text.utf8).write(to: URL(filePath: out))
            return
        }
        guard let data = FileManager.default.contents(atPath: compare) else {
            throw Failure(.usage, "\(compare): cannot be read")
        }
        let before = String(decoding: data, as: UTF8.self)
        let now: String
        do {
            try await poll(until: "the clusters as before", within: .seconds(within), every: .milliseconds(200)) {
                () -> Look<Void> in
                let now = try await Self.snapshot(clusters)
                return now == before ? .met(()) : .notYet(now)
            }
            return print("as before")
        } catch let timeout as PollTimeout {
            now = timeout.last
        }
        let (old, new) = (Set(before.split(separator: "\n")), now.split(separator: "\n"))
        for line in old.subtracting(new).sorted() { complain("- \(line)") }
        for line in Set(new).subtracting(old).sorted() { complain("+ \(line)") }
        throw ExitCode(1)
    }

    /// One line an object.
    private static func snapshot(_ clusters: [String: Cluster]) async throws -> String {
        var lines: [String] = []
        for (name, cluster) in clusters.sorted(by: { $0.key < $1.key }) {
            for node in try await cluster.kube.list(.nodes).items {
                let isWhole = try await cluster.power?.isWhole(node.name) ?? true
                lines.append("\(name) node \(node.name) whole=\(isWhole) \(essence(node))")
            }
            let paths: [ResourcePath] = [
                .deployments(), .daemonSets(), .services(), .pdbs(), .configMaps(), .namespaces,
            ]
            for path in paths {
                for object in try await cluster.kube.list(path).items {
                    lines.append("\(name) \(path.resource) \(object.namespace)/\(object.name) \(essence(object))")
                }
            }
            for lease in try await cluster.kube.list(.leases()).items where lease.namespace != "kube-node-lease" {
                lines.append("\(name) lease \(lease.namespace)/\(lease.name)")
            }
            let flags = try await cluster.controlPlane?.controllerManagerFlags() ?? [:]
            lines.append("\(name) flags \(JSONValue(flags).text())")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func essence(_ object: JSONValue) -> String {
        var annotations = object.annotations
        annotations[WellKnown.revision] = nil
        // Locks of elections, renewed every few seconds: Istio's are on ConfigMaps.
        annotations = annotations.filter { !$0.key.hasSuffix("/leader") }
        var spec = object["spec"] ?? .null
        // A Node's is allotted when it registers, and never changes after: a fresh Node has another one.
        spec["podCIDR"] = nil
        spec["podCIDRs"] = nil
        if let taints = spec["taints"]?.arrayValue {
            spec["taints"] = .array(
                taints.map { taint in
                    var copy = taint
                    copy["timeAdded"] = nil
                    return copy
                })
        }
        // An empty map and none at all are the same to the API server.
        if spec[path: "template.metadata.annotations"]?.objectValue?.isEmpty == true {
            spec.set(nil, at: "template", "metadata", "annotations")
        }
        let essence: JSONValue = [
            "labels": JSONValue(object.labels), "annotations": JSONValue(annotations), "spec": spec,
            "data": object["data"] ?? .null,
        ]
        return essence.text()
    }
}
