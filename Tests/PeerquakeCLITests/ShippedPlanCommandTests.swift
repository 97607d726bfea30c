import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// The built command in a folder with nothing in it, as after an installation.
@Suite("In an empty folder", .timeLimit(.minutes(3)))
struct ShippedPlanCommandTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// Runs a script there, in which `$peerquake` is the command.
    private func shell(_ script: String) async throws -> CommandResult {
        let lines = "cd \(folder.path)\npeerquake=\(try BuiltCommand.path())\n\(script)"
        return try await Command(["bash", "-c", lines]).run(timeout: .seconds(120))
    }

    private var contents: [String] {
        ((try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }

    @Test("plans are listed, with what each is about")
    func list() async throws {
        let result = try await shell("$peerquake plans list")
        #expect(result.exitCode == 0, "\(result.standardError)")
        let lines = result.standardOutput.split(separator: "\n")
        #expect(lines.count == 67)
        #expect(lines.contains { $0.hasPrefix("quickstart ") && $0.contains("Drain one gateway node") })
        #expect(lines.contains { $0.hasPrefix("kind-configs/east.yaml ") && $0.contains("Kubernetes' own timings") })
        // Every line says more than a name.
        #expect(lines.allSatisfy { $0.contains("  ") }, "\(result.standardOutput)")
    }

    @Test(
        "a plan, a manifest and a kind config are shown as they are",
        arguments: [
            ("quickstart", "Plans/quickstart.yaml"), ("Plans/quickstart.yaml", "Plans/quickstart.yaml"),
            ("manifests/istiod-2.yaml", "Plans/manifests/istiod-2.yaml"),
            ("kind-configs/west.yaml", "kind-configs/west.yaml"),
        ])
    func show(name: String, path: String) async throws {
        let result = try await shell("$peerquake plans show \(name)")
        #expect(result.exitCode == 0, "\(result.standardError)")
        let text = try String(contentsOf: BuiltCommand.root.appending(path: path), encoding: .utf8)
        #expect(result.standardOutput == text)
    }

    @Test("an unknown name is refused with the nearest one")
    func unknown() async throws {
        for command in ["plans show quikstart", "plans copy quikstart"] {
            let result = try await shell("$peerquake \(command)")
            #expect(result.exitCode == 64)
            #expect(result.standardError.contains("did you mean \"quickstart\"?"), "\(result.standardError)")
        }
        #expect(contents.isEmpty)
    }

    @Test("a copied plan comes with what it applies, and is valid there")
    func copy() async throws {
        let result = try await shell("$peerquake plans copy rolling-upgrade && $peerquake validate Plans/*.yaml")
        #expect(result.exitCode == 0, "\(result.standardError)")
        #expect(result.standardOutput.contains("Plans/rolling-upgrade.yaml: ok"))
        #expect(
            contents == [
                "Plans", "Plans/manifests", "Plans/manifests/gateway-pdb-one.yaml", "Plans/rolling-upgrade.yaml",
            ])
    }

    @Test("all are copied where none is named")
    func copyAll() async throws {
        let result = try await shell(
            "$peerquake plans copy --to deep/down && diff -r deep/down/Plans \(BuiltCommand.root.path)/Plans "
                + "&& diff -r deep/down/kind-configs \(BuiltCommand.root.path)/kind-configs")
        #expect(result.exitCode == 0, "\(result.standardOutput)\(result.standardError)")
    }

    @Test("a copy replaces nothing that differs, unless it is forced to")
    func keep() async throws {
        let changed = "$peerquake plans copy quickstart && echo '# mine' >>Plans/quickstart.yaml"
        let refused = try await shell("\(changed)\n$peerquake plans copy quickstart node-blip")
        #expect(refused.exitCode == 64)
        #expect(refused.standardError.contains("Plans/quickstart.yaml: it is there, and differs"))
        #expect(contents == ["Plans", "Plans/quickstart.yaml"])
        let forced = try await shell(
            "$peerquake plans copy quickstart node-blip --force && tail -n 1 Plans/quickstart.yaml")
        #expect(forced.exitCode == 0 && !forced.standardOutput.contains("# mine"), "\(forced.standardError)")
        let again = try await shell("$peerquake plans copy quickstart")
        #expect(again.exitCode == 0 && again.standardOutput.isEmpty, "\(again.standardError)")
        #expect(again.standardError.contains("Plans/quickstart.yaml: it is there already"))
    }

    @Test("plans are validated and outlined by name, and a file of that name wins")
    func names() async throws {
        let shipped = try await shell("$peerquake validate quickstart checks/loss")
        #expect(shipped.exitCode == 0, "\(shipped.standardError)")
        #expect(shipped.standardOutput.contains("quickstart: ok") && shipped.standardOutput.contains("checks/loss: ok"))
        let outline = try await shell("$peerquake run quickstart --dry-run")
        #expect(outline.exitCode == 0 && outline.standardOutput.contains("expected length: at least"))
        let file = try await shell("echo 'kind: Nonsense' >quickstart; $peerquake run quickstart --dry-run")
        #expect(file.exitCode == 64 && file.standardError.contains("quickstart:1:"), "\(file.standardError)")
        let soak = try await shell("$peerquake soak quickstart --for 1h")
        #expect(soak.exitCode == 64 && soak.standardError.contains("quickstart:1:"), "\(soak.standardError)")
    }

    @Test("a problem of a plan's values is reported with the plan's name", arguments: ["run", "soak --for 1h"])
    func problems(command: String) async throws {
        let result = try await shell("$peerquake \(command) node-blip --set short=soon")
        #expect(result.exitCode == 64)
        #expect(result.standardError.contains("node-blip:"), "\(result.standardError)")
    }

    @Test("clusters are made of the pair in the program, and what a plan applies is tried on them")
    func clusters() async throws {
        let quick = try await shell("$peerquake run rolling-upgrade --dry-run --timing quick --set peering=NodePort")
        #expect(quick.exitCode == 0, "\(quick.standardError)")
        #expect(quick.standardOutput.contains("on west: west-worker"), "\(quick.standardOutput)")
        #expect(quick.standardOutput.contains("manifests/gateway-pdb-one.yaml"), "\(quick.standardOutput)")
        #expect(contents.isEmpty)
    }

    @Test("each timing is that of its kind configs", arguments: [("", "4s"), ("--timing real", "50s")])
    func timings(option: String, period: String) async throws {
        let script = """
            sleep 60 | $peerquake embedded --until-eof \(option) --kubeconfig kc >log 2>&1 & host=$!
            for _ in $(seq 300); do [ -s kc ] && break; sleep 0.1; done
            KUBECONFIG=kc kubectl --context west -n kube-system get pods -o yaml | grep -o 'node-monitor-grace-period=.*'
            pkill -P $$ sleep
            wait $host
            cat log >&2
            """
        let result = try await shell(script)
        #expect(
            result.standardOutput.contains("node-monitor-grace-period=\(period)"),
            "\(result.standardOutput)\(result.standardError)")
    }

    @Test(
        "a timing is refused where clusters have their own",
        arguments: [
            ["--config", "kind-configs/quick-east.yaml"], ["--env", "kind"], ["--env", "kubeconfig"],
        ])
    func refused(options: [String]) async throws {
        let result = try await shell(
            "$peerquake plans copy >/dev/null && $peerquake run quickstart --timing real \(options.joined(separator: " "))"
        )
        #expect(result.exitCode == 64)
        #expect(result.standardError.contains("--timing real: "), "\(result.standardError)")
    }
}
