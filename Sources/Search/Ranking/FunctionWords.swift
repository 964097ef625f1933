/// Words that hold a sentence together and say nothing of what it is about.
///
/// How rare a word is tells that by itself in a library of some size; in one of three pages "and" is as rare as
/// any, and a snippet full of marked ones helps nobody.
enum FunctionWords {
    /// English, as the stemmer leaves them.
    static let english: Set<String> = [
        "a", "about", "after", "all", "also", "an", "and", "ani", "are", "as", "at", "be", "been", "befor", "but",
        "by", "can", "could", "did", "do", "doe", "for", "from", "had", "has", "have", "he", "her", "his", "how", "i",
        "if", "in", "into", "is", "it", "its", "me", "more", "most", "my", "no", "not", "of", "off", "on", "or", "our",
        "out", "over", "she", "should", "so", "some", "than", "that", "the", "their", "them", "then", "there", "these",
        "they", "this", "those", "to", "under", "up", "was", "we", "were", "what", "when", "where", "which", "while",
        "who", "whi", "will", "with", "would", "you", "your",
    ]
}
