/// Commands on their way through a cluster: what is answered so far, and what to do about the rest. Pure.
struct ClusterJourney {
    /// How often one command follows redirections or is tried again.
    private static let limit = 6
    private static let firstPause = Duration.milliseconds(10)

    private let begin: ContinuousClock.Instant
    private let budget: Duration
    private let commands: [RedisCommand]
    private(set) var results: [RedisValue]
    /// How many servers have answered.
    private var steps = 0
    /// What the last server advises for the commands that it did not carry out; nil where it did all.
    private(set) var advice: RedisRefusal.Advice?
    private var open: [Int]
    private var pauses = 0

    init(_ commands: [RedisCommand], budget: Duration, at now: ContinuousClock.Instant = .now) {
        self.commands = commands
        self.budget = budget
        begin = now
        results = Array(repeating: .null, count: commands.count)
        open = Array(commands.indices)
    }

    /// Where the next step goes, if that is not the slot's owner.
    var detour: RedisAddress? { if case .ask(let address) = advice { address } else { nil } }

    /// What to send.
    var next: [RedisCommand] {
        let rest = open.map { commands[$0] }
        return detour == nil ? rest : rest.flatMap { [RedisCommand("ASKING"), $0] }
    }

    /// - Parameter host: who answers.
    mutating func take(_ answers: [RedisValue], from host: String) {
        let answers = detour == nil ? answers : answers.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        steps += 1
        advice = nil
        var refused: [Int] = []
        for (index, answer) in zip(open, answers) {
            results[index] = answer
            guard case .refusal(let refusal) = answer, let given = refusal.advice(from: host) else { continue }
            advice = advice ?? given
            refused.append(index)
        }
        open = refused
    }

    private var deadline: ContinuousClock.Instant { begin + budget }

    /// Nil for what is sent right away: the connection gives it no more time anyhow, and needs no second alarm.
    func deadlineToWatch(at now: ContinuousClock.Instant = .now) -> ContinuousClock.Instant? {
        steps == 0 && now - begin < budget / 10 ? nil : deadline
    }

    func goesOn(at now: ContinuousClock.Instant = .now) -> Bool { steps < Self.limit && now < deadline }

    /// How long to wait before the same again; nil where that would be too late.
    mutating func pause(at now: ContinuousClock.Instant = .now) -> Duration? {
        let pause = Self.firstPause * (1 << pauses)
        pauses += 1
        return now + pause < deadline ? pause : nil
    }
}
