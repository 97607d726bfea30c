package import QuakeCluster
package import QuakeKube

/// How the process fares that an embedded cluster lives in, asked over its control API.
package struct EmbeddedStalls: HostStalls {
    private let kube: KubeClient

    package init(_ kube: KubeClient) { self.kube = kube }

    package func stalls(after number: Int) async throws -> [HostStall] {
        let answer = try await kube.raw("GET", "/peerquake.dev/v1/stalls", query: [("after", "\(number)")])
        return (try JSONValue(parsing: answer.body)["items"]?.arrayValue ?? []).compactMap { item in
            guard let number = item["number"]?.intValue, let from = item["from"]?.intValue,
                let to = item["to"]?.intValue
            else { return nil }
            return HostStall(number: number, from: Int64(from), to: Int64(to))
        }
    }
}
