import QuakeKube
import Testing

@testable import QuakeRun

@Suite("The addresses of nodes")
struct NodeAddressesTests {
    private func node(_ name: String, _ address: String?) -> JSONValue {
        var addresses: [JSONValue] = [["type": "Hostname", "address": .string(name)]]
        if let address { addresses.append(["type": "InternalIP", "address": .string(address)]) }
        return ["metadata": ["name": .string(name)], "status": ["addresses": .array(addresses)]]
    }

    @Test("a node that came back under another one is reported, with both; gone, new and unchanged ones are not")
    func changes() {
        let before = NodeAddresses(["west": [node("a", "10.0.0.1"), node("b", "10.0.0.2"), node("gone", "10.0.0.3")]])
        let after = NodeAddresses(["west": [node("a", "10.0.0.1"), node("b", "10.0.0.7"), node("new", "10.0.0.3")]])
        let told = before.changes(to: after)
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("west: b came back as 10.0.0.7, and was 10.0.0.2: ") == true)
        #expect(before.changes(to: before).isEmpty)
        #expect(before.changes(to: NodeAddresses(["west": [node("a", nil)]])).isEmpty)
    }
}
