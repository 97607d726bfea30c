/// Names by which Istio and Solo tell a peering: classes, annotations and conditions of Gateways.
package enum IstioNames {
    /// The class of a Gateway that stands for a peer.
    package static let remoteClass = "istio-remote"
    /// The DaemonSet, and the label `app` of its pods.
    package static let ztunnel = "ztunnel"
    /// The ConfigMap in istiod's namespace whose key `values` has the values that istiod was installed with, as JSON.
    package static let injector = "istio-sidecar-injector"
    /// Solo's, on the cluster's own east-west Gateway. In lower case: a capital was seen to be left aside in silence.
    package static let ownType = "peering.solo.io/data-plane-service-type"
    /// Solo's, on a Gateway of class `istio-remote`.
    package static let preferredType = "peering.solo.io/preferred-data-plane-service-type"
    /// What the status of Solo's peer Gateway says once its data plane is there.
    package static let conditions = ["PeeringSucceeded", "PeerConnected", "PeerDataPlaneProgrammed"].map {
        "gloo.solo.io/\($0)"
    }
}
