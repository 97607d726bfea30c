import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClusters {
    /// What istiod makes of the gateways' ConfigMap, and what is left of it.
    @Suite("ConfigMaps of a GatewayClass")
    struct GatewayRunTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        @Test("change the gateways and budget them while they are applied; the inverse removes what istiod has made")
        func applied() async throws {
            _ = try pair.folder.file(
                "practices.yaml",
                """
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: practices
                  namespace: istio-system
                  labels: {gateway.istio.io/defaults-for-class: istio-eastwest}
                data:
                  deployment: |
                    spec: {replicas: 3}
                  podDisruptionBudget: |
                    spec: {minAvailable: 3}
                  horizontalPodAutoscaler: |
                    spec: {minReplicas: 3, maxReplicas: 5}
                """)
            let plan = try pair.folder.file(
                "practices-plan.yaml",
                EmbeddedPair.planText(
                    "practices-plan",
                    keys: "expect: [{outcome: {step: emptied, is: blocked}}]",
                    steps: """
                          - {id: practices, apply: {cluster: west, file: practices.yaml},
                             until: {endpoints: {hosting: gateway, ready: 3}, within: 40s}}
                          - {id: emptied, drain: {cluster: west, nodes: {hosting: gateway, count: 1}, timeout: 4s}}
                        """))
            try await pair.unchanged {
                let result = try await pair.shell("$run", plan: plan)
                #expect(result.exitCode == 0, "\(result.standardOutput)\(result.standardError)")
            }
            let kube = try pair.kube("west")
            for (group, version, resource) in [
                ("policy", "v1", "poddisruptionbudgets"), ("autoscaling", "v2", "horizontalpodautoscalers"),
            ] {
                let path = ResourcePath(
                    group: group, version: version, resource: resource, namespace: "istio-eastwest",
                    name: "istio-eastwest")
                #expect(try await kube.find(path) == nil)
            }
        }
    }
}
