import QuakeBase
package import QuakeKube
import QuakeMesh

/// Probers in pods, and what keeps them in time on a busy machine.
///
/// A pod without requests gets next to nothing of a busy machine's processors: it is in the group `besteffort`, with the least
/// weight there is, and its prober then stalls for hundreds of milliseconds (docs/measurement.md).
extension MeshManifests {
    /// What each prober asks for, in thousandths of a processor, if it is alone on its node.
    private static let ownShare = 250
    /// What all probers of a node ask for together, at most.
    private static let nodeShare = 500

    /// Probers in pods; the records of each outlive its container. Their account may do nothing.
    ///
    /// - Parameters:
    ///   - replicas: how many the layout makes in this cluster.
    ///   - nodes: on how many nodes they are spread.
    package func prober(_ layout: ProberLayout, replicas: Int, nodes: Int = 1) -> [JSONValue] {
        var object = deployment(
            Names.prober, in: Names.systemNamespace, role: "prober", replicas: replicas, port: MeshPort.prober,
            onControlPlane: true, antiAffinity: false,
            environment: [Self.variable("RECORDS", "/var/lib/peerquake")])
        layout.place(&object, labels: ["app": .string(Names.prober)])
        object.set(
            [["name": "records", "emptyDir": ["sizeLimit": "256Mi"]]], at: "spec", "template", "spec", "volumes")
        object.set(.string(Names.proberPriority), at: "spec", "template", "spec", "priorityClassName")
        var container = object.at("spec", "template", "spec", "containers", 0) ?? .null
        container["readinessProbe"] = [
            "httpGet": ["path": "/healthz", "port": .int(Int64(MeshPort.prober))], "periodSeconds": 2,
        ]
        container["volumeMounts"] = [["name": "records", "mountPath": "/var/lib/peerquake"]]
        container["resources"] = [
            "requests": ["cpu": .string("\(Self.share(replicas: replicas, nodes: nodes))m"), "memory": "64Mi"]
        ]
        // For SCHED_FIFO, where the kernel gives it: see Prober.
        container["securityContext"] = ["capabilities": ["add": ["SYS_NICE"]]]
        object.set([container], at: "spec", "template", "spec", "containers")
        return [priorityClass] + account("prober", Names.systemNamespace) + [object]
    }

    /// Small enough that many probers, too, find a place.
    static func share(replicas: Int, nodes: Int) -> Int {
        min(ownShare, max(10, nodeShare * max(1, nodes) / max(1, replicas)))
    }

    /// Above pods without a class: a kubelet that runs short ends those first. It takes no other pod's place, for that would
    /// be a fault that no plan asked for. The same in every cluster and for every installation, as a class's value cannot be
    /// changed.
    private var priorityClass: JSONValue {
        [
            "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": meta(Names.proberPriority, nil),
            "value": 1_000_000, "globalDefault": false, "preemptionPolicy": "Never",
            "description": "Probers of Peerquake: what they measure is wrong where they are kept waiting.",
        ]
    }

    /// The stand-in's own namespace, with pods of any capabilities: the Pod Security level `baseline` refuses SYS_NICE.
    package var proberNamespace: JSONValue {
        var object = namespace(Names.systemNamespace)
        object.set("privileged", at: "metadata", "labels", WellKnown.podSecurity)
        return object
    }
}
