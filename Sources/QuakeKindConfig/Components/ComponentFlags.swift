import QuakeBase
import QuakePlan

/// The flags that a component knows, and what it takes for their values.
struct ComponentFlags: Sendable {
    enum ValueType: String, Sendable {
        case bool, duration, float, float32, int, int32, ip, multimap, pairs, switches, taints, text
    }

    let refuser: KindFinding.Refuser
    private let types: [String: ValueType]

    /// - Parameter text: `type: flag flag …`, a type a line.
    init(_ refuser: KindFinding.Refuser, _ text: String) {
        self.refuser = refuser
        var types: [String: ValueType] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let type = ValueType(rawValue: String(parts[0])) else { continue }
            for flag in parts[1].split(separator: " ") { types[String(flag)] = type }
        }
        self.types = types
    }

    /// Tells what the component refuses of arguments that the configuration brought.
    func check(_ arguments: [KindArgument], _ version: KubernetesVersion, _ findings: Findings) {
        for argument in arguments where argument.place.line > 0 {
            if let type = types[argument.flag] {
                if let problem = problem(argument, type, version) {
                    findings.refuse(refuser, argument.place, "--\(argument.name): \(problem)")
                }
            } else if !isOfEarlier(argument.flag, version) {
                unknown(argument, version, findings)
            }
        }
    }

    private func unknown(_ argument: KindArgument, _ version: KubernetesVersion, _ findings: Findings) {
        let near = Suggestion.nearest(to: argument.flag, among: types.keys.sorted())
        let hint = near.map { "; did you mean --\($0)?" } ?? ""
        // The table is that of 1.36. Of the flags that were taken away before, those of these two are known here.
        if version.isBefore(36), refuser == .apiServer || refuser == .scheduler {
            findings.warn(
                argument.place,
                "\(refuser.rawValue) of 1.36 knows no flag --\(argument.name); whether \(version) did is not known here\(hint)"
            )
        } else {
            findings.refuse(refuser, argument.place, "unknown flag --\(argument.name)\(hint)")
        }
    }

    private func problem(_ argument: KindArgument, _ type: ValueType, _ version: KubernetesVersion) -> String? {
        if refuser == .kubelet, argument.value.contains(where: \.isWhitespace) {
            return "\"\(argument.value)\" has a space, and the kubelet gets the rest as a separate argument"
        }
        if argument.flag == "feature-gates" { return FeatureGates.problem(argument.value, version) }
        if argument.flag == "controllers", refuser == .controllerManager { return Controllers.problem(argument.value) }
        return Self.problem(argument.value, type)
    }

    private static func problem(_ value: String, _ type: ValueType) -> String? {
        switch type {
        case .bool: return GoValue.bool(value) == nil ? "\"\(value)\" is neither true nor false" : nil
        case .duration: return GoValue.durationProblem(value)
        case .int: return GoValue.isInteger(value, bits: 64) ? nil : "\"\(value)\" is not a whole number"
        case .int32: return GoValue.isInteger(value, bits: 32) ? nil : "\"\(value)\" is not a whole number of 32 bits"
        case .float, .float32: return GoValue.isNumber(value) ? nil : "\"\(value)\" is not a number"
        case .ip: return IPAddress(value.trimmed) == nil ? "\"\(value)\" is not an IP address" : nil
        case .pairs: return GoValue.pairs(value).broken.map { "\"\($0)\" is not a pair, as key=value" }
        case .switches:
            let (pairs, broken) = GoValue.pairs(value)
            if let broken { return "\"\(broken)\" is not a pair, as key=true" }
            return pairs.first { GoValue.bool($0.1) == nil }.map { "\"\($0.1)\" is neither true nor false" }
        case .taints: return Taints.read(value).problem
        case .multimap, .text: return nil
        }
    }

    // MARK: - Flags that are gone

    private func isOfEarlier(_ flag: String, _ version: KubernetesVersion) -> Bool {
        let last = Self.earlier[refuser]?[flag] ?? Self.logging[flag]
        return last.map { version.isBefore($0 + 1) } ?? false
    }

    /// Flag → the last minor version that had it.
    private static let earlier: [KindFinding.Refuser: [String: Int]] = [
        .controllerManager: [
            "pod-eviction-timeout": 26, "enable-taint-manager": 26, "volume-host-cidr-denylist": 32,
            "volume-host-allow-local-loopback": 32, "deployment-controller-sync-period": 25, "register-retry-count": 25,
            "horizontal-pod-autoscaler-use-rest-clients": 24, "experimental-cluster-signing-duration": 24,
            "address": 23, "port": 23, "insecure-experimental-approve-all-kubelet-csrs-for-group": 23,
        ],
        .kubelet: [
            "pod-infra-container-image": 34, "keep-terminated-pod-volumes": 34, "iptables-masquerade-bit": 34,
            "iptables-drop-bit": 34, "register-schedulable": 34, "azure-container-registry-config": 30,
            "cloud-config": 30,
            "container-runtime": 26, "master-service-namespace": 26, "network-plugin": 23, "cni-conf-dir": 23,
            "cni-bin-dir": 23, "cni-cache-dir": 23, "network-plugin-mtu": 23, "dynamic-config-dir": 23,
            "non-masquerade-cidr": 23, "image-pull-progress-deadline": 23, "docker-endpoint": 23,
        ],
    ]

    /// Those of klog, which all components had up to 1.25.
    private static let logging: [String: Int] = [
        "add-dir-header": 25, "alsologtostderr": 25, "log-backtrace-at": 25, "log-dir": 25, "log-file": 25,
        "log-file-max-size": 25, "logtostderr": 25, "one-output": 25, "skip-headers": 25, "skip-log-headers": 25,
        "stderrthreshold": 25,
    ]
}

extension ComponentFlags {
    /// What the controller manager refuses of flags together: the lease of its leader outlasts the deadline for renewing
    /// it, and that a try and more.
    static func checkLeaderElection(_ arguments: [KindArgument], _ findings: Findings) {
        func value(_ flag: String, else seconds: Int) -> (Duration, KindPlace?) {
            guard let argument = arguments.last(where: { $0.flag == flag }) else { return (.seconds(seconds), nil) }
            return (GoDuration.parse(argument.value) ?? .seconds(seconds), argument.place)
        }
        guard arguments.last(where: { $0.flag == "leader-elect" }).map({ GoValue.bool($0.value) != false }) ?? true
        else { return }
        let (lease, leasePlace) = value("leader-elect-lease-duration", else: 15)
        let (renewal, renewalPlace) = value("leader-elect-renew-deadline", else: 10)
        let (retry, retryPlace) = value("leader-elect-retry-period", else: 2)
        if let place = leasePlace ?? renewalPlace, lease <= renewal {
            findings.refuse(
                .controllerManager, place, "--leader-elect-lease-duration must exceed --leader-elect-renew-deadline")
        }
        if let place = renewalPlace ?? retryPlace, renewal <= retry * 1.2 {
            findings.refuse(
                .controllerManager, place,
                "--leader-elect-renew-deadline must exceed 1.2 times --leader-elect-retry-period")
        }
    }
}
