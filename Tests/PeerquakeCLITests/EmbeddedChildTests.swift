import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// Runs whose own embedded clusters die.
@Suite("Embedded clusters that die")
struct EmbeddedChildTests {
    private func shapes() -> String {
        ["east", "west"].map { "--config \(BuiltCommand.root.appending(path: "kind-configs/quick-\($0).yaml").path)" }
            .joined(separator: " ")
    }

    /// Unnoticed, it would take longer than this test may.
    @Test("end the run at once, which says so", .timeLimit(.minutes(3)))
    func underWay() async throws {
        let folder = try TemporaryDirectory()
        let plan = try folder.file("cordon.yaml", EmbeddedPair.cordonPlan(hold: "900s").replacing("90%", with: "0%"))
        let script = """
            cd \(folder.path)
            \(try BuiltCommand.path()) run \(plan) --env embedded \(shapes()) --out run >out 2>err & run=$!
            for _ in $(seq 600); do grep -aqs '"applied"' run/journal.ndjson && break; sleep 0.1; done
            kill -9 $(ps -o pid=,args= --ppid $run | grep 'embedded --until-eof' | awk '{print $1}') || exit 99
            wait $run
            code=$?
            cat err >&2
            exit $code
            """
        let result = try await Command(["bash", "-c", script]).run(timeout: .seconds(170))
        #expect(result.exitCode == 5, "\(result.standardError)")
        #expect(result.standardError.contains("the embedded clusters ended by themselves"), "\(result.standardError)")
    }

    /// The wait itself would end with other words, at its time-out.
    @Test("before they serve end the wait for them", .timeLimit(.minutes(3)))
    func atStart() async throws {
        let folder = try TemporaryDirectory()
        let plan = BuiltCommand.root.appending(path: "Plans/quickstart.yaml").path
        let script = """
            cd \(folder.path)
            \(try BuiltCommand.path()) run \(plan) --env embedded \(shapes()) --out run & run=$!
            for _ in $(seq 1000); do
                child=$(ps -o pid=,args= --ppid $run | grep 'embedded --until-eof' | awk '{print $1}')
                [ -n "$child" ] && kill -9 $child && break
                sleep 0.01
            done
            wait $run
            """
        let result = try await Command(["bash", "-c", script]).run(timeout: .seconds(170))
        #expect(result.exitCode == 69, "\(result.standardError)")
        #expect(result.standardError.contains("the embedded clusters ended by themselves"), "\(result.standardError)")
    }
}
