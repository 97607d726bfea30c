/// What a simulation did, in order, each with the object as it then was.
package enum Change: Sendable, Equatable {
    case node(Node)
    case nodeRemoved(String)
    case pod(Pod)
    case podRemoved(Pod)
    case deployment(Deployment)
    case replicaSet(ReplicaSet)
    case replicaSetRemoved(ReplicaSet)
    case daemonSet(DaemonSet)
    /// Its endpoints.
    case service(Service)
    case budget(Budget)
    /// Containers of a pod run now.
    case started(Pod)
    /// They got SIGTERM; after a preStop hook, if there is one.
    case signalled(Pod)
    /// They are gone: killed, or ended by themselves.
    case ended(Pod)
    /// Something was done to a machine, or kube-proxy on it came back.
    case machine(Node)
    case notice(Notice)
}

/// What Kubernetes would record as an Event.
package struct Notice: Sendable, Equatable {
    /// What the Event is about; raw values are Kubernetes' kinds.
    package enum Kind: String, Sendable {
        case node = "Node"
        case pod = "Pod"
        case deployment = "Deployment"
        case replicaSet = "ReplicaSet"
        case daemonSet = "DaemonSet"
    }

    package var kind: Kind
    package var key: ObjectKey
    package var reason: String
    package var message: String
    package var isWarning: Bool
    package var source: String

    package init(
        _ kind: Kind, _ key: ObjectKey, _ reason: String, _ message: String, isWarning: Bool = false, source: String
    ) {
        self.kind = kind
        self.key = key
        self.reason = reason
        self.message = message
        self.isWarning = isWarning
        self.source = source
    }
}
