import Foundation
import Measurements

/// A day of use replayed, to see how much of it is answered from what is kept.
///
/// A person opens Fuze a few times a day, for some minutes each: at the beginning nothing of theirs is kept any more.
/// So every visit is by a person of its own. Each change makes lists and results new, so there are two days: one of
/// collecting, where a tenth of what people do changes something, and one of reading, where it is a fortieth.
struct DayBenchmark {
    let bench: Bench

    private static let links = 40
    private static let steps = 40
    private static let topics = [
        "swift", "sourdough", "violin strings", "fermentation", "night trains", "typography", "bees", "sql indexes",
    ]

    func run() async throws -> [Figure] {
        try await replay("collecting", changes: 0.1) + replay("reading", changes: 0.025)
    }

    private func replay(_ name: String, changes: Double) async throws -> [Figure] {
        bench.say("a day of \(name)")
        let folder = try bench.folder("day")
        let server = try ServerProcess(bench, data: folder)
        defer { server.stop() }
        let visits = bench.isQuick ? 20 : 60
        var random = SeededRandom(1)
        for visit in 0..<visits { try self.visit(visit, to: server, changes: changes, &random) }
        // The server looks at the numbers every few seconds.
        try await Task.sleep(for: .seconds(6))
        let health = try server.connection().get("/health").checked().json()
        let caches = health["caches"] as? [[String: Any]] ?? []
        let group = "A day of \(name), \(visits) visits"
        let (lists, searches) = ("user_bookmarks", "search_results")
        return [("lists", [lists]), ("searches", [searches]), ("both", [lists, searches])].map { what, regions in
            let uses = caches.filter { regions.contains($0["kept"] as? String ?? "") }
            func sum(_ key: String) -> Double { uses.reduce(0) { $0 + Double($1[key] as? Int ?? 0) } }
            let (asked, computed) = (sum("asked"), sum("computed"))
            return Figure(
                group, "\(what) answered from what is kept", asked > 0 ? 100 * (1 - computed / asked) : nil, "%",
                target: .atLeast(70), note: "of \(Int(asked))")
        }
    }

    private func visit(
        _ number: Int, to server: ServerProcess, changes: Double, _ random: inout SeededRandom
    ) throws {
        let person = ["username": "person\(number)", "email": "person\(number)@example.com"]
            .merging(["password": ServerProcess.person["password"] ?? ""]) { $1 }
        let answer = try server.connection().post("/api/auth/register", person).checked().json()
        guard let token = answer["access_token"] as? String else { throw BenchFailure("No access token came.") }
        let connection = try server.connection(token: token)
        for link in 0..<Self.links { try save(link, on: connection, &random) }
        try waitForWork(on: connection)
        var interest = Self.topics.randomElement(using: &random) ?? ""
        for step in 0..<Self.steps {
            if Double.random(in: 0..<1, using: &random) < changes {
                try save(Self.links + step, on: connection, &random)
                try waitForWork(on: connection)
            } else {
                try look(for: &interest, on: connection, &random)
            }
        }
    }

    private func look(for interest: inout String, on connection: HTTPConnection, _ random: inout SeededRandom) throws {
        switch Int.random(in: 0..<90, using: &random) {
        // Whatever one does ends where it began.
        case ..<50: _ = try connection.get("/api/bookmarks").checked()
        case ..<58: _ = try connection.get("/api/bookmarks?page=2").checked()
        case ..<66: _ = try connection.get("/api/bookmarks?tag=reading").checked()
        // Back from a result to the list of results, more often than another search.
        default:
            if Int.random(in: 0..<4, using: &random) == 0 {
                interest = Self.topics.randomElement(using: &random) ?? ""
            }
            _ = try connection.get("/api/search?mode=text&q=\(interest.replacing(" ", with: "+"))").checked()
        }
    }

    /// People take seconds from one step to the next.
    private func waitForWork(on connection: HTTPConnection) throws {
        while true {
            let jobs = try connection.get("/api/jobs?per_page=100").checked().json()["items"] as? [[String: Any]] ?? []
            let isBusy = jobs.contains { ["queued", "running"].contains($0["status"] as? String) }
            guard isBusy else { return }
            usleep(20_000)
        }
    }

    private func save(_ link: Int, on connection: HTTPConnection, _ random: inout SeededRandom) throws {
        let topic = Self.topics.randomElement(using: &random) ?? ""
        _ = try connection.post(
            "/api/bookmarks",
            [
                "url": "https://example.com/\(link)", "title": "About \(topic), part \(link)", "tags": ["reading"],
                "text": "What there is to know of \(topic).",
            ]
        ).checked()
    }
}
