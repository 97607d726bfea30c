import Glibc

/// One /16 of 127.64.0.0/10 for this process alone, held by a locked file for as long as this lives.
package final class AddressClaim: Sendable {
    package let network: Int
    private let descriptor: Int32

    private init(network: Int, descriptor: Int32) {
        self.network = network
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// The first network that nobody holds.
    ///
    /// - Throws: `.addresses` if all 64 are taken or the folder of lock files cannot be made.
    package static func claim() throws(EmbeddedError) -> AddressClaim {
        let folder = "/tmp/peerquake-networks"
        mkdir(folder, 0o1777)
        chmod(folder, 0o1777)
        for network in 64...127 {
            let descriptor = open("\(folder)/\(network).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                return AddressClaim(network: network, descriptor: descriptor)
            }
            close(descriptor)
        }
        throw EmbeddedError(.addresses, "no free network in 127.64.0.0/10; lock files are in \(folder)")
    }
}
