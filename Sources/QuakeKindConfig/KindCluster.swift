import QuakeYAML

/// The cluster that a kind configuration makes: what kind, kubeadm and the kubelets make of it together.
package struct KindCluster: Sendable, Equatable {
    /// A node as it registers.
    package struct Node: Sendable, Equatable {
        package var name: String
        package var isControlPlane: Bool
        /// All that it has when kind is done, those of the kubelet and of kubeadm included.
        package var labels: [String: String]
        package var taints: [KindTaint]
        package var version: KubernetesVersion
        /// Where it, or its labels, are written.
        package var place: KindPlace
    }

    package var name: String
    /// Whether the configuration names it; kind's default is `kind`.
    package var isNamed: Bool
    /// Control planes first, otherwise in the configuration's order.
    package var nodes: [Node]
    /// The controller manager's flags in the order of its command line, kubeadm's own included.
    package var controllerManager: [KindArgument]
    /// `nodeLeaseDurationSeconds` of the kubelets.
    package var leaseSeconds: Int
    package var hasDefaultCNI: Bool
    /// What is written and means nothing here, with the places of each; in the order of the file.
    package var meaningless: [(String, [KindPlace])]

    package static func == (first: KindCluster, second: KindCluster) -> Bool {
        first.name == second.name && first.nodes == second.nodes && first.leaseSeconds == second.leaseSeconds
            && first.controllerManager == second.controllerManager && first.hasDefaultCNI == second.hasDefaultCNI
    }

    /// The version of its first control plane, which is the cluster's.
    package var version: KubernetesVersion { nodes.first?.version ?? .embedded }

    /// The value of a flag of the controller manager as it ends up; `nil` where it is not given.
    package func controllerManagerFlag(_ name: String) -> String? {
        controllerManager.last { $0.flag == name }?.value
    }
}

/// A flag and its value on a component's command line.
package struct KindArgument: Sendable, Hashable {
    package var name: String
    package var value: String
    package var place: KindPlace

    package init(_ name: String, _ value: String, _ place: KindPlace = KindPlace(0, 0)) {
        self.name = name
        self.value = value
        self.place = place
    }

    /// Its name as the component knows it: these take underscores for dashes.
    package var flag: String { name.replacing("_", with: "-") }

    package var text: String { "--\(name)=\(value)" }
}

/// A taint that a node registers with.
package struct KindTaint: Sendable, Hashable, CustomStringConvertible {
    package var key: String
    package var value: String
    package var effect: String

    package init(_ key: String, _ value: String = "", effect: String) {
        self.key = key
        self.value = value
        self.effect = effect
    }

    /// As kubectl writes it: `dedicated=batch:NoSchedule`.
    package var description: String { value.isEmpty ? "\(key):\(effect)" : "\(key)=\(value):\(effect)" }
}

/// What came of reading a kind configuration.
package struct KindReading: Sendable {
    /// As far as it can be told where something is refused; `nil` where the text is no kind configuration at all.
    package var cluster: KindCluster?
    /// All of them, in the order of the file.
    package var findings: [KindFinding]

    package var refusals: [KindFinding] { findings.filter(\.isRefusal) }
    package var warnings: [KindFinding] { findings.filter { !$0.isRefusal } }

    /// For whom a configuration is read.
    package enum Purpose: Sendable, Equatable {
        /// To imitate it: what kind does without having a meaning here is listed.
        case embedded
        /// To be given to kind, with this `--image`; where neither it nor the configuration tells a version, patches
        /// are not judged by it.
        case kind(image: String?)

        /// Whether the cluster is a model, whose version and controllers only the file tells.
        var isModelled: Bool {
            switch self {
            case .embedded: true
            case .kind: false
            }
        }
    }

    /// Reads a kind configuration as kind 0.33 does.
    ///
    /// - Parameter file: names the text in messages; nothing is read from it.
    package init(_ text: String, file: String, for purpose: Purpose) {
        let findings = Findings(file: file)
        cluster = Self.cluster(text, findings, purpose)
        self.findings = findings.sorted
    }

    private static func cluster(_ text: String, _ findings: Findings, _ purpose: Purpose) -> KindCluster? {
        let documents: [YAMLNode]
        do throws(YAMLError) {
            documents = try YAML.parseAll(text, file: findings.file)
        } catch {
            findings.refuse(.kind, KindPlace(error.line, error.column), error.message)
            return nil
        }
        guard let root = documents.first else {
            findings.refuse(.kind, KindPlace(1, 1), "the file is empty; it begins with kind: Cluster")
            return nil
        }
        if documents.count > 1 {
            findings.warn(
                documents[1].place, "kind reads the first document of a file only: this one is ignored")
        }
        let reader = ConfigReader(text: text, findings: findings)
        guard let written = reader.cluster(root) else { return nil }
        KindValidation(findings: findings).check(written)
        return KubeadmOutcome(written, findings, purpose).cluster()
    }
}
