import NIOCore

/// One answer of a Redis server.
public enum RedisValue: Sendable, Equatable {
    /// Simple strings and bulk strings alike.
    case string(ByteBuffer)
    case integer(Int64)
    case array([RedisValue])
    case null
    case refusal(RedisRefusal)

    /// The text of a string; nil for everything else.
    public var text: String? {
        guard case .string(let bytes) = self else { return nil }
        return String(buffer: bytes)
    }

    public var bytes: ByteBuffer? {
        guard case .string(let bytes) = self else { return nil }
        return bytes
    }

    public var integer: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }

    public var elements: [RedisValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }
}

/// An error that Redis answers, such as `WRONGTYPE Operation against a key…`.
public struct RedisRefusal: Error, Sendable, Equatable {
    public let message: String

    /// The word that Redis' errors begin with, such as `WRONGPASS`; nil where there is none.
    var code: String? {
        let word = message.prefix { $0 != " " }
        let isCode = (2...20).contains(word.count) && word.allSatisfy { $0.isASCII && $0.isUppercase && $0.isLetter }
        return isCode ? String(word) : nil
    }

    /// What a cluster asks the client to do about it.
    enum Advice: Equatable {
        /// The slot lives there from now on.
        case moved(slot: Int, RedisAddress)
        /// This one command, after `ASKING`, goes there: the slot is on its way.
        case ask(RedisAddress)
        /// The same again in a moment.
        case tryAgain
    }

    /// - Parameter host: who answered; a server that does not know its own name leaves it out.
    func advice(from host: String) -> Advice? {
        let words = message.split(separator: " ")
        switch words.first {
        case "MOVED" where words.count == 3:
            guard let slot = Int(words[1]), let address = RedisAddress(words[2], asSeenFrom: host) else { return nil }
            return .moved(slot: slot, address)
        case "ASK" where words.count == 3:
            return RedisAddress(words[2], asSeenFrom: host).map(Advice.ask)
        case "TRYAGAIN", "CLUSTERDOWN", "LOADING", "MASTERDOWN": return .tryAgain
        default: return nil
        }
    }
}

/// Why a command got no answer.
public enum RedisFailure: Error, Sendable, Equatable {
    /// There is no connection; nothing was sent.
    case unavailable
    /// No answer within the command timeout. It may have been carried out.
    case timedOut
    /// The connection ended before the answer. It may have been carried out.
    case disconnected
    /// More commands wait than the queue holds; nothing was sent.
    case overloaded
    case refused(RedisRefusal)
    case unexpectedAnswer
    case closed
}
