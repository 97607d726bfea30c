import QuakeKube
import Testing

@testable import QuakeEmbedded

@Suite("Gateways, their classes and autoscalers")
struct GatewayKindTests {
    @Test("are served, and autoscalers are checked by the server's rules")
    func gateways() async throws {
        let api = try await InProcessAPI()
        let groups = await api.get("/apis")["groups"]?.arrayValue ?? []
        let scaling = groups.first { $0["name"] == "autoscaling" }
        #expect(scaling?[path: "preferredVersion.groupVersion"] == "autoscaling/v2")
        let gateway = try await api.post(
            "/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways",
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: edge}
            spec: {gatewayClassName: c, listeners: [{name: a, port: 80, protocol: HTTP}]}
            """)
        #expect(gateway.code == 201 && gateway.body.metadata["generation"] == 1, "\(gateway.message)")
        let path = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers"
        func scaler(_ spec: String) async throws -> InProcessAPI.Answer {
            try await api.post(
                "\(path)?fieldValidation=Strict",
                "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: edge}, spec: \(spec)}")
        }
        let target = "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: edge}"
        #expect(try await scaler("{\(target), maxReplicas: 0}").causes.contains("spec.maxReplicas FieldValueInvalid"))
        #expect(
            try await scaler("{maxReplicas: 2}").causes == [
                "spec.scaleTargetRef.kind FieldValueRequired", "spec.scaleTargetRef.name FieldValueRequired",
            ])
        #expect(try await scaler("{\(target), maxReplicas: 2, most: 1}").code == 400)
        let made = try await scaler("{\(target), maxReplicas: 2}")
        #expect(made.code == 201 && made.body[path: "spec.minReplicas"] == 1, "\(made.message)")
        #expect(made.warnings == ["not modelled by embedded clusters: spec"])
        await api.stop()
    }
}
