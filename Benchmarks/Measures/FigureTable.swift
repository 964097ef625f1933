import Foundation

/// Figures as lines for people: what, how much, the target, whether it is reached, and against what.
public struct FigureTable {
    private static let widths = (name: 46, value: 16, target: 12)

    public init() {}

    /// Prints at once, also into a file or a pipe, for people who wait.
    public func write(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    public func heading(_ group: String) -> String { "\n\(group)" }

    public func line(_ figure: Figure) -> String {
        let value = figure.value.map { "\(number($0, figure.digits)) \(figure.unit)" } ?? "—"
        let target = figure.target.map { "\($0.parts.comparison) \(limit($0.parts.limit))" } ?? ""
        let verdict = figure.isReached.map { $0 ? "reached" : "MISSED " } ?? "       "
        let line = [
            "  " + padded(figure.name, Self.widths.name), padded(value, Self.widths.value),
            padded(target, Self.widths.target), verdict, figure.note,
        ].joined(separator: " ")
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// Thousands are grouped, so that large numbers can be read.
    private func number(_ value: Double, _ digits: Int) -> String {
        let text = String(format: "%.\(digits)f", value)
        guard abs(value) >= 10_000 else { return text }
        let point = text.firstIndex(of: ".") ?? text.endIndex
        var grouped = ""
        for (place, digit) in text[..<point].reversed().enumerated() {
            if place > 0, place % 3 == 0, digit != "-" { grouped.append(",") }
            grouped.append(digit)
        }
        return String(grouped.reversed()) + text[point...]
    }

    private func limit(_ value: Double) -> String {
        value == value.rounded() ? number(value, 0) : String(format: "%g", value)
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
