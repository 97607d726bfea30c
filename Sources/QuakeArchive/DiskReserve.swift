import FoundationEssentials
import Glibc
import Synchronization

/// Room on a run's disk that is kept until there is no other: with it the run's end is written though the disk is full.
final class DiskReserve: Sendable {
    private static let size: Int64 = 2 << 20
    private let path: String
    private let isHeld: Mutex<Bool>

    /// - Throws: `.directory` if there is not even so much room.
    init(_ directory: String) throws(ArchiveError) {
        path = "\(directory)/reserve"
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ArchiveError(.directory, "cannot make \(path)", cause: String(cString: strerror(errno)))
        }
        let code = posix_fallocate(descriptor, 0, off_t(Self.size))
        close(descriptor)
        isHeld = Mutex(code == 0)
        if code == 0 { return }
        unlink(path)
        // Other file systems just cannot reserve.
        guard code == ENOSPC || code == EDQUOT else { return }
        throw ArchiveError(
            .directory, "less than 2 MiB are free for \(directory)", cause: String(cString: strerror(code)))
    }

    deinit { release() }

    /// Gives the room back.
    ///
    /// - Returns: whether there was any left to give.
    @discardableResult
    func release() -> Bool {
        isHeld.withLock { isHeld in
            guard isHeld else { return false }
            isHeld = false
            return unlink(path) == 0
        }
    }
}

/// Says to whoever reads a run's directory that the run goes on: a lock on the directory, which the kernel lets go of
/// however the process ends.
final class DirectoryClaim: Sendable {
    private let descriptor: Int32

    /// - Throws: `.directory` if it cannot be opened or another run goes on in it.
    init(_ directory: String) throws(ArchiveError) {
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ArchiveError(.directory, "cannot open \(directory)", cause: String(cString: strerror(errno)))
        }
        // A reader holds its shared lock for a moment: that is waited for.
        for _ in 0..<100 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            usleep(10_000)
        }
        close(descriptor)
        throw ArchiveError(.directory, "\(directory) is being written by another run")
    }

    deinit { close(descriptor) }

    /// Whether a run goes on in a directory. File systems without such locks say no.
    static func isHeld(_ directory: String) -> Bool {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
