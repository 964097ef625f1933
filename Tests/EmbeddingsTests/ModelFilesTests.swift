import Foundation
import Testing

@testable import Embeddings

/// What happens where the installation is incomplete or damaged.
struct ModelFilesTests {
    @Test("without the library, f32 fails with its name")
    func noLibrary() {
        let files = EmbeddingModelFiles(libraries: "/nowhere", model: Model.files.model)
        #expect(throws: EmbeddingFailure.missing(file: "/nowhere/libopenvino_c.so", reason: "not found")) {
            try SentenceEncoder(files: files, precision: .f32, threads: 1)
        }
    }

    @Test("a library that is none fails with the loader's words")
    func falseLibrary() throws {
        let folder = try Folder()
        try Data("not a library".utf8).write(to: folder.url.appending(path: "libopenvino_c.so.1"))
        let files = EmbeddingModelFiles(libraries: folder.url.path, model: Model.files.model)
        #expect {
            try SentenceEncoder(files: files, precision: .f32, threads: 1)
        } throws: {
            guard case EmbeddingFailure.library = $0 else { return false }
            return true
        }
    }

    @Test("without the model, the failure names the file")
    func noModel() {
        let files = EmbeddingModelFiles(libraries: Model.files.libraries, model: "/nowhere")
        #expect {
            try SentenceEncoder(files: files, threads: 1)
        } throws: {
            "\($0)".contains("/nowhere/vocab.txt")
        }
    }

    @Test(
        "damaged weights are refused",
        arguments: [
            Data(), Data("short".utf8), Data(repeating: 0xFF, count: 100),
            Data([2, 0, 0, 0, 0, 0, 0, 0]) + Data("[]".utf8),
            Data([2, 0, 0, 0, 0, 0, 0, 0]) + Data("{}".utf8),
        ])
    func damagedWeights(content: Data) throws {
        let folder = try Folder()
        let file = folder.url.appending(path: "model.safetensors").path
        try content.write(to: URL(fileURLWithPath: file))
        #expect {
            let mapped = try MappedFile(path: file)
            let tensors = try Safetensors(mapped, file: file)
            _ = try MiniLMGraph(tensors: tensors, weightBytes: mapped.fileSize)
        } throws: {
            guard case EmbeddingFailure.damaged = $0 else { return false }
            return true
        }
    }

    @Test("a vocabulary larger than the model's is refused")
    func largeVocabulary() throws {
        let folder = try Folder()
        let file = folder.url.appending(path: "vocab.txt").path
        let more = try Data(contentsOf: URL(fileURLWithPath: Model.vocabulary)) + Data("fuze\n".utf8)
        try more.write(to: URL(fileURLWithPath: file))
        #expect {
            try WordPiece(vocabulary: file)
        } throws: {
            guard case EmbeddingFailure.damaged = $0 else { return false }
            return true
        }
    }

    @Test("every failure says what is wrong")
    func descriptions() {
        let failures: [EmbeddingFailure] = [
            .missing(file: "f", reason: "r"), .damaged(file: "f", reason: "r"), .library(reason: "r"),
            .unsupportedPrecision, .inference(reason: "r"), .overloaded, .stopped, .cancelled,
        ]
        #expect(Set(failures.map(\.description)).count == failures.count)
    }
}

/// A folder that goes with the test.
final class Folder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

    init() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
