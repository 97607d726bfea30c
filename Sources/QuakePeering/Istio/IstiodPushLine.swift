import QuakeBase
import QuakeRecord

/// A line of istiod's log that says that it pushes, as `pods/log` gives it with `timestamps=true`.
///
///     KUBELET'S TIME ISTIOD'S TIME<tab>info<tab>ads<tab>Push debounce stable[7] 2 for config EndpointSlice/demo/echo:
///     100.05ms since last change, 130.21ms since last push, full=false
///
/// It is one line. Source: istio 1.27 `pilot/pkg/xds/discovery.go`, `debounce`; the second length is that since the first change
/// that waits, whatever it is called there.
struct IstiodPushLine: Sendable, Equatable {
    /// Unix nanoseconds, of istiod's own clock.
    var at: Int64
    var changes: Int
    var about: String
    var millis: Double
    var isFull: Bool

    /// `nil` for every other line, and for one that is cut off.
    init?(_ line: String) {
        let columns = line.split(separator: "\t", maxSplits: 3, omittingEmptySubsequences: false)
        guard columns.count == 4, columns[1] == "info", columns[2] == "ads",
            let time = columns[0].split(separator: " ").last.flatMap({ ZtunnelTime.unixNanoseconds($0) }),
            let found = columns[3].wholeMatch(
                of:
                    #/Push debounce stable\[\d+\] (\d+) for ((?:config|reason) .*): \S+ since last change, (\S+) since last push, full=(true|false)/#
            ),
            let changes = Int(found.1), let waited = GoDuration.parse(String(found.3))
        else { return nil }
        at = time
        self.changes = changes
        about = String(found.2)
        millis = Double(waited.inNanoseconds) / 1e6
        isFull = found.4 == "true"
    }

    func push(by istiod: String) -> ConfigPush {
        ConfigPush(istiod: istiod, changes: changes, about: about, millis: millis, isFull: isFull)
    }
}
