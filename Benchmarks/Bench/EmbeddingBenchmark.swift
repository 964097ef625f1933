import Foundation
import Measurements

/// Bulk embedding against sentence-transformers on the same texts, by `Benchmarks/Embedding/compare.py`.
struct EmbeddingBenchmark {
    let bench: Bench

    private static let group = "Bulk embedding, passages of about 150 words"

    func run() throws -> [Figure] {
        let ratio = "against sentence-transformers or transformers"
        guard FileManager.default.fileExists(atPath: bench.data.appending(path: "retrieval").path) else {
            return [
                Figure(Self.group, ratio, nil, target: .atLeast(5), note: "no texts at \(bench.data.path)/retrieval")
            ]
        }
        bench.say("bulk embedding")
        let output = try Command.output(
            [
                bench.python, "Benchmarks/Embedding/compare.py", "--json", "--command", "\(bench.program.path) embed",
                "--texts", bench.isQuick ? "200" : "600", "--rounds", bench.isQuick ? "1" : "2",
            ], environment: ["FUZE_EVAL_DATA": bench.data.path, "FUZE_PACKAGES": ModelPackages.folder])
        let result = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] ?? [:]
        let rates = result["texts_per_second"] as? [String: Double] ?? [:]
        let other = rates.first { $0.key != "fuze" }
        return [
            Figure(
                Self.group, ratio, result["ratio"] as? Double, "×", target: .atLeast(5),
                note: other.map { String(format: "%@ %.1f texts/s", $0.key, $0.value) }
                    ?? "not installed in \(bench.python); FUZE_BENCH_PYTHON names another"),
            Figure(
                Self.group, "texts a second, start and loading included", rates["fuze"], "/s",
                note: (result["least_cosine"] as? Double).map { String(format: "least cosine to the other's %.5f", $0) }
                    ?? ""),
        ]
    }
}
