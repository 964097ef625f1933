import Foundation
import Persistence
import Testing

@testable import Jobs

@Suite("Order of work")
struct FairnessTests {
    private var oneSlot: WorkerConfiguration {
        var configuration = Workshop.quick
        configuration.slots = 1
        configuration.reservedForInteractive = 0
        return configuration
    }

    /// Enqueues before the worker starts, and gives back the order in which the jobs ran.
    private func order(_ shop: Workshop, of count: Int) async throws -> [String] {
        let seen = Notebook<String>()
        var handlers = JobHandlers()
        handlers.register(saving) { _, link in seen.note(link.url) }
        try await shop.withWorker(handlers, oneSlot) {
            try await shop.eventually { seen.entries.count == count }
        }
        return seen.entries
    }

    @Test("interactive work comes before normal work, and that before bulk work")
    func priorities() async throws {
        let shop = try await Workshop()
        for priority in [JobPriority.low, .normal, .interactive, .low, .interactive] {
            try await shop.queue.enqueue(try NewJob(saving, Link(url: "\(priority)"), priority: priority))
        }
        #expect(try await order(shop, of: 5) == ["interactive", "interactive", "normal", "low", "low"])
    }

    @Test("owners take turns: one's import of many links does not delay another's few")
    func owners() async throws {
        let shop = try await Workshop()
        try await shop.queue.enqueue((1...50).map { try NewJob(saving, Link(url: "ada \($0)"), owner: Workshop.ada) })
        try await shop.queue.enqueue(
            (1...2).map { try NewJob(saving, Link(url: "grace \($0)"), owner: Workshop.grace) })
        try await shop.queue.enqueue(try NewJob(saving, Link(url: "house")))
        let order = try await order(shop, of: 53)
        #expect(Array(order.prefix(6)) == ["ada 1", "grace 1", "house", "ada 2", "grace 2", "ada 3"])
        #expect(order.filter { $0.hasPrefix("ada") } == (1...50).map { "ada \($0)" })
    }

    @Test("who comes late does not get the turns that others had before")
    func latecomer() async throws {
        let shop = try await Workshop()
        try await shop.database.write { connection in
            var line = WaitingLine(connection: connection, now: shop.clock.now)
            _ = try line.add(Array(repeating: try NewJob(saving, Link(), owner: Workshop.ada), count: 10))
            try connection.execute("DELETE FROM jobs WHERE turn < 6")
        }
        // In her own transaction, which sees nothing of Ada's.
        let turns = try await shop.database.write(.owner(Workshop.grace)) { connection in
            var later = WaitingLine(connection: connection, now: shop.clock.now)
            _ = try later.add(Array(repeating: try NewJob(saving, Link(), owner: Workshop.grace), count: 2))
            return try connection.values(
                "SELECT turn FROM jobs WHERE owner = \(Workshop.grace) ORDER BY id", as: Int.self)
        }
        #expect(turns == [6, 7])
    }

    @Test("jobs for later keep out of the way until their time has come")
    func delayed() async throws {
        let shop = try await Workshop()
        try await shop.queue.enqueue(
            try NewJob(saving, Link(url: "later"), priority: .interactive, runAt: shop.clock.now + 60))
        try await shop.queue.enqueue(try NewJob(saving, Link(url: "now")))
        #expect(try await order(shop, of: 1) == ["now"])
        shop.clock.advance(by: .seconds(60))
        #expect(try await order(shop, of: 1) == ["later"])
    }

    @Test("slots reserved for interactive work stay free of bulk work")
    func reservedSlots() async throws {
        let shop = try await Workshop()
        let goOn = Doorstop()
        let started = Notebook<String>()
        var handlers = JobHandlers()
        handlers.register(saving) { _, link in
            started.note(link.url)
            await goOn.wait()
        }
        try await shop.withWorker(handlers) {
            try await shop.queue.enqueue((0..<10).map { _ in try NewJob(saving, Link(url: "bulk"), priority: .low) })
            try await shop.eventually { started.entries.count == 3 }
            try await shop.queue.enqueue(try NewJob(saving, Link(url: "save"), priority: .interactive))
            try await shop.eventually { started.entries.contains("save") }
            #expect(started.entries == ["bulk", "bulk", "bulk", "save"])
            goOn.open()
            try await shop.eventually { started.entries.count == 11 }
        }
    }

    @Test("tiny jobs are claimed ahead in batches, slow ones are not")
    func pace() {
        var pace = ClaimPace(slots: 8)
        #expect(pace.ahead == 0)
        for _ in 0..<200 { pace.record(seconds: 0.0001) }
        #expect(pace.ahead == 512)
        for _ in 0..<3 { pace.record(seconds: 2) }
        #expect(pace.ahead == 1)
        pace.claimedTooMuch()
        #expect(pace.ahead == 0)
    }

    @Test("what was claimed ahead but cannot start is put back")
    func claimedAhead() async throws {
        let shop = try await Workshop()
        let goOn = Doorstop()
        var handlers = JobHandlers()
        handlers.register(nothing) { _, _ in }
        handlers.register(saving) { _, _ in await goOn.wait() }
        try await shop.withWorker(handlers, oneSlot) {
            let quick = try await shop.queue.enqueue((0..<300).map { _ in try NewJob(nothing, NoPayload()) })
            _ = try await shop.job(quick[299], is: .succeeded)
            let slow = try await shop.queue.enqueue((0..<5).map { _ in try NewJob(saving, Link()) })
            try await shop.eventually { try await shop.status(slow[4]) == .running }
            shop.clock.advance(by: .seconds(2))
            #expect(try await shop.job(slow[4], is: .queued).attempts == 0)
            #expect(try await shop.status(slow[0]) == .running)
            goOn.open()
            for id in slow { _ = try await shop.job(id, is: .succeeded) }
        }
    }
}
