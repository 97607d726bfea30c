import QuakeKube

/// The rules for names, labels and annotations, in the words of apimachinery's validation.
enum Names {
    private static let label =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    private static let subdomain =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    private static let namePart =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    private static let labelValue =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    static let percent =
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
    private static let configKey =
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"

    private static func isLabel(_ text: some StringProtocol) -> Bool {
        String(text).wholeMatch(of: /[a-z0-9]([-a-z0-9]*[a-z0-9])?/) != nil
    }

    private static func tooLong(_ limit: Int) -> String { "must be no more than \(limit) bytes" }

    static func dnsLabel(_ text: String) -> [String] {
        let long = text.utf8.count > 63 ? [tooLong(63)] : []
        if isLabel(text) { return long }
        return long + (dnsSubdomain(text).isEmpty ? ["must not contain dots"] : [label])
    }

    static func dnsSubdomain(_ text: String) -> [String] {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return (text.utf8.count > 253 ? [tooLong(253)] : []) + (parts.allSatisfy { isLabel($0) } ? [] : [subdomain])
    }

    /// Names that may be in a path, and no more: those of roles.
    static func pathSegment(_ text: String) -> [String] {
        if text == "." || text == ".." { return ["may not be '\(text)'"] }
        return ["/", "%"].filter { text.contains($0) }.map { "may not contain '\($0)'" }
    }

    /// A label's key: a name, perhaps with a DNS prefix.
    static func qualified(_ text: String) -> [String] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2 else {
            return [
                "a valid label key \(namePart) with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ]
        }
        var problems: [String] = []
        if parts.count == 2 {
            problems +=
                parts[0].isEmpty
                ? ["prefix part must be non-empty"] : dnsSubdomain(parts[0]).map { "prefix part \($0)" }
        }
        let name = parts[parts.count - 1]
        if name.isEmpty { problems.append("name part must be non-empty") }
        if name.utf8.count > 63 { problems.append("name part \(tooLong(63))") }
        if name.wholeMatch(of: /([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]/) == nil {
            problems.append("name part \(namePart)")
        }
        return problems
    }

    static func value(_ text: String) -> [String] {
        (text.utf8.count > 63 ? [tooLong(63)] : [])
            + (text.wholeMatch(of: /(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?/) == nil ? [labelValue] : [])
    }

    static func configMapKey(_ text: String) -> [String] {
        var problems = text.utf8.count > 253 ? [tooLong(253)] : []
        if text.wholeMatch(of: /[-._a-zA-Z0-9]+/) == nil {
            problems.append(configKey)
        } else if text == "." || text == ".." || text.hasPrefix("..") {
            problems.append(
                text == "." ? "must not be '.'" : text == ".." ? "must not be '..'" : "must not start with '..'")
        }
        return problems
    }

    /// An IANA service name, as ports have.
    static func portName(_ text: String) -> [String] {
        var problems: [String] = []
        if text.utf8.count > 15 { problems.append("must be no more than 15 characters") }
        if text.wholeMatch(of: /[-a-z0-9]+/) == nil {
            problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
        }
        if text.firstMatch(of: /[a-z]/) == nil { problems.append("must contain at least one letter (a-z)") }
        if text.contains("--") { problems.append("must not contain consecutive hyphens") }
        if text.hasPrefix("-") || text.hasSuffix("-") { problems.append("must not begin or end with a hyphen") }
        return problems
    }

    static func variable(_ text: String) -> [String] {
        let isPrintable = text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
        return isPrintable
            ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
    }
}
