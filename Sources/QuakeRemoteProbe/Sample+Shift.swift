import QuakeRecord

extension Sample {
    /// The same sample on a clock whose origin lies `shift` earlier.
    func shifted(by shift: Duration) -> Sample {
        var moved = self
        moved.due = due + shift
        moved.sent = sent + shift
        moved.connected = connected.map { $0 + shift }
        moved.firstByte = firstByte.map { $0 + shift }
        moved.done = done + shift
        return moved
    }
}
