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
                *status.images*) printf 'n1 docker.io/istio/pilot:1 docker.io/istio/proxyv2:1\\nn2 istio/ztunnel:1 istio/pilot:1\\n' ;;
                *spec.taints*) printf 'n1:NoSchedule\\nn2:\\nn3:\\nn4:true\\n' ;;
                *'get nodes'*) printf 10.0.0.1 ;;
                *'apply -f -'*) cat >> "$(dirname "$0")/stdin" ;;
                esac
                """,
                "helm": "cat >> \"$(dirname \"$0\")/stdin\"",
                "kind": "true",
                "istioctl": """
                case "$1" in
                manifest) cat "$(dirname "$0")/manifest" 2>/dev/null ;;
                install) for word in "$@"; do [ ! -f "$word" ] || cat "$word" >> "$(dirname "$0")/stdin"; done ;;
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
            environment: [String: String] = [:], isTraced: Bool = true
        ) async throws -> CommandResult {
            var variables = environment
            variables["PATH"] = "\(folder.path):/usr/bin:/bin"
            variables["HOME"] = folder.path
            return try await Command(
                ["bash"] + (isTraced ? ["-x"] : []) + [MeshScriptTests.root.appending(path: "scripts/\(script)").path]
                    + arguments,
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
        for words in [
            "labels: {gateway.istio.io/defaults-for-class: istio-east-west}", "replicas: 2",
            "terminationGracePeriodSeconds: 30", "preStop: {sleep: {seconds: 5}}",
            "defaultPodDisruptionBudget: {enabled: false}", "requests: {cpu: 100m, memory: 256Mi}",
            #"nodeSelector: {node-role.kubernetes.io/control-plane: ""}"#,
        ] { #expect(bench.given.contains(words), "\(words): \(bench.given)") }
        #expect(!bench.log.contains(" scale "))
        let removed = try await bench.run("install-istio", ["--remove", "east=kind-east", "west=kind-west"])
        #expect(removed.exitCode == 0)
        #expect(bench.log.contains("istioctl uninstall --purge --skip-confirmation --context kind-west"))
        #expect(bench.log.contains("delete priorityclass peerquake-prober --ignore-not-found"))
    }

    private static let clusters = ["east=kind-east", "west=kind-west"]

    @Test("leave everything as the charts have it with --stock")
    func stock() async throws {
        let bench = try Bench(programs: ["kubectl", "istioctl", "openssl"])
        let result = try await bench.run("install-istio", ["--stock"] + Self.clusters)
        #expect(result.exitCode == 0, "\(result.standardError.suffix(600))")
        for words in ["defaults-for-class", "defaultPodDisruptionBudget", "nodeSelector"] {
            #expect(!bench.given.contains(words), "\(words)")
        }
        #expect(bench.log.contains("delete configmap peerquake-gateway-defaults --ignore-not-found"))
    }

    @Test("give istioctl what they are given, at each installation, and import archives first")
    func passed() async throws {
        let bench = try Bench(programs: ["kubectl", "istioctl", "openssl", "kind"])
        let overlay = try bench.folder.file("mesh.yaml", "spec: {meshConfig: {defaultProviders: {metrics: []}}}\n")
        let archive = try bench.folder.file("images.tar", "x")
        let result = try await bench.run(
            "install-istio",
            [
                "--set", "meshConfig.accessLogFile=/dev/stdout", "--file", overlay, "--image-archive", archive, "--set",
                "a=b c",
            ]
                + Self.clusters)
        #expect(result.exitCode == 0, "\(result.standardError.suffix(600))")
        let installs = bench.log.split(separator: "\n").filter { $0.hasPrefix("istioctl install") }
        #expect(installs.count == 2)
        for line in installs {
            #expect(line.hasSuffix("--set meshConfig.accessLogFile=/dev/stdout --set a=b c"), "\(line)")
            #expect(line.contains(" -f \(overlay) "))
        }
        let steps = bench.log.split(separator: "\n").filter { $0.hasPrefix("kind") || $0.hasPrefix("istioctl install") }
        #expect(
            steps.prefix(2) == ["east", "west"].map { "kind load image-archive \(archive) --name \($0)" }[...],
            "\(steps)")
    }

    @Test("say which node lacks which image, and end where no registry can have it")
    func images() async throws {
        let bench = try Bench(programs: ["kubectl", "istioctl", "openssl"])
        _ = try bench.folder.file(
            "manifest",
            """
                  image: "docker.io/istio/pilot:1"
                - image: istio/ztunnel:1
                  image: "{{ .ProxyImage }}"
            """)
        let result = try await bench.run("install-istio", isTraced: false)
        #expect(result.exitCode == 0, "\(result.standardError.suffix(600))")
        let said = result.standardError.split(separator: "\n").filter { $0.hasPrefix("east: ") }
        #expect(
            said == [
                "east: node n1 has no image istio/ztunnel:1", "east: node n2 has no image docker.io/istio/pilot:1",
                "east: node n2 has no image docker.io/istio/proxyv2:1",
                "east: they will be pulled; without a registry import them: --image-archive FILE",
            ], "\(said)")
        _ = try bench.folder.file("manifest", "      image: localhost/istio/ztunnel:1\n")
        let local = try await bench.run("install-istio")
        #expect(local.exitCode == 69)
        #expect(local.standardError.contains("east: no registry has these images; import them: --image-archive FILE"))
    }

    static let misused: [(arguments: [String], words: String)] = [
        (["--set"], "--set: a value is missing"), (["--set", "x"], "--set x: KEY=VALUE is meant"),
        (["--file", "/absent"], "--file /absent: no such file"), (["--stok"], "--stok: no such option"),
        (["--image-archive", "/etc/hosts", "east=a", "west=kind-west"], "east (context a) is not a kind cluster"),
    ]

    @Test("refuse options that they cannot follow", arguments: misused)
    func misuse(arguments: [String], words: String) async throws {
        let bench = try Bench(programs: ["kubectl", "istioctl", "openssl"])
        let result = try await bench.run("install-istio", arguments)
        #expect(result.exitCode == 64, "\(result.standardError)")
        #expect(result.standardError.contains(words), "\(result.standardError)")
        #expect(!bench.log.contains("install"))
    }
}
