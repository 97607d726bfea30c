import FoundationEssentials
import QuakeAnalysis
import QuakeArchive
import QuakeBase
import QuakeCluster
import QuakeEnvironment
import QuakeKube
import QuakeMesh
import QuakePeering
import QuakePlan
import QuakeProbe
import QuakeRemoteProbe
import QuakeReport
import QuakeRun
import QuakeShell
import QuakeTimeline

/// One run from its clusters to its exit code.
struct RunDriver: Sendable {
    var plan: Plan
    var command: RunOptions
    var id: String
    var directory: String
    /// `nil` where the plan itself says how often.
    var soak: Soak?
    /// Ends the run: by a signal, by its plan, or because its clusters have died.
    var interruption: Interruption

    func run(_ contexts: [String: Kubeconfig.Context], kubeconfig: String) async throws -> PeerquakeExit {
        let environment = Command.inheritedEnvironment
        Leftovers.mark(with: id)
        let clusters = try await EnvironmentClusters.open(contexts, kubeconfig: kubeconfig, cache: directory)
        let fromPods = command.probeFrom == "pod"
        let peering = try await EnvironmentClusters.peering(clusters, mesh: command.mesh, fromPods: fromPods)
        let isOpenSource = (peering as? IstioPeering)?.distribution == .istio
        if command.meshLogs != .unchanged, !isOpenSource {
            throw Failure(
                .usage,
                "--mesh-logs \(command.meshLogs.rawValue): only how open-source Istio's proxies log can be changed")
        }
        let plan = try await KnownFacts.put(into: self.plan, command, clusters, peering)
        try await Capabilities.check(plan, clusters, peering)
        do throws(RunError) {
            try await RightsCheck(
                RightsPlan(
                    plan: plan, clusters: clusters, peering: peering, isIstio: peering is IstioPeering,
                    makesGateways: isOpenSource,
                    probesFromPods: fromPods, meshLogs: command.meshLogs)
            ).run()
        } catch {
            throw Failure(.unavailable, "\(error)")
        }
        try await Capabilities.checkPeering(plan, clusters, peering)
        for finding in try await AppliedManifests.tried(plan, clusters) {
            if case .notTried = finding.verdict { complain("peerquake: \(finding.words)") }
        }
        if peering is IstioPeering, !fromPods {
            throw Failure(
                .usage, "this mesh only carries requests from its own pods",
                hint: "Add --probe-from pod; the prober comes with peerquake mesh install.")
        }
        let broken = fromPods ? try await BreakableNodes.of(plan, clusters, peering) : [:]
        let clock = RunClock()
        let info = RunInfo(
            id: id, planName: plan.name, planPath: plan.path, planSource: plan.source,
            overrides: command.options.overrides + (soak?.overrides ?? []), options: try command.options.values(),
            soak: soak?.kept, seed: plan.seed,
            originUnixNanoseconds: clock.originUnixNanoseconds, environment: command.env,
            cellFacts: plan.cells.compactMap(\.facts), given: command.settings.kept)
        let lanes = LiveLanes { clock.now }
        var metrics: MetricsServer?
        if let address = command.serveMetrics {
            let server = MetricsServer(info, lanes)
            try await server.open(address)
            metrics = server
        }
        let archive = try ArchiveWriter(directory: directory, info: info, attachments: plan.attachments)
        KnownFacts.record(plan, in: archive)
        let view = ProgressView(lanes, id: id, plan: plan, environment: environment, length: soak?.length)
        if clusters.values.contains(where: { $0.power != nil }) { try Watchdog.start(directory) }
        let signals = Signals(interruption)
        complain("run \(id), seed \(plan.seed), archive \(directory)", .info)
        let length = soak.map { "for \($0.text)" } ?? plan.lengthWords
        complain("\(Quantity.count(plan.trials.count, "trial")), \(length)", .info)
        var request = RunRequest(
            plan: plan, id: id, environment: command.env, kubeconfig: kubeconfig,
            contexts: contexts.mapValues(\.name), clusters: clusters,
            peering: peering, archive: archive, clock: clock, interruption: interruption, lanes: lanes,
            listener: { view.heard($0) })
        if fromPods {
            request.remoteProber = { try await RemoteProber(clusters, avoiding: broken, clock: $0, sink: $1) }
        }
        request.meshLogs = command.meshLogs
        request.sharesHost = command.environment.capabilities.contains(.sharesHost)
        if let soak { request.repetition = .lasting(soak.length) }
        if soak != nil || metrics != nil {
            let watch = TrialWatch(
                plan: plan, archive: archive, interruption: interruption, untilFailure: soak?.untilFailure ?? false
            ) { [metrics] findings in
                if soak != nil { view.heard(trial: findings) }
                metrics?.add(findings)
            }
            request.trialEnded = { watch.ended($0, $1) }
        }
        let runner = Runner(request)
        let listener = Waits.Listener { view.heard(wait: $0) }
        let result = await Waits.$listener.withValue(listener) { await runner.run() }
        // What read the mesh's proxies would outlive this process.
        await PortForwards.shared.closeAll()
        // What kubectl kept of the clusters' kinds: nothing of the run.
        try? FileManager.default.removeItem(atPath: "\(directory)/kubectl-cache")
        await metrics?.close()
        view.stop()
        await NotModelledFacts.record(of: clusters, in: archive)
        archive.flush()
        var exit = PeerquakeExit.deciding([try Reporting.findings(directory).exit, result.exit])
        archive.append(Event(at: clock.now, .runFinished(exitCode: exit.rawValue)))
        var problems = [result.error.map { "\($0)" }]
        do {
            try archive.close()
        } catch {
            // What was written is there all the same, and is reported.
            exit = .deciding([exit, .internalError])
            problems.append("\(error)")
        }
        let unwritten = try publish(environment)
        if !unwritten.isEmpty { exit = .deciding([exit, .internalError]) }
        for problem in problems.compactMap({ $0 }) + unwritten { complain("peerquake: \(problem)") }
        withExtendedLifetime(signals) {}
        return exit
    }

    /// - Returns: what of the files that were asked for could not be written, and why.
    private func publish(_ environment: [String: String]) throws -> [String] {
        let findings = try Reporting.findings(directory)
        let report = Reporting.report(of: findings, directory)
        try Reporting.publish(findings, directory, environment: environment)
        do {
            let page = try HTMLReport(report).text()
            try Data(page.utf8).write(to: URL(filePath: "\(directory)/report.html"), options: .atomic)
        } catch {
            complain("peerquake: cannot write \(directory)/report.html: \(error)")
        }
        let unwritten = command.outputs.writeAll(report)
        try Reporting.summarise(findings, environment: environment)
        return unwritten
    }
}

/// What a plan asks for and an environment cannot do, told before anything is changed.
enum Capabilities {
    static func check(_ plan: Plan, _ clusters: [String: Cluster], _ peering: any Peering) async throws {
        for cell in plan.cells {
            for action in actions(of: cell.steps) + cell.always {
                guard case .declared = action else { continue }
                guard let implementation = action.implementation else {
                    throw Failure(
                        .usage, "\(action.name) is not available", hint: "peerquake actions lists what is.")
                }
                if let refusal = implementation.refusal(by: peering) { throw Failure(refusal) }
                for cluster in clusters.values.sorted(by: { $0.name < $1.name })
                where named(action).map({ $0 == cluster.name }) ?? true {
                    if let refusal = try await implementation.refusal(on: cluster) { throw Failure(refusal) }
                }
            }
            guard cell.settings.nodeMonitorGracePeriod != nil else { continue }
            for traffic in cell.traffic { if let server = clusters[traffic.to] { try checkControlPlane(server) } }
        }
    }

    /// What the meshes' objects rule out, as they are now. Reads them, so that the rights to do so are checked before.
    static func checkPeering(_ plan: Plan, _ clusters: [String: Cluster], _ peering: any Peering) async throws {
        do {
            for cell in plan.cells {
                if let method = cell.settings.peering {
                    for peer in Set(cell.traffic.map(\.to)).sorted() {
                        let clients = Set(cell.traffic.filter { $0.to == peer }.map(\.from))
                        guard let refusal = try await peering.refusal(of: method, to: peer, for: clients) else {
                            continue
                        }
                        throw Failure(
                            .usage, "peering \(method.rawValue): \(refusal.message)", hint: refusal.hint)
                    }
                }
                try await checkDialled(cell, clusters, peering)
            }
        } catch let error as KubeError {
            throw Failure(.unavailable, "\(error)")
        } catch let error as ClusterError {
            throw Failure(.unavailable, "\(error)")
        }
    }

    /// Via LoadBalancer clients dial its address, and no node's.
    private static func checkDialled(
        _ cell: Cell, _ clusters: [String: Cluster], _ peering: any Peering
    ) async throws {
        for action in actions(of: cell.steps) + cell.always {
            guard case .select(let cluster, let selector)? = action.nodeTargets, let dialled = selector.dialled else {
                continue
            }
            var methods: Set<PeeringMethod> = []
            for traffic in cell.traffic where traffic.to == cluster {
                if let method = cell.settings.peering {
                    methods.insert(method)
                } else if let client = clusters[traffic.from] {
                    methods.insert(try await peering.method(from: client, to: cluster))
                }
            }
            guard !methods.contains(.nodePort) else { continue }
            throw Failure(
                .usage,
                "\(action.name): nodes: {dialled: \(dialled)}: clients dial nodes of \(cluster) only via NodePort",
                hint: "--set peering=NodePort, or nodes: {hosting: gateway, count: 1}.")
        }
    }

    private static func checkControlPlane(_ cluster: Cluster) throws {
        if cluster.controlPlane == nil { throw Failure(ClusterError.noFlags(of: cluster.name)) }
    }

    /// The cluster that an action works on; `nil` where it takes over another step's targets.
    private static func named(_ action: Action) -> String? {
        if case .select(let cluster, _) = action.nodeTargets { return cluster }
        return action.namedCluster
    }

    static func actions(of steps: [Step]) -> [Action] {
        steps.flatMap { step -> [Action] in
            switch step.body {
            case .action(let action): [action]
            case .parallel(let children): actions(of: children)
            }
        }
    }
}

extension Failure {
    /// What an environment cannot do.
    fileprivate init(_ refusal: ClusterError) { self.init(.usage, refusal.message, hint: refusal.hint) }
}
