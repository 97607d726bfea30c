import Foundation
import QuakeKube
import Testing

@testable import QuakeManifests

/// A file next to the tests.
func fixture(_ name: String) throws -> JSONValue {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures"))
    return try JSONValue(parsing: Data(contentsOf: url))
}

extension ManifestParameters {
    /// With changes.
    static func made(_ mesh: ManifestMesh, _ change: (inout ManifestParameters) -> Void = { _ in })
        -> ManifestParameters
    {
        var parameters = ManifestParameters(mesh: mesh)
        change(&parameters)
        return parameters
    }
}

extension ManifestSet {
    func block(_ file: String, _ location: SourceLocation = #_sourceLocation) throws -> ManifestBlock {
        try #require(blocks.first { $0.file == file }, "\(blocks.map(\.file))", sourceLocation: location)
    }
}

/// Reasons why nothing can be made of parameters; fails the test where something can.
func problems(_ parameters: ManifestParameters, _ location: SourceLocation = #_sourceLocation) throws -> [String] {
    do throws(ManifestError) {
        _ = try ManifestSet(parameters)
    } catch {
        return error.problems
    }
    Issue.record("a configuration was made", sourceLocation: location)
    return []
}

/// Nodes `a`, `b`, … with their hostnames and zones.
func cluster(_ zones: [String?], controlPlanes: Int = 1) -> ManifestCluster {
    var nodes: [String: [String: String]] = [:]
    for (index, zone) in zones.enumerated() {
        let name = String(UnicodeScalar(UInt8(97 + index)))
        nodes[name] = ["kubernetes.io/hostname": name]
        nodes[name]?["topology.kubernetes.io/zone"] = zone
    }
    for index in 0..<controlPlanes {
        nodes["plane\(index)"] = [
            "kubernetes.io/hostname": "plane\(index)", "node-role.kubernetes.io/control-plane": "",
        ]
    }
    return ManifestCluster(context: "west", nodes: nodes, leaseRenewal: .seconds(10), minor: 36)
}
