import QuakeBase
package import QuakeKube

/// A NodePool of Karpenter and when its nodes expire.
package struct PoolExpiry: Sendable, Equatable {
    /// When a node expires, counted from the creation of its NodeClaim.
    package enum Age: Sendable, Equatable, CustomStringConvertible {
        case never
        /// Whole seconds.
        case after(Duration)

        /// Karpenter's default (karpenter.sh/v1, `expireAfter`).
        package static let standard = Age.after(.seconds(720 * 3600))

        /// `Never`, or hours, minutes and seconds without a fraction, as the definition of karpenter.sh/v1 takes it;
        /// `nil` for anything else and for no time at all.
        package init?(_ text: String) {
            if text == "Never" {
                self = .never
                return
            }
            guard let parts = try? GoDuration.parts(text), let length = GoDuration.sum(parts), length > .zero,
                parts.allSatisfy({ part in
                    guard part.decimals == nil else { return false }
                    switch part.unit {
                    case .hours, .minutes, .seconds: return true
                    case .milliseconds, .microseconds, .nanoseconds: return false
                    }
                })
            else { return nil }
            self = .after(length)
        }

        /// In the largest unit that leaves no fraction: `720h`.
        package var description: String {
            guard case .after(let length) = self else { return "Never" }
            let seconds = length.components.seconds
            for (size, unit) in [(Int64(3600), "h"), (60, "m")] where seconds % size == 0 {
                return "\(seconds / size)\(unit)"
            }
            return "\(seconds)s"
        }

        /// In seconds; `nil` for never.
        var seconds: Int64? {
            guard case .after(let length) = self else { return nil }
            return length.components.seconds
        }
    }

    package let name: String
    package let age: Age
    /// The pool as it is in the cluster; `nil` where it is to be made.
    package let present: JSONValue?

    package init(name: String, age: Age, present: JSONValue? = nil) {
        self.name = name
        self.age = age
        self.present = present
    }

    /// `NAME=EXPIRY,NAME,…`. Pools without an expiry get one each: 720 h, and a day less for each further one.
    ///
    /// - Returns: `nil` where a part is none, a name comes twice, or there are more pools without an expiry than
    /// days.
    package static func pools(_ text: String) -> [PoolExpiry]? {
        var given: [(name: String, age: Age?)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard sides.count <= 2, NodeLabel.isSubdomain(sides[0]), !given.contains(where: { $0.name == sides[0] })
            else { return nil }
            let age = sides.count > 1 ? Age(sides[1]) : nil
            guard sides.count == 1 || age != nil else { return nil }
            given.append((sides[0], age))
        }
        return staggered(given.map { (name: $0.name, age: $0.age, present: nil) })
    }

    /// Pools that are given, as they are in a cluster where it has them. Those of the cluster that are not given are
    /// left out.
    package static func merging(_ given: [PoolExpiry], into present: [PoolExpiry]) -> [PoolExpiry] {
        given.map { pool in
            PoolExpiry(name: pool.name, age: pool.age, present: present.first { $0.name == pool.name }?.present)
        }
    }

    /// Fills ages in so that no two are alike.
    ///
    /// - Parameter pools: an age of `nil` is to be chosen.
    static func staggered(_ pools: [(name: String, age: Age?, present: JSONValue?)]) -> [PoolExpiry]? {
        var taken = pools.compactMap(\.age)
        var free = stride(from: 720, through: 24, by: -24).map { Age.after(.seconds($0 * 3600)) }[...]
        var result: [PoolExpiry] = []
        for pool in pools {
            if let age = pool.age {
                result.append(PoolExpiry(name: pool.name, age: age, present: pool.present))
                continue
            }
            guard let index = free.firstIndex(where: { !taken.contains($0) }) else { return nil }
            result.append(PoolExpiry(name: pool.name, age: free[index], present: pool.present))
            taken.append(free[index])
            free = free[free.index(after: index)...]
        }
        return result
    }
}

/// The object that says what a NodePool's nodes are made of: `GROUP/KIND/NAME`.
package struct NodeClassReference: Sendable, Equatable, CustomStringConvertible {
    package let group: String
    package let kind: String
    package let name: String

    /// Karpenter's for AWS, whose name its guides use.
    package static let standard = NodeClassReference(group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default")

    private init(group: String, kind: String, name: String) {
        self.group = group
        self.kind = kind
        self.name = name
    }

    /// `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, NodeLabel.isSubdomain(parts[0]), !parts[1].isEmpty,
            parts[1].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }), NodeLabel.isSubdomain(parts[2])
        else { return nil }
        self.init(group: parts[0], kind: parts[1], name: parts[2])
    }

    package var description: String { "\(group)/\(kind)/\(name)" }
}
