import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// The scripts that install meshes, with programs in place of kubectl, helm and istioctl that keep what they are asked.
@Suite("The scripts that install Istio and Solo", .timeLimit(.minutes(2)))
struct MeshScriptTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    /// No shell leaves these as they are without quotes.
    private static let licence = "lic'ence $HOME \"x\""

    private struct Bench {
        let folder: TemporaryDirectory
        var log: String { (try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? "" }
        var given: String { (try? String(contentsOfFile: folder.path + "/stdin", encoding: .utf8)) ?? "" }
        var environments: String { (try? String(contentsOfFile: folder.path + "/env", encoding: .utf8)) ?? "" }

        init(programs: [String]) throws {
            folder = try TemporaryDirectory()
            let bodies = [
                "kubectl": """
                case "$*" in
                *'get nodes'*) printf 10.0.0.1 ;;
                *'apply -f -'*) cat >/dev/null ;;
                esac
                """,
                "helm": "cat >> \"$(dirname \"$0\")/stdin\"",
                "istioctl": """
                case "$1" in
                version) echo 'client version: 1.29.0' ;;
                remote-clusters) printf 'east x synced\\nwest x synced\\n' ;;
                create-remote-secret) echo 'kind: Secret' ;;
                esac
                """,
                "openssl": "true",
            ]
            for program in programs {
                _ = try folder.script(
                    program,
                    """
                    echo "\(program) $*" >> "$(dirname "$0")/log"
                    env >> "$(dirname "$0")/env"
                    \(bodies[program] ?? "true")
                    """)
            }
        }

        func run(
            _ script: String, _ arguments: [String] = ["east=kind-east", "west=kind-west"],
            environment: [String: String] = [:]
        ) async throws -> CommandResult {
            var variables = environment
            variables["PATH"] = "\(folder.path):/usr/bin:/bin"
            variables["HOME"] = folder.path
            return try await Command(
                ["bash", "-x", MeshScriptTests.root.appending(path: "scripts/\(script)").path] + arguments,
                environment: variables
            ).run(timeout: .seconds(60))
        }
    }

    static let refused: [(script: String, programs: [String], environment: [String: String], words: String)] = [
        ("install-istio", ["kubectl", "openssl"], [:], "istioctl is not on PATH"),
        (
            "install-istio", ["kubectl", "openssl", "istioctl"], ["ISTIO_VERSION": "1.28.1"],
            "istioctl is of version 1.29.0, not 1.28.1"
        ), ("install-solo", ["kubectl", "openssl"], [:], "helm is not on PATH"),
        ("install-solo", ["kubectl", "openssl", "helm"], [:], "istioctl is not on PATH"),
        ("install-solo", ["kubectl", "openssl", "helm", "istioctl"], [:], "SOLO_ISTIO_LICENSE_KEY is not set"),
    ]

    @Test("refuse what lacks a tool, a version or the licence, before any cluster is asked", arguments: refused)
    func refuses(script: String, programs: [String], environment: [String: String], words: String) async throws {
        let bench = try Bench(programs: programs)
        let result = try await bench.run(script, environment: environment)
        #expect(result.exitCode == 64, "\(result.standardError)")
        #expect(result.standardError.contains(words), "\(result.standardError)")
        #expect(!bench.log.contains("kubectl"))
    }

    @Test("give the licence to helm alone, and nowhere else: no argument, no environment, no output, no trace")
    func licenceIsKept() async throws {
        let bench = try Bench(programs: ["kubectl", "helm", "istioctl", "openssl"])
        let result = try await bench.run(
            "install-solo", environment: ["SOLO_ISTIO_LICENSE_KEY": Self.licence, "SOLO_ISTIO_VERSION": "1.29.7-solo"])
        #expect(result.exitCode == 0, "\(result.standardError.suffix(600))")
        let values = bench.given.split(separator: "\n")
        #expect(values.count { $0 == "license: {value: 'lic''ence $HOME \"x\"'}" } == 2)
        for (place, text) in [
            ("arguments", bench.log), ("environments", bench.environments), ("output", result.standardOutput),
            ("trace", result.standardError),
        ] { #expect(!text.contains("lic'ence") && !text.contains("lic''ence"), "in the \(place)") }
        let log = bench.log
        for chart in ["base", "istiod", "cni", "ztunnel"] {
            #expect(log.contains("soloio-img/istio-helm/\(chart) --version 1.29.7-solo"))
        }
        #expect(log.contains("istioctl multicluster link --contexts kind-east,kind-west"))
        #expect(log.contains("annotate --overwrite gateway/istio-remote-peer-west gateway.istio.io/service-account="))
        #expect(
            log.contains("wait gateway/istio-remote-peer-east --for=condition=gloo.solo.io/PeerDataPlaneProgrammed"))
    }

    @Test("peer each cluster with each other one, and remove what they installed")
    func istio() async throws {
        let bench = try Bench(programs: ["kubectl", "istioctl", "openssl"])
        let result = try await bench.run("install-istio")
        #expect(result.exitCode == 0, "\(result.standardError.suffix(600))")
        #expect(result.standardOutput.hasSuffix("Istio 1.29.0 peers east west via LoadBalancer\n"))
        for (peer, name) in [("kind-east", "east"), ("kind-west", "west")] {
            #expect(
                bench.log.contains(
                    "create-remote-secret --context \(peer) --name \(name) --server https://10.0.0.1:6443"))
        }
        let removed = try await bench.run("install-istio", ["--remove", "east=kind-east", "west=kind-west"])
        #expect(removed.exitCode == 0)
        #expect(bench.log.contains("istioctl uninstall --purge --skip-confirmation --context kind-west"))
        #expect(bench.log.contains("delete priorityclass peerquake-prober --ignore-not-found"))
    }
}
