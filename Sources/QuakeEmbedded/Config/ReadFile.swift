import FoundationEssentials

/// A text file; `nil` if it cannot be read.
func readFile(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
}
