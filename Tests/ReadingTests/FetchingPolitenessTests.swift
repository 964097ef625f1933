import NIOCore
import TestSupport
import Testing

@testable import Reading

@Suite("Politeness towards sites")
struct FetchingPolitenessTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func lease(_ turn: HostPoliteness.Turn) -> HostPoliteness.Lease? {
        if case .now(let lease) = turn { lease } else { nil }
    }

    private func moment(_ turn: HostPoliteness.Turn) -> NIODeadline? {
        if case .wait(let moment) = turn { moment } else { nil }
    }

    @Test("requests to one host start a quarter of a second apart")
    func interval() {
        let politeness = HostPoliteness(connections: 2, interval: .milliseconds(250))
        let first = lease(politeness.reserve("a.example", at: start))
        #expect(first != nil)
        let second = politeness.reserve("a.example", at: start + .milliseconds(100))
        #expect(moment(second) == start + .milliseconds(250))
        #expect(lease(politeness.reserve("a.example", at: start + .milliseconds(250))) != nil)
    }

    @Test("other hosts do not wait")
    func otherHosts() {
        let politeness = HostPoliteness(connections: 1, interval: .seconds(1))
        let first = lease(politeness.reserve("a.example", at: start))
        #expect(first != nil)
        #expect(lease(politeness.reserve("b.example", at: start)) != nil)
    }

    @Test("a host has at most two connections, and an ended one makes room")
    func connections() {
        let politeness = HostPoliteness(connections: 2, interval: .zero)
        let first = lease(politeness.reserve("a.example", at: start))
        let second = lease(politeness.reserve("a.example", at: start))
        #expect(second != nil)
        #expect(moment(politeness.reserve("a.example", at: start)) != nil)
        first?.end()
        first?.end()
        let third = lease(politeness.reserve("a.example", at: start))
        #expect(third != nil)
        #expect(moment(politeness.reserve("a.example", at: start)) != nil)
        second?.end()
        third?.end()
    }

    @Test("those who wait are told different moments")
    func spread() {
        let politeness = HostPoliteness(connections: 2, interval: .milliseconds(250))
        let first = lease(politeness.reserve("a.example", at: start))
        let moments = (0..<4).compactMap { _ in moment(politeness.reserve("a.example", at: start)) }
        #expect(moments == (1...4).map { start + .milliseconds(250 * $0) })
        first?.end()
    }

    @Test("nobody is told to wait longer than a minute for a busy host")
    func longQueue() {
        let politeness = HostPoliteness(connections: 1, interval: .seconds(1))
        let first = lease(politeness.reserve("a.example", at: start))
        let moments = (0..<500).compactMap { _ in moment(politeness.reserve("a.example", at: start)) }
        #expect(moments.count == 500)
        #expect(moments.allSatisfy { $0 <= start + .minutes(1) })
        first?.end()
    }

    @Test("a host that asks to be left alone is left alone")
    func retryAfter() {
        let politeness = HostPoliteness(connections: 2, interval: .zero)
        politeness.leaveAlone("a.example", for: .seconds(90), at: start)
        #expect(moment(politeness.reserve("a.example", at: start)) == start + .seconds(90))
        #expect(lease(politeness.reserve("a.example", at: start + .seconds(90))) != nil)
        politeness.leaveAlone("b.example", for: .seconds(999_999), at: start)
        #expect(lease(politeness.reserve("b.example", at: start + .hours(1))) != nil)
    }

    @Test("idle hosts are forgotten")
    func forgetting() {
        let politeness = HostPoliteness(connections: 2, interval: .milliseconds(1))
        for number in 0..<5_000 {
            let now = start + .milliseconds(Int64(number))
            lease(politeness.reserve("host\(number).example", at: now))?.end()
        }
        #expect(politeness.count < 2_000)
    }

    @Test("a lease that is dropped is given back")
    func droppedLease() {
        let politeness = HostPoliteness(connections: 1, interval: .zero)
        _ = lease(politeness.reserve("a.example", at: start))
        #expect(lease(politeness.reserve("a.example", at: start)) != nil)
    }

    @Test("a fetch whose turn is not soon comes back as busy, before anything is opened")
    func busyHost() async throws {
        let fetcher = try PageFetcher.local(resolver: .fixed(["93.184.215.14"])) {
            $0.perHostConnections = 1
            $0.perHostInterval = .seconds(20)
            $0.patience = .milliseconds(50)
        }
        let other = lease(fetcher.politeness.reserve("busy.example"))
        let url = try #require(WebURL("http://busy.example/"))
        let failure = await fetcher.failure(fetching: url)
        #expect(failure?.kind == .hostBusy)
        #expect(failure?.isFinal == false)
        #expect((failure?.retryAfter ?? .zero) > .seconds(10))
        other?.end()
    }

    @Test("private hosts are not waited for")
    func privateHosts() async throws {
        try await ScriptedSite.run { _ in
            .page("quick")
        } while: { site in
            let fetcher = try PageFetcher.local {
                $0.perHostInterval = .seconds(20)
                $0.patience = .zero
            }
            for _ in 0..<3 {
                #expect(try await fetcher.fetch(site.url()).text == "quick")
            }
            #expect(fetcher.politeness.count == 0)
        }
    }
}
