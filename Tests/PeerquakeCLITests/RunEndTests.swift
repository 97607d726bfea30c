import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClustersAtTheEnd {
    /// The ends of a run that its plan does not ask for, through the built command.
    @Suite("How a run ends")
    struct RunEndTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        @Test(
            "interrupted, it heals and exits with 128 + the signal's number",
            arguments: [("INT", 130 as Int32), ("TERM", 143)])
        func interrupted(signal: String, code: Int32) async throws {
            let plan = try pair.cordon(hold: "100s")
            try await pair.unchanged {
                let result = try await pair.shell(
                    """
                    $run & process=$!
                    applied && kill -\(signal) $process
                    wait $process
                    code=$?
                    $peerquake report $out >$out/again.txt; echo "again: $?" >&2
                    exit $code
                    """, plan: plan)
                #expect(result.exitCode == code, "\(result.standardError)")
                #expect(result.standardOutput.hasPrefix("INTERRUPTED"), "\(result.standardOutput)")
                #expect(result.standardError.contains("healed: uncordon west-"))
                // The archive says so for good.
                #expect(result.standardError.contains("again: \(code)"))
                try await expectEvents(
                    try #require(result.standardError.firstMatch(of: #/run ([^,]+),/#)?.1.description))
            }
        }

        /// Whoever looks at the node sees who cordoned it, and that it was undone.
        private func expectEvents(_ run: String) async throws {
            let events = try await pair.kube("west").list(.events("default")).items.filter {
                $0["message"]?.stringValue?.hasSuffix("(Peerquake, run \(run))") == true
            }
            let node = events.first?[path: "involvedObject.name"]?.stringValue
            #expect(events.compactMap { $0["reason"]?.stringValue }.sorted() == ["Fault", "Healing"])
            #expect(events.allSatisfy { $0[path: "involvedObject.kind"] == "Node" })
            #expect(node?.hasPrefix("west-worker") == true)
            #expect(events.allSatisfy { $0[path: "involvedObject.name"]?.stringValue == node })
        }

        @Test("on clusters that another run holds, it changes nothing, names that run, and exits with 69")
        func locked() async throws {
            let lock = LeaseLock(try pair.kube("west"), holder: "another-run")
            try await lock.acquire()
            let renewing = Task {
                while !Task.isCancelled {
                    try? await lock.renew()
                    try? await Task.sleep(for: .milliseconds(200))
                }
            }
            let plan = try pair.cordon(hold: "100ms")
            // Its own Lease in the other cluster goes again.
            try await pair.unchanged {
                let result = try await pair.shell("$run", plan: plan)
                #expect(result.exitCode == 69)
                #expect(result.standardError.contains("west: "), "\(result.standardError)")
                #expect(result.standardError.contains("another-run holds it"), "\(result.standardError)")
            }
            renewing.cancel()
            await renewing.value
            try await lock.release()
        }

        @Test(
            "without a cluster to reach, it exits with 69 and names the cluster", arguments: ["embedded", "kubeconfig"])
        func unreachable(environment: String) async throws {
            // Port 9 of loopback: nobody discards there.
            let server = Kubeconfig.Cluster(name: "none", server: "http://127.0.0.1:9")
            let contexts = ["east", "west"].map { Kubeconfig.Context(name: $0, cluster: server) }
            let kubeconfig = try pair.folder.file("none", Kubeconfig(contexts: contexts).yaml())
            let result = try await Command([
                BuiltCommand.path(), "run", pair.cordon(hold: "100ms"), "--env", environment, "--kubeconfig",
                kubeconfig,
                "--out", "\(pair.folder.path)/none-\(environment)",
            ]).run(timeout: .seconds(60))
            #expect(result.exitCode == 69)
            #expect(result.standardError.contains("peerquake: east: "), "\(result.standardError)")
            #expect(result.standardOutput.isEmpty)
        }

        @Test(
            "that loses a cluster's lock leaves that cluster alone, heals the other, and exits with 69; recover does the rest"
        )
        func lockLost() async throws {
            let plan = try pair.cordonBoth(hold: "60s")
            let script = """
                lease() { kubectl --kubeconfig \(pair.kubeconfig) --context west -n kube-system "$@"; }
                cordoned() {
                    kubectl --kubeconfig \(pair.kubeconfig) --context $1 get nodes \
                        -o jsonpath='{.items[?(@.spec.unschedulable)].metadata.name}'
                }
                $run & process=$!
                for _ in $(seq 600); do [ -n "$(cordoned east)" ] && [ -n "$(cordoned west)" ] && break; sleep 0.1; done
                lease patch lease peerquake-run --type merge -p '{"spec":{"holderIdentity":"another-run"}}' >&2
                wait $process
                code=$?
                echo "east: $(cordoned east); west: $(cordoned west)" >&2
                lease delete lease peerquake-run >&2
                $peerquake recover $out >&2; echo "recover: $?" >&2
                exit $code
                """
            try await pair.unchanged {
                let result = try await pair.shell(script, plan: plan)
                #expect(result.exitCode == 69, "\(result.standardError)")
                #expect(result.standardError.contains("the lock of this run is lost: another-run has taken it over"))
                #expect(
                    result.standardError.contains(
                        "uncordon west-worker: not touched: the cluster is held by another-run")
                        || result.standardError.contains(
                            "uncordon west-worker2: not touched: the cluster is held by another-run"),
                    "\(result.standardError)")
                #expect(
                    result.standardError.firstMatch(of: #/east: ; west: west-worker/#) != nil,
                    "\(result.standardError)")
                #expect(result.standardError.contains("recover: 0"), "\(result.standardError)")
            }
        }

        @Test("killed, it is undone from another machine with only a kubeconfig")
        func recoveredElsewhere() async throws {
            let plan = BuiltCommand.root.appending(path: "Tests/Recovery/kill-power-off.yaml").path
            // Of another name for everything, and with a cluster that is gone.
            var contexts = try Kubeconfig.load(path: pair.kubeconfig, environment: [:]).contexts
            for index in contexts.indices { contexts[index].name = "far-\(contexts[index].name)" }
            let far = try pair.folder.file("far", Kubeconfig(contexts: contexts).yaml())
            let west = try pair.kube("west")
            try await pair.unchanged {
                let killed = try await pair.shell(
                    "PEERQUAKE_STOP_AT_TRANSITION=2 $run; code=$?; rm -r $out; exit $code", plan: plan)
                #expect(killed.exitCode == 137, "\(killed.standardError)")
                let kept = try await west.get(.configMap("kube-system", "peerquake-journal"))
                #expect(kept[path: "data"]?["journal.ndjson"]?.stringValue?.contains("power-off west-worker") == true)
                let recover =
                    "cd / && exec env -i PATH=$PATH HOME=/nonexistent \(try BuiltCommand.path()) recover --kubeconfig \(far)"
                let result = try await Command(["bash", "-c", recover]).run(timeout: .seconds(60))
                #expect(result.exitCode == 0, "\(result.standardError)")
                #expect(
                    result.standardOutput.contains("west: undone: power-off west-worker"), "\(result.standardOutput)")
                let again = try await Command(["bash", "-c", recover]).run(timeout: .seconds(60))
                #expect(again.exitCode == 0)
                #expect(again.standardOutput.contains("there is nothing to undo"), "\(again.standardOutput)")
            }
        }

        @Test("while it is in progress, it is not undone from elsewhere")
        func goesOn() async throws {
            let plan = try pair.cordon(hold: "100s")
            try await pair.unchanged {
                let result = try await pair.shell(
                    """
                    $run >/dev/null 2>$out.log & process=$!
                    applied && $peerquake recover --kubeconfig \(pair.kubeconfig)
                    code=$?
                    grep -aq healed $out.log && echo 'undone'
                    kill -TERM $process
                    wait $process
                    exit $code
                    """, plan: plan)
                #expect(result.exitCode == 69, "\(result.standardError)")
                #expect(result.standardError.contains("still renews its Lease"), "\(result.standardError)")
                #expect(!result.standardOutput.contains("undone"))
            }
        }

        @Test(
            "a kubeconfig's cluster that does not answer does not keep another one from being restored, and gives exit code 69"
        )
        func recoveredInPart() async throws {
            let plan = BuiltCommand.root.appending(path: "Tests/Recovery/cordon.yaml").path
            var contexts = try Kubeconfig.load(path: pair.kubeconfig, environment: [:]).contexts
            contexts.append(
                Kubeconfig.Context(
                    name: "gone", cluster: Kubeconfig.Cluster(name: "gone", server: "http://127.0.0.1:9")))
            let kubeconfig = try pair.folder.file("part", Kubeconfig(contexts: contexts).yaml())
            try await pair.unchanged {
                let killed = try await pair.shell("PEERQUAKE_STOP_AT_TRANSITION=2 $run; exit $?", plan: plan)
                #expect(killed.exitCode == 137, "\(killed.standardError)")
                let result = try await Command([BuiltCommand.path(), "recover", "--kubeconfig", kubeconfig])
                    .run(timeout: .seconds(60))
                #expect(result.exitCode == 69)
                #expect(result.standardOutput.contains("west: undone: cordon west-worker"), "\(result.standardOutput)")
                #expect(result.standardError.contains("gone: "), "\(result.standardError)")
            }
        }
    }
}

@Suite("How a run ends whose cluster is gone", .timeLimit(.minutes(3)))
struct LostClusterTests {
    @Test("it exits with 5 after a second signal, whatever else ended it, and says how to heal")
    func cleanUpIncomplete() async throws {
        try await EmbeddedPair.with { pair in
            let result = try await pair.shell(
                """
                $run & process=$!
                applied && kill -KILL \(pair.host) && kill -TERM $process
                # It goes on trying: the cluster may come back.
                sleep 3
                kill -TERM $process && echo 'still healing' >&2
                wait $process
                code=$?
                $peerquake recover $out --within 2s >&2; echo "recover: $?" >&2
                exit $code
                """, plan: try pair.cordon(hold: "100s"))
            #expect(result.exitCode == 5, "\(result.standardError)")
            #expect(result.standardError.contains("still healing"), "\(result.standardError)")
            #expect(result.standardOutput.hasPrefix("CLEAN-UP INCOMPLETE"), "\(result.standardOutput)")
            #expect(result.standardOutput.contains("Heal: peerquake recover \(pair.folder.path)/"))
            #expect(result.standardError.contains("recover: 69"), "\(result.standardError)")
        }
    }
}
