import QuakeBase
import Testing

@testable import QuakeKindConfig

@Suite("Patches of kubeadm's documents")
struct PatchTests {
    private let grace = "node-monitor-grace-period"

    @Test("count by the version of the image, and those that match nothing are reported with the form that would")
    func versions() throws {
        let body = """
            kubeadmConfigPatchesJSON6902:
              - group: kubeadm.k8s.io
                version: v1beta3
                kind: ClusterConfiguration
                patch: |
                  - op: add
                    path: /controllerManager/extraArgs/node-monitor-grace-period
                    value: "12s"
            """
        let new = read(config(body))
        #expect(new.cluster?.controllerManagerFlag(grace) == nil)
        #expect(
            lines(new.findings) == [
                "5:5: warning: this patch matches nothing: the ClusterConfiguration of v1.36.2 is kubeadm.k8s.io/v1beta4, "
                    + "not kubeadm.k8s.io/v1beta3, and kind silently ignores it; write group: kubeadm.k8s.io, "
                    + "version: v1beta4, or leave group and version out; flags are a list of names and values there"
            ])
        let old = read(config(body + "\nnodes: [{image: \"kindest/node:v1.35.1\"}]"))
        #expect(old.cluster?.controllerManagerFlag(grace) == "12s")
        #expect(old.findings.isEmpty)
    }

    @Test("a merge patch adds to lists and mappings of flags, flag by flag")
    func flags() throws {
        let list = """
            kubeadmConfigPatches:
            - |
              apiVersion: kubeadm.k8s.io/v1beta4
              kind: ClusterConfiguration
              controllerManager: {extraArgs: [{name: \(grace), value: 12s}]}
            """
        #expect(try cluster(list).controllerManagerFlag(grace) == "12s")
        #expect(try cluster(list).controllerManagerFlag("enable-hostpath-provisioner") == "true")
        let mapping = """
            kubeadmConfigPatches:
            - |
              kind: ClusterConfiguration
              controllerManager: {extraArgs: {\(grace): 13s, enable-hostpath-provisioner: null}}
            """
        for image in ["v1.36.2", "v1.35.0", "v1.25.0"] {
            let cluster = try cluster(mapping + "\nnodes: [{image: \"kindest/node:\(image)\"}]")
            #expect(cluster.controllerManagerFlag(grace) == "13s")
            #expect(cluster.controllerManagerFlag("enable-hostpath-provisioner") == nil)
        }
    }

    @Test("a list where kubeadm reads a mapping is refused, and a mapping that kind drops is reported")
    func forms() {
        let list = config(
            "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  controllerManager:\n    extraArgs: "
                + "[{name: \(grace), value: 12s}]\nnodes: [{image: \"kindest/node:v1.34.0\"}]")
        #expect(
            lines(read(list).refusals).first?.hasPrefix(
                "8:16: kubeadm refuses: ClusterConfiguration.controllerManager.extraArgs must be a mapping") == true)
        let mapping = config(
            "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  apiVersion: kubeadm.k8s.io/v1beta4\n"
                + "  controllerManager:\n    extraArgs: {\(grace): 12s}")
        let reading = read(mapping)
        #expect(reading.cluster?.controllerManagerFlag(grace) == nil)
        #expect(lines(reading.warnings).first?.hasPrefix("9:5: warning: kind silently drops this extraArgs") == true)
    }

    @Test("the cluster's come before the node's, and merge patches before operations")
    func order() throws {
        let cluster = try cluster(
            """
            kubeadmConfigPatchesJSON6902:
            - kind: ClusterConfiguration
              patch: '[{op: replace, path: /controllerManager/extraArgs/1/value, value: 3s}]'
            kubeadmConfigPatches:
            - |
              kind: ClusterConfiguration
              controllerManager: {extraArgs: {node-monitor-period: 2s}}
            nodes:
            - kubeadmConfigPatches:
              - |
                kind: ClusterConfiguration
                controllerManager: {extraArgs: {\(grace): 9s}}
              kubeadmConfigPatchesJSON6902:
              - kind: ClusterConfiguration
                patch: '[{"op": "copy", "from": "/controllerManager/extraArgs/1/value", "path": "/controllerManager/extraArgs/2/value"}]'
            """)
        #expect(cluster.controllerManagerFlag("node-monitor-period") == "3s")
        #expect(cluster.controllerManagerFlag(grace) == "3s")
    }

    @Test("InitConfiguration counts for the first control plane, JoinConfiguration for the others")
    func documents() throws {
        let patches = ["Init", "Join"].map {
            "- |\n  kind: \($0)Configuration\n  nodeRegistration: {kubeletExtraArgs: {node-labels: by=\($0)}}"
        }
        let cluster = try cluster(
            "kubeadmConfigPatches:\n\(patches.joined(separator: "\n"))\n"
                + "nodes: [{role: worker}, {role: control-plane}, {role: control-plane}]")
        #expect(cluster.nodes.map(\.name) == ["c-control-plane", "c-control-plane2", "c-worker"])
        #expect(cluster.nodes.map { $0.labels["by"] } == ["Init", "Join", "Join"])
    }

    @Test("labels and taints of kubelets, by version and by node")
    func nodes() throws {
        let reading = read(
            config(
                """
                nodes:
                  - role: control-plane
                    kubeadmConfigPatches:
                      - |
                        kind: InitConfiguration
                        nodeRegistration:
                          kubeletExtraArgs:
                            node-labels: "ingress-ready=true"
                  - role: worker
                    kubeadmConfigPatches: &edge
                      - |
                        kind: JoinConfiguration
                        nodeRegistration:
                          kubeletExtraArgs:
                            node-labels: "topology.kubernetes.io/zone=zone-a,tier=edge"
                  - role: worker
                    image: kindest/node:v1.33.1
                    kubeadmConfigPatches: *edge
                  - role: worker
                    image: kindest/node:v1.33.1
                    kubeadmConfigPatches:
                      - |
                        apiVersion: kubeadm.k8s.io/v1beta4
                        kind: JoinConfiguration
                        nodeRegistration:
                          kubeletExtraArgs: [{name: node-labels, value: tier=batch}]
                          taints: [{key: dedicated, value: batch, effect: NoSchedule}]
                  - role: worker
                    kubeadmConfigPatches:
                      - |
                        apiVersion: kubeadm.k8s.io/v1beta4
                        kind: JoinConfiguration
                        nodeRegistration:
                          kubeletExtraArgs: [{name: node-labels, value: tier=batch}]
                          taints: [{key: dedicated, value: batch, effect: NoSchedule}]
                """))
        let cluster = try #require(reading.cluster)
        #expect(reading.refusals.isEmpty)
        #expect(cluster.ownLabels("c-control-plane") == ["ingress-ready": "true"])
        let edge = ["topology.kubernetes.io/zone": "zone-a", "tier": "edge"]
        #expect(cluster.ownLabels("c-worker") == edge && cluster.ownLabels("c-worker2") == edge)
        #expect(cluster.ownLabels("c-worker3") == [:] && cluster.taints("c-worker3") == [])
        #expect(cluster.ownLabels("c-worker4") == ["tier": "batch"])
        #expect(cluster.taints("c-worker4") == ["dedicated=batch:NoSchedule"])
        #expect(cluster.nodes.map(\.version.description) == ["v1.36.2", "v1.36.2", "v1.33.1", "v1.33.1", "v1.36.2"])
        #expect(lines(reading.warnings).count == 1)
        #expect(
            lines(reading.warnings).first?.hasPrefix(
                "26:9: warning: this patch matches nothing: the JoinConfiguration of v1.33.1 is kubeadm.k8s.io/v1beta3")
                == true)
    }

    @Test("taints of control planes")
    func planes() throws {
        func taints(_ text: String, _ count: Int = 2) throws -> [String]? {
            try cluster(
                "nodes:\n- kubeadmConfigPatches:\n  - |\n    kind: InitConfiguration\n    nodeRegistration: {taints: \(text)}\n"
                    + String(repeating: "- {role: worker}\n", count: count - 1)
            ).taints("c-control-plane")
        }
        let mark = "node-role.kubernetes.io/control-plane:NoSchedule"
        #expect(try taints("null") == [mark])
        #expect(try taints("[]") == [])
        #expect(try taints("[{key: a, effect: NoExecute}]") == ["a:NoExecute"])
        #expect(try taints("null", 1) == [])
        #expect(
            try taints(
                "[{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}, {key: a, value: b, effect: NoExecute}]",
                1) == ["a=b:NoExecute"])
        let old = try cluster("nodes: [{image: &old \"kindest/node:v1.24.0\"}, {role: worker, image: *old}]").taints(
            "c-control-plane")
        #expect(old == [mark, "node-role.kubernetes.io/master:NoSchedule"])
    }

    @Test("labels that a patch replaces are reported")
    func replaced() {
        let text = config(
            "nodes:\n- labels: {a: b, node-role.kubernetes.io/x: y}\n  kubeadmConfigPatches:\n  - |\n    kind: InitConfiguration\n"
                + "    nodeRegistration: {kubeletExtraArgs: {node-labels: c=d}}")
        let reading = read(text)
        #expect(reading.cluster?.ownLabels("c-control-plane") == ["c": "d"])
        #expect(
            lines(reading.findings) == [
                "5:11: warning: these labels do not reach the node: the patch in line 9 sets node-labels, which replaces them"
            ])
    }

    @Test(
        "those without effect are reported",
        arguments: [
            (
                "kind: ClusterConfigration",
                "6:3: warning: this patch matches nothing: there is not a document of kind \"ClusterConfigration\"; did you mean \"ClusterConfiguration\"?"
            ),
            ("controllerManager: {}", "6:3: warning: this patch matches nothing: it has no kind"),
            ("kind: JoinConfiguration", "6:3: warning: this patch has no effect: no node joins"),
            (
                "kind: KubeletConfiguration\n  apiVersion: kubeadm.k8s.io/v1beta4",
                "6:3: warning: this patch matches nothing: the KubeletConfiguration of v1.36.2 is kubelet.config.k8s.io/v1beta1"
            ),
            (
                "kind: ClusterConfiguration\n  contollerManager: {}",
                "7:3: warning: kubeadm knows no field \"contollerManager\" in ClusterConfiguration, and ignores it; did you mean \"controllerManager\"?"
            ),
            (
                "kind: KubeletConfiguration\n  nodeLeaseDurationSecond: 3",
                "7:3: warning: kubeadm knows no field \"nodeLeaseDurationSecond\""
            ),
        ])
    func useless(patch: String, warning: String) {
        let reading = read(config("kubeadmConfigPatches:\n- |\n  \(patch)"))
        #expect(reading.refusals.isEmpty)
        #expect(lines(reading.warnings).contains { $0.hasPrefix(warning) }, "\(lines(reading.warnings))")
    }

    @Test("a node's patch of a document that it does not read is reported")
    func unread() {
        let reading = read(
            config(
                "nodes:\n- kubeadmConfigPatches: [\"kind: JoinConfiguration\"]\n"
                    + "- {role: worker, kubeadmConfigPatches: [\"kind: InitConfiguration\", \"kind: KubeletConfiguration\"]}"
            ))
        #expect(
            lines(reading.warnings).map { String($0.prefix(37)) }
                == [
                    "5:27: warning: this patch has no effec", "6:42: warning: this patch has no effec",
                    "6:69: warning: this patch has no effec",
                ].map { String($0.prefix(37)) })
        #expect(lines(reading.warnings)[1].contains("write kind: JoinConfiguration"))
    }

    @Test(
        "operations that cannot be carried out are refused with their place",
        arguments: [
            (
                "{op: remove, path: /nothing}",
                "kind refuses: remove: there is no /nothing in the document (the document of c-control-plane is a ClusterConfiguration of kubeadm.k8s.io/v1beta4)"
            ),
            (
                "{op: add, path: /controllerManager/extraArgs/node-monitor-period, value: 1s}",
                "kind refuses: add: \"node-monitor-period\" is not a place in the list"
            ),
            ("{op: add, path: /a/b, value: 1}", "kind refuses: add: there is no /a/b in the document"),
            ("{op: replace, path: /a, value: 1}", "kind refuses: replace: there is no /a"),
            ("{op: test, path: /clusterName, value: d}", "kind refuses: test of /clusterName"),
            ("{op: move, path: /a}", "kind refuses: move without from"),
            ("{op: ad, path: /a}", "kind refuses: op \"ad\"; did you mean \"add\"?"),
            ("{path: /a}", "kind refuses: an operation without op"),
            ("{op: add, path: a, value: 1}", "kind refuses: the path \"a\" does not begin with a /"),
        ])
    func operations(operation: String, refusal: String) {
        let text = config(
            "kubeadmConfigPatchesJSON6902:\n- kind: ClusterConfiguration\n  patch: |\n    - \(operation)")
        let refusals = lines(read(text).refusals)
        #expect(refusals.count == 1, "\(refusals)")
        #expect(refusals.first?.hasPrefix("7:") == true && refusals.first?.contains(refusal) == true, "\(refusals)")
    }

    @Test("the texts of patches keep their places, whatever their style")
    func places() {
        func place(_ body: String) -> KindPlace? { read(config(body)).refusals.first?.place }
        #expect(
            place("kubeadmConfigPatches:\n- |\n\n  # c\n  kind: ClusterConfiguration\n  scheduler: 3")
                == KindPlace(9, 14))
        #expect(
            place("kubeadmConfigPatches:\n- |2\n    kind: ClusterConfiguration\n    scheduler: 3") == KindPlace(7, 16))
        #expect(place("kubeadmConfigPatches:\n- '{kind: ClusterConfiguration, scheduler: 3}'") == KindPlace(5, 44))
        #expect(place("kubeadmConfigPatches:\n- \"kind: ClusterConfiguration\\nscheduler: 3\"") == KindPlace(5, 3))
        #expect(place("kubeadmConfigPatches:\n- |\n  kind: [\n").map { (6...7).contains($0.line) } == true)
        #expect(place("kubeadmConfigPatches:\n- |\n  kind: a\n  kind: b\n") == KindPlace(7, 3))
        let windows = config("kubeadmConfigPatches:\n- |\n  kind: a\n  kind: b\n").replacing("\n", with: "\r\n")
        #expect(read(windows).refusals.first?.place == KindPlace(7, 3))
    }

    @Test("YAML 1.1 decides what is a text")
    func types() {
        func refusals(_ value: String) -> Int {
            read(
                config(
                    "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  controllerManager: {extraArgs: {profiling: \(value)}}"
                )
            ).refusals.count
        }
        #expect(["on", "yes", "true", "n", "1", "010", "0x1"].allSatisfy { refusals($0) == 1 })
        #expect(refusals("\"true\"") == 0)
    }
}

@Suite("The cluster that a kind configuration makes")
struct OutcomeTests {
    @Test("an only node is free of the control plane's taint and of the balancer's label")
    func only() throws {
        let one = try cluster("")
        #expect(one.nodes.map(\.name) == ["c-control-plane"] && one.nodes[0].taints.isEmpty)
        #expect(one.nodes[0].labels["node.kubernetes.io/exclude-from-external-load-balancers"] == nil)
        let two = try cluster("nodes: [{role: worker}, {role: control-plane}]")
        #expect(two.nodes[0].taints.map(\.description) == ["node-role.kubernetes.io/control-plane:NoSchedule"])
        #expect(two.nodes[0].labels["node.kubernetes.io/exclude-from-external-load-balancers"] == "")
        #expect(two.nodes[1].labels["node.kubernetes.io/exclude-from-external-load-balancers"] == nil)
        #expect(two.nodes[1].labels["beta.kubernetes.io/os"] == "linux")
    }

    @Test("the controller manager's command line is kubeadm's, with the configuration's flags after it")
    func commandLine() throws {
        let cluster = try cluster("networking: {podSubnet: 10.1.0.0/16}\nfeatureGates: {AllBeta: true}")
        #expect(cluster.controllerManagerFlag("cluster-cidr") == "10.1.0.0/16")
        #expect(cluster.controllerManagerFlag("service-cluster-ip-range") == "10.96.0.0/16")
        #expect(
            cluster.controllerManager.suffix(2).map(\.text) == [
                "--feature-gates=AllBeta=true", "--enable-hostpath-provisioner=true",
            ])
        #expect(cluster.controllerManager.first?.text == "--allocate-node-cidrs=true")
    }

    @Test("leases, names and defaults")
    func others() throws {
        let patched = try cluster(
            "kubeadmConfigPatches:\n- |\n  kind: KubeletConfiguration\n  nodeLeaseDurationSeconds: 4")
        #expect(patched.leaseSeconds == 4)
        #expect(try cluster("").leaseSeconds == 40)
        let nameless = read("kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n")
        #expect(nameless.cluster?.name == "kind" && nameless.cluster?.isNamed == false)
        let named = try cluster(
            "nodes:\n- role: control-plane\n- role: worker\n  kubeadmConfigPatches:\n  - |\n    kind: JoinConfiguration\n"
                + "    nodeRegistration: {name: Spare}")
        #expect(named.nodes[1].name == "spare" && named.nodes[1].labels["kubernetes.io/hostname"] == "spare")
    }

    @Test("what has no meaning here is collected with its places")
    func meaningless() throws {
        let reading = read(
            config(
                """
                networking: {apiServerPort: 36443, podSubnet: 10.1.0.0/16}
                containerdConfigPatches: [""]
                nodes:
                - extraMounts: [{hostPath: /a, containerPath: /b}]
                  kubeadmConfigPatches:
                  - |
                    kind: InitConfiguration
                    nodeRegistration: {kubeletExtraArgs: {max-pods: "9", node-labels: a=b}}
                - {role: worker, extraMounts: []}
                """))
        #expect(reading.findings.isEmpty)
        #expect(
            reading.cluster?.meaningless.map { "\($0.0) \($0.1.map(\.line))" } == [
                "networking.apiServerPort [4]", "containerdConfigPatches [5]", "extraMounts [7, 12]",
                "kubelet --max-pods [11]",
            ])
    }

    @Test(
        "versions of images",
        arguments: [
            ("kindest/node:v1.33.1", "v1.33.1"), ("kindest/node:v1.33.1@sha256:0123", "v1.33.1"),
            ("localhost:5000/a/node:1.30.0", "v1.30.0"), ("node:v1.37.0-rc.1", "v1.37.0-rc.1"), ("kindest/node", nil),
            ("kindest/node:latest", nil), ("localhost:5000/node", nil), ("kindest/node@sha256:01", nil),
        ] as [(String, String?)])
    func images(image: String, version: String?) { #expect(KubernetesVersion(image: image)?.description == version) }

    @Test("a tag that tells no version is reported of, and for kind itself patches are not judged by version then")
    func tags() {
        let body = "nodes: [{image: \"kindest/node:latest\"}]"
        #expect(
            lines(read(config(body)).findings).first?.hasPrefix("4:17: warning: the tag of kindest/node:latest") == true
        )
        let patch = "kubeadmConfigPatches: [\"{kind: ClusterConfiguration, apiVersion: kubeadm.k8s.io/v1beta3}\"]"
        #expect(read(config(patch), for: .kind(image: nil)).findings.isEmpty)
        #expect(read(config(patch), for: .kind(image: "kindest/node:v1.36.2")).findings.count == 1)
        #expect(read(config(patch), for: .kind(image: "kindest/node:v1.35.2")).findings.isEmpty)
    }
}
