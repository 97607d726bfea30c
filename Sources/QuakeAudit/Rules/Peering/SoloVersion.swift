import QuakeKube

/// Which Solo has NodePort peering, and how mature it is there.
enum SoloVersion {
    /// Major and minor of istiod's image, with the image; `nil` for a tag that is no version.
    static func of(_ site: AuditSite) throws -> [(workload: Workload, image: String, version: (Int, Int)?)] {
        try site.istiods().map { workload in
            let image = workload.spec.at("containers", 0, "image")?.stringValue ?? ""
            let tag = image.split(separator: "/").last?.split(separator: ":").dropFirst().first ?? ""
            let numbers = tag.split(separator: ".").map { Int($0.prefix(while: \.isNumber)) }
            guard numbers.count > 1, let major = numbers[0], let minor = numbers[1] else {
                return (workload, image, nil)
            }
            return (workload, image, (major, minor))
        }
    }

    static let field = "spec.template.spec.containers.0.image"
}
