import QuakeCurl
import QuakeRecord

/// The bytes of a stream lane's connection: numbers in lines, there as a request's chunked body, and back as the
/// answer's.
final class MessageStream {
    private let easy: CurlEasy
    private var outbox: [UInt8] = []
    private var isPaused = false
    /// Digits of the number that is coming in; `nil` before the first.
    private var number: UInt64?

    /// Turns a handle into one of a stream. Its method and body are the stream's own.
    init(_ easy: CurlEasy, _ spec: LaneSpec) {
        self.easy = easy
        easy.setEndlessPost()
        let own = ["Content-Type: \(ConnectionMode.streamContentType)", "Transfer-Encoding: chunked", "Expect:"]
        easy.setHeaders(spec.headerLines + own)
        easy.setFreshConnect(true)
        easy.setForbidReuse(true)
        easy.setTimeout(milliseconds: 0)
        easy.onSend = { [unowned self] buffer in
            let count = min(buffer.count, outbox.count)
            isPaused = count == 0
            buffer.copyBytes(from: outbox[..<count])
            outbox.removeFirst(count)
            return count
        }
    }

    /// A new connection: nothing of the last one is left.
    func begin() {
        outbox = []
        isPaused = false
        number = nil
    }

    /// What is written before the connection stands goes as soon as it does.
    func write(_ sequence: UInt64) {
        outbox += Array("\(sequence)\n".utf8)
        guard isPaused else { return }
        isPaused = false
        easy.resumeSending()
    }

    /// Hands on each whole number, and `nil` for what is none.
    ///
    /// - Returns: `false` once `each` did.
    func read(_ bytes: UnsafeRawBufferPointer, _ each: (UInt64?) -> Bool) -> Bool {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"):
                let whole = number
                number = nil
                guard each(whole) else { return false }
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let (tens, isTooMuch) = (number ?? 0).multipliedReportingOverflow(by: 10)
                let digit = UInt64(byte - UInt8(ascii: "0"))
                guard !isTooMuch, tens <= UInt64.max - digit else { return each(nil) }
                number = tens + digit
            default: return each(nil)
            }
        }
        return true
    }
}
