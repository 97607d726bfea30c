import Foundation
import QuakeRecord
import Testing

/// Agents and runs of different versions understand each other.
struct DialWireTests {
    /// As an agent of the first image wrote it, its keys sorted.
    private static let page =
        #"{"incarnation":"7-1","lost":3,"next":6,"records":["#
        + [
            #"{"at":1764374400000000000,"what":{"dial":{"_0":{"began":1764374390000000000,"clientAddress":"10.244.1.7","#
                + #""clientGoneMillis":2000.5,"clientPort":40112,"cluster":"east","dialer":"balancer","errno":110,"#
                + #""gatewayNode":"","gatewayPod":"","method":"nodeport","millis":10000.25,"outcome":"timeout","#
                + #""peer":"west","phase":"tcp","targetAddress":"172.18.0.4:31080","targetNode":"west-worker"}}}}"#,
            #"{"at":3,"what":{"dial":{"_0":{"began":2,"clientAddress":"","clientPort":0,"cluster":"east","#
                + #""dialer":"loadbalancer","errno":0,"gatewayNode":"n","gatewayPod":"g","method":"loadbalancer","#
                + #""millis":0.5,"outcome":"no-target","peer":"east","phase":"connect","targetAddress":"","#
                + #""targetNode":""}}}}"#,
            #"{"at":4,"what":{"targets":{"addresses":["n=1.2.3.4:5"],"peer":"west"}}}"#,
            #"{"at":5,"what":{"health":{"healthy":false,"node":"n"}}}"#,
        ].joined(separator: ",") + "]}"

    private func encoded(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test func pagesReadAndWriteAsTheyAlwaysDid() throws {
        let page = try JSONDecoder().decode(RecordPage.self, from: Data(Self.page.utf8))
        #expect(try encoded(page) == Self.page)
        guard case .dial(let dial)? = page.records.first?.what else {
            Issue.record("no dial")
            return
        }
        #expect(
            dial
                == Dial(
                    dialer: .balancer, cluster: "east", peer: "west", peering: .nodePort,
                    began: 1_764_374_390_000_000_000, millis: 10_000.25, targetNode: "west-worker",
                    targetAddress: "172.18.0.4:31080", outcome: .timeout, phase: .tcp, errno: 110,
                    clientAddress: "10.244.1.7", clientPort: 40_112, clientGoneMillis: 2000.5))
        let inRun = dial.on { RunInstant(nanoseconds: $0 - 1_764_374_389_000_000_000) }
        #expect(inRun.began == RunInstant(nanoseconds: 1_000_000_000))
        #expect(inRun.targetNode == dial.targetNode && inRun.clientGoneMillis == dial.clientGoneMillis)
    }

    /// An agent that is newer than the run, or an annotation that nobody foresaw.
    @Test func wordsThatAreNotKnownSpoilNothing() throws {
        let text = Self.page.replacingOccurrences(of: #""timeout""#, with: #""melted""#)
            .replacingOccurrences(of: #""phase":"tcp""#, with: #""phase":"tls""#)
            .replacingOccurrences(of: #""nodeport""#, with: #""""#)
            .replacingOccurrences(of: "40112", with: "70000")
        let page = try JSONDecoder().decode(RecordPage.self, from: Data(text.utf8))
        guard case .dial(let dial)? = page.records.first?.what else {
            Issue.record("no dial")
            return
        }
        #expect(dial.outcome == .error && dial.phase == .connect)
        #expect(dial.peering == .loadBalancer && dial.clientPort == .max)
    }
}
