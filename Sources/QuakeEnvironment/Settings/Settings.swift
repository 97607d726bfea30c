package import QuakeShell
import QuakeShipped
package import QuakeTimeline

/// Where a value in force was given.
package enum SettingOrigin: Sendable, Equatable, Codable, CustomStringConvertible {
    /// On the command line: the option with its dashes.
    case option(String)
    /// In the environment: the variable's name.
    case variable(String)
    /// In a file; line and column count from 1.
    case file(String, line: Int, column: Int)
    /// Nowhere.
    case standard

    package var description: String {
        switch self {
        case .option(let name), .variable(let name): name
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .standard: "default"
        }
    }
}

/// A value in force.
package struct SettingValue: Sendable, Equatable, Codable {
    /// One text, or several of a list or a map (`NAME=TEXT`).
    package var texts: [String]
    package var origin: SettingOrigin

    package init(_ texts: [String], _ origin: SettingOrigin) {
        self.texts = texts
        self.origin = origin
    }
}

/// The values in force of a command: those of the command line, else of the environment, else of the file, else the
/// commands' own.
package struct Settings: Sendable, Equatable, Codable {
    /// What one place gives.
    package typealias Layer = [Setting: SettingValue]

    private var values: Layer = [:]

    package init() {}

    /// - Parameter layers: those that beat others first.
    ///
    /// What names clusters belongs to the environment that is named beside it: where a layer above chose another one, it
    /// does not count. Configs, a timing and a kubeconfig exclude each other, so that a layer that gives one hides all of
    /// them of the layers below it.
    package init(_ layers: [Layer]) {
        func environment(from index: Int) -> String? {
            layers[index...].lazy.compactMap { $0[.environment]?.texts.first }.first ?? Setting.environment.standard
        }
        let chosen = environment(from: 0)
        var isShaped = false
        for (index, layer) in layers.enumerated() {
            let isBeside = environment(from: index) == chosen
            let shapes = isBeside && [.configs, .timing, .kubeconfig].contains { layer[$0] != nil }
            for (setting, value) in layer where isBeside || !setting.isOfEnvironment {
                switch setting {
                case .configs, .timing, .kubeconfig: if !isShaped { values[setting] = value }
                case .contexts: values[setting] = Self.joined(values[setting], value)
                default: values[setting] = values[setting] ?? value
                }
            }
            isShaped = isShaped || shapes
        }
    }

    /// One cluster's context may be given above, and another's below.
    private static func joined(_ above: SettingValue?, _ below: SettingValue) -> SettingValue {
        guard var above else { return below }
        func name(_ text: String) -> Substring { text.prefix { $0 != "=" } }
        let known = Set(above.texts.map(name))
        above.texts += below.texts.filter { !known.contains(name($0)) }
        return above
    }

    /// Reads variables and file, and holds them below what the command line says.
    ///
    /// - Parameters:
    ///   - flags: of the command line.
    ///   - folder: where `peerquake.yaml` may be.
    ///   - environment: the process's own.
    /// - Throws: ``Failure``, of usage, with every problem of the file or of the variables.
    package init(flags: [Setting: [String]], folder: String = ".", environment: [String: String]) throws {
        var file = try ConfigurationFile.load(folder: folder) ?? [:]
        // kubectl's own variable is one of the environment too; who needs it reads it.
        if environment["KUBECONFIG"]?.isEmpty == false { file[.kubeconfig] = nil }
        self.init([Self.given(flags), try Self.variables(environment), file])
    }

    /// What the command line says, and nothing else.
    package init(flags: [Setting: [String]]) { self.init([Self.given(flags)]) }

    private static func given(_ flags: [Setting: [String]]) -> Layer {
        Layer(
            uniqueKeysWithValues: flags.filter { !$0.value.isEmpty }.map {
                ($0.key, SettingValue($0.value, .option($0.key.option)))
            })
    }

    /// What the environment's variables give; an empty one gives nothing.
    private static func variables(_ environment: [String: String]) throws -> Layer {
        var layer = Layer()
        var problems: [String] = []
        for setting in Setting.allCases {
            guard let text = environment[setting.variable], !text.isEmpty else { continue }
            var texts = [text]
            switch setting.shape {
            case .list, .map: texts = text.split(separator: ",").map(String.init)
            case .word, .text: break
            }
            problems += texts.compactMap(setting.problem).map { "\(setting.variable): \($0)" }
            layer[setting] = SettingValue(texts, .variable(setting.variable))
        }
        guard problems.isEmpty else { throw Failure(.usage, problems.joined(separator: "\n")) }
        return layer
    }

    /// Every value of a setting; none where nothing is said.
    package func texts(_ setting: Setting) -> [String] {
        values[setting]?.texts ?? setting.standard.map { [$0] } ?? []
    }

    /// The one value of a setting; `nil` where nothing is said.
    package func text(_ setting: Setting) -> String? { texts(setting).first }

    /// Whether anything says what shapes the clusters that a run makes.
    package var isShaped: Bool { [.configs, .timing].contains { !texts($0).isEmpty } }

    /// What shapes the clusters that a run makes: configs before a timing, without either the quick pair.
    package var shapes: WantedShapes {
        let configs = texts(.configs)
        return configs.isEmpty
            ? .pair(text(.timing).flatMap(PairTiming.init(rawValue:)) ?? .quick) : .files(configs)
    }

    /// Where the values of a setting were given.
    package func origin(_ setting: Setting) -> SettingOrigin { values[setting]?.origin ?? .standard }

    /// Where the environment is.
    package var environment: EnvironmentName {
        text(.environment).flatMap(EnvironmentName.init(rawValue:)) ?? .embedded
    }

    /// Which contexts the clusters are; what files and variables say of clusters that a command does not have is left out.
    ///
    /// - Parameter known: the clusters' names; `nil` for all.
    package func contexts(of known: [String]? = nil) throws -> [ClusterArgument] {
        let isGiven = if case .option = origin(.contexts) { true } else { false }
        return try texts(.contexts).map(ClusterArgument.read).filter {
            isGiven || known == nil || known?.contains($0.name) == true
        }
    }

    /// As archives keep them, in the order of ``Setting``; what nothing is said of is left out.
    package var kept: [GivenOption] {
        Setting.allCases.filter { !texts($0).isEmpty }.map {
            GivenOption(name: $0.rawValue, value: texts($0).joined(separator: ","), origin: "\(origin($0))")
        }
    }

    /// A line for each setting: its name, its values and their origin, aligned.
    package func lines() -> [String] {
        let rows = Setting.allCases.map { setting in
            let value = texts(setting).joined(separator: ", ")
            return (setting.rawValue, value.isEmpty ? "–" : value, "\(origin(setting))")
        }
        func width(_ column: [String]) -> Int { column.map(\.count).max() ?? 0 }
        let (names, values) = (width(rows.map(\.0)), width(rows.map(\.1)))
        return rows.map { name, value, origin in
            "\(name.padded(names))  \(value.padded(values))  \(origin)"
        }
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
