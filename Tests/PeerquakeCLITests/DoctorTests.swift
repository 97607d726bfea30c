import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// `peerquake doctor` where this machine has what a test gives it.
@Suite("doctor")
struct DoctorTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func doctor(_ provider: String? = nil) async throws -> CommandResult {
        var environment = Command.inheritedEnvironment
        environment["PATH"] = folder.path
        environment["KIND_EXPERIMENTAL_PROVIDER"] = provider
        return try await Command([BuiltCommand.path(), "doctor"], environment: environment).run(timeout: .seconds(60))
    }

    private func kubectl() throws {
        _ = try folder.script(
            "kubectl", #"echo '{"clientVersion": {"major": "1", "minor": "34", "gitVersion": "v1.34.1"}}'"#)
    }

    @Test("names each missing tool and how to get it; only kubectl is vital")
    func missing() async throws {
        let bare = try await doctor()
        #expect(bare.exitCode == 69)
        for expected in [
            "missing kubectl", "apt-get install kubernetes-client", "missing container engine",
            "none of docker, nerdctl, podman is on PATH", "apt-get install docker.io", "missing kind",
            "https://kind.sigs.k8s.io/",
        ] { #expect(bare.standardOutput.contains(expected), "\(expected) in \(bare.standardOutput)") }
        try kubectl()
        let enough = try await doctor()
        #expect(enough.exitCode == 0)
        #expect(enough.standardOutput.contains("ok      kubectl"))
    }

    @Test("asks the engine that kind would take, for the images that kind needs")
    func engine() async throws {
        try kubectl()
        _ = try folder.script(
            "podman",
            """
            case $1 in
            -v) echo podman version 5.4.2 ;;
            images) echo docker.io/kindest/node:v1.36.2 ;;
            image) exit 1 ;;
            esac
            """)
        _ = try folder.script("kind", "echo kind v0.32.0 go1.25.4 linux/amd64")
        let result = try await doctor()
        for expected in [
            "ok      container engine                podman version 5.4.2\n",
            "ok      kind                            kind v0.32.0",
            "ok      image kindest/node              docker.io/kindest/node:v1.36.2",
            "missing image peerquake-agent", "scripts/build-agent-image", "fs.inotify.max_user_instances",
            "net.netfilter.nf_conntrack_max",
        ] { #expect(result.standardOutput.contains(expected), "\(expected) in \(result.standardOutput)") }
        _ = try folder.script("podman", "[ $1 = -v ] && echo podman version 5.4.2")
        let empty = try await doctor("podman")
        #expect(empty.standardOutput.contains("podman version 5.4.2, by KIND_EXPERIMENTAL_PROVIDER, does not answer"))
        #expect(empty.exitCode == 0)
        let other = try await doctor("nerdctl")
        #expect(other.standardOutput.contains("KIND_EXPERIMENTAL_PROVIDER is nerdctl, which is not on PATH"))
        #expect(other.standardOutput.contains("github.com/containerd/nerdctl"))
    }

    @Test("says that no node image is there, and what to do without a registry")
    func nodeImage() async throws {
        try kubectl()
        _ = try folder.script("docker", "[ $1 != -v ] || echo Docker version 28.1.1, build 4eba377")
        let result = try await doctor()
        #expect(result.standardOutput.contains("missing image kindest/node              not in the engine"))
        #expect(result.standardOutput.contains("without a registry: docker load, then clusters up --image NAME:TAG"))
    }
}
