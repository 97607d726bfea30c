import QuakeAnalysis
import QuakePlan

extension CarriedTraffic {
    /// `carried traffic: 251 of the 500 tunnels of the 10 s before it, and the newest one`, `carried no traffic`.
    var words: String {
        if areStreams {
            return through == 0
                ? "carried no traffic: other gateways took in \(Quantity.count(tunnels, "stream")) in the 10 s before"
                : "carried traffic: \(through) of \(Quantity.count(tunnels, "stream")) of the 10 s before"
        }
        guard isCarrier else { return "carried no traffic: the newest tunnel led elsewhere" }
        let newest = isNewest ? "the newest tunnel led through it" : "the newest tunnel led elsewhere"
        guard tunnels > 0 else { return "carried traffic: \(newest)" }
        return "carried traffic: \(through) of \(Quantity.count(tunnels, "tunnel")) of the 10 s before; \(newest)"
    }
}
