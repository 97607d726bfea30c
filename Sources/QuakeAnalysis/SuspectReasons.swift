import QuakeTimeline

/// Why seconds of a trial were suspect, in words: what events say, each once. Stalls of the prober with evidence are one
/// sentence with their sums, in the place of the first.
struct SuspectReasons: Sendable {
    private(set) var words: [String] = []

    init(_ events: [Event]) {
        var stalls: [StallEvidence] = []
        var place: Int?
        for event in events {
            guard case .suspect(_, _, let reason, let evidence) = event.what else { continue }
            if let evidence {
                stalls.append(evidence)
                place = place ?? words.count
            } else if !words.contains(reason) {
                words.append(reason)
            }
        }
        if let place, let sentence = StallEvidence.words(of: stalls) { words.insert(sentence, at: place) }
    }
}
