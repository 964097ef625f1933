import CLibPQ

/// A row of a result in binary form, read in place.
struct PostgresRow: SQLRowSource {
    let result: OpaquePointer
    let row: Int32

    func isNull(at index: Int) -> Bool { PQgetisnull(result, row, Int32(index)) != 0 }

    func integer(at index: Int) -> Int64 {
        let bytes = bytes(at: index)
        guard !bytes.isEmpty else { return 0 }
        switch PQftype(result, Int32(index)) {
        case PostgresType.int8, PostgresType.logPosition: return bytes.bigEndian(as: Int64.self)
        case PostgresType.int4: return Int64(bytes.bigEndian(as: Int32.self))
        case PostgresType.int2: return Int64(bytes.bigEndian(as: Int16.self))
        case PostgresType.oid: return Int64(bytes.bigEndian(as: UInt32.self))
        case PostgresType.bool: return Int64(bytes[0])
        case PostgresType.numeric: return PostgresNumeric(bytes).integer
        case PostgresType.float4, PostgresType.float8: return Int64(saturating: real(at: index))
        default: return Int64(String(decoding: bytes, as: UTF8.self)) ?? 0
        }
    }

    func real(at index: Int) -> Double {
        let bytes = bytes(at: index)
        guard !bytes.isEmpty else { return 0 }
        switch PQftype(result, Int32(index)) {
        case PostgresType.float8: return Double(bitPattern: bytes.bigEndian(as: UInt64.self))
        case PostgresType.float4: return Double(Float(bitPattern: bytes.bigEndian(as: UInt32.self)))
        case PostgresType.numeric: return PostgresNumeric(bytes).real
        case PostgresType.text: return Double(String(decoding: bytes, as: UTF8.self)) ?? 0
        default: return Double(integer(at: index))
        }
    }

    func text(at index: Int) -> String {
        switch PQftype(result, Int32(index)) {
        case PostgresType.int8, PostgresType.int4, PostgresType.int2, PostgresType.oid, PostgresType.bool:
            isNull(at: index) ? "" : String(integer(at: index))
        case PostgresType.float4, PostgresType.float8, PostgresType.numeric:
            isNull(at: index) ? "" : String(real(at: index))
        default: String(decoding: bytes(at: index), as: UTF8.self)
        }
    }

    func withBlob<Result>(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(bytes(at: index))
    }

    /// NULL has none.
    private func bytes(at index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, Int32(index)), count: Int(PQgetlength(result, row, Int32(index))))
    }
}

/// A `numeric` as it is sent: digits to the base 10,000, the first of them worth 10,000 to the power of `weight`.
/// Sums of whole numbers come as such.
struct PostgresNumeric {
    private let digits: [Int64]
    private let weight: Int
    private let isNegative: Bool

    init(_ bytes: UnsafeRawBufferPointer) {
        func word(_ index: Int) -> UInt16 {
            UnsafeRawBufferPointer(rebasing: bytes[(index * 2)...]).bigEndian(as: UInt16.self)
        }
        let count = bytes.count >= 8 ? min(Int(word(0)), (bytes.count - 8) / 2) : 0
        weight = bytes.count >= 8 ? Int(Int16(bitPattern: word(1))) : 0
        isNegative = bytes.count >= 8 && word(2) == 0x4000
        digits = (0..<count).map { Int64(word(4 + $0)) }
    }

    /// Without what follows the point, within the range of the type.
    var integer: Int64 {
        guard weight >= 0 else { return 0 }
        var value: Int64 = 0
        for place in 0...weight {
            let (product, overflows) = value.multipliedReportingOverflow(by: 10_000)
            guard !overflows else { return isNegative ? .min : .max }
            value = product + (place < digits.count ? digits[place] : 0)
        }
        return isNegative ? -value : value
    }

    var real: Double {
        var value = 0.0
        for (place, digit) in digits.enumerated() { value += Double(digit) * power(weight - place) }
        return isNegative ? -value : value
    }

    private func power(_ exponent: Int) -> Double {
        let magnitude = (0..<abs(exponent)).reduce(1.0) { value, _ in value * 10_000 }
        return exponent < 0 ? 1 / magnitude : magnitude
    }
}

extension UnsafeRawBufferPointer {
    /// The number at the beginning; zero where there are too few bytes.
    fileprivate func bigEndian<Number: FixedWidthInteger & BitwiseCopyable>(as _: Number.Type) -> Number {
        count >= MemoryLayout<Number>.size ? Number(bigEndian: loadUnaligned(as: Number.self)) : 0
    }
}

extension Int64 {
    fileprivate init(saturating number: Double) {
        self = Int64(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
        if number.isNaN { self = 0 }
    }
}
