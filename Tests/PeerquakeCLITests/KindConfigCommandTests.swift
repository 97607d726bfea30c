import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// What commands say to kind configurations that do not mean what they seem to.
@Suite("kind configurations on the command line", .timeLimit(.minutes(2)))
struct KindConfigCommandTests {
    private static let head = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"

    /// Asks for clusters of these configurations, which end at once.
    private func host(_ texts: [String]) async throws -> CommandResult {
        let folder = try TemporaryDirectory()
        let options = try texts.enumerated().flatMap { index, text in
            ["--config", try folder.file("\(["one", "two"][index]).yaml", text)]
        }
        let command =
            [try BuiltCommand.path(), "embedded", "--until-eof", "--kubeconfig", "\(folder.path)/kc"] + options
        // Their standard input is at its end from the start.
        return try await Command(["bash", "-c", "exec \"$@\" </dev/null", "host"] + command).run(timeout: .seconds(60))
    }

    @Test(
        "misspelt fields, roles, flags and labels end with 64, with their places and by whom",
        arguments: [
            ("nodes: [{role: control-plane, lables: {a: b}}]", "one.yaml:4:31: kind refuses: unknown field \"lables\""),
            (
                "nodes: [{role: contol-plane}]",
                "one.yaml:4:16: kind refuses: role \"contol-plane\"; did you mean \"control-plane\"?"
            ),
            (
                "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  controllerManager:\n    extraArgs:\n"
                    + "      node-monitor-graceperiod: 40s",
                "one.yaml:9:33: the controller manager refuses: unknown flag --node-monitor-graceperiod"
            ),
            (
                "nodes:\n- labels: {node-role.kubernetes.io/edge: \"\"}",
                "one.yaml:5:12: the kubelet refuses: the label node-role.kubernetes.io/edge"
            ),
        ])
    func refusals(body: String, message: String) async throws {
        let result = try await host([Self.head + "name: east\n\(body)\n"])
        #expect(result.exitCode == 64, "\(result.standardError)")
        #expect(result.standardError.contains(message), "\(result.standardError)")
    }

    @Test("all problems of all files are reported at once")
    func together() async throws {
        let result = try await host(["kind: Pod\n", Self.head + "nodes: [{role: worker}]\n"])
        #expect(result.exitCode == 64)
        #expect(result.standardError.contains("one.yaml:1:1: kind refuses"), "\(result.standardError)")
        #expect(result.standardError.contains("two.yaml:3:9: kind refuses"), "\(result.standardError)")
    }

    @Test("two configurations without a name are refused, with what to do")
    func nameless() async throws {
        let text = Self.head + "nodes:\n- role: control-plane\n- role: worker\n"
        let result = try await host([text, text])
        #expect(result.exitCode == 64)
        #expect(result.standardError.contains("both make a cluster named \"kind\""), "\(result.standardError)")
        #expect(result.standardError.contains("write `name: east`"), "\(result.standardError)")
    }

    @Test("a patch for another version and what has no effect are warned of")
    func warnings() async throws {
        let patch = """
            name: west
            kubeadmConfigPatchesJSON6902:
              - group: kubeadm.k8s.io
                version: v1beta3
                kind: ClusterConfiguration
                patch: |
                  - {op: add, path: /controllerManager/extraArgs/node-monitor-grace-period, value: "12s"}
            networking: {kubeProxyMode: ipvs}

            """
        let result = try await host([Self.head + patch])
        #expect(result.exitCode == 0, "\(result.standardError)")
        #expect(result.standardError.contains("one.yaml:5:5: warning: this patch matches nothing"))
        #expect(result.standardError.contains("version: v1beta4"))
        #expect(result.standardError.contains("networking.kubeProxyMode (line 10)"))
    }

    @Test("kind is not called with what it would refuse")
    func kind() async throws {
        let folder = try TemporaryDirectory()
        let config = try folder.file("one.yaml", Self.head + "nodes: [{role: worker}]\n")
        let result = try await Command([BuiltCommand.path(), "clusters", "up", "--config", config]).run(
            timeout: .seconds(60))
        #expect(result.exitCode == 64)
        #expect(result.standardError.contains("one.yaml:3:9: kind refuses: no node is a control plane"))
    }
}
