import QuakeProbe
import QuakeTimeline
import Testing

@Suite("Outcome classes")
struct ClassifierTests {
    private static func facts(_ change: (inout TransferFacts) -> Void) -> TransferFacts {
        var facts = TransferFacts()
        facts.openedSocket = true
        facts.status = 200
        facts.headComplete = true
        facts.connects = 1
        facts.requests = 1
        facts.cluster = "west"
        change(&facts)
        return facts
    }

    static let rows: [(TransferFacts, Outcome)] = [
        (facts { _ in }, .ok),
        (facts { $0.errno = 111 }, .ok),
        (facts { $0.isLate = true }, .late),
        (facts { $0.cluster = "east" }, .wrongCluster),
        (facts { $0.cluster = nil }, .body),
        (facts { $0.requests = 2 }, .hiddenRetry),
        (
            facts {
                $0.connects = 1; $0.requests = 1
            }, .ok
        ),
        (facts { $0.headComplete = false }, .body),
        (
            facts {
                $0.contentLength = 10; $0.bodyLength = 4
            }, .body
        ),
        (facts { $0.status = 503 }, .httpStatus),
        (
            facts {
                $0.code = 7; $0.errno = 111; $0.requests = 0
            }, .refused
        ),
        (
            facts {
                $0.code = 7; $0.errno = 113; $0.requests = 0
            }, .noRoute
        ),
        (
            facts {
                $0.code = 7; $0.errno = 101; $0.requests = 0
            }, .noRoute
        ),
        (
            facts {
                $0.code = 7; $0.errno = 99; $0.requests = 0
            }, .clientError
        ),
        (
            facts {
                $0.code = 7; $0.socketErrno = 24; $0.requests = 0
            }, .clientError
        ),
        (
            facts {
                $0.code = 28; $0.errno = 110; $0.connects = 0; $0.requests = 0
            }, .connectTimeout
        ),
        (
            facts {
                $0.code = 28; $0.openedSocket = false; $0.connects = 0; $0.requests = 0
            }, .dns
        ),
        (
            facts {
                $0.code = 28; $0.isTLS = true; $0.requests = 0
            }, .tls
        ),
        (facts { $0.code = 28 }, .responseTimeout),
        (
            facts {
                $0.code = 28; $0.connects = 0
            }, .reuseTimeout
        ),
        (
            facts {
                $0.code = 6; $0.requests = 0
            }, .dns
        ),
        (
            facts {
                $0.code = 60; $0.requests = 0
            }, .tls
        ),
        (
            facts {
                $0.code = 35; $0.requests = 0
            }, .tls
        ),
        (
            facts {
                $0.code = 56; $0.errno = 104
            }, .reset
        ),
        (facts { $0.code = 52 }, .eof),
        (facts { $0.code = 18 }, .eof),
        (facts { $0.code = 1 }, .body),
    ]

    @Test("follow from what the transfer was, never from a stale errno", arguments: rows)
    func classes(facts: TransferFacts, outcome: Outcome) {
        #expect(Classifier.outcome(of: facts, expectedCluster: "west") == outcome)
    }
}
