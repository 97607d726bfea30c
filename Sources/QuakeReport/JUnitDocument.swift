/// JUnit XML: suites of cases, with the counts that CI systems read.
struct JUnitDocument {
    enum Outcome {
        case passed
        case failed(String)
        case error(String)
        case skipped(String)
    }

    struct Case {
        var name: String
        var outcome: Outcome
        var output: String
    }

    struct Suite {
        var name: String
        var seconds: Double
        var cases: [Case]
    }

    var suites: [Suite]

    /// The whole document.
    func text() -> String {
        var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
        let cases = suites.flatMap(\.cases)
        lines.append("<testsuites name=\"peerquake\" \(counts(of: cases)) time=\"\(seconds(suites.map(\.seconds)))\">")
        for suite in suites {
            lines.append(
                "  <testsuite name=\"\(escaped(suite.name))\" \(counts(of: suite.cases)) "
                    + "skipped=\"\(suite.cases.count { if case .skipped = $0.outcome { true } else { false } })\" "
                    + "time=\"\(seconds([suite.seconds]))\">")
            // Readers follow a case from run to run by its name.
            var seen: [String: Int] = [:]
            for var item in suite.cases {
                seen[item.name, default: 0] += 1
                if let count = seen[item.name], count > 1 { item.name += " (\(count))" }
                lines += text(of: item, in: suite)
            }
            lines.append("  </testsuite>")
        }
        lines.append("</testsuites>")
        return lines.joined(separator: "\n") + "\n"
    }

    private func seconds(_ parts: [Double]) -> String { Figures.decimals(parts.reduce(0, +), 2) }

    private func counts(of cases: [Case]) -> String {
        let failures = cases.count { if case .failed = $0.outcome { true } else { false } }
        let errors = cases.count { if case .error = $0.outcome { true } else { false } }
        return "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"\(errors)\""
    }

    private func text(of item: Case, in suite: Suite) -> [String] {
        let head = "    <testcase name=\"\(escaped(item.name))\" classname=\"\(escaped(suite.name))\" time=\"0\">"
        let body =
            switch item.outcome {
            case .passed: ""
            case .failed(let why): "      <failure message=\"\(escaped(why))\"/>\n"
            case .error(let why): "      <error message=\"\(escaped(why))\"/>\n"
            case .skipped(let why): "      <skipped message=\"\(escaped(why))\"/>\n"
            }
        return [head + "\n" + body + "      <system-out>\(escaped(item.output))</system-out>", "    </testcase>"]
    }

    /// XML 1.0 has no place for most control characters.
    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 32: result += "�"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
