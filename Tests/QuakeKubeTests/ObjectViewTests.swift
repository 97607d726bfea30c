import QuakeKube
import Testing

@Suite("Views of objects")
struct ObjectViewTests {
    @Test("read what a Node says about itself")
    func node() {
        let node = NodeView([
            "metadata": [
                "name": "n",
                "labels": [
                    "node-role.kubernetes.io/control-plane": "", "topology.kubernetes.io/zone": "a",
                    "karpenter.sh/nodepool": "general",
                ],
            ],
            "spec": ["unschedulable": true, "taints": [["key": "a"], ["effect": "NoSchedule"], ["key": "b"]]],
            "status": [
                "conditions": [["type": "DiskPressure", "status": "True"], ["type": "Ready", "status": "Unknown"]],
                "addresses": [
                    ["type": "Hostname", "address": "n"], ["type": "InternalIP", "address": "10.0.0.1"],
                    ["type": "InternalIP", "address": "fd00::1"],
                ],
                "nodeInfo": ["kubeletVersion": "v1.36.2"],
            ],
        ])
        #expect(node.readiness == "Unknown" && !node.isReady)
        #expect(node.isCordoned && node.isControlPlane)
        #expect(node.taintKeys == ["a", "b"] && node.taints.count == 3)
        #expect(node.internalIP == "10.0.0.1" && node.kubeletVersion == "v1.36.2")
        #expect(node.zone == "a" && node.nodePool == "general")
    }

    @Test("read an object that says nothing yet as neither ready nor placed")
    func empty() {
        let (node, pod) = (NodeView([:]), PodView([:]))
        #expect(node.readiness == nil && !node.isReady && !node.isCordoned && !node.isControlPlane)
        #expect(node.taints.isEmpty && node.addresses.isEmpty && node.internalIP == nil && node.kubeletVersion == nil)
        #expect(pod.node == nil && pod.phase == nil && pod.ip == nil && !pod.isReady && !pod.isFinished)
        #expect(pod.owners.isEmpty && pod.containers.isEmpty && pod.containerStatuses.isEmpty)
        #expect(LeaseView([:]).holder.isEmpty && LeaseView([:]).renewed.isEmpty && LeaseView([:]).seconds == nil)
        #expect(ServiceView([:]).ports.isEmpty && ServiceView([:]).ingressIP == nil)
    }

    @Test("read a Pod", arguments: [("Running", false), ("Succeeded", true), ("Failed", true)])
    func pod(phase: String, isFinished: Bool) {
        let pod = PodView([
            "metadata": ["ownerReferences": [["kind": "ReplicaSet"]]], "spec": ["nodeName": "n"],
            "status": [
                "phase": .string(phase), "podIP": "10.0.0.2", "conditions": [["type": "Ready", "status": "True"]],
            ],
        ])
        #expect(pod.isReady && pod.node == "n" && pod.ip == "10.0.0.2" && pod.owners.count == 1)
        #expect(pod.isFinished == isFinished)
    }

    /// As the API's reference says: clients must take `nil` for ready and serving.
    @Test("read an endpoint whose conditions are absent as ready, serving and not terminating")
    func endpoints() {
        let all = EndpointView.all(of: [
            "endpoints": [
                ["addresses": ["10.0.0.3"], "nodeName": "n", "targetRef": ["name": "p"]],
                ["conditions": ["ready": false, "serving": false, "terminating": true]],
            ]
        ])
        #expect(all.map(\.isReady) == [true, false])
        #expect(all.map(\.isServing) == [true, false])
        #expect(all.map(\.isTerminating) == [false, true])
        #expect(all.map(\.address) == ["10.0.0.3", nil] && all[0].node == "n" && all[0].pod == "p")
    }
}
