import Foundation
import QuakeEnvironment
import QuakeShell
import QuakeTestSupport
import QuakeTimeline
import QuakeYAML
import Testing

/// What is in force of the command line, the environment and `peerquake.yaml`.
@Suite("Settings")
struct SettingsTests {
    private static func value(_ texts: String..., from origin: SettingOrigin) -> SettingValue {
        SettingValue(texts, origin)
    }

    private static let flag = SettingOrigin.option("--x")
    private static let variable = SettingOrigin.variable("X")
    private static let file = SettingOrigin.file("peerquake.yaml", line: 1, column: 2)

    @Test("a flag beats a variable, a variable the file, and the file the default", arguments: Setting.allCases)
    func order(_ setting: Setting) {
        let text = setting == .contexts ? "a=1" : setting == .environment ? "kind" : "x"
        let layers = [Self.flag, Self.variable, Self.file].map { [setting: SettingValue([text], $0)] }
        for first in 0...2 {
            let settings = Settings(Array(repeating: [:], count: first) + layers[first...])
            #expect(settings.texts(setting) == [text])
            #expect(settings.origin(setting) == layers[first][setting]?.origin)
        }
        let nothing = Settings([[:], [:], [:]])
        #expect(nothing.origin(setting) == .standard)
        #expect(nothing.text(setting) == setting.standard)
    }

    @Test("what names clusters does not count where another environment was chosen above it")
    func environment() {
        let file: Settings.Layer = [
            .environment: Self.value("kind", from: Self.file), .contexts: Self.value("east=kind-e", from: Self.file),
            .kubeconfig: Self.value("kc", from: Self.file), .allowContexts: Self.value("prod", from: Self.file),
            .mesh: Self.value("istio", from: Self.file),
        ]
        let other = Settings([[.environment: Self.value("embedded", from: Self.flag)], [:], file])
        for setting in Setting.allCases where setting.isOfEnvironment { #expect(other.texts(setting) == []) }
        #expect(other.text(.mesh) == "istio")
        let same = Settings([[.environment: Self.value("kind", from: Self.flag)], [:], file])
        #expect(same.texts(.contexts) == ["east=kind-e"])
    }

    @Test("configs of the command line hide a kubeconfig of the file, and the other way round")
    func shapes() {
        let below: Settings.Layer = [.kubeconfig: Self.value("kc", from: Self.file)]
        let settings = Settings([[.configs: Self.value("a.yaml", from: Self.flag)], [:], below])
        #expect(settings.text(.kubeconfig) == nil)
        let turned = Settings([
            [.kubeconfig: Self.value("kc", from: Self.flag)], [.configs: Self.value("a", from: Self.file)],
        ])
        #expect(turned.texts(.configs) == [])
    }

    @Test("contexts are joined by cluster, and a file's cluster that a plan does not have is left out")
    func contexts() throws {
        let settings = Settings([
            [.contexts: Self.value("east=a", from: Self.variable)],
            [.contexts: Self.value("east=b", "west=c", "north=d", from: Self.file)],
        ])
        #expect(settings.texts(.contexts) == ["east=a", "west=c", "north=d"])
        #expect(try settings.contexts(of: ["east", "west"]).map(\.text) == ["east=a", "west=c"])
        let given = Settings([[.contexts: Self.value("north=d", from: Self.flag)]])
        #expect(try given.contexts(of: ["east"]).map(\.name) == ["north"])
    }

    @Test(
        "variables are named after the file's keys",
        arguments: [
            (Setting.environment, "PEERQUAKE_ENVIRONMENT"), (.allowContexts, "PEERQUAKE_ALLOW_CONTEXTS"),
            (.probeFrom, "PEERQUAKE_PROBE_FROM"),
        ])
    func variables(_ setting: Setting, _ name: String) { #expect(setting.variable == name) }

    @Test("variables are read, and their problems are reported together")
    func environmentVariables() throws {
        let settings = try Settings(
            flags: [:], folder: "/nonexistent",
            environment: [
                "PEERQUAKE_ENVIRONMENT": "kind", "PEERQUAKE_CONTEXTS": "east=a,west=b", "PEERQUAKE_MESH": "",
            ])
        #expect(settings.environment == .kind)
        #expect(settings.texts(.contexts) == ["east=a", "west=b"])
        #expect(settings.origin(.contexts) == .variable("PEERQUAKE_CONTEXTS"))
        #expect(settings.text(.mesh) == nil)
        let error = #expect(throws: Failure.self) {
            try Settings(flags: [:], environment: ["PEERQUAKE_MESH": "isto", "PEERQUAKE_PROBE_FROM": "pods"])
        }
        #expect(error?.code == .usage)
        #expect(
            error?.message.split(separator: "\n").map { $0.prefix { $0 != ";" } } == [
                "PEERQUAKE_PROBE_FROM: \"pods\" is not known", "PEERQUAKE_MESH: \"isto\" is not known",
            ])
    }

    // MARK: - The file

    @Test("the file's values have their places")
    func file() throws {
        let layer = try ConfigurationFile.read(
            """
            # a team's defaults
            environment: kind
            contexts: {east: kind-e, west: kind-w}
            allowContexts: prod
            mesh: istio
            out: results
            """)
        #expect(layer[.environment] == SettingValue(["kind"], .file("peerquake.yaml", line: 2, column: 14)))
        #expect(layer[.contexts]?.texts == ["east=kind-e", "west=kind-w"])
        #expect(layer[.allowContexts]?.texts == ["prod"])
        #expect(Settings([layer]).origin(.mesh).description == "peerquake.yaml:5:7")
        #expect(Settings([layer]).lines().contains { $0.hasSuffix("peerquake.yaml:6:6") && $0.hasPrefix("out ") })
    }

    @Test("an empty file gives nothing", arguments: ["", "# nothing yet\n", "~\n", "{}"])
    func empty(_ text: String) throws { #expect(try ConfigurationFile.read(text) == [:]) }

    /// What is wrong, and what must be said of it.
    static let mistakes = [
        ("enviroment: kind", "peerquake.yaml:1:1: unknown key \"enviroment\"; did you mean \"environment\"?"),
        ("env: kind", "peerquake.yaml:1:1: unknown key \"env\"; did you mean \"environment\"?"),
        ("mesh: standin\nweather: fine", "peerquake.yaml:2:1: unknown key \"weather\" (allowed: environment, configs"),
        ("environment: knd", "peerquake.yaml:1:14: environment: \"knd\" is not known; did you mean \"kind\"?"),
        ("mesh: [istio]", "peerquake.yaml:1:7: mesh: a text is expected, and this is a sequence"),
        ("out:", "peerquake.yaml:1:5: out: a text is expected, and this is nothing"),
        ("contexts: [a]", "peerquake.yaml:1:11: contexts: a mapping of names to contexts is expected"),
        ("contexts: {a: [b]}", "peerquake.yaml:1:15: contexts: a context's name is expected"),
        ("contexts: {a: 'b c'}", "peerquake.yaml:1:15: contexts: \"a=b c\": NAME=CONTEXT is expected"),
        ("configs: [/nonexistent]", "peerquake.yaml:1:11: configs: \"/nonexistent\": no such file"),
        ("- mesh", "peerquake.yaml:1:1: a mapping of options is expected, and this is a sequence"),
        ("mesh: standin\nmesh: istio", "peerquake.yaml:2:1: "),
        ("mesh: [", "peerquake.yaml:"),
    ]

    @Test("a broken file is refused with the place and what is allowed", arguments: mistakes)
    func broken(_ text: String, _ message: String) {
        let error = #expect(throws: Failure.self) { try ConfigurationFile.read(text) }
        #expect(error?.code == .usage)
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "nothing")")
    }

    @Test("every problem is reported at once")
    func all() {
        let error = #expect(throws: Failure.self) { try ConfigurationFile.read("mesh: x\nmash: y\nout:\n") }
        #expect(error?.message.split(separator: "\n").count == 3)
    }

    @Test("the schema has every key, and no other")
    func schema() throws {
        let root = try YAML.parse(ConfigurationSchema.json, file: "config.schema.json")
        #expect(root["properties"]?.mapping?.compactMap(\.key.scalar) == Setting.allCases.map(\.rawValue))
        #expect(root["additionalProperties"]?.boolValue == false)
        for setting in Setting.allCases {
            let own = root["properties"]?[setting.rawValue]
            #expect(own?["description"]?.scalar == setting.help)
            #expect(own?["default"]?.scalar == setting.standard)
            if case .word(let allowed) = setting.shape {
                #expect(own?["enum"]?.sequence?.compactMap(\.scalar) == allowed)
            }
        }
    }

    @Test("the published schema is current")
    func published() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/config.schema.json"), encoding: .utf8)
        #expect(text == ConfigurationSchema.json, "peerquake schema --config >docs/config.schema.json")
    }

    @Test("what is kept says where each value is from")
    func kept() {
        let settings = Settings([[.mesh: Self.value("istio", from: Self.variable)], [:]])
        #expect(
            settings.kept == [
                GivenOption(name: "environment", value: "embedded", origin: "default"),
                GivenOption(name: "probeFrom", value: "host", origin: "default"),
                GivenOption(name: "mesh", value: "istio", origin: "X"),
                GivenOption(name: "out", value: "runs", origin: "default"),
            ])
        #expect(settings.kept.filter(\.isGivenElsewhere).map(\.name) == ["mesh"])
    }
}
