import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClustersAtTheEnd {
    /// The clusters behind proxies that let nothing through but a Kubernetes API: for the command they are anybody's.
    @Suite("--env kubeconfig")
    struct ForeignClusterTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        /// Runs a shell's script in which `$run` carries a plan out on such clusters.
        private func shell(_ script: String, plan: String) async throws -> CommandResult {
            // Each proxy says which port it got.
            try await pair.shell(
                """
                proxies=
                trap 'kill $proxies; wait' EXIT
                for name in east west; do
                    kubectl proxy --kubeconfig \(pair.kubeconfig) --context $name --port 0 \
                        --reject-paths '^/peerquake.dev/' >$out-$name 2>&1 &
                    proxies="$proxies $!"
                done
                address() {
                    for _ in $(seq 200); do
                        grep -oE '127.0.0.1:[0-9]+' $out-$1 && return
                        sleep 0.1
                    done
                    cat $out-$1 >&2
                }
                cat >$out-kc <<EOF
                apiVersion: v1
                kind: Config
                clusters:
                - {name: east, cluster: {server: "http://$(address east)"}}
                - {name: west, cluster: {server: "http://$(address west)"}}
                contexts:
                - {name: prod-east, context: {cluster: east}}
                - {name: prod-west, context: {cluster: west}}
                EOF
                run="$peerquake run \(plan) --env kubeconfig --kubeconfig $out-kc --cluster east=prod-east \
                    --cluster west=prod-west --out $out"
                allow='--allow-context prod-east --allow-context prod-west'
                \(script)
                """, plan: plan)
        }

        private func recovery(_ name: String) -> String {
            BuiltCommand.root.appending(path: "Tests/Recovery/\(name).yaml").path
        }

        @Test("breaks nothing that it was not allowed to")
        func notAllowed() async throws {
            let result = try await shell("$run", plan: recovery("cordon"))
            #expect(result.exitCode == 64)
            #expect(result.standardError.contains("context prod-east is neither kind nor embedded"))
            #expect(result.standardError.contains("--allow-context prod-east"))
        }

        @Test(
            "refuses what cannot be done there, with what could be used instead",
            arguments: [
                (
                    "Tests/Recovery/kill-power-off.yaml", "kill-node: nodes of west cannot be switched",
                    "Use drain, cordon or delete-pods"
                ),
                ("Tests/Recovery/blip-node.yaml", "blip-node: nodes of west cannot be switched", "Use drain"),
                ("Tests/Recovery/upgrade-nodes.yaml", "upgrade-nodes: nodes of west cannot be switched", "Use drain"),
                (
                    "Tests/Recovery/set-node-monitor-grace-period.yaml", "the controller manager's flags of west",
                    "Set --node-monitor-grace-period yourself"
                ),
                (
                    "Plans/nodepool-expiry-together.yaml", "expire-nodepools: west runs no Karpenter",
                    "Use drain and uncordon"
                ),
            ])
        func refused(plan: String, why: String, instead: String) async throws {
            let path = BuiltCommand.root.appending(path: plan).path
            try await pair.unchanged {
                let result = try await shell("$run $allow", plan: path)
                #expect(result.exitCode == 64, "\(result.standardError)")
                #expect(result.standardError.contains(why), "\(result.standardError)")
                #expect(result.standardError.contains(instead), "\(result.standardError)")
            }
        }

        @Test("does what the API alone can do, and leaves no trace")
        func carriedOut() async throws {
            try await pair.unchanged {
                let result = try await shell("$run $allow", plan: recovery("drain"))
                #expect(result.exitCode == 0, "\(result.standardOutput)\(result.standardError)")
                #expect(result.standardError.contains("drain"))
            }
        }
    }
}
