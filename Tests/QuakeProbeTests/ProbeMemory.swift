import QuakePlan
import QuakeProbe
import QuakeTimeline
import Synchronization

/// Keeps what a prober records.
final class Memory: ProbeSink {
    let samples = Mutex<[Sample]>([])
    let texts = Mutex<[String]>([])
    let events = Mutex<[Event]>([])

    func record(_ new: [Sample]) { samples.withLock { $0 += new } }
    func record(_ event: Event) { events.withLock { $0.append(event) } }
    func server(_ identity: ServingIdentity) -> UInt32 { 1 }
    func text(_ text: String) -> UInt32 {
        texts.withLock { texts in
            texts.append(text)
            return UInt32(texts.count)
        }
    }
}
