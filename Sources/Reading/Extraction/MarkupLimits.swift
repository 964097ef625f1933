/// How much of a page is read, so that no page can take the machine with it.
public struct MarkupLimits: Sendable {
    /// Bytes of markup looked at; what follows is left out.
    public var bytes = 10 << 20
    /// Elements inside each other; deeper ones lie flat at this depth (browsers stop at 512 too).
    public var depth = 512
    /// Attributes kept on one element.
    public var attributes = 256
    /// Memory the parser may use for one tree.
    public var treeBytes = 256 << 20

    /// Processor time the parser may use for one tree; an honest page of 10 MB needs half of it.
    public var parsingNanoseconds: UInt64 = 1_500_000_000

    public init() {}
}
