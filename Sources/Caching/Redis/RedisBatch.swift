import Synchronization

/// Commands that are sent together, and who waits for their answers.
struct RedisBatch: Sendable {
    typealias Answer = Result<[RedisValue], RedisFailure>

    let commands: [RedisCommand]
    /// How long the connection is trusted to answer, from when they are sent.
    let patience: Duration
    let answer: @Sendable (Answer) -> Void
}

/// Passes on the first of several answers, and only that.
final class FirstAnswer<Answer: Sendable>: Sendable {
    private let receiver: Mutex<(@Sendable (Answer) -> Void)?>

    init(_ receiver: @escaping @Sendable (Answer) -> Void) { self.receiver = Mutex(receiver) }

    func give(_ answer: Answer) {
        let receiver = receiver.withLock { receiver in
            defer { receiver = nil }
            return receiver
        }
        receiver?(answer)
    }
}

/// The batches on the wire, whose answers come in the order in which they were sent. Pure, so that it can be tested.
struct AwaitedAnswers<Waiting> {
    private struct Entry {
        let waiting: Waiting
        let deadline: ContinuousClock.Instant
        var missing: Int
        var values: [RedisValue] = []
    }

    private var entries: [Entry] = []
    /// Answered entries at the front, dropped in bulk.
    private var answered = 0

    /// When the first of those that wait gives up; nil where nobody waits.
    var firstDeadline: ContinuousClock.Instant? { isEmpty ? nil : entries[answered].deadline }
    var isEmpty: Bool { answered == entries.count }

    mutating func append(_ waiting: Waiting, answers: Int, deadline: ContinuousClock.Instant) {
        entries.append(Entry(waiting: waiting, deadline: deadline, missing: answers))
    }

    /// Takes the next answer in; returns the batch that is complete with it.
    ///
    /// - Returns: `.nobody` where the server answers what was not asked.
    mutating func take(_ value: RedisValue) -> Step {
        guard !isEmpty else { return .nobody }
        entries[answered].values.append(value)
        entries[answered].missing -= 1
        guard entries[answered].missing == 0 else { return .more }
        let done = entries[answered]
        answered += 1
        if answered >= 64, answered * 2 >= entries.count {
            entries.removeFirst(answered)
            answered = 0
        }
        return .complete(done.waiting, done.values)
    }

    enum Step {
        case more
        case complete(Waiting, [RedisValue])
        case nobody
    }

    /// Everybody who still waits, with whether their time is over.
    mutating func giveUp(at now: ContinuousClock.Instant) -> [(waiting: Waiting, isLate: Bool)] {
        defer {
            entries = []
            answered = 0
        }
        return entries[answered...].map { ($0.waiting, $0.deadline <= now) }
    }
}
