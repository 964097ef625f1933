import COpenVINO
import Foundation

/// OpenVINO's C API, opened by absolute path at first use.
final class OpenVINOLibrary: Sendable {
    /// Function pointers that never change once found.
    nonisolated(unsafe) private let functions: UnsafePointer<ov_api>
    var api: ov_api { functions.pointee }

    init(folder: String) throws(EmbeddingFailure) {
        let path = try Self.path(in: folder)
        var reason = [CChar](repeating: 0, count: 512)
        guard let functions = ov_api_open(path, &reason, reason.count) else {
            let text = reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw .library(reason: String(decoding: text, as: UTF8.self))
        }
        self.functions = functions
    }

    deinit { ov_api_free(functions) }

    /// The C library in that folder; its name ends in the release, such as `.so.2641`.
    private static func path(in folder: String) throws(EmbeddingFailure) -> String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard let name = names.filter({ $0.hasPrefix("libopenvino_c.so") }).max() else {
            throw .missing(file: folder + "/libopenvino_c.so", reason: "not found")
        }
        return folder + "/" + name
    }

    /// Throws what OpenVINO says about a call that did not return 0.
    func check(_ status: ov_status) throws(EmbeddingFailure) {
        guard status != 0 else { return }
        var reason = "status \(status)"
        if let message = api.get_last_err_msg() {
            reason += ": " + String(cString: message)
            api.free_text(message)
        }
        throw .library(reason: reason)
    }

    /// Calls a function that hands out an object, and returns that object.
    func object(
        _ make: (UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> ov_status
    ) throws(EmbeddingFailure) -> UnsafeMutableRawPointer {
        var object: UnsafeMutableRawPointer?
        try check(make(&object))
        guard let object else { throw .library(reason: "it returned no object") }
        return object
    }

    /// A tensor over memory that must outlive it.
    func tensor(
        _ type: UInt32, _ shape: [Int64], over data: UnsafeMutableRawPointer
    ) throws(EmbeddingFailure) -> UnsafeMutableRawPointer {
        var dimensions = shape
        return try dimensions.withUnsafeMutableBufferPointer {
            (dimensions) throws(EmbeddingFailure) in
            let shape = ov_shape(rank: Int64(dimensions.count), dims: dimensions.baseAddress)
            return try object { api.tensor_create_from_host_ptr(type, shape, data, $0) }
        }
    }
}
