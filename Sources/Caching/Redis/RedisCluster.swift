import Logging
import NIOCore
import Synchronization

/// The servers of a Redis Cluster: sends each command to the server that has its key.
///
/// Where a slot has moved, the server asked says so; the map of all slots is then read again. It is also read again
/// when a server is gone, for another may have taken its place. A command has one deadline, whatever it meets on its
/// way; and a server that answers only that it cannot is asked by one command at a time, while the others fail at once.
final class RedisCluster: Sendable {
    private struct Server {
        let node: RedisNode
        var breaker = CircuitBreaker()
    }

    private struct State {
        var map = SlotMap()
        var servers: [RedisAddress: Server] = [:]
        var refresh: Task<Void, Never>?
        var refreshedAt: ContinuousClock.Instant?
        var isClosed = false
    }

    private let connector: RedisConnector
    private let logger: Logger
    private let state = Mutex(State())

    private static let refreshInterval = Duration.milliseconds(250)
    /// How many servers are asked for the map at once.
    private static let mapSources = 5

    init(connector: RedisConnector, logger: Logger) {
        self.connector = connector
        self.logger = logger
    }

    /// Every server known by now, the ones from the configuration first.
    var addresses: [RedisAddress] {
        let seeds = connector.configuration.addresses
        return seeds + state.withLock { $0.map.servers.subtracting(seeds) }
    }

    /// Ready where every slot's server is.
    var current: RedisState {
        let (map, servers) = state.withLock { ($0.map, $0.servers) }
        let owners = map.servers
        guard !owners.isEmpty else {
            return servers.values.map(\.node.current).first { $0 != .connecting } == nil
                ? .connecting : .down(reason: "No server of the cluster tells which has which keys.")
        }
        let states = owners.map { servers[$0]?.node.current ?? .connecting }
        if let other = states.first(where: { $0 != .ready }) { return other }
        return owners.contains { servers[$0]?.breaker.isClosed == true }
            ? .down(reason: "The cluster is not whole, or loads its data.") : .ready
    }

    /// Sends commands whose keys share a slot, in one go.
    ///
    /// - Returns: refusals among the answers, also those of a cluster that could answer only later.
    func send(_ commands: [RedisCommand]) async throws(RedisFailure) -> [RedisValue] {
        let slot = commands.first?.key.map(RedisSlot.of) ?? Int.random(in: 0..<RedisSlot.count)
        var journey = ClusterJourney(commands, budget: connector.configuration.commandTimeout)
        while true {
            var target = journey.detour
            if target == nil { target = await owner(of: slot) }
            guard let address = target else { throw .unavailable }
            let passage = try await travel(&journey, to: address)
            switch journey.advice {
            case nil: return journey.results
            case .moved(let slot, let address):
                state.withLock { $0.map[slot] = address }
                refresh()
            case .ask: break
            case .tryAgain:
                refresh()
                guard passage == .free, let pause = journey.pause() else {
                    state.withLock { $0.servers[address]?.breaker.failed(at: .now) }
                    return journey.results
                }
                do { try await Task.sleep(for: pause) } catch { throw .unavailable }
            }
            guard journey.goesOn() else { return journey.results }
        }
    }

    /// Sends what is open to a server and takes its answers in.
    private func travel(
        _ journey: inout ClusterJourney, to address: RedisAddress
    ) async throws(RedisFailure) -> CircuitBreaker.Passage {
        let (node, passage) = try enter(address)
        do throws(RedisFailure) {
            journey.take(try await node.send(journey.next, by: journey.deadlineToWatch()), from: address.host)
        } catch {
            if passage == .probe { state.withLock { $0.servers[address]?.breaker.failed(at: .now) } }
            // Another may have taken the server's place.
            refresh()
            throw error
        }
        if passage == .probe, journey.advice != .tryAgain {
            state.withLock { $0.servers[address]?.breaker.succeeded() }
        }
        return passage
    }

    private func enter(_ address: RedisAddress) throws(RedisFailure) -> (RedisNode, CircuitBreaker.Passage) {
        guard let node = node(at: address) else { throw .closed }
        let passage = state.withLock { $0.servers[address]?.breaker.passage(at: .now) ?? .free }
        guard passage != .closed else {
            refresh()
            throw .unavailable
        }
        return (node, passage)
    }

    private func owner(of slot: Int) async -> RedisAddress? {
        if let known = state.withLock({ $0.map[slot] }) { return known }
        await refresh()?.value
        return state.withLock { $0.map[slot] }
    }

    private func node(at address: RedisAddress) -> RedisNode? {
        let (node, isNew) = state.withLock { state -> (RedisNode?, Bool) in
            if state.isClosed { return (nil, false) }
            if let known = state.servers[address] { return (known.node, false) }
            let node = RedisNode(addresses: { [address] }, connector: connector, logger: logger)
            state.servers[address] = Server(node: node)
            return (node, true)
        }
        if isNew { node?.connect() }
        return node
    }

    /// Begins to read the map, once for all who want it; nothing where that has just been done.
    @discardableResult
    func refresh() -> Task<Void, Never>? {
        state.withLock { state in
            if let running = state.refresh { return running }
            if let last = state.refreshedAt, .now - last < Self.refreshInterval { return nil }
            let task = Task { await self.readMap() }
            state.refresh = task
            return task
        }
    }

    private func readMap() async {
        let found = await askForMap()
        let gone = state.withLock { state -> [RedisNode] in
            state.refresh = nil
            state.refreshedAt = .now
            guard let found else { return [] }
            state.map = found
            let wanted = found.servers
            let gone = state.servers.filter { !wanted.contains($0.key) }
            for address in gone.keys { state.servers[address] = nil }
            return gone.values.map(\.node)
        }
        for node in gone { await node.close() }
        for server in found?.servers ?? [] { _ = node(at: server) }
    }

    /// Asks several servers, of which some may be gone; the first answer is taken.
    private func askForMap() async -> SlotMap? {
        let known = state.withLock { $0.map.servers }
        let seeds = connector.configuration.addresses.filter { !known.contains($0) }
        let asked = (known.shuffled().prefix(Self.mapSources - 1) + seeds.shuffled()).prefix(Self.mapSources)
        let deadline = ContinuousClock.now + connector.configuration.commandTimeout
        return await withCheckedContinuation { continuation in
            let answers = FirstMap(of: asked.count) { continuation.resume(returning: $0) }
            for address in asked {
                guard let node = node(at: address) else {
                    answers.give(nil)
                    continue
                }
                node.submit([RedisCommand("CLUSTER", "SLOTS")], by: deadline) { answer in
                    let map = (try? answer.get().first).flatMap { SlotMap($0, from: address.host) }
                    answers.give(map.flatMap { $0.servers.isEmpty ? nil : $0 })
                }
            }
        }
    }

    func close() async {
        let nodes = state.withLock { state in
            state.isClosed = true
            return state.servers.values.map(\.node)
        }
        for node in nodes { await node.close() }
    }
}

/// Waits for the first of several servers that has a map, or for all to have none.
private final class FirstMap: Sendable {
    private let first: FirstAnswer<SlotMap?>
    private let awaited: Mutex<Int>

    init(of count: Int, _ receiver: @escaping @Sendable (SlotMap?) -> Void) {
        first = FirstAnswer(receiver)
        awaited = Mutex(count)
        if count == 0 { first.give(nil) }
    }

    func give(_ map: SlotMap?) {
        let isLast = awaited.withLock { awaited in
            awaited -= 1
            return awaited == 0
        }
        if map != nil || isLast { first.give(map) }
    }
}
