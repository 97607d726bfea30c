import Foundation
import QuakeCluster
import QuakeKube
import QuakeTestSupport
import Testing

/// An object with a spec.
private func object(_ spec: JSONValue, version: String = "1") -> JSONValue {
    [
        "apiVersion": "v1", "kind": "Thing",
        "metadata": ["name": "a", "uid": "u", "resourceVersion": .string(version)], "spec": spec,
    ]
}

private func words(_ before: JSONValue, _ after: JSONValue) -> [String] {
    ObjectDifference.changes(from: object(before), to: object(after)).map(\.words)
}

@Suite("What a call changed in an object")
struct ObjectDifferenceTests {
    @Test("is listed field by field, with elements of lists by what they are known by")
    func fields() {
        let before: JSONValue = [
            "a": 1, "gone": "x", "same": [1, 2], "plain": [1, 2],
            "containers": [["name": "web", "image": "x:1"], ["name": "side", "image": "y"]],
        ]
        let after: JSONValue = [
            "a": 2, "new": true, "same": [1, 2], "plain": [1],
            "containers": [["name": "web", "image": "x:2"], ["name": "fresh", "image": "z"]],
        ]
        #expect(
            words(before, after) == [
                "spec.a", "spec.containers[name=web].image", "spec.containers[name=side]",
                "spec.containers[name=fresh]",
                "the order of spec.containers", "spec.gone", "spec.new", "spec.plain",
            ])
    }

    @Test("is each field of a container that came or went, and the container after what it holds")
    func containers() {
        #expect(
            words([:], ["strategy": ["type": "x", "rolling": ["max": 1]]]).map { $0.dropFirst(5) } == [
                "strategy.rolling.max", "strategy.rolling", "strategy.type", "strategy",
            ])
        #expect(words(["strategy": ["type": "x"]], [:]) == ["spec.strategy.type"])
        #expect(words(["emptyDir": [:]], [:]) == ["spec.emptyDir"])
        #expect(words(["a": .null], [:]).isEmpty && words([:], ["a": .null]).isEmpty)
    }

    @Test("is a list as a whole where nothing tells its elements apart")
    func wholeLists() {
        let lists: [JSONValue] = [
            [["key": "a"], ["key": "b"]], [["name": "a"], ["name": "a"]], ["x", "y"], [["name": ["a": 1]]],
        ]
        for elements in lists {
            #expect(words(["list": [["name": "one"]]], ["list": elements]) == ["spec.list"])
        }
        let ports: JSONValue = [
            ["containerPort": 53, "protocol": "UDP"], ["containerPort": 53, "protocol": "TCP", "name": "dns"],
        ]
        var named = ports
        named[1]?["name"] = "d"
        #expect(words(["ports": ports], ["ports": named]) == ["spec.ports[containerPort=53,protocol=TCP].name"])
    }

    @Test("has nothing of what the server writes by itself")
    func serverFields() {
        var before = object(["a": 1])
        before["status"] = ["phase": "x"]
        var after = object(["a": 1], version: "2")
        after.set(3, at: "metadata", "generation")
        after.set("2", at: "metadata", "annotations", "deployment.kubernetes.io/revision")
        after.set([["manager": "kubectl"]], at: "metadata", "managedFields")
        #expect(ObjectDifference.changes(from: before, to: after).isEmpty)
    }

    @Test("can be written down and read again")
    func coded() throws {
        let changes = ObjectDifference.changes(
            from: object(["a": 1, "env": [["name": "x", "value": "1"], ["name": "y"]]]),
            to: object(["b": [:], "env": [["name": "y"], ["name": "x", "value": "2"]]]))
        let inverse = Inverse.restore(path: "/p", uid: "u", changes: changes)
        let data = try JSONEncoder().encode(inverse)
        #expect(try JSONDecoder().decode(Inverse.self, from: data) == inverse)
        #expect(changes.count == 4)
    }
}

@Suite("Putting an object's fields back")
struct ObjectRestorationTests {
    private func undone(_ before: JSONValue, _ after: JSONValue, now: JSONValue? = nil) -> ObjectRestoration {
        let changes = ObjectDifference.changes(from: object(before), to: object(after))
        return ObjectRestoration(of: changes, in: object(now ?? after))
    }

    @Test("leaves what others have changed since, and names it")
    func others() {
        let found = undone(
            ["minAvailable": 1, "labels": ["a": "1"]], ["maxUnavailable": 1, "labels": ["a": "2", "b": "1"]],
            now: ["maxUnavailable": 3, "labels": ["a": "2", "b": "1", "theirs": "x"], "paused": true])
        // Nobody has set minAvailable since, so that it comes back beside what others wrote.
        #expect(
            found.object["spec"]
                == ["minAvailable": 1, "maxUnavailable": 3, "labels": ["a": "1", "theirs": "x"], "paused": true])
        #expect(found.left.map(\.words) == ["spec.maxUnavailable"])
    }

    @Test("takes a container that came with the call only where nothing of others is in it")
    func containers() {
        #expect(undone([:], ["labels": ["a": "1"]]).object["spec"] == [:])
        let kept = undone([:], ["labels": ["a": "1"]], now: ["labels": ["a": "1", "theirs": "x"]])
        #expect(kept.object["spec"] == ["labels": ["theirs": "x"]] && kept.left.isEmpty)
    }

    @Test("keeps elements of others, and puts its own into their old order")
    func elements() {
        func list(_ names: String...) -> JSONValue { ["env": .array(names.map { ["name": .string($0)] })] }
        #expect(undone(list("a", "b", "c"), list("c", "b")).object["spec"] == list("a", "b", "c"))
        let mixed = undone(list("a", "b", "c"), list("c", "b", "d"), now: list("theirs", "c", "b", "d"))
        #expect(mixed.object["spec"] == list("a", "b", "c", "theirs") && mixed.left.isEmpty)
        let turned = undone(list("a", "b"), list("b", "a"), now: list("a", "b"))
        #expect(turned.object["spec"] == list("a", "b") && turned.left.isEmpty)
    }

    @Test("does not bring an element back to change a field of it")
    func goneElement() {
        let found = undone(
            ["env": [["name": "a", "value": "1"], ["name": "b"]]],
            ["env": [["name": "a", "value": "2"], ["name": "b"]]], now: ["env": [["name": "b"]]])
        #expect(found.object["spec"] == ["env": [["name": "b"]]])
        #expect(found.left.map(\.words) == ["spec.env[name=a].value"])
    }

    @Test("changes nothing where it is done already")
    func twice() {
        let before: JSONValue = ["a": 1, "env": [["name": "x"], ["name": "y"]]]
        let after: JSONValue = ["b": ["c": 1], "env": [["name": "z"], ["name": "y"]]]
        let changes = ObjectDifference.changes(from: object(before), to: object(after))
        let first = ObjectRestoration(of: changes, in: object(after))
        #expect(first.object["spec"] == before && first.left.isEmpty && !first.restored.isEmpty)
        let second = ObjectRestoration(of: changes, in: first.object)
        #expect(second.object == first.object && second.left.isEmpty && second.restored.isEmpty)
    }
}

/// Objects by chance: small, so that the same fields come often.
private struct Chance {
    private var generator: Generator

    init(seed: UInt64) { generator = Generator(seed: seed) }

    mutating func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

    mutating func value(depth: Int) -> JSONValue {
        switch number(depth > 0 ? 6 : 3) {
        case 0: return .int(Int64(number(3)))
        case 1: return .string(["x", "y", ""][number(3)])
        case 2: return .bool(number(2) == 0)
        case 3: return .array((0..<number(3)).map { _ in value(depth: depth - 1) })
        case 4: return named(depth: depth - 1)
        default: return members(depth: depth - 1)
        }
    }

    private mutating func named(depth: Int) -> JSONValue {
        let names = ["n", "m", "o"].shuffled(using: &generator).prefix(number(4))
        return .array(
            names.map { name in
                var element = members(depth: depth)
                element["name"] = .string(name)
                return element
            })
    }

    mutating func members(depth: Int) -> JSONValue {
        var object: JSONValue = [:]
        for key in ["a", "b", "list"] where number(2) == 0 { object[key] = value(depth: depth) }
        return object
    }
}

@Suite("Any change of an object")
struct ObjectChangePropertyTests {
    @Test("and its inverse make the object what it was")
    func inverse() {
        for seed in 0..<4000 {
            var chance = Chance(seed: UInt64(seed))
            let before = object(chance.members(depth: 4))
            let after = object(chance.members(depth: 4), version: "2")
            let changes = ObjectDifference.changes(from: before, to: after)
            let found = ObjectRestoration(of: changes, in: after)
            #expect(found.object["spec"] == before["spec"] && found.left.isEmpty, "seed \(seed)")
            #expect(changes.isEmpty == (before["spec"] == after["spec"]), "seed \(seed)")
            // What was expected of a call that was never made undoes nothing.
            #expect(ObjectRestoration(of: changes, in: before).object == before, "seed \(seed)")
        }
    }

    @Test("leaves a field that others have made or changed meanwhile as they made it")
    func foreign() {
        for seed in 0..<4000 {
            var chance = Chance(seed: UInt64(seed))
            let before = object(chance.members(depth: 3))
            let after = object(chance.members(depth: 3), version: "2")
            var now = after
            now.set("theirs", at: "spec", "foreign")
            now.set("theirs", at: "spec", "a")
            let changes = ObjectDifference.changes(from: before, to: after)
            let found = ObjectRestoration(of: changes, in: now)
            #expect(found.object.at("spec", "foreign") == "theirs", "seed \(seed)")
            #expect(found.object.at("spec", "a") == "theirs", "seed \(seed)")
            for key in ["b", "list"] {
                #expect(found.object.at("spec", key) == before.at("spec", key), "seed \(seed), \(key)")
            }
        }
    }
}

@Suite("What kubectl apply will make of an object")
struct ThreeWayMergeTests {
    private func merged(_ live: JSONValue, last: JSONValue?, new: JSONValue) -> JSONValue? {
        var object = object(live)
        if let last { object.set(.string(last.text()), at: "metadata", "annotations", ThreeWayMerge.lastApplied) }
        return ThreeWayMerge.merged(["metadata": ["name": "a"], "spec": new], into: object)["spec"]
    }

    @Test("keeps fields of others, and loses those that only the last manifest had")
    func fields() {
        #expect(
            merged(
                ["maxUnavailable": 1, "theirs": 1], last: ["spec": ["maxUnavailable": 1]], new: ["minAvailable": 2])
                == ["minAvailable": 2, "theirs": 1])
        #expect(
            merged(["maxUnavailable": 1], last: nil, new: ["minAvailable": 2])
                == ["maxUnavailable": 1, "minAvailable": 2])
    }

    @Test("merges lists whose elements have names")
    func lists() {
        #expect(
            merged(
                ["env": [["name": "a", "value": "1"], ["name": "old"], ["name": "theirs"]]],
                last: ["spec": ["env": [["name": "a"], ["name": "old"]]]],
                new: ["env": [["name": "a", "value": "2"], ["name": "new"]]])
                == ["env": [["name": "a", "value": "2"], ["name": "theirs"], ["name": "new"]]])
    }

    @Test("records the manifest as kubectl does")
    func record() {
        let made = ThreeWayMerge.merged(["kind": "Thing", "metadata": ["name": "a<b"]], into: object([:]))
        #expect(
            made.annotations[ThreeWayMerge.lastApplied]
                == #"{"kind":"Thing","metadata":{"annotations":{},"name":"a\u003cb"}}"# + "\n")
    }
}

@Suite("What kubectl says about an apply")
struct KubectlApplyTests {
    private func reason(_ text: String) -> String {
        KubectlApply.reason(of: CommandResult(arguments: [], standardError: text, exitCode: 1))
    }

    @Test("is its reason, without warnings and without the patch, which may hold a Secret's values")
    func reasons() {
        #expect(
            reason(
                "Warning: x\nError from server (NotFound): error when creating \"STDIN\": namespaces \"x\" not found\n")
                == "Error from server (NotFound): error when creating: namespaces \"x\" not found")
        let patched = """
            Error from server (Invalid): error when applying patch:
            {"data":{"password":"aHVudGVyMg=="}}
            to:
            Resource: "/v1, Resource=secrets", GroupVersionKind: "/v1, Kind=Secret"
            Name: "s", Namespace: "default"
            for: "STDIN": error when patching "STDIN": Secret "s" is invalid: data: Forbidden
            """
        let said = reason(patched)
        #expect(
            said.hasPrefix("Error from server (Invalid): ")
                && said.hasSuffix("Secret \"s\" is invalid: data: Forbidden"))
        #expect(!said.contains("aHVudGVyMg") && !said.contains("STDIN"))
    }

    @Test("is kept without what the object holds")
    func evidence() {
        let object =
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"n","uid":"u"},"data":{"p":"x7"}}"#
        let kept = KubectlApply.evidence(of: CommandResult(arguments: [], standardOutput: object))
        #expect(kept.standardOutput.contains("v1 Secret n/s, uid u") && !kept.standardOutput.contains("x7"))
    }

    @Test("tells a missing dry run from a refusal")
    func dryRun() {
        func lacks(_ text: String) -> Bool {
            KubectlApply.lacksDryRun(CommandResult(arguments: [], standardError: text, exitCode: 1))
        }
        #expect(lacks("error: /v1, Kind=ConfigMap doesn't support dry-run"))
        #expect(lacks("Error from server (BadRequest): admission webhook \"w\" does not support dry run"))
        #expect(!lacks("Error from server (Forbidden): no"))
    }
}
