import QuakeCluster
import QuakeKind
import QuakeKube
import QuakePlan
import QuakeTestSupport
import Synchronization
import Testing

/// An engine that says what a transcript says, and keeps what it was asked.
private final class Transcript: Sendable {
    let asked = Mutex<[String]>([])
    private let name: String
    private let answers: @Sendable (String) -> String

    init(_ name: String = "docker", _ answers: @escaping @Sendable (String) -> String) {
        self.name = name
        self.answers = answers
    }

    var engine: ContainerEngine {
        ContainerEngine(name) { arguments, _ in
            let line = arguments.joined(separator: " ")
            self.asked.withLock { $0.append(line) }
            var result = CommandResult(arguments: [self.name] + arguments, environment: [:], exitCode: 0, began: 0)
            result.standardOutput = self.answers(line)
            return result
        }
    }

    /// What was asked besides looking.
    var changes: [String] { asked.withLock { $0.filter { !$0.hasPrefix("inspect") && !$0.contains("systemctl is-") } } }
}

private func inspected(running: Bool = true, paused: Bool = false, network: Bool = true) -> String {
    let networks = network ? "{\"kind\":{\"IPAddress\":\"172.18.0.4\"}}" : "{}"
    return "[{\"State\":{\"Running\":\(running),\"Paused\":\(paused)},\"NetworkSettings\":{\"Networks\":\(networks)}}]"
}

@Suite("The power of kind's nodes")
struct KindPowerTests {
    private static let quiet =
        "iptables -w 5 -t raw -I PREROUTING ! -i lo -j DROP && ip6tables -w 5 -t raw -I PREROUTING ! -i lo -j DROP"
        + " && iptables -w 5 -t mangle -I POSTROUTING ! -o lo -j DROP && ip6tables -w 5 -t mangle -I POSTROUTING ! -o lo -j DROP"

    static let deaths: [(KillMethod, [String])] = [
        (.powerOff, ["exec w sh -c \(quiet)", "kill -s KILL w"]), (.killContainer, ["kill -s KILL w"]),
        (.pause, ["pause w"]),
        (
            .disconnect,
            [
                "exec w sh -c ip -4 route show | grep ' via ' > /run/peerquake-routes || true",
                "inspect --type container w", "network disconnect kind w",
                "exec w sh -c ip -o -4 addr show | grep -F ' 172.18.0.4/' | "
                    + "while read -r _ name _; do ip link delete \"$name\"; done",
            ]
        ), (.stopKubelet, ["exec w sh -c systemctl stop kubelet"]),
    ]

    @Test("is cut by these commands, in this order", arguments: deaths)
    func kills(how: KillMethod, commands: [String]) async throws {
        let transcript = Transcript { $0.hasPrefix("inspect") ? inspected() : "" }
        try await KindPower(transcript.engine).kill("w", how: how)
        #expect(transcript.asked.withLock { $0 } == commands)
    }

    /// The command with which each death takes effect.
    static let effects: [(KillMethod?, String)] = [
        (.powerOff, "exec w sh -c \(quiet)"), (.killContainer, "kill -s KILL w"), (.pause, "pause w"),
        (.disconnect, "network disconnect kind w"), (.stopKubelet, "exec w sh -c systemctl stop kubelet"),
        (nil, "restart w"),
    ]

    @Test("takes effect within the first command that does something to the node", arguments: effects)
    func effect(how: KillMethod?, command: String) async throws {
        let asked = Mutex<[String: (from: Int64, to: Int64)]>([:])
        let engine = ContainerEngine("docker") { arguments, _ in
            let began = EffectInterval.now
            var result = CommandResult(arguments: arguments)
            result.standardOutput =
                arguments.first == "inspect" ? inspected() : "\(arguments)".contains("is-system") ? "running\n" : ""
            asked.withLock { $0[arguments.joined(separator: " ")] = (began, EffectInterval.now) }
            return result
        }
        let power = KindPower(engine)
        let effect =
            if let how { try await power.kill("w", how: how) } else { try await power.restart("w") }
        let call = try #require(asked.withLock { $0[command] })
        #expect(effect.from <= call.from && call.to <= effect.to)
        for (other, times) in asked.withLock({ $0 }) where other != command {
            #expect(times.to <= effect.from || effect.to <= times.from, "\(other)")
        }
    }

    @Test("that was cut, though the engine failed then, is reported as cut; what the engine refused is not")
    func partial() async throws {
        let engine = ContainerEngine("docker") { arguments, _ in
            CommandResult(arguments: arguments, exitCode: arguments.first == "kill" ? 1 : 0)
        }
        let power = KindPower(engine)
        let cut = await #expect(throws: PartialEffect.self) { try await power.kill("w", how: .powerOff) }
        #expect((cut?.cause as? KindError)?.code == .engine)
        let refused = await #expect(throws: KindError.self) { try await power.kill("w", how: .killContainer) }
        #expect(refused?.isRefusal == true)
        #expect(!KindError(.timeout, "").isRefusal)
    }

    static let states: [(state: String, first: [String])] = [
        (inspected(paused: true), ["unpause w"]), (inspected(running: false), ["start w"]),
        (inspected(running: false, network: false), ["network connect kind w", "start w"]),
        (inspected(network: false), ["network connect kind w"]), (inspected(), []),
    ]

    @Test("comes back from each state by what that state needs", arguments: states)
    func restored(state: String, first: [String]) async throws {
        let inspections = Mutex(0)
        let transcript = Transcript { line in
            if line.hasPrefix("inspect") {
                let number = inspections.withLock { count in
                    count += 1
                    return count
                }
                return number == 1 ? state : inspected()
            }
            return line.contains("is-system-running") ? "running\n" : ""
        }
        try await KindPower(transcript.engine).restore("w")
        let changes = transcript.changes
        #expect(changes.starts(with: first))
        #expect(changes.last == "exec w sh -c systemctl start kubelet")
        let rejoins = changes.contains { $0.contains("ip link set eth0 up") }
        #expect(rejoins == (first == ["network connect kind w"]))
    }

    @Test(
        "is whole when it runs, is connected, its kubelet runs and nothing silences it",
        arguments: [
            (inspected(), "active\n", "", true), (inspected(), "inactive\n", "", false),
            (inspected(), "active\n", "silent\n", false), (inspected(running: false), "active\n", "", false),
            (inspected(paused: true), "active\n", "", false), (inspected(network: false), "active\n", "", false),
        ])
    func whole(state: String, kubelet: String, tables: String, isWhole: Bool) async throws {
        let transcript = Transcript { line in
            if line.hasPrefix("inspect") { return state }
            return line.contains("is-active") ? kubelet : tables
        }
        #expect(try await KindPower(transcript.engine).isWhole("w") == isWhole)
    }

    @Test("an engine that fails is reported with its message")
    func failing() async throws {
        let engine = ContainerEngine("docker") { arguments, _ in
            var result = CommandResult(arguments: arguments, environment: [:], exitCode: 1, began: 0)
            result.standardError = "No such container: w"
            return result
        }
        let error = await #expect(throws: KindError.self) { try await KindPower(engine).kill("w", how: .pause) }
        #expect(error.map { "\($0)" }?.contains("docker pause w: No such container: w") == true)
    }

    @Test("is found as kind finds it: by how it identifies itself, in kind's order, or by its variable")
    func engines() async throws {
        let folder = try TemporaryDirectory()
        func found(_ provider: String? = nil) async throws -> String {
            var environment = ["PATH": "/absent:\(folder.path)"]
            environment["KIND_EXPERIMENTAL_PROVIDER"] = provider
            return try await ContainerEngine.detect(environment: environment).name
        }
        _ = try folder.script("podman", "echo podman version 5.4.2")
        #expect(try await found() == "podman")
        // podman's stand-in for docker.
        _ = try folder.script("docker", "echo podman version 5.4.2")
        #expect(try await found() == "podman")
        _ = try folder.script("nerdctl", "echo nerdctl version 2.1.2")
        #expect(try await found() == "nerdctl")
        #expect(try await found("podman") == "podman")
        _ = try folder.script("docker", "echo Docker version 28.1.1, build 4eba377")
        #expect(try await found() == "docker")
        let unknown = await #expect(throws: KindError.self) { try await found("rkt") }
        #expect(unknown?.hint == "Allowed: docker, nerdctl, podman.")
    }

    @Test("that is missing is named with where to get it", arguments: ["docker", "nerdctl", "podman"])
    func missing(name: String) async throws {
        let wanted = await #expect(throws: KindError.self) {
            try await ContainerEngine.detect(environment: ["PATH": "/absent", "KIND_EXPERIMENTAL_PROVIDER": name])
        }
        #expect(wanted?.message == "KIND_EXPERIMENTAL_PROVIDER is \(name), which is not on PATH")
        #expect(wanted?.hint?.hasPrefix("https://") == true)
        let any = await #expect(throws: KindError.self) {
            try await ContainerEngine.detect(environment: ["PATH": "/absent"])
        }
        #expect(any?.hint?.contains("apt-get install docker.io") == true)
    }

    @Test("has kind's network, by the variable that kind reads for it")
    func networks() {
        let environment = ["KIND_EXPERIMENTAL_DOCKER_NETWORK": "a", "KIND_EXPERIMENTAL_PODMAN_NETWORK": "b"]
        func network(_ name: String, _ environment: [String: String]) -> String {
            ContainerEngine(name) { arguments, _ in
                CommandResult(arguments: arguments, environment: [:], exitCode: 0, began: 0)
            }.network(environment: environment)
        }
        #expect(["docker", "podman", "nerdctl"].map { network($0, environment) } == ["a", "b", "kind"])
        #expect(["docker", "podman", "nerdctl"].map { network($0, [:]) } == ["kind", "kind", "kind"])
    }
}

@Suite("The power of kind's nodes under nerdctl, which takes no container off a network")
struct NerdctlPowerTests {
    private static func inspected(running: Bool = true) -> String {
        let networks = running ? "{\"Networks\":{\"unknown-eth0\":{\"IPAddress\":\"10.4.0.3\"}}}" : "null"
        return "[{\"State\":{\"Running\":\(running),\"Paused\":false},\"NetworkSettings\":\(networks)}]"
    }

    private static let replay =
        "while read -r route; do ip route replace $route || true; done < /run/peerquake-routes"

    @Test("disconnects by setting the interface down, and connects by setting it up with its routes")
    func disconnects() async throws {
        let transcript = Transcript("nerdctl") { line in
            line.hasPrefix("inspect") ? Self.inspected() : line.contains("is-system-running") ? "running\n" : ""
        }
        try await KindPower(transcript.engine).kill("w", how: .disconnect)
        #expect(
            transcript.changes == [
                "exec w sh -c ip -4 route show | grep ' via ' > /run/peerquake-routes || true; ip link set eth0 down"
            ])
        transcript.asked.withLock { $0 = [] }
        try await KindPower(transcript.engine).restore("w")
        let first = transcript.changes.first ?? ""
        #expect(first.contains("if [ -f /run/peerquake-routes ]; then\n  ip link set eth0 up"))
        #expect(first.contains(Self.replay))
        #expect(!transcript.changes.contains { $0.hasPrefix("network") })
    }

    @Test("a node that is off is started, and asked nothing before")
    func off() async throws {
        let inspections = Mutex(0)
        let transcript = Transcript("nerdctl") { line in
            guard line.hasPrefix("inspect") else { return line.contains("is-system-running") ? "running\n" : "" }
            let number = inspections.withLock { count in
                count += 1
                return count
            }
            return Self.inspected(running: number > 1)
        }
        try await KindPower(transcript.engine).restore("w")
        #expect(transcript.changes.first == "start w")
    }

    @Test("is whole by the same signs", arguments: [("", true), ("cut\n", false)])
    func whole(cut: String, isWhole: Bool) async throws {
        let transcript = Transcript("nerdctl") { line in
            if line.hasPrefix("inspect") { return Self.inspected() }
            if line.contains("echo cut") { return cut }
            return line.contains("is-active") ? "active\n" : ""
        }
        #expect(try await KindPower(transcript.engine).isWhole("w") == isWhole)
        let state = try await transcript.engine.state("w")
        #expect(state.address(on: "kind") == "10.4.0.3")
    }
}

@Suite("The flags in a static pod's manifest")
struct ManifestFlagsTests {
    private static let manifest = """
        apiVersion: v1
        kind: Pod
        spec:
          containers:
          - command:
            - kube-controller-manager
            - --allocate-node-cidrs=true
            - --node-monitor-grace-period=16s
            - --use-service-account-credentials=true
            image: registry.k8s.io/kube-controller-manager:v1.36.2
            livenessProbe:
              httpGet: {path: /healthz}

        """

    @Test("are read, changed where they stand, added after the last, and taken out")
    func flags() {
        #expect(
            ManifestFlags.read(Self.manifest) == [
                "allocate-node-cidrs": "true", "node-monitor-grace-period": "16s",
                "use-service-account-credentials": "true",
            ])
        let changed = ManifestFlags.setting(["node-monitor-grace-period": "40s"], in: Self.manifest)
        #expect(changed == Self.manifest.replacing("grace-period=16s", with: "grace-period=40s"))
        let without = ManifestFlags.setting(["node-monitor-grace-period": ""], in: Self.manifest)
        #expect(ManifestFlags.read(without)["node-monitor-grace-period"] == nil)
        #expect(without.contains("livenessProbe:\n      httpGet: {path: /healthz}\n"))
        let added = ManifestFlags.setting(["v": "4", "a": "b"], in: Self.manifest)
        #expect(
            added.contains(
                "    - --use-service-account-credentials=true\n    - --a=b\n    - --v=4\n    image: registry"))
        #expect(ManifestFlags.setting(["v": "", "a": ""], in: added) == Self.manifest)
        #expect(ManifestFlags.setting(["absent": ""], in: Self.manifest) == Self.manifest)
    }
}
