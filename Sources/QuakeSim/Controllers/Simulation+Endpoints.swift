extension Simulation {
    /// Creates or replaces a Service's selector.
    package mutating func put(_ service: Service) {
        var next = service
        next.endpoints = services[service.key]?.endpoints ?? []
        services[service.key] = next
        later(.service(service.key), timings.endpointSync)
    }

    /// Deletes a Service with its endpoints.
    package mutating func removeService(_ key: ObjectKey) { services[key] = nil }

    /// Endpoints of pods that run or ran: those that finished are gone, terminating ones stay until their containers end.
    mutating func syncService(_ key: ObjectKey) {
        guard let service = services[key], !service.selector.isEmpty else { return }
        let selector = LabelSelector(matchLabels: service.selector)
        let endpoints = pods.values
            .filter { $0.key.namespace == key.namespace && !$0.isFinished && $0.started != nil }
            .filter { selector.matches($0.template.labels) }
            .sorted { $0.key < $1.key }
            .map { pod in
                Endpoint(
                    pod: pod.key, node: pod.node ?? "", serving: pod.ready || service.publishesNotReady,
                    terminating: pod.isTerminating)
            }
        guard endpoints != service.endpoints else { return }
        services[key]?.endpoints = endpoints
        if let changed = services[key] { emit(.service(changed)) }
    }
}
