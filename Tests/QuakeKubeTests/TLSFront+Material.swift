import Foundation
import QuakeKube
import QuakeTestSupport

extension TLSFront {
    /// A file in its folder, by its path.
    func file(_ name: String) -> Kubeconfig.Material { .file("\(folder.path)/\(name)") }

    /// The bytes of a file in its folder.
    func inline(_ name: String) throws -> Kubeconfig.Material {
        .inline(Array(try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8).utf8))
    }
}
