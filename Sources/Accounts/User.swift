import Foundation
import Persistence

/// A person with an account; also what the API shows of it.
public struct User: Sendable, Codable, Equatable {
    public typealias ID = Identifier<User>

    public enum Role: String, Sendable, Codable, SQLConvertible {
        case admin, power, regular, guest
    }

    public let id: ID
    public let username: String
    public let email: String
    public let role: Role
    public let createdAt: Date

    enum CodingKeys: String, CodingKey {
        case id, username, email, role
        case createdAt = "created_at"
    }
}

extension RowAccess {
    /// The rows of this person, and no other's.
    public static func owner(_ user: User.ID) -> RowAccess { .owner(user.rawValue) }
}
