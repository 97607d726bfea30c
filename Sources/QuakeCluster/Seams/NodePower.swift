package import QuakePlan

/// Who pulls the plug of a cluster's nodes.
package protocol NodePower: Sendable {
    /// Whether the node is as its environment made it: on, connected, not paused, its kubelet running.
    func isWhole(_ node: String) async throws -> Bool
    /// Takes effect before it returns.
    ///
    /// - Returns: the interval of its first call that had an effect.
    /// - Throws: ``PartialEffect`` where a later call failed.
    @discardableResult
    func kill(_ node: String, how: KillMethod) async throws -> EffectInterval
    /// Undoes whatever was done to the node; idempotent. Returns when its machine runs, not when it is Ready.
    func restore(_ node: String) async throws
    /// Off in order, and on again.
    ///
    /// - Returns: the interval of its first call that had an effect.
    /// - Throws: ``PartialEffect`` where a later call failed.
    @discardableResult
    func restart(_ node: String) async throws -> EffectInterval
    /// Ends a node's machine for good, as a cloud terminates an instance: its pods with it. The Node object is the
    /// caller's.
    func remove(_ node: String) async throws
    /// Starts a fresh machine, which registers a Node of the same name; idempotent.
    func provision(_ node: String) async throws
    /// Node → what tells its machine from another one of that name, however dead the cluster's API server is; empty
    /// where nothing but the API server tells.
    func machines() async throws -> [String: String]
}

extension NodePower {
    package func machines() async throws -> [String: String] { [:] }
}

/// Who changes the controller manager's flags.
package protocol ControlPlane: Sendable {
    /// Flags that are set, without their dashes.
    func controllerManagerFlags() async throws -> [String: String]
    /// Sets flags, or takes them out where the value is empty, and returns once a controller manager leads that has them.
    ///
    /// - Returns: the interval of its first call that had an effect; `nil` where the flags were so already.
    /// - Throws: ``PartialEffect`` where what followed that call failed.
    @discardableResult
    func setControllerManagerFlags(_ flags: [String: String]) async throws -> EffectInterval?
}
