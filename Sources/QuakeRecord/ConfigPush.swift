/// A push of an Istio control plane to its proxies, as its log tells it: changes that came close together are one push.
package struct ConfigPush: Sendable, Codable, Hashable {
    /// The control plane's pod.
    package var istiod: String
    /// Changes that it carries.
    package var changes: Int
    /// What changed, in istiod's words: `config EndpointSlice/demo/echo`, `reason endpoint:1`.
    package var about: String
    /// From the first of the changes to the push.
    package var millis: Double
    /// Whether everything was made anew, and not what changed alone.
    package var isFull: Bool

    package init(istiod: String, changes: Int, about: String, millis: Double, isFull: Bool) {
        self.istiod = istiod
        self.changes = changes
        self.about = about
        self.millis = millis
        self.isFull = isFull
    }
}
