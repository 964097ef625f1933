import Foundation
import Jobs
import Persistence

/// The rows that say which passages are gone, for the processes that hold their vectors.
///
/// A process asks for the changes after the last it has seen. Who has not asked for `longestAbsence` loads the space
/// anew, and such a load passes these rows over; so nobody misses one that is older. A store on another server may be
/// away for longer: what it has not seen stays.
public enum RemovedPassages {
    /// How long a process may go without asking for changes.
    static let longestAbsence = Duration.seconds(30 * 60)

    /// Twice as long, for clocks that differ and transactions that take their time.
    private static let kept: TimeInterval = 60 * 60

    /// Takes the passages of an entry away and notes each.
    static func remove(of item: SearchItem.ID, in connection: SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO search_passages (space, removes, removed_at)
            SELECT space, id, \(Date.currentMicrosecond) FROM search_passages WHERE item_id = \(item)
            """)
        try connection.execute("DELETE FROM search_passages WHERE item_id = \(item)")
    }

    /// The work that deletes what every process has seen.
    public static func cleaning(_ database: Database) -> Cleaning {
        Cleaning("search.clean-passages", in: database) { connection, limit in
            try connection.execute(
                """
                DELETE FROM search_passages WHERE id IN (
                    SELECT id FROM search_passages
                    WHERE removes IS NOT NULL AND removed_at < \(Date().addingTimeInterval(-kept))
                        AND NOT EXISTS (SELECT 1 FROM search_vector_progress AS progress
                            WHERE progress.space = search_passages.space AND progress.last < search_passages.id)
                    ORDER BY removed_at LIMIT \(limit))
                """)
        }
    }
}
