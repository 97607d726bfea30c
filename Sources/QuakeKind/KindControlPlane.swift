import FoundationEssentials
import QuakeBase
package import QuakeCluster
package import QuakeKube

/// The controller manager's static pod on every control-plane node of a kind cluster.
///
/// The first change keeps the manifest as it was beside the kubelet's folder; the change that brings the flags back
/// puts that very file back, byte for byte.
package struct KindControlPlane: ControlPlane {
    private static let manifest = "/etc/kubernetes/manifests/kube-controller-manager.yaml"
    private static let original = "/etc/kubernetes/peerquake-kube-controller-manager.yaml"
    private static let draft = "/etc/kubernetes/peerquake-draft.yaml"
    private static let leaseName = "kube-controller-manager"

    private let engine: ContainerEngine
    private let cluster: String
    private let kube: KubeClient

    /// - Parameter cluster: kind's name for it.
    package init(_ engine: ContainerEngine, cluster: String, kube: KubeClient) {
        self.engine = engine
        self.cluster = cluster
        self.kube = kube
    }

    private func nodes() async throws -> [String] {
        let list = try await engine.run([
            "ps", "--filter", "label=io.x-k8s.kind.cluster=\(cluster)", "--filter",
            "label=io.x-k8s.kind.role=control-plane", "--format", "{{.Names}}",
        ])
        let nodes = list.split(separator: "\n").map(String.init).sorted()
        guard !nodes.isEmpty else { throw KindError(.node, "kind cluster \(cluster) has no running control plane") }
        return nodes
    }

    package func controllerManagerFlags() async throws -> [String: String] {
        guard let node = try await nodes().first else { return [:] }
        return ManifestFlags.read(try await engine.shell(node, "cat \(Self.manifest)"))
    }

    @discardableResult
    package func setControllerManagerFlags(_ flags: [String: String]) async throws -> EffectInterval? {
        let before = try await holder()
        var first: EffectInterval?
        do {
            for node in try await nodes() {
                let interval = try await change(flags, on: node)
                first = first ?? interval
            }
            if first != nil { try await awaitLeader(other: before) }
        } catch {
            throw first.map { PartialEffect(interval: $0, cause: error) } ?? error
        }
        return first
    }

    /// - Returns: when the manifest changed; `nil` where it needed no change.
    private func change(_ flags: [String: String], on node: String) async throws -> EffectInterval? {
        let current = try await engine.shell(node, "cat \(Self.manifest)")
        let kept = try await engine.shell(node, "cat \(Self.original) 2>/dev/null || true")
        let wanted = ManifestFlags.setting(flags, in: current)
        guard ManifestFlags.read(wanted) != ManifestFlags.read(current) else { return nil }
        if !kept.isEmpty, ManifestFlags.read(kept) == ManifestFlags.read(wanted) {
            return try await EffectInterval.of {
                try await engine.shell(node, "mv \(Self.original) \(Self.manifest)")
            }
        }
        if kept.isEmpty { try await engine.shell(node, "cp -p \(Self.manifest) \(Self.original)") }
        // Written beside the folder and moved in: the kubelet never reads half a file.
        let encoded = Data(wanted.utf8).base64EncodedString()
        return try await EffectInterval.of {
            try await engine.shell(
                node,
                "cp -p \(Self.manifest) \(Self.draft) && echo \(encoded) | base64 -d > \(Self.draft) && mv \(Self.draft) \(Self.manifest)"
            )
        }
    }

    private func holder() async throws -> String {
        LeaseView(try await kube.get(.lease("kube-system", Self.leaseName))).holder
    }

    /// Its healthz answers 17 s before it leads; the Lease tells.
    private func awaitLeader(other before: String) async throws {
        let what = "\(cluster): a new leading controller manager"
        do {
            try await poll(until: what, within: .seconds(180), every: .milliseconds(250)) { () -> Look<Void> in
                guard let now = try? await holder() else { return .notYet("the Lease could not be read") }
                guard !now.isEmpty else { return .notYet("the Lease has no holder") }
                return now != before ? .met(()) : .notYet("the Lease is still \(before)'s")
            }
        } catch let timeout as PollTimeout {
            throw KindError(
                .timeout,
                "\(cluster): no new controller manager leads 180 s after its flags were changed; \(timeout.last)")
        }
    }
}

/// The flags in a static pod's manifest, one a line as kubeadm writes them. Everything else is left as it is.
package enum ManifestFlags {
    /// Flags of the container's command, without their dashes.
    package static func read(_ manifest: String) -> [String: String] {
        var flags: [String: String] = [:]
        for line in manifest.split(separator: "\n") {
            guard let (name, value) = flag(line) else { continue }
            flags[name] = value
        }
        return flags
    }

    /// The manifest with flags set, or taken out where the value is empty. New ones stand after the last there is.
    package static func setting(_ changes: [String: String], in manifest: String) -> String {
        var left = changes
        var lines: [Substring] = []
        var last: (index: Int, indent: Substring)?
        for line in manifest.split(separator: "\n", omittingEmptySubsequences: false) {
            guard let (name, _) = flag(line) else {
                lines.append(line)
                continue
            }
            let indent = line.prefix { $0 == " " }
            if let value = left.removeValue(forKey: name) {
                if value.isEmpty { continue }
                lines.append("\(indent)- --\(name)=\(value)")
            } else {
                lines.append(line)
            }
            last = (lines.count, indent)
        }
        guard let last else { return manifest }
        let new = left.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map {
            Substring("\(last.indent)- --\($0.key)=\($0.value)")
        }
        lines.insert(contentsOf: new, at: last.index)
        return lines.joined(separator: "\n")
    }

    private static func flag(_ line: Substring) -> (String, String)? {
        let text = line.drop { $0 == " " }
        guard text.hasPrefix("- --"), let equals = text.firstIndex(of: "=") else { return nil }
        return (
            String(text[text.index(text.startIndex, offsetBy: 4)..<equals]), String(text[text.index(after: equals)...])
        )
    }
}
