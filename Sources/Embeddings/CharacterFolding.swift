import Foundation
import Synchronization

/// What BERT's uncased normalisation makes of every Unicode scalar: control characters go, white space
/// separates, ideographs and punctuation stand alone, everything else loses case and accents.
///
/// Computed a page of 256 scalars at a time when first seen; most texts need three or four pages.
final class CharacterFolding: Sendable {
    enum Kind: UInt8 {
        /// Leaves no trace; what is before and after it grows together.
        case dropped
        case space
        /// A word of its own.
        case alone
        case letter
    }

    struct Page: Sendable {
        fileprivate(set) var kinds: [Kind] = []
        /// `bytes[ends[i - 1]..<ends[i]]` is the folded form in UTF-8, `scalarCounts[i]` its length.
        fileprivate var ends: [Int] = []
        fileprivate(set) var scalarCounts: [Int] = []
        fileprivate var bytes: [UInt8] = []

        func folded(_ index: Int) -> ArraySlice<UInt8> {
            bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
        }
    }

    private let pages = Mutex<[UInt32: Page]>([:])

    func page(_ number: UInt32) -> Page {
        if let known = pages.withLock({ $0[number] }) { return known }
        let made = Self.makePage(number)
        pages.withLock { $0[number] = made }
        return made
    }

    private static func makePage(_ number: UInt32) -> Page {
        var page = Page()
        for value in number << 8..<(number + 1) << 8 {
            var kind = Kind.dropped
            var folded = String.UnicodeScalarView()
            if let scalar = Unicode.Scalar(value) { (kind, folded) = fold(scalar) }
            page.kinds.append(kind)
            page.bytes.append(contentsOf: String(folded).utf8)
            page.ends.append(page.bytes.count)
            page.scalarCounts.append(folded.count)
        }
        return page
    }

    private static func fold(_ scalar: Unicode.Scalar) -> (Kind, String.UnicodeScalarView) {
        if isWhitespace(scalar) { return (.space, .init()) }
        if isControl(scalar) { return (.dropped, .init()) }
        var folded = String.UnicodeScalarView()
        for part in String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars
        where category(part) != .nonspacingMark {
            folded.append(contentsOf: part.properties.lowercaseMapping.unicodeScalars)
        }
        // U+0130's lower case brings back a mark; the reference removes marks before, not after.
        guard let first = folded.first else { return (.dropped, folded) }
        if isWhitespace(first) { return (.space, .init()) }
        return (isIdeograph(scalar) || isPunctuation(first) ? .alone : .letter, folded)
    }

    /// The reference tokenizer's tables stop at Unicode 8; later scalars count as unassigned there.
    private static func category(_ scalar: Unicode.Scalar) -> Unicode.GeneralCategory {
        guard let age = scalar.properties.age, age.major <= 8 else { return .unassigned }
        return scalar.properties.generalCategory
    }

    private static func isWhitespace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\t", "\n", "\r": true
        default: scalar.properties.isWhitespace && category(scalar) != .control
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value == 0xFFFD { return true }
        return switch category(scalar) {
        case .control, .format, .privateUse, .surrogate: true
        default: false
        }
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 33...47, 58...64, 91...96, 123...126: return true
        default: break
        }
        return switch category(scalar) {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation:
            true
        default: false
        }
    }

    /// The CJK blocks that BERT splits into single characters; one begins at 0x2B920, not 0x2B820, in the
    /// reference.
    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F,
            0x2B740...0x2B81F, 0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
