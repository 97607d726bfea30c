import QuakeCluster
import QuakeKube
import Testing

@Suite("A rollout")
struct RolloutStatusTests {
    private static func workload(
        _ kind: String, spec: JSONValue = ["replicas": 3], status: JSONValue, generation: Int64 = 2
    ) -> JSONValue {
        ["kind": .string(kind), "metadata": ["generation": .int(generation)], "spec": spec, "status": status]
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var object: JSONValue
        var status: RolloutStatus
    }

    static let cases: [Case] = [
        Case(
            testDescription: "not seen by its controller",
            object: workload("Deployment", status: ["observedGeneration": 1, "updatedReplicas": 3]),
            status: .progressing("the controller has not seen the change")),
        Case(
            testDescription: "with too few new replicas",
            object: workload("Deployment", status: ["observedGeneration": 2, "updatedReplicas": 1, "replicas": 4]),
            status: .progressing("1 of 3 replicas are updated")),
        Case(
            testDescription: "of a paused Deployment",
            object: workload(
                "Deployment", spec: ["replicas": 3, "paused": true],
                status: ["observedGeneration": 2, "updatedReplicas": 1, "replicas": 4]),
            status: .halted("1 of 3 replicas are updated: the Deployment is paused")),
        Case(
            testDescription: "with old replicas",
            object: workload(
                "Deployment",
                status: ["observedGeneration": 2, "updatedReplicas": 3, "replicas": 4, "availableReplicas": 3]),
            status: .progressing("1 old replicas are still there")),
        Case(
            testDescription: "scaled down, before its replicas are gone",
            object: workload(
                "Deployment", spec: ["replicas": 1],
                status: ["observedGeneration": 2, "updatedReplicas": 3, "replicas": 3, "availableReplicas": 3]),
            status: .progressing("2 replicas are too many")),
        Case(
            testDescription: "that is not available",
            object: workload(
                "Deployment",
                status: ["observedGeneration": 2, "updatedReplicas": 3, "replicas": 3, "availableReplicas": 2]),
            status: .progressing("2 of 3 updated replicas are available")),
        Case(
            testDescription: "that has passed its deadline",
            object: workload(
                "Deployment",
                status: [
                    "observedGeneration": 2, "updatedReplicas": 1,
                    "conditions": [
                        [
                            "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
                            "message": "too late",
                        ]
                    ],
                ]),
            status: .halted("too late")),
        Case(
            testDescription: "of a Deployment that is complete",
            object: workload(
                "Deployment",
                status: ["observedGeneration": 2, "updatedReplicas": 3, "replicas": 3, "availableReplicas": 3]),
            status: .complete),
        Case(
            testDescription: "of a Deployment scaled to 0",
            object: workload("Deployment", spec: ["replicas": 0], status: ["observedGeneration": 2]),
            status: .complete),
        Case(
            testDescription: "of a DaemonSet under way",
            object: workload(
                "DaemonSet", spec: [:],
                status: ["observedGeneration": 2, "desiredNumberScheduled": 4, "updatedNumberScheduled": 2]),
            status: .progressing("2 of 4 pods are updated")),
        Case(
            testDescription: "of a DaemonSet whose pods are not available",
            object: workload(
                "DaemonSet", spec: [:],
                status: [
                    "observedGeneration": 2, "desiredNumberScheduled": 4, "updatedNumberScheduled": 4,
                    "numberAvailable": 3,
                ]),
            status: .progressing("3 of 4 updated pods are available")),
        Case(
            testDescription: "that waits until pods are deleted",
            object: workload(
                "DaemonSet", spec: ["updateStrategy": ["type": "OnDelete"]], status: ["observedGeneration": 2]),
            status: .halted("its update strategy is OnDelete: pods are replaced when they are deleted")),
        Case(
            testDescription: "of a StatefulSet whose revisions differ",
            object: workload(
                "StatefulSet",
                status: [
                    "observedGeneration": 2, "readyReplicas": 3, "updatedReplicas": 1, "currentRevision": "a",
                    "updateRevision": "b",
                ]),
            status: .progressing("1 of 3 pods are updated")),
        Case(
            testDescription: "of a StatefulSet up to its partition",
            object: workload(
                "StatefulSet", spec: ["replicas": 3, "updateStrategy": ["rollingUpdate": ["partition": 2]]],
                status: [
                    "observedGeneration": 2, "readyReplicas": 3, "updatedReplicas": 1, "currentRevision": "a",
                    "updateRevision": "b",
                ]),
            status: .complete),
        Case(
            testDescription: "of a ReplicaSet that grows",
            object: workload("ReplicaSet", status: ["observedGeneration": 2, "replicas": 2, "availableReplicas": 2]),
            status: .progressing("2 of 3 replicas are available")),
        Case(
            testDescription: "of what has none",
            object: workload("ConfigMap", spec: .null, status: .null), status: .complete),
    ]

    @Test("is as far as kubectl rollout status says", arguments: cases)
    func status(of case: Case) {
        #expect(RolloutStatus(of: `case`.object) == `case`.status)
    }

    @Test("that stalls names the pods that hold it up, and why")
    func reasons() {
        let pods: [JSONValue] = [
            [
                "metadata": ["name": "c"],
                "status": [
                    "phase": "Pending",
                    "conditions": [
                        [
                            "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                            "message": "0/4 nodes are available",
                        ]
                    ],
                ],
            ],
            [
                "metadata": ["name": "b"],
                "status": [
                    "phase": "Pending",
                    "containerStatuses": [
                        ["state": ["waiting": ["reason": "ImagePullBackOff", "message": "no such image"]]]
                    ],
                ],
            ],
            [
                "metadata": ["name": "a"],
                "status": ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]],
            ],
            ["metadata": ["name": "d"], "status": ["phase": "Running"]],
            ["metadata": ["name": "e"], "status": ["phase": "Pending"]],
            ["metadata": ["name": "f", "deletionTimestamp": "2026-01-01T00:00:00Z"], "status": ["phase": "Running"]],
        ]
        #expect(
            StuckPods.reasons(pods)
                == "b is Pending, ImagePullBackOff: no such image; c is Pending: 0/4 nodes are available; "
                + "d is Running, but not Ready; 1 more")
        #expect(StuckPods.reasons([pods[2]]) == "")
    }
}
