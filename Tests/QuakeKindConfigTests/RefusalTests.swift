import Testing

@testable import QuakeKindConfig

@Suite("What kind, kubeadm and the components refuse")
struct RefusalTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var body: String
        /// How the one refusal begins: `4:1: kind refuses: …`.
        var refusal: String
        var testDescription: String { refusal }

        init(_ body: String, _ refusal: String) {
            self.body = body
            self.refusal = refusal
        }
    }

    private func check(_ text: String, _ row: Row) {
        let refusals = lines(read(text).refusals)
        #expect(refusals.count == 1 && refusals[0].hasPrefix(row.refusal), "\(refusals)")
    }

    @Test(
        "what is not a configuration of v1alpha4",
        arguments: [
            Row("", "1:1: kind refuses: the file is empty"),
            Row("- a\n", "1:1: kind refuses: a configuration is a mapping"),
            Row("kind: Cluster\n", "1:1: kind refuses: no apiVersion"),
            Row(
                "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha3\n",
                "2:13: kind refuses: apiVersion \"kind.x-k8s.io/v1alpha3\""),
            Row("apiVersion: kind.x-k8s.io/v1alpha4\nkind: cluster\n", "2:7: kind refuses: kind \"cluster\""),
            Row("kind: [\n", "2:1: kind refuses: "),
        ])
    func wholes(row: Row) { check(row.body, row) }

    @Test(
        "what kind does not decode",
        arguments: [
            Row("nodse: []", "4:1: kind refuses: unknown field \"nodse\" of Cluster; did you mean \"nodes\"?"),
            Row(
                "nodes:\n- {role: control-plane, lables: {}}", "5:25: kind refuses: unknown field \"lables\" of a node"),
            Row("networking: {podsubnet: 10.0.0.0/8}", "4:14: kind refuses: unknown field \"podsubnet\""),
            Row("nodes: {role: control-plane}", "4:8: kind refuses: nodes must be a list"),
            Row("nodes: [control-plane]", "4:9: kind refuses: a node must be a mapping"),
            Row("nodes:\n- labels: [a]", "5:11: kind refuses: labels must be a mapping"),
            Row("nodes:\n- labels: {a: [b]}", "5:15: kind refuses: labels holds texts"),
            Row(
                "networking: {apiServerPort: \"6443\"}",
                "4:29: kind refuses: apiServerPort: \"6443\" is not a whole number"),
            Row(
                "networking: {disableDefaultCNI: \"true\"}",
                "4:33: kind refuses: disableDefaultCNI: \"true\" is neither"),
            Row("featureGates: {A: maybe}", "4:19: kind refuses: featureGates.A: \"maybe\" is neither"),
            Row(
                "nodes:\n- extraMounts: [{hostPath: /, propagation: none}]",
                "5:44: kind refuses: unknown propagation \"none\"; did you mean \"None\"?"),
            Row("nodes:\n- extraMounts: [{readonly: true}]", "5:18: kind refuses: unknown field \"readonly\""),
            Row(
                "nodes:\n- extraPortMappings: [{protocol: HTTP}]", "5:34: kind refuses: unknown protocol \"HTTP\""),
            Row("kubeadmConfigPatches: [{kind: X}]", "4:24: kind refuses: kubeadmConfigPatches is a list of texts"),
            Row("containerdConfigPatches: [[a]]", "4:27: kind refuses: containerdConfigPatches is a list of texts"),
            Row(
                "kubeadmConfigPatchesJSON6902: [{kind: X, name: y}]",
                "4:42: kind refuses: unknown field \"name\" of a JSON6902 patch"),
        ])
    func fields(row: Row) { check(config(row.body), row) }

    @Test(
        "what kind's validation finds",
        arguments: [
            Row("nodes: [{role: worker}]", "4:9: kind refuses: no node is a control plane"),
            Row(
                "nodes: [{}, {role: Worker}]",
                "4:20: kind refuses: role \"Worker\"; did you mean \"worker\"? (allowed: control-plane, worker)"),
            Row("networking: {apiServerPort: 65536}", "4:29: kind refuses: apiServerPort 65536 is not a port"),
            Row("networking: {apiServerPort: -2}", "4:29: kind refuses: apiServerPort -2 is not a port"),
            Row("networking: {ipFamily: IPv4}", "4:24: kind refuses: ipFamily \"IPv4\"; did you mean \"ipv4\"?"),
            Row("networking: {kubeProxyMode: ebpf}", "4:29: kind refuses: kubeProxyMode \"ebpf\""),
            Row(
                "networking: {podSubnet: 10.244.0.0}",
                "4:25: kind refuses: podSubnet \"10.244.0.0\": \"10.244.0.0\" is not a CIDR"),
            Row("networking: {podSubnet: 10.244.0.0/33}", "4:25: kind refuses: podSubnet"),
            Row("networking: {podSubnet: 10.244.00.0/16}", "4:25: kind refuses: podSubnet"),
            Row(
                "networking: {serviceSubnet: \"fd00::/112\"}",
                "4:29: kind refuses: serviceSubnet \"fd00::/112\": this CIDR"),
            Row("networking: {ipFamily: ipv6, podSubnet: 10.0.0.0/8}", "4:41: kind refuses: podSubnet"),
            Row("networking: {podSubnet: \"10.0.0.0/8,fd00::/64\"}", "4:25: kind refuses: podSubnet"),
            Row(
                "networking: {ipFamily: dual, podSubnet: \"10.0.0.0/8,11.0.0.0/8\"}",
                "4:41: kind refuses: podSubnet \"10.0.0.0/8,11.0.0.0/8\": dual takes"),
            Row("nodes:\n- extraPortMappings: [{hostPort: 70000}]", "5:34: kind refuses: hostPort 70000 is not a port"),
            Row("nodes:\n- extraPortMappings: [{containerPort: 65536}]", "5:39: kind refuses: containerPort 65536"),
            Row(
                "nodes:\n- extraPortMappings: [{hostPort: 80, listenAddress: here}]",
                "5:53: kind refuses: listenAddress \"here\" is not an IP address"),
            Row(
                "nodes:\n- extraPortMappings:\n  - {hostPort: 80}\n  - {hostPort: 80, listenAddress: 127.0.0.1}",
                "7:5: kind refuses: port 80/TCP of 127.0.0.1 is mapped already"),
            Row(
                "nodes:\n- extraPortMappings:\n  - {hostPort: 80, listenAddress: 127.0.0.1}\n"
                    + "  - {hostPort: 80, listenAddress: \"::\"}",
                "7:5: kind refuses: port 80/TCP of :: is mapped already"),
        ])
    func validation(row: Row) { check(config(row.body), row) }

    @Test(
        "subnets that kubeadm finds too small or too large",
        arguments: [
            Row("networking: {serviceSubnet: 10.0.0.0/11}", "4:29: kubeadm refuses: serviceSubnet \"10.0.0.0/11\""),
            Row("networking: {serviceSubnet: 10.0.0.0/29}", "4:29: kubeadm refuses: serviceSubnet"),
            Row("networking: {podSubnet: 10.0.0.0/25}", "4:25: kubeadm refuses: podSubnet \"10.0.0.0/25\": its mask"),
            Row("networking: {podSubnet: 10.0.0.0/7}", "4:25: kubeadm refuses: podSubnet"),
        ])
    func subnets(row: Row) { check(config(row.body), row) }

    @Test("names that kind takes and refuses")
    func names() {
        func refusals(_ name: String) -> [String] {
            lines(read("kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nname: \(name)\n").refusals)
        }
        #expect(refusals("east-1").isEmpty)
        #expect(refusals("East").first?.hasPrefix("3:7: kind refuses: the name \"East\"") == true)
        #expect(refusals("a_b").first?.hasPrefix("3:7: kind refuses") == true)
        // kind takes it, and no node can be called so.
        #expect(refusals("-a").first?.contains("kubeadm refuses: \"-a-control-plane\"") == true)
    }

    @Test(
        "what is taken",
        arguments: [
            "networking: {ipFamily: dual, podSubnet: \"10.0.0.0/8,fd00::/64\", kubeProxyMode: none, apiServerPort: -1}",
            "networking: {ipFamily: ipv6, serviceSubnet: \"fd00:10:96::/112\"}",
            "nodes: null\nnetworking: {dnsSearch: [a.b]}",
            "nodes:\n- extraPortMappings: [{hostPort: 0, protocol: udp}, {hostPort: -1}, {hostPort: 0}]",
            "nodes:\n- extraPortMappings: [{hostPort: 80, protocol: TCP}, {hostPort: 80, protocol: UDP}]",
            "nodes:\n- extraPortMappings:\n  - {hostPort: 80, listenAddress: 127.0.0.1}\n"
                + "  - {hostPort: 80, listenAddress: 127.0.0.2}",
            "nodes:\n- extraMounts: [{hostPath: /a, containerPath: /b, readOnly: yes, propagation: HostToContainer}]",
            "nodes:\n- labels: {a: 1, b: true, c: null, d: \"\"}", "featureGates: {AllAlpha: on}",
        ])
    func taken(body: String) { #expect(lines(read(config(body)).refusals).isEmpty) }

    @Test("everything is reported at once, in the file's order")
    func together() {
        let text = config(
            "networking: {ipFamily: ipv5}\nnodes:\n- role: contol-plane\n  lables: {}\n- {role: worker, labels: {a b: c}}"
        )
        let refusals = read(text).refusals
        #expect(
            refusals.map(\.place) == [
                KindPlace(4, 24), KindPlace(6, 3), KindPlace(6, 9), KindPlace(7, 3), KindPlace(8, 27),
            ])
    }

    @Test("of several documents the first counts")
    func documents() {
        let reading = read(config("") + "---\nkind: Pod\n")
        #expect(reading.refusals.isEmpty)
        #expect(lines(reading.warnings).first?.hasPrefix("6:1: warning: kind reads the first document") == true)
    }
}

@Suite("What kubeadm and the components refuse of patches")
struct ComponentRefusalTests {
    private static func flags(_ text: String) -> String {
        config(
            "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  controllerManager:\n    extraArgs:\n      \(text)"
        )
    }

    @Test(
        "flags of the controller manager",
        arguments: [
            (
                "node-monitor-grace-priod: 40s",
                "the controller manager refuses: unknown flag --node-monitor-grace-priod; did you mean --node-monitor-grace-period?"
            ),
            (
                "node-monitor-grace-period: \"40\"",
                "the controller manager refuses: --node-monitor-grace-period: \"40\" has no unit"
            ),
            (
                "node-monitor-grace-period: 40 s",
                "the controller manager refuses: --node-monitor-grace-period: \"40 s\" has the unknown unit"
            ),
            (
                "node-monitor-grace-period: \"\"",
                "the controller manager refuses: --node-monitor-grace-period: \"\" is not a duration"
            ),
            ("node-monitor-grace-period: forty", "the controller manager refuses"),
            (
                "node-monitor-grace-period: 40",
                "kubeadm refuses: ClusterConfiguration.controllerManager.extraArgs.1.value must be a text, and there is a number (40); put it in quotes"
            ),
            ("leader-elect: true", "kubeadm refuses: "),
            (
                "leader-elect: \"maybe\"",
                "the controller manager refuses: --leader-elect: \"maybe\" is neither true nor false"
            ),
            (
                "concurrent-gc-syncs: \"many\"",
                "the controller manager refuses: --concurrent-gc-syncs: \"many\" is not a whole number"
            ),
            (
                "node-eviction-rate: \"x\"",
                "the controller manager refuses: --node-eviction-rate: \"x\" is not a number"
            ),
            (
                "bind-address: \"localhost\"",
                "the controller manager refuses: --bind-address: \"localhost\" is not an IP address"
            ),
            (
                "controllers: \"*,-nodelifecylce\"",
                "the controller manager refuses: --controllers: \"nodelifecylce\" is none"
            ),
            (
                "feature-gates: \"Nonsense=true\"",
                "the controller manager refuses: --feature-gates: there is not a feature gate Nonsense"
            ),
            (
                "leader-elect-renew-deadline: 20s",
                "the controller manager refuses: --leader-elect-lease-duration must exceed"
            ),
            ("pod-eviction-timeout: 1m", "the controller manager refuses: unknown flag --pod-eviction-timeout"),
            ("node-monitor-period: 0s", "an embedded cluster refuses: --node-monitor-period: \"0s\""),
        ])
    func controllerManager(flag: String, refusal: String) {
        let refusals = lines(read(Self.flags(flag)).refusals)
        let column = 9 + flag.prefix { $0 != ":" }.count
        #expect(refusals.count == 1 && refusals[0].hasPrefix("9:\(column): \(refusal)"), "\(refusals)")
    }

    @Test(
        "flags that are taken",
        arguments: [
            "node-monitor-grace-period: 1m30s", "node-monitor-grace-period: 1.5h", "node_monitor_period: 500ms",
            "controllers: \"*,-ttl,-node-lifecycle-controller\"", "profiling: \"false\"", "v: \"4\"",
            "feature-gates: \"kube:AllAlpha=false\"", "concurrent-gc-syncs: \"0x10\"",
        ])
    func taken(flag: String) { #expect(lines(read(Self.flags(flag)).refusals).isEmpty) }

    @Test("a flag that went away is taken where the image still has it")
    func earlier() {
        let text = Self.flags("pod-eviction-timeout: 1m") + "nodes: [{image: \"kindest/node:v1.26.0\"}]\n"
        #expect(lines(read(text).refusals).isEmpty)
    }

    private static func node(_ labels: String) -> String {
        config("nodes:\n- role: control-plane\n- role: worker\n  \(labels)")
    }

    @Test(
        "labels that a kubelet does not take",
        arguments: [
            (
                "labels: {node-role.kubernetes.io/worker: \"\"}",
                "7:12: the kubelet refuses: the label node-role.kubernetes.io/worker: "
            ),
            ("labels: {kubernetes.io/role: a}", "7:12: the kubelet refuses: the label kubernetes.io/role"),
            ("labels: {x.k8s.io/a: b}", "7:12: the kubelet refuses: the label x.k8s.io/a"),
            ("labels: {node-restriction.kubernetes.io/a: b}", "7:12: the kubelet refuses"),
            ("labels: {topology.kubernetes.io/rack: b}", "7:12: the kubelet refuses"),
            ("labels: {a b: c}", "7:12: the kubelet refuses: the label key \"a b\""),
            ("labels: {a/b/c: d}", "7:12: the kubelet refuses: the label key"),
            ("labels: {A.b/c: d}", "7:12: the kubelet refuses: the label key \"A.b/c\": the prefix"),
            ("labels: {a: -b}", "7:12: the kubelet refuses: the value of the label a"),
            ("labels: {a: \"b=c\"}", "7:12: the kubelet refuses: the value of the label a"),
            (
                "labels: {a: \(String(repeating: "x", count: 64))}",
                "7:12: the kubelet refuses: the value of the label a: \"xxx"
            ),
        ])
    func labels(labels: String, refusal: String) {
        let refusals = lines(read(Self.node(labels)).refusals)
        #expect(refusals.count == 1 && refusals[0].hasPrefix(refusal), "\(refusals)")
    }

    @Test("labels that it takes")
    func takenLabels() throws {
        let cluster = try cluster(
            "nodes: [{labels: {topology.kubernetes.io/zone: a, node.kubernetes.io/x: b, x.kubelet.kubernetes.io/y: c, "
                + "karpenter.sh/nodepool: d, failure-domain.beta.kubernetes.io/region: e, kubernetes.io: f}}]")
        #expect(cluster.nodes[0].labels["x.kubelet.kubernetes.io/y"] == "c")
        // kind joins labels with commas, and a key alone is a label without a value.
        #expect(
            try QuakeKindConfigTests.cluster("nodes: [{labels: {a: \"b,c\"}}]").ownLabels("c-control-plane") == [
                "a": "b", "c": "",
            ])
    }

    private static func registration(_ text: String) -> String {
        node("kubeadmConfigPatches:\n  - |\n    kind: JoinConfiguration\n    nodeRegistration:\n      \(text)")
    }

    @Test(
        "what patches tell a kubelet",
        arguments: [
            (
                "kubeletExtraArgs: {node-labels: \"a=b,kubernetes.io/c=d\"}",
                "11:39: the kubelet refuses: the label kubernetes.io/c"
            ),
            ("kubeletExtraArgs: {node-labels: ready}", nil),
            (
                "kubeletExtraArgs: {node-labels: \"a=b, c=d\"}",
                "11:39: the kubelet refuses: --node-labels: \"a=b, c=d\" has a space"
            ),
            (
                "kubeletExtraArgs: {node-lables: a=b}",
                "11:39: the kubelet refuses: unknown flag --node-lables; did you mean --node-labels?"
            ),
            ("kubeletExtraArgs: {max-pods: \"all\"}", "11:36: the kubelet refuses: --max-pods"),
            (
                "kubeletExtraArgs: {register-with-taints: \"a=b\"}",
                "11:48: the kubelet refuses: --register-with-taints: \"a=b\" is not a taint"
            ),
            (
                "kubeletExtraArgs: {register-with-taints: \"a=b:Never\"}",
                "11:48: the kubelet refuses: --register-with-taints: the taint a has the effect \"Never\""
            ),
            (
                "taints: [{key: a, effect: NoShedule}]",
                "11:16: the kubelet refuses: the taint a has the effect \"NoShedule\""
            ),
            (
                "taints: [{key: a, effect: NoSchedule}, {key: a, effect: NoSchedule}]",
                "11:46: the kubelet refuses: the taint a:NoSchedule is given twice"
            ),
            ("taints: {key: a}", "11:15: kubeadm refuses: JoinConfiguration.nodeRegistration.taints must be a list"),
            ("kubeletExtraArgs: [{value: x}]", nil),
            ("name: Bad_Name", "11:13: kubeadm refuses: \"bad_name\" is not a name of a node"),
            ("name: c-control-plane", "6:3: kubeadm refuses: a node named c-control-plane is in the cluster already"),
        ] as [(String, String?)])
    func registrations(text: String, refusal: String?) {
        let refusals = lines(read(Self.registration(text)).refusals)
        if let refusal {
            #expect(refusals.count >= 1 && refusals.contains { $0.hasPrefix(refusal) }, "\(refusals)")
        } else {
            #expect(refusals.isEmpty)
        }
    }

    @Test("the lease of a kubelet is not negative, and an only node keeps the taint that kind takes off")
    func others() {
        let lease = config("kubeadmConfigPatches:\n- |\n  kind: KubeletConfiguration\n  nodeLeaseDurationSeconds: -1")
        #expect(lines(read(lease).refusals).first?.hasPrefix("7:29: the kubelet refuses") == true)
        let taints = config(
            "nodes:\n- kubeadmConfigPatches:\n  - |\n    kind: InitConfiguration\n    nodeRegistration: {taints: []}")
        #expect(lines(read(taints).refusals).first?.hasPrefix("8:32: kind refuses: the only node") == true)
    }

    @Test("versions that kubeadm does not join")
    func versions() {
        func refusals(_ plane: String, _ worker: String) -> [String] {
            lines(
                read(
                    config(
                        "nodes:\n- {role: control-plane, image: \"kindest/node:\(plane)\"}\n"
                            + "- {role: worker, image: \"kindest/node:\(worker)\"}")
                ).refusals)
        }
        #expect(refusals("v1.36.2", "v1.33.1").isEmpty)
        #expect(refusals("v1.35.0", "v1.36.2").isEmpty)
        #expect(refusals("v1.34.0", "v1.36.2").first?.hasPrefix("6:25: kubeadm refuses: c-worker of v1.36.2") == true)
        #expect(refusals("v1.36.2", "v1.30.4").first?.contains("cannot read the configuration") == true)
    }

    @Test("feature gates and runtime config, by the API server")
    func gates() {
        let text = config(
            "featureGates:\n  InPlacePodVerticalScalling: true\n  ImageVolume: false\nruntimeConfig: {api/alpha: maybe}"
        )
        #expect(
            lines(read(text).refusals).map { String($0.prefix(34)) } == [
                "5:3: the API server refuses: there", "6:3: the API server refuses: the f",
                "7:28: the API server refuses: runt",
            ])
        // What an older version knew is not known here.
        #expect(lines(read(text + "nodes: [{image: \"kindest/node:v1.31.0\"}]\n").refusals).count == 1)
    }
}
