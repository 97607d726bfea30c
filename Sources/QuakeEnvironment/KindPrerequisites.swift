package import QuakeKind
import QuakeKube
import QuakeMesh
import QuakeShell
import QuakeTimeline

/// What `clusters up` needs on this machine, looked at before anything is made: clusters take minutes, and what is missing
/// would be missed when they are there.
package struct KindPrerequisites: Sendable {
    private let needsImage: Bool
    private let others: [String]
    private let environment: [String: String]

    /// - Parameters:
    ///   - needsImage: of the stand-in's parts and of probers.
    ///   - others: what else is known to be missing, in words.
    package init(
        needsImage: Bool, others: [String] = [], environment: [String: String] = Command.inheritedEnvironment
    ) {
        self.needsImage = needsImage
        self.others = others
        self.environment = environment
    }

    /// The engine that kind takes.
    ///
    /// - Throws: ``Failure`` with everything that is missing, and how to get it.
    package func checked() async throws -> ContainerEngine {
        var problems: [String] = []
        var engine: ContainerEngine?
        do throws(KindError) {
            engine = try await ContainerEngine.detect(environment: environment)
        } catch {
            problems.append("\(error)")
        }
        if let found = engine, let problem = await Self.problem(with: found) {
            problems.append(problem)
        } else if let engine, needsImage, await !engine.has(image: MeshNames.image) {
            problems.append("\(engine.name) has no image \(MeshNames.image)\nMake it: scripts/build-agent-image")
        }
        problems += others
        guard problems.isEmpty, let engine else {
            throw Failure(
                .unavailable, problems.joined(separator: "\n"),
                hint: "Nothing was made. What else this machine lacks: peerquake doctor")
        }
        return engine
    }

    private static func problem(with engine: ContainerEngine) async -> String? {
        do {
            try await engine.run(["ps", "--quiet"])
            return nil
        } catch {
            return "\(engine.name) does not answer: \(error)\nStart its service, and see that you may use it: "
                + "\(engine.name) info"
        }
    }
}
