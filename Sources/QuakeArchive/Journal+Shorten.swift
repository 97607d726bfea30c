import Glibc

extension Journal {
    /// Writes the file anew without what is undone. Where that cannot be done, the old one goes on.
    ///
    /// The new file is complete and on disk before it takes the old one's name, so that whoever opens the journal, at
    /// whatever moment, finds everything that is still to be undone.
    func shorten(_ state: inout State) {
        let open = state.latest.values.filter { $0.status != .reverted }.sorted { $0.id < $1.id }
        let path = Self.path(directory)
        let next = path + ".next"
        guard let new = try? Self.make(next, header, open, lastID: state.lastID) else {
            unlink(next)
            return
        }
        guard new.end < state.end / 2, rename(next, path) == 0 else {
            close(new.descriptor)
            unlink(next)
            return
        }
        Self.syncFolder(directory)
        close(state.descriptor)
        state.descriptor = new.descriptor
        state.end = new.end
        state.allocated = new.allocated
        state.latest = new.latest
    }

    private static func make(
        _ path: String, _ header: JournalHeader, _ entries: [JournalEntry], lastID: Int
    ) throws(ArchiveError) -> State {
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("cannot make \(path)") }
        var state = State(descriptor: descriptor, end: 0, allocated: 0)
        var header = header
        header.lastID = lastID
        do throws(ArchiveError) {
            var bytes = try line(header)
            for entry in entries {
                bytes += try line(entry)
                state.latest[entry.id] = entry
            }
            try write(bytes, to: &state, keeping: chunk / 2)
        } catch {
            close(descriptor)
            throw error
        }
        return state
    }

    private static func syncFolder(_ path: String) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }
}
