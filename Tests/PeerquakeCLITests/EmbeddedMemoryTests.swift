import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

@Suite("The memory of embedded clusters", .timeLimit(.minutes(5)))
struct EmbeddedMemoryTests {
    /// A cluster with 60 ConfigMaps of 200 kB; prints the resident kilobytes of its process before it is asked for lists,
    /// the most that it ever took while four clients asked for all of them again and again, and the bytes of a list.
    private static func script(_ program: String, _ folder: String, _ config: String) -> String {
        """
        set -eu
        cd '\(folder)'
        sleep 280 | {
            echo $BASHPID >host
            exec '\(program)' embedded --until-eof --config '\(config)' --kubeconfig kc
        } >log 2>&1 &
        trap 'kill $(cat host)' EXIT
        for _ in $(seq 300); do [ -s kc ] && break; sleep 0.1; done
        authority=$(grep -o '127[0-9.]*:[0-9]*' kc | head -n 1)
        # send METHOD PATH BODY
        send() {
            exec 3<>"/dev/tcp/${authority%:*}/${authority#*:}"
            printf '%s %s HTTP/1.1\\r\\nHost: %s\\r\\nContent-Type: application/json\\r\\n' "$1" "$2" "$authority" >&3
            printf 'Content-Length: %s\\r\\nConnection: close\\r\\n\\r\\n%s' "${#3}" "$3" >&3
            cat <&3
            exec 3>&-
        }
        memory() { sed -n "s/^$1:[^0-9]*\\\\([0-9]*\\\\).*/\\\\1/p" "/proc/$(cat host)/status"; }
        text=$(head -c 200000 /dev/zero | tr '\\0' x)
        for number in $(seq 60); do
            send POST /api/v1/namespaces/default/configmaps \
                '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c'$number'"},"data":{"a":"'$text'"}}' >answer
        done
        sleep 1
        memory VmRSS
        for _ in $(seq 5); do
            clients=()
            for client in 1 2 3 4; do
                send GET /api/v1/configmaps '' >"list$client" &
                clients+=($!)
            done
            wait "${clients[@]}"
        done
        memory VmHWM
        wc -c <list4
        """
    }

    @Test(
        "does not grow with the length of lists, nor with the number of clients that ask for them",
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status")))
    func bounded() async throws {
        let folder = try TemporaryDirectory()
        let config = BuiltCommand.root.appending(path: "kind-configs/quick-east.yaml").path
        let script = Self.script(try BuiltCommand.path(), folder.path, config)
        let result = try await Command(["bash", "-c", script]).run(timeout: .seconds(270))
        try #require(result.succeeded, "\(result.standardError)")
        let numbers = result.standardOutput.split(separator: "\n").compactMap { Int($0) }
        try #require(numbers.count == 3, "\(result.standardOutput)")
        #expect(numbers[2] > 12_000_000, "the lists are large: \(numbers[2]) bytes")
        // Making the objects took some too: the most that was ever taken counts from before the lists.
        #expect(numbers[1] - numbers[0] < 12 * 1024, "\(numbers[0]) kB before, \(numbers[1]) kB at the most")
    }
}
