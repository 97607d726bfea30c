import ArgumentParser
import FoundationEssentials
import QuakeEnvironment
import QuakeShell

/// `peerquake config`.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print the options that peerquake.yaml may have defaults of: the values in force, and their origin.",
        discussion: """
            peerquake.yaml in the working folder gives defaults for every command that works with clusters; a flag \
            beats a variable of the environment (PEERQUAKE_MESH for mesh, and so on), and a variable beats the file. \
            Options given here are shown as run would use them.

            EXAMPLES
              peerquake config
              peerquake config --env kind
              peerquake schema --config >config.schema.json
            """)

    @OptionGroup var place: PlaceOptions

    func run() throws {
        for line in try place.settings().lines() { say(line) }
        if !FileManager.default.fileExists(atPath: ConfigurationFile.name) {
            complain("There is no \(ConfigurationFile.name) in this folder.")
        }
    }
}
