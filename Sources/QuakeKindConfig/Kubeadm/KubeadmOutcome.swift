import QuakeBase
import QuakeYAML

/// What kind, kubeadm and the components make of a configuration: documents, patched, and the nodes that they register.
struct KubeadmOutcome {
    private let written: WrittenCluster
    private let findings: Findings
    private let purpose: KindReading.Purpose
    private let nodes: [PlacedNode]

    init(_ written: WrittenCluster, _ findings: Findings, _ purpose: KindReading.Purpose) {
        self.written = written
        self.findings = findings
        self.purpose = purpose
        nodes = PlacedNode.all(of: written, purpose)
    }

    /// The cluster, as far as it can be told where something is refused.
    func cluster() -> KindCluster {
        checkSwitches()
        checkVersions()
        PatchAudit(cluster: written, nodes: nodes, findings: findings).check()
        var cluster = KindCluster(
            name: written.name.value, isNamed: written.name.place.line > 0, nodes: [], controllerManager: [],
            leaseSeconds: 40, hasDefaultCNI: !written.networking.disablesCNI, meaningless: [])
        var unused = Unused()
        unused.collect(written)
        for node in nodes {
            let documents = patched(node).filter { node.reads($0.kind) }
            for document in documents { unused.collect(document.kind, document.body) }
            checkTypes(documents, of: node)
            func body(_ kind: String) -> YAMLNode? { documents.first { $0.kind == kind }?.body }
            if node.isFirst {
                cluster.leaseSeconds = leaseSeconds(body("KubeletConfiguration"))
                cluster.controllerManager = checked(body("ClusterConfiguration"), node)
            }
            cluster.nodes.append(registered(node, body(node.registrationKind)?["nodeRegistration"]))
        }
        checkNames(cluster.nodes)
        cluster.meaningless = unused.sorted
        return cluster
    }

    private func checkTypes(_ documents: [Document], of node: PlacedNode) {
        guard let version = node.version else { return }
        for document in documents {
            DocumentSchema.of(document.kind, kubeadm: version.kubeadm)?
                .check(document.body, kind: document.kind, findings)
        }
    }

    private func version(of node: PlacedNode) -> KubernetesVersion { node.version ?? .embedded }

    // MARK: - Patching

    private typealias Document = (kind: String, body: YAMLNode)

    /// The cluster's patches come before the node's, merge patches before operations.
    private func patched(_ node: PlacedNode) -> [Document] {
        let template = KubeadmTemplate(
            cluster: written, node: node.node, name: node.name, isControlPlane: node.isControlPlane,
            version: version(of: node))
        guard node.version != nil else { return template.documents }
        return template.documents.map { document in
            let apiVersion = KubeadmTemplate.apiVersion(document.kind, version(of: node))
            var body = document.body
            for patches in [written.patches, node.node.patches] {
                for patch in patches.merges where patch.target.matches(document.kind, apiVersion) {
                    body = patch.apply(to: body, version: apiVersion, findings)
                }
                for patch in patches.operations where patch.target.matches(document.kind, apiVersion) {
                    body = carriedOut(patch, on: body, node, apiVersion)
                }
            }
            return (document.kind, body)
        }
    }

    private func carriedOut(
        _ patch: JSONPatch, on document: YAMLNode, _ node: PlacedNode, _ apiVersion: String
    ) -> YAMLNode {
        var body = document
        for operation in patch.operations {
            do throws(JSONPatchOperation.Problem) {
                body = try operation.apply(to: body)
            } catch {
                let form = "the document of \(node.name) is a \(patch.target.kind) of \(apiVersion)"
                findings.refuse(.kind, error.place, "\(error.message) (\(form))")
            }
        }
        return body
    }

    // MARK: - The controller manager, and its peers

    private func leaseSeconds(_ kubelet: YAMLNode?) -> Int {
        guard let node = kubelet?["nodeLeaseDurationSeconds"], case .int(let seconds)? = node.jsonScalar else {
            return 40
        }
        if seconds < 0 { findings.refuse(.kubelet, node.place, "nodeLeaseDurationSeconds must be greater than 0") }
        return seconds > 0 ? seconds : 40
    }

    private func checked(_ document: YAMLNode?, _ first: PlacedNode) -> [KindArgument] {
        let version = version(of: first)
        let manager = Arguments.read(document?["controllerManager"]?["extraArgs"], findings)
        for (flags, key) in [(ComponentFlags.apiServer, "apiServer"), (ComponentFlags.scheduler, "scheduler")] {
            flags.check(Arguments.read(document?[key]?["extraArgs"], findings), version, findings)
        }
        ComponentFlags.controllerManager.check(manager, version, findings)
        ComponentFlags.checkLeaderElection(manager, findings)
        KubeadmRules(cluster: written, findings: findings).check(document, manager)
        if purpose.isModelled { checkPeriods(manager) }
        return Arguments.controllerManager(document, manager, version)
    }

    /// The controller manager takes these, and does nothing sensible with them; the model cannot.
    private func checkPeriods(_ arguments: [KindArgument]) {
        for argument in arguments where ["node-monitor-grace-period", "node-monitor-period"].contains(argument.flag) {
            guard let duration = GoDuration.parse(argument.value), duration <= .zero else { continue }
            findings.refuse(
                .embedded, argument.place, "--\(argument.name): \"\(argument.value)\" must be more than nothing")
        }
    }

    private func checkSwitches() {
        let version = nodes.first?.version ?? KubernetesVersion.embedded
        for gate in written.featureGates where nodes.first?.version != nil {
            if let problem = FeatureGates.problem(gate.key.value, isOn: gate.value, version) {
                findings.refuse(.apiServer, gate.key.place, problem)
            }
        }
        for entry in written.runtimeConfig where !entry.value.value.isEmpty && GoValue.bool(entry.value.value) == nil {
            findings.refuse(
                .apiServer, entry.value.place,
                "runtimeConfig.\(entry.key.value): \"\(entry.value.value)\" is neither true nor false")
        }
    }

    /// kubeadm joins no cluster that is more than one minor version older, and reads none that is written in a form that
    /// it does not know.
    private func checkVersions() {
        for node in nodes {
            guard let image = node.node.image, node.version == nil, purpose.isModelled else { continue }
            findings.warn(
                image.place,
                "the tag of \(image.value) tells no version of Kubernetes: \(KubernetesVersion.embedded) is taken")
        }
        guard let first = nodes.first?.version else { return }
        for node in nodes.dropFirst() {
            guard let version = node.version, let place = node.node.image?.place ?? nodes.first?.node.image?.place
            else {
                continue
            }
            if (first.major, first.minor + 1) < (version.major, version.minor) {
                findings.refuse(
                    .kubeadm, place,
                    "\(node.name) of \(version) joins no cluster of \(first): one minor version older is the most")
            } else if version.isBefore(31), !first.isBefore(31) {
                findings.refuse(
                    .kubeadm, place,
                    "\(node.name) of \(version) cannot read the configuration of a cluster of \(first), which is v1beta4"
                )
            }
        }
    }

    // MARK: - Registering

    private func registered(_ placed: PlacedNode, _ registration: YAMLNode?) -> KindCluster.Node {
        let arguments = Arguments.read(registration?["kubeletExtraArgs"], findings)
        KubeadmRules(cluster: written, findings: findings).check(registration: registration)
        let kubelet = KubeletRegistration(
            node: placed, version: version(of: placed), isOnly: nodes.count == 1, findings: findings)
        ComponentFlags.kubelet.check(
            arguments.filter { $0.flag != "register-with-taints" }, version(of: placed), findings)
        let name = kubelet.name(registration, arguments)
        return KindCluster.Node(
            name: name, isControlPlane: placed.isControlPlane, labels: kubelet.labels(arguments, name),
            taints: kubelet.taints(registration, arguments), version: version(of: placed),
            place: placed.node.labelsPlace ?? placed.node.place)
    }

    private func checkNames(_ nodes: [KindCluster.Node]) {
        var taken: Set<String> = []
        for node in nodes where !taken.insert(node.name).inserted {
            findings.refuse(.kubeadm, node.place, "a node named \(node.name) is in the cluster already")
        }
    }
}
