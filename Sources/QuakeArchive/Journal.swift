import FoundationEssentials
import Glibc
import Synchronization

/// What a run needs to be healed by another process.
package struct JournalHeader: Sendable, Codable, Equatable {
    package var run: String
    package var plan: String
    /// `embedded`, `kind` or `kubeconfig`.
    package var environment: String
    package var kubeconfig: String
    /// Cluster → context.
    package var contexts: [String: String]
    /// Cluster → uid of its kube-system namespace.
    package var uids: [String: String]
    /// The highest number of an entry that is no longer here, because it was undone; `nil` where all are.
    package var lastID: Int?
    /// Cluster → node → what was known of it when the run began, so that nodes can be started in order while their API
    /// server is dead. `nil` in journals of versions that did not note it.
    package var nodes: [String: [String: JournalNode]]?

    package init(
        run: String, plan: String, environment: String, kubeconfig: String, contexts: [String: String],
        uids: [String: String], nodes: [String: [String: JournalNode]]? = nil
    ) {
        self.run = run
        self.plan = plan
        self.environment = environment
        self.kubeconfig = kubeconfig
        self.contexts = contexts
        self.uids = uids
        self.nodes = nodes
    }
}

/// A node as a run found it.
package struct JournalNode: Sendable, Codable, Equatable {
    package var isControlPlane: Bool
    /// What tells its machine from another one of the same name; `nil` where its environment has no such thing.
    package var machine: String?

    package init(isControlPlane: Bool, machine: String? = nil) {
        self.isControlPlane = isControlPlane
        self.machine = machine
    }
}

/// One mutation and how far it has come.
package struct JournalEntry: Sendable, Codable, Equatable {
    /// Each may be followed by the next one; recovery treats `intended` as `applied`.
    package enum Status: String, Sendable, Codable {
        case intended, applied, reverting, reverted
    }

    /// Numbers the run's mutations from 1.
    package var id: Int
    package var cluster: String
    package var clusterUID: String
    /// `nil` where no one object is changed.
    package var objectUID: String?
    /// The action's name, and in words what it changes.
    package var action: String
    package var about: String
    /// JSON of whatever the inverse has to know.
    package var before: String
    /// JSON of the inverse: data, never code.
    package var inverse: String
    /// Unix milliseconds by which it has to be undone even without its run; `nil` for none.
    package var deadlineUnixMillis: Int64?
    package var status: Status
    /// `nil` for what lasts beyond a trial.
    package var trial: Int?

    package init(
        id: Int, cluster: String, clusterUID: String, objectUID: String? = nil, action: String, about: String,
        before: String = "null", inverse: String, deadlineUnixMillis: Int64? = nil, status: Status = .intended,
        trial: Int? = nil
    ) {
        self.id = id
        self.cluster = cluster
        self.clusterUID = clusterUID
        self.objectUID = objectUID
        self.action = action
        self.about = about
        self.before = before
        self.inverse = inverse
        self.deadlineUnixMillis = deadlineUnixMillis
        self.status = status
        self.trial = trial
    }
}

/// `journal.ndjson`: a header, then a line each time a mutation comes a step further. Appended, synced, and preallocated,
/// so that a full disk cannot stop a run from writing down what it is about to change, nor from undoing it: the last part
/// of the space is for healing alone.
///
/// A long run's journal stays small: what is undone is left out when it is written anew, beside the old one, which it
/// then replaces at once.
package final class Journal: Sendable {
    struct State {
        var descriptor: Int32
        var end: Int64
        var allocated: Int64
        var latest: [Int: JournalEntry] = [:]
        var transitions = 0
        /// The highest number that was given away.
        var lastID = 0
    }

    package let header: JournalHeader
    let directory: String
    private let state: Mutex<State>
    static let chunk: Int64 = 262_144
    /// Kept free where something is about to be changed: enough to undo some hundred changes.
    private static let healing: Int64 = 65_536
    /// Written anew from this length on, if little of it is still to be undone.
    private static let long: Int64 = 131_072

    /// Begins one in a run's directory.
    ///
    /// - Throws: `.journal` if it exists or its space cannot be had.
    package init(creatingIn directory: String, header: JournalHeader) throws(ArchiveError) {
        let path = Self.path(directory)
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure("cannot make \(path)") }
        self.header = header
        self.directory = directory
        state = Mutex(State(descriptor: descriptor, end: 0, allocated: 0))
        try state.withLock { state throws(ArchiveError) in
            try Self.write(try Self.line(header), to: &state, keeping: Self.healing)
        }
    }

    /// Opens the one of a run that ended, to go on with it.
    ///
    /// - Throws: `.journal` if there is none, `.format` if its header cannot be read.
    package init(openingIn directory: String) throws(ArchiveError) {
        let path = Self.path(directory)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ArchiveError(.journal, "\(directory) has no journal")
        }
        // Preallocated space reads as zeroes; a line that was being written may be torn.
        let used = data.prefix { $0 != 0 }
        let lines = used.split(separator: UInt8(ascii: "\n"))
        let decoder = JSONDecoder()
        guard let first = lines.first, let header = try? decoder.decode(JournalHeader.self, from: Data(first)) else {
            throw ArchiveError(.format, "\(path) has no header")
        }
        var latest: [Int: JournalEntry] = [:]
        var end = Int64(first.count + 1)
        for line in lines.dropFirst() {
            guard let entry = try? decoder.decode(JournalEntry.self, from: Data(line)) else { break }
            latest[entry.id] = entry
            end += Int64(line.count + 1)
        }
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure("cannot open \(path)") }
        self.header = header
        self.directory = directory
        state = Mutex(
            State(
                descriptor: descriptor, end: end, allocated: Int64(data.count), latest: latest,
                lastID: max(header.lastID ?? 0, latest.keys.max() ?? 0)))
    }

    deinit { _ = state.withLock { close($0.descriptor) } }

    static func path(_ directory: String) -> String { "\(directory)/journal.ndjson" }

    static func failure(_ what: String) -> ArchiveError {
        ArchiveError(.journal, what, cause: String(cString: strerror(errno)))
    }

    /// Every mutation as it now stands, by id; of those that are undone, the latest alone.
    package var entries: [JournalEntry] { state.withLock { $0.latest.values.sorted { $0.id < $1.id } } }

    /// How many mutations are known: the open ones, and those undone since the file was last written anew.
    var count: Int { state.withLock { $0.latest.count } }

    /// A number for the next mutation, which nobody else gets: several may begin at the same moment.
    package func reserveID() -> Int {
        state.withLock { state in
            state.lastID = max(state.lastID, state.latest.keys.max() ?? 0) + 1
            return state.lastID
        }
    }

    /// Writes a step down and waits until it is on disk.
    ///
    /// - Throws: `.journal`; the mutation must not happen then.
    package func append(_ entry: JournalEntry) throws(ArchiveError) {
        let line = try Self.line(entry)
        let transitions = try state.withLock { state throws(ArchiveError) in
            try Self.write(line, to: &state, keeping: entry.status == .intended ? Self.healing : 0)
            state.latest[entry.id] = entry
            state.lastID = max(state.lastID, entry.id)
            state.transitions += 1
            if entry.status == .reverted, state.end > Self.long { shorten(&state) }
            return state.transitions
        }
        StopHook.passed(transitions, entry)
    }

    static func line(_ value: some Encodable) throws(ArchiveError) -> [UInt8] {
        guard let line = try? JSONEncoder().encode(value) else {
            throw ArchiveError(.journal, "an entry has no JSON")
        }
        return Array(line) + [UInt8(ascii: "\n")]
    }

    /// - Parameter room: bytes that must be left after the line.
    static func write(_ bytes: [UInt8], to state: inout State, keeping room: Int64) throws(ArchiveError) {
        if state.end + Int64(bytes.count) + room > state.allocated {
            let more = max(chunk, Int64(bytes.count) + room)
            guard posix_fallocate(state.descriptor, off_t(state.allocated), off_t(more)) == 0 else {
                throw ArchiveError(.journal, "no space for the journal: nothing more is changed")
            }
            state.allocated += more
        }
        guard pwrite(state.descriptor, bytes, bytes.count, off_t(state.end)) == bytes.count,
            fdatasync(state.descriptor) == 0
        else { throw failure("cannot write the journal") }
        state.end += Int64(bytes.count)
    }
}

/// Lets a test end the process, as a crash would, after a chosen step of the journal.
private enum StopHook {
    private static let wanted = ProcessInfo.processInfo.environment["PEERQUAKE_STOP_AT_TRANSITION"].flatMap { Int($0) }

    static func passed(_ transition: Int, _ entry: JournalEntry) {
        guard transition == wanted else { return }
        let text = "stopped at transition \(transition): \(entry.action) \(entry.status.rawValue)\n"
        text.withCString { _ = Glibc.write(2, $0, strlen($0)) }
        kill(getpid(), SIGKILL)
    }
}
