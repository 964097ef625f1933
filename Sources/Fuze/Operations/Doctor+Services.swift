import Caching
import Foundation
import Logging

extension Doctor {
    /// What is found is said as findings.
    static var quiet: Logger {
        var logger = Logger(label: "fuze.doctor")
        logger.logLevel = .critical
        return logger
    }

    /// Asks Redis for an answer, where one is configured.
    func sharedMemory() async -> [Finding] {
        guard let settings = configuration.redis else { return [] }
        let advice = "Start it, or correct FUZE_REDIS_URL. Each instance goes on with its own memory meanwhile."
        guard let redis = try? Redis(settings, installation: "doctor", logger: Self.quiet) else {
            return [
                .warning("redis", "Its certificates cannot be read.", "Look at the files that FUZE_REDIS_URL names.")
            ]
        }
        let start = ContinuousClock.now
        var answer = try? await redis.send(RedisCommand("PING"))
        // The first question may come before the connection is there.
        while answer == nil, ContinuousClock.now - start < .seconds(3) {
            try? await Task.sleep(for: .milliseconds(50))
            answer = try? await redis.send(RedisCommand("PING"))
        }
        await redis.close()
        guard answer != nil else { return [.warning("redis", "It does not answer.", advice)] }
        return [.ok("redis", "It answers.")]
    }
}
