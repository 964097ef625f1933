/// The parts of an entry that words are found in.
public enum SearchField: Int, CaseIterable, Sendable {
    case title, tags, notes, site, content
}
