/// Something measured, with what it should be.
public struct Figure: Sendable, Encodable {
    /// What a figure must be; the numbers come from DESIGN.md's table "Speed and memory to reach".
    public enum Target: Sendable {
        case atLeast(Double)
        case atMost(Double)
        case above(Double)

        func isReached(by value: Double) -> Bool {
            switch self {
            case .atLeast(let limit): value >= limit
            case .atMost(let limit): value <= limit
            case .above(let limit): value > limit
            }
        }

        var parts: (comparison: String, limit: Double) {
            switch self {
            case .atLeast(let limit): ("≥", limit)
            case .atMost(let limit): ("≤", limit)
            case .above(let limit): (">", limit)
            }
        }
    }

    /// What it is of, such as "Search"; figures of one group stand together.
    public let group: String
    public let name: String
    /// nil where it could not be measured; then `note` says why.
    public let value: Double?
    public let unit: String
    public let target: Target?
    /// What it stands against, or how it was measured.
    public let note: String
    /// Digits after the point where people read it.
    let digits: Int

    public init(
        _ group: String, _ name: String, _ value: Double?, _ unit: String = "", target: Target? = nil, digits: Int = 1,
        note: String = ""
    ) {
        self.group = group
        self.name = name
        self.value = value
        self.unit = unit
        self.target = target
        self.digits = digits
        self.note = note
    }

    /// nil where there is nothing to reach, or nothing was measured.
    public var isReached: Bool? {
        guard let target, let value else { return nil }
        return target.isReached(by: value)
    }

    private enum CodingKeys: String, CodingKey { case group, name, value, unit, target, reached, note }

    private enum TargetKeys: String, CodingKey { case comparison, value }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(group, forKey: .group)
        try fields.encode(name, forKey: .name)
        try fields.encode(value, forKey: .value)
        try fields.encode(unit, forKey: .unit)
        if let target {
            var container = fields.nestedContainer(keyedBy: TargetKeys.self, forKey: .target)
            try container.encode(target.parts.comparison, forKey: .comparison)
            try container.encode(target.parts.limit, forKey: .value)
        }
        try fields.encodeIfPresent(isReached, forKey: .reached)
        if !note.isEmpty { try fields.encode(note, forKey: .note) }
    }
}
