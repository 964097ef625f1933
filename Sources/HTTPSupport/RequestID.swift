import HTTPTypes
import Synchronization

/// Names one request in the answer, in problems and in every log line about it.
enum RequestID {
    /// Mixing a counter is enough: ids must differ, not be unguessable, and a random one costs a system call.
    private static let counter = Atomic<UInt64>(UInt64.random(in: .min ... .max))

    /// The caller's own id where it is short and harmless, else a new one.
    static func accept(_ proposed: String?) -> String {
        guard let proposed, isWellFormed(proposed) else { return next() }
        return proposed
    }

    /// Thirteen characters of base 32, short enough to need no allocation.
    static func next() -> String {
        var bits = mix(counter.wrappingAdd(1, ordering: .relaxed).oldValue)
        return String(unsafeUninitializedCapacity: 13) { text in
            for index in 0..<13 {
                text[index] = alphabet[Int(bits & 31)]
                bits >>= 5
            }
            return 13
        }
    }

    private static func isWellFormed(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// The finishing step of SplitMix64: one to one, so that different counts stay different ids.
    private static func mix(_ value: UInt64) -> UInt64 {
        var bits = value
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

extension HTTPField.Name {
    public static let requestID = Self("X-Request-ID")!
}
