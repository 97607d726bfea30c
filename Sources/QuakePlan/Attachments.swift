/// The contents of the files that a plan names, so that reading a plan opens none.
package struct Attachments: Sendable, Equatable {
    /// What became of one file.
    package enum Content: Sendable, Equatable {
        case text(String)
        /// In words that follow the file's name: `does not exist`, `is a directory`.
        case unreadable(String)
    }

    /// By the path as the plan names it, variables put in.
    package var files: [String: Content]
    /// Whether a file that is not among them is a problem. It is none while it is asked which files a plan names, and
    /// for an archive of before files were kept.
    package var isComplete: Bool

    package init(_ files: [String: Content] = [:], isComplete: Bool = true) {
        self.files = files
        self.isComplete = isComplete
    }

    /// Nothing is known of any file.
    package static let unknown = Attachments(isComplete: false)

    /// The text of a file; `nil` where there is none.
    package subscript(name: String) -> String? {
        if case .text(let text)? = files[name] { text } else { nil }
    }

    /// As an archive may keep them: nobody finds the values of a Secret or a private key in it.
    package var masked: Attachments {
        Attachments(
            files.mapValues { content in
                if case .text(let text) = content { .text(Masking.masked(text)) } else { content }
            }, isComplete: isComplete)
    }
}
