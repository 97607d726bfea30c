import Foundation
import GRDB

/// The database file of a run's archive, as it stands on a disk that may not be written to.
struct ArchiveFile {
    private let directory: String
    private let path: String
    private var logPath: String { path + "-wal" }

    init(_ directory: String) {
        self.directory = directory
        path = "\(directory)/run.sqlite"
    }

    /// Opens it and reads `body` from it.
    ///
    /// - Throws: `.format` for what is no archive or cannot be read where it lies, `.database` if it is damaged.
    func open<Value>(_ body: (Database) throws -> Value) throws(ArchiveError) -> (DatabasePool, Value) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw ArchiveError(.format, "\(directory) holds no run: there is no run.sqlite")
        }
        do {
            let database = try DatabasePool(path: name, configuration: configuration)
            return (database, try database.read(body))
        } catch let error as ArchiveError {
            throw ArchiveError(error.code, "\(path): \(error.message)", cause: error.cause)
        } catch let error as DatabaseError {
            throw told(error)
        } catch {
            throw ArchiveError(.database, "cannot read \(path)", cause: "\(error)")
        }
    }

    /// What is known to be missing of a run that was never closed.
    var missingLog: String? {
        guard writesLog, !FileManager.default.fileExists(atPath: logPath) else { return nil }
        return
            "run.sqlite-wal is not next to run.sqlite, though the run was not closed: the last records were in that file "
            + "and are missing; copy it too"
    }

    /// Whether the database says of itself that it has a log beside it (https://sqlite.org/fileformat2.html, offset 18).
    private var writesLog: Bool {
        guard let file = try? FileHandle(forReadingFrom: URL(filePath: path)) else { return false }
        defer { try? file.close() }
        guard let header = try? file.read(upToCount: 20), header.count == 20 else { return false }
        return header[18] == 2
    }

    private var configuration: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        // Blocks are read once, one after the other: SQLite's 2 MB a connection would hold them for nothing.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -256") }
        return configuration
    }

    /// With nothing in its log and nobody writing, nothing will change: SQLite is told so (https://sqlite.org/uri.html),
    /// and then makes no files of its own beside it.
    private var name: String {
        let log = try? FileManager.default.attributesOfItem(atPath: logPath)[.size]
        let isEmpty = log == nil || (log as? Int) == 0 || (log as? UInt64) == 0
        guard isEmpty, !DirectoryClaim.isHeld(directory) else { return path }
        return URL(filePath: path).absoluteString + "?immutable=1"
    }

    private func told(_ error: DatabaseError) -> ArchiveError {
        let hasLog = FileManager.default.fileExists(atPath: logPath)
        switch error.resultCode {
        case .SQLITE_CANTOPEN where hasLog, .SQLITE_READONLY where hasLog:
            return ArchiveError(
                .format,
                "\(path) cannot be read where nothing can be written, for its log run.sqlite-wal is not empty: copy both "
                    + "to another directory, and name that")
        case .SQLITE_CANTOPEN: return ArchiveError(.format, "\(path) cannot be opened", cause: "\(error)")
        case .SQLITE_NOTADB: return ArchiveError(.format, "\(path) is not an SQLite database")
        // There is no table of what it is.
        case .SQLITE_ERROR: return ArchiveError(.format, "\(path) is not the archive of a run", cause: "\(error)")
        default: return ArchiveError(.database, "cannot read \(path)", cause: "\(error)")
        }
    }
}
