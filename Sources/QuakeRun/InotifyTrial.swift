import Glibc

/// Whether root can still make an inotify instance on this machine: the kubelets, container runtimes and privileged pods
/// of all of kind's nodes share one user's limit, `fs.inotify.max_user_instances`, and none of them can start a watch
/// beyond it.
///
/// The kernel counts a user's instances and shows the count nowhere; what it refuses tells. So one is made and closed.
enum InotifyTrial {
    enum Outcome: Sendable, Equatable {
        case possible, exhausted
        /// Another user's limit is another one, and the own process's descriptors tell nothing of it.
        case unknown
    }

    /// - Parameters:
    ///   - isRoot: whose limit a trial would meet.
    ///   - make: makes an instance; a negative number and errno where it cannot.
    static func make(
        isRoot: Bool = geteuid() == 0, _ make: () -> Int32 = { inotify_init1(Int32(IN_CLOEXEC)) }
    ) -> Outcome {
        guard isRoot else { return .unknown }
        let instance = make()
        let problem = errno
        if instance >= 0 {
            close(instance)
            return .possible
        }
        guard problem == EMFILE else { return .unknown }
        // The same error stands for a process that has no descriptor left.
        let other = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard other >= 0 else { return .unknown }
        close(other)
        return .exhausted
    }
}
