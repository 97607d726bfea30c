import FoundationEssentials
import QuakePlan
import QuakePlanFiles
import QuakeShipped
import QuakeTestSupport
import Testing

@Suite("Plans, manifests and kind configs in the program")
struct ShippedFileTests {
    @Test("are the files of the repository's folders, all of them, byte for byte")
    func same() throws {
        var paths: [String] = []
        for folder in ["Plans", "kind-configs"] {
            let names = try FileManager.default.subpathsOfDirectory(atPath: "\(Repository.root)/\(folder)")
            paths += names.filter { $0.contains(".") }.map { "\(folder)/\($0)" }
        }
        #expect(ShippedFile.all.map(\.path).sorted() == paths.sorted())
        for file in ShippedFile.all { #expect(try file.text == Repository.text(file.path), "\(file.path)") }
    }

    @Test("have names that are each one plan's")
    func names() {
        let names = ShippedPlan.all.map(\.name)
        #expect(names.count == 37 && Set(names).count == names.count)
        #expect(names.contains("quickstart") && names.contains("checks/loss"))
        #expect(ShippedPlan(named: "manifests/istiod-1") == nil && ShippedPlan(named: "kind-configs/east") == nil)
    }

    @Test("are read as the files are", arguments: ShippedPlan.all.map(\.name))
    func read(name: String) throws {
        let shipped = try #require(ShippedPlan(named: name))
        let (plan, file) = (try shipped.load(), try Plan.load(path: "\(Repository.root)/Plans/\(name).yaml"))
        #expect(plan.path == name && plan.source == file.source && plan.seed == file.seed)
        #expect(plan.trials.count == file.trials.count && plan.attachments == file.attachments)
    }

    @Test("know the manifests that they apply, whatever their matrix chooses")
    func applied() throws {
        let istiods = try #require(ShippedPlan(named: "istiod-node-kill"))
        #expect(istiods.applied().map(\.name) == ["manifests/istiod-1.yaml", "manifests/istiod-2.yaml"])
        #expect(ShippedPlan(named: "quickstart")?.applied() == [])
    }

    @Test("make a pair of clusters for each timing")
    func pairs() {
        #expect(
            PairTiming.quick.configs.map(\.path) == ["kind-configs/quick-east.yaml", "kind-configs/quick-west.yaml"])
        #expect(PairTiming.real.configs.map(\.path) == ["kind-configs/east.yaml", "kind-configs/west.yaml"])
    }

    @Test("are found by their names, and by no path")
    func found() throws {
        #expect(try Plan.find("quickstart").path == "quickstart")
        let option = PlanOptions(set: [(name: "istiods", values: ["1"])])
        #expect(
            try Plan.find("istiod-node-kill", options: option).attachments.files.keys.contains(
                "manifests/istiod-1.yaml"))
        #expect(throws: PlanError.self) { try Plan.find("./quickstart") }
    }

    @Test("give way to a file of their name, and not to a folder")
    func fileWins() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.file("node-blip", PlanText.minimal())
        #expect(try Plan.find(path).path == path)
        // A name that is a folder's is no plan by itself.
        let error = #expect(throws: PlanError.self) { try Plan.find(folder.path) }
        #expect(error?.description.contains("is a directory") == true)
    }

    @Test(
        "are suggested for names that lead nowhere",
        arguments: [
            ("quikstart", "did you mean quickstart, a plan in the program?"),
            ("old/node-blip.yaml", "did you mean node-blip, a plan in the program?"),
            ("loss", "did you mean checks/loss, a plan in the program?"),
            ("mine.yaml", "see: peerquake plans list"),
        ])
    func suggested(name: String, hint: String) {
        let error = #expect(throws: PlanError.self) { try Plan.find(name) }
        #expect(error?.description.hasPrefix("\(name): the file cannot be read; ") == true)
        #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
    }

    @Test("say what an option makes of a manifest's name that is not in the program")
    func missing() throws {
        let option = PlanOptions(set: [(name: "istiods", values: ["9"])])
        let error = #expect(throws: PlanError.self) { try Plan.find("istiod-node-kill", options: option) }
        #expect(error?.description.contains("istiod-node-kill:") == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("is not in the program") == true, "\(error?.description ?? "")")
    }
}
