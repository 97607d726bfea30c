// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors where scripts/test builds, so that a newer compiler breaks nobody else's build.
let strict: [SwiftSetting] =
    Context.environment["PEERQUAKE_STRICT"] == "1" ? [.treatAllWarnings(as: .error)] : []

let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ] + strict

/// What scripts/package says of the sources that it builds, for --version. Settings of a C target: another commit
/// compiles that one file, and what names a version, again.
let origin: [CSetting] = ["PEERQUAKE_COMMIT", "PEERQUAKE_DATE"].compactMap { name in
    Context.environment[name].map { .define(name, to: "\"\($0)\"") }
}

/// A library target of this package. What it may import is in docs/architecture.md; a target may import what stands below them.
func library(
    _ name: String, _ dependencies: [String], products: [Target.Dependency] = [], resources: [Resource]? = nil
) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .byName(name: $0) } + products, resources: resources,
        swiftSettings: settings)
}

/// The test target of a library, with the fixtures that stand beside its sources.
func tests(
    _ name: String, of dependencies: [String], products: [Target.Dependency] = [], copying fixtures: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: (dependencies + ["QuakeTestSupport"]).map { .byName(name: $0) } + products,
        resources: fixtures.map { .copy($0) }, swiftSettings: settings)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2: Target.Dependency = .product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK: Target.Dependency = .product(name: "NIOHPACK", package: "swift-nio-http2")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")

let package = Package(
    name: "peerquake",
    products: [
        .executable(name: "peerquake", targets: ["peerquake"]),
        .executable(name: "peerquake-agent", targets: ["peerquake-agent"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLinux"),

        .target(name: "CBuild", cSettings: origin),
        library("QuakeVersion", ["CBuild"]),

        library("QuakeBase", []),
        library("QuakeRecord", ["QuakeBase"]),
        library("QuakeHTTP", [], products: [nioCore, nioHTTP1]),
        library("QuakeCurl", ["CLibCurl", "QuakeBase"]),
        library("QuakeYAML", ["CLibYAML"]),
        library("QuakeKube", ["QuakeCurl", "QuakeYAML", "QuakeBase"], products: [subprocess, systemPackage]),
        library("QuakeProbe", ["QuakeCurl", "QuakeRecord", "QuakeBase", "CLinux"]),

        // What a pod of the stand-in runs. Nothing of it knows a plan or a run.
        library("QuakeMesh", ["QuakeKube"]),
        library(
            "QuakeMeshAgent", ["QuakeMesh", "QuakeHTTP", "QuakeKube", "QuakeRecord", "QuakeBase"],
            products: [nioCore, nioPosix, nioHTTP1, nioHTTP2, nioHPACK]),
        library("QuakeProbeWire", ["QuakeMesh", "QuakeRecord"]),
        library(
            "QuakeProbePod",
            ["QuakeProbeWire", "QuakeProbe", "QuakeMeshAgent", "QuakeHTTP", "QuakeRecord", "QuakeBase"],
            products: [nioHTTP1, systemPackage]),

        library("QuakePlan", ["QuakeYAML", "QuakeRecord", "QuakeBase"]),
        // The repository's Plans and kind-configs, to which it has links, compiled in: an installed binary is enough.
        library("QuakeShipped", [], resources: [.embedInCode("Plans"), .embedInCode("kind-configs")]),
        library("QuakePlanFiles", ["QuakePlan", "QuakeShipped"]),
        library("QuakeKindConfig", ["QuakeYAML", "QuakePlan", "QuakeBase"]),
        library("QuakeTimeline", ["QuakePlan", "QuakeRecord"]),
        library("QuakeArchive", ["QuakeTimeline", "QuakePlan"], products: [grdb]),
        library("QuakeAnalysis", ["QuakeTimeline", "QuakeBase"]),
        // Links to the pages of docs, compiled in.
        library("QuakeDocs", [], resources: [.embedInCode("Pages")]),
        library(
            "QuakeReport", ["QuakeAnalysis", "QuakeAudit", "QuakePlan", "QuakeTimeline"], products: [mustache],
            // Compiled in: one binary must do, so nothing may look for a bundle beside it.
            resources: ["page.css", "timeline.css", "timeline.js", "comparison.css", "history.css"].map {
                .embedInCode("Assets/\($0)")
            }),

        library("QuakeCluster", ["QuakePlan", "QuakeKube", "QuakeRecord", "QuakeBase"]),
        library("QuakeManifests", ["QuakeMesh", "QuakeKube", "QuakeRecord", "QuakeBase"]),
        library(
            "QuakeAudit",
            [
                "QuakeAnalysis", "QuakeCluster", "QuakeDecoding", "QuakeKube", "QuakeMesh", "QuakePlan", "QuakeRecord",
                "QuakeSim", "QuakeBase",
            ]),
        library("QuakeMeshInstall", ["QuakeMesh", "QuakeKube", "QuakeCurl", "QuakeBase"]),
        library(
            "QuakePeering",
            ["QuakeMesh", "QuakeCluster", "QuakeKube", "QuakeCurl", "QuakePlan", "QuakeRecord", "QuakeBase"]),
        library(
            "QuakeRemoteProbe",
            ["QuakeProbeWire", "QuakeProbe", "QuakeMesh", "QuakeCluster", "QuakeKube", "QuakeRecord", "QuakeBase"]),
        library("QuakeRun", ["QuakeCluster", "QuakeProbe", "QuakeArchive", "QuakeBase"]),

        library("QuakeSim", ["QuakeBase"], products: [heap]),
        library("QuakeDecoding", ["QuakeSim", "QuakeKube", "QuakeBase"]),
        library(
            "QuakeEmbedded",
            [
                "QuakeSim", "QuakeDecoding", "QuakeKindConfig", "QuakeMesh", "QuakeMeshAgent", "QuakeHTTP",
                "QuakeCluster", "QuakeKube", "QuakeBase",
            ],
            products: [nioCore, nioPosix, nioHTTP1, logging]),
        library(
            "QuakeKind",
            [
                "QuakeKindConfig", "QuakeCluster", "QuakeMesh", "QuakeMeshInstall", "QuakePlan", "QuakeKube",
                "QuakeBase",
            ]),

        library(
            "QuakeShell", ["QuakeAnalysis", "QuakeArchive", "QuakeMeshInstall", "QuakePlan", "QuakeTimeline"],
            products: [argumentParser]),
        library(
            "QuakeEnvironment",
            [
                "QuakeShell", "QuakeArchive", "QuakeCluster", "QuakeEmbedded", "QuakeKind", "QuakeKube", "QuakeMesh",
                "QuakeMeshInstall", "QuakePeering", "QuakePlan", "QuakeShipped", "QuakeYAML", "QuakeBase",
                "QuakeTimeline",
            ], products: [subprocess, systemPackage]),

        .executableTarget(
            name: "peerquake",
            dependencies: [
                "QuakeShell", "QuakeEnvironment", "QuakeVersion", "QuakeBase", "QuakePlan", "QuakePlanFiles",
                "QuakeShipped", "QuakeTimeline", "QuakeArchive", "QuakeProbe", "QuakeKube", "QuakeMesh",
                "QuakeMeshAgent", "QuakeMeshInstall", "QuakeManifests", "QuakeRecord", "QuakePeering", "QuakeCluster",
                "QuakeRemoteProbe", "QuakeEmbedded", "QuakeKind", "QuakeRun", "QuakeAnalysis", "QuakeAudit",
                "QuakeReport", "QuakeHTTP", "QuakeDocs", argumentParser, logging, subprocess, systemPackage, nioCore,
                nioPosix, nioHTTP1,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "peerquake-agent",
            dependencies: ["QuakeMeshAgent", "QuakeKube", "QuakeProbePod", "QuakeVersion", argumentParser],
            swiftSettings: settings),
        // For those who work on Peerquake: no product, so that nothing ships it.
        .executableTarget(
            name: "peerquake-dev",
            dependencies: [
                "QuakeShell", "QuakeEnvironment", "QuakeAnalysis", "QuakeArchive", "QuakeAudit", "QuakeCluster",
                "QuakeKube",
                "QuakePlan", "QuakeBase", "QuakeTimeline", argumentParser,
            ],
            swiftSettings: settings),

        .executableTarget(
            name: "truth",
            dependencies: [
                "QuakeProbe", "QuakeAnalysis", "QuakeTimeline", "QuakePlan", "QuakeBase", "CLinux", argumentParser,
            ],
            path: "Benchmarks/Truth", swiftSettings: settings),
        .executableTarget(
            name: "bench", dependencies: ["QuakeCurl", "QuakeBase", "CLinux", argumentParser],
            path: "Benchmarks/Bench", swiftSettings: settings),
        .executableTarget(
            name: "generate",
            dependencies: ["QuakeArchive", "QuakeKube", "QuakePlan", "QuakeTimeline", "QuakeBase", argumentParser],
            path: "Benchmarks/Generate", swiftSettings: settings),

        .executableTarget(
            name: "power", dependencies: ["QuakeAnalysis", "QuakeBase", argumentParser], path: "Benchmarks/Power",
            exclude: ["gateway-kill.json"], swiftSettings: settings),

        .target(
            name: "QuakeTestSupport", dependencies: ["CLinux"], path: "Tests/QuakeTestSupport", swiftSettings: settings),
        tests("QuakeBaseTests", of: ["QuakeBase"]),
        tests("QuakeHTTPTests", of: ["QuakeHTTP"], products: [nioCore, nioPosix, nioHTTP1]),
        tests("QuakeYAMLTests", of: ["QuakeYAML"]),
        tests(
            "QuakePlanTests", of: ["QuakePlan", "QuakePlanFiles", "QuakeRecord", "QuakeShipped", "QuakeYAML"],
            copying: ["Fixtures"]),
        tests("QuakeKindConfigTests", of: ["QuakeKindConfig", "QuakeBase"]),
        tests(
            "QuakeManifestsTests",
            of: ["QuakeManifests", "QuakeKindConfig", "QuakeKube", "QuakeRecord", "QuakeYAML"], copying: ["Fixtures"]),
        tests(
            "QuakeArchiveTests", of: ["QuakeArchive", "QuakeTimeline", "QuakePlan"], products: [grdb],
            copying: ["Fixtures"]),
        tests("QuakeProbeTests", of: ["QuakeProbe", "QuakeTimeline", "QuakePlan", "QuakeBase"]),
        tests("QuakeKubeTests", of: ["QuakeKube", "QuakeBase"]),
        tests("QuakeClusterTests", of: ["QuakeCluster", "QuakePlan", "QuakeKube", "QuakeBase"]),
        tests("QuakeSimTests", of: ["QuakeSim", "QuakeBase"], copying: ["Fixtures"]),
        tests(
            "QuakeEmbeddedTests",
            of: [
                "QuakeEmbedded", "QuakeSim", "QuakeManifests", "QuakeMesh", "QuakeMeshAgent", "QuakeMeshInstall",
                "QuakePeering", "QuakeCluster", "QuakePlan", "QuakeKube", "QuakeRecord", "QuakeYAML", "QuakeRun",
                "QuakeArchive",
                "QuakeTimeline", "QuakeProbe", "QuakeBase",
            ],
            products: [logging, nioCore, nioPosix], copying: ["Fixtures"]),
        tests(
            "QuakeMeshAgentTests",
            of: ["QuakeMeshAgent", "QuakeMesh", "QuakeRecord", "QuakeAnalysis", "QuakeBase", "QuakeKube"],
            products: [nioCore, nioEmbedded, nioPosix, nioHPACK]),
        tests(
            "QuakePeeringTests",
            of: [
                "QuakePeering", "QuakeMesh", "QuakeMeshAgent", "QuakeMeshInstall", "QuakeCluster", "QuakePlan",
                "QuakeHTTP", "QuakeKube", "QuakeEmbedded", "QuakeRecord", "QuakeBase",
            ], products: [nioHTTP1, logging], copying: ["Fixtures"]),
        tests(
            "QuakeRemoteProbeTests",
            of: [
                "QuakeRemoteProbe", "QuakeProbePod", "QuakeProbeWire", "QuakeCluster", "QuakeCurl", "QuakeHTTP",
                "QuakeKube", "QuakeMeshAgent", "QuakePlan", "QuakeProbe", "QuakeTimeline", "QuakeBase",
            ], products: [nioHTTP1]),
        tests(
            "QuakeKindTests", of: ["QuakeKind", "QuakePeering", "QuakeCluster", "QuakePlan", "QuakeKube"],
            copying: ["Fixtures"]),
        tests("EngineTests", of: ["QuakeKind", "QuakeProbe", "QuakeTimeline", "QuakePlan"]),
        tests("LiveKindTests", of: ["QuakeKind", "QuakeCluster", "QuakePlan", "QuakeKube"]),
        tests(
            "QuakeRunTests",
            of: [
                "QuakeRun", "QuakeCluster", "QuakePlan", "QuakeKube", "QuakeArchive", "QuakeTimeline", "QuakePeering",
                "QuakeAnalysis",
            ]),
        tests(
            "QuakeAuditTests",
            of: [
                "QuakeAudit", "QuakeManifests", "QuakeMesh", "QuakeMeshAgent", "QuakeCluster", "QuakeDecoding",
                "QuakeKindConfig", "QuakePlan", "QuakeSim", "QuakeKube", "QuakeRecord", "QuakeBase",
            ], copying: ["Fixtures"]),
        tests("QuakeAnalysisTests", of: ["QuakeAnalysis", "QuakeTimeline", "QuakePlan", "QuakeBase"]),
        tests(
            "QuakeReportTests",
            of: ["QuakeReport", "QuakeAnalysis", "QuakeAudit", "QuakeKube", "QuakeTimeline", "QuakePlan"],
            copying: ["Snapshots"]),
        tests(
            "PeerquakeCLITests",
            of: [
                "peerquake", "QuakeArchive", "QuakeKube", "QuakePlan", "QuakePlanFiles", "QuakeTimeline",
                "QuakeAnalysis", "QuakeAudit", "QuakeReport", "QuakeVersion", "QuakeDocs", "QuakeProbe", "QuakeShell",
                "QuakeEnvironment",
            ], products: [argumentParser]),
        tests(
            "QuakeEnvironmentTests",
            of: ["QuakeEnvironment", "QuakeKube", "QuakeShell", "QuakeTimeline", "QuakeYAML"]),
        tests("ProjectTests", of: []),
    ]
)
