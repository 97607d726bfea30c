import QuakeBase
import QuakeYAML

/// How a kubelet registers its node, and what kubeadm and kind then do to it.
struct KubeletRegistration {
    private static let planeTaint = WellKnown.controlPlaneRole
    private static let oldPlaneTaint = WellKnown.oldControlPlaneRole

    let node: PlacedNode
    let version: KubernetesVersion
    /// Whether it is the cluster's only node, from which kind takes what keeps pods and load balancers away.
    let isOnly: Bool
    let findings: Findings

    /// `nodeRegistration.name`, and before it `--hostname-override`.
    func name(_ registration: YAMLNode?, _ arguments: [KindArgument]) -> String {
        var name = node.name
        var place = node.namePlace
        if let written = registration?["name"], let text = written.scalar, !text.trimmed.isEmpty {
            (name, place) = (text.trimmed.lowercased(), written.place)
        }
        if let override = arguments.last(where: { $0.flag == "hostname-override" }) {
            (name, place) = (override.value.trimmed.lowercased(), override.place)
        }
        if let place, !LabelNames.isSubdomain(name) {
            findings.refuse(
                .kubeadm, place,
                "\"\(name)\" is not a name of a node: small letters, digits, dashes and dots between them"
            )
        }
        return name
    }

    // MARK: - Labels

    /// Those of `--node-labels` over the kubelet's own, then kubeadm's, then the node lifecycle controller's.
    func labels(_ arguments: [KindArgument], _ name: String) -> [String: String] {
        var labels = [
            WellKnown.hostname: name, WellKnown.operatingSystem: "linux", WellKnown.architecture: "amd64",
        ]
        labels.merge(given(arguments)) { $1 }
        if node.isControlPlane {
            labels[WellKnown.controlPlaneRole] = ""
            if version.isBefore(24) { labels[Self.oldPlaneTaint] = "" }
            labels[WellKnown.excludeFromLoadBalancers] = isOnly ? nil : ""
        }
        labels[WellKnown.oldOperatingSystem] = labels[WellKnown.operatingSystem]
        labels[WellKnown.oldArchitecture] = labels[WellKnown.architecture]
        return labels
    }

    private func given(_ arguments: [KindArgument]) -> [String: String] {
        let flags = arguments.filter { $0.flag == "node-labels" }
        let isReplaced = !node.node.labels.isEmpty && !flags.contains { $0.place.line == 0 }
        if isReplaced, let place = node.node.labelsPlace {
            let by =
                flags.first.map { "the patch in line \($0.place.line) sets node-labels" }
                ?? "a patch removes node-labels"
            findings.warn(place, "these labels do not reach the node: \(by), which replaces them")
        }
        var labels: [String: String] = [:]
        for flag in flags {
            let texts =
                flag.place.line > 0
                ? [(flag.value, flag.place)] : node.node.labels.map { ("\($0.key.value)=\($0.value)", $0.key.place) }
            for (text, place) in texts {
                let (pairs, problems) = KubeletLabels.read(text)
                for problem in problems { findings.refuse(.kubelet, place, problem) }
                for (key, value) in pairs { labels[key] = value }
            }
        }
        return labels
    }

    // MARK: - Taints

    /// A node that joins as a worker registers with them; a control plane is given them by kubeadm, and has one by default.
    func taints(_ registration: YAMLNode?, _ arguments: [KindArgument]) -> [KindTaint] {
        let flag = arguments.last { $0.flag == "register-with-taints" }
        var taints: [KindTaint] = []
        if let flag {
            let (read, problem) = Taints.read(flag.value)
            if let problem { findings.refuse(.kubelet, flag.place, "--\(flag.name): \(problem)") }
            taints = read
        }
        guard node.isControlPlane else { return flag == nil ? listed(registration, .kubelet) ?? [] : taints }
        var marks = listed(registration, .apiServer) ?? Self.marks(version)
        let further = taints.filter { !marks.contains($0) }
        marks += further
        return isOnly ? freed(marks, registration?["taints"]) : marks
    }

    private static func marks(_ version: KubernetesVersion) -> [KindTaint] {
        let new = KindTaint(planeTaint, effect: "NoSchedule")
        let old = KindTaint(oldPlaneTaint, effect: "NoSchedule")
        return version.isBefore(24) ? [old] : version.isBefore(25) ? [new, old] : [new]
    }

    /// `nodeRegistration.taints`; `nil` where there is no such list.
    private func listed(_ registration: YAMLNode?, _ refuser: KindFinding.Refuser) -> [KindTaint]? {
        guard let elements = registration?["taints"]?.sequence else { return nil }
        var taints: [KindTaint] = []
        for element in elements {
            let taint = KindTaint(
                element["key"]?.scalar ?? "", element["value"]?.scalar ?? "", effect: element["effect"]?.scalar ?? "")
            if let problem = Taints.problem(taint, among: taints) { findings.refuse(refuser, element.place, problem) }
            taints.append(taint)
        }
        return taints
    }

    /// kind takes the taint of control planes off an only node, and gives up where it is not there.
    private func freed(_ taints: [KindTaint], _ written: YAMLNode?) -> [KindTaint] {
        let keys = version.isBefore(24) ? [Self.oldPlaneTaint] : [Self.planeTaint, Self.oldPlaneTaint]
        if !taints.contains(where: { keys.contains($0.key) }) {
            findings.refuse(
                .kind, written?.place ?? node.node.place,
                "the only node is registered without the taint \(keys[0]), which kind takes off an only node")
        }
        return taints.filter { !keys.contains($0.key) }
    }
}
