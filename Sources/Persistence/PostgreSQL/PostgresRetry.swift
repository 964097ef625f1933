/// How often a transaction is repeated that has not happened, and when.
struct PostgresRetry: Sendable {
    var tries = 3
    var firstDelay = Duration.milliseconds(100)
    /// After this nothing is repeated: somebody waits for an answer.
    var patience = Duration.seconds(10)

    /// Four times as long each time, between half and all of it, so that not all come back at once.
    func delay(after tries: Int, random: Double = .random(in: 0.5...1)) -> Duration {
        firstDelay * (1 << (2 * (tries - 1))) * random
    }

    func run<Value>(_ body: () async throws -> Value) async throws -> Value {
        let start = ContinuousClock.now
        var tried = 0
        while true {
            do {
                return try await body()
            } catch let repeatable as RepeatableFailure {
                tried += 1
                guard tried < tries, start.duration(to: .now) < patience else { throw repeatable.failure }
                try await Task.sleep(for: delay(after: tried))
            }
        }
    }
}
