/// A version of Kubernetes, as the tag of a node image has it: `v1.33.1`.
package struct KubernetesVersion: Sendable, Hashable, CustomStringConvertible {
    package var major: Int
    package var minor: Int
    /// With the `v`, and with what follows the patch number.
    package var description: String

    /// What an embedded cluster runs where its configuration names no image.
    package static let embedded = KubernetesVersion(major: 1, minor: 36, description: "v1.36.2")

    private init(major: Int, minor: Int, description: String) {
        self.major = major
        self.minor = minor
        self.description = description
    }

    /// - Returns: `nil` for what is no `v1.33.1` or `1.33.1`, with whatever after a dash or plus.
    package init?(_ text: some StringProtocol) {
        let plain = text.hasPrefix("v") ? text.dropFirst() : text[...]
        let core = plain.prefix { $0 != "-" && $0 != "+" && $0 != "_" }
        let numbers = core.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isASCIIDigit) }),
            let major = Int(numbers[0]), let minor = Int(numbers[1])
        else { return nil }
        self.init(major: major, minor: minor, description: "v\(plain)")
    }

    /// Out of an image's tag: `kindest/node:v1.33.1@sha256:…`.
    package init?(image: String) {
        let named = image.prefix { $0 != "@" }
        let last = named.split(separator: "/").last ?? named[...]
        guard let colon = last.firstIndex(of: ":") else { return nil }
        self.init(last[last.index(after: colon)...])
    }

    /// Whether this is before 1.`minor`.
    package func isBefore(_ minor: Int) -> Bool { (major, self.minor) < (1, minor) }

    /// The version of the kubeadm documents that kind writes for it (kind's pkg/cluster/internal/kubeadm/config.go).
    var kubeadm: String { isBefore(23) ? "v1beta2" : isBefore(36) ? "v1beta3" : "v1beta4" }
}

extension Character {
    var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
