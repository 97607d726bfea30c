import FoundationEssentials

/// The program whose hidden commands host embedded clusters and guard runs: this process's own.
package enum OwnProgram {
    /// Another one's path, where this process is a test.
    @TaskLocal package static var override: String?

    /// Its path.
    package static func path() throws -> String {
        try override ?? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }
}
