import Foundation
import Synchronization

/// What a character means for finding words, and how it is spelt in a term: compatibility
/// decomposition, case and diacritics folded.
struct FoldedScalar: Sendable {
    enum Role: Sendable {
        case separator
        /// Invisible, or a diacritic: no part of the term, and no end of the word.
        case ignored
        case word
        /// Of a script that writes no spaces between words.
        case unspaced
        /// The same, and a word by itself (Han).
        case ideograph
        /// A vowel sign or voicing mark that belongs to the character before it.
        case mark
        /// Counts as this ASCII punctuation.
        case punctuation(UInt8)
    }

    var role: Role
    /// UTF-8, `count` bytes of it. What is longer (a few ligatures of whole phrases) is cut.
    var spelling = SIMD16<UInt8>()
    var count = 0

    private init(_ role: Role) { self.role = role }

    private init(_ role: Role, _ scalars: [Unicode.Scalar]) {
        self.role = role
        for scalar in scalars {
            let bytes = Array(UTF8.encode(scalar) ?? .init())
            guard count + bytes.count <= 16 else { return }
            for byte in bytes {
                spelling[count] = byte
                count += 1
            }
        }
    }

    init(_ scalar: Unicode.Scalar) {
        if let punctuation = Self.punctuation[scalar] {
            self.init(.punctuation(punctuation))
            return
        }
        switch scalar.properties.generalCategory {
        case .format:
            self.init(scalar == "\u{200B}" ? .separator : .ignored)
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
            self = Self.folded(scalar)
        default:
            // Full-width "＋" or "．" is the ASCII one.
            let ascii = (0xFF01...0xFF5E).contains(scalar.value) ? UInt8(scalar.value - 0xFEE0) : nil
            self.init(ascii.map(Role.punctuation) ?? .separator)
        }
    }

    private static func folded(_ scalar: Unicode.Scalar) -> FoldedScalar {
        if scalar == "\u{0640}" { return FoldedScalar(.ignored) }
        if (0xAC00...0xD7A3).contains(scalar.value) { return FoldedScalar(.unspaced, [scalar]) }
        let decomposed = String(scalar).decomposedStringWithCompatibilityMapping.unicodeScalars
        let kept = decomposed.filter { !isDiacritic($0) }.flatMap(foldCase)
        guard let first = kept.first else { return FoldedScalar(.ignored) }
        guard kept.allSatisfy(isWordPart) else { return FoldedScalar(.separator) }
        return FoldedScalar(role(of: first), kept)
    }

    private static func foldCase(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        if let replacement = undecomposed[scalar] { return Array(replacement.unicodeScalars) }
        // By way of upper case, so that ß is ss and the final sigma is the sigma.
        return scalar.properties.uppercaseMapping.unicodeScalars
            .flatMap { $0.properties.lowercaseMapping.unicodeScalars }
            .filter { !isDiacritic($0) }
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
            true
        default: false
        }
    }

    private static func role(of scalar: Unicode.Scalar) -> Role {
        switch scalar.value {
        case 0x3005...0x3007, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: .ideograph
        case 0x3099, 0x309A, 0x0E31, 0x0E34...0x0E3A, 0x0E47...0x0E4E, 0x0EB1, 0x0EB4...0x0EBC, 0x0EC8...0x0ECE,
            0x102B...0x103E, 0x17B4...0x17D3:
            .mark
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x312F, 0x31F0...0x31FF: .unspaced
        default: .word
        }
    }

    /// Marks that people leave out. Those of Indic scripts are vowels and stay.
    private static func isDiacritic(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0300...0x036F, 0x0483...0x0489, 0x0591...0x05BD, 0x05BF, 0x05C1...0x05C2, 0x05C4...0x05C5, 0x05C7,
            0x0610...0x061A, 0x064B...0x065F, 0x0670, 0x06D6...0x06ED, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF,
            0x20D0...0x20FF, 0xFE00...0xFE0F, 0xFE20...0xFE2F, 0xE0100...0xE01EF:
            true
        default: false
        }
    }

    /// Letters with a stroke or tied together, which Unicode does not decompose.
    private static let undecomposed: [Unicode.Scalar: String] = [
        "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "ł": "l", "Ł": "l", "ħ": "h", "Ħ": "h",
        "ŧ": "t", "Ŧ": "t", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th", "ı": "i", "ẞ": "ss",
    ]

    private static let punctuation: [Unicode.Scalar: UInt8] = [
        "\u{2019}": UInt8(ascii: "'"), "\u{02BC}": UInt8(ascii: "'"), "\u{FF07}": UInt8(ascii: "'"),
        "\u{2010}": UInt8(ascii: "-"), "\u{2011}": UInt8(ascii: "-"),
    ]
}

/// The characters folded so far: a look-up costs a hundredth of folding.
struct FoldCache {
    /// More than any text's alphabet; a text of noise starts over.
    private static let capacity = 32768
    private static let shared = Mutex<[UInt32: FoldedScalar]>([:])

    private var known = shared.withLock { $0 }
    private var grew = false

    subscript(scalar: Unicode.Scalar) -> FoldedScalar {
        mutating get {
            if let fold = known[scalar.value] { return fold }
            let fold = FoldedScalar(scalar)
            if known.count >= Self.capacity { known.removeAll() }
            known[scalar.value] = fold
            grew = true
            return fold
        }
    }

    /// Leaves what was learnt to the next text.
    func share() {
        guard grew else { return }
        let known = known
        Self.shared.withLock { $0 = known }
    }
}
