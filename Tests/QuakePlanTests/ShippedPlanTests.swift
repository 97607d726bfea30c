import FoundationEssentials
import QuakePlan
import QuakeYAML
import Testing

/// Files of the repository that tests read.
enum Repository {
    static let root = #filePath.components(separatedBy: "/Tests/").dropLast().joined(separator: "/Tests/")

    static func text(_ path: String) throws -> String {
        let data = try #require(FileManager.default.contents(atPath: "\(root)/\(path)"), "no file \(path)")
        return String(decoding: data, as: UTF8.self)
    }

    static func plans() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/Plans")) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted().map { "\(root)/Plans/\($0)" }
    }
}

struct ShippedPlanTests {
    @Test func theNineArePresent() {
        let names = Repository.plans().compactMap { $0.split(separator: "/").last }
        #expect(
            names == [
                "control-plane-cordon.yaml", "drain-blocked-by-pdb.yaml", "drain-gateway-node.yaml",
                "gateway-node-kill.yaml", "grace-period-sweep.yaml", "istiod-node-kill.yaml", "node-blip.yaml",
                "quickstart.yaml", "rolling-upgrade.yaml",
            ])
    }

    @Test(arguments: Repository.plans())
    func isValidAndNamedLikeItsFile(path: String) throws {
        let plan = try Plan.load(path: path)
        #expect(path.hasSuffix("/\(plan.name).yaml"))
        #expect(!plan.description.isEmpty)
        for name in ["baseline", "hold", "settle"] { #expect(plan.variables.contains { $0.name == name }) }
        for cell in plan.cells { #expect(!cell.expectations.isEmpty) }
    }
}
